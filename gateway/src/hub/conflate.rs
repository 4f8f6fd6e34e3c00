//! Many updates of a public topic as one: what a reader that does not keep up gets instead.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use papertape_engine::{Asset, AssetId, Instrument, InstrumentId};

use super::by_order::OrdersDelta;
use super::encoding::{self, Encoding};
use super::outbox::{Item, Told};
use super::topic::Topic;
use super::update::{Bar, Body, BookDelta, Levels, Update};
use crate::translate::Markets;

/// Trades that are left of those that were merged: the newest.
pub(super) const TRADES_MAX: usize = 100;

/// Bars that are left, the newest.
const BARS_MAX: usize = 3;

/// The one market that a public message is about.
struct OneMarket<'a>(&'a Instrument);

impl Markets for OneMarket<'_> {
    fn instrument(&self, _: InstrumentId) -> Option<&Instrument> {
        Some(self.0)
    }

    fn asset(&self, _: AssetId) -> Option<&Asset> {
        None
    }
}

/// Merges the public updates of a queue by topic, each where its first one was; the first `begun` items stay. Gives how
/// many messages are fewer for it.
pub(super) fn conflate(waiting: VecDeque<Item>, begun: usize) -> (VecDeque<Item>, u64) {
    let mut kept: Vec<Slot> = Vec::with_capacity(waiting.len());
    let mut open: HashMap<Topic, usize> = HashMap::new();
    for (index, item) in waiting.into_iter().enumerate() {
        if let Item::Border(topic, _) = &item {
            // What the topic says from here on belongs to another subscription.
            open.remove(topic);
        }
        match item {
            Item::Told(told) if index >= begun && is_public(&told) => {
                let Some(topic) = told.updates.first().map(|update| update.topic) else { continue };
                match open.get(&topic).and_then(|place| kept.get_mut(*place)) {
                    Some(Slot::Merging(tolds)) => tolds.push(told),
                    _ => {
                        open.insert(topic, kept.len());
                        kept.push(Slot::Merging(vec![told]));
                    }
                }
            }
            item => kept.push(Slot::Item(item)),
        }
    }
    let mut merged = 0;
    let waiting = kept.into_iter().map(|slot| match slot {
        Slot::Item(item) => item,
        Slot::Merging(tolds) => {
            let (told, fewer) = one(tolds);
            merged += fewer;
            Item::Told(told)
        }
    });
    (waiting.collect(), merged)
}

enum Slot {
    Item(Item),
    Merging(Vec<Told>),
}

fn is_public(told: &Told) -> bool {
    told.updates.first().is_some_and(|update| update.topic.instrument().is_some())
}

/// One message instead of many, and how many are fewer.
fn one(mut tolds: Vec<Told>) -> (Told, u64) {
    let count: u64 = tolds.iter().map(|told| told.frames.count).sum();
    let encoding = tolds.first().map_or(Encoding::Json, |told| told.encoding);
    let updates: Vec<&Update> = tolds.iter().flat_map(|told| told.updates.iter().map(|update| &**update)).collect();
    let update = if count > 1 { merge(&updates) } else { None };
    let market = update.as_ref().and_then(|update| update.market.clone());
    match update.zip(market) {
        Some((update, market)) => {
            let frames = encoding::frames(encoding, &OneMarket(&market), [&update]);
            (Told { updates: Arc::from([Arc::new(update)]), encoding, frames }, count - 1)
        }
        // One alone is what it was.
        None => (tolds.swap_remove(0), 0),
    }
}

/// Updates of one topic that follow each other, as one.
pub(super) fn merge(updates: &[&Update]) -> Option<Update> {
    let (first, last) = (updates.first()?, updates.last()?);
    let conflated = updates.iter().map(|update| update.conflated + 1).sum::<u64>() - 1;
    let body = match (&first.body, &last.body) {
        (Body::Trades(..), _) => merged_trades(updates),
        (Body::Book(begin, _), Body::Book(end, _)) => {
            let mut levels = Levels::new();
            for update in updates {
                if let Body::Book(_, changed) = &update.body {
                    levels.extend(changed);
                }
            }
            Body::Book(BookDelta { first: begin.first, ..*end }, levels)
        }
        (Body::L3(begin, _), Body::L3(end, _)) => {
            let deltas = updates.iter().filter_map(|update| match &update.body {
                Body::L3(_, orders) => Some(orders),
                _ => None,
            });
            Body::L3(BookDelta { first: begin.first, ..*end }, OrdersDelta::merged(deltas))
        }
        (Body::Candles(..), Body::Candles(_, last)) => merged_bars(updates, *last),
        (_, Body::L1(l1)) => Body::L1(*l1),
        (_, Body::Ticker(ticker, now)) => Body::Ticker(*ticker, *now),
        (_, Body::Status(status)) => Body::Status(*status),
        (_, Body::MarketData(price, volume)) => Body::MarketData(*price, *volume),
        _ => return None,
    };
    let Update { topic, epoch, n, mark, .. } = **last;
    Some(Update { topic, epoch, n, conflated, mark, market: last.market.clone(), body })
}

