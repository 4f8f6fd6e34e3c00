//! Orders of one instrument that wait for its reference price. Indexed by the prices at which something happens to them:
//! a look at a price that concerns nobody asks a few trees for their first entry.

mod trailers;

use std::collections::{BTreeMap, BTreeSet};

use self::trailers::Trailers;
use crate::clients::NameSlot;
use crate::command::{PlaceOrder, Side, Trigger, TriggerKind};
use crate::fees::FeeMeter;
use crate::holdings::HoldingRow;
use crate::ids::OrderId;
use crate::stage::Purpose;
use crate::units::{Amount, Price};

/// An order that waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    /// As accepted: with a trigger, or for an auction, and with the self-trade prevention that applies.
    pub(crate) terms: PlaceOrder,
    pub(crate) fees: FeeMeter,
    pub(crate) name: NameSlot,
    pub(crate) holding: HoldingRow,
    pub(crate) held: Amount,
}

impl Waiting {
    pub(crate) fn trigger(&self) -> Trigger {
        self.terms.trigger.expect("who waits has a trigger")
    }
}

/// What an order waits for now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitState {
    /// For the other order of its list to be filled.
    Pending,
    /// For its trigger price.
    Armed,
    /// For the reference to turn from its best since the order began to trail.
    Trailing {
        /// The best: highest for a sell, lowest for a buy.
        best: Price,
    },
    /// For the auction that its time in force names.
    ForAuction {
        /// The worst price that it may get there.
        worst: Price,
    },
}

/// The orders that wait, and their index.
#[derive(Clone, Debug)]
pub(crate) struct Triggers {
    orders: BTreeMap<OrderId, Waiting>,
    /// Reached by a reference at or above the price.
    above: BTreeSet<(Price, OrderId)>,
    /// Reached by a reference at or below the price.
    below: BTreeSet<(Price, OrderId)>,
    /// Those that trail, by side.
    trailers: [Trailers; 2],
    /// Those that wait for an auction, with the worst price that each may get: the opening, the closing, and those that wait
    /// for what these leave over.
    auctions: [BTreeMap<OrderId, Price>; 4],
}

impl Default for Triggers {
    fn default() -> Self {
        let (orders, above, below) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        let trailers = [Trailers::new(Side::Buy), Trailers::new(Side::Sell)];
        Self { orders, above, below, trailers, auctions: Default::default() }
    }
}

impl TriggerKind {
    /// Whether an order on this side waits for a reference at or above its price.
    const fn waits_above(self, side: Side) -> bool {
        matches!((self, side), (TriggerKind::Stop, Side::Buy) | (TriggerKind::TakeProfit, Side::Sell))
    }
}

impl Trigger {
    /// Whether a reference reaches the trigger price; without one nothing does.
    pub(crate) fn is_reached(&self, side: Side, reference: Price) -> bool {
        let reached = |price| if self.kind.waits_above(side) { reference >= price } else { reference <= price };
        self.price.is_some_and(reached)
    }
}

