//! What the venue has told, folded apart from the gateway, with every state that a message may name.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use papertape_engine::{AccountId, Amount, Asset, Event, Instrument, InstrumentId, Position, Price, Qty};
use papertape_pipeline::{Output, Subscriber, Ticket};
use papertape_platform::{
    BookOrder, Change, Directory, OrderEvent, PositionView, TapeRow, Told, Views, position_price_text, told_to,
};
use serde_json::{Value, json};

use crate::book;
use crate::world::DEADLINE;

/// An order that shows: its number, price and quantity.
pub(super) type Queued = (String, String, String);

/// A book as text, best first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Shown {
    pub(super) levels: [Vec<(String, String)>; 2],
    pub(super) orders: [Vec<Queued>; 2],
    /// The checksum over integers.
    pub(super) binary_checksum: u32,
}

/// What happened to an order, in short: the event, and the order's number, status and what is left of it.
pub(super) type OrderLine = (&'static str, String, String, String);

/// What an account has, by what a channel tells of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Order,
    Balance,
    Position,
}

/// What a command changed of an account: the command, what, its name, and what it is since then.
pub(super) type Changed = (u64, Kind, String, Option<Value>);

/// The state after every command.
pub(super) struct Truth {
    watcher: Subscriber,
    views: Views,
    batch: Vec<Output>,
    books: HashMap<(String, u64), Shown>,
    trades: HashMap<String, Vec<TapeRow>>,
    told: Told,
    /// By the numbers of the accounts' messages.
    orders: HashMap<(AccountId, u64), Vec<OrderLine>>,
    changed: HashMap<AccountId, Vec<Changed>>,
}

impl Truth {
    pub(super) fn new(directory: Arc<Directory>, watcher: Subscriber) -> Self {
        Self {
            watcher,
            views: Views::new(directory),
            batch: Vec::new(),
            books: HashMap::new(),
            trades: HashMap::new(),
            told: Told::default(),
            orders: HashMap::new(),
            changed: HashMap::new(),
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
            let before = changes.len();
            self.views.fold(output, &mut changes);
            self.number(&output.event, &changes[before..]);
            if output.last {
                changes.drain(..).for_each(|change| self.remember(output.seq, &change));
            }
        }
        batch
    }

    /// Notes what an event did to orders, under the numbers that it has over every wire.
    fn number(&mut self, event: &Event, changes: &[Change]) {
        let mut messages: Vec<_> = told_to(event).map(|(account, _)| (account, self.told.next(account))).collect();
        for change in changes {
            let (account, line) = match change {
                Change::Order { account, order, event } => {
                    let leaves = self.views.instrument(order.instrument).unwrap().format_qty(order.leaves_qty);
                    (*account, (name_of(event), order.order.to_string(), order.status.name().to_owned(), leaves))
                }
                Change::Rejected { account, .. } => {
                    (*account, ("rejected", String::new(), String::new(), String::new()))
                }
                _ => continue,
            };
            let own = messages.iter().position(|message| message.0 == account);
            let sequence = own.map_or_else(|| self.told.last(account), |at| messages.remove(at).1);
            self.orders.entry((account, sequence)).or_default().push(line);
        }
    }

    fn remember(&mut self, seq: u64, change: &Change) {
        match change {
            Change::Listed { instrument } => self.remember_book(*instrument),
            Change::Depth { instrument, .. } => self.remember_book(*instrument),
            Change::Trade(row) => {
                let symbol = self.symbol(row.instrument);
                self.trades.entry(symbol).or_default().push(*row);
            }
            Change::Order { account, order, .. } => {
                let leaves = self.views.instrument(order.instrument).unwrap().format_qty(order.leaves_qty);
                let is = json!({"status": order.status.name(), "leaves_qty": leaves});
                let is = Some(is).filter(|_| order.status.is_open());
                self.note(*account, (seq, Kind::Order, order.order.to_string(), is));
            }
            Change::Balance { account, asset, free, held } => {
                let asset = self.views.asset(*asset).unwrap();
                let (name, total) = (asset.symbol.to_string(), *free + *held);
                let [free, held, total] = [*free, *held, total].map(|amount| money(asset, amount));
                let is = json!({"asset": name, "free": free, "held": held, "total": total});
                self.note(*account, (seq, Kind::Balance, name, Some(is)));
            }
            Change::Position { account, instrument } => {
                let view = self.views.position(*account, *instrument).unwrap();
                let is = self.position(&view);
                self.note(*account, (seq, Kind::Position, self.symbol(*instrument), Some(is)));
            }
            _ => {}
        }
    }

