//! The messages of `/api/v1/ws`, as they come and as they go.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::frame;
use crate::errors::{Failure, WireError};
use crate::hub::Frames;
use crate::translate::lists::ListMessage;
use crate::translate::orders::OrderMessage;

/// What a client asks. Which fields belong to which `op` is checked by the session.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    /// What to do.
    pub op: String,
    /// Comes back with the answer; at most [`Ask::ID_MAX`] bytes.
    #[serde(default)]
    pub id: Option<String>,
    /// For `auth`.
    #[serde(default)]
    pub token: Option<String>,
    /// For `auth` with an API key instead of a token: its id.
    #[serde(default)]
    pub key: Option<String>,
    /// When it was signed, for `auth` with an API key, or sent, for what `params` are for; in milliseconds since 1970.
    #[serde(default)]
    pub timestamp: Option<u64>,
    /// How long it is good from then on, in milliseconds.
    #[serde(default)]
    pub recv_window: Option<u64>,
    /// For `auth` with an API key: tells two of one millisecond apart.
    #[serde(default)]
    pub nonce: Option<String>,
    /// For `auth` with an API key: HMAC-SHA256 or Ed25519 in hexadecimal digits.
    #[serde(default)]
    pub signature: Option<String>,
    /// For `auth`: what answers to commands wait for; without it what the venue does for everybody.
    #[serde(default)]
    pub durability: Option<String>,
    /// For `subscribe` and `unsubscribe`.
    #[serde(default)]
    pub channel: Option<String>,
    /// For channels of one market.
    #[serde(default)]
    pub symbol: Option<String>,
    /// For `candles`: `1s` to `1M`.
    #[serde(default)]
    pub interval: Option<String>,
    /// For `subscribe`: `json`, or `binary` where the channel has it.
    #[serde(default)]
    pub encoding: Option<String>,
    /// For `subscribe`: where the client was when it lost its connection.
    #[serde(default)]
    pub resume: Option<Resumption>,
    /// For `order.*`, `order_list.*` and `account.*`.
    #[serde(default)]
    pub params: Option<Box<RawValue>>,
}

/// The numbering that a client heard, and the last number of it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resumption {
    /// As it was told.
    pub epoch: u64,
    /// Of the last message of the channel.
    pub n: u64,
}

impl Ask {
    /// Longest id, in bytes.
    pub(crate) const ID_MAX: usize = 64;
}

/// What is answered: `ok` with the fields that the `op` promises, or an error.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Answer {
    /// As asked; null if that could not be read.
    pub op: Option<String>,
    /// As asked.
    pub id: Option<String>,
    /// Whether it was done.
    pub ok: bool,
    /// After `auth`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<u32>,
    /// After `auth`: the user whose topics `trade-events:<userId>` and `position-updates:<userId>` are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<i64>,
    /// After `subscribe` and `unsubscribe`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// After `subscribe` and `unsubscribe` of a market's channel; canonical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// After `subscribe` and `unsubscribe` of `candles`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// After `subscribe`, if an encoding was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// After `subscribe`, if an encoding was named: the number of the market in binary messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instrument: Option<u16>,
    /// After `subscribe`: names the numbering of the channel's messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
    /// After `subscribe`: the number of the channel's last message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<u64>,
    /// After `subscribe`: whether what was missed follows; otherwise a snapshot does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumed: Option<bool>,
    /// After `order.place`, `order.amend` and `order.cancel`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderMessage>,
    /// After `order_list.place`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<ListMessage>,
    /// After `account.kill_switch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engaged: Option<bool>,
    /// After `order.cancel_all` and `account.kill_switch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Vec<OrderMessage>>,
    /// The command's number in the journal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// What "done" means: the session's durability level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub durability: Option<String>,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<WireError>,
}

impl Answer {
    /// The message, as a frame.
    pub(crate) fn frame(&self) -> Frames {
        // One about an order has some 850 bytes: they are not moved while it grows.
        let mut bytes = Vec::with_capacity(1_024);
        self.write(&mut bytes);
        // What waits for a slow reader is counted by its length.
        if bytes.len() < bytes.capacity() / 2 {
            bytes.shrink_to_fit();
        }
        Frames { bytes: bytes.into(), count: 1 }
    }

    /// Appends that frame.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        frame::write_text_by(out, |out| write(self, out));
    }

    /// The same, failed.
    pub(crate) fn failed(self, failure: &Failure) -> Self {
        Self { ok: false, error: Some(failure.wire()), ..self }
    }
}

/// Answers `ping`.
#[derive(Debug, Serialize)]
pub(crate) struct Pong {
    /// Always `pong`.
    pub op: &'static str,
    /// As asked.
    pub id: Option<String>,
    /// The venue's clock, in milliseconds since 1970.
    pub time_ms: u64,
}

/// Told before the venue closes a session because it stops.
#[derive(Debug, Serialize)]
pub(crate) struct Shutdown {
    /// Always `server_shutdown`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// How long cancels are still taken, at most.
    pub closes_in_ms: u64,
    /// The venue's clock, in milliseconds since 1970.
    pub time_ms: u64,
}

/// Encodes a message.
pub(crate) fn text(message: &impl Serialize) -> String {
    let mut bytes = Vec::with_capacity(128);
    write(message, &mut bytes);
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

fn write(message: &impl Serialize, out: &mut Vec<u8>) {
    // Strings, numbers and lists of them: there is no map key or number that JSON could refuse.
    serde_json::to_writer(out, message).expect("messages consist of what JSON can hold");
}
