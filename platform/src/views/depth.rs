//! One instrument's book by order and price level, with update ids that have no gaps. Only what shows is in its levels: never
//! the reserve of an iceberg. Of hidden orders it knows where they are, so that their owners know what is ahead of them.

use std::collections::{BTreeMap, BTreeSet};

use papertape_engine::{OrderId, Price, Qty, Side};
use rustc_hash::FxHashMap;

/// The new size of a level; zero: it is gone.
pub type LevelChange = (Side, Price, Qty);

/// Price and quantity of the best level of each side: bid and ask.
pub type BestLevels = [Option<(Price, Qty)>; 2];

/// The levels of a book, best first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Depth {
    /// Buyers, highest price first.
    pub bids: Vec<(Price, Qty)>,
    /// Sellers, lowest price first.
    pub asks: Vec<(Price, Qty)>,
    /// Number of the last change that is in it.
    pub update_id: u64,
}

/// An order as everybody may see it: what shows of it, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BookOrder {
    /// The order.
    pub order: OrderId,
    /// Buy or sell.
    pub side: Side,
    /// Its price.
    pub price: Price,
    /// How much of it shows.
    pub qty: Qty,
}

/// What happened to an order that shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BookOrderChange {
    /// It, or the next part of it, came to the tail of its level.
    Added(BookOrder),
    /// It shows less and keeps its place.
    Reduced(OrderId, Qty),
    /// Nothing of it shows any more.
    Removed(OrderId),
}

/// The orders of a book that show, best first, and the oldest first at each price.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BookOrders {
    /// Buyers.
    pub bids: Vec<BookOrder>,
    /// Sellers.
    pub asks: Vec<BookOrder>,
    /// Number of the last change that is in it.
    pub update_id: u64,
}

/// What one command changed in a book.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Closed {
    /// The number of the change.
    pub(super) update_id: u64,
    /// The new size of each level that it touched.
    pub(super) levels: Vec<LevelChange>,
    /// What happened to orders, in order.
    pub(super) orders: Vec<BookOrderChange>,
}

/// What is ahead of an order in the queue of its level.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct QueuePlace {
    /// Orders that trade before it.
    pub orders_ahead: u32,
    /// How much of them shows.
    pub qty_ahead: Qty,
}

/// The orders at one price.
#[derive(Clone, Debug, Default)]
struct Level {
    qty: Qty,
    /// How much of each order shows, the oldest first.
    queue: BTreeMap<u64, (OrderId, Qty)>,
}

/// Where an order is: its side, its price, and when it came to the tail.
type Place = (Side, Price, u64);

/// The levels, and which of them the current command has touched.
#[derive(Clone, Debug, Default)]
pub(super) struct DepthFold {
    bids: BTreeMap<Price, Level>,
    asks: BTreeMap<Price, Level>,
    places: FxHashMap<OrderId, Place>,
    /// Orders of which nothing shows, in no level: at one price they trade behind those that show, the oldest first.
    hidden: FxHashMap<OrderId, Place>,
    hidden_queues: BTreeSet<Place>,
    arrivals: u64,
    update_id: u64,
    touched: Vec<(Side, Price)>,
    /// What the current command did to orders that show.
    changed: Vec<BookOrderChange>,
}

impl DepthFold {
    /// An empty book whose next change has the number `update_id + 1`.
    pub(super) fn new(update_id: u64) -> Self {
        Self { update_id, ..Self::default() }
    }

    /// An order comes to the tail of a level, or the next part of it does.
    pub(super) fn rest(&mut self, order: OrderId, side: Side, price: Price, qty: Qty) {
        self.arrivals += 1;
        let arrival = self.arrivals;
        if qty.is_zero() {
            self.leave_hidden(order);
            self.hidden.insert(order, (side, price, arrival));
            self.hidden_queues.insert((side, price, arrival));
            return;
        }
        debug_assert!(!self.places.contains_key(&order), "order {order} rests already");
        self.places.insert(order, (side, price, arrival));
        let level = self.side_mut(side).entry(price).or_default();
        level.qty = level.qty.checked_add(qty).unwrap_or(Qty(u64::MAX));
        level.queue.insert(arrival, (order, qty));
        self.changed.push(BookOrderChange::Added(BookOrder { order, side, price, qty }));
        self.touch(side, price);
    }

