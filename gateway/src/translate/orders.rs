//! An account's own orders and fills as messages.

use papertape_engine::{Amount, Asset, ClientOrderId, Instrument, OrderId, OrderKind, Symbol};
use papertape_platform::{OrderEvent, OrderStatus, OrderView, QueuePlace};
use serde::Serialize;
use utoipa::ToSchema;

use super::Markets;
use super::codes::CancelReason;
use super::figure::{Figure, Moment, Shown};
use super::number::without_trailing_zeros;
use super::pegs::PegMessage;
use super::requests::{KindWord, SelfTradePreventionWord, SideWord, TimeInForceWord};
use super::time;
use super::triggers::TriggerMessage;

/// Where an order stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StatusWord {
    /// Open, but it comes only when the first order of its list has been filled.
    PendingNew,
    /// Open, but it waits for its trigger: it is in no book.
    Waiting,
    /// Open, nothing traded.
    New,
    /// Open, some of it traded.
    PartiallyFilled,
    /// All of it traded.
    Filled,
    /// Ended before that.
    Cancelled,
}

impl From<OrderStatus> for StatusWord {
    fn from(status: OrderStatus) -> Self {
        match status {
            OrderStatus::PendingNew => StatusWord::PendingNew,
            OrderStatus::Waiting => StatusWord::Waiting,
            OrderStatus::New => StatusWord::New,
            OrderStatus::PartiallyFilled => StatusWord::PartiallyFilled,
            OrderStatus::Filled => StatusWord::Filled,
            OrderStatus::Cancelled => StatusWord::Cancelled,
        }
    }
}

/// An order. Decimals are strings; what does not apply is null.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"order_id": "1042", "client_order_id": "mine-1", "symbol": "BTC-USD", "side": "buy",
    "type": "limit", "time_in_force": "gtc", "expires_at_ms": null, "post_only": false, "reduce_only": false, "imbalance_only": false, "peg": null, "display_qty": null, "min_qty": null,
    "self_trade_prevention": "cancel_maker", "trigger": null, "triggered_price": null, "list_id": null, "price": "60000.00", "qty": "0.01000", "prevented_qty": "0.00000",
    "quote_qty": null, "filled_qty": "0.00400", "filled_quote": "240", "avg_price": "60000.00",
    "leaves_qty": "0.00600", "status": "partially_filled", "cancel_reason": null, "fee": "0.24", "fee_asset": "USD",
    "created_at": "2026-01-31T12:00:00.000Z", "updated_at": "2026-01-31T12:00:01.250Z", "seq": 90001}))]
pub(crate) struct OrderMessage {
    /// The venue's number.
    #[schema(value_type = String)]
    pub order_id: Shown<OrderId>,
    /// The client's name for it.
    #[schema(value_type = Option<String>)]
    pub client_order_id: Option<Shown<ClientOrderId>>,
    /// The market.
    #[schema(value_type = String)]
    pub symbol: Shown<Symbol>,
    /// Buy or sell.
    pub side: SideWord,
    /// Limit, market or market-to-limit.
    #[serde(rename = "type")]
    pub kind: KindWord,
    /// How long it stays.
    pub time_in_force: TimeInForceWord,
    /// When a `gtd` order ends, in milliseconds since 1970.
    pub expires_at_ms: Option<u64>,
    /// Whether it may not take.
    pub post_only: bool,
    /// Whether it may only reduce the position.
    pub reduce_only: bool,
    /// Whether it only offsets what its auction leaves over.
    pub imbalance_only: bool,
    /// What its price follows; null if nothing.
    pub peg: Option<PegMessage>,
    /// How much of what rests of it shows in the book at a time, zero of a hidden order; null if all of it does. The other quantities are of all of it.
    #[schema(value_type = Option<String>)]
    pub display_qty: Option<Figure>,
    /// How much of it had to trade at once when it came, or nothing would have; null if it asked for nothing.
    #[schema(value_type = Option<String>)]
    pub min_qty: Option<Figure>,
    /// What happens where it would trade with its own account or trade group.
    pub self_trade_prevention: SelfTradePreventionWord,
    /// What it waits for, or waited for; null if it came at once.
    pub trigger: Option<TriggerMessage>,
    /// The reference price that fired its trigger.
    #[schema(value_type = Option<String>)]
    pub triggered_price: Option<Figure>,
    /// The list that it came in: the `order_id` of the list's first order.
    #[schema(value_type = Option<String>)]
    pub list_id: Option<Shown<OrderId>>,
    /// Limit price; of a market-to-limit order, of a post-only order that the market has repriced, and of an imbalance-only
    /// order that has come, the price at which it rests.
    #[schema(value_type = Option<String>)]
    pub price: Option<Figure>,
    /// Total quantity in base.
    #[schema(value_type = Option<String>)]
    pub qty: Option<Figure>,
    /// Budget in quote, of a market order by quote.
    #[schema(value_type = Option<String>)]
    pub quote_qty: Option<Figure>,
    /// Traded quantity in base.
    #[schema(value_type = String)]
    pub filled_qty: Figure,
    /// Traded value in quote.
    #[schema(value_type = String)]
    pub filled_quote: Figure,
    /// `filled_quote / filled_qty`, rounded down to the quote asset's decimals.
    pub avg_price: Option<String>,
    /// Quantity that it lost where it would have traded with its own side (`decrement`); `qty` is without it.
    #[schema(value_type = String)]
    pub prevented_qty: Figure,
    /// What can still trade.
    #[schema(value_type = String)]
    pub leaves_qty: Figure,
    /// Where it stands.
    pub status: StatusWord,
    /// Why it was cancelled.
    #[schema(value_type = Option<CancelReason>)]
    pub cancel_reason: Option<&'static str>,
    /// Fees taken so far.
    #[schema(value_type = String)]
    pub fee: Figure,
    /// The asset they were taken in.
    #[schema(value_type = String)]
    pub fee_asset: Shown<Symbol>,
    /// When it was accepted, RFC 3339.
    #[schema(value_type = String)]
    pub created_at: Moment,
    /// When it last changed, RFC 3339.
    #[schema(value_type = String)]
    pub updated_at: Moment,
    /// The command that last changed it.
    pub seq: u64,
}

