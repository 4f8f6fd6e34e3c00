//! Order lists: as they come and as they go.

use papertape_engine::{
    AccountId, ClientOrderId, Instrument, InstrumentId, Leg, ListOrders, OrderId, PlaceList, SelfTradePrevention,
    Symbol,
};
use papertape_platform::OrderView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Markets;
use super::commands::{self, Terms, client_order_id};
use super::figure::Shown;
use super::number::Decimal;
use super::orders::{OrderMessage, order};
use super::requests::{KindWord, SelfTradePreventionWord, SideWord, TimeInForceWord};
use super::triggers::TriggerBody;
use crate::errors::Failure;

/// How the orders of a list hang together. `oco`: one cancels the other; two orders on one side for the same quantity,
/// each of which rests or waits, at least one with a trigger; a fill of one of them, its trigger or its end cancels the
/// other. `oto`: one triggers the other; the second is released when the first, a limit order that stays, has been
/// filled whole. `otoco`: one triggers two that are an `oco`: a bracket.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ListKindWord {
    /// Two orders, one of which cancels the other.
    Oco,
    /// A working order and a pending one.
    Oto,
    /// A working order and two pending ones that are an OCO.
    Otoco,
}

/// One order of a list; as a new order, but for what the list says of all of them.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"side": "sell", "type": "market", "qty": "0.01", "trigger": {"kind": "stop", "price": "58000.00"}}))]
pub(crate) struct LegBody {
    /// Buy or sell.
    pub side: SideWord,
    /// Limit, market or market-to-limit.
    #[serde(rename = "type")]
    pub kind: KindWord,
    /// How long it stays, or waits.
    #[serde(default)]
    pub time_in_force: Option<TimeInForceWord>,
    /// When a `gtd` order ends, in milliseconds since 1970.
    #[serde(default)]
    pub expires_at_ms: Option<u64>,
    /// Limit price, on the instrument's tick; limit orders only.
    #[serde(default)]
    pub price: Option<Decimal>,
    /// Quantity in base, a whole number of lots.
    #[serde(default)]
    pub qty: Option<Decimal>,
    /// Instead of `qty`, for the pending market order of an `oto`: what to spend or receive at most, in quote.
    #[serde(default)]
    pub quote_qty: Option<Decimal>,
    /// Never let the order take: refuse the list or, when its turn comes, do as the market's `post_only_rule` says (where
    /// that refuses, the order is cancelled).
    #[serde(default)]
    pub post_only: bool,
    /// What it waits for.
    #[serde(default)]
    pub trigger: Option<TriggerBody>,
}

impl LegBody {
    fn terms(&self) -> Terms<'_> {
        Terms {
            side: self.side,
            kind: self.kind,
            time_in_force: self.time_in_force,
            expires_at_ms: self.expires_at_ms,
            price: self.price.as_ref(),
            qty: self.qty.as_ref(),
            quote_qty: self.quote_qty.as_ref(),
            post_only: self.post_only,
            trigger: self.trigger.as_ref(),
        }
    }
}

/// New orders that hang together. They are accepted all together or not at all; whatever ends one of them before its
/// time, a cancel included, ends the others.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"type": "otoco", "symbol": "BTC-USD", "orders": [
    {"side": "buy", "type": "limit", "price": "60000.00", "qty": "0.01"},
    {"side": "sell", "type": "limit", "price": "63000.00", "qty": "0.01"},
    {"side": "sell", "type": "market", "qty": "0.01", "trigger": {"kind": "stop", "price": "58000.00"}}]}))]
pub(crate) struct ListBody {
    /// How they hang together.
    #[serde(rename = "type")]
    pub kind: ListKindWord,
    /// The market of all of them: `BTC-USD` and its other spellings.
    pub symbol: String,
    /// Two orders, or three of an `otoco`: the working one first.
    #[schema(min_items = 2, max_items = 3)]
    pub orders: Vec<LegBody>,
    /// What happens where one of them would trade with an order of your own account or trade group; the market's
    /// `self_trade_prevention` unless said otherwise.
    #[serde(default)]
    pub self_trade_prevention: Option<SelfTradePreventionWord>,
    /// Your own name for the first order, and so for the list: 1 to 36 of `A-Z a-z 0-9 . : / _ -`. Sending the same list
    /// again with the same name gives the first list back.
    #[serde(default)]
    pub client_order_id: Option<String>,
}

/// A new list of `account` in `instrument`, which is the one that `body.symbol` names.
pub(crate) fn place(
    account: AccountId,
    id: InstrumentId,
    instrument: &Instrument,
    body: &ListBody,
) -> Result<PlaceList, Failure> {
    Ok(PlaceList {
        account,
        instrument: id,
        orders: orders(instrument, body)?,
        self_trade_prevention: body.self_trade_prevention.map(SelfTradePrevention::from),
        client_order_id: body.client_order_id.as_deref().map(client_order_id).transpose()?,
    })
}

fn orders(instrument: &Instrument, body: &ListBody) -> Result<ListOrders, Failure> {
    let leg = |index: usize| -> Result<Leg, Failure> {
        let leg = commands::leg(instrument, &body.orders[index].terms());
        leg.map_err(|failure| Failure { detail: format!("orders[{index}].{}", failure.detail).into(), ..failure })
    };
    match (body.kind, body.orders.len()) {
        (ListKindWord::Oco, 2) => Ok(ListOrders::Oco([leg(0)?, leg(1)?])),
        (ListKindWord::Oto, 2) => Ok(ListOrders::Oto { working: leg(0)?, pending: leg(1)? }),
        (ListKindWord::Otoco, 3) => Ok(ListOrders::Otoco { working: leg(0)?, pending: [leg(1)?, leg(2)?] }),
        (ListKindWord::Oco | ListKindWord::Oto, _) => Err(Failure::field("orders", "an oco or oto has two")),
        (ListKindWord::Otoco, _) => Err(Failure::field("orders", "an otoco has three")),
    }
}

/// The orders of a list, as they are now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ListMessage {
    /// The list: the `order_id` of its first order.
    #[schema(value_type = String)]
    pub list_id: Shown<OrderId>,
    /// The client's name for it.
    #[schema(value_type = Option<String>)]
    pub client_order_id: Option<Shown<ClientOrderId>>,
    /// The market.
    #[schema(value_type = String)]
    pub symbol: Shown<Symbol>,
    /// In the order of their numbers: the working one first.
    pub orders: Vec<OrderMessage>,
}

/// A list as a message; `None` if it has no orders.
pub(crate) fn message(markets: &impl Markets, list: OrderId, views: &[OrderView]) -> Option<ListMessage> {
    let orders: Vec<_> = views.iter().filter_map(|view| order(markets, view)).collect();
    let first = orders.first()?;
    let (client_order_id, symbol) = (first.client_order_id, first.symbol);
    Some(ListMessage { list_id: Shown(list), client_order_id, symbol, orders })
}
