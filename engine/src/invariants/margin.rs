//! What is owed.

use std::collections::BTreeMap;

use crate::book::OrderBook;
use crate::engine::Engine;
use crate::ids::{AccountId, AssetId};
use crate::units::Amount;

impl<B: OrderBook> Engine<B> {
    /// Only accounts that may borrow owe, or the venue itself; what they owe has terms, and was once somebody's
    /// money. Who owes too much is looked at when something changes.
    pub(super) fn check_debts(&self) -> Result<(), String> {
        let margin = &self.desk.margin;
        let mut owed = BTreeMap::<AssetId, Amount>::new();
        for ((account, asset), debt) in margin.debts() {
            let sum = owed.entry(*asset).or_default();
            *sum = sum.saturating_add(*debt);
            let may = margin.is_margin(*account) || *account == AccountId::FEES;
            let fits = (Amount(1)..=Amount::MAX).contains(debt) && margin.terms().contains_key(asset);
            if !may || !fits {
                return Err(format!("account {account} owes {debt} of asset {asset}"));
            }
            let stands = *account == AccountId::FEES || self.level(*account).is_maintenance_met();
            if !stands && !margin.is_due(*account) {
                return Err(format!("account {account} owes too much, and nobody looks at it"));
            }
        }
        match owed.into_iter().find(|(asset, sum)| margin.owed_by_all(*asset) != *sum) {
            Some((asset, sum)) => Err(format!("{sum} of asset {asset} is owed, and another sum is counted")),
            None => Ok(()),
        }
    }
}
