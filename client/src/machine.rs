//! The session as a machine: bytes in, bytes out, events; no sockets and no clock. Whoever drives it says what time it is.
//!
//! It knows how far the account's messages have come, so that it asks for the missing ones after a lost connection, and which
//! requests have no answer yet.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::time::{Duration, Instant};

use papertape_wire::codes::{Class, class_of};
use papertape_wire::{
    ClientHeartbeat, ClientLogout, DecodeError, FrameError, FromVenue, LoginAccepted, Text, read_frame, values,
};

use crate::options::{Options, Start};
use crate::request::Request;

/// What happened.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// The session is open. What was missed, or a snapshot, follows if `resumed` says so.
    Open(LoginAccepted),
    /// The venue said this: answers, the account's messages, snapshots.
    Venue(FromVenue),
    /// All that was missed has been told: messages are new from here on.
    CaughtUp,
    /// A request of an earlier connection, of which nothing was heard although everything that was missed has been told. The
    /// venue has most likely never had it; see [`Request::is_safe_to_repeat`].
    Unanswered {
        /// Its reference.
        reference: u64,
        /// What was asked.
        request: Request,
    },
}

/// Why a session cannot go on over this connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Broken {
    /// The venue refused the login, or ended the session: the code, and whether another attempt makes sense.
    Refused {
        /// A code of the table ([`papertape_wire::codes`]).
        code: u16,
        /// When another attempt makes sense, in milliseconds; 0: not said.
        retry_after_ms: u32,
    },
    /// A frame of the venue that is none.
    Frame(FrameError),
    /// A frame that ends before its fields do.
    Decode(DecodeError),
    /// A message of the account is missing: the last one that came, and the one that came instead of the next.
    Gap {
        /// The last one.
        after: u64,
        /// What came.
        came: u64,
    },
    /// Nothing was heard of the venue for too long.
    Silent,
}

impl Broken {
    /// Whether a new connection may help.
    pub fn is_worth_another_try(&self) -> bool {
        match self {
            Broken::Refused { code, .. } => class_of(*code) != Class::Final,
            Broken::Gap { .. } | Broken::Silent => true,
            Broken::Frame(_) | Broken::Decode(_) => false,
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Broken::Refused { code, .. } => match papertape_wire::codes::code(*code) {
                Some(known) => write!(f, "the venue says {}: {}", known.name, known.says),
                None => write!(f, "the venue says {code}"),
            },
            Broken::Frame(error) => write!(f, "no frame: {error:?}"),
            Broken::Decode(error) => write!(f, "a frame that cannot be read: {error:?}"),
            Broken::Gap { after, came } => write!(f, "message {came} came after {after}"),
            Broken::Silent => f.write_str("nothing was heard of the venue"),
        }
    }
}

impl std::error::Error for Broken {}

/// Where a connection is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// The venue has to send its challenge, or to accept the login.
    LoggingIn,
    /// What was missed, or a snapshot, comes.
    CatchingUp,
    /// Messages are new.
    Open,
}

/// How long a venue may take to accept a login; afterwards it says itself how long silence may last.
const LOGIN_WITHIN: Duration = Duration::from_secs(15);

/// A session over however many connections.
pub struct Machine {
    options: Options,
    state: State,
    came: Vec<u8>,
    goes: Vec<u8>,
    events: VecDeque<Event>,
    /// The last message of the account that came, once one is known.
    newest: Option<(u64, u64)>,
    /// The last one of which the program has been told.
    told: Option<(u64, u64)>,
    /// Where a snapshot is that has begun.
    snapshot: Option<u64>,
    references: u64,
    waiting: HashMap<u64, (u64, Request)>,
    /// Connections so far: requests of earlier ones may have been lost with them.
    connection: u64,
    sent: Instant,
    heard: Instant,
    heartbeat: Duration,
    dead_after: Duration,
}

impl Machine {
    /// A session that has no connection yet.
    pub fn new(options: Options, now: Instant) -> Self {
        let last = match options.start {
            Start::After { sequence, time_ns } => Some((sequence, time_ns)),
            Start::Now | Start::Snapshot => None,
        };
        Self {
            options,
            state: State::LoggingIn,
            came: Vec::new(),
            goes: Vec::new(),
            events: VecDeque::new(),
            newest: last,
            told: last,
            snapshot: None,
            references: 0,
            waiting: HashMap::new(),
            connection: 0,
            sent: now,
            heard: now,
            heartbeat: LOGIN_WITHIN,
            dead_after: LOGIN_WITHIN,
        }
    }

