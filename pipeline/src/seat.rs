//! The core with everything that it needs to take commands from the inbox and to tell what came of them. One thread has it
//! at a time.

use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};
use std::time::{Duration, Instant};

use crossbeam_queue::ArrayQueue;
use crossbeam_utils::Backoff;
use papertape_engine::{Command, Event, Stamp};
use papertape_journal::DurableCursor;

use crate::client::{FOR_EVER, Submission};
use crate::clock::Clock;
use crate::core::Core;
use crate::output::{Output, Ticket};
use crate::ring::RingWriter;
use crate::shared::Shared;
use crate::subscriber::{Gate, Listener};

/// Commands between two looks at everything else.
const BATCH: usize = 256;
/// After so long without a command the journal gets a heartbeat.
const QUIET: Duration = Duration::from_secs(1);

/// What the core asks of itself when an order's time is up: nobody waits for an answer.
const TICK: Submission = Submission { ticket: Ticket(0), command: Command::Tick, by_ns: FOR_EVER };

/// What somebody does who finds the outbox full.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Patience {
    /// Waits until the slowest subscriber has read.
    Waits,
    /// Leaves what is not told to whoever comes next: he may be that subscriber.
    Leaves,
}

/// The core, where its commands come from, and where what comes of them goes.
pub(crate) struct Seat {
    core: Core,
    clock: Clock,
    inbox: Arc<ArrayQueue<Submission>>,
    outbox: RingWriter<Output>,
    listeners: Arc<[Listener]>,
    gate: Gate,
    shared: Arc<Shared>,
    durable: DurableCursor,
    /// Of the last command.
    events: Vec<Event>,
    /// Whose events are not all told, and how many are.
    untold: Option<(Stamp, Ticket, usize)>,
    /// Nothing more is told: what follows a gap must not be seen.
    has_stopped: bool,
    /// When there was something to do last, and the last command then.
    busy: (Instant, u64),
}

impl Seat {
    pub(crate) fn new(
        (core, clock): (Core, Clock),
        inbox: Arc<ArrayQueue<Submission>>,
        (outbox, listeners): (RingWriter<Output>, Arc<[Listener]>),
        gate: Gate,
        shared: Arc<Shared>,
    ) -> Self {
        let (durable, busy) = (core.durable(), (Instant::now(), core.last.seq));
        let (events, untold, has_stopped) = (Vec::with_capacity(1_024), None, false);
        Self { core, clock, inbox, outbox, listeners, gate, shared, durable, events, untold, has_stopped, busy }
    }

    /// Whether there is no more to do for anybody.
    pub(crate) fn is_over(&self) -> bool {
        self.has_stopped || self.shared.is_failed() || self.shared.is_abandoned()
    }

    /// Whether all that was handed in is done and told.
    pub(crate) fn is_done(&self) -> bool {
        self.inbox.is_empty() && self.untold.is_none()
    }

    /// Whether events wait for room.
    pub(crate) fn has_untold(&self) -> bool {
        self.untold.is_some()
    }

    /// Since when nothing was done.
    pub(crate) fn idle_since(&self) -> Instant {
        self.busy.0
    }

    /// Takes some commands out of the inbox and does with each what [`Core`] does. Gives how many.
    pub(crate) fn batch(&mut self, patience: Patience) -> usize {
        let (mut taken, told) = (0, self.outbox.position());
        while taken < BATCH && self.tell_rest(patience) {
            let now_ns = self.clock.now_ns();
            // Orders end under a tick of their own, so that a command's events are about nothing but the command.
            let submission = if self.is_tick_due(now_ns) { Some(TICK) } else { self.inbox.pop() };
            let Some(submission) = submission else { break };
            taken += 1;
            self.carry_out(self.clock.of_command(now_ns), &submission);
        }
        if taken > 0 || self.outbox.position() > told {
            self.tell_rest(patience);
            self.wake_subscribers();
            self.settle();
            self.shared.beat();
            self.busy = (Instant::now(), self.core.last.seq);
        }
        if let Some(failure) = self.durable.failed() {
            self.shared.fail(format!("cannot {} {}: {}", failure.op, failure.path.display(), failure.cause));
        }
        taken
    }

