//! An event as a row.

use papertape_engine::{
    AccountId, Amended, Amount, AssetId, Cancelled, Event, InstrumentId, OrderId, OrderRef, Position, Price, Qty, Side,
    Trade,
};

use super::row::Row;
use crate::words::Names;

/// The columns of `--what events`.
pub(super) const COLUMNS: [&str; 43] = [
    "seq",
    "index",
    "time",
    "time_ns",
    "event",
    "account",
    "symbol",
    "order_id",
    "client_order_id",
    "list",
    "side",
    "price",
    "qty",
    "leaves_qty",
    "shown_qty",
    "rested",
    "kept_priority",
    "trade_id",
    "aggressor",
    "buy_order",
    "buy_account",
    "buy_leaves_qty",
    "buy_fee",
    "buy_fee_asset",
    "sell_order",
    "sell_account",
    "sell_leaves_qty",
    "sell_fee",
    "sell_fee_asset",
    "asset",
    "amount",
    "reference",
    "to_account",
    "free",
    "held",
    "debt",
    "cost",
    "realized",
    "orders",
    "reason",
    "cause",
    "mode",
    "text",
];

/// Writes what an event says.
pub(super) fn fill(names: Names<'_>, event: &Event, row: &mut Row) {
    row.text("event", name(event));
    match event {
        Event::Accepted(accepted) => {
            let terms = &accepted.terms;
            order(names, row, (accepted.order, terms.account, terms.instrument), Some(terms.side));
            if let Some(name) = terms.client_order_id {
                row.text("client_order_id", name.as_str());
            }
            if let papertape_engine::OrderKind::Limit { price, .. } = terms.kind {
                row.text("price", names.price(terms.instrument, price));
            }
            if let Some(qty) = terms.kind.qty() {
                row.text("qty", names.qty(terms.instrument, qty));
            }
            if let Some(list) = accepted.list {
                row.number("list", list.list.0);
            }
        }
        Event::Released { order: id, account, instrument, side } => {
            order(names, row, (*id, *account, *instrument), Some(*side));
        }
        Event::Triggered { order: id, account, instrument, side, price } => {
            order(names, row, (*id, *account, *instrument), Some(*side));
            row.text("price", names.price(*instrument, *price));
        }
        Event::Rested { order: id, account, instrument, side, price, leaves_qty, shown_qty } => {
            order(names, row, (*id, *account, *instrument), Some(*side));
            left(names, row, *instrument, Some(*price), *leaves_qty, Some(*shown_qty));
        }
        Event::Trade(of) => trade(names, row, of),
        Event::SelfTradePrevented(prevented) => {
            let at = prevented.instrument;
            let (taker, maker) = (&prevented.taker, &prevented.maker);
            let buys = prevented.taker_side == Side::Buy;
            let (buy, sell) = if buys { (taker, maker) } else { (maker, taker) };
            row.text("symbol", names.symbol(at));
            row.text("price", names.price(at, prevented.price));
            row.text("qty", names.qty(at, prevented.qty));
            row.text("aggressor", prevented.taker_side.name());
            row.text("mode", prevented.mode.name());
            for (party, [id, account, leaves]) in [
                (buy, ["buy_order", "buy_account", "buy_leaves_qty"]),
                (sell, ["sell_order", "sell_account", "sell_leaves_qty"]),
            ] {
                row.number(id, party.order.0);
                row.number(account, party.account.0.into());
                row.text(leaves, names.qty(at, party.leaves_qty));
            }
        }
        Event::Cancelled(Cancelled {
            order: id,
            account,
            instrument,
            side,
            rested_at,
            leaves_qty,
            shown_qty,
            cause,
            ..
        }) => {
            order(names, row, (*id, *account, *instrument), Some(*side));
            let shown_qty = rested_at.map(|_| *shown_qty);
            left(names, row, *instrument, *rested_at, *leaves_qty, shown_qty);
            row.bool("rested", rested_at.is_some());
            row.text("cause", cause.name());
        }
        Event::Amended(Amended {
            order: id, account, instrument, side, price, qty, leaves_qty, kept_priority, ..
        }) => {
            order(names, row, (*id, *account, *instrument), Some(*side));
            left(names, row, *instrument, Some(*price), *leaves_qty, None);
            row.text("qty", names.qty(*instrument, *qty));
            row.bool("kept_priority", *kept_priority);
        }
        Event::Repeated { order: id, account, instrument, client_order_id } => {
            order(names, row, (*id, *account, *instrument), None);
            row.text("client_order_id", client_order_id.as_str());
        }
        Event::Rejected { account, instrument, client_order_id, order, reason } => {
            if let Some(account) = account {
                row.number("account", account.0.into());
            }
            if let Some(at) = instrument {
                row.text("symbol", names.symbol(*at));
            }
            if let Some(name) = client_order_id {
                row.text("client_order_id", name.as_str());
            }
            if let Some(OrderRef::Id(id)) = order {
                row.number("order_id", id.0);
            }
            row.text("reason", reason.name());
        }
        Event::Balance { account, asset, free, held } => {
            row.number("account", account.0.into());
            row.text("asset", names.asset(*asset));
            row.text("free", names.amount(*asset, *free));
            row.text("held", names.amount(*asset, *held));
        }
        Event::Position { account, instrument, position } => {
            let Position { qty, cost, realized, .. } = position;
            row.number("account", account.0.into());
            row.text("symbol", names.symbol(*instrument));
            if let Some(of) = names.instrument(*instrument) {
                row.text("amount", names.amount(of.spec.base, *qty));
                row.text("cost", names.amount(of.spec.quote, *cost));
                row.text("realized", names.amount(of.spec.quote, *realized));
            }
        }
        _ => fill_rest(names, event, row),
    }
}

