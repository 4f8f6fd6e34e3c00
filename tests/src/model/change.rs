//! Cancels and amends.

use papertape_engine::{
    AccountId, AmendOrder, Amended, CancelCause, Cancelled, Event, InstrumentId, OrderId, OrderRef, Phase, Qty, Reason,
    Side, WaitState,
};

use super::{Model, Order};

impl Model {
    pub(super) fn cancel(
        &mut self,
        account: AccountId,
        order: OrderRef,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.check_account(account)?;
        let id = match self.find_waiting(account, order) {
            Some(waiting) => waiting.id,
            None => self.find(account, order)?.id,
        };
        self.end_any(id, CancelCause::User, events);
        Ok(())
    }

    /// One instrument after the other, in each the first come first.
    pub(super) fn cancel_all(
        &mut self,
        account: AccountId,
        instrument: Option<InstrumentId>,
        side: Option<Side>,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.check_account(account)?;
        if let Some(instrument) = instrument {
            self.market(instrument)?;
        }
        let orders = self.end_all(account, instrument, side, CancelCause::User, events);
        events.push(Event::CancelledAll { account, orders });
        Ok(())
    }

    /// Ends all orders of an account, or those of one instrument or side: in each instrument those that rest, the first come
    /// first, and then those that wait for a trigger, by number. Those that are pending end with their lists. Gives how
    /// many.
    pub(super) fn end_all(
        &mut self,
        account: AccountId,
        instrument: Option<InstrumentId>,
        side: Option<Side>,
        cause: CancelCause,
        events: &mut Vec<Event>,
    ) -> u32 {
        let resting = self.orders.iter().map(|order| (order.id, order.account, order.instrument, order.side));
        let waiting = self.waiting.iter().filter(|waiting| waiting.state != WaitState::Pending);
        let terms = waiting.map(|waiting| (waiting.id, waiting.terms));
        let waiting = terms.map(|(id, terms)| (id, terms.account, terms.instrument, terms.side));
        let mut ending: Vec<(InstrumentId, OrderId)> = Vec::new();
        for (id, whose, place, of) in resting.chain(waiting) {
            let meant = instrument.is_none_or(|instrument| instrument == place) && side.is_none_or(|side| side == of);
            if whose == account && meant {
                ending.push((place, id));
            }
        }
        // The sort keeps their order in each instrument.
        ending.sort_by_key(|(instrument, _)| *instrument);
        ending.iter().for_each(|(_, id)| self.end_any(*id, cause, events));
        ending.len() as u32
    }

    /// A smaller quantity at the same price keeps the place. Anything else arrives anew and may take.
    pub(super) fn amend(&mut self, amend: &AmendOrder, events: &mut Vec<Event>) -> Result<(), Reason> {
        self.check_account(amend.account)?;
        if let Some(waiting) = self.find_waiting(amend.account, amend.order) {
            let in_list = self.list_of(waiting.id).is_some();
            return Err(if in_list { Reason::OrderInList } else { Reason::OrderWaits });
        }
        let old = self.find(amend.account, amend.order)?;
        self.check_switches(old.account, old.instrument)?;
        if self.list_of(old.id).is_some() {
            return Err(Reason::OrderInList);
        }
        let market = *self.market(old.instrument)?;
        match market.phase {
            Phase::Halted => return Err(Reason::InstrumentHalted),
            Phase::Closed => return Err(Reason::InstrumentClosed),
            Phase::Auction | Phase::Continuous => {}
        }
        let price = amend.price.unwrap_or(old.price);
        let qty = amend.qty.map_or(old.qty, |qty| qty.0);
        let filled = old.qty - old.leaves;
        if qty <= filled {
            return Err(Reason::QtyBelowFilled);
        }
        if price == old.price && qty == old.qty {
            return Err(Reason::NothingToAmend);
        }
        market.check_limit(price, qty)?;
        let mut new = Order { price, qty, leaves: qty - filled, ..old };
        let kept_priority = price == old.price && qty < old.qty;
        let amended = Event::Amended(Amended {
            order: old.id,
            account: old.account,
            instrument: old.instrument,
            side: old.side,
            old_price: old.price,
            old_leaves_qty: Qty(old.leaves),
            price,
            qty: Qty(qty),
            leaves_qty: Qty(new.leaves),
            kept_priority,
        });
        let at = self.orders.iter().position(|order| order.id == old.id).expect("it was just found");
        let paid_with = market.paid_with(old.side);
        if kept_priority {
            self.orders[at] = new;
            self.touch(old.account, paid_with);
            events.push(amended);
            return Ok(());
        }
        let need = market.worst_cost(new.side, price, new.leaves, &new.fees).ok_or(Reason::AmountTooLarge)?;
        if need > self.free(old.account, paid_with) + self.hold(&old) {
            return Err(Reason::InsufficientFunds);
        }
        if new.post_only && self.would_take(new.instrument, new.side, price) {
            return Err(Reason::PostOnlyWouldTake);
        }
        self.check_level(new.instrument, new.side, price, new.leaves, Some(old.id))?;
        self.orders.remove(at);
        self.leave_top(&old);
        self.touch(old.account, paid_with);
        events.push(amended);
        let trade = if market.phase == Phase::Continuous { new.leaves } else { 0 };
        if self.take(&mut new, Some(price), trade, events) {
            self.end_taker(&new, events);
        } else {
            self.rest(new, events);
        }
        Ok(())
    }

    /// An account's open order. Another account's is as good as none.
    fn find(&self, account: AccountId, order: OrderRef) -> Result<Order, Reason> {
        let id = match order {
            OrderRef::Id(id) => Some(id),
            OrderRef::Client(name) => self.order_named(account, name),
        };
        let own = |order: &&Order| Some(order.id) == id && order.account == account;
        self.orders.iter().find(own).copied().ok_or(Reason::UnknownOrder)
    }

    /// Ends an open order of which `leaves` lots are left.
    pub(super) fn end(&mut self, id: OrderId, leaves: u64, cause: CancelCause, events: &mut Vec<Event>) {
        let at = self.orders.iter().position(|order| order.id == id).expect("the order is open");
        let order = self.orders.remove(at);
        self.leave_top(&order);
        self.heard_of_end(id, cause);
        self.end_name(id);
        self.touch(order.account, self.markets[usize::from(order.instrument.0)].paid_with(order.side));
        events.push(Event::Cancelled(Cancelled {
            order: id,
            account: order.account,
            instrument: order.instrument,
            side: order.side,
            rested_at: Some(order.price),
            leaves_qty: Qty(leaves),
            cause,
        }));
    }
}
