//! A connection to the feed that mends itself: lost connections are made anew, books that cannot be right are asked for
//! anew, and what was missed is asked for where the venue keeps it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::book::{Book, BookError};
use super::message::{BookBody, Message};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The venue pings every 20 seconds: one that says nothing for so long is gone.
const SILENT_AFTER: Duration = Duration::from_secs(40);

/// Between two attempts at a connection.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// How often in a row a connection is tried.
const TRIES: usize = 20;

/// What happened.
#[derive(Debug)]
pub enum FeedEvent {
    /// A market's book is as the venue's again: see [`Follower::book`].
    Book(String),
    /// A message of any other channel.
    Message(Message),
    /// The connection was lost and made anew; messages of channels without a numbering may be missing.
    Reconnected,
    /// A book could not be right, and is asked for anew.
    Mended {
        /// Of this market.
        symbol: String,
        /// Why it could not.
        why: BookError,
    },
}

/// Why a follower gives up.
#[derive(Debug)]
pub enum FeedError {
    /// No connection came to be, as often as it was tried.
    Network(Box<tungstenite::Error>),
    /// The venue refuses a subscription or a log-in: code and words.
    Refused(String, String),
}

impl fmt::Display for FeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FeedError::Network(error) => write!(f, "the network: {error}"),
            FeedError::Refused(code, words) => write!(f, "the venue says {code}: {words}"),
        }
    }
}

impl std::error::Error for FeedError {}

impl From<tungstenite::Error> for FeedError {
    fn from(error: tungstenite::Error) -> Self {
        FeedError::Network(Box::new(error))
    }
}

/// What is listened to: the channel, and the market of a public one.
type Topic = (String, Option<String>);

/// Where a topic has come.
#[derive(Clone, Copy, Default, Debug)]
struct Position {
    epoch: Option<u64>,
    n: u64,
}

/// Follows channels of the feed.
pub struct Follower {
    url: String,
    token: Option<String>,
    socket: Option<Socket>,
    topics: BTreeMap<Topic, Position>,
    books: BTreeMap<String, Book>,
}

impl Follower {
    /// Connects to `ws://HOST:PORT/api/v1/ws`. With a token private channels can be followed too.
    pub async fn connect(url: &str, token: Option<&str>) -> Result<Self, FeedError> {
        let (topics, books) = (BTreeMap::new(), BTreeMap::new());
        let token = token.map(str::to_owned);
        let mut follower = Self { url: url.to_owned(), token, socket: None, topics, books };
        follower.open().await?;
        Ok(follower)
    }

    /// Begins to follow a channel, of a market where it is a public one.
    pub async fn subscribe(&mut self, channel: &str, symbol: Option<&str>) -> Result<(), FeedError> {
        let topic = (channel.to_owned(), symbol.map(str::to_owned));
        self.topics.insert(topic.clone(), Position::default());
        if let Some(socket) = &mut self.socket {
            // What a lost connection did not take goes with the next one.
            let _ = send(socket, &subscription(&topic, Position::default())).await;
        }
        Ok(())
    }

    /// A market's book, once its snapshot has come.
    pub fn book(&self, symbol: &str) -> Option<&Book> {
        self.books.get(symbol)
    }

    /// Cuts the connection, as a network may do at any time.
    pub fn disconnect(&mut self) {
        self.socket = None;
    }

    /// What happens next.
    pub async fn event(&mut self) -> Result<FeedEvent, FeedError> {
        loop {
            let Some(socket) = &mut self.socket else {
                self.reopen().await?;
                return Ok(FeedEvent::Reconnected);
            };
            let came = tokio::time::timeout(SILENT_AFTER, socket.next()).await;
            let text = match came {
                Ok(Some(Ok(tungstenite::Message::Text(text)))) => text.as_str().to_owned(),
                // The library answers pings by itself, with the next write or read.
                Ok(Some(Ok(tungstenite::Message::Close(_)) | Err(_)) | None) | Err(_) => {
                    self.socket = None;
                    continue;
                }
                Ok(Some(Ok(_))) => continue,
            };
            // What is not JSON is not of this protocol, and says nothing.
            let Ok(message) = Message::read(text) else { continue };
            if let Some(event) = self.hear(message).await? {
                return Ok(event);
            }
        }
    }

