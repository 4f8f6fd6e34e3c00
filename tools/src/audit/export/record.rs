//! A record as a row.

use papertape_engine::{Command, LedgerEntry, OrderKind, OrderRef, PlaceOrder};
use papertape_pipeline::Step;

use super::row::Row;
use crate::audit::show::{command_words, own_record};
use crate::replay::hex;
use crate::words::Names;

/// The columns of `--what records`.
pub(super) const COLUMNS: [&str; 24] = [
    "seq",
    "time",
    "time_ns",
    "durable_seq",
    "kind",
    "command",
    "account",
    "symbol",
    "order_id",
    "client_order_id",
    "side",
    "type",
    "price",
    "qty",
    "budget",
    "time_in_force",
    "post_only",
    "asset",
    "amount",
    "reference",
    "to_account",
    "events",
    "text",
    "payload",
];

/// A record and what it asked.
pub(super) fn row(names: Names<'_>, step: &Step<'_>) -> Row {
    let mut row = Row::new(&COLUMNS);
    row.stamp(step.stamp);
    row.number("durable_seq", step.record.durable_seq);
    row.number("kind", step.record.kind.0.into());
    row.number("events", step.events.len() as u64);
    row.text("payload", hex(step.record.payload));
    match &step.command {
        None => row.text("text", own_record(step.record.kind, step.record.payload)),
        Some(command) => {
            row.text("command", name(command));
            row.text("text", command_words(names, command, step.events));
            fill(names, command, &mut row);
        }
    }
    row
}

fn fill(names: Names<'_>, command: &Command, row: &mut Row) {
    match command {
        Command::Place(order) => place(names, order, row),
        Command::PlaceList(list) => {
            row.number("account", list.account.0.into());
            row.text("symbol", names.symbol(list.instrument));
            if let Some(name) = list.client_order_id {
                row.text("client_order_id", name.as_str());
            }
        }
        Command::Cancel { account, order } => {
            row.number("account", account.0.into());
            named(order, row);
        }
        Command::Amend(amend) => {
            row.number("account", amend.account.0.into());
            named(&amend.order, row);
        }
        Command::CancelAll { account, instrument, side } => {
            row.number("account", account.0.into());
            if let Some(at) = instrument {
                row.text("symbol", names.symbol(*at));
            }
            if let Some(side) = side {
                row.text("side", side.name());
            }
        }
        Command::Deposit(entry) | Command::Withdraw(entry) | Command::Borrow(entry) | Command::Repay(entry) => {
            money(names, entry, row);
        }
        Command::Transfer { from, to } => {
            money(names, from, row);
            row.number("to_account", to.0.into());
        }
        Command::OpenAccount { reference } => row.text("reference", reference.0.to_string()),
        Command::SetMark { instrument, price } => {
            row.text("symbol", names.symbol(*instrument));
            row.text("price", names.price(*instrument, *price));
        }
        Command::SetPhase { instrument, .. }
        | Command::SetSchedule { instrument, .. }
        | Command::SetFeeTiers { instrument, .. }
        | Command::Uncross { instrument, .. } => row.text("symbol", names.symbol(*instrument)),
        Command::SetTradeGroup { account, .. }
        | Command::SetSuspended { account, .. }
        | Command::SetMarginAccount { account, .. } => row.number("account", account.0.into()),
        Command::ListAsset(asset) => row.text("asset", asset.symbol.as_str()),
        Command::ListInstrument(spec) => row.text("symbol", spec.symbol.as_str()),
        Command::SetMarginTerms { asset, .. } => row.text("asset", names.asset(*asset)),
        Command::SetKillSwitch { .. } | Command::Tick => {}
    }
}

fn place(names: Names<'_>, order: &PlaceOrder, row: &mut Row) {
    let at = order.instrument;
    row.number("account", order.account.0.into());
    row.text("symbol", names.symbol(at));
    row.text("side", order.side.name());
    row.text("time_in_force", order.time_in_force.name());
    row.bool("post_only", order.post_only);
    if let Some(name) = order.client_order_id {
        row.text("client_order_id", name.as_str());
    }
    if let Some(qty) = order.kind.qty() {
        row.text("qty", names.qty(at, qty));
    }
    let kind = match order.kind {
        OrderKind::Limit { price, .. } => {
            row.text("price", names.price(at, price));
            "limit"
        }
        OrderKind::Market { .. } => "market",
        OrderKind::MarketQuote { budget } => {
            row.text("budget", names.quote_money(at, budget));
            "market_by_amount"
        }
        OrderKind::MarketToLimit { .. } => "market_to_limit",
    };
    row.text("type", kind);
}

fn named(order: &OrderRef, row: &mut Row) {
    match order {
        OrderRef::Id(id) => row.number("order_id", id.0),
        OrderRef::Client(name) => row.text("client_order_id", name.as_str()),
    }
}

fn money(names: Names<'_>, entry: &LedgerEntry, row: &mut Row) {
    row.number("account", entry.account.0.into());
    row.text("asset", names.asset(entry.asset));
    row.text("amount", names.amount(entry.asset, entry.amount));
    row.text("reference", entry.reference.0.to_string());
}

/// What a command is called.
fn name(command: &Command) -> &'static str {
    match command {
        Command::Place(_) => "place",
        Command::PlaceList(_) => "place_list",
        Command::Cancel { .. } => "cancel",
        Command::Amend(_) => "amend",
        Command::CancelAll { .. } => "cancel_all",
        Command::Tick => "tick",
        Command::ListAsset(_) => "list_asset",
        Command::ListInstrument(_) => "list_instrument",
        Command::OpenAccount { .. } => "open_account",
        Command::SetTradeGroup { .. } => "set_trade_group",
        Command::SetKillSwitch { .. } => "set_kill_switch",
        Command::SetSuspended { .. } => "set_suspended",
        Command::Deposit(_) => "deposit",
        Command::Withdraw(_) => "withdraw",
        Command::Transfer { .. } => "transfer",
        Command::SetMarginTerms { .. } => "set_margin_terms",
        Command::SetMarginAccount { .. } => "set_margin_account",
        Command::Borrow(_) => "borrow",
        Command::Repay(_) => "repay",
        Command::SetPhase { .. } => "set_phase",
        Command::SetSchedule { .. } => "set_schedule",
        Command::SetMark { .. } => "set_mark",
        Command::SetFeeTiers { .. } => "set_fee_tiers",
        Command::Uncross { .. } => "uncross",
    }
}
