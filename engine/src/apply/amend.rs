//! New terms for a resting order. A smaller quantity at the same price keeps its place in the queue; anything else
//! goes to the tail and may take (Binance Spot's and CME's common ground). A refused amend changes nothing.

use super::place::{behind, check_limit, has_few_parts, tighter};
use super::self_trade::Prevention;
use super::sweep::Taker;
use crate::book::{OrderBook, Resting};
use crate::command::{AmendOrder, Side, Stamp};
use crate::engine::{Desk, Engine};
use crate::event::{Amended, Event};
use crate::instrument::{AmendPriority, Phase};
use crate::market::Market;
use crate::orders::{Located, Pulled};
use crate::reason::{CancelCause, Reason};
use crate::units::{Amount, Price, Qty};

/// The terms that an amend asks for.
pub(super) struct NewTerms {
    pub(super) price: Price,
    pub(super) qty: Qty,
    pub(super) leaves: Qty,
}

impl<B: OrderBook> Engine<B> {
    pub(super) fn amend(&mut self, stamp: Stamp, amend: &AmendOrder, events: &mut Vec<Event>) -> Result<(), Reason> {
        let located = match self.locate(amend.account, amend.order) {
            Err(Reason::UnknownOrder) => return Err(self.why_not_amended(amend)),
            located => located?,
        };
        let resting = self.resting(located);
        self.desk.switches.check(amend.account, located.instrument)?;
        let market = &self.markets[usize::from(located.instrument.0)];
        if market.clerk.terms(located.slot.0).linked && self.desk.lists.of(resting.id).is_some() {
            return Err(Reason::OrderInList);
        }
        if market.clerk.terms(located.slot.0).rare.is_pegged() {
            return Err(Reason::OrderPegged);
        }
        self.check_rate(amend.account, located.instrument, stamp.time_ns, 1)?;
        match market.phase {
            Phase::Halted => return Err(Reason::InstrumentHalted),
            Phase::Closed => return Err(Reason::InstrumentClosed),
            Phase::Auction | Phase::Continuous => {}
        }
        let total = market.clerk.terms(located.slot.0).qty;
        let (price, qty) = (amend.price.unwrap_or(resting.price), amend.qty.unwrap_or(total));
        let filled = total - resting.leaves_qty;
        if qty <= filled {
            return Err(Reason::QtyBelowFilled);
        }
        let post_only = market.clerk.terms(located.slot.0).post_only;
        let price = if post_only { behind(market, resting.side, (price, qty))? } else { price };
        if price == resting.price && qty == total {
            return Err(Reason::NothingToAmend);
        }
        let terms = market.clerk.terms(located.slot.0);
        let display = if terms.rare.is_iceberg() { market.clerk.display(located.slot.0) } else { None };
        if display.is_some_and(|display| !has_few_parts(display, qty - filled)) {
            return Err(Reason::InvalidDisplay);
        }
        check_limit(&market.clerk.instrument, price, qty)?;
        market.clerk.check_band(price)?;
        let new = NewTerms { price, qty, leaves: qty - filled };
        let keeps = !terms.rare.is_iceberg()
            && !terms.rare.is_hidden()
            && market.clerk.instrument.spec.amend_priority == AmendPriority::KeepIfReduced;
        if keeps && price == resting.price && new.leaves < resting.leaves_qty {
            self.shrink(located, &resting, &new, events);
        } else {
            self.check_move(market, &resting, &new)?;
            self.requeue(located, &resting, &new, events);
        }
        self.count_rate(amend.account, located.instrument, stamp.time_ns, 1);
        Ok(())
    }

    /// No such order rests.
    #[cold]
    fn why_not_amended(&self, amend: &AmendOrder) -> Reason {
        let (order, terms) = match self.locate_unseen(amend.account, amend.order) {
            Ok(found) => found,
            Err(reason) => return reason,
        };
        match self.desk.switches.check(amend.account, terms.instrument) {
            Err(reason) => reason,
            Ok(()) if self.desk.lists.of(order).is_some() => Reason::OrderInList,
            Ok(()) => Reason::OrderWaits,
        }
    }

