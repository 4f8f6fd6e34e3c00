//! Borrowing: which assets can be borrowed and what they are worth as collateral, who borrows, and what is owed.
//!
//! What is borrowed is money like any other: it is in the borrower's balance, and orders know nothing of it. The debt stands
//! beside it. Spot accounts are in none of these tables.

use std::collections::{BTreeMap, BTreeSet};

use ethnum::U256;
use wincode::{SchemaRead, SchemaWrite};

use crate::debtors::Debtors;
use crate::ids::{AccountId, AssetId, InstrumentId};
use crate::instrument::Instrument;
use crate::units::{Amount, PPM, Ppm, Price, Qty};

/// What an asset is to accounts that borrow.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, SchemaRead, SchemaWrite)]
pub struct MarginTerms {
    /// The instrument whose mark price, or before one was set whose last trade, is the asset's price; it is paid with the
    /// reference asset. `None` is the reference asset itself, in which everything is reckoned: there is one.
    pub priced_by: Option<InstrumentId>,
    /// Which part of its value counts as collateral, 0 to 1,000,000: the rest is the haircut.
    pub collateral: Ppm,
    /// What must be left over the debts when something is borrowed or taken out, by the value of what is owed: at least
    /// `maintenance`, at most 10,000,000.
    pub initial: Ppm,
    /// What must be left over the debts at any time, by the value of what is owed: at least 1. Below it the account is
    /// liquidated.
    pub maintenance: Ppm,
    /// The most that one account may owe; zero is nothing.
    pub borrow_max: Amount,
}

impl MarginTerms {
    /// The highest requirement.
    pub const INITIAL_MAX: i32 = 10_000_000;

    pub(crate) fn is_sound(&self) -> bool {
        (0..=PPM as i32).contains(&self.collateral.0)
            && (1..=self.initial.0).contains(&self.maintenance.0)
            && self.initial.0 <= Self::INITIAL_MAX
            && (Amount::ZERO..=Amount::MAX).contains(&self.borrow_max)
    }
}

/// How an account that borrows stands, in the reference asset.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct MarginLevel {
    /// What it has, held or not, after haircuts.
    pub collateral: Amount,
    /// What it owes.
    pub debt: Amount,
    /// What must be left over the debts when something is borrowed or taken out.
    pub initial: Amount,
    /// What must be left over the debts at any time.
    pub maintenance: Amount,
}

impl MarginLevel {
    /// Counts what an account has of an asset that is worth `price`; without a price it is worth nothing. A value above
    /// 10^32 counts as 10^32.
    pub fn add_collateral(&mut self, terms: &MarginTerms, worth: Worth<'_>, amount: Amount) {
        let value = worth.of(amount, false).unwrap_or_default();
        self.collateral += part(value, terms.collateral, false);
    }

    /// Counts what an account owes. Without a price it is owed all the same, but worth nothing for the moment.
    pub fn add_debt(&mut self, terms: &MarginTerms, worth: Worth<'_>, amount: Amount) {
        let value = worth.of(amount, true).unwrap_or_default();
        self.debt += value;
        self.initial += part(value, terms.initial, true);
        self.maintenance += part(value, terms.maintenance, true);
    }

    /// Whether something may be borrowed or taken out.
    pub fn is_initial_met(&self) -> bool {
        self.collateral >= self.debt + self.initial
    }

    /// Whether the account is not liquidated.
    pub fn is_maintenance_met(&self) -> bool {
        self.collateral >= self.debt + self.maintenance
    }
}

/// So many millionths of a value. Whole millions of it first: ten times the largest value in millionths has no room.
fn part(value: Amount, rate: Ppm, up: bool) -> Amount {
    let rate = i128::from(rate.0);
    let (whole, rest) = (value.0 / PPM, value.0 % PPM * rate);
    Amount(whole * rate + rest / PPM + i128::from(up && rest % PPM != 0))
}

/// What an asset is worth at a moment.
#[derive(Clone, Copy, Debug)]
pub enum Worth<'a> {
    /// It is the reference asset.
    Itself,
    /// So much a lot, by an instrument; `None` where there is no price.
    By(&'a Instrument, Option<Price>),
}

