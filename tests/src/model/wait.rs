//! Orders that wait: for a trigger, or for the first order of their list.

use papertape_engine::{
    AccountId, CancelCause, Cancelled, Command, Event, InstrumentId, OrderId, OrderKind, OrderRef, Phase, PlaceOrder,
    Price, Qty, Reason, Side, Trail, Trigger, TriggerAtEntry, WaitState,
};

use super::at_auction::is_at_auction;
use super::place::{check_flags, check_phase, stays};
use super::trigger::{is_reached, turn};
use super::{Fees, Market, Model};

/// An order that is in no book.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) id: OrderId,
    /// As accepted: the mode that applies is named.
    pub(super) terms: PlaceOrder,
    pub(super) fees: Fees,
    /// What it holds of the asset that it would pay with.
    pub(super) held: i128,
    pub(super) state: WaitState,
    /// Prices of the current command that were there before it: it does not look at them.
    pub(super) from: usize,
}

impl Model {
    /// A new order with a trigger.
    pub(super) fn place_waiting(
        &mut self,
        order: &PlaceOrder,
        trigger: &Trigger,
        market: &Market,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        check_phase(market.phase)?;
        self.check_waiting(order, trigger, market)?;
        let is_met = self.check_trigger(order, trigger, market)?;
        if is_met && market.spec.trigger_at_entry == TriggerAtEntry::Refuse {
            return Err(Reason::TriggerAlreadyMet);
        }
        let need = self.need(order, &Fees::new(&market.spec)).ok_or(Reason::AmountTooLarge)?;
        self.check_funds(market, order, need)?;
        self.check_count(order.account, order.instrument, 1)?;
        let id = self.accept(order, None, events);
        self.take_name(order.account, order.client_order_id, id, &Command::Place(*order));
        self.add_pending(id, order);
        self.begin_to_wait(id, need);
        Ok(())
    }

    /// What can be said of an order with a trigger whatever the phase and the reference are.
    pub(super) fn check_waiting(&self, order: &PlaceOrder, trigger: &Trigger, market: &Market) -> Result<(), Reason> {
        let staying = stays(order.time_in_force);
        match order.kind {
            OrderKind::MarketQuote { .. } => return Err(Reason::TriggerNeedsQty),
            _ if !is_possible(trigger) => return Err(Reason::InvalidTrigger),
            _ if is_at_auction(order) => return Err(Reason::AtAuctionPlain),
            OrderKind::Limit { .. } if order.post_only && !staying => return Err(Reason::PostOnlyNotResting),
            OrderKind::Market { .. } if order.post_only => return Err(Reason::PostOnlyNotResting),
            OrderKind::MarketToLimit { .. } => check_flags(order)?,
            OrderKind::Limit { .. } | OrderKind::Market { .. } => {}
        }
        market.check_display(order)?;
        market.check_attributes(order)?;
        self.check_expiry(order.time_in_force)?;
        let filters = &market.spec.filters;
        if trigger.price.is_some_and(|price| price < filters.price_min || price > filters.price_max) {
            return Err(Reason::PriceOutOfRange);
        }
        market.check_filters(order)
    }

    /// What the reference of the moment says of a trigger: whether it would fire at once.
    pub(super) fn check_trigger(&self, order: &PlaceOrder, trigger: &Trigger, market: &Market) -> Result<bool, Reason> {
        let reference = self.reference(order.instrument);
        if trigger.trail.is_some() {
            let lost = trigger.price.is_none() && reference.is_none();
            return if lost { Err(Reason::NoReferencePrice) } else { Ok(false) };
        }
        let reached = self.is_reached_now(order.instrument, order.side, trigger);
        Ok(reached && market.phase == Phase::Continuous)
    }

    /// What an order that waits holds, as seen now: what it would hold if it rested at its limit, or at the price at which
    /// it would fire.
    pub(super) fn need(&self, order: &PlaceOrder, fees: &Fees) -> Option<i128> {
        let market = &self.markets[usize::from(order.instrument.0)];
        let qty = order.kind.qty().expect("an order by quote amount does not wait");
        let price = match (order.kind, order.trigger) {
            (OrderKind::Limit { price, .. }, _) => price,
            (_, Some(trigger)) => {
                let from = trigger.price.or(self.reference(order.instrument)).expect("checked before");
                match trigger.trail.filter(|_| order.side == Side::Buy) {
                    Some(trail) => turn(trail, Side::Buy, from).unwrap_or(Price(u64::MAX)),
                    None => from,
                }
            }
            (_, None) => unreachable!("only an order with a trigger waits without a limit"),
        };
        market.worst_cost(order.side, price, qty.0, fees)
    }

