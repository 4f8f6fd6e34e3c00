//! Commands in words: what [`super::Scenario::parse`] reads.

use std::fmt::Write;

use papertape_engine::{
    ClientOrderId, Command, KillScope, LedgerEntry, ListOrders, OrderKind, OrderRef, Peg, PlaceList, PlaceOrder, Qty,
    TimeInForce,
};

use super::allocation::show_mode;
use super::fees::show_tiers;
use super::listing::{show_phase, show_schedule, show_spec, show_stage};
use super::margin::render_margin;
use super::names::Names;
use super::orders::{show_time, show_trigger};

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
            let terms = render_terms(place, place.time_in_force != usual_time(place));
            format!("{} {terms}{}{name}", who(place.account), names.show_in(place.instrument))
        }
        Command::PlaceList(list) => render_list(list, names),
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
        Command::SetKillSwitch { scope, engaged } => {
            let on = if *engaged { "on" } else { "off" };
            format!("kill switch {on}{}", render_scope(*scope, names))
        }
        Command::SetSuspended { account, suspended: true } => format!("suspend {}", who(*account)),
        Command::SetSuspended { account, suspended: false } => format!("reinstate {}", who(*account)),
        Command::SetMarginTerms { .. } | Command::SetMarginAccount { .. } | Command::Borrow(_) | Command::Repay(_) => {
            render_margin(command, names)
        }
        Command::SetFeeTiers { instrument, tiers } => {
            format!("fee tiers {}{}", show_tiers(tiers), names.show_in(*instrument))
        }
        Command::SetMark { instrument, price } => format!("mark {price}{}", names.show_in(*instrument)),
        Command::Deposit(entry) => render_entry("deposit", "to", entry, names),
        Command::Withdraw(entry) => render_entry("withdraw", "from", entry, names),
        Command::Transfer { from, to } => {
            let LedgerEntry { account, asset, amount, reference } = *from;
            let (asset, from, to) = (names.show_asset(asset), who(account), who(*to));
            format!("transfer {amount} {asset} from {from} to {to} reference {}", reference.0)
        }
        Command::SetSchedule { instrument, schedule } => {
            format!("schedule {}{}", show_schedule(*schedule), names.show_in(*instrument))
        }
        Command::SetPhase { instrument, stage } => {
            format!("phase {}{}", show_stage(*stage), names.show_in(*instrument))
        }
        Command::Uncross { instrument, reference, then } => {
            let reference = reference.map_or_else(String::new, |price| format!(" reference {price}"));
            format!("uncross{reference} then {}{}", show_phase(*then), names.show_in(*instrument))
        }
    }
}

fn usual_time(place: &PlaceOrder) -> TimeInForce {
    PlaceOrder::new(place.account, place.instrument, place.side, place.kind).time_in_force
}

/// `alice sells 5 @ 105 or sells 5 at market stop 95 as a1`.
fn render_list(list: &PlaceList, names: &Names) -> String {
    let orders = list.orders.legs().map(|leg| {
        let order = PlaceOrder { self_trade_prevention: None, ..list.order(leg) };
        render_terms(&order, order.time_in_force != usual_time(&order))
    });
    let orders: Vec<String> = orders.collect();
    let orders = match &list.orders {
        ListOrders::Oco(_) => orders.join(" or "),
        ListOrders::Oto { .. } => orders.join(" then "),
        ListOrders::Otoco { .. } => format!("{} then {}", orders[0], orders[1..].join(" or ")),
    };
    let mode = list.self_trade_prevention.map_or_else(String::new, |mode| format!(" {}", show_mode(mode)));
    let name = list.client_order_id.map_or_else(String::new, |name| format!(" as {name}"));
    format!("{} {orders}{mode}{}{name}", names.show_account(list.account), names.show_in(list.instrument))
}

/// ` for alice`, ` in TEA-USD`, or nothing: everybody everywhere.
pub(super) fn render_scope(scope: KillScope, names: &Names) -> String {
    match scope {
        KillScope::Venue => String::new(),
        KillScope::Instrument(instrument) => format!(" in {}", names.show_instrument(instrument)),
        KillScope::Account(account) => format!(" for {}", names.show_account(account)),
    }
}

/// `buys 5 @ 100 gtc show 2 post-only stop 101 cancel-maker`.
pub(super) fn render_terms(place: &PlaceOrder, with_time_in_force: bool) -> String {
    let what = match place.kind {
        OrderKind::Limit { price, qty } => format!("{qty} @ {price}"),
        OrderKind::Market { qty } => format!("{qty} at market"),
        OrderKind::MarketToLimit { qty } => format!("{qty} at market to limit"),
        OrderKind::MarketQuote { budget } => format!("for at most {budget} at market"),
    };
    let tif = match place.time_in_force {
        _ if !with_time_in_force => String::new(),
        TimeInForce::Gtd { until_ns } => format!(" until {until_ns}"),
        other => format!(" {}", show_time(other)),
    };
    let post_only = if place.post_only { " post-only" } else { "" };
    let mode = place.self_trade_prevention.map_or_else(String::new, |mode| format!(" {}", show_mode(mode)));
    let trigger = place.trigger.map_or_else(String::new, |trigger| format!(" {}", show_trigger(&trigger)));
    let display = match place.display_qty {
        None => String::new(),
        Some(Qty::ZERO) => " hidden".to_owned(),
        Some(display) => format!(" show {display}"),
    };
    let least = if place.min_qty.is_zero() { String::new() } else { format!(" at least {}", place.min_qty) };
    let peg = place.peg.map_or_else(String::new, |Peg { to, offset }| match offset {
        0 => format!(" pegged to {}", to.name()),
        _ => format!(" pegged to {} offset {offset}", to.name()),
    });
    let reduce_only = if place.reduce_only { " reduce-only" } else { "" };
    let surplus = if place.imbalance_only { " imbalance-only" } else { "" };
    format!("{}s {what}{tif}{peg}{display}{least}{post_only}{reduce_only}{surplus}{trigger}{mode}", place.side.name())
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
