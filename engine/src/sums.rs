//! What all accounts have together, asset by asset.

use crate::engine::Engine;
use crate::ids::AccountId;
use crate::units::Amount;

/// The sums over all accounts of one asset.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AssetSum {
    /// What can be used.
    pub free: Amount,
    /// What open orders hold.
    pub held: Amount,
    /// Of both, what the venue has from fees.
    pub fees: Amount,
    /// What is owed.
    pub owed: Amount,
}

impl AssetSum {
    /// What is there: deposits less withdrawals, and what is owed.
    pub fn total(&self) -> Amount {
        self.free.saturating_add(self.held)
    }
}

impl Engine {
    /// The sums over all accounts, in the order of the assets. It looks at every balance.
    pub fn sums(&self) -> Vec<AssetSum> {
        let mut sums = vec![AssetSum::default(); self.assets().len()];
        for account in (0..self.account_count()).map(AccountId) {
            for (asset, balance) in self.balances(account) {
                let Some(sum) = sums.get_mut(usize::from(asset.0)) else { continue };
                sum.free = sum.free.saturating_add(balance.free);
                sum.held = sum.held.saturating_add(balance.held);
                if account == AccountId::FEES {
                    sum.fees = balance.free.saturating_add(balance.held);
                }
            }
            for (asset, debt) in self.debts(account) {
                let Some(sum) = sums.get_mut(usize::from(asset.0)) else { continue };
                sum.owed = sum.owed.saturating_add(debt);
            }
        }
        sums
    }
}
