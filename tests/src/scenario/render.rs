//! Commands in words: what [`super::Scenario::parse`] reads.

use std::fmt::Write;

use papertape_engine::{ClientOrderId, Command, LedgerEntry, OrderKind, OrderRef, PlaceOrder, TimeInForce};

use super::allocation::show_mode;
use super::listing::{show_phase, show_spec};
use super::names::Names;

/// A scenario without expectations that stands for exactly these commands, one a line. Numbers are written out: the
/// file means the same on its own as the commands did.
pub fn render_commands(commands: &[Command]) -> String {
    let mut names = Names::default();
    let mut text = "# Commands as they were sent.\n\n".to_owned();
    for command in commands {
        writeln!(text, "{}", render_command(command, &names)).expect("a string takes everything");
        names.follow(command);
    }
    text
}

/// One command in words.
pub(super) fn render_command(command: &Command, names: &Names) -> String {
    let who = |account| names.show_account(account);
    match command {
        Command::Place(place) => {
            let name = place.client_order_id.map_or_else(String::new, |name| format!(" as {name}"));
            let limit = matches!(place.kind, OrderKind::Limit { .. });
            let usual = place.time_in_force == if limit { TimeInForce::Gtc } else { TimeInForce::Ioc };
            let terms = render_terms(place, !usual);
            format!("{} {terms}{}{name}", who(place.account), names.show_in(place.instrument))
        }
        Command::Cancel { account, order } => format!("{} cancels {}", who(*account), render_order(order)),
        Command::Amend(amend) => {
            let mut text = format!("{} amends {}", who(amend.account), render_order(&amend.order));
            if amend.price.is_some() || amend.qty.is_some() {
                text.push_str(" to");
            }
            amend.qty.iter().for_each(|qty| text.push_str(&format!(" {qty}")));
            amend.price.iter().for_each(|price| text.push_str(&format!(" @ {price}")));
            text
        }
        Command::CancelAll { account, instrument, side } => {
            let side = side.map_or_else(String::new, |side| format!(" {}s", side.name()));
            let place =
                instrument.map_or_else(String::new, |instrument| format!(" in {}", names.show_instrument(instrument)));
            format!("{} cancels all{side}{place}", who(*account))
        }
        Command::ListAsset(asset) => format!("list asset {} with {} decimals", asset.symbol, asset.decimals),
        Command::ListInstrument(spec) => format!("list market {}", show_spec(spec, names)),
        Command::OpenAccount { reference } => format!("open account {}", reference.0),
        Command::Tick => "tick".to_owned(),
        Command::SetTradeGroup { account, group } => {
            let group = group.map_or_else(|| "none".to_owned(), |group| group.0.to_string());
            format!("trade group of {} {group}", who(*account))
        }
        Command::Deposit(entry) => render_entry("deposit", "to", entry, names),
        Command::Withdraw(entry) => render_entry("withdraw", "from", entry, names),
        Command::Transfer { from, to } => {
            let LedgerEntry { account, asset, amount, reference } = *from;
            let (asset, from, to) = (names.show_asset(asset), who(account), who(*to));
            format!("transfer {amount} {asset} from {from} to {to} reference {}", reference.0)
        }
        Command::SetPhase { instrument, phase } => {
            format!("phase {}{}", show_phase(*phase), names.show_in(*instrument))
        }
        Command::Uncross { instrument, reference, then } => {
            let reference = reference.map_or_else(String::new, |price| format!(" reference {price}"));
            format!("uncross{reference} then {}{}", show_phase(*then), names.show_in(*instrument))
        }
    }
}

/// `buys 5 @ 100 ioc post-only cancel-maker`.
pub(super) fn render_terms(place: &PlaceOrder, with_time_in_force: bool) -> String {
    let what = match place.kind {
        OrderKind::Limit { price, qty } => format!("{qty} @ {price}"),
        OrderKind::Market { qty } => format!("{qty} at market"),
        OrderKind::MarketQuote { budget } => format!("for at most {budget} at market"),
    };
    let tif = match place.time_in_force {
        _ if !with_time_in_force => String::new(),
        TimeInForce::Gtd { until_ns } => format!(" until {until_ns}"),
        other => format!(" {}", other.name()),
    };
    let post_only = if place.post_only { " post-only" } else { "" };
    let mode = place.self_trade_prevention.map_or_else(String::new, |mode| format!(" {}", show_mode(mode)));
    format!("{}s {what}{tif}{post_only}{mode}", place.side.name())
}

fn render_entry(verb: &str, preposition: &str, entry: &LedgerEntry, names: &Names) -> String {
    let LedgerEntry { account, asset, amount, reference } = *entry;
    let (asset, account) = (names.show_asset(asset), names.show_account(account));
    format!("{verb} {amount} {asset} {preposition} {account} reference {}", reference.0)
}

/// `order#7`, or the client's name; in quotes if it would mean something else.
pub(super) fn render_order(order: &OrderRef) -> String {
    match order {
        OrderRef::Id(id) => format!("order#{id}"),
        OrderRef::Client(name) => render_name(name),
    }
}

fn render_name(name: &ClientOrderId) -> String {
    if name.as_str() == "all" { format!("\"{name}\"") } else { name.to_string() }
}
