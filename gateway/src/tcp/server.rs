//! The thread: hears the venue, reads what came, hands in what was asked, writes what is to be said, in turn.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use mio::net::TcpListener;
use mio::{Events, Poll, Token, Waker};
use papertape_engine::AccountId;
use papertape_pipeline::{Client, DurableCursor, Subscriber};
use papertape_platform::Told;
use rustc_hash::FxHashMap;
use tokio::runtime::Handle;

use super::config::TcpConfig;
use super::connection::Connection;
use super::heard::Heard;
use super::requests::AccountState;
use super::streams::Streams;
use super::upkeep::Grace;
use super::{Begun, refill};
use crate::app::{App, Course};
use crate::edge::rate::RateLimit;

pub(super) const LISTENER: Token = Token(0);
const WAKER: Token = Token(1);
/// Tokens of connections begin here.
pub(super) const CONNECTIONS: usize = 2;

/// What the system holds of a connection's bytes: so little that a slow reader is seen early.
const SEND_BUFFER: usize = 256 << 10;

/// Events that are heard in a turn: sockets are to have theirs.
const HEARD: usize = 4_096;

/// How long it sleeps at most; deadlines are looked at about as often.
const TICK: Duration = Duration::from_millis(50);

/// The same while somebody waits for the disk, or for the read models.
const SOON: Duration = Duration::from_millis(1);

/// The same while nobody is connected: what is told meanwhile fits into the venue's ring, and is heard at once then.
const ALONE: Duration = Duration::from_millis(5);

/// Everything that the thread owns.
pub(super) struct Server {
    pub(super) app: Arc<App>,
    pub(super) config: TcpConfig,
    pub(super) client: Client,
    pub(super) durable: DurableCursor,
    pub(super) heard: Heard,
    pub(super) connections: Vec<Option<Box<Connection>>>,
    pub(super) accounts: FxHashMap<AccountId, AccountState>,
    pub(super) graces: Vec<Grace>,
    /// Connections whose snapshot could not be made so far, and the references of those who asked.
    pub(super) snapshots: Vec<(usize, u64, u64)>,
    pub(super) failed_logins: RateLimit,
    pub(super) next_session: u64,
    pub(super) begun: Instant,
    pub(super) course: Course,
    /// When it ends at the latest, once it has been told to.
    pub(super) stops_at: Option<Instant>,
    /// Notes in the database that a key was used; none outside of a runtime.
    pub(super) runtime: Option<Handle>,
    /// Something was handed in that the core may sleep through.
    pub(super) is_pushed: bool,
    pub(super) poll: Poll,
    pub(super) events: Events,
    pub(super) listener: TcpListener,
    pub(super) is_accepting: bool,
    pub(super) accepts_again: bool,
    pub(super) subscriber: Subscriber,
    pub(super) free: Vec<usize>,
    pub(super) readable: Vec<usize>,
    /// Connections with a message that may not leave yet.
    pub(super) held: Vec<usize>,
    pub(super) gates: (u64, u64),
    pub(super) refill: Option<(Receiver<Streams>, Told)>,
    pub(super) next_tick: Instant,
}

