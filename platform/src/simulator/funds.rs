//! The simulator's accounts and their paper money. Accounts have constant names, so that every run finds the same.

use std::collections::BTreeMap;

use papertape_engine::{AccountId, Amount, AssetId, Command, Event, LedgerEntry};

use super::SimulatorError;
use crate::accounts::named_reference;

/// Makers first, then two takers and the small trader.
pub(super) const NAMES: [&str; 6] = ["maker-1", "maker-2", "maker-3", "taker-1", "taker-2", "small-1"];

/// Steps between two deposits of the same asset to the same account: ten seconds.
const PAUSE_STEPS: u64 = 200;

/// Where commands are answered before the market starts.
pub trait Call {
    /// Carries out a command and gives its events.
    fn call(&mut self, command: Command) -> Result<Vec<Event>, SimulatorError>;
}

/// The accounts, what each of them should have, and what it has.
#[derive(Clone, Debug)]
pub(super) struct Funds {
    accounts: [AccountId; NAMES.len()],
    /// Wanted amount of each asset.
    wanted: BTreeMap<AssetId, Amount>,
    /// The step of the last deposit.
    topped_up: BTreeMap<(AccountId, AssetId), u64>,
    short: Vec<(AccountId, AssetId)>,
}

impl Funds {
    /// Opens the accounts and gives each its first money, or finds that this was done; ends their open orders.
    pub(super) fn open(venue: &mut impl Call, wanted: BTreeMap<AssetId, Amount>) -> Result<Self, SimulatorError> {
        let mut accounts = [AccountId::FEES; NAMES.len()];
        for (account, name) in accounts.iter_mut().zip(NAMES) {
            *account = open_account(venue, name)?;
            venue.call(Command::CancelAll { account: *account, instrument: None, side: None })?;
            for (asset, amount) in &wanted {
                let reference = named_reference(&format!("simulator/{name}/{asset}/first"));
                let entry = LedgerEntry { account: *account, asset: *asset, amount: *amount, reference };
                venue.call(Command::Deposit(entry))?;
            }
        }
        Ok(Self { accounts, wanted, topped_up: BTreeMap::new(), short: Vec::new() })
    }

    pub(super) fn accounts(&self) -> &[AccountId; NAMES.len()] {
        &self.accounts
    }

    pub(super) fn is_own(&self, account: AccountId) -> bool {
        self.accounts.contains(&account)
    }

    /// A balance of one of the accounts: below a fifth of what it should be, money is asked for.
    pub(super) fn balance(&mut self, account: AccountId, asset: AssetId, free: Amount) {
        if self.wanted.get(&asset).is_some_and(|wanted| free.0 < wanted.0 / 5) {
            self.is_short(account, asset);
        }
    }

    /// An order of the account was refused for want of this asset.
    pub(super) fn is_short(&mut self, account: AccountId, asset: AssetId) {
        if !self.short.contains(&(account, asset)) {
            self.short.push((account, asset));
        }
    }

    /// Deposits for those who are short, each at most once in ten seconds.
    pub(super) fn top_up(&mut self, step: u64, now_ns: u64, commands: &mut Vec<Command>) {
        for (account, asset) in std::mem::take(&mut self.short) {
            let last = self.topped_up.get(&(account, asset));
            let Some(wanted) = self.wanted.get(&asset).filter(|_| last.is_none_or(|last| step >= last + PAUSE_STEPS))
            else {
                continue;
            };
            let reference = named_reference(&format!("simulator/{account}/{asset}/{now_ns}"));
            let amount = Amount((wanted.0 / 2).max(1));
            commands.push(Command::Deposit(LedgerEntry { account, asset, amount, reference }));
            self.topped_up.insert((account, asset), step);
        }
    }
}

fn open_account(venue: &mut impl Call, name: &str) -> Result<AccountId, SimulatorError> {
    let reference = named_reference(&format!("simulator/{name}"));
    let events = venue.call(Command::OpenAccount { reference })?;
    let opened = events.iter().find_map(|event| match event {
        Event::AccountOpened { account, .. } => Some(*account),
        _ => None,
    });
    opened.ok_or(SimulatorError::NoAccount { name: name.to_owned() })
}
