//! Accounts that borrow, in words.

use papertape_engine::{Amount, AssetId, Command, Event, LedgerEntry, MarginLevel, MarginTerms, Ppm};

use super::commands::Reader;
use super::names::Names;
use super::words::Words;

impl Reader {
    /// `terms of TEA priced by TEA-USD, collateral 800000 ppm, initial 200000 ppm, maintenance 100000 ppm, debts to 1000`, or
    /// `account alice on`.
    pub(super) fn margin(&self, words: &mut Words<'_>) -> Result<Command, String> {
        if words.take("account") {
            let account = self.who(words)?;
            let complaint = words.expected("`on` or `off`");
            return match words.next("`on` or `off`")? {
                "on" => Ok(Command::SetMarginAccount { account, margin: true }),
                "off" => Ok(Command::SetMarginAccount { account, margin: false }),
                _ => Err(complaint),
            };
        }
        words.must("terms of")?;
        let asset = self.asset(words)?;
        let complaint = words.expected("a listed market or instrument#N");
        let priced_by = if words.take("priced") {
            words.must("by")?;
            Some(self.names.instrument(words.next("a market")?).ok_or(complaint)?)
        } else {
            None
        };
        let mut rate = |name: &str| {
            words.must(",")?;
            words.must(name)?;
            let rate = words.number("parts per million")?;
            words.must("ppm")?;
            Ok::<Ppm, String>(Ppm(rate))
        };
        let (collateral, initial, maintenance) = (rate("collateral")?, rate("initial")?, rate("maintenance")?);
        words.must(", debts to")?;
        let borrow_max = Amount(words.number("units of the asset")?);
        let terms = MarginTerms { priced_by, collateral, initial, maintenance, borrow_max };
        Ok(Command::SetMarginTerms { asset, terms })
    }
}

pub(super) fn show_terms(asset: AssetId, terms: &MarginTerms, names: &Names) -> String {
    let MarginTerms { priced_by, collateral, initial, maintenance, borrow_max } = *terms;
    let by = priced_by.map_or_else(String::new, |by| format!(" priced by {}", names.show_instrument(by)));
    let (asset, rates) =
        (names.show_asset(asset), format!("initial {} ppm, maintenance {} ppm", initial.0, maintenance.0));
    format!("terms of {asset}{by}, collateral {} ppm, {rates}, debts to {borrow_max}", collateral.0)
}

/// A command about borrowing in words.
pub(super) fn render_margin(command: &Command, names: &Names) -> String {
    let entry = |verb: &str, entry: &LedgerEntry| {
        let LedgerEntry { account, asset, amount, reference } = *entry;
        let (asset, account) = (names.show_asset(asset), names.show_account(account));
        format!("{verb} {amount} {asset} for {account} reference {}", reference.0)
    };
    match command {
        Command::SetMarginTerms { asset, terms } => format!("margin {}", show_terms(*asset, terms, names)),
        Command::SetMarginAccount { account, margin } => {
            format!("margin account {} {}", names.show_account(*account), if *margin { "on" } else { "off" })
        }
        Command::Borrow(borrowed) => entry("borrow", borrowed),
        Command::Repay(repaid) => entry("repay", repaid),
        other => format!("{other:?}"),
    }
}

/// The word that begins an event's line, and the rest of it.
pub(super) fn tell_margin(event: &Event, names: &Names) -> Option<(&'static str, String)> {
    let who = |account| names.show_account(account);
    let what = |asset| names.show_asset(asset);
    Some(match *event {
        Event::MarginTermsSet { asset, terms } => ("margin", show_terms(asset, &terms, names)),
        Event::MarginAccountSet { account, margin } => {
            ("margin", format!("account {} {}", who(account), if margin { "on" } else { "off" }))
        }
        Event::Borrowed { account, asset, amount, debt, reference } => {
            let (who, asset) = (who(account), what(asset));
            ("borrowed", format!("{amount} {asset} by {who}, owes {debt}, reference {}", reference.0))
        }
        Event::Repaid { account, asset, amount, debt, reference } => {
            let (who, asset) = (who(account), what(asset));
            let reference = reference.map_or_else(String::new, |reference| format!(", reference {}", reference.0));
            ("repaid", format!("{amount} {asset} by {who}, owes {debt}{reference}"))
        }
        Event::LiquidationBegun { account, level } => {
            let MarginLevel { collateral, debt, maintenance, .. } = level;
            ("liquidates", format!("{}: collateral {collateral}, owes {debt}, maintenance {maintenance}", who(account)))
        }
        Event::LiquidationEnded { account, owes } => {
            ("liquidated", format!("{}, {}", who(account), if owes { "still owes" } else { "owes nothing" }))
        }
        Event::BadDebt { account, asset, amount, paid } => {
            ("bad debt", format!("{amount} {} of {}, the venue paid {paid}", what(asset), who(account)))
        }
        _ => return None,
    })
}
