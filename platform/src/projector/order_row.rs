//! An order to its SQL row and back.

use papertape_engine::{
    AccountId, Amount, AssetId, CancelCause, ClientOrderId, InstrumentId, OrderId, OrderKind, Peg, PegTo, Price, Qty,
    SelfTradePrevention, Side, TimeInForce, Trail, Trigger, TriggerKind,
};
use sea_orm::DbErr;

use crate::database::{corrupt, from_sql, order, to_sql};
use crate::order::{OrderStatus, OrderView};
use crate::users::UserId;

const LIMIT: &str = "limit";
const IMBALANCE_ONLY: &str = "imbalance_only";
const MARKET: &str = "market";
const MARKET_QUOTE: &str = "market_quote";
const MARKET_TO_LIMIT: &str = "market_to_limit";

pub(super) fn to_row(user: UserId, view: &OrderView) -> order::Model {
    let kind = match view.kind {
        OrderKind::Limit { .. } if view.imbalance_only => IMBALANCE_ONLY,
        OrderKind::Limit { .. } => LIMIT,
        OrderKind::Market { .. } => MARKET,
        OrderKind::MarketQuote { .. } => MARKET_QUOTE,
        OrderKind::MarketToLimit { .. } => MARKET_TO_LIMIT,
    };
    let trigger = view.trigger;
    let (trail_ticks, trail_bps) = match trigger.and_then(|trigger| trigger.trail) {
        None => (None, None),
        Some(Trail::Ticks(ticks)) => (Some(ticks.into()), None),
        Some(Trail::BasisPoints(points)) => (None, Some(points.into())),
    };
    order::Model {
        id: to_sql(view.order.0),
        user_id: user.0,
        account_id: view.account.0.into(),
        instrument_id: view.instrument.0.into(),
        side: view.side.name().to_owned(),
        kind: kind.to_owned(),
        time_in_force: view.time_in_force.name().to_owned(),
        expires_ns: view.expires_ns().map(to_sql),
        post_only: view.post_only,
        reduce_only: view.reduce_only,
        peg_to: view.peg.map(|(peg, _)| peg.to.name().to_owned()),
        peg_offset: view.peg.map(|(peg, _)| peg.offset),
        peg_limit: view.peg.map(|(_, limit)| to_sql(limit.0)),
        display_qty: view.display_qty.map(|qty| to_sql(qty.0)),
        min_qty: Some(view.min_qty).filter(|qty| !qty.is_zero()).map(|qty| to_sql(qty.0)),
        self_trade_prevention: view.self_trade_prevention.name().to_owned(),
        trigger_kind: trigger.map(|trigger| trigger.kind.name().to_owned()),
        trigger_price: trigger.and_then(|trigger| trigger.price).map(|price| to_sql(price.0)),
        trail_ticks,
        trail_bps,
        triggered_price: view.triggered_price.map(|price| to_sql(price.0)),
        list_id: view.list.map(|list| to_sql(list.0)),
        client_order_id: view.client_order_id.map(|name| name.as_str().to_owned()),
        price: view.price().map(|price| to_sql(price.0)),
        qty: view.qty().map(|qty| to_sql(qty.0)),
        budget: view.budget().map(|budget| budget.0.to_string()),
        filled_qty: to_sql(view.filled_qty.0),
        filled_quote: view.filled_quote.0.to_string(),
        prevented_qty: to_sql(view.prevented_qty.0),
        leaves_qty: to_sql(view.leaves_qty.0),
        status: view.status.name().to_owned(),
        cancel_cause: view.cancel_cause.map(|cause| cause.code().into()),
        fee: view.fee.0.to_string(),
        fee_asset_id: view.fee_asset.0.into(),
        created_ns: to_sql(view.created_ns),
        updated_ns: to_sql(view.updated_ns),
        seq: to_sql(view.seq),
    }
}

pub(crate) fn from_row(row: &order::Model) -> Result<OrderView, DbErr> {
    let price = |column: Option<i64>| column.map(|price| Price(from_sql(price)));
    Ok(OrderView {
        order: OrderId(from_sql(row.id)),
        account: AccountId(number("account_id", row.account_id)?),
        instrument: InstrumentId(number("instrument_id", row.instrument_id)?),
        side: side(&row.side)?,
        kind: kind(row)?,
        time_in_force: time_in_force(&row.time_in_force, row.expires_ns)?,
        post_only: row.post_only,
        reduce_only: row.reduce_only,
        imbalance_only: row.kind == IMBALANCE_ONLY,
        peg: peg(row)?,
        display_qty: row.display_qty.map(|qty| Qty(from_sql(qty))),
        min_qty: row.min_qty.map_or(Qty::ZERO, |qty| Qty(from_sql(qty))),
        self_trade_prevention: self_trade_prevention(&row.self_trade_prevention)?,
        trigger: trigger(row)?,
        triggered_price: price(row.triggered_price),
        list: row.list_id.map(|list| OrderId(from_sql(list))),
        client_order_id: row.client_order_id.as_deref().map(client_order_id).transpose()?,
        rested_price: price(row.price).filter(|_| row.kind == MARKET_TO_LIMIT),
        filled_qty: Qty(from_sql(row.filled_qty)),
        filled_quote: amount("filled_quote", &row.filled_quote)?,
        prevented_qty: Qty(from_sql(row.prevented_qty)),
        leaves_qty: Qty(from_sql(row.leaves_qty)),
        status: status(&row.status)?,
        cancel_cause: row.cancel_cause.map(cancel_cause).transpose()?,
        fee: amount("fee", &row.fee)?,
        fee_asset: AssetId(number("fee_asset_id", row.fee_asset_id)?),
        created_ns: from_sql(row.created_ns),
        updated_ns: from_sql(row.updated_ns),
        seq: from_sql(row.seq),
    })
}

