//! The lines of the protocol.

use serde::{Deserialize, Serialize};

use crate::number::Number;
use crate::state::State;

const PROTOCOL: &str = "tracebook.conformance";
const PROTOCOL_VERSION: u32 = 1;

/// What the judge sends.
#[derive(Debug)]
pub(crate) enum Request {
    /// The first line: under which rules the events that follow are judged.
    Hello(Config),
    /// One event of the trace.
    Event { index: u64, event: SourceEvent },
    /// Show the books as they are after this event.
    Snapshot { index: u64 },
    /// The last line.
    Finish { event_count: u64 },
}

/// The rules of one trace.
#[derive(Debug, Deserialize)]
pub(crate) struct Config {
    /// One tick, as decimal text.
    pub(crate) tick_size: String,
    /// Decimals of a quantity.
    pub(crate) quantity_decimal_places: u8,
    #[serde(default)]
    pub(crate) matching_algorithm: MatchingAlgorithm,
    #[serde(default)]
    pub(crate) self_trade_policy: SelfTradePolicy,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MatchingAlgorithm {
    #[default]
    Fifo,
    ProRata,
}

/// What becomes of orders of one owner that would trade with each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum SelfTradePolicy {
    #[default]
    None,
    CancelResting,
    CancelIncoming,
}

/// One event of a trace. Numbers are kept as the text that was sent.
#[derive(Debug, Deserialize)]
pub(crate) struct SourceEvent {
    pub(crate) op: Op,
    pub(crate) symbol: String,
    /// The judge's own name for the order, unique among the live orders of the symbol.
    pub(crate) order_id: Option<u64>,
    pub(crate) side: Option<SourceSide>,
    #[serde(default)]
    pub(crate) order_type: OrderType,
    pub(crate) price: Option<Number>,
    /// Of a new order its size, of a replacement its new open size, of a reduction what is taken away.
    pub(crate) quantity: Option<Number>,
    /// Whose order it is.
    #[serde(default = "nobody")]
    pub(crate) owner: i64,
}

/// The judge's mark for an order without an owner. Such orders trade with each other under every policy.
pub(crate) const NOBODY: i64 = -1;

fn nobody() -> i64 {
    NOBODY
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Op {
    New,
    Cancel,
    Reduce,
    Replace,
    Clear,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum SourceSide {
    Buy,
    Sell,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum OrderType {
    #[default]
    Limit,
    Market,
    Ioc,
    Fok,
}

/// What the judge gets.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Answer {
    Ready { protocol: &'static str, protocol_version: u32, engine: EngineName },
    Observation { index: u64, outcome: Outcome, trades: Vec<Fill>, state_hash: String, resting_order_count: usize },
    Snapshot { index: u64, state: State },
    Complete { event_count: u64 },
    Error { code: &'static str, message: String },
}

#[derive(Debug, Serialize)]
pub(crate) struct EngineName {
    name: &'static str,
    version: &'static str,
    language: &'static str,
}

/// Whether an event was taken, and why not.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    pub(crate) status: &'static str,
    /// The judge's code of the refusal.
    pub(crate) reason: Option<&'static str>,
    /// The venue's words for it; not compared.
    pub(crate) message: Option<String>,
}

/// One trade, with the judge's names of the orders.
#[derive(Debug, Serialize)]
pub(crate) struct Fill {
    pub(crate) symbol: String,
    pub(crate) buy_order_id: u64,
    pub(crate) sell_order_id: u64,
    pub(crate) price: String,
    pub(crate) quantity: String,
}

impl Answer {
    pub(crate) fn ready() -> Self {
        let engine = EngineName { name: "papertape", version: env!("CARGO_PKG_VERSION"), language: "Rust" };
        Answer::Ready { protocol: PROTOCOL, protocol_version: PROTOCOL_VERSION, engine }
    }

    pub(crate) fn error(message: &str) -> Self {
        Answer::Error { code: "PROTOCOL_ERROR", message: message.to_owned() }
    }
}

/// Every field that any request has.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    kind: String,
    protocol: Option<String>,
    protocol_version: Option<u32>,
    config: Option<Config>,
    index: Option<u64>,
    event: Option<SourceEvent>,
    event_count: Option<u64>,
}

/// Reads one line. Whether it is its turn is the caller's matter.
pub(crate) fn read(text: &str) -> Result<Request, String> {
    let line: Line = serde_json::from_str(text).map_err(|error| format!("{error} in {text}"))?;
    let missing = |name: &str| format!("a {} without its {name}", line.kind);
    match line.kind.as_str() {
        "hello" => {
            if line.protocol.as_deref() != Some(PROTOCOL) || line.protocol_version != Some(PROTOCOL_VERSION) {
                return Err(format!("only {PROTOCOL} {PROTOCOL_VERSION} is spoken here"));
            }
            line.config.map(Request::Hello).ok_or_else(|| missing("config"))
        }
        "event" => {
            let index = line.index.ok_or_else(|| missing("index"))?;
            let event = line.event.ok_or_else(|| missing("event"))?;
            Ok(Request::Event { index, event })
        }
        "snapshot" => line.index.map(|index| Request::Snapshot { index }).ok_or_else(|| missing("index")),
        "finish" => {
            let event_count = line.event_count.ok_or_else(|| missing("event_count"))?;
            Ok(Request::Finish { event_count })
        }
        other => Err(format!("a line of an unknown type: {other}")),
    }
}
