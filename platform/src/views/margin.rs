//! Who borrows, and how they stand.

use std::collections::{BTreeMap, BTreeSet};

use papertape_engine::{AccountId, Amount, AssetId, MarginLevel, MarginTerms, Worth};

use super::BalanceView;

/// An account that borrows, or may.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MarginView {
    /// Whether it may borrow.
    pub is_margin: bool,
    /// The asset in which everything is reckoned, if there is one.
    pub reference: Option<AssetId>,
    /// What it owes, by asset.
    pub debts: Vec<(AssetId, Amount)>,
    /// How it stands at the prices of the moment.
    pub level: MarginLevel,
}

/// Terms, accounts and debts.
#[derive(Clone, Debug, Default)]
pub(super) struct Margin {
    terms: BTreeMap<AssetId, MarginTerms>,
    accounts: BTreeSet<AccountId>,
    debts: BTreeMap<(AccountId, AssetId), Amount>,
}

impl Margin {
    pub(super) fn set_terms(&mut self, asset: AssetId, terms: MarginTerms) {
        self.terms.insert(asset, terms);
    }

    pub(super) fn terms(&self) -> impl Iterator<Item = (AssetId, MarginTerms)> {
        self.terms.iter().map(|(asset, terms)| (*asset, *terms))
    }

    pub(super) fn set_account(&mut self, account: AccountId, margin: bool) {
        if margin {
            self.accounts.insert(account);
        } else {
            self.accounts.remove(&account);
        }
    }

    pub(super) fn is_margin(&self, account: AccountId) -> bool {
        self.accounts.contains(&account)
    }

    /// What is owed, by account and asset.
    pub(super) fn debts(&self) -> impl Iterator<Item = (AccountId, AssetId, Amount)> {
        self.debts.iter().map(|((account, asset), debt)| (*account, *asset, *debt))
    }

    /// What one account owes, by asset.
    pub(super) fn debts_of(&self, account: AccountId) -> impl Iterator<Item = (AssetId, Amount)> {
        let all = (account, AssetId(0))..=(account, AssetId(u16::MAX));
        self.debts.range(all).map(|((_, asset), debt)| (*asset, *debt))
    }

    /// A debt that will never be paid: the venue's own account owes what it has not paid of it at once.
    pub(super) fn write_off(&mut self, account: AccountId, asset: AssetId, unpaid: Amount) {
        self.debts.remove(&(account, asset));
        let owed = self.debts.get(&(AccountId::FEES, asset)).copied().unwrap_or_default();
        self.set_debt(AccountId::FEES, asset, owed + unpaid);
    }

    pub(super) fn set_debt(&mut self, account: AccountId, asset: AssetId, debt: Amount) {
        if debt > Amount::ZERO {
            self.debts.insert((account, asset), debt);
        } else {
            self.debts.remove(&(account, asset));
        }
    }

    /// `worth` says what an asset with these terms is worth.
    pub(super) fn view<'a>(
        &self,
        account: AccountId,
        balances: &[BalanceView],
        worth: impl Fn(&MarginTerms) -> Option<Worth<'a>>,
    ) -> MarginView {
        let mut level = MarginLevel::default();
        let mut debts = Vec::new();
        for (asset, terms) in &self.terms {
            let Some(worth) = worth(terms) else { continue };
            if let Some(balance) = balances.iter().find(|balance| balance.asset == *asset) {
                level.add_collateral(terms, worth, balance.free + balance.held);
            }
            if let Some(debt) = self.debts.get(&(account, *asset)) {
                level.add_debt(terms, worth, *debt);
                debts.push((*asset, *debt));
            }
        }
        let reference = self.terms.iter().find(|(_, terms)| terms.priced_by.is_none()).map(|(asset, _)| *asset);
        MarginView { is_margin: self.accounts.contains(&account), reference, debts, level }
    }
}
