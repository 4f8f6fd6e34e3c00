//! The life of an order as a message.

use papertape_story::order::{Fee, Head, Line, Story, Sum};
use serde::Serialize;
use utoipa::ToSchema;

/// The life of an order as the journal tells it. Decimals and the numbers of orders are strings; what does not apply is
/// null.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"order": {"order_id": "4", "account": 7, "symbol": "BTC-USD", "side": "sell",
    "client_order_id": null, "list": null, "terms": "sell 0.06 BTC-USD at 61000.00, good till cancelled"},
    "lines": [{"seq": 14, "index": 2, "time": "2026-01-31T12:00:00.000000014Z", "what": "fill",
        "text": "0.02 at 61000.00 with another order, it was there, fee 0.61 USD; 0.04 left (trade 3)", "price": "61000.00",
        "qty": "0.02000", "leaves_qty": "0.04000", "trade_id": 3, "role": "maker", "fee": "0.61", "fee_asset": "USD",
        "other_order": null, "other_account": null, "ahead_orders": null, "ahead_qty": null, "reason": null}],
    "left_out": 0,
    "sum": {"state": "open", "fills": 1, "filled_qty": "0.02000", "average_price": "61000.000000", "value": "1220.00 USD",
        "fees": [{"asset": "USD", "amount": "0.61"}], "seq": 90001}}))]
pub(crate) struct StoryMessage {
    /// Who the order is.
    order: StoryHead,
    /// What happened, in order.
    lines: Vec<StoryLine>,
    /// Lines that are not told, because they would be too many: those about the queue beyond 1000, and any beyond 2000.
    left_out: u64,
    /// What it came to.
    sum: StorySum,
}

/// Who an order is.
#[derive(Serialize, ToSchema)]
pub(crate) struct StoryHead {
    /// The venue's number.
    order_id: String,
    /// Whose it is.
    account: u32,
    /// The market.
    symbol: String,
    /// `buy` or `sell`.
    side: &'static str,
    /// The client's name for it.
    client_order_id: Option<String>,
    /// The list that it came in, by the number of its first order.
    list: Option<String>,
    /// What it asked, in words.
    terms: String,
}

/// One thing that happened to an order.
#[derive(Serialize, ToSchema)]
pub(crate) struct StoryLine {
    /// The record under which it happened.
    seq: u64,
    /// The event's index among those of the record.
    index: Option<usize>,
    /// When, RFC 3339 with nanoseconds.
    time: String,
    /// `accepted`, `waits`, `released`, `triggered`, `rested`, `queued`, `ahead`, `fill`, `prevented`, `amended`,
    /// `repeated`, `refused` or `ended`.
    what: &'static str,
    /// In a sentence.
    text: String,
    /// A price that it is about.
    price: Option<String>,
    /// A quantity that it is about, in base.
    qty: Option<String>,
    /// What is left of the order.
    leaves_qty: Option<String>,
    /// The trade's number in the market.
    trade_id: Option<u64>,
    /// `maker`, `taker` or `auction`.
    role: Option<&'static str>,
    /// The fee of a fill; negative is a rebate.
    fee: Option<String>,
    /// The asset of the fee.
    fee_asset: Option<String>,
    /// The other order that it is about, where the reader may know it.
    other_order: Option<String>,
    /// Whose the other order is, where the reader may know it.
    other_account: Option<u32>,
    /// Orders ahead in the queue, after the record.
    ahead_orders: Option<u32>,
    /// How much of them shows, in base.
    ahead_qty: Option<String>,
    /// The name of the reason of a refusal, or of the cause of an end.
    reason: Option<&'static str>,
}

/// What an order came to.
#[derive(Serialize, ToSchema)]
pub(crate) struct StorySum {
    /// `filled`, `ended` or `open`.
    state: &'static str,
    /// How many fills it had.
    fills: u64,
    /// What they were for together, in base.
    filled_qty: String,
    /// With four decimals more than a price has, rounded down.
    average_price: Option<String>,
    /// What they were worth together, with the asset.
    value: Option<String>,
    /// By asset; negative is a rebate.
    fees: Vec<StoryFee>,
    /// The last record that was read.
    seq: u64,
}

/// What was paid in one asset.
#[derive(Serialize, ToSchema)]
pub(crate) struct StoryFee {
    /// The asset.
    asset: String,
    /// How much.
    amount: String,
}

impl From<Story> for StoryMessage {
    fn from(story: Story) -> Self {
        let Story { head, lines, left_out, sum } = story;
        Self { order: head.into(), lines: lines.into_iter().map(Into::into).collect(), left_out, sum: sum.into() }
    }
}

impl From<Head> for StoryHead {
    fn from(head: Head) -> Self {
        let Head { order_id, account, symbol, side, client_order_id, list, terms } = head;
        let list = list.map(|list| list.to_string());
        Self { order_id: order_id.to_string(), account, symbol, side, client_order_id, list, terms }
    }
}

impl From<Line> for StoryLine {
    fn from(line: Line) -> Self {
        Self {
            seq: line.seq,
            index: line.index,
            time: line.time,
            what: line.what,
            text: line.text,
            price: line.price,
            qty: line.qty,
            leaves_qty: line.leaves_qty,
            trade_id: line.trade_id,
            role: line.role,
            fee: line.fee,
            fee_asset: line.fee_asset,
            other_order: line.other_order.map(|order| order.to_string()),
            other_account: line.other_account,
            ahead_orders: line.ahead_orders,
            ahead_qty: line.ahead_qty,
            reason: line.reason,
        }
    }
}

impl From<Sum> for StorySum {
    fn from(sum: Sum) -> Self {
        let Sum { state, fills, filled_qty, average_price, value, fees, seq } = sum;
        let fees = fees.into_iter().map(|Fee { asset, amount }| StoryFee { asset, amount }).collect();
        Self { state, fills, filled_qty, average_price, value, fees, seq }
    }
}
