//! A WebSocket client, and a book that is rebuilt from what it hears.

use std::collections::BTreeMap;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{DEADLINE, Trader};

/// A WebSocket client, and what it has heard while it waited for something else.
pub(crate) struct Socket(pub WebSocketStream<TcpStream>, Vec<Value>);

impl Socket {
    pub(crate) fn new(stream: WebSocketStream<TcpStream>) -> Self {
        Self(stream, Vec::new())
    }

    pub(crate) async fn auth(&mut self, trader: &Trader) {
        let answer = self.ask(json!({"op": "auth", "id": "auth", "token": trader.token})).await;
        assert_eq!((&answer["ok"], &answer["account_id"]), (&json!(true), &json!(trader.account.0)), "{answer}");
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// Says something with an id and waits for the answer; pushes in between wait for [`Socket::until`].
    pub(crate) async fn ask(&mut self, message: Value) -> Value {
        let id = message["id"].clone();
        self.say(message).await;
        self.until(|heard| heard.get("op").is_some() && heard["id"] == id).await
    }

    /// The next text message, or how the connection was closed.
    pub(crate) async fn hear(&mut self) -> Result<Value, Option<u16>> {
        // The venue's pings are no answer: one deadline for all that is skipped.
        let deadline = tokio::time::Instant::now() + DEADLINE;
        loop {
            let next = tokio::time::timeout_at(deadline, self.0.next()).await.expect("nothing was heard in time");
            match next {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(text.as_str()).unwrap()),
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// The first message of this kind that was not taken yet.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(index) = self.1.iter().position(&wanted) {
            return self.1.remove(index);
        }
        loop {
            let heard = self.hear().await.unwrap();
            if wanted(&heard) {
                return heard;
            }
            self.1.push(heard);
        }
    }

    /// The close code, after whatever else is still said.
    pub(crate) async fn close_code(&mut self) -> Option<u16> {
        loop {
            if let Err(code) = self.hear().await {
                return code;
            }
        }
    }
}

/// A book that is rebuilt from a snapshot and changes.
#[derive(Default)]
pub(crate) struct Book {
    pub(crate) update_id: u64,
    bids: BTreeMap<u64, String>,
    asks: BTreeMap<u64, String>,
}

impl Book {
    /// Takes in a message of the `book` channel; the ids have no gap.
    pub(crate) fn apply(&mut self, message: &Value) {
        if message["type"] == "snapshot" {
            *self = Self { update_id: message["update_id"].as_u64().unwrap(), ..Self::default() };
        } else {
            assert_eq!(message["first_update_id"], self.update_id + 1, "{message}");
            self.update_id = message["last_update_id"].as_u64().unwrap();
        }
        for (side, levels) in [(&mut self.bids, &message["bids"]), (&mut self.asks, &message["asks"])] {
            for level in levels.as_array().unwrap() {
                let (price, qty) = (level[0].as_str().unwrap(), level[1].as_str().unwrap());
                let cents = price.replace('.', "").parse().unwrap();
                if qty == "0" {
                    // A level that came and went between two messages was never seen.
                    side.remove(&cents);
                } else {
                    side.insert(cents, qty.to_owned());
                }
            }
        }
    }

    /// Its levels as `/api/v1/depth` shows them.
    pub(crate) fn shown(&self) -> [Vec<(u64, String)>; 2] {
        let level = |(price, qty): (&u64, &String)| (*price, qty.clone());
        [self.bids.iter().rev().map(level).collect(), self.asks.iter().map(level).collect()]
    }
}
