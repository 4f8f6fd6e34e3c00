//! Orders whose time is up, found by looking at all of them. One that is pending in a list has no time yet.

use papertape_engine::{CancelCause, Event, InstrumentId, OrderId, TimeInForce, WaitState};

use super::Model;

impl Model {
    /// Ends the orders whose time has come, the earliest first and among equals the oldest. Gives how many.
    pub(super) fn expire(&mut self, events: &mut Vec<Event>) -> u32 {
        let now_ns = self.now_ns;
        let mut due: Vec<(u64, OrderId)> = Vec::new();
        for (id, _, time_in_force) in self.timed() {
            match time_in_force {
                TimeInForce::Gtd { until_ns } if until_ns <= now_ns => due.push((until_ns, id)),
                _ => {}
            }
        }
        due.sort();
        due.iter().for_each(|(_, id)| self.end_any(*id, CancelCause::Expired, events));
        due.len() as u32
    }

    /// The session is over: day orders end, the oldest first.
    pub(super) fn end_session(&mut self, instrument: InstrumentId, events: &mut Vec<Event>) {
        let of_today = self
            .timed()
            .into_iter()
            .filter(|(_, place, time_in_force)| *place == instrument && *time_in_force == TimeInForce::Day);
        let mut due: Vec<OrderId> = of_today.map(|(id, ..)| id).collect();
        due.sort();
        due.iter().for_each(|id| self.end_any(*id, CancelCause::Expired, events));
    }

    /// How long every order stays that rests or waits for a trigger.
    fn timed(&self) -> Vec<(OrderId, InstrumentId, TimeInForce)> {
        let resting = self.orders.iter().map(|order| (order.id, order.instrument, order.time_in_force));
        let waiting = self.waiting.iter().filter(|waiting| waiting.state != WaitState::Pending);
        let waiting = waiting.map(|waiting| (waiting.id, waiting.terms.instrument, waiting.terms.time_in_force));
        resting.chain(waiting).collect()
    }
}
