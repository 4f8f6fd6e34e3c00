//! Whose trading is stopped: kill switches and suspensions.

use std::collections::BTreeSet;

use papertape_engine::{AccountId, InstrumentId, KillScope};

/// What is engaged. Few are, so that sets of them are small.
#[derive(Clone, Debug, Default)]
pub(super) struct Stops {
    venue: bool,
    instruments: BTreeSet<InstrumentId>,
    accounts: BTreeSet<AccountId>,
    suspended: BTreeSet<AccountId>,
}

impl Stops {
    pub(super) fn set_kill_switch(&mut self, scope: KillScope, engaged: bool) {
        match scope {
            KillScope::Venue => self.venue = engaged,
            KillScope::Instrument(instrument) => put(&mut self.instruments, instrument, engaged),
            KillScope::Account(account) => put(&mut self.accounts, account, engaged),
        }
    }

    pub(super) fn set_suspended(&mut self, account: AccountId, suspended: bool) {
        put(&mut self.suspended, account, suspended);
    }

    pub(super) fn is_killed(&self, scope: KillScope) -> bool {
        match scope {
            KillScope::Venue => self.venue,
            KillScope::Instrument(instrument) => self.instruments.contains(&instrument),
            KillScope::Account(account) => self.accounts.contains(&account),
        }
    }

    pub(super) fn is_suspended(&self, account: AccountId) -> bool {
        self.suspended.contains(&account)
    }
}

fn put<T: Ord>(set: &mut BTreeSet<T>, member: T, is_in: bool) {
    if is_in {
        set.insert(member);
    } else {
        set.remove(&member);
    }
}
