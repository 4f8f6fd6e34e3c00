//! Bars and tickers.

use papertape_engine::{Price, Qty};
use papertape_platform::{Candle, CandleSeries, Interval};

const S: u64 = 1_000_000_000;

fn bar(start_s: u64, ohlc: [u64; 4], volume: u64) -> Candle {
    let [open, high, low, close] = ohlc.map(Price);
    Candle { start_s, open, high, low, close, volume: Qty(volume) }
}

fn traded(trades: &[(u64, u64, u64)]) -> CandleSeries {
    let mut series = CandleSeries::default();
    for &(time_s, price, qty) in trades {
        series.trade(Price(price), Qty(qty), time_s * S);
    }
    series
}

#[test]
fn trades_of_a_minute_make_one_bar() {
    let series = traded(&[(6_000, 10, 1), (6_010, 12, 2), (6_059, 9, 3), (6_060, 11, 4)]);
    assert_eq!(
        series.rolled(Interval::Minute1, 10, 6_070 * S),
        [bar(6_000, [10, 12, 9, 9], 6), bar(6_060, [11, 11, 11, 11], 4)]
    );
}

#[test]
fn minutes_without_a_trade_are_flat_and_the_last_bar_is_live() {
    let series = traded(&[(6_000, 10, 1), (6_130, 20, 2)]);
    assert_eq!(
        series.rolled(Interval::Minute1, 10, 6_250 * S),
        [
            bar(6_000, [10; 4], 1),
            bar(6_060, [10; 4], 0),
            bar(6_120, [20; 4], 2),
            bar(6_180, [20; 4], 0),
            bar(6_240, [20; 4], 0),
        ]
    );
    assert_eq!(series.rolled(Interval::Minute1, 2, 6_250 * S).len(), 2);
    assert_eq!(series.rolled(Interval::Minute1, 1, 6_130 * S), [bar(6_120, [20; 4], 2)]);
    assert_eq!(CandleSeries::default().rolled(Interval::Hour1, 5, 6_000 * S), []);
}

#[test]
fn a_cut_begins_flat_at_the_close_before_it() {
    let series = traded(&[(6_000, 10, 1), (6_030, 15, 1), (6_600, 20, 2)]);
    let rolled = series.rolled(Interval::Minute1, 4, 6_600 * S);
    assert_eq!(rolled[0], bar(6_420, [15; 4], 0));
    assert_eq!(rolled[3], bar(6_600, [20; 4], 2));
}

#[test]
fn longer_bars_are_rolled_from_minutes() {
    let series = traded(&[(3_600, 10, 1), (3_660, 14, 1), (3_839, 8, 1), (3_900, 9, 1), (7_200, 30, 5)]);
    let fives = traded(&[(3_600, 10, 1), (3_660, 14, 1), (3_839, 8, 1), (3_900, 9, 1)]);
    assert_eq!(
        fives.rolled(Interval::Minutes5, 5, 4_500 * S),
        [bar(3_600, [10, 14, 8, 8], 3), bar(3_900, [9; 4], 1), bar(4_200, [9; 4], 0), bar(4_500, [9; 4], 0)]
    );
    assert_eq!(series.rolled(Interval::Hour1, 5, 7_300 * S), [bar(3_600, [10, 14, 8, 9], 4), bar(7_200, [30; 4], 5)]);
    assert_eq!(series.rolled(Interval::Minutes15, 5, 7_300 * S)[0], bar(3_600, [10, 14, 8, 9], 4));
}

#[test]
fn old_bars_are_let_go() {
    let mut series = traded(&[(60, 1, 1), (120, 2, 1)]);
    series.trade(Price(3), Qty(1), (60 + 2 * 86_400 + 60) * S);
    assert_eq!(series.bars().map(|bar| bar.start_s).collect::<Vec<_>>(), [120, 120 + 2 * 86_400]);
}

#[test]
fn a_window_knows_the_price_before_it() {
    let series = traded(&[(60, 5, 1), (90_000, 7, 1), (90_060, 9, 2), (90_120, 6, 3)]);
    let (before, window) = series.window(86_400, 90_130 * S);
    assert_eq!(before, Some(Price(5)));
    assert_eq!(window, Some(bar(90_000, [7, 9, 6, 6], 6)));
    assert_eq!(series.window(86_400, 400_000 * S), (Some(Price(6)), None));
}