    /// An order shows so much less, and is gone when nothing is left of what showed. One that was decremented to nothing is
    /// told to end when it, and perhaps its level, are gone already.
    pub(super) fn take(&mut self, order: OrderId, qty: Qty) {
        if qty.is_zero() {
            return;
        }
        let Some(&(side, price, arrival)) = self.places.get(&order) else {
            debug_assert!(false, "{qty} lots of order {order} leave a book that it is not in");
            return;
        };
        let levels = self.side_mut(side);
        let Some(level) = levels.get_mut(&price) else { return };
        debug_assert!(level.qty >= qty, "{qty} lots leave the level {price}, which has {}", level.qty);
        level.qty = Qty(level.qty.0.saturating_sub(qty.0));
        let left = level.queue.get(&arrival).map_or(Qty::ZERO, |(_, shown)| Qty(shown.0.saturating_sub(qty.0)));
        if left.is_zero() {
            level.queue.remove(&arrival);
        } else {
            level.queue.insert(arrival, (order, left));
        }
        if level.queue.is_empty() {
            levels.remove(&price);
        }
        if left.is_zero() {
            self.places.remove(&order);
            self.changed.push(BookOrderChange::Removed(order));
        } else {
            self.changed.push(BookOrderChange::Reduced(order, left));
        }
        self.touch(side, price);
    }

    /// An order is gone of which nothing showed, if it was one.
    pub(super) fn leave_hidden(&mut self, order: OrderId) {
        if let Some(place) = self.hidden.remove(&order) {
            self.hidden_queues.remove(&place);
        }
    }

    /// What is ahead of an order, if it is in the book.
    pub(super) fn place(&self, order: OrderId) -> Option<QueuePlace> {
        if let Some(&(side, price, arrival)) = self.hidden.get(&order) {
            return Some(self.place_of_hidden(side, price, arrival));
        }
        let &(side, price, arrival) = self.places.get(&order)?;
        Some(self.shown_before(side, price, arrival))
    }

    /// All that show at its price, and the hidden ones that came before it.
    fn place_of_hidden(&self, side: Side, price: Price, arrival: u64) -> QueuePlace {
        let mut place = self.shown_before(side, price, u64::MAX);
        let before = self.hidden_queues.range((side, price, 0)..(side, price, arrival)).count();
        place.orders_ahead = place.orders_ahead.saturating_add(u32::try_from(before).unwrap_or(u32::MAX));
        place
    }

    fn shown_before(&self, side: Side, price: Price, arrival: u64) -> QueuePlace {
        let mut place = QueuePlace::default();
        let level = self.side(side).get(&price);
        for qty in level.into_iter().flat_map(|level| level.queue.range(..arrival)).map(|(_, (_, qty))| *qty) {
            place.orders_ahead += 1;
            place.qty_ahead = place.qty_ahead.checked_add(qty).unwrap_or(Qty(u64::MAX));
        }
        place
    }

    /// Ends the command: the new size of each touched level (zero: gone), and what happened to orders, under the next
    /// update id; `None` if nothing was touched.
    pub(super) fn close(&mut self) -> Option<Closed> {
        if self.touched.is_empty() {
            return None;
        }
        self.update_id += 1;
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        let levels = touched.iter().map(|&(side, price)| (side, price, self.qty_at(side, price))).collect();
        touched.clear();
        self.touched = touched;
        // One allocation of the right size; the list itself is kept for the next command.
        let orders = self.changed.as_slice().to_vec();
        self.changed.clear();
        Some(Closed { update_id: self.update_id, levels, orders })
    }

    pub(super) fn best(&self, side: Side) -> Option<(Price, Qty)> {
        let level = match side {
            Side::Buy => self.bids.last_key_value(),
            Side::Sell => self.asks.first_key_value(),
        };
        level.map(|(price, level)| (*price, level.qty))
    }

    pub(super) fn snapshot(&self, limit: usize) -> Depth {
        Depth {
            bids: self.bids.iter().rev().take(limit).map(|(price, level)| (*price, level.qty)).collect(),
            asks: self.asks.iter().take(limit).map(|(price, level)| (*price, level.qty)).collect(),
            update_id: self.update_id,
        }
    }

    pub(super) fn update_id(&self) -> u64 {
        self.update_id
    }

    /// At most `limit` orders a side.
    pub(super) fn orders(&self, limit: usize) -> BookOrders {
        let of = |side: Side, price: Price, level: &Level| {
            let queue = level.queue.values().map(move |&(order, qty)| BookOrder { order, side, price, qty });
            queue.collect::<Vec<_>>()
        };
        let bids = self.bids.iter().rev().flat_map(|(price, level)| of(Side::Buy, *price, level)).take(limit);
        let asks = self.asks.iter().flat_map(|(price, level)| of(Side::Sell, *price, level)).take(limit);
        BookOrders { bids: bids.collect(), asks: asks.collect(), update_id: self.update_id }
    }

    fn qty_at(&self, side: Side, price: Price) -> Qty {
        self.side(side).get(&price).map_or(Qty::ZERO, |level| level.qty)
    }

    /// A command mostly touches the same level several times in a row.
    fn touch(&mut self, side: Side, price: Price) {
        if self.touched.last() != Some(&(side, price)) {
            self.touched.push((side, price));
        }
    }

