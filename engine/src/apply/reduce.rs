//! Orders that may only reduce a position: what they are asked, and what becomes of them when the position falls.

use std::collections::BTreeMap;

use super::place::Intent;
use crate::book::{OrderBook, Slot, crosses};
use crate::command::{OrderKind, PlaceOrder, Side, TimeInForce};
use crate::engine::Engine;
use crate::event::Event;
use crate::ids::{AccountId, InstrumentId, OrderId};
use crate::instrument::{Allocation, Instrument};
use crate::market::Market;
use crate::reason::{CancelCause, Reason};
use crate::units::{Amount, Price, Qty};

impl<B: OrderBook> Engine<B> {
    /// How many of its lots a new reduce-only order may trade: an order that stays all of them, or it is refused.
    #[cold]
    pub(super) fn check_reduce_only(&self, market: &Market<B>, order: &PlaceOrder, qty: Qty) -> Result<Qty, Reason> {
        if order.time_in_force.stays() {
            return self.check_reduces(market, order.account, order.side, qty, None).map(|()| qty);
        }
        let room = self.room(market, order.account, order.side, None);
        // As many whole lots as there is room for.
        let lots = room.0.unsigned_abs() / market.clerk.instrument.spec.lot.0.unsigned_abs().max(1);
        let may = qty.min(Qty(u64::try_from(lots).unwrap_or(u64::MAX)));
        if may.is_zero() { Err(Reason::ReduceOnly) } else { Ok(may) }
    }

    /// Whether an account's position leaves room for a reduce-only order of so many lots. `except` is an open one that it
    /// replaces.
    #[cold]
    pub(super) fn check_reduces(
        &self,
        market: &Market<B>,
        account: AccountId,
        side: Side,
        qty: Qty,
        except: Option<OrderId>,
    ) -> Result<(), Reason> {
        let base = market.clerk.instrument.base_value(qty).ok_or(Reason::AmountTooLarge)?;
        let fits = base <= self.room(market, account, side, except);
        if fits { Ok(()) } else { Err(Reason::ReduceOnly) }
    }

    /// The position that other reduce-only orders of the account leave, in base units.
    fn room(&self, market: &Market<B>, account: AccountId, side: Side, except: Option<OrderId>) -> Amount {
        let holding = self.desk.holdings.find(account, market.clerk.instrument_id);
        let had = holding.map_or(Amount::ZERO, |row| self.desk.holdings.at(row).position.reducible(side));
        let others = market.clerk.closers.of(account, side).filter(|(order, _)| Some(*order) != except);
        others.fold(had, |left, (_, slot)| (left - self.base_left(market, slot)).max(Amount::ZERO))
    }

    /// What is left of a resting order, in base units.
    fn base_left(&self, market: &Market<B>, slot: Slot) -> Amount {
        let resting = market.get(slot).expect("the index of reduce-only orders names open orders only");
        market.clerk.instrument.base_value(resting.leaves_qty).expect("an accepted order's base value was checked")
    }

    /// After trades: reduce-only orders that their accounts' positions no longer cover end, the latest accepted first.
    #[cold]
    pub(super) fn end_uncovered(&mut self, seen: usize, events: &mut Vec<Event>) {
        let mut fallen: Vec<(InstrumentId, AccountId, Side)> = Vec::new();
        for event in &events[seen..] {
            if let Event::Trade(trade) = event {
                for side in [Side::Sell, Side::Buy] {
                    let account = trade.party(side).account;
                    let known = fallen.contains(&(trade.instrument, account, side));
                    let closers = &self.markets[usize::from(trade.instrument.0)].clerk.closers;
                    if !known && closers.has(account, side) {
                        fallen.push((trade.instrument, account, side));
                    }
                }
            }
        }
        for (instrument, account, side) in fallen {
            self.end_beyond(instrument, (account, side), Amount::ZERO, events);
        }
    }

    /// Ends an account's latest reduce-only orders until the position covers the others, and `beside` as well.
    fn end_beyond(
        &mut self,
        instrument: InstrumentId,
        (account, side): (AccountId, Side),
        beside: Amount,
        events: &mut Vec<Event>,
    ) {
        let market = &self.markets[usize::from(instrument.0)];
        let holding = self.desk.holdings.find(account, instrument);
        let had = holding.map_or(Amount::ZERO, |row| self.desk.holdings.at(row).position.reducible(side));
        let mut left = (had - beside).max(Amount::ZERO);
        // The oldest keep what there is.
        let mut ending = Vec::new();
        for (order, slot) in market.clerk.closers.of(account, side) {
            let base = self.base_left(market, slot);
            if base > left || !ending.is_empty() {
                ending.push(order);
            } else {
                left -= base;
            }
        }
        for order in ending.into_iter().rev() {
            self.end_open(order, CancelCause::ReduceOnly, events);
        }
    }

