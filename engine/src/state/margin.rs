//! Borrowing: terms, who may, and what is owed.

use super::{RestoreError, records, section};
use crate::book::OrderBook;
use crate::engine::Engine;
use crate::ids::{AccountId, AssetId};
use crate::margin::MarginTerms;
use crate::units::Amount;

const MARGIN_TERMS: u32 = 33;
const MARGIN_ACCOUNTS: u32 = 34;
const DEBTS: u32 = 35;

impl<B: OrderBook> Engine<B> {
    pub(super) fn margin_sections(&self) -> [(u32, Vec<u8>); 3] {
        let margin = &self.desk.margin;
        // The reference comes first: the others are reckoned in it.
        let is_reference = |terms: &MarginTerms| terms.priced_by.is_none();
        let reference = margin.terms().iter().filter(move |(_, terms)| is_reference(terms));
        let others = margin.terms().iter().filter(move |(_, terms)| !is_reference(terms));
        let terms = reference.chain(others).map(|(asset, terms)| (*asset, *terms));
        let debts = margin.debts().iter().map(|((account, asset), debt)| (*account, *asset, *debt));
        [(MARGIN_TERMS, section(terms)), (MARGIN_ACCOUNTS, section(margin.accounts())), (DEBTS, section(debts))]
    }

    /// After assets, instruments and accounts.
    pub(super) fn restore_margin(&mut self, sections: &[(u32, Vec<u8>)]) -> Result<(), RestoreError> {
        for (asset, terms) in records::<(AssetId, MarginTerms)>(sections, MARGIN_TERMS)? {
            let set = self.set_margin_terms(asset, terms, &mut Vec::new());
            set.map_err(|_| RestoreError::Contradiction("margin terms"))?;
        }
        for account in records::<AccountId>(sections, MARGIN_ACCOUNTS)? {
            self.known(account, None, None)?;
            if account == AccountId::FEES {
                return Err(RestoreError::Contradiction("the fee account borrows"));
            }
            self.desk.margin.set_margin(account, true);
        }
        for (account, asset, debt) in records::<(AccountId, AssetId, Amount)>(sections, DEBTS)? {
            self.known(account, Some(asset), None)?;
            if !(Amount(1)..=Amount::MAX).contains(&debt) || self.desk.margin.debt(account, asset) != Amount::ZERO {
                return Err(RestoreError::Contradiction("debt"));
            }
            self.desk.margin.owe(account, asset, debt);
        }
        Ok(())
    }
}
