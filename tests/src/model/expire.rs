//! Orders whose time is up, found by looking at all of them.

use papertape_engine::{CancelCause, Event, InstrumentId, TimeInForce};

use super::{Model, Order};

impl Model {
    /// Ends the orders whose time has come, the earliest first and among equals the oldest. Gives how many.
    pub(super) fn expire(&mut self, events: &mut Vec<Event>) -> u32 {
        let now_ns = self.now_ns;
        let mut due: Vec<(u64, Order)> = Vec::new();
        for order in &self.orders {
            match order.time_in_force {
                TimeInForce::Gtd { until_ns } if until_ns <= now_ns => due.push((until_ns, *order)),
                _ => {}
            }
        }
        due.sort_by_key(|(until_ns, order)| (*until_ns, order.id));
        due.iter().for_each(|(_, order)| self.end(order.id, order.leaves, CancelCause::Expired, events));
        due.len() as u32
    }

    /// The session is over: day orders end, the oldest first.
    pub(super) fn end_session(&mut self, instrument: InstrumentId, events: &mut Vec<Event>) {
        let of_today = |order: &&Order| order.instrument == instrument && order.time_in_force == TimeInForce::Day;
        let mut due: Vec<Order> = self.orders.iter().filter(of_today).copied().collect();
        due.sort_by_key(|order| order.id);
        due.iter().for_each(|order| self.end(order.id, order.leaves, CancelCause::Expired, events));
    }
}
