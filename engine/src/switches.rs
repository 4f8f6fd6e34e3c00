//! Who may not trade.

use std::collections::BTreeSet;

use crate::command::KillScope;
use crate::ids::{AccountId, InstrumentId};
use crate::reason::Reason;

/// Kill switches that are engaged, and accounts that are suspended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Switches {
    /// Whether any is set: nearly always none.
    any: bool,
    venue: bool,
    instruments: BTreeSet<InstrumentId>,
    accounts: BTreeSet<AccountId>,
    suspended: BTreeSet<AccountId>,
}

impl Switches {
    /// Whether an account may place and amend orders in an instrument.
    #[inline]
    pub(crate) fn check(&self, account: AccountId, instrument: InstrumentId) -> Result<(), Reason> {
        if self.any { self.check_each(account, instrument) } else { Ok(()) }
    }

    #[cold]
    fn check_each(&self, account: AccountId, instrument: InstrumentId) -> Result<(), Reason> {
        self.check_money(account)?;
        let killed = self.venue || self.instruments.contains(&instrument) || self.accounts.contains(&account);
        if killed { Err(Reason::KillSwitchEngaged) } else { Ok(()) }
    }

    /// Whether an account may move money out.
    pub(crate) fn check_money(&self, account: AccountId) -> Result<(), Reason> {
        if self.is_suspended(account) { Err(Reason::AccountSuspended) } else { Ok(()) }
    }

    pub(crate) fn is_suspended(&self, account: AccountId) -> bool {
        self.suspended.contains(&account)
    }

    /// Engages or releases a kill switch, and says whether that changed anything.
    pub(crate) fn set_kill(&mut self, scope: KillScope, engaged: bool) -> bool {
        let changed = match scope {
            KillScope::Venue => std::mem::replace(&mut self.venue, engaged) != engaged,
            KillScope::Instrument(instrument) => put(&mut self.instruments, instrument, engaged),
            KillScope::Account(account) => put(&mut self.accounts, account, engaged),
        };
        self.note_any();
        changed
    }

    /// Suspends an account or lifts it, and says whether that changed anything.
    pub(crate) fn set_suspended(&mut self, account: AccountId, suspended: bool) -> bool {
        let changed = put(&mut self.suspended, account, suspended);
        self.note_any();
        changed
    }

    /// The kill switches that are engaged: the venue's, then instruments', then accounts'.
    pub(crate) fn kills(&self) -> impl Iterator<Item = KillScope> {
        let venue = self.venue.then_some(KillScope::Venue);
        let instruments = self.instruments.iter().copied().map(KillScope::Instrument);
        venue.into_iter().chain(instruments).chain(self.accounts.iter().copied().map(KillScope::Account))
    }

    /// The accounts that are suspended, by number.
    pub(crate) fn suspended(&self) -> impl Iterator<Item = AccountId> {
        self.suspended.iter().copied()
    }

    fn note_any(&mut self) {
        self.any =
            self.venue || !self.instruments.is_empty() || !self.accounts.is_empty() || !self.suspended.is_empty();
    }
}

/// Puts something into a set or takes it out, and says whether that changed anything.
fn put<T: Ord>(set: &mut BTreeSet<T>, item: T, present: bool) -> bool {
    if present { set.insert(item) } else { set.remove(&item) }
}
