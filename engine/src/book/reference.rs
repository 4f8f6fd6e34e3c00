//! The book that is obviously right: a list of orders in the order of arrival, searched from the front every time.

use super::{Fill, Level, Meet, OrderBook, Resting, Slot, crosses};
use crate::command::Side;
use crate::ids::OrderId;
use crate::units::{Price, Qty};

/// All orders that ever rested, by slot; one that left is `None`. Everything is a scan.
#[derive(Default, Clone, Debug)]
pub struct ReferenceBook {
    orders: Vec<Option<Resting>>,
    /// Slots in the order of arrival.
    arrivals: Vec<Slot>,
    /// Slots of orders that do not show.
    hidden: Vec<Slot>,
}

impl ReferenceBook {
    /// In the order of arrival.
    fn side(&self, side: Side) -> impl Iterator<Item = &Resting> + Clone {
        let orders = self.arrivals.iter().filter_map(|slot| self.orders[slot.0 as usize].as_ref());
        orders.filter(move |order| order.side == side)
    }

    fn shows(&self, order: &Resting) -> bool {
        !self.hidden.contains(&order.slot)
    }

    /// The orders that show, in the order of arrival.
    fn shown(&self, side: Side) -> impl Iterator<Item = &Resting> + Clone {
        self.side(side).filter(|order| self.shows(order))
    }

    fn level_among<'a>(
        orders: impl Iterator<Item = &'a Resting> + Clone,
        side: Side,
        after: Option<Price>,
    ) -> Option<Level> {
        let behind = |price: Price| after.is_none_or(|after| rank(side, price) > rank(side, after));
        let prices = orders.clone().map(|order| order.price).filter(|price| behind(*price));
        let price = prices.min_by_key(|price| rank(side, *price))?;
        let at_price = orders.filter(|order| order.price == price);
        Some(Level { price, qty: at_price.fold(Qty::ZERO, |sum, order| sum + order.leaves_qty) })
    }
}

/// How far a price is from being the best of its side: the smallest is best.
fn rank(side: Side, price: Price) -> u64 {
    match side {
        Side::Buy => u64::MAX - price.0,
        Side::Sell => price.0,
    }
}

impl OrderBook for ReferenceBook {
    fn can_rest(&self, side: Side, price: Price, qty: Qty) -> bool {
        let mut at_price = self.shown(side).filter(|order| order.price == price);
        at_price.try_fold(qty, |sum, order| sum.checked_add(order.leaves_qty)).is_some()
    }

    fn rest(&mut self, side: Side, price: Price, qty: Qty, id: OrderId) -> Slot {
        let slot = Slot(self.orders.len() as u32);
        self.orders.push(Some(Resting { slot, id, side, price, leaves_qty: qty }));
        self.arrivals.push(slot);
        slot
    }

    fn rest_hidden(&mut self, side: Side, price: Price, qty: Qty, id: OrderId) -> Slot {
        let slot = self.rest(side, price, qty, id);
        self.hidden.push(slot);
        slot
    }

    fn get(&self, slot: Slot) -> Option<Resting> {
        self.orders.get(slot.0 as usize).copied().flatten()
    }

    fn best(&self, side: Side) -> Option<Price> {
        self.shown(side).map(|order| order.price).min_by_key(|price| rank(side, *price))
    }

    fn best_of_all(&self, side: Side) -> Option<Price> {
        self.side(side).map(|order| order.price).min_by_key(|price| rank(side, *price))
    }

    fn front(&self, side: Side) -> Option<Resting> {
        let best = self.best_of_all(side)?;
        let mut at_best = self.side(side).filter(|order| order.price == best);
        self.shown(side).find(|order| order.price == best).or_else(|| at_best.next()).copied()
    }

    fn sweep(&mut self, taker: Side, limit: Option<Price>, mut qty: Qty, mut on_meet: impl FnMut(Fill) -> Meet) -> Qty {
        let reaches = |price: Price| limit.is_none_or(|limit| crosses(taker, limit, price));
        while let Some(maker) = self.front(taker.opposite()).filter(|maker| !qty.is_zero() && reaches(maker.price)) {
            let traded = qty.min(maker.leaves_qty);
            let meet = on_meet(Fill { maker, qty: traded });
            match meet {
                Meet::Take => {
                    self.take(maker.slot, traded);
                    qty -= traded;
                }
                Meet::Refresh(anew) => {
                    self.refresh(maker.slot, anew);
                    qty -= traded;
                }
                Meet::Remove | Meet::RemoveAndStop => drop(self.remove(maker.slot)),
                Meet::Stop => {}
            }
            if matches!(meet, Meet::Stop | Meet::RemoveAndStop) {
                break;
            }
        }
        qty
    }

    fn take(&mut self, slot: Slot, qty: Qty) {
        let place = &mut self.orders[slot.0 as usize];
        let order = place.as_mut().expect("an order rests there");
        order.leaves_qty -= qty;
        if order.leaves_qty.is_zero() {
            *place = None;
        }
    }

    fn refresh(&mut self, slot: Slot, qty: Qty) {
        let order = self.orders[slot.0 as usize].as_mut().expect("an order rests there");
        order.leaves_qty = qty;
        self.arrivals.retain(|other| *other != slot);
        self.arrivals.push(slot);
    }

    fn remove(&mut self, slot: Slot) -> Option<Resting> {
        self.orders.get_mut(slot.0 as usize)?.take()
    }

    fn level(&self, side: Side, price: Price) -> Option<Level> {
        let at_price = self.shown(side).filter(|order| order.price == price);
        let qty = at_price.fold(Qty::ZERO, |sum, order| sum + order.leaves_qty);
        (!qty.is_zero()).then_some(Level { price, qty })
    }

    fn unseen_at(&self, side: Side, price: Price) -> Qty {
        let at_price = self.side(side).filter(|order| order.price == price && !self.shows(order));
        at_price.fold(Qty::ZERO, |sum, order| sum + order.leaves_qty)
    }

    fn level_after(&self, side: Side, after: Option<Price>) -> Option<Level> {
        Self::level_among(self.shown(side), side, after)
    }

    fn level_of_all_after(&self, side: Side, after: Option<Price>) -> Option<Level> {
        Self::level_among(self.side(side), side, after)
    }

    fn walk(&self, side: Side, visit: &mut dyn FnMut(Resting) -> bool) {
        let mut orders: Vec<Resting> = self.side(side).copied().collect();
        // A stable sort: orders of one price stay in the order of arrival.
        orders.sort_by_key(|order| (rank(side, order.price), !self.shows(order)));
        let _ = orders.into_iter().all(visit);
    }
}
