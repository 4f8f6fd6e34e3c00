//! Stopping trading: kill switches and suspended accounts.

use crate::book::OrderBook;
use crate::command::KillScope;
use crate::engine::Engine;
use crate::event::Event;
use crate::ids::{AccountId, InstrumentId};
use crate::reason::{CancelCause, Reason};

impl<B: OrderBook> Engine<B> {
    pub(super) fn set_kill_switch(
        &mut self,
        scope: KillScope,
        engaged: bool,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        let (account, instrument) = match scope {
            KillScope::Venue => (None, None),
            KillScope::Instrument(instrument) => (None, Some(instrument)),
            KillScope::Account(account) => (Some(account), None),
        };
        if let Some(account) = account {
            self.check_account(account)?;
        }
        if instrument.is_some_and(|instrument| self.market(instrument).is_none()) {
            return Err(Reason::UnknownInstrument);
        }
        if !self.desk.switches.set_kill(scope, engaged) {
            return Err(Reason::SwitchUnchanged);
        }
        let orders = if engaged { self.end_all(account, instrument, CancelCause::KillSwitch, events) } else { 0 };
        events.push(Event::KillSwitchSet { scope, engaged, orders });
        Ok(())
    }

    pub(super) fn set_suspended(
        &mut self,
        account: AccountId,
        suspended: bool,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.check_account(account)?;
        if !self.desk.switches.set_suspended(account, suspended) {
            return Err(Reason::SwitchUnchanged);
        }
        let orders = if suspended { self.end_all(Some(account), None, CancelCause::Suspended, events) } else { 0 };
        events.push(Event::SuspensionSet { account, suspended, orders });
        Ok(())
    }

    /// Ends the orders of one account or of all, in one instrument or in all, account by account.
    fn end_all(
        &mut self,
        account: Option<AccountId>,
        instrument: Option<InstrumentId>,
        cause: CancelCause,
        events: &mut Vec<Event>,
    ) -> u32 {
        let accounts = match account {
            Some(AccountId(one)) => one..one + 1,
            None => 0..self.account_count(),
        };
        accounts.map(|account| self.end_orders(AccountId(account), instrument, None, cause, events)).sum()
    }
}
