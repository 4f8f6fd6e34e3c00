//! Charts that reach back beyond what is in memory.

use papertape_engine::{InstrumentId, Price, Qty};
use papertape_platform::database::candle;
use papertape_platform::{CANDLES_KEPT_S, Candle, CandleSeries, Chart, Interval, Platform, SECONDS_KEPT_S, Span};
use sea_orm::{EntityTrait, IntoActiveModel};

use crate::support::{BTC_USD, Folder, Random};

const S: u64 = 1_000_000_000;
const DAY_S: u64 = 86_400;

/// 2023-11-13, a Monday.
const MONDAY_S: u64 = 1_699_833_600;

/// Some bars of twelve days, with gaps, and the last second of them.
fn minutes(random: &mut Random) -> (Vec<Candle>, u64) {
    let mut bars = Vec::new();
    let mut start_s = MONDAY_S + 3 * DAY_S + 600;
    while start_s < MONDAY_S + 15 * DAY_S {
        let [open, close] = [(); 2].map(|()| 1_000 + random.below(100));
        let (high, low) = (open.max(close) + random.below(5), open.min(close) - random.below(5));
        let [open, high, low, close] = [open, high, low, close].map(Price);
        bars.push(Candle { start_s, open, high, low, close, volume: Qty(1 + random.below(9)) });
        start_s += 60 * (1 + random.below(60));
    }
    (bars, start_s)
}

/// The same, put together in the plainest way.
fn plain(bars: &[Candle], span: &Span, newest_s: u64) -> Vec<Candle> {
    let mut at_s = span.interval.floor(bars[0].start_s);
    let mut rolled: Vec<Candle> = Vec::new();
    while at_s <= newest_s {
        let next_s = span.interval.next(at_s);
        let of: Vec<_> = bars.iter().filter(|bar| (at_s..next_s).contains(&bar.start_s)).collect();
        let bar = match (of.first(), of.last(), rolled.last()) {
            (Some(first), Some(last), _) => Candle {
                start_s: at_s,
                open: first.open,
                high: of.iter().map(|bar| bar.high).max().unwrap(),
                low: of.iter().map(|bar| bar.low).min().unwrap(),
                close: last.close,
                volume: Qty(of.iter().map(|bar| bar.volume.0).sum()),
            },
            (_, _, Some(&Candle { close, .. })) => {
                Candle { start_s: at_s, open: close, high: close, low: close, close, volume: Qty::ZERO }
            }
            _ => unreachable!("it begins with a bar"),
        };
        rolled.push(bar);
        at_s = next_s;
    }
    rolled.retain(|bar| (span.from_s..span.to_s).contains(&bar.start_s));
    rolled.split_off(rolled.len().saturating_sub(span.limit))
}

async fn store(platform: &Platform, id: InstrumentId, bars: &[Candle]) {
    let rows = bars.iter().map(|bar| {
        let row = candle::Model {
            instrument_id: id.0.into(),
            start_s: bar.start_s.cast_signed(),
            open: bar.open.0.cast_signed(),
            high: bar.high.0.cast_signed(),
            low: bar.low.0.cast_signed(),
            close: bar.close.0.cast_signed(),
            volume: bar.volume.0.to_string(),
        };
        row.into_active_model()
    });
    let rows: Vec<candle::ActiveModel> = rows.collect();
    candle::Entity::insert_many(rows).exec_without_returning(platform.database()).await.unwrap();
}

#[tokio::test]
async fn memory_and_database_give_one_chart() {
    let (folder, mut random) = (Folder::new(), Random(7));
    let platform = folder.platform().await;
    let (bars, newest_s) = minutes(&mut random);
    store(&platform, BTC_USD, &bars).await;
    store(&platform, InstrumentId(1), &[Candle { close: Price(7), ..bars[0] }]).await;
    let series = CandleSeries::from_bars(bars.iter().copied());
    let kept_s = series.bars().next().unwrap().start_s;
    assert!(kept_s + CANDLES_KEPT_S >= bars[bars.len() - 1].start_s && kept_s > bars[0].start_s);
    let (mut wholes, mut begun) = (0, 0);
    for round in 0..400 {
        // Bars of a second are not made of those of minutes.
        let interval = Interval::ALL[1 + round % (Interval::ALL.len() - 1)];
        let mut second = || MONDAY_S + random.below(20 * DAY_S);
        let (one, other) = (second(), second());
        let limit = 1 + random.below(400) as usize;
        let span = match round % 4 {
            0 => Span::newest(interval, limit),
            1 => Span { to_s: one, ..Span::newest(interval, limit) },
            2 => Span { interval, from_s: one.min(other), to_s: one.max(other), limit },
            // From bar to bar.
            _ => Span { interval, from_s: interval.floor(one), to_s: interval.next(one), limit },
        };
        let found = match series.chart(&span, newest_s * S) {
            Chart::Whole(bars) => {
                wholes += 1;
                bars
            }
            Chart::Begun(chart) => {
                begun += 1;
                platform.history().chart(BTC_USD, chart).await.unwrap()
            }
        };
        assert_eq!(found, plain(&bars, &span, newest_s), "{span:?}");
    }
    assert!(wholes > 20 && begun > 20, "{wholes} {begun}");
}

