//! What an account has and owes, added up.

use std::collections::BTreeMap;

use papertape_engine::{Amount, AssetId};

/// Running totals by asset, held or not.
#[derive(Clone, Debug, Default)]
pub(super) struct Reckoning {
    totals: BTreeMap<AssetId, Amount>,
    debts: BTreeMap<AssetId, Amount>,
}

impl Reckoning {
    pub(super) fn total(&self, asset: AssetId) -> Amount {
        self.totals.get(&asset).copied().unwrap_or_default()
    }

    pub(super) fn debt(&self, asset: AssetId) -> Amount {
        self.debts.get(&asset).copied().unwrap_or_default()
    }

    /// Adds to what it has.
    pub(super) fn add(&mut self, asset: AssetId, amount: Amount) {
        let total = self.totals.entry(asset).or_default();
        *total = total.saturating_add(amount);
    }

    /// Adds to what it owes.
    pub(super) fn owe(&mut self, asset: AssetId, amount: Amount) {
        let debt = self.debts.entry(asset).or_default();
        *debt = debt.saturating_add(amount);
    }

    /// Every asset that it ever had.
    pub(super) fn assets(&self) -> impl Iterator<Item = AssetId> + '_ {
        self.totals.keys().copied()
    }
}
