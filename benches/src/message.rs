//! One order flow in the plainest form, so that every engine gets the same work.

use papertape_engine::{Price, Qty, Side};

/// What one message asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Trade at `price` or better; what is left rests.
    Limit {
        /// Buy or sell.
        side: Side,
        /// Ticks.
        price: Price,
        /// Lots.
        qty: Qty,
    },
    /// Trade at any price; what is left is dropped.
    Market {
        /// Buy or sell.
        side: Side,
        /// Lots.
        qty: Qty,
    },
    /// Take the order out; it rests.
    Cancel,
}

/// One message to one book.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Message {
    /// New orders are numbered from 1 over all books, without a gap; a cancel names one.
    pub order: u32,
    /// Which book, from 0.
    pub book: u16,
    /// What to do.
    pub action: Action,
}

/// Who traded with whom, at which price, how much.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Print {
    /// Which book.
    pub book: u16,
    /// The order that rested.
    pub maker: u64,
    /// The order that took.
    pub taker: u64,
    /// Ticks.
    pub price: Price,
    /// Lots.
    pub qty: Qty,
}

/// A list of messages, made before any clock starts. Every cancel names an order that rests, and all quantities of a
/// book together stay far below 64 bits, so that nothing is ever refused.
#[derive(Clone, Debug)]
pub struct Flow {
    /// For headings.
    pub name: String,
    /// How many books it needs.
    pub books: usize,
    /// The messages in order.
    pub messages: Vec<Message>,
    /// All trades that it must lead to, if somebody else has recorded them.
    pub prints: Option<Vec<Print>>,
}

impl Flow {
    /// How many new orders there are.
    pub fn orders(&self) -> usize {
        self.messages.iter().filter(|message| message.action != Action::Cancel).count()
    }

    /// How many cancels there are.
    pub fn cancels(&self) -> usize {
        self.messages.len() - self.orders()
    }
}

/// The prints that the first of a flow's messages lead to: takers are numbered in the order of their messages.
pub fn prints_of<'a>(messages: &[Message], prints: &'a [Print]) -> &'a [Print] {
    let is_new = |message: &&Message| message.action != Action::Cancel;
    let last = messages.iter().rev().find(is_new).map_or(0, |message| u64::from(message.order));
    &prints[..prints.partition_point(|print| print.taker <= last)]
}
