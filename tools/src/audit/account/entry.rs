//! One line of a statement, as text or as JSON.

use std::io::{self, Write};

use papertape_engine::{AccountId, Amount, AssetId, Engine, Stamp};
use serde::Serialize;

use super::statement::Statement;
use crate::audit::StoryFormat;
use crate::words::{Names, account_words, utc, utc_iso};

/// How much of an asset came or went, and what there is then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) asset: AssetId,
    pub(super) amount: Amount,
    pub(super) total: Amount,
}

#[derive(Serialize)]
struct ChangeText {
    asset: String,
    amount: String,
    balance: String,
}

#[derive(Serialize)]
struct EntryText<'a> {
    seq: u64,
    index: usize,
    time: String,
    what: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<u64>,
    changes: Vec<ChangeText>,
}

#[derive(Serialize)]
struct BalanceText {
    asset: String,
    balance: String,
    free: String,
    held: String,
    debt: String,
}

#[derive(Serialize)]
struct EndText<'a> {
    seq: u64,
    balances: Vec<BalanceText>,
    is_equal: bool,
    differences: Vec<&'a str>,
}

/// One line.
pub(super) struct Entry<'a> {
    pub(super) stamp: Stamp,
    pub(super) index: usize,
    pub(super) what: &'a str,
    pub(super) text: &'a str,
    pub(super) order: Option<u64>,
    pub(super) changes: &'a [Change],
}

/// Writes a statement as it goes on.
pub(super) struct Entries<'a, W: Write> {
    account: AccountId,
    format: StoryFormat,
    out: &'a mut W,
    written: u64,
    is_open: bool,
}

impl<'a, W: Write> Entries<'a, W> {
    pub(super) fn new(account: AccountId, format: StoryFormat, out: &'a mut W) -> Self {
        Self { account, format, out, written: 0, is_open: false }
    }

    pub(super) fn open(&mut self) -> io::Result<()> {
        if self.is_open {
            return Ok(());
        }
        self.is_open = true;
        match self.format {
            StoryFormat::Text => writeln!(self.out, "statement of {}", account_words(self.account)),
            StoryFormat::Json => write!(self.out, "{{\"account\":{},\"entries\":[", self.account),
        }
    }

    pub(super) fn write(&mut self, names: Names<'_>, entry: &Entry<'_>) -> io::Result<()> {
        self.open()?;
        let Entry { stamp, index, what, text, order, changes } = *entry;
        let sign = |amount: Amount| if amount.0 > 0 { "+" } else { "" };
        let money = |change: &Change| {
            let (asset, amount) = (names.asset(change.asset), names.amount(change.asset, change.amount));
            let amount = format!("{}{amount}", sign(change.amount));
            ChangeText { asset, amount, balance: names.amount(change.asset, change.total) }
        };
        let changes: Vec<ChangeText> = changes.iter().map(money).collect();
        self.written += 1;
        if self.format == StoryFormat::Json {
            let (seq, time, order_id) = (stamp.seq, utc_iso(stamp.time_ns), order);
            let comma = if self.written > 1 { "," } else { "" };
            let line = EntryText { seq, index, time, what, text, order_id, changes };
            return write!(self.out, "{comma}{}", serde_json::to_string(&line)?);
        }
        write!(self.out, "{}  record {:<8} {what:<11} {text}", utc(stamp.time_ns), stamp.seq)?;
        for ChangeText { asset, amount, balance } in &changes {
            write!(self.out, " | {amount} {asset}, balance {balance}")?;
        }
        writeln!(self.out)
    }

    pub(super) fn close(
        &mut self,
        statement: &Statement,
        engine: &Engine,
        last_seq: u64,
        differences: &[String],
    ) -> io::Result<()> {
        self.open()?;
        let (names, reckoning) = (Names::of(engine), statement.reckoning());
        let balances = engine.balances(self.account);
        let row = |asset: AssetId| {
            let balance = balances.iter().find(|(of, _)| *of == asset).map(|(_, balance)| *balance);
            let balance = balance.unwrap_or_default();
            BalanceText {
                asset: names.asset(asset),
                balance: names.amount(asset, reckoning.total(asset)),
                free: names.amount(asset, balance.free),
                held: names.amount(asset, balance.held),
                debt: names.amount(asset, reckoning.debt(asset)),
            }
        };
        let balances: Vec<BalanceText> = reckoning.assets().map(row).collect();
        let first = statement.first_difference();
        if self.format == StoryFormat::Json {
            let differences: Vec<&str> = first.into_iter().chain(differences.iter().map(String::as_str)).collect();
            let end = EndText { seq: last_seq, balances, is_equal: differences.is_empty(), differences };
            return writeln!(self.out, "],\"end\":{}}}", serde_json::to_string(&end)?);
        }
        writeln!(self.out, "at record {last_seq}:")?;
        for BalanceText { asset, balance, free, held, debt } in &balances {
            writeln!(self.out, "  {balance} {asset} ({free} free, {held} held; owes {debt})")?;
        }
        for difference in first.into_iter().chain(differences.iter().map(String::as_str)) {
            writeln!(self.out, "DIFFERENT: {difference}")?;
        }
        if first.is_none() && differences.is_empty() {
            writeln!(self.out, "equal to the replayed state, and after every record to what was told")?;
        }
        Ok(())
    }
}