    /// Before an uncross: reduce-only orders that could trade in it end, unless their account's position covers them together
    /// with everything else that the account could trade on that side.
    #[cold]
    pub(super) fn end_uncovered_before_uncross(&mut self, instrument: InstrumentId, events: &mut Vec<Event>) {
        let owners = self.markets[usize::from(instrument.0)].clerk.closers.owners();
        let mut sums: [Option<Beside>; 2] = [None, None];
        for (account, side) in &owners {
            let worst = self.markets[usize::from(instrument.0)].book.best_of_all(side.opposite());
            let known = sums[*side as usize].take().filter(|known| known.worst == worst);
            let known = known.unwrap_or_else(|| self.could_trade(instrument, *side, worst, &owners));
            let beside = known.of.get(account).copied().unwrap_or_default();
            sums[*side as usize] = Some(known);
            self.end_beyond(instrument, (*account, *side), beside, events);
        }
    }

    /// What orders on a side that are not reduce-only could trade in an uncross, by the accounts that have reduce-only ones
    /// there.
    fn could_trade(
        &self,
        instrument: InstrumentId,
        side: Side,
        worst: Option<Price>,
        owners: &[(AccountId, Side)],
    ) -> Beside {
        let market = &self.markets[usize::from(instrument.0)];
        let own = owners.iter().filter(|(_, of)| *of == side);
        let mut of: BTreeMap<AccountId, Amount> = own.map(|(account, _)| (*account, Amount::ZERO)).collect();
        let reaches = |price: Price| worst.is_some_and(|worst| crosses(side, price, worst));
        market.book.walk(side, &mut |order| {
            let terms = market.clerk.terms(order.slot.0);
            if reaches(order.price)
                && !terms.rare.is_reduce_only()
                && let Some(sum) = of.get_mut(&terms.account)
            {
                *sum = sum.checked_add(self.base_left(market, order.slot)).unwrap_or(Amount::MAX);
            }
            reaches(order.price)
        });
        Beside { worst, of }
    }
}

/// What accounts could trade in an uncross beside their reduce-only orders on a side, in base units.
struct Beside {
    /// The best price of the other side.
    worst: Option<Price>,
    of: BTreeMap<AccountId, Amount>,
}

/// What an order that passed every check will do, if it may trade only so many of its lots, or has a minimum quantity.
#[cold]
pub(super) fn narrow(intent: Intent, order: &PlaceOrder, may: Qty, fillable: impl FnOnce() -> Qty) -> Intent {
    if !order.min_qty.is_zero() && fillable().min(may) < order.min_qty {
        return Intent { sweep: Qty::ZERO, remainder: Some(CancelCause::MinQty), ..intent };
    }
    if may >= intent.qty {
        return intent;
    }
    match order.time_in_force {
        TimeInForce::Fok => Intent { sweep: Qty::ZERO, ..intent },
        _ => Intent { sweep: intent.sweep.min(may), remainder: Some(CancelCause::ReduceOnly), ..intent },
    }
}

/// What a reduce-only order, one with a minimum quantity, a pegged one, and one for an auction's surplus must be by itself.
#[inline]
pub(super) fn check_attributes(instrument: &Instrument, order: &PlaceOrder) -> Result<(), Reason> {
    if order.is_usual() & !order.imbalance_only { Ok(()) } else { check_rare(instrument, order) }
}

#[cold]
fn check_rare(instrument: &Instrument, order: &PlaceOrder) -> Result<(), Reason> {
    let qty = order.kind.qty();
    if order.reduce_only && (qty.is_none() || instrument.spec.allocation != Allocation::Fifo) {
        return Err(Reason::InvalidReduceOnly);
    }
    let fits = qty.is_some_and(|qty| order.min_qty <= qty) && !order.post_only;
    if !order.min_qty.is_zero() && (!fits || order.time_in_force == TimeInForce::Fok) {
        return Err(Reason::InvalidMinQty);
    }
    let stays = matches!(order.kind, OrderKind::Limit { .. }) && order.time_in_force.stays();
    let plain = stays && order.trigger.is_none() && order.min_qty.is_zero();
    let by_time = instrument.spec.allocation == Allocation::Fifo;
    if order.peg.is_some() && !(plain && by_time) {
        return Err(Reason::InvalidPeg);
    }
    // Those that wait for an auction have left before.
    if order.imbalance_only { Err(Reason::InvalidImbalanceOnly) } else { Ok(()) }
}
