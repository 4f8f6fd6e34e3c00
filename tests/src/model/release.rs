//! What lists do when something happened to one of their orders.

use papertape_engine::{CancelCause, Event, OrderId, PlaceOrder, Reason};

use super::fire::cause_of;
use super::list::{List, first_of};
use super::place::{check_kind, check_phase};
use super::settle::{News, What};
use super::wait::Waiting;
use super::{Model, TimeInForce};

impl Model {
    /// Does what a list has to do for what happened to one of its orders. A list that is over has nothing to do.
    pub(super) fn work_list(&mut self, news: News, events: &mut Vec<Event>) {
        let Some(at) = self.list_of(news.order) else { return };
        let List { id, orders, has_working } = self.lists[at].clone();
        let is_working = has_working && orders[0] == news.order;
        match news.what {
            What::Filled if is_working => {}
            What::FilledWhole if is_working => {
                self.lists.remove(at);
                self.release(id, &orders[1..], events);
            }
            what => {
                self.lists.remove(at);
                if self.end_others(&orders, news.order, events) {
                    self.notes.push(note_of(what, is_working));
                }
            }
        }
    }

    /// Ends all orders of a list that is over but one, as far as they are open. Whether there were any.
    fn end_others(&mut self, orders: &[OrderId], but: OrderId, events: &mut Vec<Event>) -> bool {
        let others: Vec<OrderId> = orders.iter().copied().filter(|id| *id != but && self.is_open(*id)).collect();
        others.iter().for_each(|id| self.end_any(*id, CancelCause::List, events));
        !others.is_empty()
    }

    fn is_open(&self, id: OrderId) -> bool {
        self.orders.iter().any(|order| order.id == id) || self.waiting.iter().any(|waiting| waiting.id == id)
    }

    /// The working order was filled whole: what was pending comes.
    fn release(&mut self, list: OrderId, pending: &[OrderId], events: &mut Vec<Event>) {
        for id in pending {
            let PlaceOrder { account, instrument, side, .. } = self.pending(*id).terms;
            events.push(Event::Released { order: *id, account, instrument, side });
        }
        match *pending {
            [one] => self.release_one(one, events),
            [one, other] => self.release_pair(list, [one, other], events),
            _ => unreachable!("a list has two or three orders"),
        }
    }

    fn release_one(&mut self, id: OrderId, events: &mut Vec<Event>) {
        let Waiting { terms, fees, .. } = self.pending(id);
        if let Err(cause) = self.check_release(&terms) {
            self.end_any(id, cause, events);
        } else if terms.trigger.is_none() {
            self.notes.push("released to the book");
            self.take_waiting(id);
            self.come_late(id, &terms, fees, events);
        } else {
            let need = self.need(&terms, &fees).ok_or(Reason::AmountTooLarge);
            let market = self.markets[usize::from(terms.instrument.0)];
            match need.and_then(|need| self.check_funds(&market, &terms, need).map(|()| need)) {
                Ok(need) => {
                    self.notes.push("released to wait");
                    self.begin_to_wait(id, need);
                }
                Err(reason) => self.end_any(id, cause_of(reason), events),
            }
        }
    }

    fn release_pair(&mut self, list: OrderId, ids: [OrderId; 2], events: &mut Vec<Event>) {
        // From here on they are an OCO.
        self.lists.push(List { id: list, orders: ids.to_vec(), has_working: false });
        let orders = ids.map(|id| self.pending(id).terms);
        for (id, order) in ids.iter().zip(&orders) {
            if let Err(cause) = self.check_release(order) {
                return self.end_pair(ids, *id, cause, events);
            }
        }
        let mut needs = [0, 0];
        for n in [0, 1] {
            match self.need(&orders[n], &self.pending(ids[n]).fees) {
                Some(need) => needs[n] = need,
                None => return self.end_pair(ids, ids[n], CancelCause::NoRoom, events),
            }
        }
        let market = self.markets[usize::from(orders[0].instrument.0)];
        if self.check_funds(&market, &orders[0], needs[0].max(needs[1])).is_err() {
            self.lists.retain(|list| list.orders != ids);
            ids.iter().for_each(|id| self.end_any(*id, CancelCause::InsufficientFunds, events));
            return;
        }
        let (first, other) = first_of(&orders);
        let traded = self.begin_first(ids[first], needs[first], events);
        if traded || !self.is_open(ids[first]) {
            self.notes.push(if traded { "released pair traded at once" } else { "released pair ended at once" });
            self.lists.retain(|list| list.orders != ids);
            self.end_any(ids[other], CancelCause::List, events);
        } else {
            self.notes.push("released pair");
            self.begin_to_wait(ids[other], (needs[other] - needs[first]).max(0));
        }
    }

    /// One order of a pair cannot come, and so the other does not.
    fn end_pair(&mut self, ids: [OrderId; 2], one: OrderId, cause: CancelCause, events: &mut Vec<Event>) {
        self.lists.retain(|list| list.orders != ids);
        self.end_any(one, cause, events);
        self.end_others(&ids, one, events);
    }

    /// Whether an order that was pending can come now, whatever it costs.
    fn check_release(&self, order: &PlaceOrder) -> Result<(), CancelCause> {
        if matches!(order.time_in_force, TimeInForce::Gtd { until_ns } if until_ns <= self.now_ns) {
            return Err(CancelCause::Expired);
        }
        let phase = self.markets[usize::from(order.instrument.0)].phase;
        let taken = match &order.trigger {
            Some(trigger) => {
                let lost = trigger.price.is_none() && self.reference(order.instrument).is_none();
                check_phase(phase).is_ok() && !lost
            }
            None => check_kind(phase, order).is_ok(),
        };
        if taken { Ok(()) } else { Err(CancelCause::NotTrading) }
    }

    fn pending(&self, id: OrderId) -> Waiting {
        *self.waiting.iter().find(|waiting| waiting.id == id).expect("it is pending")
    }
}

/// Why a list's other orders ended, for counting.
fn note_of(what: What, is_working: bool) -> &'static str {
    match what {
        What::Ended(_) if is_working => "list: the working order ended",
        What::Filled => "list: a part of one was filled",
        What::FilledWhole => "list: one was filled",
        What::Fired => "list: one fired",
        What::Ended(CancelCause::Expired) => "list: one expired",
        What::Ended(CancelCause::SelfTrade) => "list: one met its own side",
        What::Ended(_) => "list: one was cancelled",
    }
}
