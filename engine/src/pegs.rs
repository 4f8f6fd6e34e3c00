//! Pegged orders of one instrument: what they follow, and whom it concerns when that changes.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::OrderBook;
use crate::command::{Peg, PegTo, PlaceOrder, Side};
use crate::ids::OrderId;
use crate::market::Market;
use crate::units::Price;

/// What a pegged order follows, and how far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pegged {
    pub(crate) peg: Peg,
    pub(crate) limit: Price,
}

/// The best prices that pegs follow, bid and ask, as far as there are some.
pub(crate) type References = [Option<Price>; 2];

/// The pegged orders of an instrument.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pegs {
    orders: BTreeMap<OrderId, Pegged>,
    /// What they have followed; nothing while there are none.
    pub(crate) references: References,
    /// Who has not followed yet. Empty between commands.
    pub(crate) due: BTreeSet<OrderId>,
    /// Who is on its way from one price to the next. Nobody between commands.
    pub(crate) moving: Option<OrderId>,
}

impl Pegs {
    /// Whether one more may come: when what they follow moves, all of them move, and what the one trades may move the others
    /// again.
    pub(crate) fn has_room(&self) -> bool {
        self.orders.len() < PlaceOrder::PEGGED_MAX
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }

    pub(crate) fn get(&self, order: OrderId) -> Option<Pegged> {
        self.orders.get(&order).copied()
    }

    /// By number.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = OrderId> {
        self.orders.keys().copied()
    }

    pub(crate) fn insert(&mut self, order: OrderId, pegged: Pegged) {
        self.orders.insert(order, pegged);
    }

    /// Forgets an order, and what was followed if it was the last.
    pub(crate) fn remove(&mut self, order: OrderId) {
        self.orders.remove(&order);
        self.due.remove(&order);
        if self.orders.is_empty() {
            self.references = References::default();
        }
    }
}

impl Pegged {
    /// Where an order on this side would be; nowhere without what it follows, or where no price can be.
    pub(crate) fn target(&self, side: Side, references: References) -> Option<Price> {
        let [bid, ask] = references.map(|price| price.map(|price| i128::from(price.0)));
        let reference = match (self.peg.to, side) {
            (PegTo::Primary, Side::Buy) | (PegTo::Market, Side::Sell) => bid?,
            (PegTo::Primary, Side::Sell) | (PegTo::Market, Side::Buy) => ask?,
            (PegTo::Mid, Side::Buy) => (bid? + ask?).div_euclid(2),
            (PegTo::Mid, Side::Sell) => (bid? + ask? + 1).div_euclid(2),
        };
        let (price, limit) = (reference + i128::from(self.peg.offset), i128::from(self.limit.0));
        let within = if side == Side::Buy { price.min(limit) } else { price.max(limit) };
        u64::try_from(within).ok().filter(|price| *price > 0).map(Price)
    }
}

impl<B: OrderBook> Market<B> {
    /// The best prices of orders that show and are not pegged themselves.
    pub(crate) fn peg_references(&self) -> References {
        [Side::Buy, Side::Sell].map(|side| {
            let mut best = None;
            self.book.walk(side, &mut |order| {
                let rare = self.clerk.terms(order.slot.0).rare;
                if !rare.is_pegged() && !rare.is_hidden() {
                    best = Some(order.price);
                }
                best.is_none()
            });
            best
        })
    }
}
