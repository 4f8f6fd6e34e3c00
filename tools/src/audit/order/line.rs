//! One thing that happened to an order, as text or as JSON.

use std::io::{self, Write};

use papertape_engine::Stamp;
use serde::Serialize;

use crate::audit::StoryFormat;
use crate::words::{utc, utc_iso};

/// One thing that happened. All decimals are text.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Line {
    /// The record under which it happened.
    pub(super) seq: u64,
    /// The event's index among those of the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<usize>,
    pub(super) time: String,
    /// `accepted`, `waits`, `released`, `triggered`, `rested`, `queued`, `ahead`, `fill`, `prevented`, `amended`,
    /// `repriced`, `repeated`, `refused`, `ended` or `open`.
    pub(super) what: &'static str,
    /// In a sentence.
    pub(super) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) price: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) qty: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) leaves_qty: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trade_id: Option<u64>,
    /// `maker`, `taker` or `auction`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fee: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fee_asset: Option<String>,
    /// The other order that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) other_order: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) other_account: Option<u32>,
    /// Orders ahead in the queue, after the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ahead_orders: Option<u32>,
    /// How much of them shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ahead_qty: Option<String>,
    /// The name of the reason of a refusal, or of the cause of an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<&'static str>,
}

impl Line {
    pub(super) fn at(stamp: Stamp, index: Option<usize>, what: &'static str, text: String) -> Self {
        let time = utc_iso(stamp.time_ns);
        Self { seq: stamp.seq, index, time, what, text, ..Self::default() }
    }
}

/// Who the order is.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Head {
    pub(super) order_id: u64,
    pub(super) account: u32,
    pub(super) symbol: String,
    pub(super) side: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) list: Option<u64>,
    pub(super) terms: String,
}

/// What it came to.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Sum {
    /// `filled`, `ended` or `open`.
    pub(super) state: &'static str,
    pub(super) fills: u64,
    pub(super) filled_qty: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) average_price: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<String>,
    /// By asset; less than zero is a rebate.
    pub(super) fees: Vec<Fee>,
    /// The last record that was read.
    pub(super) seq: u64,
}

/// What was paid in one asset.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Fee {
    pub(super) asset: String,
    pub(super) amount: String,
}

/// Writes the story as it goes on.
pub(super) struct Lines<'a, W: Write> {
    format: StoryFormat,
    with_queue: bool,
    out: &'a mut W,
    written: u64,
}

impl<'a, W: Write> Lines<'a, W> {
    pub(super) fn new(format: StoryFormat, with_queue: bool, out: &'a mut W) -> Self {
        Self { format, with_queue, out, written: 0 }
    }

    pub(super) fn head(&mut self, head: &Head) -> io::Result<()> {
        match self.format {
            StoryFormat::Text => {
                writeln!(self.out, "order {} of account {}: {}", head.order_id, head.account, head.terms)
            }
            StoryFormat::Json => {
                write!(self.out, "{{\"order\":{},\"lines\":[", serde_json::to_string(head)?)
            }
        }
    }

    pub(super) fn line(&mut self, time_ns: u64, line: &Line) -> io::Result<()> {
        if line.what == "ahead" && !self.with_queue {
            return Ok(());
        }
        self.written += 1;
        match self.format {
            StoryFormat::Text => {
                writeln!(self.out, "{}  record {:<8} {:<10} {}", utc(time_ns), line.seq, line.what, line.text)
            }
            StoryFormat::Json => {
                let comma = if self.written > 1 { "," } else { "" };
                write!(self.out, "{comma}{}", serde_json::to_string(line)?)
            }
        }
    }

    pub(super) fn sum(&mut self, sum: &Sum) -> io::Result<()> {
        if self.format == StoryFormat::Json {
            return writeln!(self.out, "],\"sum\":{}}}", serde_json::to_string(sum)?);
        }
        let fills = crate::words::count(sum.fills, "fill");
        write!(self.out, "{}: {} in {fills}", sum.state, sum.filled_qty)?;
        if let (Some(price), Some(value)) = (&sum.average_price, &sum.value) {
            write!(self.out, ", {price} on average, {value} in all")?;
        }
        for Fee { asset, amount } in &sum.fees {
            write!(self.out, ", fees {amount} {asset}")?;
        }
        writeln!(self.out, "; read up to record {}", sum.seq)
    }
}