    /// An order that was accepted does nothing yet and holds nothing.
    pub(super) fn add_pending(&mut self, id: OrderId, order: &PlaceOrder) {
        let market = self.market_for(order.account, order.instrument).expect("it was accepted there");
        let fees = Fees::new(&market.spec);
        let (terms, state) = (self.with_mode(order), WaitState::Pending);
        self.waiting.push(Waiting { id, terms, fees, held: 0, state, from: 0 });
    }

    /// It holds what it needs, and waits for its trigger; or fires if that has been reached already.
    pub(super) fn begin_to_wait(&mut self, id: OrderId, held: i128) {
        let at = self.waiting.iter().position(|waiting| waiting.id == id).expect("it was accepted");
        let terms = self.waiting[at].terms;
        let (instrument, side) = (terms.instrument, terms.side);
        let trigger = terms.trigger.expect("it has a trigger");
        let looks = self.markets[usize::from(instrument.0)].phase == Phase::Continuous;
        let reference = self.reference(instrument);
        // What trails from the beginning needs no phase for that; a price is reached where trading is continuous.
        let reached = reference.filter(|reference| is_reached(&trigger, side, *reference));
        let reached = reached.filter(|_| looks || trigger.price.is_none());
        let waiting = &mut self.waiting[at];
        (waiting.held, waiting.from, waiting.state) = (held, self.path.len(), WaitState::Armed);
        match reached {
            Some(best) if trigger.trail.is_some() => waiting.state = WaitState::Trailing { best },
            Some(reference) => self.queue.push((id, reference)),
            None => {}
        }
        self.touch_hold(terms.account, instrument, side, held);
    }

    /// The balance of which so much is held from now on, or no longer.
    pub(super) fn touch_hold(&mut self, account: AccountId, instrument: InstrumentId, side: Side, held: i128) {
        if held != 0 {
            self.touch(account, self.markets[usize::from(instrument.0)].paid_with(side));
        }
    }

    /// An account's order that waits. Another account's is as good as none.
    pub(super) fn find_waiting(&self, account: AccountId, order: OrderRef) -> Option<Waiting> {
        let id = match order {
            OrderRef::Id(id) => Some(id),
            OrderRef::Client(name) => self.order_named(account, name),
        };
        let own = |waiting: &&Waiting| Some(waiting.id) == id && waiting.terms.account == account;
        self.waiting.iter().find(own).copied()
    }

    /// Takes an order out of those that wait, and out of the queue. What it held is free.
    pub(super) fn take_waiting(&mut self, id: OrderId) -> Waiting {
        let at = self.waiting.iter().position(|waiting| waiting.id == id).expect("the order waits");
        let waiting = self.waiting.remove(at);
        let PlaceOrder { account, instrument, side, .. } = waiting.terms;
        self.queue.retain(|(queued, _)| *queued != id);
        self.touch_hold(account, instrument, side, waiting.held);
        waiting
    }

    /// Ends an order that rests or waits.
    pub(super) fn end_any(&mut self, id: OrderId, cause: CancelCause, events: &mut Vec<Event>) {
        if self.orders.iter().any(|order| order.id == id) {
            self.end(id, cause, events);
        } else {
            let waiting = self.take_waiting(id);
            self.end_before_it_came(id, &waiting.terms, cause, events);
        }
    }

    /// Tells that an order ended that was in no book.
    pub(super) fn end_before_it_came(
        &mut self,
        id: OrderId,
        terms: &PlaceOrder,
        cause: CancelCause,
        events: &mut Vec<Event>,
    ) {
        let PlaceOrder { account, instrument, side, kind, .. } = *terms;
        let (rested_at, leaves_qty, shown_qty) = (None, kind.qty().unwrap_or(Qty(0)), Qty(0));
        let ended = Cancelled { order: id, account, instrument, side, rested_at, leaves_qty, shown_qty, cause };
        events.push(Event::Cancelled(ended));
        self.heard_of_end(id, cause);
        self.end_name(id);
    }
}

/// Whether a trigger says what to wait for.
fn is_possible(trigger: &Trigger) -> bool {
    match trigger.trail {
        None => trigger.price.is_some(),
        Some(Trail::Ticks(ticks)) => ticks > 0,
        Some(Trail::BasisPoints(points)) => points > 0 && points < 10_000,
    }
}
