//! The benchmark's three messages in terms of the venue's book: nothing is matched here.

use papertape_engine::{Fill, LadderBook, OrderBook, OrderId, OrderIndex, Price, Qty, Resting, Side, Slot};

use crate::abi::{Cancel, Modify, NewOrder};
use crate::report::{Kind, Report};

/// Open orders that the book has room for from the beginning, and that the index has: both grow.
const ORDERS: usize = 1 << 16;
const NUMBERS: usize = 1 << 13;

/// Where reports go.
pub trait Sink {
    /// Takes a report; waits while there is no room.
    fn push(&mut self, report: Report);

    /// Shows whatever it took to whoever drains.
    fn show(&mut self);
}

/// The venue's book, and where its orders are.
pub struct Matcher {
    book: LadderBook,
    index: OrderIndex<Slot>,
}

impl Default for Matcher {
    fn default() -> Self {
        Self { book: LadderBook::with_capacity(ORDERS), index: OrderIndex::with_capacity(NUMBERS) }
    }
}

/// Signed ticks as the book's unsigned ones, in the same order.
#[inline]
fn price(ticks: i64) -> Price {
    Price(ticks as u64 ^ 1 << 63)
}

#[inline]
fn ticks(price: Price) -> i64 {
    (price.0 ^ 1 << 63) as i64
}

#[inline]
fn side(code: u8) -> Side {
    if code == 0 { Side::Buy } else { Side::Sell }
}

/// What a taker's message says of it.
#[derive(Clone, Copy)]
struct Taker {
    sequence_number: u64,
    id: u64,
    side: Side,
    price: Price,
}

impl Matcher {
    /// Takes an order out of the index and the book.
    #[inline]
    fn pull(&mut self, id: u64) -> Option<Resting> {
        let Self { book, index } = self;
        let slot = index.remove(OrderId(id), |slot| number_at(book, slot))?;
        book.remove(slot)
    }

    /// A new order. The interface has no refusal for a number that an open order has: such an order changes nothing
    /// and is not reported.
    #[inline]
    pub fn new_order(&mut self, order: &NewOrder, sink: &mut impl Sink) {
        let NewOrder { order_id, sequence_number, price_ticks, quantity, .. } = *order;
        let known = self.index.get(OrderId(order_id), |slot| number_at(&self.book, slot)).is_some();
        if known || quantity == 0 {
            return;
        }
        let side = side(order.side);
        sink.push(report(Kind::OrderAck, sequence_number, order_id, side, price_ticks, quantity));
        let taker = Taker { sequence_number, id: order_id, side, price: price(price_ticks) };
        let left = self.sweep(taker, quantity, sink);
        if left.is_zero() {
            return;
        }
        if order.ioc == 0 {
            self.rest(taker, left);
        } else {
            sink.push(report(Kind::CancelAck, sequence_number, order_id, side, price_ticks, left.0 as u32));
        }
    }

    /// Ends an order that rests.
    #[inline]
    pub fn cancel(&mut self, cancel: &Cancel, sink: &mut impl Sink) {
        let Cancel { order_id, sequence_number } = *cancel;
        let Some(Resting { side, price, leaves_qty, .. }) = self.pull(order_id) else {
            return sink.push(report(Kind::CancelReject, sequence_number, order_id, Side::Buy, 0, 0));
        };
        sink.push(report(Kind::CancelAck, sequence_number, order_id, side, ticks(price), leaves_qty.0 as u32));
    }

    /// Gives an order that rests new terms: it leaves, and comes back as if it were new.
    #[inline]
    pub fn modify(&mut self, modify: &Modify, sink: &mut impl Sink) {
        let Modify { order_id, sequence_number, new_price_ticks, new_quantity, .. } = *modify;
        let found = if new_quantity > 0 { self.pull(order_id) } else { None };
        let Some(Resting { side, .. }) = found else {
            return sink.push(report(Kind::ModifyReject, sequence_number, order_id, Side::Buy, 0, 0));
        };
        sink.push(report(Kind::ModifyAck, sequence_number, order_id, side, new_price_ticks, new_quantity));
        let taker = Taker { sequence_number, id: order_id, side, price: price(new_price_ticks) };
        let left = self.sweep(taker, new_quantity, sink);
        if !left.is_zero() {
            self.rest(taker, left);
        }
    }

    #[inline]
    fn sweep(&mut self, taker: Taker, quantity: u32, sink: &mut impl Sink) -> Qty {
        let Self { book, index } = self;
        book.sweep(taker.side, Some(taker.price), Qty(quantity.into()), |Fill { maker, qty }| {
            sink.push(Report {
                sequence_number: taker.sequence_number,
                order_id: taker.id,
                maker_id: maker.id.0,
                price_ticks: ticks(maker.price),
                quantity: qty.0 as u32,
                kind: Kind::Trade,
                side: taker.side as u8,
            });
            if qty == maker.leaves_qty {
                index.remove_at(maker.id, maker.slot);
            }
        })
    }

    #[inline]
    fn rest(&mut self, order: Taker, left: Qty) {
        let id = OrderId(order.id);
        let slot = self.book.rest(order.side, order.price, left, id);
        self.index.insert(id, slot);
    }

    /// The best price of a side, in ticks.
    pub fn best(&self, side: Side) -> Option<i64> {
        self.book.best(side).map(ticks)
    }

    /// Lots that rest at a price.
    pub fn depth_at(&self, code: u8, price_ticks: i64) -> u64 {
        self.book.level(side(code), price(price_ticks)).map_or(0, |level| level.qty.0)
    }
}

/// The number of an order that the index knows.
#[inline]
fn number_at(book: &LadderBook, slot: Slot) -> OrderId {
    book.id_at(slot).expect("the index knows open orders only")
}

#[inline]
fn report(kind: Kind, sequence_number: u64, order_id: u64, side: Side, price_ticks: i64, quantity: u32) -> Report {
    Report { sequence_number, order_id, maker_id: 0, price_ticks, quantity, kind, side: side as u8 }
}
