//! Which accounts are one for self-trade prevention.

use crate::ids::{AccountId, TradeGroup};

/// The trade group of each account.
#[derive(Clone, Debug, Default)]
pub(crate) struct TradeGroups {
    by_account: Vec<Option<TradeGroup>>,
}

impl TradeGroups {
    pub(crate) fn add_account(&mut self) {
        self.by_account.push(None);
    }

    pub(crate) fn set(&mut self, account: AccountId, group: Option<TradeGroup>) {
        self.by_account[account.0 as usize] = group;
    }

    #[inline]
    pub(crate) fn of(&self, account: AccountId) -> Option<TradeGroup> {
        self.by_account.get(account.0 as usize).copied().flatten()
    }

    /// Whether two accounts are one.
    #[inline]
    pub(crate) fn same_party(&self, one: AccountId, other: AccountId) -> bool {
        one == other || self.of(one).is_some_and(|group| self.of(other) == Some(group))
    }
}
