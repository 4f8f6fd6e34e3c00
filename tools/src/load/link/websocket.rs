//! The trading WebSocket: a frame reader and writer as small as one client needs (RFC 6455).

use std::time::Instant;

use serde::Deserialize;
use serde_json::json;

use super::{Answer, Link};
use crate::exit::Failure;
use crate::load::plan::Step;

/// Commands of one session that may wait for their answer; the venue's limit is 64.
const IN_FLIGHT_MAX: usize = 48;

const TEXT: u8 = 0x81;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;
const CLOSE: u8 = 0x88;

/// A session of one user, after its upgrade.
pub(crate) struct WsLink {
    symbol: String,
    goes: Vec<u8>,
    came: Vec<u8>,
    waiting: usize,
    is_ready: bool,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(default)]
    op: Option<&'a str>,
    #[serde(default)]
    id: Option<&'a str>,
    #[serde(default)]
    ok: Option<bool>,
    #[serde(default)]
    order: Option<Order>,
    #[serde(default)]
    durability: Option<String>,
}

#[derive(Deserialize)]
struct Order {
    order_id: String,
}

impl WsLink {
    /// Logs in with this token.
    pub(crate) fn new(symbol: &str, token: &str) -> Self {
        let mut link =
            Self { symbol: symbol.to_owned(), goes: Vec::new(), came: Vec::new(), waiting: 0, is_ready: false };
        link.text(&json!({ "op": "auth", "token": token }).to_string());
        link
    }

    /// Whether it is logged in.
    pub(crate) fn is_ready(&self) -> bool {
        self.is_ready
    }

    fn text(&mut self, text: &str) {
        self.frame(TEXT, text.as_bytes());
    }

    /// The mask is zeros: there is no proxy here that could take the text for something else.
    fn frame(&mut self, kind: u8, payload: &[u8]) {
        self.goes.push(kind);
        if payload.len() < 126 {
            self.goes.push(0x80 | payload.len() as u8);
        } else {
            self.goes.push(0x80 | 126);
            self.goes.extend_from_slice(&u16::try_from(payload.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
        self.goes.extend_from_slice(&[0; 4]);
        self.goes.extend_from_slice(payload);
    }

    fn hear(&mut self, kind: u8, payload: &[u8]) -> Result<Option<Answer>, Failure> {
        match kind {
            TEXT => {}
            PING => {
                self.frame(PONG, payload);
                return Ok(None);
            }
            CLOSE => return Err(Failure::io("the venue closed the connection")),
            _ => return Ok(None),
        }
        let Ok(message) = serde_json::from_slice::<Message<'_>>(payload) else { return Ok(None) };
        if message.op == Some("auth") {
            self.is_ready = message.ok == Some(true);
            let said = || format!("log in: {}", String::from_utf8_lossy(payload));
            return if self.is_ready { Ok(None) } else { Err(Failure::io(said())) };
        }
        let Some(id) = message.id.and_then(|id| id.parse().ok()) else { return Ok(None) };
        self.waiting = self.waiting.saturating_sub(1);
        let (order, durability) = (message.order.map(|order| order.order_id), message.durability);
        Ok(Some(Answer { id, ok: message.ok == Some(true), order, stamped_ns: None, durability }))
    }
}

impl Link for WsLink {
    fn ask(&mut self, id: u64, step: &Step) -> Result<(), Failure> {
        // Names and symbols have no letter that JSON would write in another way.
        let request = match step {
            // A price that no market of ours comes near, and a value of one unit of quote.
            Step::Place(name) => format!(
                r#"{{"op":"order.place","id":"{id}","params":{{"symbol":"{}","side":"buy","type":"limit","price":"1000.00","qty":"0.001","client_order_id":"{name}"}}}}"#,
                self.symbol,
            ),
            Step::Cancel(name) => {
                format!(r#"{{"op":"order.cancel","id":"{id}","params":{{"client_order_id":"{name}"}}}}"#)
            }
        };
        self.waiting += 1;
        self.text(&request);
        Ok(())
    }

    fn has_room(&self) -> bool {
        self.waiting < IN_FLIGHT_MAX
    }

    fn output(&self) -> &[u8] {
        &self.goes
    }

    fn written(&mut self, bytes: usize, _now: Instant) {
        self.goes.drain(..bytes);
    }

    fn take(&mut self, bytes: &[u8], _now: Instant) -> Result<Vec<Answer>, Failure> {
        self.came.extend_from_slice(bytes);
        let mut came = std::mem::take(&mut self.came);
        let (mut answers, mut at) = (Vec::new(), 0);
        while let Some((kind, from, to)) = whole_frame(came.get(at..).unwrap_or_default()) {
            let payload = came.get(at + from..at + to).unwrap_or_default();
            answers.extend(self.hear(kind, payload)?);
            at += to;
        }
        came.drain(..at);
        self.came = came;
        Ok(answers)
    }
}

/// The first byte of a server's frame, and where its payload begins and ends.
pub(in crate::load) fn whole_frame(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let &[kind, short] = bytes.first_chunk()?;
    let (from, length): (usize, usize) = match short & 0x7f {
        126 => (4, u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?).into()),
        127 => (10, usize::try_from(u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?)).ok()?),
        short => (2, short.into()),
    };
    let to = from.checked_add(length)?;
    (bytes.len() >= to).then_some((kind, from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_every_length_are_found() {
        for (length, head) in
            [(5_usize, vec![5]), (300, vec![126, 1, 44]), (70_000, vec![127, 0, 0, 0, 0, 0, 1, 0x11, 0x70])]
        {
            let mut frame = vec![TEXT];
            frame.extend_from_slice(&head);
            let from = frame.len();
            frame.resize(from + length, b'x');
            assert_eq!(whole_frame(&frame), Some((TEXT, from, from + length)));
            assert_eq!(whole_frame(&frame[..frame.len() - 1]), None);
        }
        assert_eq!(whole_frame(&[TEXT]), None);
    }

    #[test]
    fn answers_are_read_out_of_pieces_and_pings_are_answered() {
        let mut link = WsLink::new("BTC-USD", "token");
        link.written(link.output().len(), Instant::now());
        let text = r#"{"op":"order.place","id":"7","ok":true,"order":{"order_id":"12"},"durability":"process"}"#;
        let mut bytes = vec![PING, 1, b'p', TEXT, text.len() as u8];
        bytes.extend_from_slice(text.as_bytes());
        let (first, rest) = bytes.split_at(20);
        assert_eq!(link.take(first, Instant::now()).ok(), Some(Vec::new()));
        let answers = link.take(rest, Instant::now()).unwrap_or_default();
        let durability = Some("process".to_owned());
        assert_eq!(answers, [Answer { id: 7, ok: true, order: Some("12".into()), stamped_ns: None, durability }]);
        assert_eq!(link.output(), [PONG, 0x81, 0, 0, 0, 0, b'p']);
    }
}
