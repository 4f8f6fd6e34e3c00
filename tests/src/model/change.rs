//! Cancels and amends.

use papertape_engine::{
    AccountId, AmendOrder, AmendPriority, Amended, CancelCause, Cancelled, Event, InstrumentId, OrderId, OrderRef,
    Phase, Qty, Reason, Side, WaitState,
};

use super::limits::has_few_parts;
use super::trade::Taken;
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
        let mut resting: Vec<&Order> = self.orders.iter().collect();
        resting.sort_by_key(|order| order.arrival);
        let resting = resting.into_iter().map(|order| (order.id, order.account, order.instrument, order.side));
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
        if old.peg.is_some() {
            return Err(Reason::OrderPegged);
        }
        let market = *self.market(old.instrument)?;
        self.check_rate(old.account, old.instrument, &market, 1)?;
        match market.phase {
            Phase::Halted => return Err(Reason::InstrumentHalted),
            Phase::Closed => return Err(Reason::InstrumentClosed),
            Phase::Auction | Phase::Continuous => {}
        }
        let asked = amend.price.unwrap_or(old.price);
        let qty = amend.qty.map_or(old.qty, |qty| qty.0);
        let filled = old.qty - old.leaves;
        if qty <= filled {
            return Err(Reason::QtyBelowFilled);
        }
        let price = self.price_of(&market, (old.instrument, old.side, old.post_only), asked, qty)?;
        if price == old.price && qty == old.qty {
            return Err(Reason::NothingToAmend);
        }
        if old.display.is_some_and(|display| display > 0 && !has_few_parts(display, qty - filled)) {
            return Err(Reason::InvalidDisplay);
        }
        market.check_limit(price, qty)?;
        if !market.limit_is_in_band(price) {
            return Err(Reason::PriceOutOfBand);
        }
        let leaves = qty - filled;
        let mut new = Order { price, qty, leaves, shown: leaves, ..old };
        let may_keep = market.spec.amend_priority == AmendPriority::KeepIfReduced && old.display.is_none();
        let kept_priority = may_keep && price == old.price && qty < old.qty;
        let amended = Event::Amended(Amended {
            order: old.id,
            account: old.account,
            instrument: old.instrument,
            side: old.side,
            old_price: old.price,
            old_leaves_qty: Qty(old.leaves),
            old_shown_qty: Qty(old.shown),
            price,
            qty: Qty(qty),
            leaves_qty: Qty(new.leaves),
            kept_priority,
        });
        let at = self.orders.iter().position(|order| order.id == old.id).expect("it was just found");
        let paid_with = market.paid_with(old.side);
        if kept_priority {
            self.orders[at] = new;
            self.rate(old.account, old.instrument);
            self.touch(old.account, paid_with);
            events.push(amended);
            return Ok(());
        }
        let need = market.worst_cost(new.side, price, new.leaves, &new.fees).ok_or(Reason::AmountTooLarge)?;
        if need > self.free(old.account, paid_with) + self.hold(&old) {
            return Err(Reason::InsufficientFunds);
        }
        self.check_position(old.account, &market, old.instrument, old.side, leaves, Some(old.id))?;
        self.check_reduces(&new)?;
        self.check_level(new.instrument, new.side, price, new.leaves, Some(old.id))?;
        self.rate(old.account, old.instrument);
        if price != asked {
            self.notes.push("post-only order repriced by an amend");
        }
        if old.display.is_some() {
            self.notes.push(if old.is_hidden() { "hidden order amended" } else { "iceberg amended" });
        }
        self.orders.remove(at);
        self.leave_top(&old);
        self.touch(old.account, paid_with);
        events.push(amended);
        let trade = if market.phase == Phase::Continuous { new.leaves } else { 0 };
        match self.take(&mut new, Some(price), trade, events) {
            Taken::Done => self.rest(new, events),
            Taken::Over => self.end_taker(&new, CancelCause::SelfTrade, events),
            Taken::Outside => {
                self.notes.push("band stopped an amend");
                if self.is_interrupted_by_bands(new.instrument) {
                    self.rest(new, events);
                } else {
                    self.end_taker(&new, CancelCause::PriceBand, events);
                }
                self.interrupt(new.instrument, events);
            }
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

    /// Ends an open order.
    pub(super) fn end(&mut self, id: OrderId, cause: CancelCause, events: &mut Vec<Event>) {
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
            leaves_qty: Qty(order.leaves),
            shown_qty: Qty(order.shown),
            cause,
        }));
    }
}