    /// There is a new connection.
    pub fn connected(&mut self, now: Instant) {
        self.state = State::LoggingIn;
        self.came.clear();
        self.goes.clear();
        self.snapshot = None;
        self.connection += 1;
        (self.sent, self.heard) = (now, now);
        (self.heartbeat, self.dead_after) = (LOGIN_WITHIN, LOGIN_WITHIN);
    }

    /// The sequence of the account's last message that [`Machine::event`] gave, and its time: with them a later run goes on
    /// from there.
    pub fn last(&self) -> Option<(u64, u64)> {
        self.told
    }

    /// Whether requests may be sent.
    pub fn is_open(&self) -> bool {
        self.state != State::LoggingIn
    }

    /// Requests without an answer.
    pub fn in_flight(&self) -> usize {
        self.waiting.len()
    }

    /// Queues a request and gives its reference. Before the session is open it is not sent: `None`.
    pub fn ask(&mut self, request: Request) -> Option<u64> {
        if !self.is_open() {
            return None;
        }
        self.references += 1;
        let request = request.with(self.references);
        request.write(&mut self.goes);
        self.waiting.insert(self.references, (self.connection, request));
        Some(self.references)
    }

    /// Says goodbye.
    pub fn log_out(&mut self) {
        ClientLogout {}.write(&mut self.goes);
    }

    /// What is to be written.
    pub fn output(&self) -> &[u8] {
        &self.goes
    }

    /// So many bytes of it were.
    pub fn written(&mut self, bytes: usize, now: Instant) {
        self.goes.drain(..bytes.min(self.goes.len()));
        self.sent = now;
    }

    /// What happened next.
    pub fn event(&mut self) -> Option<Event> {
        let event = self.events.pop_front()?;
        match &event {
            Event::Open(is) if is.resumed == values::resumed::NOW => {
                self.told = Some((is.next_sequence.saturating_sub(1), self.told.map_or(0, |(_, time)| time)));
            }
            Event::Venue(FromVenue::SnapshotEnd(end)) if end.reference == 0 => self.told = Some((end.sequence, 0)),
            Event::Venue(said) => self.told = sequence_of(said).or(self.told),
            _ => {}
        }
        Some(event)
    }

    /// When [`Machine::tick`] has something to do, if nothing happens before.
    pub fn deadline(&self) -> Instant {
        (self.sent + self.heartbeat).min(self.heard + self.dead_after)
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Instant) -> Result<(), Broken> {
        if now.saturating_duration_since(self.heard) >= self.dead_after {
            return Err(Broken::Silent);
        }
        if self.is_open() && self.goes.is_empty() && now.saturating_duration_since(self.sent) >= self.heartbeat {
            ClientHeartbeat {}.write(&mut self.goes);
            self.sent = now;
        }
        Ok(())
    }

    /// Bytes came. `wall_ns` is the time of day, in nanoseconds since 1970, which a login names.
    pub fn receive(&mut self, bytes: &[u8], now: Instant, wall_ns: u64) -> Result<(), Broken> {
        self.heard = now;
        self.came.extend_from_slice(bytes);
        let mut came = std::mem::take(&mut self.came);
        let mut read = 0;
        let result = loop {
            match came.get(read..).map_or(Ok(None), read_frame) {
                Err(error) => break Err(Broken::Frame(error)),
                Ok(None) => break Ok(()),
                Ok(Some((frame, length))) => {
                    read += length;
                    let heard = match FromVenue::decode(frame) {
                        Ok(said) => self.hear(said, wall_ns),
                        // A newer venue may say more than we know.
                        Err(DecodeError::UnknownType(_)) => Ok(()),
                        Err(error) => Err(Broken::Decode(error)),
                    };
                    if let Err(broken) = heard {
                        break Err(broken);
                    }
                }
            }
        };
        came.drain(..read.min(came.len()));
        self.came = came;
        result
    }

    fn hear(&mut self, said: FromVenue, wall_ns: u64) -> Result<(), Broken> {
        match said {
            FromVenue::Challenge(challenge) => {
                let start =
                    self.newest.map_or(self.options.start, |(sequence, time_ns)| Start::After { sequence, time_ns });
                let login = self.options.login(start, wall_ns);
                self.options.key.signed(&challenge.nonce, login).write(&mut self.goes);
            }
            FromVenue::LoginAccepted(accepted) => self.open(accepted),
            FromVenue::LoginRejected(no) => {
                return Err(Broken::Refused { code: no.code, retry_after_ms: no.retry_after_ms });
            }
            FromVenue::Logout(end) => return Err(Broken::Refused { code: end.code, retry_after_ms: 0 }),
            FromVenue::Heartbeat(_) => {}
            FromVenue::EndOfReplay(_) => self.caught_up(),
            other => self.tell(other)?,
        }
        Ok(())
    }

