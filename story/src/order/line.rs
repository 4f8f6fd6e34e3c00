//! What is told of an order: who it is, what happened to it, and what it came to.

use papertape_engine::Stamp;
use serde::Serialize;

use crate::words::utc_iso;

/// One thing that happened. All decimals are text.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Line {
    /// The record under which it happened.
    pub seq: u64,
    /// The event's index among those of the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// When, RFC 3339 with nanoseconds.
    pub time: String,
    /// `accepted`, `waits`, `released`, `triggered`, `rested`, `queued`, `ahead`, `fill`, `prevented`, `amended`,
    /// `repriced`, `repeated`, `refused`, `ended` or `open`.
    pub what: &'static str,
    /// In a sentence.
    pub text: String,
    /// A price that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
    /// A quantity that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qty: Option<String>,
    /// What is left of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaves_qty: Option<String>,
    /// The trade's number in its market.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trade_id: Option<u64>,
    /// `maker`, `taker` or `auction`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    /// The fee of a fill; less than zero is a rebate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee: Option<String>,
    /// The asset of the fee.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee_asset: Option<String>,
    /// The other order that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_order: Option<u64>,
    /// Whose the other order is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_account: Option<u32>,
    /// Orders ahead in the queue, after the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ahead_orders: Option<u32>,
    /// How much of them shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ahead_qty: Option<String>,
    /// The name of the reason of a refusal, or of the cause of an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

impl Line {
    pub(super) fn at(stamp: Stamp, index: Option<usize>, what: &'static str, text: String) -> Self {
        let time = utc_iso(stamp.time_ns);
        Self { seq: stamp.seq, index, time, what, text, ..Self::default() }
    }
}

/// Who the order is.
#[derive(Clone, Debug, Serialize)]
pub struct Head {
    /// Its number.
    pub order_id: u64,
    /// Whose it is.
    pub account: u32,
    /// Its market.
    pub symbol: String,
    /// `buy` or `sell`.
    pub side: &'static str,
    /// The client's name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_order_id: Option<String>,
    /// The list that it is one of, by the number of its first order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<u64>,
    /// What it asked, in words.
    pub terms: String,
}

/// What it came to.
#[derive(Clone, Debug, Serialize)]
pub struct Sum {
    /// `filled`, `ended` or `open`.
    pub state: &'static str,
    /// How many fills it had.
    pub fills: u64,
    /// What they were for together.
    pub filled_qty: String,
    /// With four decimals more than a price has, rounded down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_price: Option<String>,
    /// What they were worth together, with the asset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// By asset; less than zero is a rebate.
    pub fees: Vec<Fee>,
    /// The last record that was read.
    pub seq: u64,
}

/// What was paid in one asset.
#[derive(Clone, Debug, Serialize)]
pub struct Fee {
    /// The asset.
    pub asset: String,
    /// How much.
    pub amount: String,
}

/// Who hears a story, in order: the head once, then lines, then the sum once.
pub trait Listener {
    /// Why nothing more is wanted.
    type Error;

    /// Hears who the order is.
    fn head(&mut self, head: Head) -> Result<(), Self::Error>;
    /// Hears what happened.
    fn line(&mut self, time_ns: u64, line: Line) -> Result<(), Self::Error>;
    /// Hears what it came to.
    fn sum(&mut self, sum: Sum) -> Result<(), Self::Error>;
}