impl Triggers {
    pub(crate) fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.orders.len()
    }

    pub(crate) fn get(&self, order: OrderId) -> Option<&Waiting> {
        self.orders.get(&order)
    }

    /// All of them, by number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (OrderId, &Waiting)> {
        self.orders.iter().map(|(order, waiting)| (*order, waiting))
    }

    pub(crate) fn state(&self, order: OrderId) -> Option<WaitState> {
        let waiting = self.orders.get(&order)?;
        if let Some(worst) = self.auctions.iter().find_map(|orders| orders.get(&order)) {
            return Some(WaitState::ForAuction { worst: *worst });
        }
        let best = self.trailers[waiting.terms.side as usize].best(order);
        Some(best.map_or(WaitState::Armed, |best| WaitState::Trailing { best }))
    }

    /// Takes in an order that waits for its price, or trails from `best` already.
    pub(crate) fn insert(&mut self, order: OrderId, waiting: Waiting, best: Option<Price>) {
        self.orders.insert(order, waiting);
        self.index(order, (waiting.terms.side, waiting.trigger()), best);
    }

    /// Puts an order into the index by what it waits for.
    fn index(&mut self, order: OrderId, (side, trigger): (Side, Trigger), best: Option<Price>) {
        match (best, trigger.trail, trigger.price) {
            (Some(best), Some(trail), _) => self.trailers[side as usize].insert(order, trail, best),
            (_, _, Some(price)) => drop(self.armed(side, trigger.kind).insert((price, order))),
            _ => unreachable!("a trigger without a price trails from the beginning"),
        }
    }

    /// Takes in an order that waits for an auction.
    pub(crate) fn insert_at_auction(&mut self, order: OrderId, waiting: Waiting, worst: Price) {
        if let Some(auction) = auction_of(&waiting.terms) {
            self.auctions[auction].insert(order, worst);
        }
        self.orders.insert(order, waiting);
    }

    /// The orders that wait for an auction of this purpose, by number, with the worst price that each may get; without those
    /// for its surplus.
    pub(crate) fn at_auction(&self, purpose: Purpose) -> impl Iterator<Item = (OrderId, Price)> {
        self.for_auction(purpose, false)
    }

    /// The orders that wait for the surplus of an auction of this purpose, by number, with the limit of each.
    pub(crate) fn for_surplus(&self, purpose: Purpose) -> impl Iterator<Item = (OrderId, Price)> {
        self.for_auction(purpose, true)
    }

    fn for_auction(&self, purpose: Purpose, surplus: bool) -> impl Iterator<Item = (OrderId, Price)> {
        let orders = auction_for(purpose, surplus).map(|auction| &self.auctions[auction]);
        orders.into_iter().flatten().map(|(order, worst)| (*order, *worst))
    }

    /// Takes an order out. Of one that waits for an auction, also the worst price that it may get.
    pub(crate) fn remove(&mut self, order: OrderId) -> Option<(Waiting, Option<Price>)> {
        let waiting = self.orders.remove(&order)?;
        let worst = match auction_of(&waiting.terms) {
            Some(auction) => self.auctions[auction].remove(&order),
            None => {
                self.forget(order, &waiting);
                None
            }
        };
        Some((waiting, worst))
    }

    /// Takes an order out of the index only.
    fn forget(&mut self, order: OrderId, waiting: &Waiting) {
        let (side, trigger) = (waiting.terms.side, waiting.trigger());
        if let Some(trail) = trigger.trail {
            self.trailers[side as usize].remove(order, trail);
        }
        if let Some(price) = trigger.price {
            self.armed(side, trigger.kind).remove(&(price, order));
        }
    }

    fn armed(&mut self, side: Side, kind: TriggerKind) -> &mut BTreeSet<(Price, OrderId)> {
        if kind.waits_above(side) { &mut self.above } else { &mut self.below }
    }

    /// Looks at a reference price: orders that trail begin, or go along with it, and the numbers of those that fire are put
    /// into `fired`, the oldest first, each with the best reference that it trailed. These are not in the index any more, but still among the orders.
    pub(crate) fn look(&mut self, reference: Price, fired: &mut Vec<(OrderId, Option<Price>)>) {
        while let Some(&(_, order)) = self.above.first().filter(|(price, _)| *price <= reference) {
            self.above.pop_first();
            self.reached(order, reference, fired);
        }
        while let Some(&(_, order)) = self.below.last().filter(|(price, _)| *price >= reference) {
            self.below.pop_last();
            self.reached(order, reference, fired);
        }
        self.trailers.iter_mut().for_each(|trailers| trailers.look(reference, fired));
        fired.sort_unstable();
    }

    fn reached(&mut self, order: OrderId, reference: Price, fired: &mut Vec<(OrderId, Option<Price>)>) {
        let waiting = &self.orders[&order];
        match waiting.trigger().trail {
            None => fired.push((order, None)),
            Some(trail) => self.trailers[waiting.terms.side as usize].insert(order, trail, reference),
        }
    }

    /// An order that was to fire goes on waiting as before, if it has not ended.
    pub(crate) fn rearm(&mut self, order: OrderId, best: Option<Price>) {
        if let Some(waiting) = self.orders.get(&order) {
            self.index(order, (waiting.terms.side, waiting.trigger()), best);
        }
    }

    /// Takes an order out of the index, because it fires already.
    pub(crate) fn disarm(&mut self, order: OrderId) {
        let waiting = self.orders[&order];
        self.forget(order, &waiting);
    }

    /// Whether the index knows an order as waiting for what it should; for tests and restored snapshots.
    pub(crate) fn is_indexed(&self, order: OrderId, waiting: &Waiting) -> bool {
        if let Some(auction) = auction_of(&waiting.terms) {
            return self.auctions[auction].contains_key(&order);
        }
        let Trigger { kind, price, trail } = waiting.trigger();
        let side = waiting.terms.side;
        let armed = if kind.waits_above(side) { &self.above } else { &self.below };
        let is_armed = price.is_some_and(|price| armed.contains(&(price, order)));
        let trails = trail.is_some_and(|trail| self.trailers[side as usize].knows(order, trail));
        is_armed != trails
    }

    /// How many orders the index knows.
    pub(crate) fn indexed(&self) -> usize {
        let auctions: usize = self.auctions.iter().map(BTreeMap::len).sum();
        self.above.len() + self.below.len() + self.trailers.iter().map(Trailers::len).sum::<usize>() + auctions
    }
}

/// Where an order is kept that waits for an auction.
fn auction_of(order: &PlaceOrder) -> Option<usize> {
    order.time_in_force.auction().and_then(|purpose| auction_for(purpose, order.imbalance_only))
}

/// Where orders for an auction of this purpose are kept, or those for its surplus.
const fn auction_for(purpose: Purpose, surplus: bool) -> Option<usize> {
    match (purpose, surplus) {
        (Purpose::Opening, false) => Some(0),
        (Purpose::Closing, false) => Some(1),
        (Purpose::Opening, true) => Some(2),
        (Purpose::Closing, true) => Some(3),
        (Purpose::Intraday | Purpose::Volatility, _) => None,
    }
}