impl Worth<'_> {
    /// What a lot is worth; `None` without a price, or above 10^32.
    fn lot(&self) -> Option<(Amount, Amount)> {
        match self {
            Worth::Itself => Some((Amount(1), Amount(1))),
            Worth::By(instrument, price) => Some((instrument.quote_value((*price)? * Qty(1))?, instrument.spec.lot)),
        }
    }

    /// What so much is worth, rounded up or down, at most 10^32.
    pub(crate) fn of(&self, amount: Amount, up: bool) -> Option<Amount> {
        let (value, lot) = self.lot()?;
        let [amount, value, lot] = [amount, value, lot].map(|number| U256::from(number.0.unsigned_abs()));
        let product = amount * value;
        let whole = product / lot + U256::from(u8::from(up && product % lot != 0));
        let most = Amount::MAX.0;
        Some(Amount(i128::try_from(whole).map_or(most, |whole| whole.min(most))))
    }
}

/// Everything about borrowing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Margin {
    reference: Option<AssetId>,
    pub(crate) terms: BTreeMap<AssetId, MarginTerms>,
    accounts: BTreeSet<AccountId>,
    /// What is owed, none of nothing. The fee account owes what nobody else will ever pay.
    debts: BTreeMap<(AccountId, AssetId), Amount>,
    /// The sums of that, by asset.
    owed: BTreeMap<AssetId, Amount>,
    /// Whom a new price concerns.
    pub(crate) debtors: Debtors,
}

impl Margin {
    /// The asset in which everything is reckoned.
    pub(crate) fn reference(&self) -> Option<AssetId> {
        self.reference
    }

    pub(crate) fn terms(&self) -> &BTreeMap<AssetId, MarginTerms> {
        &self.terms
    }

    pub(crate) fn set_terms(&mut self, asset: AssetId, terms: MarginTerms) {
        if terms.priced_by.is_none() {
            self.reference = Some(asset);
        }
        self.terms.insert(asset, terms);
    }

    pub(crate) fn is_margin(&self, account: AccountId) -> bool {
        self.accounts.contains(&account)
    }

    pub(crate) fn set_margin(&mut self, account: AccountId, margin: bool) {
        if margin {
            self.accounts.insert(account);
        } else {
            self.accounts.remove(&account);
        }
    }

    /// The accounts that may borrow, by number.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = AccountId> {
        self.accounts.iter().copied()
    }

    /// Whether anybody owes anything.
    #[inline]
    pub(crate) fn has_debts(&self) -> bool {
        !self.debts.is_empty()
    }

    pub(crate) fn debt(&self, account: AccountId, asset: AssetId) -> Amount {
        self.debts.get(&(account, asset)).copied().unwrap_or_default()
    }

    /// What an account owes, by asset.
    pub(crate) fn debts_of(&self, account: AccountId) -> impl Iterator<Item = (AssetId, Amount)> {
        let own = self.debts.range((account, AssetId(0))..=(account, AssetId(u16::MAX)));
        own.map(|((_, asset), debt)| (*asset, *debt))
    }

    /// All that is owed, by account and asset.
    pub(crate) fn debts(&self) -> &BTreeMap<(AccountId, AssetId), Amount> {
        &self.debts
    }

    /// Adds to what an account owes, or takes away from it; gives what it owes then.
    pub(crate) fn owe(&mut self, account: AccountId, asset: AssetId, more: Amount) -> Amount {
        let debt = self.debts.entry((account, asset)).or_default();
        *debt += more;
        let left = *debt;
        if left == Amount::ZERO {
            self.debts.remove(&(account, asset));
        }
        let owed = self.owed.entry(asset).or_default();
        *owed = owed.saturating_add(more);
        self.look_again(account);
        left
    }

    /// What is owed of an asset by all, the venue itself included: at most [`Amount::MAX`], so that no debt ever exceeds it,
    /// whoever comes to owe it.
    pub(crate) fn owed_by_all(&self, asset: AssetId) -> Amount {
        self.owed.get(&asset).copied().unwrap_or_default()
    }

    /// Whether an account owes something.
    pub(crate) fn owes(&self, account: AccountId) -> bool {
        self.debts_of(account).next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_of_the_largest_value_has_room() {
        assert_eq!(part(Amount::MAX, Ppm(MarginTerms::INITIAL_MAX), true), Amount(Amount::MAX.0 * 10));
        assert_eq!(part(Amount(1_000_001), Ppm(500_000), false), Amount(500_000));
        assert_eq!(part(Amount(1_000_001), Ppm(500_000), true), Amount(500_001));
        assert_eq!(part(Amount(3), Ppm(1), true), Amount(1));
    }
}