fn fill_rest(names: Names<'_>, event: &Event, row: &mut Row) {
    match event {
        Event::Deposited { account, asset, amount, reference }
        | Event::Withdrawn { account, asset, amount, reference } => {
            money(names, row, *account, *asset, *amount);
            row.text("reference", reference.0.to_string());
        }
        Event::Transferred { from, to, asset, amount, reference } => {
            money(names, row, *from, *asset, *amount);
            row.number("to_account", to.0.into());
            row.text("reference", reference.0.to_string());
        }
        Event::Borrowed { account, asset, amount, debt, .. } | Event::Repaid { account, asset, amount, debt, .. } => {
            money(names, row, *account, *asset, *amount);
            row.text("debt", names.amount(*asset, *debt));
        }
        Event::BadDebt { account, asset, amount, .. } => money(names, row, *account, *asset, *amount),
        Event::VolumeChanged { account, asset, volume } => money(names, row, *account, *asset, *volume),
        Event::AccountOpened { account, reference } | Event::EntryRepeated { account, reference } => {
            row.number("account", account.0.into());
            row.text("reference", reference.0.to_string());
        }
        Event::TradeGroupSet { account, .. }
        | Event::MarginAccountSet { account, .. }
        | Event::LiquidationBegun { account, .. }
        | Event::LiquidationEnded { account, .. } => row.number("account", account.0.into()),
        Event::CancelledAll { account, orders } | Event::SuspensionSet { account, orders, .. } => {
            row.number("account", account.0.into());
            row.number("orders", (*orders).into());
        }
        Event::KillSwitchSet { orders, .. } | Event::Ticked { expired: orders } => {
            row.number("orders", (*orders).into());
        }
        Event::AssetListed { spec, .. } => row.text("asset", spec.symbol.as_str()),
        Event::MarginTermsSet { asset, .. } => row.text("asset", names.asset(*asset)),
        Event::InstrumentListed { spec, .. } => row.text("symbol", spec.symbol.as_str()),
        Event::MarkSet { instrument, price } => {
            row.text("symbol", names.symbol(*instrument));
            row.text("price", names.price(*instrument, *price));
        }
        Event::PhaseChanged { instrument, .. }
        | Event::ScheduleSet { instrument, .. }
        | Event::FeeTiersSet { instrument, .. } => row.text("symbol", names.symbol(*instrument)),
        Event::Uncrossed { instrument, price, qty, .. } | Event::Indicated { instrument, price, qty, .. } => {
            row.text("symbol", names.symbol(*instrument));
            row.text("qty", names.qty(*instrument, *qty));
            if let Some(price) = price {
                row.text("price", names.price(*instrument, *price));
            }
        }
        _ => {}
    }
}

