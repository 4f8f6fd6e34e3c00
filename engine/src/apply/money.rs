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
        self.make_once(entry, command, events, |engine| {
            let LedgerEntry { account, asset, amount, reference } = *entry;
            let ledger = &mut engine.desk.ledger;
            ledger.supply(asset).checked_add(amount).ok_or(Reason::BalanceTooLarge)?;
            ledger.bring(account, asset, amount);
            Ok(Event::Deposited { account, asset, amount, reference })
        })
    }

    pub(super) fn withdraw(
        &mut self,
        entry: &LedgerEntry,
        command: &Command,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.desk.switches.check_money(entry.account)?;
        self.make_once(entry, command, events, |engine| {
            engine.check_out(entry)?;
            let LedgerEntry { account, asset, amount, reference } = *entry;
            engine.desk.ledger.bring(account, asset, -amount);
            Ok(Event::Withdrawn { account, asset, amount, reference })
        })
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
        self.make_once(entry, command, events, |engine| {
            engine.check_out(entry)?;
            let LedgerEntry { account: from, asset, amount, reference } = *entry;
            engine.desk.ledger.pass_on(asset, (from, to), amount);
            Ok(Event::Transferred { from, to, asset, amount, reference })
        })
    }

    /// Whether an account has so much, and may take it out.
    fn check_out(&self, entry: &LedgerEntry) -> Result<(), Reason> {
        let LedgerEntry { account, asset, amount, .. } = *entry;
        if self.desk.ledger.balance(account, asset).free < amount {
            return Err(Reason::InsufficientFunds);
        }
        self.check_margin(account, asset, amount)
    }

    /// Makes an entry that was not made before, and remembers it. `make` checks whatever is left to check before it changes
    /// anything, and gives what happened.
    pub(super) fn make_once(
        &mut self,
        entry: &LedgerEntry,
        command: &Command,
        events: &mut Vec<Event>,
        make: impl FnOnce(&mut Self) -> Result<Event, Reason>,
    ) -> Result<(), Reason> {
        let Some(print) = self.check_entry(entry, command, events)? else { return Ok(()) };
        let made = make(self)?;
        self.desk.references.insert(entry.account, entry.reference, print);
        events.push(made);
        Ok(())
    }

    /// Checks what all entries have in common. `None`: the entry was made before, and the event says so.
    fn check_entry(
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
