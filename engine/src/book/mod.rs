//! The two sides of one instrument's resting orders, in price and then time.
//!
//! [`OrderBook`] is what the engine needs of a book. [`LadderBook`] is built for speed; [`ReferenceBook`] is so naive
//! that it is obviously right, and tests run the same engine over both and compare every event.

mod index;
mod ladder;
mod ladder_book;
mod reference;
mod sequence;
mod slab;

pub use index::OrderIndex;
pub use ladder_book::LadderBook;
pub use reference::ReferenceBook;
pub use sequence::{Location, SequenceIndex};

use crate::command::Side;
use crate::ids::OrderId;
use crate::units::{Price, Qty};

/// Where a resting order lives until it leaves the book. A slot is used again: who keeps one keeps the order's number
/// beside it, and asks whether the order there is still the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Slot(pub u32);

/// A resting order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Resting {
    /// Where it lives: engines keep what they know of an order beside the book under the same index.
    pub slot: Slot,
    /// Its number.
    pub id: OrderId,
    /// Bid or ask.
    pub side: Side,
    /// Its limit.
    pub price: Price,
    /// What is left of it; never zero.
    pub leaves_qty: Qty,
}

/// A resting order meets a taker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fill {
    /// The resting order as it was just before. It has left the book when `qty` is all that was left of it.
    pub maker: Resting,
    /// Lots that trade, at the maker's price; never zero.
    pub qty: Qty,
}

/// What becomes of a resting order that a taker meets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meet {
    /// Both lose the quantity: they trade, or are told to lose it without a trade.
    Take,
    /// The resting order leaves the book as it is, and the taker goes on.
    Remove,
    /// As [`Meet::Take`] of all that was left of the resting order, which stays: with so many lots it goes to the tail of its
    /// level.
    Refresh(Qty),
    /// The taker stops, and the resting order stays.
    Stop,
    /// The resting order leaves the book as it is, and the taker stops.
    RemoveAndStop,
}

/// A price at which orders rest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Level {
    /// The price.
    pub price: Price,
    /// The sum of what is left of its orders; never zero.
    pub qty: Qty,
}

/// Resting orders of one instrument. A book may be crossed: whether to match is the engine's choice, and an auction
/// collects.
///
/// ```
/// use papertape_engine::{Fill, LadderBook, Meet, OrderBook, OrderId, Price, Qty, Side};
///
/// let mut book = LadderBook::default();
/// book.rest(Side::Sell, Price(101), Qty(5), OrderId(1));
/// book.rest(Side::Sell, Price(100), Qty(2), OrderId(2));
/// let mut makers = Vec::new();
/// let left = book.sweep(Side::Buy, Some(Price(101)), Qty(4), |Fill { maker, qty }| {
///     makers.push((maker.id, qty));
///     Meet::Take
/// });
/// assert_eq!((left, makers), (Qty(0), vec![(OrderId(2), Qty(2)), (OrderId(1), Qty(2))]));
/// assert_eq!(book.best(Side::Sell), Some(Price(101)));
/// ```
pub trait OrderBook: Default {
    /// Whether an order of this quantity can rest at this price: the sum of its level's orders that show stays within 64 bits,
    /// and there is room for one more order. Who lets hidden orders rest counts them, so that all together stay within.
    fn can_rest(&self, side: Side, price: Price, qty: Qty) -> bool;

    /// Puts an order of at least one lot at the tail of its level. The caller has asked [`OrderBook::can_rest`].
    fn rest(&mut self, side: Side, price: Price, qty: Qty, id: OrderId) -> Slot;

    /// As [`OrderBook::rest`], but the order does not show: it trades behind those at its price that do, and is in no
    /// [`OrderBook::best`], [`OrderBook::level`] and [`OrderBook::level_after`]. [`OrderBook::sweep`] may only be asked when no
    /// such order rests on the side that is swept.
    fn rest_hidden(&mut self, side: Side, price: Price, qty: Qty, id: OrderId) -> Slot;

    /// The order in a slot, if one rests there.
    fn get(&self, slot: Slot) -> Option<Resting>;

    /// The number of the order in a slot, if one rests there.
    fn id_at(&self, slot: Slot) -> Option<OrderId> {
        self.get(slot).map(|order| order.id)
    }

    /// The best price of a side that shows.
    fn best(&self, side: Side) -> Option<Price>;

    /// The best price of a side, whether it shows or not.
    fn best_of_all(&self, side: Side) -> Option<Price>;

    /// The order that trades next, whether it shows or not: the oldest that shows at the best price, or else the oldest.
    fn front(&self, side: Side) -> Option<Resting>;

    /// Takes up to `qty` lots for a taker on side `taker` at `limit` or better (any price without a limit): best
    /// price first, oldest first. Asks at each order, before the book changes, what is to become of it, and returns
    /// what is left of `qty`.
    fn sweep(&mut self, taker: Side, limit: Option<Price>, qty: Qty, on_meet: impl FnMut(Fill) -> Meet) -> Qty;

    /// Takes `qty` lots from an order, which keeps its place; it leaves the book when nothing is left. An order rests
    /// there, and `qty` is not above what is left of it.
    fn take(&mut self, slot: Slot, qty: Qty);

    /// Takes all that is left of the first order of a level, which goes to the tail with at least one lot anew.
    fn refresh(&mut self, slot: Slot, qty: Qty);

    /// Takes an order out, if one rests there.
    fn remove(&mut self, slot: Slot) -> Option<Resting>;

    /// The level at a price, if orders that show rest there.
    fn level(&self, side: Side, price: Price) -> Option<Level>;

    /// The sum of what is left of the orders at a price that do not show.
    fn unseen_at(&self, side: Side, price: Price) -> Qty;

    /// The best level that shows, or the next one behind `after`.
    fn level_after(&self, side: Side, after: Option<Price>) -> Option<Level>;

    /// The best level with all of its orders, those that do not show too, or the next one behind `after`.
    fn level_of_all_after(&self, side: Side, after: Option<Price>) -> Option<Level>;

    /// Shows the orders of a side in the order in which they would trade, as long as `visit` says to go on.
    fn walk(&self, side: Side, visit: &mut dyn FnMut(Resting) -> bool);

    /// Shows the orders at one price, those that show first, the oldest first, as long as `visit` says to go on.
    fn walk_level(&self, side: Side, price: Price, visit: &mut dyn FnMut(Resting) -> bool) {
        self.walk(side, &mut |order| order.price != price || visit(order));
    }

    /// Shows every order of a side in the order in which they would trade.
    fn for_each(&self, side: Side, visit: &mut dyn FnMut(Resting)) {
        self.walk(side, &mut |order| {
            visit(order);
            true
        });
    }
}

/// Whether a price is good enough for an order on `taker_side` with this limit.
#[inline]
pub(crate) fn crosses(taker_side: Side, limit: Price, price: Price) -> bool {
    match taker_side {
        Side::Buy => price <= limit,
        Side::Sell => price >= limit,
    }
}
