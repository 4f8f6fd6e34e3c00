//! What the venue has told, folded apart from the gateway, with every state that a message may name.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use papertape_engine::{AccountId, Event, InstrumentId, Price, Qty};
use papertape_pipeline::{Output, Subscriber, Ticket};
use papertape_platform::{BookOrder, Change, Directory, TapeRow, Views};

use crate::book;
use crate::world::DEADLINE;

/// A book as text, best first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Shown {
    pub(super) levels: [Vec<(String, String)>; 2],
    /// Order, price, quantity.
    pub(super) orders: [Vec<(String, String, String)>; 2],
    /// The checksum over integers.
    pub(super) binary_checksum: u32,
}

/// What happened to an order, in short.
pub(super) type OrderLine = (String, String, String);

/// The state after every command.
pub(super) struct Truth {
    watcher: Subscriber,
    views: Views,
    batch: Vec<Output>,
    books: HashMap<(String, u64), Shown>,
    trades: HashMap<String, Vec<TapeRow>>,
    orders: HashMap<AccountId, Vec<OrderLine>>,
}

impl Truth {
    pub(super) fn new(directory: Arc<Directory>, watcher: Subscriber) -> Self {
        Self {
            watcher,
            views: Views::new(directory),
            batch: Vec::new(),
            books: HashMap::new(),
            trades: HashMap::new(),
            orders: HashMap::new(),
        }
    }

    /// The last command.
    pub(super) fn seq(&self) -> u64 {
        self.views.seq()
    }

    /// Hears everything up to a command.
    pub(super) fn hear_all(&mut self, seq: u64) {
        let begun = Instant::now();
        while self.views.seq() < seq {
            assert!(begun.elapsed() < DEADLINE, "command {seq} is not told");
            self.poll();
        }
    }

    /// Hears everything up to the answer to a command; the events of each command.
    pub(super) fn hear_until(&mut self, last: Ticket) -> Vec<Vec<Event>> {
        let (begun, mut commands, mut events) = (Instant::now(), Vec::new(), Vec::new());
        loop {
            assert!(begun.elapsed() < DEADLINE, "a command is not answered");
            let mut is_there = false;
            for output in self.poll() {
                events.push(output.event);
                if output.last {
                    commands.push(std::mem::take(&mut events));
                    is_there |= output.ticket == last;
                }
            }
            if is_there {
                return commands;
            }
        }
    }

    fn poll(&mut self) -> Vec<Output> {
        self.batch.clear();
        self.watcher.poll(|output| self.batch.push(*output));
        if self.batch.is_empty() {
            self.watcher.wait(Duration::from_millis(5));
        }
        let (batch, mut changes) = (std::mem::take(&mut self.batch), Vec::new());
        for output in &batch {
            self.views.fold(output, &mut changes);
            if output.last {
                changes.drain(..).for_each(|change| self.remember(&change));
            }
        }
        batch
    }

    fn remember(&mut self, change: &Change) {
        match change {
            Change::Listed { instrument } => self.remember_book(*instrument),
            Change::Depth { instrument, .. } => self.remember_book(*instrument),
            Change::Trade(row) => {
                let symbol = self.symbol(row.instrument);
                self.trades.entry(symbol).or_default().push(*row);
            }
            Change::Order { account, order, .. } => {
                let leaves = self.views.instrument(order.instrument).unwrap().format_qty(order.leaves_qty);
                let line = (order.order.to_string(), order.status.name().to_owned(), leaves);
                self.orders.entry(*account).or_default().push(line);
            }
            Change::Rejected { account, .. } => {
                let line = ("rejected".to_owned(), String::new(), String::new());
                self.orders.entry(*account).or_default().push(line);
            }
            _ => {}
        }
    }

    fn remember_book(&mut self, id: InstrumentId) {
        let instrument = self.views.instrument(id).unwrap();
        let (depth, orders) = (self.views.depth(id, usize::MAX), self.views.book_orders(id, usize::MAX));
        let level = |(price, qty): &(Price, Qty)| (instrument.format_price(*price), instrument.format_qty(*qty));
        let order = |order: &BookOrder| {
            (order.order.to_string(), instrument.format_price(order.price), instrument.format_qty(order.qty))
        };
        let levels = [&depth.bids, &depth.asks].map(|side| side.iter().map(level).collect());
        let orders = [&orders.bids, &orders.asks].map(|side| side.iter().map(order).collect());
        let best = depth.bids.iter().take(10).chain(depth.asks.iter().take(10));
        let bytes: Vec<u8> =
            best.flat_map(|(price, qty)| [price.0.to_le_bytes(), qty.0.to_le_bytes()].concat()).collect();
        let binary_checksum = book::crc32(&bytes);
        self.books.insert((self.symbol(id), depth.update_id), Shown { levels, orders, binary_checksum });
    }

    fn symbol(&self, id: InstrumentId) -> String {
        self.views.instrument(id).unwrap().spec.symbol.to_string()
    }

    /// The book of a market after a change. The follower may hear of it before we do.
    pub(super) fn book(&mut self, symbol: &str, update_id: u64) -> &Shown {
        let (key, begun) = ((symbol.to_owned(), update_id), Instant::now());
        while !self.books.contains_key(&key) {
            assert!(begun.elapsed() < DEADLINE, "{symbol} has no change {update_id}");
            self.poll();
        }
        &self.books[&key]
    }

    /// The trades of a market.
    pub(super) fn trades(&self, symbol: &str) -> &[TapeRow] {
        self.trades.get(symbol).map(Vec::as_slice).unwrap_or_default()
    }

    /// What happened to an account's orders.
    pub(super) fn order_lines(&self, account: AccountId) -> &[OrderLine] {
        self.orders.get(&account).map(Vec::as_slice).unwrap_or_default()
    }
}
