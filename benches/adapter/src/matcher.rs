//! The benchmark's three messages in terms of the venue's book: nothing is matched here.

use papertape_engine::{Fill, LadderBook, Meet, OrderBook, OrderId, OrderIndex, Price, Qty, Resting, Side, Slot};

use crate::abi::{Cancel, Modify, NewOrder};
use crate::report::{Kind, Report};

/// Open orders that the book has room for from the beginning, and that the index has: both grow.
const ORDERS: usize = 1 << 16;
const NUMBERS: usize = 1 << 14;

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
            Meet::Take
        })
    }

    /// There is room: 2^31 orders of 2^32 lots do not exceed what a level can sum up.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::WireReport;
    use crate::transport::{Queue, drain};

    const BUY: u8 = 0;
    const SELL: u8 = 1;

    /// A matcher, the ring behind it, and what came out of the other end.
    struct Bench {
        matcher: Matcher,
        queue: Queue,
    }

    impl Bench {
        fn new() -> Self {
            Self { matcher: Matcher::default(), queue: Queue::new(64) }
        }

        /// What a message makes the matcher report: kind, order, price, quantity, maker.
        fn told(&mut self, send: impl FnOnce(&mut Matcher, &mut papertape_pipeline::ring::RingWriter<Report>)) -> Told {
            let writer = self.queue.writer.as_mut().expect("nobody took it");
            send(&mut self.matcher, writer);
            writer.show();
            let mut out = [WireReport::default(); 64];
            let count = drain(&mut self.queue.reader, &mut out) as usize;
            let show =
                |wire: &WireReport| (wire.kind, wire.order_id, wire.price_ticks, wire.quantity, wire.maker_order_id);
            out[..count].iter().map(show).collect()
        }

        fn new_order(&mut self, id: u64, side: u8, price: i64, quantity: u32, ioc: bool) -> Told {
            self.told(|matcher, sink| matcher.new_order(&NewOrder::limit(id, 1, side, price, quantity, ioc), sink))
        }

        fn cancel(&mut self, id: u64) -> Told {
            self.told(|matcher, sink| matcher.cancel(&Cancel { order_id: id, sequence_number: 2 }, sink))
        }

        fn modify(&mut self, id: u64, price: i64, quantity: u32) -> Told {
            self.told(|matcher, sink| matcher.modify(&Modify::to(id, 3, price, quantity), sink))
        }
    }

    type Told = Vec<(u8, u64, i64, u32, u64)>;

    #[test]
    fn a_taker_trades_at_the_makers_price_and_what_is_left_is_cancelled_or_rests() {
        let mut bench = Bench::new();
        assert_eq!(bench.new_order(7, SELL, 100, 5, false), [(0, 7, 100, 5, 0)]);
        assert_eq!(bench.new_order(8, SELL, 99, 1, false), [(0, 8, 99, 1, 0)]);
        let told = bench.new_order(9, BUY, 101, 4, true);
        assert_eq!(told, [(0, 9, 101, 4, 0), (1, 9, 99, 1, 8), (1, 9, 100, 3, 7)]);
        assert_eq!(
            bench.new_order(10, BUY, 100, 3, true),
            [(0, 10, 100, 3, 0), (1, 10, 100, 2, 7), (2, 10, 100, 1, 0)]
        );
        assert_eq!((bench.matcher.best(Side::Buy), bench.matcher.best(Side::Sell)), (None, None));
        bench.new_order(11, BUY, 50, 6, false);
        assert_eq!((bench.matcher.best(Side::Buy), bench.matcher.depth_at(BUY, 50)), (Some(50), 6));
    }

    #[test]
    fn what_does_not_rest_can_be_neither_cancelled_nor_modified() {
        let mut bench = Bench::new();
        bench.new_order(1, BUY, 10, 2, false);
        assert_eq!(bench.cancel(1), [(2, 1, 10, 2, 0)]);
        assert_eq!(bench.cancel(1), [(4, 1, 0, 0, 0)]);
        assert_eq!(bench.modify(1, 11, 3), [(5, 1, 0, 0, 0)]);
        assert_eq!(bench.cancel(u64::MAX), [(4, u64::MAX, 0, 0, 0)]);
        bench.new_order(2, SELL, 10, 1, false);
        bench.new_order(3, BUY, 10, 1, false);
        assert_eq!(bench.cancel(2), [(4, 2, 0, 0, 0)], "it was filled");
        assert_eq!(bench.new_order(2, SELL, 12, 1, false), [(0, 2, 12, 1, 0)], "its number is free again");
    }

    #[test]
    fn a_modified_order_goes_to_the_tail_and_may_trade() {
        let mut bench = Bench::new();
        bench.new_order(1, BUY, 10, 2, false);
        bench.new_order(2, BUY, 10, 2, false);
        assert_eq!(bench.modify(1, 10, 3), [(3, 1, 10, 3, 0)]);
        assert_eq!(bench.new_order(3, SELL, 10, 3, true), [(0, 3, 10, 3, 0), (1, 3, 10, 2, 2), (1, 3, 10, 1, 1)]);
        bench.new_order(4, SELL, 12, 1, false);
        assert_eq!(bench.modify(1, 13, 3), [(3, 1, 13, 3, 0), (1, 1, 12, 1, 4)]);
        assert_eq!((bench.matcher.best(Side::Buy), bench.matcher.depth_at(BUY, 13)), (Some(13), 2));
    }

    #[test]
    fn a_number_that_an_open_order_has_changes_nothing() {
        let mut bench = Bench::new();
        bench.new_order(1, BUY, 10, 2, false);
        bench.new_order(5, SELL, 20, 2, false);
        assert_eq!(bench.new_order(1, BUY, 20, 9, false), []);
        assert_eq!((bench.matcher.depth_at(BUY, 10), bench.matcher.depth_at(SELL, 20)), (2, 2));
    }

    #[test]
    fn any_price_of_64_bits_has_its_place() {
        let mut bench = Bench::new();
        let prices = [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1];
        for (id, price) in (1..).zip(prices) {
            bench.new_order(id, BUY, price, 1, false);
            assert_eq!(bench.matcher.best(Side::Buy), Some(price));
        }
        bench.new_order(9, SELL, i64::MAX, 1, false);
        assert_eq!(bench.matcher.best(Side::Sell), Some(i64::MAX));
        let told = bench.new_order(10, SELL, i64::MIN, 6, true);
        let traded: Vec<i64> = told.iter().filter(|told| told.0 == 1).map(|told| told.2).collect();
        assert_eq!(traded, prices.iter().rev().copied().collect::<Vec<_>>());
    }
}
