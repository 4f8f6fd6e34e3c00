//! Deposits, withdrawals and transfers. Each has a reference; the same entry twice is made once.

use crate::book::OrderBook;
use crate::command::{Command, LedgerEntry};
use crate::engine::Engine;
use crate::event::Event;
use crate::ids::AccountId;
use crate::maps::fingerprint;
use crate::reason::Reason;
use crate::units::Amount;

impl<B: OrderBook> Engine<B> {
    pub(super) fn deposit(
        &mut self,
        entry: &LedgerEntry,
        command: &Command,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        let Some(print) = self.check_entry(entry, command, events)? else { return Ok(()) };
        let LedgerEntry { account, asset, amount, reference } = *entry;
        let ledger = &mut self.desk.ledger;
        ledger.supply(asset).checked_add(amount).ok_or(Reason::BalanceTooLarge)?;
        ledger.change_supply(asset, amount);
        let row = ledger.row(account, asset);
        ledger.change(row, amount, Amount::ZERO);
        self.desk.references.insert(account, reference, print);
        events.push(Event::Deposited { account, asset, amount, reference });
        Ok(())
    }

    pub(super) fn withdraw(
        &mut self,
        entry: &LedgerEntry,
        command: &Command,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.desk.switches.check_money(entry.account)?;
        let Some(print) = self.check_entry(entry, command, events)? else { return Ok(()) };
        let LedgerEntry { account, asset, amount, reference } = *entry;
        let ledger = &self.desk.ledger;
        if ledger.balance(account, asset).free < amount {
            return Err(Reason::InsufficientFunds);
        }
        self.check_margin(account, asset, amount)?;
        let ledger = &mut self.desk.ledger;
        ledger.change_supply(asset, -amount);
        let row = ledger.row(account, asset);
        ledger.change(row, -amount, Amount::ZERO);
        self.desk.references.insert(account, reference, print);
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
        self.desk.switches.check_money(entry.account)?;
        let Some(print) = self.check_entry(entry, command, events)? else { return Ok(()) };
        let LedgerEntry { account: from, asset, amount, reference } = *entry;
        let ledger = &self.desk.ledger;
        if ledger.balance(from, asset).free < amount {
            return Err(Reason::InsufficientFunds);
        }
        self.check_margin(from, asset, amount)?;
        let ledger = &mut self.desk.ledger;
        let (from_row, to_row) = (ledger.row(from, asset), ledger.row(to, asset));
        ledger.change(from_row, -amount, Amount::ZERO);
        ledger.change(to_row, amount, Amount::ZERO);
        self.desk.references.insert(from, reference, print);
        events.push(Event::Transferred { from, to, asset, amount, reference });
        Ok(())
    }

    /// Checks what all entries have in common. `None`: the entry was made before, and the event says so.
    pub(super) fn check_entry(
        &mut self,
        entry: &LedgerEntry,
        command: &Command,
        events: &mut Vec<Event>,
    ) -> Result<Option<u64>, Reason> {
        self.check_account(entry.account)?;
        if usize::from(entry.asset.0) >= self.assets.len() {
            return Err(Reason::UnknownAsset);
        }
        if entry.amount <= Amount::ZERO || entry.amount > Amount::MAX {
            return Err(Reason::InvalidAmount);
        }
        self.scratch.clear();
        let kind = command.encode(&mut self.scratch);
        let print = fingerprint(&self.scratch) ^ u64::from(kind);
        match self.desk.references.find(entry.account, entry.reference) {
            None => Ok(Some(print)),
            Some(first) if first == print => {
                events.push(Event::EntryRepeated { account: entry.account, reference: entry.reference });
                Ok(None)
            }
            Some(_) => Err(Reason::DuplicateReference),
        }
    }
}