    fn open(&mut self, accepted: LoginAccepted) {
        self.heartbeat = Duration::from_millis(accepted.heartbeat_ms.max(1).into());
        self.dead_after = Duration::from_millis(accepted.dead_after_ms.max(1).into());
        self.events.push_back(Event::Open(accepted));
        if accepted.resumed == values::resumed::NOW {
            self.newest = Some((accepted.next_sequence.saturating_sub(1), self.newest.map_or(0, |(_, time)| time)));
            self.state = State::CatchingUp;
            self.caught_up();
        } else {
            self.state = State::CatchingUp;
        }
    }

    /// What was asked on earlier connections and has not been answered by now never will be.
    fn caught_up(&mut self) {
        self.state = State::Open;
        self.events.push_back(Event::CaughtUp);
        let connection = self.connection;
        let mut lost: Vec<_> = self.waiting.extract_if(|_, (of, _)| *of < connection).collect();
        lost.sort_unstable_by_key(|(reference, _)| *reference);
        let events = lost.into_iter().map(|(reference, (_, request))| Event::Unanswered { reference, request });
        self.events.extend(events);
    }

    fn tell(&mut self, said: FromVenue) -> Result<(), Broken> {
        if let Some((sequence, time_ns)) = sequence_of(&said) {
            if let Some((last, _)) = self.newest {
                match sequence.checked_sub(last) {
                    // Told already, by the snapshot or before.
                    None | Some(0) => return Ok(()),
                    Some(1) => {}
                    Some(_) => return Err(Broken::Gap { after: last, came: sequence }),
                }
            }
            self.newest = Some((sequence, time_ns));
        }
        self.settle(&said);
        match &said {
            FromVenue::SnapshotBegin(begin) if begin.reference == 0 => self.snapshot = Some(begin.sequence),
            FromVenue::SnapshotEnd(end) if end.reference == 0 => {
                // Its time is not told: without one the venue looks at the sequence alone.
                self.newest = self.snapshot.take().map(|sequence| (sequence, 0));
                self.events.push_back(Event::Venue(said));
                self.caught_up();
                return Ok(());
            }
            _ => {}
        }
        self.events.push_back(Event::Venue(said));
        Ok(())
    }

    /// Whoever asked has been answered: by the reference, or in a replay by the order's name.
    fn settle(&mut self, said: &FromVenue) {
        let (reference, name) = match said {
            FromVenue::OrderAccepted(is) => (is.reference, is.client_order_id),
            FromVenue::OrderRejected(is) => (is.reference, is.client_order_id),
            FromVenue::OrderRepeated(is) => (is.reference, is.client_order_id),
            FromVenue::OrderReplaced(is) => (is.reference, Text::NONE),
            FromVenue::OrderCancelled(is) => (is.reference, Text::NONE),
            FromVenue::MassCancelDone(is) => (is.reference, Text::NONE),
            FromVenue::KillSwitchSet(is) => (is.reference, Text::NONE),
            FromVenue::CommandRejected(is) => (is.reference, Text::NONE),
            FromVenue::Limits(is) => (is.reference, Text::NONE),
            FromVenue::QueryDone(is) => (is.reference, Text::NONE),
            FromVenue::SnapshotEnd(is) => (is.reference, Text::NONE),
            _ => return,
        };
        // The orders that a mass cancel ends are told before its own answer, under its reference.
        let is_part = matches!(said, FromVenue::OrderCancelled(_))
            && matches!(self.waiting.get(&reference), Some((_, request)) if !matches!(request, Request::Cancel(_)));
        if reference != 0 && !is_part {
            self.waiting.remove(&reference);
        } else if reference == 0 && !name.is_none() {
            let is_it = |request: &Request| match request {
                Request::Place(order) => order.client_order_id == name,
                Request::List(list) => list.client_order_id == name,
                _ => false,
            };
            self.waiting.retain(|_, (_, request)| !is_it(request));
        }
    }
}

/// The sequence and the time of a sequenced message.
fn sequence_of(said: &FromVenue) -> Option<(u64, u64)> {
    macro_rules! of {
        ($($name:ident),*) => {
            match said { $( FromVenue::$name(is) => Some((is.sequence, is.time_ns)), )* _ => None }
        };
    }
    of!(
        OrderAccepted,
        OrderRejected,
        OrderFilled,
        OrderCancelled,
        OrderReplaced,
        OrderExpired,
        OrderTriggered,
        OrderReleased,
        OrderRested,
        SelfTradePrevented,
        OrderRepeated,
        MassCancelDone,
        KillSwitchSet,
        AccountSuspended
    )
}