#[tokio::test]
async fn a_chart_without_a_past_asks_no_database() {
    let mut series = CandleSeries::default();
    for time_s in [MONDAY_S, MONDAY_S + CANDLES_KEPT_S] {
        series.trade(Price(10), Qty(1), time_s * S);
    }
    let (all, now_ns) = (Span::newest(Interval::Week1, 100), (MONDAY_S + CANDLES_KEPT_S) * S);
    assert!(matches!(series.chart(&all, now_ns), Chart::Whole(bars) if bars.len() == 1));
    let week = Span::newest(Interval::Week1, 1);
    assert!(matches!(series.clone().with_older(true).chart(&week, now_ns), Chart::Whole(_)), "the week begins here");
    series.trade(Price(11), Qty(1), now_ns + 60 * S);
    assert!(matches!(series.chart(&all, now_ns), Chart::Begun(_)), "the first bar was let go");
    assert!(matches!(CandleSeries::default().chart(&all, now_ns), Chart::Whole(bars) if bars.is_empty()));
}

#[test]
fn the_newest_bar_before_a_second_is_known_or_older() {
    let series = CandleSeries::from_bars([Candle {
        start_s: MONDAY_S,
        open: Price(1),
        high: Price(1),
        low: Price(1),
        close: Price(1),
        volume: Qty(1),
    }]);
    let now_ns = (MONDAY_S + 600) * S;
    let before = |series: &CandleSeries, second| series.bar_before(Interval::Minute1, second, now_ns);
    assert_eq!(before(&series, u64::MAX), Some((MONDAY_S + 600, true)));
    assert_eq!(before(&series, MONDAY_S + 121), Some((MONDAY_S + 120, true)));
    assert_eq!(before(&series, MONDAY_S + 120), Some((MONDAY_S + 60, true)));
    assert_eq!((before(&series, MONDAY_S), before(&series, 0)), (None, None));
    let older = series.with_older(true);
    assert_eq!(before(&older, MONDAY_S), Some((MONDAY_S - 60, false)));
}

#[test]
fn weeks_begin_on_monday_and_days_at_midnight() {
    let week = Interval::Week1;
    assert_eq!((week.floor(MONDAY_S), week.floor(MONDAY_S - 1)), (MONDAY_S, MONDAY_S - 7 * DAY_S));
    assert_eq!((week.floor(MONDAY_S + 7 * DAY_S - 1), week.next(MONDAY_S)), (MONDAY_S, MONDAY_S + 7 * DAY_S));
    assert_eq!((week.floor(1), week.next(1)), (0, 4 * DAY_S));
    assert_eq!(Interval::Day1.floor(MONDAY_S + DAY_S - 1), MONDAY_S);
    for interval in Interval::ALL {
        assert_eq!(Interval::parse(interval.name()), Some(interval));
        let length_s = interval.next(MONDAY_S) - interval.floor(MONDAY_S);
        assert!(length_s == interval.seconds() || interval == Interval::Month1, "{interval:?}: {length_s}");
    }
    assert!(Interval::ALL.is_sorted_by_key(|interval| interval.seconds()));
}

#[test]
fn months_begin_on_their_first_day_whatever_their_length() {
    let month = Interval::Month1;
    // First seconds of January and February 1970, February and March 2000 and 2024, and January 2100.
    let firsts = [0, 2_678_400, 949_363_200, 951_868_800, 1_706_745_600, 1_709_251_200, 4_102_444_800];
    for first in firsts {
        assert_eq!((month.floor(first), month.floor(first + 86_399)), (first, first));
    }
    for (first, next) in [(firsts[0], firsts[1]), (firsts[2], firsts[3]), (firsts[4], firsts[5])] {
        assert_eq!((month.next(first), month.floor(next - 1)), (next, first));
    }
    assert!(month.floor(u64::MAX) > u64::MAX - 32 * DAY_S, "whoever asks for that gets an answer");
    let mut at = 0;
    for _ in 0..12 * 500 {
        let next = month.next(at);
        assert!((28..=31).contains(&((next - at) / DAY_S)) && month.floor(next - 1) == at);
        at = next;
    }
}

#[test]
fn bars_of_a_second_are_those_of_the_last_hour() {
    let mut series = CandleSeries::default();
    for (second, price) in [(0, 10), (1, 12), (1, 11), (4, 9)] {
        series.trade(Price(price), Qty(2), (MONDAY_S + second) * S);
    }
    let bar = |start_s: u64, [open, high, low, close]: [u64; 4], volume| Candle {
        start_s: MONDAY_S + start_s,
        open: Price(open),
        high: Price(high),
        low: Price(low),
        close: Price(close),
        volume: Qty(volume),
    };
    let whole = [
        bar(0, [10; 4], 2),
        bar(1, [12, 12, 11, 11], 4),
        bar(2, [11; 4], 0),
        bar(3, [11; 4], 0),
        bar(4, [9; 4], 2),
        bar(5, [9; 4], 0),
    ];
    let now_ns = (MONDAY_S + 5) * S;
    assert_eq!(series.rolled(Interval::Second1, 100, now_ns), whole);
    assert_eq!(series.rolled(Interval::Second1, 2, now_ns), whole[4..]);
    assert_eq!(series.live(Interval::Second1, now_ns), Some(whole[5]));
    assert_eq!(series.live(Interval::Second1, now_ns - 2 * S), Some(whole[4]), "the clock lags behind");
    let before = |second| series.bar_before(Interval::Second1, second, now_ns);
    assert_eq!((before(MONDAY_S + 3), before(MONDAY_S)), (Some((MONDAY_S + 2, true)), None));
    series.trade(Price(8), Qty(1), (MONDAY_S + SECONDS_KEPT_S + 2) * S);
    let later = series.rolled(Interval::Second1, 10_000, (MONDAY_S + SECONDS_KEPT_S + 2) * S);
    assert_eq!((later[0], later.len() as u64), (whole[4], SECONDS_KEPT_S - 1));
}
