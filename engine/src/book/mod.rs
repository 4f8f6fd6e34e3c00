//! The two sides of one instrument's resting orders, in price and then time.
//!
//! [`OrderBook`] is what the engine needs of a book. [`LadderBook`] is built for speed; [`ReferenceBook`] is so naive
//! that it is obviously right, and tests run the same engine over both and compare every event.

mod ladder;
mod ladder_book;
mod reference;
mod slab;

pub use ladder_book::LadderBook;
pub use reference::ReferenceBook;

use crate::command::Side;
use crate::ids::OrderId;
use crate::units::{Price, Qty};

/// Where a resting order lives. Stays valid until the order leaves the book; a stale handle finds nothing, because
/// each reuse of a slot has a new generation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handle {
    /// Index of the slot: engines keep what they know of an order beside the book under the same index.
    pub slot: u32,
    /// Which use of the slot.
    pub generation: u32,
}

/// A resting order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Resting {
    /// Where it lives.
    pub handle: Handle,
    /// Its number.
    pub id: OrderId,
    /// Bid or ask.
    pub side: Side,
    /// Its limit.
    pub price: Price,
    /// What is left of it; never zero.
    pub leaves_qty: Qty,
}

/// A price at which orders rest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Level {
    /// The price.
    pub price: Price,
    /// The sum of what is left of its orders; never zero.
    pub qty: Qty,
}

/// Resting orders of one instrument. A book may be crossed: matching is the engine's, and an auction collects.
pub trait OrderBook: Default {
    /// Whether an order of this quantity can rest at this price: its level's sum stays within 64 bits, and there is
    /// room for one more order.
    fn can_rest(&self, side: Side, price: Price, qty: Qty) -> bool;

    /// Puts an order at the tail of its level. The caller has asked [`OrderBook::can_rest`].
    fn rest(&mut self, side: Side, price: Price, qty: Qty, id: OrderId) -> Handle;

    /// The order, if the handle is not stale.
    fn get(&self, handle: Handle) -> Option<Resting>;

    /// The order in a slot, if one rests there.
    fn at_slot(&self, slot: u32) -> Option<Resting>;

    /// The best price of a side.
    fn best(&self, side: Side) -> Option<Price>;

    /// The order that trades next: the oldest at the best price.
    fn front(&self, side: Side) -> Option<Resting>;

    /// Takes `qty` lots from an order, which keeps its place; it leaves the book when nothing is left. The handle is
    /// valid, and `qty` is not above what is left.
    fn take(&mut self, handle: Handle, qty: Qty);

    /// Takes an order out, if the handle is not stale.
    fn remove(&mut self, handle: Handle) -> Option<Resting>;

    /// The best level, or the next one behind `after`.
    fn level_after(&self, side: Side, after: Option<Price>) -> Option<Level>;

    /// Shows every order of a side in the order in which they would trade.
    fn for_each(&self, side: Side, visit: &mut dyn FnMut(Resting));
}

/// Whether a price is good enough for an order on `taker_side` with this limit.
#[inline]
pub(crate) fn crosses(taker_side: Side, limit: Price, price: Price) -> bool {
    match taker_side {
        Side::Buy => price <= limit,
        Side::Sell => price >= limit,
    }
}
