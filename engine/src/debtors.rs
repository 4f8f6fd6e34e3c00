//! Whom it concerns among those who owe something when a price changes, so that nobody looks at the others. It follows from
//! debts, balances and prices: whatever is not known is looked at.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::Event;
use crate::ids::{AccountId, AssetId};
use crate::ledger::Ledger;
use crate::margin::{Margin, MarginTerms};
use crate::units::Price;

/// Who owes something, by the assets that they have or owe.
#[derive(Clone, Debug, Default)]
pub(crate) struct Debtors {
    /// What assets were worth when those concerned were looked at.
    prices: BTreeMap<AssetId, Option<Price>>,
    /// Debtors that ever had something of an asset, and whoever has stopped to owe since the last look.
    holders: BTreeSet<(AssetId, AccountId)>,
    /// Accounts to look at whatever has changed: what they owe is another sum, or they were liquidated and may owe too much still.
    due: BTreeSet<AccountId>,
    /// How many of the ledger's balances are known.
    known: usize,
}

impl Margin {
    /// An account is looked at when something changes, whatever it is.
    pub(crate) fn look_again(&mut self, account: AccountId) {
        if account != AccountId::FEES {
            self.debtors.due.insert(account);
        }
    }

    /// Whether an account is looked at whatever changes.
    pub(crate) fn is_due(&self, account: AccountId) -> bool {
        self.debtors.due.contains(&account)
    }

    /// Adds the accounts that may stand otherwise since the last time: those that are due, that have or owe what has another
    /// price now, and that traded. All of them, if terms are new.
    pub(crate) fn find_concerned(
        &mut self,
        ledger: &Ledger,
        price_of: impl Fn(&MarginTerms) -> Option<Price>,
        events: &[Event],
        concerned: &mut Vec<AccountId>,
    ) {
        for (account, asset) in ledger.rows_since(self.debtors.known) {
            if self.owes(account) {
                self.debtors.holders.insert((asset, account));
            }
        }
        self.debtors.known = ledger.row_count();
        for account in std::mem::take(&mut self.debtors.due) {
            // Of what is owed there may be no balance.
            let owed: Vec<AssetId> = self.debts_of(account).map(|(asset, _)| asset).collect();
            self.debtors.holders.extend(ledger.assets_of(account).chain(owed).map(|asset| (asset, account)));
            concerned.push(account);
        }
        let Margin { terms, debtors: Debtors { prices, holders, .. }, .. } = self;
        for (asset, terms) in &*terms {
            let price = price_of(terms);
            if prices.insert(*asset, price) != Some(price) {
                let holders = holders.range((*asset, AccountId(0))..=(*asset, AccountId(u32::MAX)));
                concerned.extend(holders.map(|(_, account)| *account));
            }
        }
        for event in events {
            match event {
                Event::Trade(trade) => {
                    let parties = [trade.buy.account, trade.sell.account];
                    concerned.extend(parties.into_iter().filter(|account| self.owes(*account)));
                }
                Event::MarginTermsSet { .. } => concerned.extend(self.debts().keys().map(|(account, _)| *account)),
                _ => {}
            }
        }
    }

    /// Whether an account owes something that others would pay. One that does not is not looked at any more.
    pub(crate) fn is_watched(&mut self, ledger: &Ledger, account: AccountId) -> bool {
        if account == AccountId::FEES || self.owes(account) {
            return account != AccountId::FEES;
        }
        for asset in ledger.assets_of(account).chain(self.terms.keys().copied()) {
            self.debtors.holders.remove(&(asset, account));
        }
        false
    }
}