    /// What is asked beside commands: the hash of the state, and checkpoints.
    pub(crate) fn do_chores(&mut self) {
        if self.shared.wants_hash() {
            self.shared.store_hash(&self.core);
        }
        if self.shared.has_stated() {
            self.append_stated();
        }
    }

    /// After a second without a command it is told that it is quiet, and the journal gets a heartbeat.
    pub(crate) fn note_quiet(&mut self) {
        let (since, seq) = self.busy;
        if since.elapsed() >= QUIET {
            self.shared.note_quiet(seq);
            if let Err(error) = self.core.prove_last(self.clock.now_ns()) {
                self.fail(&error);
            }
        }
    }

    /// When the next order's time is up, if any order has one.
    pub(crate) fn next_expiry(&self) -> Option<u64> {
        self.core.engine.next_expiry().filter(|_| !self.clock.is_manual())
    }

    /// How long that is from now.
    pub(crate) fn until(&self, time_ns: u64) -> Duration {
        Duration::from_nanos(time_ns.saturating_sub(self.clock.now_ns()))
    }

    /// The core alone, when all is over.
    pub(crate) fn into_core(self) -> Core {
        self.core
    }

    /// Journals and applies one command. What came of it is told by [`Seat::tell_rest`].
    fn carry_out(&mut self, now_ns: u64, submission: &Submission) {
        // It is in no journal then: a replay need not decide it again.
        if now_ns.max(self.core.last.time_ns) > submission.by_ns {
            return self.shared.keep_late(submission.ticket);
        }
        self.events.clear();
        match self.core.apply(now_ns, &submission.command, &mut self.events) {
            Ok(stamp) => self.untold = Some((stamp, submission.ticket, 0)),
            Err(error) => self.fail(&error),
        }
    }

    /// Whether an order's time is up.
    fn is_tick_due(&self, now_ns: u64) -> bool {
        // A stamp is never before the last one, whatever the machine's clock says.
        let stamp_ns = now_ns.max(self.core.last.time_ns);
        self.next_expiry().is_some_and(|next_ns| next_ns <= stamp_ns)
    }

    /// Tells what came of the last command, as far as it is not told. Gives whether there may be another.
    #[inline]
    fn tell_rest(&mut self, patience: Patience) -> bool {
        while let Some((stamp, ticket, told)) = self.untold {
            let Self { outbox, events, .. } = self;
            let outputs = Output::after(told, stamp, ticket, events);
            let told = told + outputs.take_while(|output| outbox.write(output).is_ok()).count();
            outbox.publish();
            self.untold = (told < events.len()).then_some((stamp, ticket, told));
            if self.untold.is_some() && !self.make_room(patience) {
                return false;
            }
        }
        !self.has_stopped
    }

    /// The slowest subscriber is a whole ring behind. Gives whether it is not any more.
    #[cold]
    fn make_room(&mut self, patience: Patience) -> bool {
        // A subscriber that waits for the disk before it reads on must not wait for what is written when it has.
        self.settle();
        let backoff = Backoff::new();
        while self.outbox.is_full() {
            self.listeners.iter().for_each(Listener::press);
            self.shared.beat();
            if self.durable.failed().is_some() || self.is_over() {
                self.has_stopped = true;
                return false;
            }
            if patience == Patience::Leaves {
                return false;
            }
            if backoff.is_completed() {
                std::thread::park_timeout(Duration::from_micros(50));
            } else {
                backoff.snooze();
            }
        }
        true
    }

    fn settle(&mut self) {
        if let Err(error) = self.core.settle() {
            self.fail(&error);
        }
    }

    fn fail(&mut self, error: &papertape_journal::Error) {
        self.has_stopped = true;
        self.shared.fail(error.to_string());
    }

    /// Under `group` most events are not durable yet: then the sync thread wakes subscribers, later.
    fn wake_subscribers(&self) {
        fence(Ordering::SeqCst);
        let may_leave = self.gate.seq() >= self.core.last.seq;
        self.listeners.iter().for_each(|listener| listener.tell(may_leave));
    }

    fn append_stated(&mut self) {
        for checkpoint in self.shared.take_stated() {
            if let Err(error) = self.core.append_checkpoint(self.clock.now_ns(), &checkpoint) {
                self.fail(&error);
            }
        }
    }
}
