//! One's own fills.

use papertape_engine::Side;
use papertape_platform::FillName;
use papertape_platform::database::trade;
use serde::Serialize;
use utoipa::ToSchema;

use super::number::without_trailing_zeros;
use super::{csv, time};

/// One of one's own fills.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"trade_id": 42, "order_id": "1042", "symbol": "BTC-USD", "side": "buy", "price": "60000.00",
    "qty": "0.01", "quote_qty": "600", "fee": "0.6", "fee_asset": "USD", "liquidity": "taker",
    "time": "2026-01-31T12:00:00.000Z", "time_ms": 1769860800000_u64}))]
pub(crate) struct OwnFillMessage {
    /// The trade's number in the market.
    pub trade_id: u64,
    /// The order that was filled.
    pub order_id: String,
    /// The market.
    pub symbol: String,
    /// `buy` or `sell`.
    pub side: &'static str,
    /// Price.
    pub price: String,
    /// Quantity in base.
    pub qty: String,
    /// Value in quote.
    pub quote_qty: String,
    /// Fee; negative is a rebate.
    pub fee: String,
    /// Asset of the fee.
    pub fee_asset: String,
    /// `maker`, `taker` or `auction`.
    pub liquidity: String,
    /// When, RFC 3339 with milliseconds.
    pub time: String,
    /// When, in milliseconds since 1970.
    pub time_ms: u64,
}

/// A page of one's own fills.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FillsMessage {
    /// Newest first.
    pub fills: Vec<OwnFillMessage>,
    /// The `cursor` of the next page; null: there is none.
    pub next_cursor: Option<String>,
}

/// What a cursor says of a fill: it names it as the journal does, so that it survives whatever becomes of rows.
pub(crate) fn numbers_of(row: &trade::Model) -> [u64; 3] {
    [row.seq.cast_unsigned(), row.event_index.cast_unsigned(), u64::from(row.trade_type == "BUY")]
}

/// The fill that a cursor names.
pub(crate) fn name_of([seq, event_index, is_buy]: [u64; 3]) -> FillName {
    FillName { seq, event_index, side: if is_buy == 0 { Side::Sell } else { Side::Buy } }
}

/// A fill out of its row.
pub(crate) fn fill(row: &trade::Model) -> OwnFillMessage {
    let time_ns = u64::try_from(row.timestamp.unix_timestamp_nanos()).unwrap_or_default();
    OwnFillMessage {
        trade_id: row.trade_id.cast_unsigned(),
        order_id: row.order_id.cast_unsigned().to_string(),
        symbol: row.symbol.clone(),
        side: if row.trade_type == "BUY" { "buy" } else { "sell" },
        price: row.price_text.clone(),
        qty: row.quantity_text.clone(),
        quote_qty: without_trailing_zeros(&row.quote_text).to_owned(),
        fee: without_trailing_zeros(&row.fee_text).to_owned(),
        fee_asset: row.fee_asset.clone(),
        liquidity: row.liquidity.clone(),
        time: time::rfc3339(time_ns),
        time_ms: time::millis(time_ns),
    }
}

/// The names of the columns are those of the messages' fields, in the same order.
const COLUMNS: [&str; 12] = [
    "trade_id",
    "order_id",
    "symbol",
    "side",
    "price",
    "qty",
    "quote_qty",
    "fee",
    "fee_asset",
    "liquidity",
    "time",
    "time_ms",
];

/// Fills as lines, with a header line.
pub(crate) fn as_csv(fills: &[OwnFillMessage]) -> String {
    let mut out = String::new();
    csv::line(&mut out, COLUMNS);
    for fill in fills {
        let (trade_id, time_ms) = (fill.trade_id.to_string(), fill.time_ms.to_string());
        let fields = [
            &trade_id,
            &fill.order_id,
            &fill.symbol,
            fill.side,
            &fill.price,
            &fill.qty,
            &fill.quote_qty,
            &fill.fee,
            &fill.fee_asset,
            &fill.liquidity,
            &fill.time,
            &time_ms,
        ];
        csv::line(&mut out, fields);
    }
    out
}
