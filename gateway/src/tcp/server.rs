//! The thread: hears the venue, reads what came, hands in what was asked, writes what is to be said, in turn.

use std::io::{self, ErrorKind, Write};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token, Waker};
use papertape_engine::AccountId;
use papertape_pipeline::{Client, DurableCursor, Subscriber};
use papertape_platform::{Told, random_bytes};
use papertape_wire::{Challenge, FrameError, FromClient, Logout, PROTOCOL, codes, read_frame};
use rustc_hash::FxHashMap;
use tokio::runtime::Handle;

use super::config::TcpConfig;
use super::connection::{Connection, Got, Session, State};
use super::heard::Heard;
use super::requests::AccountState;
use super::streams::{Streams, Wanted};
use super::upkeep::Grace;
use super::{Begun, refill};
use crate::app::{App, Course};
use crate::edge::rate::RateLimit;
use crate::translate::time;
use crate::venue::level::When;

const LISTENER: Token = Token(0);
const WAKER: Token = Token(1);
/// Tokens of connections begin here.
const CONNECTIONS: usize = 2;

/// What the system holds of a connection's bytes: so little that a slow reader is seen early.
const SEND_BUFFER: usize = 256 << 10;

/// Bytes that are copied to a connection at a time.
const CHUNK: usize = 64 << 10;

/// Reads of one connection in a turn: others are to have theirs.
const READS: usize = 4;

/// How long it sleeps at most; deadlines are looked at about as often.
const TICK: Duration = Duration::from_millis(50);

/// The same while somebody waits for the disk, or for the read models.
const SOON: Duration = Duration::from_millis(1);