/// An order, and where it is in the queue of its price.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct QueuedOrderMessage {
    #[serde(flatten)]
    pub order: OrderMessage,
    /// What trades before it at its price; null if it is not in the book.
    pub queue: Option<QueueMessage>,
}

/// What is ahead of an order at its own price. In an instrument that shares trades out by size, the orders that came
/// before it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct QueueMessage {
    /// How many orders. Before a hidden order are all that show, and the hidden ones that came before it.
    pub orders_ahead: u32,
    /// How much of them shows, in base.
    pub qty_ahead: String,
}

/// An order with its place, if it is in the book; `None` if its instrument is not listed.
pub(crate) fn queued(
    markets: &impl Markets,
    view: &OrderView,
    place: Option<QueuePlace>,
) -> Option<QueuedOrderMessage> {
    let instrument = markets.instrument(view.instrument)?;
    let queue = place.map(|QueuePlace { orders_ahead, qty_ahead }| QueueMessage {
        orders_ahead,
        qty_ahead: instrument.format_qty(qty_ahead),
    });
    Some(QueuedOrderMessage { order: order(markets, view)?, queue })
}

/// What a trade did to one of its orders.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FillMessage {
    /// The trade's number in the market.
    pub trade_id: u64,
    /// Price.
    pub price: Figure,
    /// Quantity in base.
    pub qty: Figure,
    /// Fee taken; negative is a rebate.
    pub fee: Figure,
    /// The asset of the fee.
    pub fee_asset: Shown<Symbol>,
    /// `maker`, `taker` or `auction`.
    pub liquidity: &'static str,
}

