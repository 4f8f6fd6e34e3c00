//! What changed between two publications, by topic; only what is kept. Of what has a newest state, that alone counts.

use std::collections::{BTreeMap, BTreeSet};

use papertape_engine::{AccountId, Amount, AssetId, InstrumentId};
use papertape_platform::{BookOrderChange, Change, TapeRow, Views};

use super::by_order::OrdersDelta;
use super::checksum::{self, Checksums};
use super::numbers::{Mark, Numbered};
use super::topics::{Memo, Topics};
use super::update::{Body, BookDelta, L1, Levels, StatusView};
use super::{Topic, bars, positions};

/// Changes that follow each other.
#[derive(Default)]
pub(super) struct Batch {
    books: BTreeMap<InstrumentId, BookChanges>,
    trades: BTreeMap<InstrumentId, Vec<TapeRow>>,
    statuses: BTreeSet<InstrumentId>,
    orders: BTreeMap<AccountId, Vec<(Mark, Change)>>,
    balances: BTreeMap<AccountId, BTreeMap<AssetId, (Amount, Amount)>>,
    positions: BTreeMap<AccountId, BTreeSet<InstrumentId>>,
}

/// Changes of one book.
#[derive(Default)]
struct BookChanges {
    first: u64,
    last: u64,
    time_ns: u64,
    levels: Levels,
    orders: Vec<BookOrderChange>,
}

impl Batch {
    /// Takes in one change.
    pub(super) fn add(&mut self, topics: &Topics, Numbered { mark, change }: Numbered) {
        match change {
            Change::Depth { instrument, first_update_id, last_update_id, time_ns, levels, orders } => {
                let [by_level, by_order, best] =
                    [Topic::Book, Topic::L3, Topic::L1].map(|topic| topics.is_kept(topic(instrument)));
                if by_level || by_order || best {
                    let none = || BookChanges { first: first_update_id, ..BookChanges::default() };
                    let book = self.books.entry(instrument).or_insert_with(none);
                    (book.last, book.time_ns) = (last_update_id, time_ns);
                    if by_level {
                        book.levels.extend(levels.iter().map(|&(side, price, qty)| ((side, price), qty)));
                    }
                    if by_order {
                        book.orders.extend(orders);
                    }
                }
            }
            Change::Trade(row) => self.trades.entry(row.instrument).or_default().push(row),
            Change::Status { instrument } => {
                self.statuses.insert(instrument);
            }
            Change::Order { account, .. } | Change::Rejected { account, .. }
                if topics.is_kept(Topic::Orders(account)) || topics.is_kept(Topic::TradeEvents(account)) =>
            {
                self.orders.entry(account).or_default().push((mark, change));
            }
            Change::Balance { account, asset, free, held } if topics.is_kept(Topic::Balances(account)) => {
                self.balances.entry(account).or_default().insert(asset, (free, held));
            }
            Change::Position { account, instrument }
                if topics.is_kept(Topic::Positions(account)) || topics.is_kept(Topic::PositionUpdates(account)) =>
            {
                self.positions.entry(account).or_default().insert(instrument);
            }
            _ => {}
        }
    }

    /// Says what there is to say in each topic that is kept. `views` are as after the last change.
    pub(super) fn say(self, views: &Views, topics: &mut Topics) {
        for (instrument, rows) in self.trades {
            say_trades(views, topics, instrument, rows);
        }
        for (instrument, changes) in self.books {
            say_book(views, topics, instrument, changes);
        }
        for instrument in self.statuses {
            if let Some(status) = StatusView::of(views, instrument) {
                topics.say(Topic::Status(instrument), Body::Status(status));
            }
        }
        for (account, changes) in self.orders {
            changes.into_iter().for_each(|(mark, change)| say_order(views, topics, account, mark, change));
        }
        for (account, balances) in self.balances {
            topics.say(Topic::Balances(account), Body::Balances(balances));
        }
        for (account, changed) in self.positions {
            positions::say(views, topics, account, &changed);
        }
    }
}

fn say_trades(views: &Views, topics: &mut Topics, instrument: InstrumentId, rows: Vec<TapeRow>) {
    bars::say_trades(views, topics, instrument, &rows);
    if topics.is_kept(Topic::MarketData(instrument))
        && let Some(row) = rows.last()
    {
        let volume = views.ticker(instrument, row.time_ns).volume_24h;
        topics.say(Topic::MarketData(instrument), Body::MarketData(row.price, volume));
    }
    topics.say(Topic::Trades(instrument), Body::Trades(rows, 0));
}

fn say_book(views: &Views, topics: &mut Topics, id: InstrumentId, changes: BookChanges) {
    let BookChanges { first, last, time_ns, levels, orders } = changes;
    say_best(views, topics, id, time_ns);
    let (by_level, by_order) = (topics.is_kept(Topic::Book(id)), topics.is_kept(Topic::L3(id)));
    let Some(instrument) = views.instrument(id).filter(|_| by_level || by_order) else { return };
    let checksums = Checksums::of(instrument, &views.depth(id, checksum::LEVELS));
    let delta = BookDelta { first, last, time_ns, checksums };
    if by_level {
        topics.say(Topic::Book(id), Body::Book(delta, levels));
    }
    if by_order {
        topics.say(Topic::L3(id), Body::L3(delta, OrdersDelta::of(orders)));
    }
}

/// The best prices, if they are others than those that were told last.
fn say_best(views: &Views, topics: &mut Topics, id: InstrumentId, time_ns: u64) {
    let topic = Topic::L1(id);
    let (Some(memo), Some((update_id, best))) = (topics.memo(topic), views.best(id)) else { return };
    if !matches!(memo, Memo::L1(told) if *told == best) {
        *memo = Memo::L1(best);
        topics.say(topic, Body::L1(L1 { update_id, time_ns, best }));
    }
}

fn say_order(views: &Views, topics: &mut Topics, account: AccountId, mark: Mark, change: Change) {
    if let Change::Order { order, .. } = &change {
        topics.say(Topic::TradeEvents(account), Body::TradeEvent(order.order, order.status));
    }
    if topics.is_kept(Topic::Orders(account)) {
        let named = match &change {
            Change::Rejected { order: Some(order), .. } => views.find_order(account, *order).cloned().map(Box::new),
            _ => None,
        };
        topics.say_at(Topic::Orders(account), mark, Body::Order(Box::new(change), named));
    }
}
