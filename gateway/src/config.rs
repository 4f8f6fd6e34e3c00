//! Settings of a gateway.

use std::path::PathBuf;
use std::time::Duration;

use papertape_pipeline::{Durability, VenueDir, are_processors_few};
use papertape_platform::{Network, OperatorKey};

/// A token that makes the first administrator, and the file that it is in.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The token.
    pub token: OperatorKey,
    /// Its file, which goes away when it was used.
    pub file: Option<PathBuf>,
}

/// What can be set. The defaults are those of a venue that strangers use.
#[derive(Clone, Debug)]
pub struct GatewayConfig {
    /// Log-ins a minute from one address; 0: no limit.
    pub logins_per_minute: u32,
    /// Sign-ups a minute from one address; 0: no limit.
    pub sign_ups_per_minute: u32,
    /// The key of the operator, who may send what is under `/api/v1/admin`; without one nobody may.
    pub operator_key: Option<OperatorKey>,
    /// Wrong operator's keys a minute from one address; 0: no limit.
    pub operator_tries_per_minute: u32,
    /// Requests a minute from one address, whatever they ask; 0: no limit.
    pub requests_per_minute: u32,
    /// Orders, lists of orders and amends of one account in a second over REST and WebSocket, and twice as many cancels; 0:
    /// no limit.
    pub orders_per_second: u32,
    /// Opens `POST /api/v1/setup`, once, while nobody is an administrator; without one nobody becomes the first that way.
    pub setup: Option<Setup>,
    /// Proxies whose word about the client's address counts.
    pub trusted_proxies: Vec<Network>,
    /// Whether a suspension ends the open orders of its user. If not, they stay in the book and may trade, while nobody can
    /// send new ones.
    pub suspension_cancels: bool,
    /// Where users find the page, for links in mail; no slash at the end.
    pub public_url: String,
    /// Connections open at once; further ones wait at the port. Each is an open file of the process: leave enough of
    /// them to the journal and the database.
    pub connections_max: usize,
    /// Connections open at once from one address that is no trusted proxy; further ones are closed. 0: no limit.
    pub connections_per_address: usize,
    /// How long a connection may take until the head of its next request is there.
    pub head_within: Duration,
    /// Where the venue's data is: what looks back at the journal replays it from there. Without it nobody can look back.
    pub data: Option<VenueDir>,
    /// How long a request that looks back waits for its answer, before it is told to ask again.
    pub looks_back_within: Duration,
    /// How long the gateway goes on when it is told to stop, while somebody is connected: orders can be cancelled and no new
    /// ones come.
    pub drain: Duration,
    /// How long a client may take to say goodbye, too, when its WebSocket is ended, or to take the last message of its session of
    /// binary order entry (2 seconds at most).
    pub goodbye_within: Duration,
    /// The venue's durability level: that of [`papertape_pipeline::VenueConfig::durability`].
    pub durability: Durability,
    /// Whether a session may have answers before the venue's level is met. That keeps the read models a second time.
    pub early_answers: bool,
    /// Whether what the venue tells is taken in on the thread that writes to WebSockets, and not on one of its own: where
    /// processors are few, whoever sends orders over a WebSocket is answered sooner.
    pub shared_dispatcher: bool,
}

impl Default for GatewayConfig {
    /// 10 log-ins, 30 sign-ups, 10 wrong operator's keys and 60,000 requests a minute, 10,000 orders a second, no operator,
    /// no proxy that is trusted, suspensions that end orders; 768 connections, as many of one address, 30 seconds; no data
    /// folder, 2 seconds; no drain, 5 seconds; `group`; a shared dispatcher where there are fewer than 4 processors.
    fn default() -> Self {
        Self {
            logins_per_minute: 10,
            sign_ups_per_minute: 30,
            operator_key: None,
            operator_tries_per_minute: 10,
            requests_per_minute: 60_000,
            orders_per_second: 10_000,
            setup: None,
            trusted_proxies: Vec::new(),
            suspension_cancels: true,
            public_url: "http://127.0.0.1:8080".to_owned(),
            connections_max: 768,
            connections_per_address: 0,
            head_within: Duration::from_secs(30),
            data: None,
            looks_back_within: Duration::from_secs(2),
            drain: Duration::ZERO,
            goodbye_within: Duration::from_secs(5),
            durability: Durability::Group,
            early_answers: true,
            shared_dispatcher: are_processors_few(),
        }
    }
}
