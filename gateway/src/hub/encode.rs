//! The messages of the channels, each encoded once.

use std::collections::BTreeMap;

use axum::extract::ws::Utf8Bytes;
use papertape_engine::{Amount, AssetId, InstrumentId, Price, Qty, Side};
use papertape_platform::{Change, TapeRow, Views};
use serde::Serialize;

use super::Topic;
use crate::errors::{Failure, WireError};
use crate::translate::account::{self, BalanceMessage};
use crate::translate::market::{self, Level, TickerMessage, TradeMessage};
use crate::translate::orders::{self, EventDetail, OrderMessage};
use crate::translate::time;
use crate::ws::protocol::text;

/// Levels of a side in a book's snapshot.
const BOOK_LEVELS: usize = 1_000;

/// Trades in a tape's snapshot.
const TAPE_ROWS: usize = 100;

#[derive(Serialize)]
struct Trades {
    channel: &'static str,
    symbol: String,
    #[serde(rename = "type")]
    kind: &'static str,
    n: u64,
    data: Vec<TradeMessage>,
}

#[derive(Serialize)]
struct BookSnapshot {
    channel: &'static str,
    symbol: String,
    #[serde(rename = "type")]
    kind: &'static str,
    update_id: u64,
    bids: Vec<Level>,
    asks: Vec<Level>,
}

#[derive(Serialize)]
struct BookUpdate {
    channel: &'static str,
    symbol: String,
    #[serde(rename = "type")]
    kind: &'static str,
    first_update_id: u64,
    last_update_id: u64,
    bids: Vec<Level>,
    asks: Vec<Level>,
}

#[derive(Serialize)]
struct Ticker {
    channel: &'static str,
    symbol: String,
    data: TickerMessage,
}

#[derive(Serialize)]
struct Orders {
    channel: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    n: u64,
    data: Vec<OrderMessage>,
}

#[derive(Serialize)]
struct OrderUpdate {
    channel: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    n: u64,
    event: &'static str,
    data: Option<OrderMessage>,
    #[serde(flatten)]
    detail: EventDetail,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<WireError>,
}

#[derive(Serialize)]
struct Balances {
    channel: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    data: Vec<BalanceMessage>,
}

/// What a new listener gets first. `n` is the number of the topic's last update. `None` if the instrument is unknown.
pub(super) fn snapshot(views: &Views, topic: Topic, n: u64) -> Option<Utf8Bytes> {
    match topic {
        Topic::Trades(id) => {
            let mut rows = views.trades(id, TAPE_ROWS);
            rows.reverse();
            let instrument = views.instrument(id)?;
            let data = rows.iter().map(|row| market::trade(instrument, row)).collect();
            let symbol = instrument.spec.symbol.to_string();
            Some(text(&Trades { channel: "trades", symbol, kind: "snapshot", n, data }))
        }
        Topic::Book(id) => {
            let depth = market::depth(views.instrument(id)?, &views.depth(id, BOOK_LEVELS));
            Some(text(&BookSnapshot {
                channel: "book",
                symbol: depth.symbol,
                kind: "snapshot",
                update_id: depth.update_id,
                bids: depth.bids,
                asks: depth.asks,
            }))
        }
        Topic::Ticker(id) => {
            let instrument = views.instrument(id)?;
            let now = time::now_ns();
            let data = market::ticker(instrument, &views.ticker(id, now), now);
            Some(text(&Ticker { channel: "ticker", symbol: instrument.spec.symbol.to_string(), data }))
        }
        Topic::Tile(id) => {
            let now = time::now_ns();
            Some(text(&market::tile(views.instrument(id)?, &views.ticker(id, now), now)))
        }
        Topic::Orders(account) => {
            let open = views.open_orders(account, None);
            let data = open.iter().filter_map(|order| orders::order(views, order)).collect();
            Some(text(&Orders { channel: "orders", kind: "snapshot", n, data }))
        }
        Topic::Balances(account) => {
            let balances = views.balances(account);
            let data = balances.iter().filter_map(|view| account::balance(views, view.asset, view.free, view.held));
            Some(text(&Balances { channel: "balances", kind: "snapshot", data: data.collect() }))
        }
    }
}

/// Trades, oldest first.
pub(super) fn trades_update(views: &Views, id: InstrumentId, n: u64, rows: &[&TapeRow]) -> Option<Utf8Bytes> {
    let instrument = views.instrument(id)?;
    let data = rows.iter().map(|row| market::trade(instrument, row)).collect();
    Some(text(&Trades { channel: "trades", symbol: instrument.spec.symbol.to_string(), kind: "update", n, data }))
}

/// Levels that changed between two update ids; bids from the highest price down, asks from the lowest up.
pub(super) fn book_update(
    views: &Views,
    id: InstrumentId,
    first_update_id: u64,
    last_update_id: u64,
    levels: &BTreeMap<(Side, Price), Qty>,
) -> Option<Utf8Bytes> {
    let instrument = views.instrument(id)?;
    let of = |wanted: Side| {
        let side = levels.iter().filter(move |((side, _), _)| *side == wanted);
        side.map(|((_, price), qty)| market::changed_level(instrument, *price, *qty))
    };
    let mut bids: Vec<_> = of(Side::Buy).collect();
    bids.reverse();
    Some(text(&BookUpdate {
        channel: "book",
        symbol: instrument.spec.symbol.to_string(),
        kind: "update",
        first_update_id,
        last_update_id,
        bids,
        asks: of(Side::Sell).collect(),
    }))
}

/// One thing that happened to an order, or the refusal of a command. A refusal carries the order only if there is one.
pub(super) fn order_update(views: &Views, n: u64, told: &Change) -> Option<Utf8Bytes> {
    let (event, data, detail, client_order_id, error) = match told {
        Change::Order { order, event, .. } => {
            let (name, detail) = orders::event(views, order, event);
            (name, orders::order(views, order), detail, None, None)
        }
        Change::Rejected { account, client_order_id, order, reason, .. } => {
            let known = order.and_then(|order| views.find_order(*account, order));
            let data = known.and_then(|order| orders::order(views, order));
            let name = client_order_id.map(|name| name.to_string());
            ("rejected", data, EventDetail::default(), name, Some(Failure::from(*reason).wire()))
        }
        _ => return None,
    };
    Some(text(&OrderUpdate { channel: "orders", kind: "update", n, event, data, detail, client_order_id, error }))
}

/// Balances that changed.
pub(super) fn balances_update(views: &Views, changed: &BTreeMap<AssetId, (Amount, Amount)>) -> Option<Utf8Bytes> {
    let data = changed.iter().filter_map(|(asset, (free, held))| account::balance(views, *asset, *free, *held));
    Some(text(&Balances { channel: "balances", kind: "update", data: data.collect() }))
}