    fn note(&mut self, account: AccountId, changed: Changed) {
        self.changed.entry(account).or_default().push(changed);
    }

    /// A position but for what it is worth.
    fn position(&self, view: &PositionView) -> Value {
        let instrument = self.views.instrument(view.instrument).unwrap();
        position_as_text(instrument, &view.position, &position_price_text(instrument, &view.position))
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

    /// The trades of a market up to this one, of which the watcher may not have heard yet.
    pub(super) fn trades_up_to(&mut self, symbol: &str, last: u64) -> &[TapeRow] {
        let begun = Instant::now();
        while last > self.trades(symbol).last().map_or(0, |row| row.id.0) {
            assert!(begun.elapsed() < DEADLINE, "{symbol} has no trade {last}");
            self.poll();
        }
        let trades = self.trades(symbol);
        &trades[..trades.partition_point(|row| row.id.0 <= last)]
    }

    /// A price and a quantity of a market as text.
    pub(super) fn text(&self, symbol: &str, price: Price, qty: Qty) -> (String, String) {
        let (_, instrument) = self.views.instruments().find(|(_, it)| it.spec.symbol.as_str() == symbol).unwrap();
        (instrument.format_price(price), instrument.format_qty(qty))
    }

    /// What the message of this number may say of an account's orders.
    pub(super) fn order_lines(&self, account: AccountId, sequence: u64) -> &[OrderLine] {
        self.orders.get(&(account, sequence)).map(Vec::as_slice).unwrap_or_default()
    }

    /// What has changed of an account, from the beginning.
    pub(super) fn changed(&self, account: AccountId) -> &[Changed] {
        self.changed.get(&account).map(Vec::as_slice).unwrap_or_default()
    }
}

fn name_of(event: &OrderEvent) -> &'static str {
    match event {
        OrderEvent::Accepted => "accepted",
        OrderEvent::Released => "released",
        OrderEvent::Triggered => "triggered",
        OrderEvent::Rested => "rested",
        OrderEvent::Cancelled => "cancelled",
        OrderEvent::Amended => "amended",
        OrderEvent::SelfTradePrevented { .. } => "self_trade_prevented",
        OrderEvent::Trade { .. } => "trade",
    }
}

/// Money without zeros at the end.
pub(super) fn money(asset: &Asset, amount: Amount) -> String {
    let text = asset.format(amount);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A position but for what it is worth, with its average price in all decimals.
pub(super) fn position_as_text(instrument: &Instrument, position: &Position, average: &str) -> Value {
    let (base, quote) = (&instrument.base, &instrument.quote);
    // As many decimals as the quote has, and of those beyond the prices' none that is zero.
    let spare = usize::from(quote.decimals.saturating_sub(instrument.spec.price_decimals));
    let (kept, tail) = average.split_at(average.len().saturating_sub(spare));
    let average = format!("{kept}{}", tail.trim_end_matches('0')).trim_end_matches('.').to_owned();
    json!({
        "symbol": instrument.spec.symbol.to_string(),
        "qty": money(base, position.qty),
        "avg_price": (position.qty > Amount::ZERO).then_some(average),
        "realized_pnl": money(quote, position.realized),
        "fees_paid": money(quote, position.fees_quote),
    })
}
