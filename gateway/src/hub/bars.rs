//! Live bars: they change with each trade, and are over when their time is.

use papertape_engine::InstrumentId;
use papertape_platform::{Candle, Interval, TapeRow, Views};

use super::Topic;
use super::topics::{Memo, Topics};
use super::update::{Bar, Body};

/// Nanoseconds in a second.
const NS: u64 = 1_000_000_000;

/// Most bars without a trade that are told at once: the clock has jumped if there are more.
const FLAT_MAX: usize = 60;

/// Begins with the live bar, if there is one.
pub(super) fn begin(views: &Views, topics: &mut Topics, topic: Topic, now_ns: u64) {
    if let Topic::Candles(instrument, interval) = topic
        && let Some(memo @ Memo::None) = topics.memo(topic)
        && let Some(live) = views.live_candle(instrument, interval, now_ns)
    {
        *memo = Memo::Live(live);
    }
}

/// What these trades did to the bars that are kept.
pub(super) fn say_trades(views: &Views, topics: &mut Topics, instrument: InstrumentId, rows: &[TapeRow]) {
    for interval in Interval::ALL {
        let topic = Topic::Candles(instrument, interval);
        let Some(memo) = topics.memo(topic) else { continue };
        let mut live = if let Memo::Live(live) = memo { Some(*live) } else { None };
        let Some(bars) = traded(&mut live, interval, rows).or_else(|| late(views, instrument, interval, &mut live))
        else {
            continue;
        };
        if let Some(live) = live {
            *memo = Memo::Live(live);
        }
        let last_trade = rows.last().map_or(0, |row| row.id.0);
        topics.say(topic, Body::Candles(bars, last_trade));
    }
}

/// The bars that changed, oldest first; `None` if a trade belongs to one that was over already.
fn traded(live: &mut Option<Candle>, interval: Interval, rows: &[TapeRow]) -> Option<Vec<Bar>> {
    let mut bars = Vec::new();
    for row in rows {
        let start_s = interval.floor(row.time_ns / NS);
        let trade = Candle { start_s, ..Candle::of_trade(row.price, row.qty, row.time_ns) };
        match live {
            Some(live) if live.start_s == start_s => live.extend(&trade),
            Some(live) if live.start_s > start_s => return None,
            _ => {
                let over = live.replace(trade);
                bars.extend(over.into_iter().flat_map(|over| ended(interval, over, start_s)));
            }
        }
    }
    bars.extend(live.map(|candle| Bar { candle, closed: false }));
    Some(bars)
}

/// The last two bars as they are now, after a trade whose venue time was in a bar that our clock had ended.
fn late(views: &Views, instrument: InstrumentId, interval: Interval, live: &mut Option<Candle>) -> Option<Vec<Bar>> {
    let now_ns = live.as_ref()?.start_s.saturating_mul(NS);
    let bars = views.candles(instrument, interval, 2, now_ns);
    *live = bars.last().copied();
    let count = bars.len();
    let bar = |(index, candle): (usize, Candle)| Bar { candle, closed: index + 1 < count };
    Some(bars.into_iter().enumerate().map(bar).collect())
}

/// The number of the last trade; 0 before the first.
pub(super) fn last_trade(views: &Views, instrument: InstrumentId) -> u64 {
    views.trades(instrument, 1).first().map_or(0, |row| row.id.0)
}

/// Ends the bars whose time is over; the next ones begin flat.
pub(super) fn say_over(views: &Views, topics: &mut Topics, now_ns: u64) {
    let candles: Vec<_> = topics.all().filter(|topic| matches!(topic, Topic::Candles(..))).collect();
    for topic in candles {
        let Topic::Candles(instrument, interval) = topic else { continue };
        let Some(next) = views.live_candle(instrument, interval, now_ns) else { continue };
        let Some(Memo::Live(live)) = topics.memo(topic) else { continue };
        if next.start_s > live.start_s {
            let mut bars = ended(interval, std::mem::replace(live, next), next.start_s);
            bars.push(Bar { candle: next, closed: false });
            topics.say(topic, Body::Candles(bars, last_trade(views, instrument)));
        }
    }
}

/// A bar that is over, and those without a trade between it and the one that begins at `next_s`.
fn ended(interval: Interval, over: Candle, next_s: u64) -> Vec<Bar> {
    let mut bars = vec![Bar { candle: over, closed: true }];
    let mut start_s = interval.next(over.start_s);
    while start_s < next_s && bars.len() < FLAT_MAX {
        bars.push(Bar { candle: Candle::flat(start_s, over.close), closed: true });
        start_s = interval.next(start_s);
    }
    bars
}

#[cfg(test)]
mod tests {
    use papertape_engine::{Price, Qty, TradeId};

    use super::*;

    fn row(price: u64, second: u64) -> TapeRow {
        let (id, instrument) = (TradeId(1), InstrumentId(0));
        TapeRow { instrument, id, price: Price(price), qty: Qty(2), taker_side: None, time_ns: second * NS }
    }

    #[test]
    fn a_bar_grows_ends_and_is_not_changed_by_a_later_one() {
        let mut live = None;
        let bars = traded(&mut live, Interval::Minute1, &[row(5, 61), row(7, 62), row(6, 119)]).unwrap();
        let first =
            Candle { start_s: 60, open: Price(5), high: Price(7), low: Price(5), close: Price(6), volume: Qty(6) };
        assert_eq!(bars, [Bar { candle: first, closed: false }]);
        let bars = traded(&mut live, Interval::Minute1, &[row(4, 121)]).unwrap();
        assert_eq!(
            (bars[0], bars[1].closed, bars[1].candle.start_s),
            (Bar { candle: first, closed: true }, false, 120)
        );
        assert!(traded(&mut live, Interval::Minute1, &[row(4, 119)]).is_none(), "it was over");
    }

    #[test]
    fn a_bar_that_began_without_a_trade_opens_at_its_first() {
        let mut live = Some(Candle::flat(60, Price(5)));
        let bars = traded(&mut live, Interval::Second1, &[row(7, 60), row(8, 60)]).unwrap();
        let traded =
            Candle { start_s: 60, open: Price(7), high: Price(8), low: Price(7), close: Price(8), volume: Qty(4) };
        assert_eq!(bars, [Bar { candle: traded, closed: false }]);
    }

    #[test]
    fn no_bar_is_left_out_when_a_second_is_late() {
        let starts = |bars: Vec<Bar>| bars.iter().map(|bar| (bar.candle.start_s, bar.closed)).collect::<Vec<_>>();
        let first = Candle::flat(60, Price(5));
        assert_eq!(starts(ended(Interval::Second1, first, 63)), [(60, true), (61, true), (62, true)]);
        assert_eq!(ended(Interval::Second1, first, 9_000).len(), FLAT_MAX);
        let mut live = Some(first);
        let told = traded(&mut live, Interval::Second1, &[row(5, 62)]).unwrap();
        assert_eq!(starts(told), [(60, true), (61, true), (62, false)]);
    }
}
