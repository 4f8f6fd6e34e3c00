//! REST over a connection that stays: one request at a time, as HTTP/1.1 has it.

use std::time::Instant;

use serde::Deserialize;
use serde_json::json;

use super::{Answer, Link};
use crate::exit::Failure;
use crate::load::plan::Step;

/// The requests of one user.
pub(crate) struct RestLink {
    host: String,
    token: String,
    symbol: String,
    goes: Vec<u8>,
    came: Vec<u8>,
    asked: Option<u64>,
}

#[derive(Deserialize)]
struct Order {
    #[serde(default)]
    order_id: Option<String>,
}

impl RestLink {
    /// Requests to this host with this token.
    pub(crate) fn new(host: &str, symbol: &str, token: &str) -> Self {
        let (host, symbol, token) = (host.to_owned(), symbol.to_owned(), token.to_owned());
        Self { host, token, symbol, goes: Vec::new(), came: Vec::new(), asked: None }
    }

    fn request(&mut self, method: &str, path: &str, body: &str) {
        let (host, token) = (&self.host, &self.token);
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.goes.extend_from_slice(head.as_bytes());
    }
}

impl Link for RestLink {
    fn ask(&mut self, id: u64, step: &Step) -> Result<(), Failure> {
        self.asked = Some(id);
        match step {
            Step::Place(name) => {
                let body = json!({
                    "symbol": self.symbol, "side": "buy", "type": "limit", "price": "1000.00", "qty": "0.001",
                    "client_order_id": name,
                });
                self.request("POST", "/api/v1/orders", &body.to_string());
            }
            Step::Cancel(name) => self.request("DELETE", &format!("/api/v1/orders?client_order_id={name}"), ""),
        }
        Ok(())
    }

    fn has_room(&self) -> bool {
        self.asked.is_none()
    }

    fn output(&self) -> &[u8] {
        &self.goes
    }

    fn written(&mut self, bytes: usize, _now: Instant) {
        self.goes.drain(..bytes);
    }

    fn take(&mut self, bytes: &[u8], _now: Instant) -> Result<Vec<Answer>, Failure> {
        self.came.extend_from_slice(bytes);
        let Some((head, end)) = whole_answer(&self.came)? else { return Ok(Vec::new()) };
        let ok = head.split(' ').nth(1).is_some_and(|status| status.starts_with('2'));
        let durability = header(&head, "papertape-durability").map(str::to_owned);
        let body = self.came.get(head.len()..end).unwrap_or_default();
        let order = serde_json::from_slice::<Order>(body).ok().and_then(|order| order.order_id);
        self.came.drain(..end);
        let Some(id) = self.asked.take() else { return Err(Failure::io("an answer that nobody asked for")) };
        Ok(vec![Answer { id, ok, order, stamped_ns: None, durability }])
    }
}

/// The head of an answer, and where its body ends; nothing while it is not whole.
fn whole_answer(bytes: &[u8]) -> Result<Option<(String, usize)>, Failure> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4) else {
        return Ok(None);
    };
    let head = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned();
    let length = header(&head, "content-length").and_then(|length| length.parse::<usize>().ok());
    let length = length.ok_or_else(|| Failure::io("an answer without a length"))?;
    Ok((bytes.len() >= end + length).then_some((head, end + length)))
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_when_it_is_whole_and_frees_the_connection() {
        let mut link = RestLink::new("venue", "BTC-USD", "token");
        assert!(link.ask(3, &Step::Place("a-1".into())).is_ok() && !link.has_room());
        let text = String::from_utf8_lossy(link.output()).into_owned();
        assert!(text.starts_with("POST /api/v1/orders HTTP/1.1\r\nHost: venue\r\n") && text.contains("a-1"), "{text}");
        let answer =
            b"HTTP/1.1 200 OK\r\nPapertape-Durability: group\r\nContent-Length: 17\r\n\r\n{\"order_id\":\"12\"}";
        let (first, rest) = answer.split_at(70);
        assert_eq!(link.take(first, Instant::now()).ok(), Some(Vec::new()));
        let answers = link.take(rest, Instant::now()).unwrap_or_default();
        let (order, durability) = (Some("12".to_owned()), Some("group".to_owned()));
        assert_eq!(answers, [Answer { id: 3, ok: true, order, stamped_ns: None, durability }]);
        assert!(link.has_room());
    }
}
