//! Fan-out: each change is encoded once and shared by everybody who listens.
//!
//! The hub belongs to the dispatcher thread and has no locks; connections reach it through a bounded queue of
//! [`Request`]s and are reached through their [`Outbox`]es. Data that could be conflated (book and ticker of a slow
//! reader) is not yet: a reader that lags is cut and asks for a fresh snapshot. Conflation belongs in [`Outbox::push`],
//! keyed by topic.

mod encode;
mod outbox;
mod topics;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use papertape_engine::{AccountId, Amount, AssetId, InstrumentId, Price, Qty, Side};
use papertape_platform::{Change, TapeRow, Views};
use tokio::sync::mpsc;

pub(crate) use outbox::{End, Frames, Outbox};
use topics::Topics;
pub(crate) use topics::{ConnectionId, Topic};

/// What a connection asks of the hub.
pub(crate) enum Request {
    /// Begin to listen: the confirmation, then a snapshot, then every change after it.
    Listen {
        /// Who.
        connection: ConnectionId,
        /// Where to.
        outbox: Arc<Outbox>,
        /// What to.
        topic: Topic,
        /// Goes out before the snapshot.
        confirmation: Option<Utf8Bytes>,
    },
    /// Stop listening: after the confirmation nothing of the topic follows.
    Leave {
        /// Who.
        connection: ConnectionId,
        /// Where to.
        outbox: Arc<Outbox>,
        /// What to.
        topic: Topic,
        /// Goes out after the last message.
        confirmation: Utf8Bytes,
    },
    /// The connection is gone.
    Forget(ConnectionId),
}

/// Most requests that wait for the dispatcher; connections wait when it is full.
const REQUESTS_MAX: usize = 1_024;

/// Most requests that are served between two batches: new listeners must not hold back those who listen.
const SERVED_MAX: usize = 64;

/// The listeners and their topics.
pub(crate) struct Hub {
    requests: mpsc::Receiver<Request>,
    topics: Topics,
}

impl Hub {
    /// A hub, and how connections reach it.
    pub(crate) fn new() -> (Self, mpsc::Sender<Request>) {
        let (sender, requests) = mpsc::channel(REQUESTS_MAX);
        (Self { requests, topics: Topics::default() }, sender)
    }

    /// Serves those who begin or stop to listen. The views are those after the last published batch.
    pub(crate) fn serve_listeners(&mut self, views: &Views) {
        for _ in 0..SERVED_MAX {
            match self.requests.try_recv() {
                Ok(Request::Listen { connection, outbox, topic, confirmation }) => {
                    let snapshot = encode::snapshot(views, topic, self.topics.last_n(topic));
                    outbox.push(confirmation.into_iter().chain(snapshot).collect());
                    self.topics.listen(topic, connection, outbox);
                }
                Ok(Request::Leave { connection, outbox, topic, confirmation }) => {
                    self.topics.leave(topic, connection);
                    outbox.push(Arc::from([confirmation]));
                }
                Ok(Request::Forget(connection)) => self.topics.forget(connection),
                Err(_) => return,
            }
        }
    }

    /// Publishes the changes of one batch: for each topic that is heard, one update with all of them.
    pub(crate) fn publish(&mut self, views: &Views, changes: &[Change]) {
        let mut batch = Batch::default();
        changes.iter().for_each(|change| batch.add(&self.topics, change));
        for (instrument, book) in batch.books {
            let frame = encode::book_update(views, instrument, book.first, book.last, &book.levels);
            self.send(Topic::Book(instrument), frame);
        }
        for (instrument, rows) in batch.trades {
            let n = self.topics.next_n(Topic::Trades(instrument));
            self.send(Topic::Trades(instrument), encode::trades_update(views, instrument, n, &rows));
        }
        for (account, orders) in batch.orders {
            let topic = Topic::Orders(account);
            let topics = &mut self.topics;
            let frames: Frames =
                orders.into_iter().filter_map(|told| encode::order_update(views, topics.next_n(topic), told)).collect();
            self.topics.publish(topic, &frames);
        }
        for (account, balances) in batch.balances {
            self.send(Topic::Balances(account), encode::balances_update(views, &balances));
        }
    }

    /// Publishes the tickers that are heard.
    pub(crate) fn publish_tickers(&mut self, views: &Views) {
        for (instrument, _) in views.instruments() {
            for topic in [Topic::Ticker(instrument), Topic::Tile(instrument)] {
                if self.topics.is_heard(topic) {
                    self.send(topic, encode::snapshot(views, topic, 0));
                }
            }
        }
    }

    fn send(&mut self, topic: Topic, frame: Option<Utf8Bytes>) {
        if let Some(frame) = frame {
            self.topics.publish(topic, &Arc::from([frame]));
        }
    }
}

/// What changed in one batch, by topic; only what is heard.
#[derive(Default)]
struct Batch<'a> {
    books: BTreeMap<InstrumentId, BookChange>,
    trades: BTreeMap<InstrumentId, Vec<&'a TapeRow>>,
    orders: BTreeMap<AccountId, Vec<&'a Change>>,
    balances: BTreeMap<AccountId, BTreeMap<AssetId, (Amount, Amount)>>,
}

/// Changes of one book that follow each other, as one: of each level only the last quantity counts.
struct BookChange {
    first: u64,
    last: u64,
    levels: BTreeMap<(Side, Price), Qty>,
}

impl<'a> Batch<'a> {
    fn add(&mut self, topics: &Topics, change: &'a Change) {
        match change {
            Change::Depth { instrument, first_update_id, last_update_id, levels }
                if topics.is_heard(Topic::Book(*instrument)) =>
            {
                let none = || BookChange { first: *first_update_id, last: *last_update_id, levels: BTreeMap::new() };
                let book = self.books.entry(*instrument).or_insert_with(none);
                book.last = *last_update_id;
                book.levels.extend(levels.iter().map(|&(side, price, qty)| ((side, price), qty)));
            }
            Change::Trade(row) if topics.is_heard(Topic::Trades(row.instrument)) => {
                self.trades.entry(row.instrument).or_default().push(row);
            }
            Change::Order { account, .. } | Change::Rejected { account, .. }
                if topics.is_heard(Topic::Orders(*account)) =>
            {
                self.orders.entry(*account).or_default().push(change);
            }
            Change::Balance { account, asset, free, held } if topics.is_heard(Topic::Balances(*account)) => {
                self.balances.entry(*account).or_default().insert(*asset, (*free, *held));
            }
            _ => {}
        }
    }
}
