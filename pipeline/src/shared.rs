//! What the core and everybody else see of each other beside the rings.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_queue::ArrayQueue;
use papertape_journal::DurableCursor;

use crate::checkpoint::Checkpoint;
use crate::client::Status;
use crate::core::Core;
use crate::output::Ticket;
use crate::thread::NAP;
use crate::wake::Waker;

/// The state is hashed at most this often, and takes at most a twentieth of the time.
const HASH_PAUSE: Duration = Duration::from_millis(100);

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
    pub(crate) fn keep_late(&self, ticket: Ticket) {
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

    pub(crate) fn is_abandoned(&self) -> bool {
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

    pub(crate) fn fail(&self, why: String) {
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

    pub(crate) fn take_stated(&self) -> Vec<Checkpoint> {
        self.states.store(false, Ordering::Release);
        std::mem::take(&mut *self.stated.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Says up to where the core was quiet for a while.
    pub(crate) fn note_quiet(&self, seq: u64) {
        self.quiet_seq.store(seq, Ordering::Release);
    }

    /// Whether somebody waits for the hash of the state.
    pub(crate) fn wants_hash(&self) -> bool {
        self.hash_wanted.load(Ordering::Acquire)
    }

    /// Whether a checkpoint waits to be appended.
    pub(crate) fn has_stated(&self) -> bool {
        self.states.load(Ordering::Acquire)
    }

    /// Whether the venue has failed.
    pub(crate) fn is_failed(&self) -> bool {
        self.failure.get().is_some()
    }

    /// The core is gone.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    pub(crate) fn durable(&self) -> DurableCursor {
        self.durable.clone()
    }

    pub(crate) fn heartbeat_age(&self) -> Duration {
        self.start.elapsed().saturating_sub(Duration::from_millis(self.heartbeat_ms.load(Ordering::Relaxed)))
    }

    pub(crate) fn beat(&self) {
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
