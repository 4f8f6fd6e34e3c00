//! Orders whose time is up.

use crate::book::OrderBook;
use crate::engine::Engine;
use crate::event::Event;
use crate::ids::{InstrumentId, OrderId};
use crate::reason::CancelCause;

impl<B: OrderBook> Engine<B> {
    /// Ends every order whose time is up, the earliest first, and gives how many there were.
    pub(crate) fn expire(&mut self, time_ns: u64, events: &mut Vec<Event>) -> u32 {
        let mut expired = 0;
        while let Some(order) = self.desk.lifetimes.due(time_ns) {
            self.expire_order(order, events);
            expired += 1;
        }
        expired
    }

    /// The session of an instrument is over: its day orders end, the oldest first.
    pub(crate) fn end_session(&mut self, instrument: InstrumentId, events: &mut Vec<Event>) {
        while let Some(order) = self.desk.lifetimes.of_session(instrument) {
            self.expire_order(order, events);
        }
    }

    fn expire_order(&mut self, order: OrderId, events: &mut Vec<Event>) {
        let located = self.find(order).expect("only open orders have an end");
        let market = &self.markets[usize::from(located.instrument.0)];
        let resting = market.book.get(located.slot).expect("the index names open orders only");
        self.end_resting(located, &resting, CancelCause::Expired, events);
    }
}