impl Server {
    pub(super) fn new(
        app: Arc<App>,
        listener: std::net::TcpListener,
        subscriber: Subscriber,
        begun: &Begun,
        config: &TcpConfig,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        // Connections inherit it.
        rustix::net::sockopt::set_socket_send_buffer_size(&listener, SEND_BUFFER)?;
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), WAKER)?;
        let mut subscriber = subscriber;
        subscriber.set_looks_ahead(true);
        subscriber.rouse_by(Box::new(move || {
            // A thread that is not woken looks by itself in a moment.
            let _ = waker.wake();
        }));
        let directory = Arc::clone(app.platform.users().directory());
        let refill = match &begun.data {
            Some(dir) if begun.seq > 0 => {
                Some((refill::start(dir.clone(), Arc::clone(&directory), begun.seq, config)?, begun.told.clone()))
            }
            _ => None,
        };
        let streams = Streams::new(begun.told.clone(), config.kept_bytes, config.kept_bytes_in_all);
        let now = Instant::now();
        Ok(Self {
            client: app.client.clone(),
            durable: app.client.durable(),
            heard: Heard::new(streams, directory, begun.seq, config.connections_max),
            connections: (0..config.connections_max).map(|_| None).collect(),
            free: (0..config.connections_max).rev().collect(),
            accounts: FxHashMap::default(),
            graces: Vec::new(),
            snapshots: Vec::new(),
            failed_logins: RateLimit::per_minute("tcp-logins", config.failed_logins_per_minute),
            next_session: 1,
            begun: now,
            course: Course::Runs,
            stops_at: None,
            runtime: Handle::try_current().ok(),
            is_pushed: false,
            poll,
            events: Events::with_capacity(1_024),
            listener: TcpListener::from_std(listener),
            is_accepting: false,
            accepts_again: false,
            subscriber,
            readable: Vec::new(),
            held: Vec::new(),
            gates: (0, 0),
            refill,
            next_tick: now,
            app,
            config: config.clone(),
        })
    }

    /// Runs until the gateway stops and everybody has gone.
    pub(super) fn run(&mut self) {
        // What was carried out on this thread is answered: there is nothing to look for.
        let looks_for = if self.client.lends_core() { Duration::ZERO } else { self.config.spin };
        let mut busy_until = Instant::now();
        while !self.is_over() {
            let worked = self.turn() || !self.readable.is_empty();
            let now = Instant::now();
            if now >= self.next_tick {
                self.next_tick = now + TICK;
                self.upkeep(now);
            }
            if self.is_alone() {
                self.nap();
            } else if worked {
                busy_until = now + looks_for;
            } else if now >= busy_until {
                self.sleep();
            } else {
                // Who has the answer may be waiting for this processor.
                std::thread::yield_now();
            }
        }
    }

    fn is_over(&self) -> bool {
        let is_empty = self.free.len() == self.connections.len() && self.graces.is_empty();
        self.stops_at.is_some_and(|end| is_empty || Instant::now() >= end)
    }

    /// One turn. Gives whether there was something to do.
    fn turn(&mut self) -> bool {
        let mut worked = self.hear() > 0;
        // Nothing is waited for.
        let _ = self.poll.poll(&mut self.events, Some(Duration::ZERO));
        worked |= self.take_events();
        if self.read_all() {
            worked = true;
            // What was carried out on this thread is answered in the same turn.
            self.hear();
        }
        self.make_snapshots();
        self.flush_dirty();
        self.flush_held();
        worked
    }

    /// Whether nobody is connected, and nobody is expected back.
    fn is_alone(&self) -> bool {
        self.free.len() == self.connections.len() && self.graces.is_empty() && self.refill.is_none()
    }

    /// Sleeps whatever the venue tells: nobody is here whom it concerns. Who connects ends it.
    fn nap(&mut self) {
        while self.hear() == HEARD {}
        self.events.clear();
        // A call that was interrupted is one that slept less.
        let _ = self.poll.poll(&mut self.events, Some(ALONE));
        self.take_events();
    }

    fn sleep(&mut self) {
        let waits = !self.snapshots.is_empty() || !self.held.is_empty() || self.refill.is_some();
        let timeout = if waits { SOON } else { TICK };
        let Self { subscriber, poll, events, held, gates, durable, .. } = self;
        events.clear();
        subscriber.sleep_by(|| {
            if !held.is_empty() && (subscriber.may_leave(), durable.synced()) != *gates {
                return;
            }
            // A call that was interrupted is one that slept less.
            let _ = poll.poll(events, Some(timeout));
        });
        self.take_events();
    }

    /// Takes in what the venue has told, and says how much.
    fn hear(&mut self) -> usize {
        let Self { subscriber, heard, .. } = self;
        subscriber.poll_told(HEARD, |output| heard.take(output))
    }

    fn take_events(&mut self) -> bool {
        let mut accepts = std::mem::take(&mut self.accepts_again);
        let mut worked = false;
        for event in &self.events {
            worked = true;
            let Some(at) = event.token().0.checked_sub(CONNECTIONS) else {
                accepts |= event.token() == LISTENER;
                continue;
            };
            let Some(Some(connection)) = self.connections.get_mut(at) else { continue };
            if event.is_readable() || event.is_read_closed() || event.is_error() {
                connection.is_ended |= event.is_read_closed() || event.is_error();
                connection.is_readable = true;
                if !std::mem::replace(&mut connection.is_queued, true) {
                    self.readable.push(at);
                }
            }
            if event.is_writable() {
                connection.set_writable();
                self.held.push(at);
            }
        }
        self.events.clear();
        self.take_refill();
        if accepts {
            self.accept();
        }
        worked
    }

    pub(super) fn put_back(&mut self, at: usize, connection: Box<Connection>) {
        if let Some(place) = self.connections.get_mut(at) {
            *place = Some(connection);
        }
    }
}
