//! Cancels and amends.

use papertape_engine::{
    AccountId, AmendOrder, Amended, CancelCause, Cancelled, Event, InstrumentId, OrderId, OrderRef, Phase, Qty, Reason,
    Side,
};

use super::{Model, Order};

impl Model {
    pub(super) fn cancel(
        &mut self,
        account: AccountId,
        order: OrderRef,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        let order = self.find(account, order)?;
        self.end(order.id, order.leaves, CancelCause::User, events);
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
        let meant = |order: &&Order| {
            order.account == account
                && instrument.is_none_or(|instrument| order.instrument == instrument)
                && side.is_none_or(|side| order.side == side)
        };
        let mut ending: Vec<Order> = self.orders.iter().filter(meant).copied().collect();
        ending.sort_by_key(|order| order.instrument);
        for order in &ending {
            self.end(order.id, order.leaves, CancelCause::User, events);
        }
        events.push(Event::CancelledAll { account, orders: ending.len() as u32 });
        Ok(())
    }

    /// A smaller quantity at the same price keeps the place. Anything else arrives anew and may take.
    pub(super) fn amend(&mut self, amend: &AmendOrder, events: &mut Vec<Event>) -> Result<(), Reason> {
        let old = self.find(amend.account, amend.order)?;
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
        self.check_account(account)?;
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
