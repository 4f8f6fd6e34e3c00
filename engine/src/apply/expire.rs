//! Orders whose time is up.

use crate::book::OrderBook;
use crate::engine::Engine;
use crate::event::Event;
use crate::ids::{InstrumentId, OrderId};
use crate::lifetimes::Turn;
use crate::reason::CancelCause;

impl<B: OrderBook> Engine<B> {
    /// Time passes: whatever has an end until then ends, the earliest first, at one time orders before phases. Gives how many
    /// orders there were.
    #[cold]
    #[inline(never)]
    pub(crate) fn pass_time(&mut self, time_ns: u64, events: &mut Vec<Event>) -> u32 {
        let mut expired = 0;
        loop {
            let turn = self.desk.lifetimes.turn_due(time_ns);
            self.now_ns = turn.map_or(time_ns, |(at_ns, ..)| at_ns);
            let ended = self.expire(self.now_ns, events);
            expired += ended;
            if ended > 0 {
                self.follow_up(events.len(), self.now_ns, events);
            }
            let Some((at_ns, instrument, turn)) = turn else { return expired };
            let seen = events.len();
            match turn {
                Turn::Ends => self.end_stage(instrument, events),
                Turn::Scheduled => self.take_step(instrument, (at_ns, time_ns), events),
            }
            self.follow_up(seen, at_ns, events);
        }
    }

    /// Ends every order whose time is up, the earliest first, and gives how many there were.
    fn expire(&mut self, time_ns: u64, events: &mut Vec<Event>) -> u32 {
        let mut expired = 0;
        while let Some(order) = self.desk.lifetimes.due(time_ns) {
            self.expire_order(order, events);
            expired += 1;
        }
        expired
    }

    /// The session of an instrument is over: its day orders end, the oldest first.
    pub(crate) fn end_session(&mut self, instrument: InstrumentId, events: &mut Vec<Event>) {
        self.markets[usize::from(instrument.0)].clerk.session_price = None;
        while let Some(order) = self.desk.lifetimes.of_session(instrument) {
            self.expire_order(order, events);
        }
    }

    fn expire_order(&mut self, order: OrderId, events: &mut Vec<Event>) {
        self.end_open(order, CancelCause::Expired, events);
        debug_assert!(self.find(order).is_none());
    }
}
