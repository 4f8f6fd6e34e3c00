//! What the gateway counts. Whoever does something adds one to an atomic; sums are made when somebody asks for them
//! (`scrape`). Labels come from sets that the program knows: routes of the document, codes of failures, codes of closes.

mod histogram;
mod scrape;
mod text;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use axum::http::{Method, StatusCode};
use parking_lot::Mutex;

use histogram::Histogram;
pub(crate) use scrape::{CONTENT_TYPE, scrape};

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Adds to it.
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// What it is now.
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down.
#[derive(Debug, Default)]
pub(crate) struct Gauge(AtomicU64);

impl Gauge {
    /// What it is from now on.
    pub(crate) fn set(&self, now: u64) {
        self.0.store(now, Ordering::Relaxed);
    }

    /// What it is.
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What is counted of binary order entry.
#[derive(Debug, Default)]
pub(crate) struct TcpMetrics {
    /// Connections.
    pub connections: Arc<Opened>,
    /// Those that are logged in.
    pub sessions: Arc<Opened>,
    /// Frames read.
    pub received: Counter,
    /// Sequenced messages sent.
    pub sent: Counter,
    /// Bytes of messages that are kept.
    pub kept_bytes: Gauge,
    /// Requests that wait for their answer.
    pub in_flight: Gauge,
}

/// Things that open and close.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    opened: Counter,
    closed: Counter,
}

/// Something open; it closes when it is dropped.
#[derive(Debug)]
pub(crate) struct Open(Arc<Opened>);

impl Opened {
    /// One more.
    pub(crate) fn open(self: &Arc<Self>) -> Open {
        self.opened.add(1);
        Open(Arc::clone(self))
    }

    /// How many are open.
    pub(crate) fn now(&self) -> u64 {
        // Closed ones first: none of them is unknown as opened then.
        let closed = self.closed.get();
        self.opened.get().saturating_sub(closed)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.closed.add(1);
    }
}

/// What a WebSocket is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SocketKind {
    /// `/api/v1/ws`.
    Session,
    /// `/ws/{ticker}`.
    Ticker,
}

/// Which way a refusal went.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Over {
    /// As the answer to an HTTP request.
    Http,
    /// As a message of a WebSocket.
    WebSocket,
    /// As a frame of binary order entry.
    Tcp,
}

/// The codes that a WebSocket is closed with; 0: the other side left.
const CLOSES: [u16; 8] = [0, 1001, 1002, 1003, 1007, 1009, 1013, 4404];

/// What the channels did beside their updates.
#[derive(Debug, Default)]
pub(crate) struct FeedCounts {
    /// Subscriptions that began with what was missed.
    pub resumed: Counter,
    /// Subscriptions that began with a snapshot.
    pub snapshots: Counter,
    /// Messages that were merged into a later one, because their reader was slow.
    pub conflated: Counter,
}

/// Everything that is counted.
pub(crate) struct Metrics {
    started: SystemTime,
    /// TCP connections, WebSockets included.
    pub connections: Arc<Opened>,
    sessions: Arc<Opened>,
    tickers: Arc<Opened>,
    closes: [Counter; CLOSES.len()],
    /// Text messages written to WebSockets.
    pub sent: Counter,
    /// Text messages read from WebSockets.
    pub received: Counter,
    /// What the channels did.
    pub feed: FeedCounts,
    requests: Requests,
    request_times: Histogram,
    refusals: Mutex<BTreeMap<(Over, &'static str), u64>>,
    answer_times: Histogram,
    /// Binary order entry.
    pub tcp: TcpMetrics,
}

impl Metrics {
    /// Nothing counted yet. `routes` are the templates of all paths that have one.
    pub(crate) fn new(routes: Vec<String>) -> Self {
        Self {
            started: SystemTime::now(),
            connections: Arc::default(),
            sessions: Arc::default(),
            tickers: Arc::default(),
            closes: Default::default(),
            sent: Counter::default(),
            received: Counter::default(),
            feed: FeedCounts::default(),
            requests: Requests::new(routes),
            request_times: Histogram::default(),
            refusals: Mutex::default(),
            answer_times: Histogram::default(),
            tcp: TcpMetrics::default(),
        }
    }

