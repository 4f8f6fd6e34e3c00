//! Orders and phases that end by themselves: at a time, or when their instrument closes. Indexed, so that nobody looks for
//! them.

use std::collections::{BTreeMap, BTreeSet};

use crate::command::TimeInForce;
use crate::ids::{InstrumentId, OrderId};

/// Why a phase turns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Turn {
    /// Its end has come.
    Ends,
    /// A step of the schedule has.
    Scheduled,
}

/// Open orders and phases with an end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lifetimes {
    /// By the time of their end, then by number.
    by_time: BTreeSet<(u64, OrderId)>,
    /// Until their instrument closes.
    by_close: BTreeMap<InstrumentId, BTreeSet<OrderId>>,
    /// When the phases of instruments turn, by time.
    phases: BTreeSet<(u64, InstrumentId, Turn)>,
    /// The earliest of all ends.
    next_ns: Option<u64>,
}

impl Lifetimes {
    /// An order has come to rest.
    #[inline]
    pub(crate) fn begin(&mut self, order: OrderId, instrument: InstrumentId, time_in_force: TimeInForce) {
        if time_in_force != TimeInForce::Gtc {
            self.begin_indexed(order, instrument, time_in_force);
        }
    }

    #[cold]
    fn begin_indexed(&mut self, order: OrderId, instrument: InstrumentId, time_in_force: TimeInForce) {
        match time_in_force {
            TimeInForce::Day => drop(self.by_close.entry(instrument).or_default().insert(order)),
            TimeInForce::Gtd { until_ns } => {
                self.by_time.insert((until_ns, order));
                self.find_next();
            }
            _ => {}
        }
    }

    /// An order has left the book.
    #[inline]
    pub(crate) fn end(&mut self, order: OrderId, instrument: InstrumentId, time_in_force: TimeInForce) {
        if time_in_force != TimeInForce::Gtc {
            self.end_indexed(order, instrument, time_in_force);
        }
    }

    #[cold]
    fn end_indexed(&mut self, order: OrderId, instrument: InstrumentId, time_in_force: TimeInForce) {
        match time_in_force {
            TimeInForce::Day => {
                self.by_close.get_mut(&instrument).map(|orders| orders.remove(&order));
            }
            TimeInForce::Gtd { until_ns } => {
                self.by_time.remove(&(until_ns, order));
                self.find_next();
            }
            _ => {}
        }
    }

    /// A phase turns at a time, if at all.
    pub(crate) fn begin_turn(&mut self, instrument: InstrumentId, turn: Turn, at_ns: Option<u64>) {
        self.phases.extend(at_ns.map(|at_ns| (at_ns, instrument, turn)));
        self.find_next();
    }

    /// It does no longer.
    pub(crate) fn end_turn(&mut self, instrument: InstrumentId, turn: Turn, at_ns: Option<u64>) {
        at_ns.map(|at_ns| self.phases.remove(&(at_ns, instrument, turn)));
        self.find_next();
    }

    fn find_next(&mut self) {
        let (order, phase) = (self.by_time.first().map(|order| order.0), self.phases.first().map(|phase| phase.0));
        self.next_ns = order.into_iter().chain(phase).min();
    }

    /// When the next order or phase ends.
    #[inline]
    pub(crate) fn next_ns(&self) -> Option<u64> {
        self.next_ns
    }

    /// The phase that turns next, if its time is up, and when that was.
    pub(crate) fn turn_due(&self, time_ns: u64) -> Option<(u64, InstrumentId, Turn)> {
        self.phases.first().filter(|(at_ns, ..)| *at_ns <= time_ns).copied()
    }

    /// Whether a phase is known to turn so.
    pub(crate) fn knows_turn(&self, instrument: InstrumentId, turn: Turn, at_ns: u64) -> bool {
        self.phases.contains(&(at_ns, instrument, turn))
    }

    /// How many phases turn by themselves, an end and a schedule each counted.
    pub(crate) fn turns(&self) -> usize {
        self.phases.len()
    }

    /// The order that ends next, if its time is up.
    pub(crate) fn due(&self, time_ns: u64) -> Option<OrderId> {
        self.by_time.first().filter(|(until_ns, _)| *until_ns <= time_ns).map(|(_, order)| *order)
    }

    /// The oldest order that ends with the instrument's session.
    pub(crate) fn of_session(&self, instrument: InstrumentId) -> Option<OrderId> {
        self.by_close.get(&instrument)?.first().copied()
    }

    /// How many orders have an end.
    pub(crate) fn len(&self) -> usize {
        self.by_time.len() + self.by_close.values().map(BTreeSet::len).sum::<usize>()
    }

    /// Whether an order is known to end so.
    pub(crate) fn knows(&self, order: OrderId, instrument: InstrumentId, time_in_force: TimeInForce) -> bool {
        match time_in_force {
            TimeInForce::Day => self.by_close.get(&instrument).is_some_and(|orders| orders.contains(&order)),
            TimeInForce::Gtd { until_ns } => self.by_time.contains(&(until_ns, order)),
            _ => false,
        }
    }
}
