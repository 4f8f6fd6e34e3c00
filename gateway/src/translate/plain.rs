//! The shapes of the plain routes: JSON numbers, symbols as listed.

use papertape_engine::{Instrument, Side};
use papertape_platform::OrderView;
use serde::Serialize;
use utoipa::ToSchema;

use super::number::Number;
use super::orders::average;
use crate::errors::Failure;

/// A user, as others may see it: themselves.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": 1, "email": "ada@example.com", "created_at": "2026-01-31T12:00:00.000Z"}))]
pub(crate) struct UserOut {
    /// Number.
    pub id: i64,
    /// E-mail address, lower case.
    pub email: String,
    /// When they signed up, RFC 3339.
    pub created_at: String,
}

/// An access token.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"access_token": "eyJhbGciOi…", "token_type": "bearer"}))]
pub(crate) struct TokenOut {
    /// Goes into `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `bearer`.
    pub token_type: &'static str,
}

/// What a trade did.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"message": "BUY 0.01 BTC-USD at 60000.00", "status": "filled", "symbol": "BTC-USD",
    "trade_type": "BUY", "quantity": 0.01, "price": 60000.0, "order_id": "1042"}))]
pub(crate) struct TradeOut {
    /// In words.
    pub message: String,
    /// `filled` or `partially_filled`.
    pub status: &'static str,
    /// The market.
    pub symbol: String,
    /// `BUY` or `SELL`.
    pub trade_type: &'static str,
    /// Traded quantity.
    pub quantity: Number,
    /// Average price.
    pub price: Number,
    /// The order behind it.
    pub order_id: String,
}

/// A holding.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": 1, "user_id": 1, "symbol": "BTC-USD", "quantity": 0.01, "avg_price": 60000.0}))]
pub(crate) struct PortfolioRow {
    /// Number of the row.
    pub id: i64,
    /// Whose.
    pub user_id: i64,
    /// The market.
    pub symbol: String,
    /// Held.
    pub quantity: Number,
    /// Average price paid.
    pub avg_price: Number,
}

/// A fill.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": 1, "user_id": 1, "symbol": "BTC-USD", "trade_type": "BUY", "quantity": 0.01,
    "price": 60000.0, "timestamp": "2026-01-31T12:00:00.000Z"}))]
pub(crate) struct TradeRow {
    /// Number of the row.
    pub id: i64,
    /// Whose.
    pub user_id: i64,
    /// The market.
    pub symbol: String,
    /// `BUY` or `SELL`.
    pub trade_type: String,
    /// Traded quantity.
    pub quantity: Number,
    /// Price.
    pub price: Number,
    /// When, RFC 3339.
    pub timestamp: String,
}

/// What a plain trade answers, or that nobody wanted to trade at the price.
pub(crate) fn trade(instrument: &Instrument, order: &OrderView) -> Result<TradeOut, Failure> {
    let Some(price) = average(instrument, order) else {
        let sentence = "Nobody trades at this price now; nothing was done.";
        return Err(Failure::bad_request("NOT_FILLED", sentence));
    };
    let quantity = instrument.format_qty(order.filled_qty);
    let trade_type = match order.side {
        Side::Buy => "BUY",
        Side::Sell => "SELL",
    };
    let symbol = instrument.spec.symbol.to_string();
    let whole = order.qty() == Some(order.filled_qty);
    Ok(TradeOut {
        message: format!("{trade_type} {quantity} {symbol} at {price}"),
        status: if whole { "filled" } else { "partially_filled" },
        trade_type,
        quantity: Number::new(&quantity),
        price: Number::new(&price),
        order_id: order.order.to_string(),
        symbol,
    })
}