/// An order as a message; `None` if its instrument is not listed, which no order of the venue can be.
pub(crate) fn order(markets: &impl Markets, view: &OrderView) -> Option<OrderMessage> {
    let instrument = markets.instrument(view.instrument)?;
    let fee_asset = markets.asset(view.fee_asset)?;
    Some(OrderMessage {
        order_id: Shown(view.order),
        client_order_id: view.client_order_id.map(Shown),
        symbol: Shown(instrument.spec.symbol),
        side: view.side.into(),
        kind: match view.kind {
            OrderKind::Limit { .. } => KindWord::Limit,
            OrderKind::Market { .. } | OrderKind::MarketQuote { .. } => KindWord::Market,
            OrderKind::MarketToLimit { .. } => KindWord::MarketToLimit,
        },
        time_in_force: view.time_in_force.into(),
        expires_at_ms: view.expires_ns().map(time::millis),
        post_only: view.post_only,
        reduce_only: view.reduce_only,
        imbalance_only: view.imbalance_only,
        peg: view.peg.map(|peg| PegMessage::new(instrument, peg)),
        display_qty: view.display_qty.map(|qty| Figure::qty(instrument, qty)),
        min_qty: Some(view.min_qty).filter(|qty| !qty.is_zero()).map(|qty| Figure::qty(instrument, qty)),
        self_trade_prevention: view.self_trade_prevention.into(),
        trigger: view.trigger.as_ref().map(|trigger| TriggerMessage::new(instrument, trigger)),
        triggered_price: view.triggered_price.map(|price| Figure::price(instrument, price)),
        list_id: view.list.map(Shown),
        price: view.price().map(|price| Figure::price(instrument, price)),
        qty: view.qty().map(|qty| Figure::qty(instrument, qty)),
        quote_qty: view.budget().map(|budget| Figure::money(&instrument.quote, budget)),
        filled_qty: Figure::qty(instrument, view.filled_qty),
        filled_quote: Figure::money(&instrument.quote, view.filled_quote),
        avg_price: average(instrument, view),
        prevented_qty: Figure::qty(instrument, view.prevented_qty),
        leaves_qty: Figure::qty(instrument, view.leaves_qty),
        status: view.status.into(),
        cancel_reason: view.cancel_cause.map(|cause| cause.name()),
        fee: Figure::money(fee_asset, view.fee),
        fee_asset: Shown(fee_asset.symbol),
        created_at: Moment(view.created_ns),
        updated_at: Moment(view.updated_ns),
        seq: view.seq,
    })
}

/// A trade that was prevented, because both orders were of one account or trade group.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PreventedMessage {
    /// The price at which they would have traded.
    pub price: Figure,
    /// The quantity in base that would have traded.
    pub qty: Figure,
    /// The other order.
    pub other_order_id: Shown<OrderId>,
}

/// What there is to say of an event beside its name.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct EventDetail {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fill: Option<FillMessage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prevented: Option<PreventedMessage>,
}

/// The name of what happened, and its detail: the fill if it was a trade, the match if one was prevented.
pub(crate) fn event(markets: &impl Markets, view: &OrderView, event: &OrderEvent) -> (&'static str, EventDetail) {
    match event {
        OrderEvent::Accepted => ("accepted", EventDetail::default()),
        OrderEvent::Released => ("released", EventDetail::default()),
        OrderEvent::Triggered => ("triggered", EventDetail::default()),
        OrderEvent::Rested => ("rested", EventDetail::default()),
        OrderEvent::Cancelled => ("cancelled", EventDetail::default()),
        OrderEvent::Amended => ("amended", EventDetail::default()),
        OrderEvent::SelfTradePrevented { price, qty, other } => {
            let prevented = markets.instrument(view.instrument).map(|instrument| PreventedMessage {
                price: Figure::price(instrument, *price),
                qty: Figure::qty(instrument, *qty),
                other_order_id: Shown(*other),
            });
            ("self_trade_prevented", EventDetail { prevented, fill: None })
        }
        OrderEvent::Trade { trade_id, price, qty, fee, fee_asset, liquidity } => {
            let fill = markets.instrument(view.instrument).zip(markets.asset(*fee_asset)).map(|(instrument, asset)| {
                FillMessage {
                    trade_id: trade_id.0,
                    price: Figure::price(instrument, *price),
                    qty: Figure::qty(instrument, *qty),
                    fee: Figure::money(asset, *fee),
                    fee_asset: Shown(asset.symbol),
                    liquidity: liquidity.name(),
                }
            });
            ("trade", EventDetail { fill, prevented: None })
        }
    }
}

/// The average price of what was filled; `None` if nothing was.
pub(crate) fn average(instrument: &Instrument, view: &OrderView) -> Option<String> {
    view.average_price_text(instrument).map(|text| price_text(instrument, &text))
}

/// A derived price without zeros at the end, but with no fewer decimals than the instrument's prices have.
pub(crate) fn price_text(instrument: &Instrument, text: &str) -> String {
    let spare = usize::from(instrument.quote.decimals.saturating_sub(instrument.spec.price_decimals));
    let (kept, tail) = text.split_at(text.len().saturating_sub(spare));
    format!("{kept}{}", tail.trim_end_matches('0')).trim_end_matches('.').to_owned()
}

/// Money without zeros at the end.
pub(crate) fn money(asset: &Asset, amount: Amount) -> String {
    without_trailing_zeros(&asset.format(amount)).to_owned()
}