fn order(
    names: Names<'_>,
    row: &mut Row,
    (order, account, instrument): (OrderId, AccountId, InstrumentId),
    side: Option<Side>,
) {
    row.number("order_id", order.0);
    row.number("account", account.0.into());
    row.text("symbol", names.symbol(instrument));
    if let Some(side) = side {
        row.text("side", side.name());
    }
}

fn left(names: Names<'_>, row: &mut Row, at: InstrumentId, price: Option<Price>, leaves: Qty, shown: Option<Qty>) {
    if let Some(price) = price {
        row.text("price", names.price(at, price));
    }
    row.text("leaves_qty", names.qty(at, leaves));
    if let Some(shown) = shown {
        row.text("shown_qty", names.qty(at, shown));
    }
}

fn money(names: Names<'_>, row: &mut Row, account: AccountId, asset: AssetId, amount: Amount) {
    row.number("account", account.0.into());
    row.text("asset", names.asset(asset));
    row.text("amount", names.amount(asset, amount));
}

fn trade(names: Names<'_>, row: &mut Row, trade: &Trade) {
    let at = trade.instrument;
    row.text("symbol", names.symbol(at));
    row.text("price", names.price(at, trade.price));
    row.text("qty", names.qty(at, trade.qty));
    row.number("trade_id", trade.id.0);
    row.text("aggressor", trade.aggressor.map_or("auction", Side::name));
    for (side, [id, account, leaves, fee, fee_asset]) in [
        (Side::Buy, ["buy_order", "buy_account", "buy_leaves_qty", "buy_fee", "buy_fee_asset"]),
        (Side::Sell, ["sell_order", "sell_account", "sell_leaves_qty", "sell_fee", "sell_fee_asset"]),
    ] {
        let party = trade.party(side);
        row.number(id, party.order.0);
        row.number(account, party.account.0.into());
        row.text(leaves, names.qty(at, party.leaves_qty));
        if let Some(asset) = names.fee_asset(at, side) {
            row.text(fee, names.amount(asset, party.fee));
            row.text(fee_asset, names.asset(asset));
        }
    }
}

/// What an event is called.
fn name(event: &Event) -> &'static str {
    match event {
        Event::Accepted(_) => "accepted",
        Event::Released { .. } => "released",
        Event::Triggered { .. } => "triggered",
        Event::Rested { .. } => "rested",
        Event::Trade(_) => "trade",
        Event::SelfTradePrevented(_) => "self_trade_prevented",
        Event::Cancelled(_) => "cancelled",
        Event::Amended(_) => "amended",
        Event::Repeated { .. } => "repeated",
        Event::Rejected { .. } => "rejected",
        Event::Ticked { .. } => "ticked",
        Event::CancelledAll { .. } => "cancelled_all",
        Event::AssetListed { .. } => "asset_listed",
        Event::InstrumentListed { .. } => "instrument_listed",
        Event::AccountOpened { .. } => "account_opened",
        Event::TradeGroupSet { .. } => "trade_group_set",
        Event::KillSwitchSet { .. } => "kill_switch_set",
        Event::SuspensionSet { .. } => "suspension_set",
        Event::Deposited { .. } => "deposited",
        Event::Withdrawn { .. } => "withdrawn",
        Event::Transferred { .. } => "transferred",
        Event::EntryRepeated { .. } => "entry_repeated",
        Event::PhaseChanged { .. } => "phase_changed",
        Event::ScheduleSet { .. } => "schedule_set",
        Event::MarkSet { .. } => "mark_set",
        Event::MarginTermsSet { .. } => "margin_terms_set",
        Event::MarginAccountSet { .. } => "margin_account_set",
        Event::Borrowed { .. } => "borrowed",
        Event::Repaid { .. } => "repaid",
        Event::LiquidationBegun { .. } => "liquidation_begun",
        Event::LiquidationEnded { .. } => "liquidation_ended",
        Event::BadDebt { .. } => "bad_debt",
        Event::FeeTiersSet { .. } => "fee_tiers_set",
        Event::VolumeChanged { .. } => "volume_changed",
        Event::Uncrossed { .. } => "uncrossed",
        Event::Indicated { .. } => "indicated",
        Event::Balance { .. } => "balance",
        Event::Position { .. } => "position",
    }
}
