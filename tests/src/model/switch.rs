//! Kill switches and suspensions.

use papertape_engine::{AccountId, CancelCause, Event, InstrumentId, KillScope, Reason};

use super::Model;

impl Model {
    /// Stops trading in a scope, or allows it again.
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
        account.map_or(Ok(()), |account| self.check_account(account))?;
        instrument.map_or(Ok(()), |instrument| self.market(instrument).map(|_| ()))?;
        if self.kills.contains(&scope) == engaged {
            return Err(Reason::SwitchUnchanged);
        }
        let mut orders = 0;
        if engaged {
            self.kills.push(scope);
            let accounts = account.map_or(0..self.openings.len() as u32, |account| account.0..account.0 + 1);
            for account in accounts.map(AccountId) {
                orders += self.end_all(account, instrument, None, CancelCause::KillSwitch, events);
            }
        } else {
            self.kills.retain(|other| *other != scope);
        }
        events.push(Event::KillSwitchSet { scope, engaged, orders });
        Ok(())
    }

    /// Suspends an account, or lifts that.
    pub(super) fn set_suspended(
        &mut self,
        account: AccountId,
        suspended: bool,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.check_account(account)?;
        if self.suspended.contains(&account) == suspended {
            return Err(Reason::SwitchUnchanged);
        }
        let mut orders = 0;
        if suspended {
            self.suspended.push(account);
            orders = self.end_all(account, None, None, CancelCause::Suspended, events);
        } else {
            self.suspended.retain(|other| *other != account);
        }
        events.push(Event::SuspensionSet { account, suspended, orders });
        Ok(())
    }

    /// That an account may send orders to an instrument.
    pub(super) fn check_switches(&self, account: AccountId, instrument: InstrumentId) -> Result<(), Reason> {
        self.check_suspension(account)?;
        let scopes = [KillScope::Venue, KillScope::Account(account), KillScope::Instrument(instrument)];
        let killed = scopes.iter().any(|scope| self.kills.contains(scope));
        if killed { Err(Reason::KillSwitchEngaged) } else { Ok(()) }
    }

    /// That an account is not suspended.
    pub(super) fn check_suspension(&self, account: AccountId) -> Result<(), Reason> {
        if self.suspended.contains(&account) { Err(Reason::AccountSuspended) } else { Ok(()) }
    }
}