    async fn hear(&mut self, message: Message) -> Result<Option<FeedEvent>, FeedError> {
        if message.head.ok == Some(false) {
            let code =
                message.head.error.clone().map_or_else(|| ("?".to_owned(), String::new()), |e| (e.code, e.detail));
            return Err(FeedError::Refused(code.0, code.1));
        }
        let (Some(channel), symbol) = (message.head.channel.clone(), message.head.symbol.clone()) else {
            return Ok(None);
        };
        let topic = (channel, symbol);
        if message.head.op.is_some() {
            self.confirmed(&topic, &message);
            return Ok(None);
        }
        if let Some(position) = self.topics.get_mut(&topic) {
            position.n = message.head.n.unwrap_or(position.n);
            position.epoch = message.head.epoch.or(position.epoch);
        }
        match topic {
            (channel, Some(symbol)) if channel == "book" => self.change(symbol, &message).await,
            _ => Ok(Some(FeedEvent::Message(message))),
        }
    }

    fn confirmed(&mut self, topic: &Topic, message: &Message) {
        if let Some(position) = self.topics.get_mut(topic) {
            position.epoch = message.head.epoch.or(position.epoch);
            if message.head.resumed != Some(true) {
                position.n = message.head.n.unwrap_or(0);
            }
        }
    }

    /// Takes a change of a book; one that does not fit has the book asked for anew.
    async fn change(&mut self, symbol: String, message: &Message) -> Result<Option<FeedEvent>, FeedError> {
        if !message.is_snapshot() && !self.books.contains_key(&symbol) {
            // It was on its way when the book was asked for anew.
            return Ok(None);
        }
        let book = self.books.entry(symbol.clone()).or_default();
        let taken = serde_json::from_str::<BookBody>(&message.text).map_err(|_| BookError::Empty);
        let Err(why) = taken.and_then(|body| book.take(body)) else { return Ok(Some(FeedEvent::Book(symbol))) };
        self.books.remove(&symbol);
        let topic = ("book".to_owned(), Some(symbol.clone()));
        self.topics.insert(topic.clone(), Position::default());
        if let Some(socket) = &mut self.socket {
            let leave = json!({ "op": "unsubscribe", "channel": topic.0, "symbol": topic.1 });
            let left = send(socket, &leave).await;
            if left.is_err() || send(socket, &subscription(&topic, Position::default())).await.is_err() {
                self.socket = None;
            }
        }
        Ok(Some(FeedEvent::Mended { symbol, why }))
    }

    async fn reopen(&mut self) -> Result<(), FeedError> {
        let mut tries = 1;
        loop {
            match self.open().await {
                Ok(()) => return Ok(()),
                Err(error @ FeedError::Refused(..)) => return Err(error),
                Err(error) if tries >= TRIES => return Err(error),
                Err(_) => tokio::time::sleep(AGAIN_AFTER).await,
            }
            tries += 1;
        }
    }

    async fn open(&mut self) -> Result<(), FeedError> {
        let (mut socket, _) = tokio_tungstenite::connect_async(&self.url).await?;
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_nodelay(true).map_err(tungstenite::Error::from)?;
        }
        if let Some(token) = &self.token {
            send(&mut socket, &json!({ "op": "auth", "token": token })).await?;
        }
        for (topic, position) in &self.topics {
            send(&mut socket, &subscription(topic, *position)).await?;
        }
        self.socket = Some(socket);
        Ok(())
    }
}

fn subscription((channel, symbol): &Topic, position: Position) -> serde_json::Value {
    let mut ask = json!({ "op": "subscribe", "channel": channel });
    if let Some(symbol) = symbol {
        ask["symbol"] = json!(symbol);
    }
    // Only a venue that names its numbering keeps what was missed.
    if let Some(epoch) = position.epoch {
        ask["resume"] = json!({ "epoch": epoch, "n": position.n });
    }
    ask
}

async fn send(socket: &mut Socket, ask: &serde_json::Value) -> Result<(), tungstenite::Error> {
    socket.send(tungstenite::Message::text(ask.to_string())).await
}
