//! Messages about one account.

use std::collections::BTreeMap;

use papertape_engine::{AccountId, Amount, AssetId, InstrumentId, OrderId};
use papertape_platform::{Change, OrderStatus, OrderView, PositionView, Views};
use serde::Serialize;

use super::Position;
use crate::errors::{Failure, WireError};
use crate::hub::Topic;
use crate::hub::numbers::Mark;
use crate::hub::update::Update;
use crate::translate::Markets;
use crate::translate::account::{self, BalanceMessage, PositionMessage};
use crate::translate::orders::{self, EventDetail, OrderMessage, StatusWord, money};
use crate::ws::protocol::text;

/// A list of what is there or has changed.
#[derive(Serialize)]
struct List<T> {
    channel: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch: Option<u64>,
    n: u64,
    seq: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<u64>,
    data: Vec<T>,
}

#[derive(Serialize)]
struct OrderUpdate {
    channel: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    n: u64,
    seq: u64,
    sequence: u64,
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
#[serde(rename_all = "camelCase")]
struct TradeEvent {
    trade_id: String,
    status: StatusWord,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PositionPnl {
    position_id: String,
    pnl: String,
}

/// What a new listener gets first.
pub(super) fn snapshot(views: &Views, topic: Topic, at: Position) -> Option<String> {
    match topic {
        Topic::Orders(account) => {
            let open = views.open_orders(account, None);
            let data: Vec<_> = open.iter().filter_map(|order| orders::order(views, order)).collect();
            Some(list("orders", at, views.seq(), Some(at.sequence), data))
        }
        Topic::Balances(account) => Some(list("balances", at, views.seq(), None, account::balances(views, account))),
        Topic::Positions(account) => Some(list("positions", at, views.seq(), None, positions_of(views, account))),
        _ => None,
    }
}

fn list<T: Serialize>(channel: &'static str, at: Position, seq: u64, sequence: Option<u64>, data: Vec<T>) -> String {
    text(&List { channel, kind: "snapshot", epoch: Some(at.epoch), n: at.n, seq, sequence, data })
}

/// What has changed, as of the update's command.
fn changed<T: Serialize>(channel: &'static str, update: &Update, data: Vec<T>) -> String {
    text(&List { channel, kind: "update", epoch: None, n: update.n, seq: update.mark.seq, sequence: None, data })
}

fn positions_of(views: &Views, account: AccountId) -> Vec<PositionMessage> {
    views.positions(account).iter().filter_map(|view| account::position(views, view)).collect()
}

/// One thing that happened to an order, or the refusal of a command. A refusal carries the order only if there is one:
/// `named` is the order that it named, as it was then.
pub(super) fn order(
    markets: &impl Markets,
    update: &Update,
    told: &Change,
    named: Option<&OrderView>,
) -> Option<String> {
    let (event, data, detail, client_order_id, error) = match told {
        Change::Order { order, event, .. } => {
            let (name, detail) = orders::event(markets, order, event);
            (name, orders::order(markets, order), detail, None, None)
        }
        Change::Rejected { client_order_id, reason, .. } => {
            let data = named.and_then(|order| orders::order(markets, order));
            let name = client_order_id.map(|name| name.to_string());
            ("rejected", data, EventDetail::default(), name, Some(Failure::from(*reason).wire()))
        }
        _ => return None,
    };
    let (Update { n, .. }, Mark { seq, sequence }) = (update, update.mark);
    let (channel, kind) = ("orders", "update");
    let message = OrderUpdate { channel, kind, n: *n, seq, sequence, event, data, detail, client_order_id, error };
    Some(text(&message))
}

/// Balances that changed.
pub(super) fn balances(
    markets: &impl Markets,
    update: &Update,
    balances: &BTreeMap<AssetId, (Amount, Amount)>,
) -> Option<String> {
    let of = |(asset, (free, held)): (&AssetId, &(Amount, Amount))| account::balance(markets, *asset, *free, *held);
    let data: Vec<BalanceMessage> = balances.iter().filter_map(of).collect();
    Some(changed("balances", update, data))
}

/// Positions that changed.
pub(super) fn positions(markets: &impl Markets, update: &Update, positions: &[PositionView]) -> Option<String> {
    let data: Vec<_> = positions.iter().filter_map(|view| account::position(markets, view)).collect();
    Some(changed("positions", update, data))
}

/// Where an order stands, in the short shape.
pub(super) fn trade_event(order: OrderId, status: OrderStatus) -> String {
    text(&TradeEvent { trade_id: order.to_string(), status: status.into() })
}

/// What a position made, in the short shape.
pub(super) fn position_update(markets: &impl Markets, instrument: InstrumentId, pnl: Amount) -> Option<String> {
    let instrument = markets.instrument(instrument)?;
    let position_id = instrument.spec.symbol.to_string();
    Some(text(&PositionPnl { position_id, pnl: money(&instrument.quote, pnl) }))
}
