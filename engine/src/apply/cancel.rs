//! Ending orders on request.

use crate::book::{OrderBook, Resting, Slot};
use crate::command::{OrderRef, Side};
use crate::engine::Engine;
use crate::event::{Cancelled, Event};
use crate::holdings::NO_SLOT;
use crate::ids::{AccountId, InstrumentId};
use crate::orders::Located;
use crate::reason::{CancelCause, Reason};

impl<B: OrderBook> Engine<B> {
    pub(super) fn cancel(
        &mut self,
        account: AccountId,
        order: OrderRef,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        let (located, resting) = self.locate(account, order)?;
        self.end_resting(located, &resting, CancelCause::User, events);
        Ok(())
    }

    /// Instruments in the order of their numbers, in each the oldest order first.
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
        let mut orders = 0;
        let mut n = 0;
        while let Some(holding) = self.desk.holdings.nth(account, n) {
            n += 1;
            if instrument.is_none_or(|instrument| instrument == holding.instrument) {
                let (instrument, first) = (holding.instrument, holding.first);
                orders += self.cancel_list(instrument, first, side, events);
            }
        }
        events.push(Event::CancelledAll { account, orders });
        Ok(())
    }

    /// Ends the orders of one account's list that are on the named side.
    fn cancel_list(
        &mut self,
        instrument: InstrumentId,
        first: u32,
        side: Option<Side>,
        events: &mut Vec<Event>,
    ) -> u32 {
        let mut orders = 0;
        let mut slot = first;
        while slot != NO_SLOT {
            let market = &self.markets[usize::from(instrument.0)];
            let terms = market.clerk.terms(slot);
            let resting = market.book.get(Slot(slot)).expect("an account's list names open orders only");
            slot = terms.younger;
            if side.is_none_or(|side| side == resting.side) {
                let located = Located { instrument, slot: resting.slot };
                self.end_resting(located, &resting, CancelCause::User, events);
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
        let terms = self.pull(located, resting);
        self.desk.end_name(terms.name);
        events.push(Event::Cancelled(Cancelled {
            order: resting.id,
            account: terms.account,
            instrument: located.instrument,
            side: resting.side,
            rested_at: Some(resting.price),
            leaves_qty: resting.leaves_qty,
            cause,
        }));
    }
}