fn kind(row: &order::Model) -> Result<OrderKind, DbErr> {
    let price = row.price.map(|price| Price(from_sql(price)));
    let qty = row.qty.map(|qty| Qty(from_sql(qty)));
    let budget = row.budget.as_deref().map(|text| amount("budget", text)).transpose()?;
    match (row.kind.as_str(), price, qty, budget) {
        (LIMIT | IMBALANCE_ONLY, Some(price), Some(qty), None) => Ok(OrderKind::Limit { price, qty }),
        (MARKET, None, Some(qty), None) => Ok(OrderKind::Market { qty }),
        (MARKET_QUOTE, None, None, Some(budget)) => Ok(OrderKind::MarketQuote { budget }),
        (MARKET_TO_LIMIT, _, Some(qty), None) => Ok(OrderKind::MarketToLimit { qty }),
        other => Err(corrupt("orders", "kind", other)),
    }
}

fn trigger(row: &order::Model) -> Result<Option<Trigger>, DbErr> {
    let Some(name) = row.trigger_kind.as_deref() else { return Ok(None) };
    let kinds = [TriggerKind::Stop, TriggerKind::TakeProfit];
    let kind = kinds.into_iter().find(|kind| kind.name() == name);
    let kind = kind.ok_or_else(|| corrupt("orders", "trigger_kind", name))?;
    let trail = match (row.trail_ticks, row.trail_bps) {
        (None, None) => None,
        (Some(ticks), None) => Some(Trail::Ticks(number("trail_ticks", ticks)?)),
        (None, Some(points)) => Some(Trail::BasisPoints(number("trail_bps", points)?)),
        both => return Err(corrupt("orders", "trail_bps", both)),
    };
    Ok(Some(Trigger { kind, price: row.trigger_price.map(|price| Price(from_sql(price))), trail }))
}

fn peg(row: &order::Model) -> Result<Option<(Peg, Price)>, DbErr> {
    match (row.peg_to.as_deref(), row.peg_offset, row.peg_limit) {
        (None, None, None) => Ok(None),
        (Some(name), Some(offset), Some(limit)) => {
            let to = PegTo::ALL.into_iter().find(|to| to.name() == name);
            let to = to.ok_or_else(|| corrupt("orders", "peg_to", name))?;
            Ok(Some((Peg { to, offset }, Price(from_sql(limit)))))
        }
        other => Err(corrupt("orders", "peg_to", other)),
    }
}

pub(crate) fn side(name: &str) -> Result<Side, DbErr> {
    let found = [Side::Buy, Side::Sell].into_iter().find(|side| side.name() == name);
    found.ok_or_else(|| corrupt("orders", "side", name))
}

fn time_in_force(name: &str, expires_ns: Option<i64>) -> Result<TimeInForce, DbErr> {
    let until_ns = from_sql(expires_ns.unwrap_or_default());
    use TimeInForce::{AtClose, AtOpen, Day, Fok, Gtc, Ioc};
    let plain = [Gtc, Ioc, Fok, Day, AtOpen, AtClose];
    let all = plain.into_iter().chain(expires_ns.map(|_| TimeInForce::Gtd { until_ns }));
    let found = all.into_iter().find(|tif| tif.name() == name);
    found.ok_or_else(|| corrupt("orders", "time_in_force", (name, expires_ns)))
}

fn self_trade_prevention(name: &str) -> Result<SelfTradePrevention, DbErr> {
    let found = SelfTradePrevention::ALL.into_iter().find(|mode| mode.name() == name);
    found.ok_or_else(|| corrupt("orders", "self_trade_prevention", name))
}

fn status(name: &str) -> Result<OrderStatus, DbErr> {
    let found = OrderStatus::ALL.into_iter().find(|status| status.name() == name);
    found.ok_or_else(|| corrupt("orders", "status", name))
}

fn cancel_cause(code: i32) -> Result<CancelCause, DbErr> {
    let found = CancelCause::ALL.iter().find(|cause| i32::from(cause.code()) == code);
    found.copied().ok_or_else(|| corrupt("orders", "cancel_cause", code))
}

fn client_order_id(text: &str) -> Result<ClientOrderId, DbErr> {
    ClientOrderId::new(text).ok_or_else(|| corrupt("orders", "client_order_id", text))
}

fn amount(column: &str, text: &str) -> Result<Amount, DbErr> {
    text.parse().map(Amount).map_err(|_| corrupt("orders", column, text))
}

fn number<T: TryFrom<N>, N: Copy + std::fmt::Debug>(column: &str, value: N) -> Result<T, DbErr> {
    T::try_from(value).map_err(|_| corrupt("orders", column, value))
}