    fn side(&self, side: Side) -> &BTreeMap<Price, Level> {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut BTreeMap<Price, Level> {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn update_ids_have_no_gaps_and_emptied_levels_are_told() {
        let mut depth = DepthFold::new(7);
        assert_eq!(depth.close(), None);
        depth.rest(OrderId(1), Side::Buy, Price(10), Qty(5));
        depth.rest(OrderId(2), Side::Buy, Price(10), Qty(1));
        let closed = depth.close().unwrap();
        assert_eq!((closed.update_id, closed.levels), (8, vec![(Side::Buy, Price(10), Qty(6))]));
        assert_eq!(depth.close(), None);
        depth.take(OrderId(1), Qty(5));
        depth.take(OrderId(2), Qty(1));
        depth.rest(OrderId(3), Side::Sell, Price(11), Qty(2));
        let closed = depth.close().unwrap();
        let levels = vec![(Side::Buy, Price(10), Qty(0)), (Side::Sell, Price(11), Qty(2))];
        assert_eq!((closed.update_id, closed.levels), (9, levels));
        assert_eq!(depth.best(Side::Buy), None);
        assert_eq!(depth.snapshot(5).asks, [(Price(11), Qty(2))]);
    }

    #[test]
    fn orders_are_told_one_by_one_and_hidden_ones_are_not() {
        let mut depth = DepthFold::new(0);
        let added = |order, qty| {
            let order = BookOrder { order: OrderId(order), side: Side::Buy, price: Price(10), qty: Qty(qty) };
            (order, BookOrderChange::Added(order))
        };
        depth.rest(OrderId(1), Side::Buy, Price(10), Qty(5));
        depth.rest(OrderId(2), Side::Buy, Price(10), Qty(1));
        depth.rest(OrderId(3), Side::Buy, Price(10), Qty(0));
        assert_eq!(depth.close().unwrap().orders, [added(1, 5).1, added(2, 1).1]);
        // An iceberg's next part comes to the tail.
        depth.take(OrderId(1), Qty(2));
        depth.take(OrderId(1), Qty(3));
        depth.rest(OrderId(1), Side::Buy, Price(10), Qty(4));
        let told = [BookOrderChange::Reduced(OrderId(1), Qty(3)), BookOrderChange::Removed(OrderId(1)), added(1, 4).1];
        assert_eq!(depth.close().unwrap().orders, told);
        assert_eq!(depth.orders(9).bids, [added(2, 1).0, added(1, 4).0]);
        assert_eq!(depth.orders(1).bids, [added(2, 1).0]);
    }

    #[test]
    fn an_order_knows_what_is_ahead_of_it() {
        let mut depth = DepthFold::new(0);
        for (order, qty) in [(1, 5), (2, 1), (3, 7)] {
            depth.rest(OrderId(order), Side::Buy, Price(10), Qty(qty));
        }
        let place = |depth: &DepthFold, order| depth.place(OrderId(order));
        assert_eq!(place(&depth, 3), Some(QueuePlace { orders_ahead: 2, qty_ahead: Qty(6) }));
        depth.take(OrderId(1), Qty(2));
        assert_eq!(place(&depth, 3), Some(QueuePlace { orders_ahead: 2, qty_ahead: Qty(4) }));
        depth.take(OrderId(2), Qty(1));
        assert_eq!(place(&depth, 2), None);
        assert_eq!(place(&depth, 3), Some(QueuePlace { orders_ahead: 1, qty_ahead: Qty(3) }));
        // Hidden orders are behind all that show, whenever those came.
        depth.rest(OrderId(4), Side::Buy, Price(10), Qty(0));
        depth.rest(OrderId(5), Side::Buy, Price(10), Qty(0));
        depth.rest(OrderId(6), Side::Buy, Price(10), Qty(2));
        assert_eq!(place(&depth, 6), Some(QueuePlace { orders_ahead: 2, qty_ahead: Qty(10) }));
        assert_eq!(place(&depth, 5), Some(QueuePlace { orders_ahead: 4, qty_ahead: Qty(12) }));
        depth.leave_hidden(OrderId(4));
        depth.take(OrderId(6), Qty(2));
        assert_eq!(place(&depth, 4), None);
        assert_eq!(place(&depth, 5), Some(QueuePlace { orders_ahead: 2, qty_ahead: Qty(10) }));
        // The next part of an iceberg comes to the tail.
        depth.take(OrderId(1), Qty(3));
        depth.rest(OrderId(1), Side::Buy, Price(10), Qty(5));
        assert_eq!(place(&depth, 1), Some(QueuePlace { orders_ahead: 1, qty_ahead: Qty(7) }));
        assert_eq!(place(&depth, 3), Some(QueuePlace::default()));
    }
}