    /// The WebSockets of a kind.
    pub(crate) fn sockets(&self, kind: SocketKind) -> &Arc<Opened> {
        match kind {
            SocketKind::Session => &self.sessions,
            SocketKind::Ticker => &self.tickers,
        }
    }

    /// A WebSocket was closed with this code; `None`: the other side left.
    pub(crate) fn socket_closed(&self, code: Option<u16>) {
        if let Some(place) = CLOSES.iter().position(|known| *known == code.unwrap_or(0)) {
            self.closes[place].add(1);
        }
    }

    /// A request was answered.
    pub(crate) fn answered(&self, route: Option<&str>, method: &Method, status: StatusCode, took: Duration) {
        self.requests.count(route, method, status);
        self.request_times.count(took);
    }

    /// Something was refused with this code.
    pub(crate) fn refused(&self, over: Over, code: &'static str) {
        *self.refusals.lock().entry((over, code)).or_default() += 1;
    }

    /// A command was answered so long after it had been handed in.
    pub(crate) fn command_answered(&self, took: Duration) {
        self.answer_times.count(took);
    }
}

/// Methods that have a name of their own; all others share the last one.
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "other"];

/// Classes of status codes.
const STATUSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Requests by route, method and class of their answer: a table whose size is known from the start.
struct Requests {
    place: HashMap<String, usize>,
    /// The last one is for all paths without a template: the page's files, and what is not there.
    routes: Vec<(String, [[Counter; STATUSES.len()]; METHODS.len()])>,
}

impl Requests {
    fn new(routes: Vec<String>) -> Self {
        let place = routes.iter().cloned().zip(0..).collect();
        let routes = routes.into_iter().chain(["other".to_owned()]);
        Self { place, routes: routes.map(|route| (route, Default::default())).collect() }
    }

    fn count(&self, route: Option<&str>, method: &Method, status: StatusCode) {
        let place = route.and_then(|route| self.place.get(route).copied()).unwrap_or(self.place.len());
        let method = METHODS.iter().position(|known| *known == method.as_str()).unwrap_or(METHODS.len() - 1);
        let class = usize::from(status.as_u16() / 100).clamp(1, STATUSES.len()) - 1;
        self.routes[place].1[method][class].add(1);
    }

    /// Those that have happened.
    fn counted(&self) -> impl Iterator<Item = (&str, &'static str, &'static str, u64)> {
        self.routes.iter().flat_map(|(route, methods)| {
            METHODS.iter().zip(methods).flat_map(move |(method, classes)| {
                let counts = STATUSES.iter().zip(classes).map(|(class, counter)| (*class, counter.get()));
                counts
                    .filter(|(_, count)| *count > 0)
                    .map(move |(class, count)| (route.as_str(), *method, class, count))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_make_up_shares_one_place() {
        let requests = Requests::new(vec!["/a/{b}".into()]);
        requests.count(Some("/a/{b}"), &Method::GET, StatusCode::OK);
        requests.count(Some("/nowhere"), &Method::GET, StatusCode::NOT_FOUND);
        requests.count(None, &Method::from_bytes(b"BREW").unwrap(), StatusCode::NOT_FOUND);
        let counted: Vec<_> = requests.counted().collect();
        let expected = [("/a/{b}", "GET", "2xx", 1), ("other", "GET", "4xx", 1), ("other", "other", "4xx", 1)];
        assert_eq!(counted, expected);
    }

    #[test]
    fn what_is_dropped_is_closed() {
        let opened = Arc::<Opened>::default();
        let (first, _second) = (opened.open(), opened.open());
        drop(first);
        assert_eq!((opened.now(), opened.opened.get(), opened.closed.get()), (1, 2, 1));
    }
}