fn merged_trades(updates: &[&Update]) -> Body {
    let (mut all, mut skipped) = (Vec::new(), 0);
    for update in updates {
        if let Body::Trades(rows, before) = &update.body {
            all.extend_from_slice(rows);
            skipped += before;
        }
    }
    let spare = all.len().saturating_sub(TRADES_MAX);
    Body::Trades(all.split_off(spare), skipped + spare as u64)
}

fn merged_bars(updates: &[&Update], last_trade: u64) -> Body {
    let mut bars: BTreeMap<u64, Bar> = BTreeMap::new();
    for update in updates {
        if let Body::Candles(changed, _) = &update.body {
            bars.extend(changed.iter().map(|bar| (bar.candle.start_s, *bar)));
        }
    }
    let spare = bars.len().saturating_sub(BARS_MAX);
    Body::Candles(bars.into_values().skip(spare).collect(), last_trade)
}

#[cfg(test)]
mod tests {
    use papertape_engine::{Price, Qty, Side, TradeId};
    use papertape_platform::TapeRow;

    use super::super::checksum::Checksums;
    use super::super::numbers::Mark;
    use super::*;

    const MARKET: InstrumentId = InstrumentId(0);

    fn update(topic: Topic, n: u64, body: Body) -> Update {
        Update { topic, epoch: 7, n, conflated: 0, mark: Mark::default(), market: None, body }
    }

    fn book(n: u64, first: u64, last: u64, levels: &[(u64, u64)]) -> Update {
        let delta = BookDelta { first, last, time_ns: last, checksums: Checksums { text: n as u32, binary: 0 } };
        let levels = levels.iter().map(|(price, qty)| ((Side::Buy, Price(*price)), Qty(*qty))).collect();
        update(Topic::Book(MARKET), n, Body::Book(delta, levels))
    }

    #[test]
    fn a_merged_book_has_the_last_quantities_and_no_hole_in_its_ids() {
        let updates = [book(4, 10, 11, &[(5, 1), (6, 2)]), book(5, 12, 12, &[(5, 0)]), book(6, 13, 20, &[(7, 3)])];
        let merged = merge(&updates.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!((merged.n, merged.conflated), (6, 2));
        let Body::Book(delta, levels) = &merged.body else { panic!("{merged:?}") };
        assert_eq!((delta.first, delta.last, delta.checksums.text), (10, 20, 6));
        let shown: Vec<_> = levels.iter().map(|((_, price), qty)| (price.0, qty.0)).collect();
        assert_eq!(shown, [(5, 0), (6, 2), (7, 3)]);
        let again = merge(&[&merged, &book(7, 21, 21, &[(6, 0)])]).unwrap();
        assert_eq!((again.n, again.conflated), (7, 3));
    }

    #[test]
    fn of_many_trades_the_newest_are_left_and_the_others_counted() {
        let row = |id| TapeRow {
            instrument: MARKET,
            id: TradeId(id),
            price: Price(1),
            qty: Qty(1),
            taker_side: None,
            time_ns: 1,
        };
        let rows = |from: u64, to: u64| (from..to).map(row).collect::<Vec<_>>();
        let updates = [
            update(Topic::Trades(MARKET), 1, Body::Trades(rows(1, 90), 5)),
            update(Topic::Trades(MARKET), 2, Body::Trades(rows(90, 131), 0)),
        ];
        let Body::Trades(left, skipped) = merge(&updates.iter().collect::<Vec<_>>()).unwrap().body else { panic!() };
        assert_eq!((left.len(), left[0].id.0, skipped), (TRADES_MAX, 31, 35));
    }
}