/// How long a connection may take to take its last message.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

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
    poll: Poll,
    events: Events,
    listener: TcpListener,
    is_accepting: bool,
    accepts_again: bool,
    subscriber: Subscriber,
    free: Vec<usize>,
    readable: Vec<usize>,
    /// Connections with a message that may not leave yet.
    held: Vec<usize>,
    gates: (u64, u64),
    refill: Option<(Receiver<Streams>, Told)>,
    next_tick: Instant,
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
            failed_logins: RateLimit::per_minute(config.failed_logins_per_minute),
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
        let mut busy_until = Instant::now();
        while !self.is_over() {
            let worked = self.turn() || !self.readable.is_empty();
            let now = Instant::now();
            if now >= self.next_tick {
                self.next_tick = now + TICK;
                self.upkeep(now);
            }
            if worked {
                busy_until = now + self.config.spin;
            } else if now >= busy_until {
                self.sleep();
            } else {
                std::hint::spin_loop();
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
        worked |= self.read_all();
        self.make_snapshots();
        self.flush_dirty();
        self.flush_held();
        worked
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
        subscriber.poll_told(|output| heard.take(output))
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

    /// Opens the port when what was told before the start is there.
    fn take_refill(&mut self) {
        if self.is_accepting {
            return;
        }
        if let Some((receiver, begun)) = &self.refill {
            match receiver.try_recv() {
                Ok(earlier) => self.heard.streams.refill(earlier, begun),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => {}
            }
            self.refill = None;
        }
        self.is_accepting = true;
        if let Err(error) = self.poll.registry().register(&mut self.listener, LISTENER, Interest::READABLE) {
            tracing::error!(%error, "the port of binary order entry cannot be served");
        }
    }

    fn accept(&mut self) {
        loop {
            match self.listener.accept() {
                Ok((stream, peer)) => self.welcome(stream, peer.ip()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    // No file to be had, for example: whoever waits is looked at again.
                    tracing::warn!(%error, "a connection of binary order entry was not accepted");
                    return;
                }
            }
        }
    }

    /// Looks at the port again at the next turn.
    pub(super) fn accept_again(&mut self) {
        self.accepts_again = self.is_accepting;
    }

    fn welcome(&mut self, mut stream: TcpStream, peer: IpAddr) {
        let now = Instant::now();
        // Each message is written whole; waiting for more would only delay it.
        let _ = stream.set_nodelay(true);
        let (Some(at), Some(nonce)) = (self.free.pop(), random_bytes::<32>()) else {
            self.app.metrics.refused(crate::metrics::Over::Tcp, name_of(codes::TOO_MANY_CONNECTIONS));
            let mut out = Vec::new();
            logout(0, codes::TOO_MANY_CONNECTIONS).write(&mut out);
            // Fifteen bytes fit into the buffer of any new socket.
            let _ = stream.write(&out);
            return;
        };
        let (interests, token) = (Interest::READABLE | Interest::WRITABLE, Token(CONNECTIONS + at));
        if self.poll.registry().register(&mut stream, token, interests).is_err() {
            self.free.push(at);
            return;
        }
        let state = State::Challenged { nonce, until: now + self.config.login_within };
        let counted = self.app.metrics.tcp.connections.open();
        let mut connection = Box::new(Connection::new(stream, peer, state, now, counted));
        let challenge = Challenge {
            nonce,
            server_time_ns: time::now_ns(),
            protocol_min: PROTOCOL,
            protocol_max: PROTOCOL,
            login_within_ms: self.config.login_within.as_millis() as u32,
        };
        challenge.write(&mut connection.out);
        if let Some(place) = self.connections.get_mut(at) {
            *place = Some(connection);
        }
        self.flush(at);
    }

    /// Reads what came, connection by connection, and wakes the core once for all of it.
    fn read_all(&mut self) -> bool {
        let readable = std::mem::take(&mut self.readable);
        let worked = !readable.is_empty();
        for at in readable {
            if let Some(Some(connection)) = self.connections.get_mut(at) {
                connection.is_queued = false;
            }
            self.read(at);
        }
        if std::mem::take(&mut self.is_pushed) {
            self.client.wake();
        }
        worked
    }

    fn read(&mut self, at: usize) {
        let now = Instant::now();
        for _ in 0..READS {
            let Some(mut connection) = self.connections.get_mut(at).and_then(Option::take) else { return };
            let is_closing = matches!(connection.state, State::Closing { .. });
            // Whoever does not take his answers is not asked for more requests.
            let is_full = connection.waiting() > self.config.waiting_bytes;
            let got = match (is_closing, connection.is_readable && !is_full) {
                (true, _) => {
                    if connection.discard(now) {
                        Got::End
                    } else {
                        Got::Nothing
                    }
                }
                (false, true) => connection.read(now),
                (false, false) => Got::Nothing,
            };
            if got == Got::Bytes {
                self.understand(at, &mut connection, now);
            }
            if got == Got::End {
                return self.drop_connection(at, connection);
            }
            self.put_back(at, connection);
            if got == Got::Nothing {
                break;
            }
        }
        self.flush(at);
    }

    /// Obeys every whole frame.
    fn understand(&mut self, at: usize, connection: &mut Connection, now: Instant) {
        let (mut taken, mut frames) = (0, 0);
        while !matches!(connection.state, State::Closing { .. }) {
            let decoded = match read_frame(connection.input(taken)) {
                Ok(None) => break,
                Err(FrameError::TooShort(_) | FrameError::TooLong(_)) => {
                    self.end(connection, at, codes::MALFORMED);
                    break;
                }
                Ok(Some((frame, length))) => {
                    taken += length;
                    FromClient::decode(frame)
                }
            };
            frames += 1;
            self.obey(at, connection, decoded, now);
        }
        connection.consume(taken);
        self.app.metrics.tcp.received.add(frames);
    }

    pub(super) fn put_back(&mut self, at: usize, connection: Box<Connection>) {
        if let Some(place) = self.connections.get_mut(at) {
            *place = Some(connection);
        }
    }

    fn flush_dirty(&mut self) {
        while let Some(at) = self.heard.next_dirty() {
            self.flush(at);
        }
    }

    /// Looks whether what was held may leave now.
    fn flush_held(&mut self) {
        let gates = (self.subscriber.may_leave(), self.durable.synced());
        let waits_for_gate = gates == self.gates;
        self.gates = gates;
        for at in std::mem::take(&mut self.held) {
            let Some(Some(connection)) = self.connections.get_mut(at) else { continue };
            let still = connection.waiting() == 0
                && waits_for_gate
                && connection.session().is_some_and(|session| session.held.is_some());
            if still { self.held.push(at) } else { self.flush(at) }
        }
    }

    /// Up to which command messages may leave that wait for this.
    fn gate(&self, when: When) -> u64 {
        match when {
            When::Applied => u64::MAX,
            When::Acknowledged => self.subscriber.may_leave(),
            When::Synced => self.durable.synced(),
        }
    }

    /// Copies what a connection is to be sent, and writes it: one write for all of it, as far as the socket takes it.
    pub(super) fn flush(&mut self, at: usize) {
        let Some(mut connection) = self.connections.get_mut(at).and_then(Option::take) else { return };
        let now = Instant::now();
        loop {
            let more = self.fill(at, &mut connection);
            if connection.write(now).is_err() {
                return self.drop_connection(at, connection);
            }
            if !more || !connection.is_writable() {
                break;
            }
        }
        if matches!(connection.state, State::Closing { .. }) && connection.waiting() == 0 {
            connection.shut();
        }
        // Reading goes on where it stopped because it was others' turn, or because too much waited.
        let may_read = connection.is_readable && connection.waiting() <= self.config.waiting_bytes;
        if may_read && !std::mem::replace(&mut connection.is_queued, true) {
            self.readable.push(at);
        }
        self.put_back(at, connection);
    }

    /// Copies the next messages of a session. Gives whether there are more.
    fn fill(&mut self, at: usize, connection: &mut Connection) -> bool {
        let room = CHUNK.saturating_sub(connection.waiting());
        let State::Open(session) = &mut connection.state else { return false };
        if session.begins_with_snapshot {
            return false;
        }
        // What it is sent next may be gone while it takes nothing.
        if room == 0 {
            let is_lost = session.next < self.heard.streams.oldest(session.account);
            if is_lost {
                self.end(connection, at, codes::SLOW_READER);
            }
            return false;
        }
        let gate = self.gate(session.level.when);
        let until = session.replay_until.unwrap_or(u64::MAX);
        let wanted = Wanted { next: session.next, until, gate, session: session.id, room };
        let Ok(copied) = self.heard.streams.copy(session.account, &wanted, &mut connection.out) else {
            self.end(connection, at, codes::SLOW_READER);
            return false;
        };
        self.app.metrics.tcp.sent.add(copied.next - session.next);
        session.next = copied.next;
        session.in_flight = session.in_flight.saturating_sub(copied.answers);
        let was_held = session.held.is_some();
        session.held = copied.held;
        if let Some(seq) = copied.held {
            if session.level.when == When::Synced {
                self.durable.ask(seq);
            }
            if !was_held || !self.held.contains(&at) {
                self.held.push(at);
            }
        }
        if session.replay_until.is_some_and(|until| session.next > until) {
            session.replay_until = None;
            papertape_wire::EndOfReplay { last_sequence: session.next - 1 }.write(&mut connection.out);
            return true;
        }
        copied.more
    }

    /// Says goodbye with this code; what was said before is still sent.
    pub(super) fn end(&mut self, connection: &mut Connection, at: usize, code: u16) {
        if code != codes::GOODBYE {
            self.app.metrics.refused(crate::metrics::Over::Tcp, name_of(code));
        }
        let until = Instant::now() + CLOSE_WITHIN;
        let last = match std::mem::replace(&mut connection.state, State::Closing { until }) {
            State::Open(session) => {
                let last = session.next.saturating_sub(1);
                self.leave(at, &session);
                last
            }
            State::Challenged { .. } => 0,
            before @ State::Closing { .. } => {
                connection.state = before;
                return;
            }
        };
        logout(last, code).write(&mut connection.out);
    }

    /// A session is over.
    fn leave(&mut self, at: usize, session: &Session) {
        self.heard.streams.leave(session.account, at);
        self.snapshots.retain(|(other, ..)| *other != at);
        if let Some(account) = self.accounts.get_mut(&session.account) {
            account.sessions = account.sessions.saturating_sub(1);
        }
        if let Some(grace_ms) = session.grace_ms {
            let due = Instant::now() + Duration::from_millis(grace_ms.into());
            self.graces.push(Grace { due, account: session.account });
        }
    }

    /// The connection is gone, or is to go.
    pub(super) fn drop_connection(&mut self, at: usize, mut connection: Box<Connection>) {
        if let State::Open(session) = &connection.state {
            self.leave(at, session);
        }
        // Closing the socket would do it, too.
        let _ = self.poll.registry().deregister(connection.stream());
        drop(connection);
        self.free.push(at);
    }
}

/// The last message of a session.
fn logout(last_sequence: u64, code: u16) -> Logout {
    Logout { last_sequence, code, class: codes::class_of(code) as u8 }
}

/// The name of a code.
pub(super) fn name_of(code: u16) -> &'static str {
    codes::code(code).map_or("UNKNOWN", |code| code.name)
}
