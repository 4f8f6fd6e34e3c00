//! Accounts, and the money that comes in, goes out and moves.

use papertape_engine::{AccountId, AssetId, Command, Event, LedgerEntry, Reason, Reference};

use super::{AMOUNT_MAX, Model};

impl Model {
    /// The same reference gives the same account.
    pub(super) fn open_account(&mut self, reference: Reference, events: &mut Vec<Event>) -> Result<(), Reason> {
        let known = self.openings.iter().position(|opening| *opening == Some(reference));
        if known.is_none() {
            if self.openings.len() == u32::MAX as usize {
                return Err(Reason::TooManyListed);
            }
            self.openings.push(Some(reference));
            self.groups.push(None);
        }
        let account = AccountId(known.unwrap_or(self.openings.len() - 1) as u32);
        events.push(Event::AccountOpened { account, reference });
        Ok(())
    }

    pub(super) fn deposit(
        &mut self,
        entry: &LedgerEntry,
        command: &Command,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.check_account(entry.account)?;
        if let Some(repeated) = self.check_entry(entry, command)? {
            events.push(repeated);
            return Ok(());
        }
        let LedgerEntry { account, asset, amount, reference } = *entry;
        if self.supply(asset) + amount.0 > AMOUNT_MAX {
            return Err(Reason::BalanceTooLarge);
        }
        self.change(account, asset, amount.0);
        self.take_reference(account, reference, command);
        events.push(Event::Deposited { account, asset, amount, reference });
        Ok(())
    }

    pub(super) fn withdraw(
        &mut self,
        entry: &LedgerEntry,
        command: &Command,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.check_account(entry.account)?;
        self.check_suspension(entry.account)?;
        if let Some(repeated) = self.check_entry(entry, command)? {
            events.push(repeated);
            return Ok(());
        }
        let LedgerEntry { account, asset, amount, reference } = *entry;
        if amount.0 > self.free(account, asset) {
            return Err(Reason::InsufficientFunds);
        }
        self.check_taking_out(account, asset, amount.0)?;
        self.change(account, asset, -amount.0);
        self.take_reference(account, reference, command);
        events.push(Event::Withdrawn { account, asset, amount, reference });
        Ok(())
    }

    pub(super) fn transfer(
        &mut self,
        entry: &LedgerEntry,
        to: AccountId,
        command: &Command,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.check_account(to)?;
        if to == entry.account {
            return Err(Reason::SameAccount);
        }
        self.check_account(entry.account)?;
        self.check_suspension(entry.account)?;
        if let Some(repeated) = self.check_entry(entry, command)? {
            events.push(repeated);
            return Ok(());
        }
        let LedgerEntry { account: from, asset, amount, reference } = *entry;
        if amount.0 > self.free(from, asset) {
            return Err(Reason::InsufficientFunds);
        }
        self.check_taking_out(from, asset, amount.0)?;
        self.change(from, asset, -amount.0);
        self.change(to, asset, amount.0);
        self.take_reference(from, reference, command);
        events.push(Event::Transferred { from, to, asset, amount, reference });
        Ok(())
    }

    /// What all entries have in common; the event, if this one was made before.
    pub(super) fn check_entry(&self, entry: &LedgerEntry, command: &Command) -> Result<Option<Event>, Reason> {
        if usize::from(entry.asset.0) >= self.assets.len() {
            return Err(Reason::UnknownAsset);
        }
        if entry.amount.0 <= 0 || entry.amount.0 > AMOUNT_MAX {
            return Err(Reason::InvalidAmount);
        }
        self.check_reference(entry.account, entry.reference, command)
    }

    /// All there is of an asset.
    pub(super) fn supply(&self, asset: AssetId) -> i128 {
        self.money.iter().filter(|((_, of), _)| *of == asset).map(|(_, total)| total).sum()
    }
}
