//! What must be known of every user at every request and every event, in memory: account and token epoch.

use papertape_engine::AccountId;
use parking_lot::RwLock;
use rustc_hash::FxHashMap;

use super::UserId;

#[derive(Clone, Copy, Debug)]
struct Entry {
    account: Option<AccountId>,
    token_epoch: i64,
}

#[derive(Debug, Default)]
struct Tables {
    by_user: FxHashMap<UserId, Entry>,
    by_account: FxHashMap<AccountId, UserId>,
}

/// Which account is whose. One row for each user, some 60 bytes; filled at boot, changed with the database.
#[derive(Debug, Default)]
pub struct Directory {
    tables: RwLock<Tables>,
}

impl Directory {
    /// The user whose account this is; `None` for the simulator's and the venue's own.
    pub fn user_of(&self, account: AccountId) -> Option<UserId> {
        self.tables.read().by_account.get(&account).copied()
    }

    /// The user's account, once it is open.
    pub fn account_of(&self, user: UserId) -> Option<AccountId> {
        self.tables.read().by_user.get(&user)?.account
    }

    pub(super) fn token_epoch(&self, user: UserId) -> Option<i64> {
        Some(self.tables.read().by_user.get(&user)?.token_epoch)
    }

    pub(super) fn put(&self, user: UserId, account: Option<AccountId>, token_epoch: i64) {
        let mut tables = self.tables.write();
        tables.by_user.insert(user, Entry { account, token_epoch });
        if let Some(account) = account {
            tables.by_account.insert(account, user);
        }
    }
}
