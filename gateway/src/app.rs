//! What every handler shares.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use papertape_engine::AccountId;
use papertape_pipeline::{Client, Durability};
use papertape_platform::{Accounts, Network, OperatorKey, Platform, Projections, Views};
use parking_lot::RwLock;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, Semaphore, mpsc, watch};

use crate::archive::Archive;
use crate::config::{GatewayConfig, Setup};
use crate::edge::rate::RateLimit;
use crate::edge::replay::Seen;
use crate::hub::{ConnectionId, Request};
use crate::metrics::Metrics;
use crate::translate::time;
use crate::venue::Desk;
use crate::venue::ahead::ViewsAhead;

/// A heartbeat of the core that is older than this means that it does not run.
const HEARTBEAT_MAX: Duration = Duration::from_secs(3);

/// How long a reader waits for the rows of what has just happened.
const ROWS_WITHIN: Duration = Duration::from_secs(2);

/// Requests for new passwords that are worked at: further ones are told to come back.
const RESETS_AT_ONCE: usize = 64;

/// Refusals of good API keys that are written down in a minute, for one address.
const KEY_REFUSALS_PER_MINUTE: u32 = 10;

/// How far a gateway is on its way to its end. It never goes back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Course {
    /// It takes what comes.
    Runs,
    /// It takes no more orders; those that are open can be cancelled.
    Drains,
    /// It lets go of everybody.
    Stops,
}

/// The shared state of a gateway.
pub(crate) struct App {
    /// Users, their tokens, and what the database keeps.
    pub platform: Platform,
    /// Opens accounts for new users.
    pub accounts: Accounts,
    /// How far the database has been written.
    pub projections: Projections,
    /// What can be read without asking the core.
    pub views: Arc<RwLock<Views>>,
    /// The same ahead of what is durable, while somebody asks for it.
    pub ahead: ViewsAhead,
    /// Takes commands to the venue.
    pub desk: Desk,
    /// The venue, for its status.
    pub client: Client,
    /// Looks back at the journal; none, where nobody knows where it is.
    pub archive: Option<Archive>,
    /// How far the gateway is on its way to its end.
    pub stopping: watch::Receiver<Course>,
    /// How long it goes on with what is there when it is told to stop.
    pub drain: Duration,
    /// How long a client may take to say goodbye, too.
    pub goodbye_within: Duration,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Log-ins per address.
    pub logins: RateLimit,
    /// Sign-ups per address.
    pub sign_ups: RateLimit,
    /// The key of the operator; without one nobody is.
    pub operator_key: Option<OperatorKey>,
    /// Wrong operator's keys per address.
    pub operator_tries: RateLimit,
    /// Requests of whatever kind per address.
    pub requests: RateLimit,
    /// Orders, lists of orders and amends per account, over REST and WebSocket.
    pub orders: RateLimit<AccountId>,
    /// Cancels likewise.
    pub cancels: RateLimit<AccountId>,
    /// Refusals of good API keys per address that are written down.
    pub key_refusals: RateLimit,
    /// Signed requests that came.
    pub seen: Seen,
    /// Whether a suspension ends the open orders of its user.
    pub suspension_cancels: bool,
    /// Makes the first administrator, once.
    pub setup: Mutex<Option<Setup>>,
    /// Proxies whose word about the client's address counts.
    pub trusted_proxies: Vec<Network>,
    /// Where users find the page.
    pub public_url: String,
    /// Requests for new passwords that are under way.
    pub resets: Arc<Semaphore>,
    /// The venue's durability level.
    pub durability: Durability,
    /// When the gateway started.
    pub started: Instant,
    /// The same by the clock, in milliseconds since 1970.
    pub started_ms: u64,
    /// Where WebSockets run.
    pub feed: Handle,
    hub: mpsc::Sender<Request>,
    connections: AtomicU64,
}

impl App {
    /// The state of a gateway that starts now.
    pub(crate) fn new(
        config: &GatewayConfig,
        (platform, accounts, projections): (Platform, Accounts, Projections),
        (views, ahead): (Arc<RwLock<Views>>, ViewsAhead),
        (client, desk, archive): (Client, Desk, Option<Archive>),
        (hub, feed, metrics): (mpsc::Sender<Request>, Handle, Arc<Metrics>),
        stopping: watch::Receiver<Course>,
    ) -> Self {
        Self {
            platform,
            accounts,
            projections,
            views,
            ahead,
            desk,
            client,
            archive,
            stopping,
            drain: config.drain,
            goodbye_within: config.goodbye_within,
            metrics,
            logins: RateLimit::per_minute("logins", config.logins_per_minute),
            sign_ups: RateLimit::per_minute("sign-ups", config.sign_ups_per_minute),
            operator_key: config.operator_key.clone(),
            operator_tries: RateLimit::per_minute("operator-tries", config.operator_tries_per_minute),
            requests: RateLimit::per_minute("requests", config.requests_per_minute),
            orders: RateLimit::per_second("orders", config.orders_per_second),
            cancels: RateLimit::per_second("cancels", config.orders_per_second.saturating_mul(2)),
            key_refusals: RateLimit::per_minute("key-refusals", KEY_REFUSALS_PER_MINUTE),
            seen: Seen::default(),
            suspension_cancels: config.suspension_cancels,
            setup: Mutex::new(config.setup.clone()),
            trusted_proxies: config.trusted_proxies.clone(),
            public_url: config.public_url.clone(),
            resets: Arc::new(Semaphore::new(RESETS_AT_ONCE)),
            durability: config.durability,
            started: Instant::now(),
            started_ms: time::millis(time::now_ns()),
            feed,
            hub,
            connections: AtomicU64::new(1),
        }
    }

    /// A number that no other connection has.
    pub(crate) fn next_connection(&self) -> ConnectionId {
        ConnectionId(self.connections.fetch_add(1, Ordering::Relaxed))
    }

    /// Whether the thread that hears the venue runs: without it nobody is answered.
    pub(crate) fn is_heard(&self) -> bool {
        !self.hub.is_closed()
    }

    /// Whether the core shows signs of life and somebody hears it.
    pub(crate) fn is_alive(&self) -> bool {
        self.is_heard() && self.client.failure().is_none() && self.client.heartbeat_age() <= HEARTBEAT_MAX
    }

    /// Whether new work may be sent here.
    pub(crate) fn is_ready(&self) -> bool {
        *self.stopping.borrow() == Course::Runs && self.is_alive()
    }

    /// Waits until the database has what the views had when the request came, so that a client that was told of a trade
    /// finds its row. If the database lags, what it has is better than no answer.
    pub(crate) async fn rows_are_current(&self) {
        let seq = self.views.read().seq();
        self.projections.flushed(seq, ROWS_WITHIN).await;
    }

    /// Asks the hub; waits while its queue is full. After the hub has gone, nothing happens: every connection is
    /// being closed then.
    pub(crate) async fn ask_hub(&self, request: Request) {
        let _ = self.hub.send(request).await;
    }
}
