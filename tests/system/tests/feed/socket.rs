//! One WebSocket, as a client sees it.

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use papertape_platform::Views;
use parking_lot::RwLock;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::binary;
use crate::world::DEADLINE;

pub(super) struct Socket {
    stream: WebSocketStream<TcpStream>,
    asked: u64,
    views: Arc<RwLock<Views>>,
}

impl Socket {
    pub(super) fn new(stream: WebSocketStream<TcpStream>, views: Arc<RwLock<Views>>) -> Self {
        Self { stream, asked: 0, views }
    }

    /// Says something; its id.
    pub(super) async fn say(&mut self, mut message: Value) -> Result<Value, String> {
        self.asked += 1;
        let id = json!(self.asked.to_string());
        message["id"] = id.clone();
        self.stream.send(Message::text(message.to_string())).await.map_err(|error| error.to_string())?;
        Ok(id)
    }

    /// The next message.
    pub(super) async fn hear(&mut self) -> Result<Value, String> {
        let deadline = tokio::time::Instant::now() + DEADLINE;
        loop {
            let next = tokio::time::timeout_at(deadline, self.stream.next()).await;
            match next.map_err(|_| "nothing was heard in time".to_owned())? {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(text.as_str()).unwrap()),
                Some(Ok(Message::Binary(bytes))) => return binary::decode(&bytes, &self.views.read()),
                Some(Ok(Message::Close(frame))) => return Err(format!("the socket was closed: {frame:?}")),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(format!("the socket failed: {error}")),
                None => return Err("the socket ended".to_owned()),
            }
        }
    }

    /// Goes without a word.
    pub(super) fn drop_it(self) {
        drop(self.stream);
    }
}
