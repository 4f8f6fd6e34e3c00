//! Accounts that borrow: their settings, what they borrow and repay, and how they stand.

use crate::book::OrderBook;
use crate::command::{Command, LedgerEntry};
use crate::engine::Engine;
use crate::event::Event;
use crate::ids::{AccountId, AssetId};
use crate::margin::{MarginLevel, MarginTerms, Worth};
use crate::reason::Reason;
use crate::units::Amount;

impl<B: OrderBook> Engine<B> {
    /// What an asset is to accounts that borrow, from now on.
    pub(crate) fn set_margin_terms(
        &mut self,
        asset: AssetId,
        terms: MarginTerms,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        if usize::from(asset.0) >= self.assets.len() {
            return Err(Reason::UnknownAsset);
        }
        let reference = self.desk.margin.reference();
        let fits = match terms.priced_by {
            None => reference.is_none_or(|reference| reference == asset),
            Some(instrument) => {
                let spec = &self.market(instrument).ok_or(Reason::UnknownInstrument)?.clerk.instrument.spec;
                spec.base == asset && reference == Some(spec.quote)
            }
        };
        if !fits || !terms.is_sound() {
            return Err(Reason::InvalidMarginTerms);
        }
        self.desk.margin.set_terms(asset, terms);
        events.push(Event::MarginTermsSet { asset, terms });
        Ok(())
    }

    /// Lets an account borrow, or no longer.
    pub(super) fn set_margin_account(
        &mut self,
        account: AccountId,
        margin: bool,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.check_account(account)?;
        if self.desk.margin.is_margin(account) == margin {
            return Err(Reason::SwitchUnchanged);
        }
        if self.desk.margin.owes(account) {
            return Err(Reason::AccountOwes);
        }
        self.desk.margin.set_margin(account, margin);
        events.push(Event::MarginAccountSet { account, margin });
        Ok(())
    }

    pub(super) fn borrow(
        &mut self,
        entry: &LedgerEntry,
        command: &Command,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.desk.switches.check_money(entry.account)?;
        self.make_once(entry, command, events, |engine| {
            engine.check_borrow(entry)?;
            let LedgerEntry { account, asset, amount, reference } = *entry;
            engine.desk.ledger.bring(account, asset, amount);
            let debt = engine.desk.margin.owe(account, asset, amount);
            Ok(Event::Borrowed { account, asset, amount, debt, reference })
        })
    }

    fn check_borrow(&self, entry: &LedgerEntry) -> Result<(), Reason> {
        let LedgerEntry { account, asset, amount, .. } = *entry;
        let margin = &self.desk.margin;
        if !margin.is_margin(account) {
            return Err(Reason::NotAMarginAccount);
        }
        let terms = *margin.terms().get(&asset).ok_or(Reason::NotBorrowable)?;
        let within = |owed: Amount, most| owed.checked_add(amount).is_some_and(|debt| debt <= most);
        if !within(margin.debt(account, asset), terms.borrow_max) || !within(margin.owed_by_all(asset), Amount::MAX) {
            return Err(Reason::BorrowLimit);
        }
        self.desk.ledger.supply(asset).checked_add(amount).ok_or(Reason::BalanceTooLarge)?;
        if self.worth(&terms).of(amount, true).is_none() {
            return Err(Reason::NoReferencePrice);
        }
        let met = self.level_with(account, asset, amount, amount).is_initial_met();
        if met { Ok(()) } else { Err(Reason::InsufficientMargin) }
    }

    pub(super) fn repay(
        &mut self,
        entry: &LedgerEntry,
        command: &Command,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.make_once(entry, command, events, |engine| {
            let LedgerEntry { account, asset, amount, reference } = *entry;
            let amount = amount.min(engine.desk.margin.debt(account, asset));
            if amount == Amount::ZERO {
                return Err(Reason::NothingBorrowed);
            }
            if engine.desk.ledger.balance(account, asset).free < amount {
                return Err(Reason::InsufficientFunds);
            }
            let debt = engine.pay_back(account, asset, amount);
            Ok(Event::Repaid { account, asset, amount, debt, reference: Some(reference) })
        })
    }

    /// Takes money out of a balance for a debt, and gives what is owed then.
    pub(super) fn pay_back(&mut self, account: AccountId, asset: AssetId, amount: Amount) -> Amount {
        self.desk.ledger.bring(account, asset, -amount);
        self.desk.margin.owe(account, asset, -amount)
    }

    /// Whether an account may take so much out, as far as it owes something.
    #[inline]
    pub(super) fn check_margin(&self, account: AccountId, asset: AssetId, amount: Amount) -> Result<(), Reason> {
        if self.desk.margin.has_debts() { self.check_margin_of(account, asset, amount) } else { Ok(()) }
    }

    #[cold]
    fn check_margin_of(&self, account: AccountId, asset: AssetId, amount: Amount) -> Result<(), Reason> {
        let met =
            !self.desk.margin.owes(account) || self.level_with(account, asset, -amount, Amount::ZERO).is_initial_met();
        if met { Ok(()) } else { Err(Reason::InsufficientMargin) }
    }

    /// What an asset with these terms is worth now.
    pub(super) fn worth(&self, terms: &MarginTerms) -> Worth<'_> {
        match terms.priced_by {
            None => Worth::Itself,
            Some(instrument) => {
                let market = &self.markets[usize::from(instrument.0)];
                Worth::By(&market.clerk.instrument, market.mark.or(market.clerk.last_price))
            }
        }
    }

    /// How an account stands.
    pub(crate) fn level(&self, account: AccountId) -> MarginLevel {
        self.level_with(account, AssetId(0), Amount::ZERO, Amount::ZERO)
    }

    /// How an account would stand with so much more of an asset, and so much more owed.
    fn level_with(&self, account: AccountId, asset: AssetId, has: Amount, owes: Amount) -> MarginLevel {
        let mut level = MarginLevel::default();
        for (of, terms) in self.desk.margin.terms() {
            let worth = self.worth(terms);
            let balance = self.desk.ledger.balance(account, *of);
            let (mut total, mut debt) = (balance.free + balance.held, self.desk.margin.debt(account, *of));
            if *of == asset {
                (total, debt) = (total + has, debt + owes);
            }
            if total > Amount::ZERO {
                level.add_collateral(terms, worth, total);
            }
            if debt > Amount::ZERO {
                level.add_debt(terms, worth, debt);
            }
        }
        level
    }
}
