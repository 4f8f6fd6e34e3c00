//! Asking the venue: the one way in for everybody.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_queue::ArrayQueue;
use papertape_engine::{Command, Event};
use papertape_journal::DurableCursor;

use crate::output::{Output, Ticket};
use crate::replies::{CALL, Replies};
use crate::ring::RingWatch;
use crate::shared::Shared;
use crate::thread::Chair;
use crate::wake::Waker;

/// A command on its way to the core.
#[derive(Clone, Copy)]
pub(crate) struct Submission {
    pub(crate) ticket: Ticket,
    pub(crate) command: Command,
    /// It is not to be stamped later than this.
    pub(crate) by_ns: u64,
}

/// The end of what is good for ever.
pub(crate) const FOR_EVER: u64 = u64::MAX;

/// The inbox is full: the command was not taken. Try again in a moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Busy;

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the inbox is full; the command was not taken")
    }
}

impl std::error::Error for Busy {}

/// Why a call has no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CallError {
    /// The command was not taken.
    Busy,
    /// No answer in time. The command may still be applied.
    Timeout,
    /// The venue has stopped, or was started without calls.
    Unavailable,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CallError::Busy => "the inbox is full; the command was not taken",
            CallError::Timeout => "no answer in time; the command may still be applied",
            CallError::Unavailable => "the venue answers no calls",
        })
    }
}

impl std::error::Error for CallError {}

/// How the venue is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Status {
    /// A record of the journal, not far from the newest.
    pub seq: u64,
    /// The hash of the state exactly after it.
    pub state_hash: [u8; 32],
    /// The highest seq that is durable under the venue's level.
    pub durable_seq: u64,
    /// How long ago the core was last seen alive.
    pub heartbeat_age: Duration,
    /// Why the venue has stopped, if it has.
    pub failed: Option<String>,
}

/// How full the ways in and out are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Queues {
    /// Commands that the core has not taken yet.
    pub inbox: usize,
    /// How many there may be.
    pub inbox_capacity: usize,
    /// Events that the slowest reader has not read yet; those that are not durable wait too.
    pub outbox_lag: u64,
    /// How many there may be.
    pub outbox_capacity: usize,
}

/// A way in. Clone it for every thread that asks.
#[derive(Clone)]
pub struct Client {
    pub(crate) inbox: Arc<ArrayQueue<Submission>>,
    pub(crate) core: Waker,
    pub(crate) chair: Arc<Chair>,
    pub(crate) tickets: Arc<AtomicU64>,
    pub(crate) replies: Option<Arc<Replies>>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) outbox: RingWatch<Output>,
}

impl Client {
    /// A ticket that no other submission of this run has.
    pub fn next_ticket(&self) -> Ticket {
        Ticket(self.tickets.fetch_add(1, Ordering::Relaxed))
    }

    /// Hands in a command without waiting. Its events carry the ticket.
    #[inline]
    pub fn submit(&self, ticket: Ticket, command: Command) -> Result<(), Busy> {
        self.push(ticket, command)?;
        self.wake();
        Ok(())
    }

    /// As [`Client::submit`], for a command that is not to be carried out after `by_ns`: if its stamp were later, it gets
    /// none. Then it is neither journalled nor applied, there are no events, and [`Client::take_late`] gives its ticket.
    pub fn submit_by(&self, ticket: Ticket, command: Command, by_ns: u64) -> Result<(), Busy> {
        self.push_by(ticket, command, by_ns)?;
        self.wake();
        Ok(())
    }

    /// The same for one of many that are handed in together.
    #[inline]
    pub fn push_by(&self, ticket: Ticket, command: Command, by_ns: u64) -> Result<(), Busy> {
        self.enter(Submission { ticket, command, by_ns })
    }

    /// A command that came too late and was not carried out, once. Whoever hands in commands that may be late takes these
    /// now and then: as many are kept as the inbox holds.
    pub fn take_late(&self) -> Option<Ticket> {
        self.shared.take_late()
    }

    /// As [`Client::submit`], for one of many that are handed in together: call [`Client::wake`] or
    /// [`Client::carry_out`] after the last one.
    #[inline]
    pub fn push(&self, ticket: Ticket, command: Command) -> Result<(), Busy> {
        self.enter(Submission { ticket, command, by_ns: FOR_EVER })
    }

    #[inline]
    fn enter(&self, submission: Submission) -> Result<(), Busy> {
        if self.shared.is_closed() {
            return Err(Busy);
        }
        self.inbox.push(submission).map_err(|_| Busy)
    }

    /// Carries out, on this thread, what was pushed, where the venue lends its core ([`crate::VenueConfig::lends_core`]), or
    /// wakes the core as [`Client::wake`] does. For threads that go on to poll what comes of it.
    #[inline]
    pub fn carry_out(&self) {
        self.chair.carry_out(&self.core);
    }

    /// Whether [`Client::carry_out`] does so here.
    pub fn lends_core(&self) -> bool {
        self.chair.lends()
    }

    /// Whether the core has not taken all that was pushed.
    #[inline]
    pub fn has_entered(&self) -> bool {
        !self.inbox.is_empty()
    }

    /// Wakes the core, if it sleeps, for what was pushed.
    #[inline]
    pub fn wake(&self) {
        self.core.wake();
    }

    /// Hands in a command and waits until its events are durable.
    pub fn call(&self, command: Command, timeout: Duration) -> Result<Vec<Event>, CallError> {
        let replies = self.replies.as_ref().ok_or(CallError::Unavailable)?;
        let ticket = Ticket(self.next_ticket().0 | CALL);
        let answer = replies.expect(ticket);
        let submitted = self.submit(ticket, command);
        let events = match submitted {
            Ok(()) => answer.recv_timeout(timeout).map_err(|_| CallError::Timeout),
            Err(Busy) if self.shared.is_closed() => Err(CallError::Unavailable),
            Err(Busy) => Err(CallError::Busy),
        };
        if events.is_err() {
            replies.forget(ticket);
        }
        events
    }

    /// How the venue is. Waits for the core to hash its state, which it does between two commands and at most a few
    /// times a second; what is told may be that old.
    pub fn status(&self) -> Status {
        self.shared.status(&self.core)
    }

    /// How long ago the core was last seen alive. Does not wait.
    pub fn heartbeat_age(&self) -> Duration {
        self.shared.heartbeat_age()
    }

    /// How far the journal is durable.
    pub fn durable(&self) -> DurableCursor {
        self.shared.durable()
    }

    /// How full the inbox and the outbox are. Does not wait, and costs the core nothing.
    pub fn queues(&self) -> Queues {
        Queues {
            inbox: self.inbox.len(),
            inbox_capacity: self.inbox.capacity(),
            outbox_lag: self.outbox.lag(),
            outbox_capacity: self.outbox.capacity(),
        }
    }

    /// Why the venue has stopped by itself, if it has. Does not wait.
    pub fn failure(&self) -> Option<String> {
        self.shared.failure()
    }
}
