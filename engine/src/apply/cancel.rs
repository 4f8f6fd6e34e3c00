//! Ending orders on request.

use crate::book::{OrderBook, Resting, Slot};
use crate::command::{OrderRef, Side};
use crate::engine::Engine;
use crate::event::{Cancelled, Event};
use crate::holdings::NO_SLOT;
use crate::ids::{AccountId, InstrumentId};
use crate::lists::News;
use crate::orders::{Located, Pulled};
use crate::reason::{CancelCause, Reason};

impl<B: OrderBook> Engine<B> {
    pub(super) fn cancel(
        &mut self,
        account: AccountId,
        order: OrderRef,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        match self.locate(account, order) {
            Ok(located) => self.end_resting(located, &self.resting(located), CancelCause::User, events),
            Err(Reason::UnknownOrder) => self.cancel_unseen(account, order, events)?,
            Err(reason) => return Err(reason),
        }
        Ok(())
    }

    /// Ends an order that waits, or is pending in a list.
    #[cold]
    fn cancel_unseen(&mut self, account: AccountId, order: OrderRef, events: &mut Vec<Event>) -> Result<(), Reason> {
        let (order, terms) = self.locate_unseen(account, order)?;
        match self.desk.waiting.instrument(order) {
            Some(instrument) => self.end_waiting(instrument, order, CancelCause::User, events),
            None => self.end_pending(order, &terms, CancelCause::User, events),
        }
        Ok(())
    }

    /// Instruments in the order of their numbers, in each the oldest order first, then those that wait by number.
    pub(super) fn cancel_all(
        &mut self,
        account: AccountId,
        instrument: Option<InstrumentId>,
        side: Option<Side>,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.check_account(account)?;
        if instrument.is_some_and(|instrument| self.market(instrument).is_none()) {
            return Err(Reason::UnknownInstrument);
        }
        let orders = self.end_orders(account, instrument, side, CancelCause::User, events);
        events.push(Event::CancelledAll { account, orders });
        Ok(())
    }

    /// Ends an account's orders, and gives how many there were.
    pub(super) fn end_orders(
        &mut self,
        account: AccountId,
        instrument: Option<InstrumentId>,
        side: Option<Side>,
        cause: CancelCause,
        events: &mut Vec<Event>,
    ) -> u32 {
        let mut orders = 0;
        let mut n = 0;
        while let Some(holding) = self.desk.holdings.nth(account, n) {
            n += 1;
            if instrument.is_none_or(|instrument| instrument == holding.instrument) {
                let (instrument, first) = (holding.instrument, holding.first);
                orders += self.cancel_list(instrument, first, (side, cause), events);
                orders += self.cancel_waiting(account, instrument, (side, cause), events);
            }
        }
        orders
    }

    /// Ends the orders of one account's list that are on the named side.
    fn cancel_list(
        &mut self,
        instrument: InstrumentId,
        first: u32,
        (side, cause): (Option<Side>, CancelCause),
        events: &mut Vec<Event>,
    ) -> u32 {
        let mut orders = 0;
        let mut slot = first;
        while slot != NO_SLOT {
            let market = &self.markets[usize::from(instrument.0)];
            let terms = market.clerk.terms(slot);
            let resting = market.get(Slot(slot)).expect("an account's list names open orders only");
            slot = terms.younger;
            if side.is_none_or(|side| side == resting.side) {
                let located = Located { instrument, slot: resting.slot };
                self.end_resting(located, &resting, cause, events);
                orders += 1;
            }
        }
        orders
    }

    /// Ends the orders of an account in an instrument that wait, on the named side.
    fn cancel_waiting(
        &mut self,
        account: AccountId,
        instrument: InstrumentId,
        (side, cause): (Option<Side>, CancelCause),
        events: &mut Vec<Event>,
    ) -> u32 {
        if self.desk.waiting.is_empty() {
            return 0;
        }
        let mut orders = 0;
        for order in self.desk.waiting.of(account, instrument) {
            let waiting = self.markets[usize::from(instrument.0)].triggers.get(order).expect("the index names it");
            if side.is_none_or(|side| side == waiting.terms.side) {
                self.end_waiting(instrument, order, cause, events);
                orders += 1;
            }
        }
        orders
    }

    /// Ends an open order.
    #[inline]
    pub(super) fn end_resting(
        &mut self,
        located: Located,
        resting: &Resting,
        cause: CancelCause,
        events: &mut Vec<Event>,
    ) {
        let Pulled { terms, shown_qty, .. } = self.pull(located, resting);
        self.desk.end_name(terms.name);
        self.desk.lists.tell_if(terms.linked, resting.id, News::Ended);
        events.push(Event::Cancelled(Cancelled {
            order: resting.id,
            account: terms.account,
            instrument: located.instrument,
            side: resting.side,
            rested_at: Some(resting.price),
            leaves_qty: resting.leaves_qty,
            shown_qty,
            cause,
        }));
    }
}
