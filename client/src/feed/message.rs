//! What the venue says on its WebSocket, as far as a follower of markets looks into it.

use serde::Deserialize;

/// A level as it is written: price and quantity.
pub(super) type Pair = (String, String);

/// A message of a channel, or the answer to a request. What is not known here stays in [`Message::text`].
#[derive(Debug)]
pub struct Message {
    /// The whole message.
    pub text: String,
    pub(super) head: Head,
}

/// The fields by which a message is told from others.
#[derive(Deserialize, Debug, Default)]
pub(super) struct Head {
    #[serde(default)]
    pub(super) op: Option<String>,
    #[serde(default)]
    pub(super) ok: Option<bool>,
    #[serde(default)]
    pub(super) channel: Option<String>,
    #[serde(default)]
    pub(super) symbol: Option<String>,
    #[serde(default, rename = "type")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) epoch: Option<u64>,
    #[serde(default)]
    pub(super) n: Option<u64>,
    #[serde(default)]
    pub(super) resumed: Option<bool>,
    #[serde(default)]
    pub(super) error: Option<Refusal>,
}

/// Why a request was refused.
#[derive(Deserialize, Debug, Clone)]
pub(super) struct Refusal {
    pub(super) code: String,
    #[serde(default)]
    pub(super) detail: String,
}

/// The body of a message of the channel `book`.
#[derive(Deserialize, Debug)]
pub(super) struct BookBody {
    #[serde(default)]
    pub(super) update_id: Option<u64>,
    #[serde(default)]
    pub(super) first_update_id: Option<u64>,
    #[serde(default)]
    pub(super) last_update_id: Option<u64>,
    #[serde(default)]
    pub(super) checksum: Option<u32>,
    #[serde(default)]
    pub(super) bids: Vec<Pair>,
    #[serde(default)]
    pub(super) asks: Vec<Pair>,
}

/// A public trade.
#[derive(Deserialize, Debug, Clone, PartialEq, Eq)]
pub struct Trade {
    /// Number in the market, from 1.
    pub id: u64,
    /// Price, a decimal.
    pub price: String,
    /// Quantity in base, a decimal.
    pub qty: String,
    /// The side that took, `buy` or `sell`; none in an auction.
    #[serde(default)]
    pub taker_side: Option<String>,
    /// When, in milliseconds since 1970.
    pub time_ms: u64,
}

#[derive(Deserialize)]
struct TradesBody {
    data: Vec<Trade>,
}

impl Message {
    /// Reads one text message of the venue.
    pub(super) fn read(text: String) -> serde_json::Result<Self> {
        let head = serde_json::from_str(&text)?;
        Ok(Self { text, head })
    }

    /// The channel, if it is of one.
    pub fn channel(&self) -> Option<&str> {
        self.head.channel.as_deref()
    }

    /// The market, if it is of one.
    pub fn symbol(&self) -> Option<&str> {
        self.head.symbol.as_deref()
    }

    /// Its number in the channel, if it has one.
    pub fn n(&self) -> Option<u64> {
        self.head.n
    }

    /// Whether it tells how things are, and not what changed.
    pub fn is_snapshot(&self) -> bool {
        self.head.kind.as_deref() == Some("snapshot")
    }

    /// The trades of a message of the channel `trades`, the oldest first.
    pub fn trades(&self) -> serde_json::Result<Vec<Trade>> {
        serde_json::from_str::<TradesBody>(&self.text).map(|body| body.data)
    }
}
