//! The core thread: takes commands from the inbox, and does with each what [`Core`] does.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_queue::ArrayQueue;
use crossbeam_utils::Backoff;
use papertape_engine::{Command, Event};
use papertape_journal::DurableCursor;

use crate::checkpoint::Checkpoint;
use crate::client::{FOR_EVER, Status, Submission};
use crate::clock::Clock;
use crate::core::Core;
use crate::output::{Output, Ticket};
use crate::ring::RingWriter;
use crate::subscriber::{Gate, Listener};
use crate::wake::{Sleeper, Waker};

/// Commands between two looks at everything else.
const BATCH: usize = 256;
/// How long the thread looks at an empty inbox before it sleeps: about what two wake-ups cost.
const SPIN: Duration = Duration::from_micros(50);
/// Empty looks before it lets others have the processor between two looks.
const SPINS: u32 = 64;
/// The longest sleep, and so the longest silence of a healthy core.
const NAP: Duration = Duration::from_millis(100);
/// After so long without a command the journal gets a heartbeat.
const QUIET: Duration = Duration::from_secs(1);
/// The state is hashed at most this often, and takes at most a twentieth of the time.
const HASH_PAUSE: Duration = Duration::from_millis(100);

/// What the core asks of itself when an order's time is up: nobody waits for an answer.
const TICK: Submission = Submission { ticket: Ticket(0), command: Command::Tick, by_ns: FOR_EVER };

/// Told once why the venue has stopped by itself.
pub(crate) type FailureListener = Box<dyn Fn(&str) + Send + Sync>;

/// What the core and everybody else see of each other beside the rings.
pub(crate) struct Shared {
    start: Instant,
    /// Milliseconds from `start` to the last sign of life.
    heartbeat_ms: AtomicU64,
    closed: AtomicBool,
    /// Nobody wants to know any more: commands that wait are dropped, and no reader is waited for.
    abandoned: AtomicBool,
    /// The core is gone: nobody answers any more.
    ended: AtomicBool,
    failure: OnceLock<String>,
    on_failure: OnceLock<FailureListener>,
    failure_told: AtomicBool,
    hash_wanted: AtomicBool,
    hashed: Mutex<Option<Hashed>>,
    hash_ready: Condvar,
    durable: DurableCursor,
    /// The last command before the core had nothing to do for a while; 0 before there was such a moment.
    quiet_seq: AtomicU64,
    stated: Mutex<Vec<Checkpoint>>,
    /// Whether the core is to append what was stated.
    states: AtomicBool,
    /// Tickets of commands that came too late.
    late: ArrayQueue<Ticket>,
}

#[derive(Clone, Copy)]
struct Hashed {
    seq: u64,
    state_hash: [u8; 32],
    at: Instant,
    took: Duration,
}

impl Hashed {
    fn is_fresh(&self) -> bool {
        self.at.elapsed() < HASH_PAUSE.max(self.took * 20)
    }
}

impl Shared {
    pub(crate) fn new(durable: DurableCursor, late_max: usize) -> Self {
        Self {
            start: Instant::now(),
            heartbeat_ms: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            abandoned: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            failure_told: AtomicBool::new(false),
            failure: OnceLock::new(),
            on_failure: OnceLock::new(),
            hash_wanted: AtomicBool::new(false),
            hashed: Mutex::new(None),
            hash_ready: Condvar::new(),
            durable,
            quiet_seq: AtomicU64::new(0),
            stated: Mutex::new(Vec::new()),
            states: AtomicBool::new(false),
            late: ArrayQueue::new(late_max.max(1)),
        }
    }

    /// Keeps the ticket of a command that came too late. Where more are kept than anybody takes, whoever waits hears nothing.
    fn keep_late(&self, ticket: Ticket) {
        let _ = self.late.push(ticket);
    }

    pub(crate) fn take_late(&self) -> Option<Ticket> {
        self.late.pop()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// No more commands are taken; those in the inbox are still applied.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    pub(crate) fn abandon(&self) {
        self.close();
        self.abandoned.store(true, Ordering::Release);
    }

    fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Acquire)
    }

    pub(crate) fn failure(&self) -> Option<String> {
        self.failure.get().cloned()
    }

    pub(crate) fn on_failure(&self, listener: FailureListener) {
        // A second listener is ignored: one process has one way to end.
        let _ = self.on_failure.set(listener);
        self.tell_failure();
    }

    /// Once, by whoever comes second: the failure or the listener.
    fn tell_failure(&self) {
        if let (Some(why), Some(listener)) = (self.failure.get(), self.on_failure.get())
            && !self.failure_told.swap(true, Ordering::AcqRel)
        {
            listener(why);
        }
    }

    fn fail(&self, why: String) {
        self.close();
        // Only the first is kept.
        let _ = self.failure.set(why);
        self.tell_failure();
        self.hash_ready.notify_all();
    }

    /// The last command before the core was quiet for a while.
    pub(crate) fn quiet_seq(&self) -> u64 {
        self.quiet_seq.load(Ordering::Acquire)
    }

    /// Has the core append a checkpoint, soon.
    pub(crate) fn state(&self, checkpoint: Checkpoint) {
        self.stated.lock().unwrap_or_else(PoisonError::into_inner).push(checkpoint);
        self.states.store(true, Ordering::Release);
    }

    fn take_stated(&self) -> Vec<Checkpoint> {
        self.states.store(false, Ordering::Release);
        std::mem::take(&mut *self.stated.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn durable(&self) -> DurableCursor {
        self.durable.clone()
    }

    pub(crate) fn heartbeat_age(&self) -> Duration {
        self.start.elapsed().saturating_sub(Duration::from_millis(self.heartbeat_ms.load(Ordering::Relaxed)))
    }

    fn beat(&self) {
        self.heartbeat_ms.store(self.start.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    pub(crate) fn status(&self, core: &Waker) -> Status {
        let mut hashed = self.lock_hashed();
        let asked = Instant::now();
        let over = || self.failure.get().is_some() || self.ended.load(Ordering::Acquire);
        while !hashed.as_ref().is_some_and(Hashed::is_fresh) && !over() {
            self.hash_wanted.store(true, Ordering::Release);
            core.wake();
            hashed = self.hash_ready.wait_timeout(hashed, NAP).unwrap_or_else(PoisonError::into_inner).0;
            if asked.elapsed() > NAP * 20 {
                break;
            }
        }
        let (seq, state_hash) = hashed.as_ref().map_or((0, [0; 32]), |hashed| (hashed.seq, hashed.state_hash));
        let (durable_seq, heartbeat_age) = (self.durable.get(), self.heartbeat_age());
        Status { seq, state_hash, durable_seq, heartbeat_age, failed: self.failure() }
    }

    /// Makes the state at the end of a run known to whoever asks later.
    pub(crate) fn store_hash(&self, core: &Core) {
        let begun = Instant::now();
        let (seq, state_hash) = (core.last.seq, core.engine.state_hash());
        *self.lock_hashed() = Some(Hashed { seq, state_hash, at: Instant::now(), took: begun.elapsed() });
        self.hash_wanted.store(false, Ordering::Release);
        self.hash_ready.notify_all();
    }

    fn lock_hashed(&self) -> MutexGuard<'_, Option<Hashed>> {
        self.hashed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everything that the core thread owns.
pub(crate) struct CoreThread {
    pub(crate) core: Core,
    pub(crate) clock: Clock,
    pub(crate) inbox: Arc<ArrayQueue<Submission>>,
    pub(crate) outbox: RingWriter<Output>,
    pub(crate) listeners: Arc<[Listener]>,
    pub(crate) gate: Gate,
    pub(crate) sleeper: Sleeper,
    pub(crate) shared: Arc<Shared>,
    pub(crate) durable: DurableCursor,
}

impl CoreThread {
    /// Runs until the venue is closed and the inbox is empty, or the journal fails. Gives the core back.
    pub(crate) fn run(mut self) -> Core {
        let guard = PanicGuard(Arc::clone(&self.shared));
        let mut events = Vec::with_capacity(1_024);
        let (mut looks, mut busy_until) = (0_u32, Instant::now());
        let mut last_command = self.core.last.seq;
        while self.shared.failure.get().is_none() && !self.shared.is_abandoned() {
            let taken = self.batch(&mut events);
            if self.shared.hash_wanted.load(Ordering::Acquire) {
                self.shared.store_hash(&self.core);
            }
            if taken > 0 {
                self.shared.beat();
                (looks, busy_until) = (0, Instant::now() + SPIN);
                last_command = self.core.last.seq;
            } else if self.shared.is_closed() && self.inbox.is_empty() {
                break;
            } else if looks < SPINS {
                looks += 1;
                std::hint::spin_loop();
            } else if Instant::now() < busy_until {
                // Who has the next command may be waiting for this processor.
                std::thread::yield_now();
            } else {
                self.nap();
                if busy_until.elapsed() >= QUIET {
                    self.shared.quiet_seq.store(last_command, Ordering::Release);
                    self.prove_last();
                }
            }
            if self.shared.states.load(Ordering::Acquire) {
                self.append_stated();
            }
            self.check_journal();
        }
        std::mem::forget(guard);
        if self.shared.failure.get().is_none() {
            self.shared.store_hash(&self.core);
        }
        self.shared.ended.store(true, Ordering::Release);
        self.core
    }

    fn batch(&mut self, events: &mut Vec<Event>) -> usize {
        let (mut taken, mut runs) = (0, true);
        while runs && taken < BATCH {
            let now_ns = self.clock.now_ns();
            // Orders end under a tick of their own, so that a command's events are about nothing but the command.
            let submission = if self.is_tick_due(now_ns) { Some(TICK) } else { self.inbox.pop() };
            let Some(submission) = submission else { break };
            taken += 1;
            runs = self.carry_out(self.clock.of_command(now_ns), &submission, events);
        }
        if taken > 0 {
            self.wake_subscribers();
            if let Err(error) = self.core.settle() {
                self.shared.fail(error.to_string());
            }
        }
        taken
    }

    /// Journals, applies and tells one command. Gives whether this run goes on.
    fn carry_out(&mut self, now_ns: u64, submission: &Submission, events: &mut Vec<Event>) -> bool {
        // It is in no journal then: a replay need not decide it again.
        if now_ns.max(self.core.last.time_ns) > submission.by_ns {
            self.shared.keep_late(submission.ticket);
            return true;
        }
        events.clear();
        match self.core.apply(now_ns, &submission.command, events) {
            Ok(stamp) => {
                let mut outputs = Output::all(stamp.seq, stamp.time_ns, submission.ticket, events);
                // After one that nobody took, none: what follows a gap must not be seen.
                let told = outputs.all(|output| self.tell(&output));
                self.outbox.publish();
                told
            }
            Err(error) => {
                self.shared.fail(error.to_string());
                false
            }
        }
    }

    /// Whether an order's time is up.
    fn is_tick_due(&self, now_ns: u64) -> bool {
        // A stamp is never before the last one, whatever the machine's clock says.
        let stamp_ns = now_ns.max(self.core.last.time_ns);
        !self.clock.is_manual() && self.core.engine.next_expiry().is_some_and(|next_ns| next_ns <= stamp_ns)
    }

    /// Writes one event, and waits while the slowest subscriber is a whole ring behind. Gives whether it was written:
    /// if not, this run is over.
    #[inline]
    fn tell(&mut self, output: &Output) -> bool {
        self.outbox.write(output).is_ok() || self.tell_late(output)
    }

    #[cold]
    fn tell_late(&mut self, output: &Output) -> bool {
        // A subscriber that waits for the disk before it reads on must not wait for what is written when it has.
        if let Err(error) = self.core.settle() {
            self.shared.fail(error.to_string());
            return false;
        }
        let backoff = Backoff::new();
        while self.outbox.write(output).is_err() {
            self.outbox.publish();
            self.listeners.iter().for_each(Listener::press);
            self.shared.beat();
            if self.durable.failed().is_some() || self.shared.is_abandoned() {
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

    /// Under `group` most events are not durable yet: then the sync thread wakes subscribers, later.
    fn wake_subscribers(&self) {
        std::sync::atomic::fence(Ordering::SeqCst);
        let may_leave = self.gate.seq() >= self.core.last.seq;
        self.listeners.iter().for_each(|listener| listener.tell(may_leave));
    }

    fn nap(&self) {
        self.shared.beat();
        let shared = &self.shared;
        let asked = || shared.hash_wanted.load(Ordering::Acquire) || shared.states.load(Ordering::Acquire);
        let work = || !self.inbox.is_empty() || shared.is_closed() || asked();
        let next_expiry = self.core.engine.next_expiry().filter(|_| !self.clock.is_manual());
        let until_tick = next_expiry.map(|next_ns| next_ns.saturating_sub(self.clock.now_ns()));
        self.sleeper.sleep(until_tick.map_or(NAP, |ns| NAP.min(Duration::from_nanos(ns))), work);
    }

    fn prove_last(&mut self) {
        if let Err(error) = self.core.prove_last(self.clock.now_ns()) {
            self.shared.fail(error.to_string());
        }
    }

    fn append_stated(&mut self) {
        for checkpoint in self.shared.take_stated() {
            if let Err(error) = self.core.append_checkpoint(self.clock.now_ns(), &checkpoint) {
                self.shared.fail(error.to_string());
            }
        }
    }

    fn check_journal(&self) {
        if let Some(failure) = self.durable.failed() {
            self.shared.fail(format!("cannot {} {}: {}", failure.op, failure.path.display(), failure.cause));
        }
    }
}

/// A panic of the core is a bug, and the state may be half changed: nobody is served any more.
struct PanicGuard(Arc<Shared>);

impl Drop for PanicGuard {
    fn drop(&mut self) {
        self.0.fail("the core met a state that cannot be, and stopped".to_owned());
    }
}