    /// Funds, room and post-only of an order that goes to the tail.
    fn check_move(&self, market: &Market<B>, resting: &Resting, new: &NewTerms) -> Result<(), Reason> {
        let terms = market.clerk.terms(resting.slot.0);
        let need =
            market.clerk.worst_cost(resting.side, new.price, new.leaves, &terms.fees).ok_or(Reason::AmountTooLarge)?;
        let row = self.desk.holdings.at(terms.holding).hold_row(resting.side);
        let free = self.desk.ledger.at(row).free;
        if need > free + market.clerk.hold_of(resting) {
            return Err(Reason::InsufficientFunds);
        }
        let limited = market.clerk.instrument.spec.filters.position_max != Amount::MAX;
        if limited && resting.side == Side::Buy {
            self.check_position_with(market, terms.account, new.leaves, Some(resting.slot))?;
        }
        if terms.rare.is_reduce_only() {
            self.check_reduces(market, terms.account, resting.side, new.leaves, Some(resting.id))?;
        }
        // At its own price the level must only take what is added: the order is still part of it.
        let own = if new.price == resting.price { resting.leaves_qty } else { Qty::ZERO };
        let more = Qty(new.leaves.0.saturating_sub(own.0));
        if market.can_rest(resting.side, new.price, more) { Ok(()) } else { Err(Reason::BookFull) }
    }

    fn shrink(&mut self, located: Located, resting: &Resting, new: &NewTerms, events: &mut Vec<Event>) {
        let Desk { ledger, holdings, .. } = &mut self.desk;
        let market = &mut self.markets[usize::from(located.instrument.0)];
        let before = market.clerk.hold_of(resting);
        let old_shown_qty = resting.leaves_qty;
        market.book.take(located.slot, resting.leaves_qty - new.leaves);
        market.clerk.terms_mut(located.slot.0).qty = new.qty;
        let after = market.clerk.hold_of(&Resting { leaves_qty: new.leaves, ..*resting });
        let terms = market.clerk.terms(located.slot.0);
        ledger.change(holdings.at(terms.holding).hold_row(resting.side), before - after, after - before);
        events.push(amended(located, (resting, old_shown_qty), new, terms.account, true));
    }

    pub(super) fn requeue(&mut self, located: Located, resting: &Resting, new: &NewTerms, events: &mut Vec<Event>) {
        let instrument = located.instrument;
        let Pulled { mut terms, shown_qty, display } = self.pull(located, resting);
        terms.qty = new.qty;
        let name = terms.name;
        events.push(amended(located, (resting, shown_qty), new, terms.account, false));
        let prevention = Prevention::GoesOn;
        let mut taker = Taker { order: resting.id, side: resting.side, terms, leaves: new.leaves, display, prevention };
        let continuous = self.markets[usize::from(instrument.0)].phase == Phase::Continuous;
        let sweep = if continuous { new.leaves } else { Qty::ZERO };
        let band = self.markets[usize::from(instrument.0)].clerk.band(taker.side).filter(|_| continuous);
        let worst = tighter(taker.side, Some(new.price), band);
        self.sweep(instrument, &mut taker, worst, sweep, events);
        let stopped = band.is_some_and(|band| self.stops((instrument, band), &taker, Some(new.price)));
        if taker.prevention == Prevention::Ended {
            self.end_taker(&taker, instrument, CancelCause::SelfTrade, events);
        } else if stopped {
            self.stop_at_band(instrument, &taker, Some(new.price), events);
        } else if taker.leaves.is_zero() {
            self.desk.end_name(name);
        } else {
            self.rest_taker(instrument, &taker, new.price, events);
        }
    }
}

fn amended(
    located: Located,
    (resting, old_shown_qty): (&Resting, Qty),
    new: &NewTerms,
    account: crate::ids::AccountId,
    kept_priority: bool,
) -> Event {
    Event::Amended(Amended {
        order: resting.id,
        account,
        instrument: located.instrument,
        side: resting.side,
        old_price: resting.price,
        old_leaves_qty: resting.leaves_qty,
        old_shown_qty,
        price: new.price,
        qty: new.qty,
        leaves_qty: new.leaves,
        kept_priority,
    })
}
