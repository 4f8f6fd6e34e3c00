//! Pegged orders: where they are, and how they follow.

use papertape_engine::{
    Allocation, Amended, CancelCause, Event, InstrumentId, OrderId, OrderKind, Peg, PegTo, Phase, PlaceOrder,
    PostOnlyRule, Price, Qty, Reason, Side,
};

use super::place::stays;
use super::trade::Taken;
use super::{Market, Model, Order};

/// The best bid and the best ask that pegs look at.
pub(super) type Best = [Option<Price>; 2];

/// Where a peg says that an order is to be.
fn target((peg, limit): (Peg, Price), side: Side, [bid, ask]: Best) -> Option<Price> {
    let (own, other) = if side == Side::Buy { (bid, ask) } else { (ask, bid) };
    let from = match peg.to {
        PegTo::Primary => i128::from(own?.0),
        PegTo::Market => i128::from(other?.0),
        PegTo::Mid => {
            let sum = i128::from(own?.0) + i128::from(other?.0);
            if side == Side::Buy { sum / 2 } else { sum / 2 + sum % 2 }
        }
    };
    let (price, limit) = (from + i128::from(peg.offset), i128::from(limit.0));
    let price = if side == Side::Buy { price.min(limit) } else { price.max(limit) };
    u64::try_from(price).ok().filter(|price| *price > 0).map(Price)
}

impl Model {
    /// Prices that show, of orders that are not pegged themselves.
    fn best_for_pegs(&self, instrument: InstrumentId) -> Best {
        [Side::Buy, Side::Sell].map(|side| {
            let counts = |order: &Order| !order.is_hidden() && order.peg.is_none();
            self.queue(instrument, side).into_iter().find(counts).map(|order| order.price)
        })
    }

    pub(super) fn pegged(&self, instrument: InstrumentId) -> Vec<OrderId> {
        let here = self.orders.iter().filter(|order| order.instrument == instrument && order.peg.is_some());
        let mut pegged: Vec<OrderId> = here.map(|order| order.id).collect();
        pegged.sort();
        pegged
    }

    /// The price at which a new pegged order comes.
    pub(super) fn pegged_price(
        &self,
        market: &Market,
        order: &PlaceOrder,
        (peg, limit): (Peg, Price),
        qty: u64,
    ) -> Result<Price, Reason> {
        let price = target((peg, limit), order.side, self.best_for_pegs(order.instrument));
        let price = price.ok_or(Reason::NoReferencePrice)?;
        market.check_limit(price, qty)?;
        self.price_of(market, (order.instrument, order.side, order.post_only), price, qty)
    }

    /// The first pegged order of an instrument looks at the prices as they are.
    pub(super) fn begin_to_follow(&mut self, instrument: InstrumentId) {
        if self.pegged(instrument).is_empty() {
            self.markets[usize::from(instrument.0)].pegged_to = self.best_for_pegs(instrument);
        }
    }

    /// Where prices that are followed have changed, the next order follows. Says whether one has moved.
    pub(super) fn follow(&mut self, events: &mut Vec<Event>) -> bool {
        for instrument in (0..self.markets.len()).map(|n| InstrumentId(n as u16)) {
            let pegged = self.pegged(instrument);
            let market = self.markets[usize::from(instrument.0)];
            if market.phase != Phase::Continuous || pegged.is_empty() {
                if self.due.iter().any(|(of, _)| *of == instrument) {
                    self.due.retain(|(of, _)| *of != instrument);
                    self.markets[usize::from(instrument.0)].pegged_to = [None; 2];
                }
                continue;
            }
            let best = self.best_for_pegs(instrument);
            if best != market.pegged_to {
                self.markets[usize::from(instrument.0)].pegged_to = best;
                self.due.retain(|(of, _)| *of != instrument);
                self.due.extend(pegged.into_iter().map(|order| (instrument, order)));
            }
            while let Some(at) = self.due.iter().position(|(of, _)| *of == instrument) {
                let (_, order) = self.due.remove(at);
                if self.move_peg(order, events) {
                    return true;
                }
            }
        }
        false
    }

    fn move_peg(&mut self, id: OrderId, events: &mut Vec<Event>) -> bool {
        let Some(old) = self.orders.iter().find(|order| order.id == id).copied() else { return false };
        let market = self.markets[usize::from(old.instrument.0)];
        let Some(price) = self.next_price(&market, &old).filter(|price| *price != old.price) else { return false };
        let fits = market.worst_cost(old.side, price, old.leaves, &old.fees).is_some()
            && self.check_level(old.instrument, old.side, price, old.leaves, None).is_ok();
        if !fits {
            self.notes.push("peg stayed for want of room");
            return false;
        }
        self.notes.push("peg followed");
        events.push(Event::Amended(Amended {
            order: old.id,
            account: old.account,
            instrument: old.instrument,
            side: old.side,
            old_price: old.price,
            old_leaves_qty: Qty(old.leaves),
            old_shown_qty: Qty(old.shown),
            price,
            qty: Qty(old.qty),
            leaves_qty: Qty(old.leaves),
            kept_priority: false,
        }));
        self.orders.retain(|order| order.id != id);
        self.touch(old.account, market.paid_with(old.side));
        let mut new = Order { price, shown: old.leaves, ..old };
        let taken = self.take(&mut new, Some(price), old.leaves, events);
        if new.leaves < old.leaves {
            self.notes.push("peg took when it followed");
        }
        match taken {
            Taken::Done => self.rest(new, events),
            Taken::Over => self.end_taker(&new, CancelCause::SelfTrade, events),
            Taken::Outside => {
                if self.is_interrupted_by_bands(new.instrument) {
                    self.rest(new, events);
                } else {
                    self.end_taker(&new, CancelCause::PriceBand, events);
                }
                self.interrupt(new.instrument, events);
            }
        }
        true
    }

    /// Where an order may follow to.
    fn next_price(&self, market: &Market, order: &Order) -> Option<Price> {
        let mut price = target(order.peg?, order.side, market.pegged_to)?;
        if order.post_only && self.would_take(order.instrument, order.side, price) {
            if market.spec.post_only == PostOnlyRule::Reject {
                return None;
            }
            let best = self.queue(order.instrument, order.side.opposite())[0].price.0;
            price = Price(if order.side == Side::Buy { best - 1 } else { best.checked_add(1)? });
        }
        let filters = &market.spec.filters;
        let allowed = price >= filters.price_min && price <= filters.price_max && market.limit_is_in_band(price);
        Some(price).filter(|price| allowed && price.0 > 0)
    }
}

impl Market {
    /// What a pegged order must be.
    pub(super) fn check_peg(&self, order: &PlaceOrder) -> Result<(), Reason> {
        let is_limit = matches!(order.kind, OrderKind::Limit { .. }) && stays(order.time_in_force);
        let alone = order.trigger.is_none() && order.min_qty.0 == 0 && self.spec.allocation == Allocation::Fifo;
        if order.peg.is_none() || (is_limit && alone) { Ok(()) } else { Err(Reason::InvalidPeg) }
    }
}
