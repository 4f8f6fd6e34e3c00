//! How far the journal has come: what is published, what is durable, and whether it failed.

use crate::error::Failure;
use crate::options::Durability;
use crate::sync_times::{SyncCounts, SyncTimes};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Thread;

/// Keeps what one thread writes often away from what others write.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Apart<T>(T);

/// Called with the durable seq.
type Listener = Box<dyn Fn(u64) + Send + Sync>;

/// What the writer, the background threads and the cursors share.
pub(crate) struct Progress {
    durability: Durability,
    /// Written by the writer at every record.
    published: Apart<AtomicU64>,
    /// Written by whoever syncs, then read by the writer at every record.
    synced: Apart<Synced>,
    /// Written by the sync thread when it goes idle, read by the writer at every record.
    idle: Apart<AtomicBool>,
    /// Somebody waits until this seq is synced.
    wanted: AtomicU64,
    /// Who syncs, where that is a thread.
    syncer: OnceLock<Thread>,
    /// The writer is gone: what is not synced now will not be.
    over: AtomicBool,
    failure: OnceLock<Failure>,
    listeners: Mutex<Vec<Listener>>,
    /// Written by whoever syncs.
    syncs: SyncCounts,
}

#[derive(Debug, Default)]
struct Synced {
    seq: AtomicU64,
    failed: AtomicBool,
}

impl Progress {
    pub(crate) fn new(durability: Durability, last_seq: u64) -> Progress {
        Progress {
            durability,
            published: Apart(AtomicU64::new(last_seq)),
            synced: Apart(Synced { seq: AtomicU64::new(last_seq), failed: AtomicBool::new(false) }),
            idle: Apart::default(),
            wanted: AtomicU64::new(0),
            syncer: OnceLock::new(),
            over: AtomicBool::new(false),
            failure: OnceLock::new(),
            listeners: Mutex::new(Vec::new()),
            syncs: SyncCounts::default(),
        }
    }

    pub(crate) fn durability(&self) -> Durability {
        self.durability
    }

    #[inline]
    pub(crate) fn publish(&self, seq: u64) {
        self.published.0.store(seq, Ordering::Release);
    }

    pub(crate) fn published(&self) -> u64 {
        self.published.0.load(Ordering::Acquire)
    }

    /// The highest seq that a returned sync covers.
    #[inline]
    pub(crate) fn synced(&self) -> u64 {
        self.synced.0.seq.load(Ordering::Acquire)
    }

    #[inline]
    pub(crate) fn has_failed(&self) -> bool {
        self.synced.0.failed.load(Ordering::Relaxed)
    }

    /// Tells that everything up to `seq` is durable. Never goes back, and never on after a failure.
    pub(crate) fn advance(&self, seq: u64) {
        if self.has_failed() || self.synced.0.seq.fetch_max(seq, Ordering::AcqRel) >= seq {
            return;
        }
        self.tell(seq);
    }

    /// Tells that a segment which ends with `seq` is durable, and all before it. Where records are synced as they come,
    /// whoever syncs them tells.
    pub(crate) fn seal(&self, seq: u64) {
        if self.durability.syncs_when_asked() {
            self.advance(seq);
        }
    }

    /// Keeps the first failure. Nothing is durable from here on that was not before.
    pub(crate) fn fail(&self, failure: Failure) {
        if self.fail_untold(failure) {
            self.tell(self.synced());
        }
    }

    /// As `fail`, without calling the listeners. Gives whether it was the first.
    pub(crate) fn fail_untold(&self, failure: Failure) -> bool {
        let first = self.failure.set(failure).is_ok();
        self.synced.0.failed.store(true, Ordering::SeqCst);
        first
    }

    /// Whether the sync thread sleeps, or is about to.
    #[inline]
    pub(crate) fn idle(&self) -> &AtomicBool {
        &self.idle.0
    }

    pub(crate) fn failure(&self) -> Option<&Failure> {
        self.failure.get()
    }

    /// The highest seq that somebody waits for.
    pub(crate) fn wanted(&self) -> u64 {
        self.wanted.load(Ordering::SeqCst)
    }

    /// Tells who syncs.
    pub(crate) fn set_syncer(&self, thread: Thread) {
        // There is one.
        let _ = self.syncer.set(thread);
    }

    /// Where syncs are counted.
    pub(crate) fn syncs(&self) -> &SyncCounts {
        &self.syncs
    }

    /// Says that nothing more will be synced.
    pub(crate) fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    fn tell(&self, seq: u64) {
        self.listeners().iter().for_each(|listener| listener(seq));
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<Listener>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What [`DurableCursor::ask`] tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// It is on the disk.
    Synced,
    /// It will be, if no sync fails.
    Coming,
    /// The journal has failed, or its writer is gone.
    Never,
}

/// Reads how far the journal is durable. Cheap to clone, and usable from any thread, also after the journal is closed.
#[derive(Clone)]
pub struct DurableCursor {
    progress: Arc<Progress>,
}

impl DurableCursor {
    pub(crate) fn new(progress: Arc<Progress>) -> DurableCursor {
        DurableCursor { progress }
    }

    /// The highest seq that is durable under the journal's level: under `Group` and
    /// `GroupMark` the highest that a returned sync covers, under the others the highest published one.
    /// Never goes back.
    pub fn get(&self) -> u64 {
        match self.progress.durability.waits_for_sync() {
            false => self.progress.published(),
            true => self.progress.synced(),
        }
    }

    /// The highest seq that a returned `fdatasync` covers, under any level.
    pub fn synced(&self) -> u64 {
        self.progress.synced()
    }

    /// The highest seq whose record is in the journal, durable or not.
    pub fn published(&self) -> u64 {
        self.progress.published()
    }

    /// How many syncs there were since the journal was opened, and how long they took.
    pub fn sync_times(&self) -> SyncTimes {
        self.progress.syncs.read()
    }

    /// Asks that everything up to `seq` be synced, under any level, and tells how that stands. Does not wait: whoever
    /// waits asks again, or is told through [`DurableCursor::on_advance`]. A seq that is not published yet may be asked
    /// for.
    pub fn ask(&self, seq: u64) -> Outlook {
        let progress = &self.progress;
        // First: what is over now was synced before, or never will be.
        let over = progress.over.load(Ordering::SeqCst) || progress.has_failed();
        if progress.synced() >= seq {
            return Outlook::Synced;
        }
        if over {
            return Outlook::Never;
        }
        if progress.wanted.fetch_max(seq, Ordering::SeqCst) < seq
            && let Some(syncer) = progress.syncer.get()
        {
            syncer.unpark();
        }
        Outlook::Coming
    }

    /// The first failure of a sync. Once there is one, the cursor stands still, `append` refuses, and the process is
    /// to end with exit code 74.
    pub fn failed(&self) -> Option<Failure> {
        self.progress.failure().cloned()
    }

    /// Has `listener` called with the durable seq after every sync that made it advance, and once when the journal
    /// fails (then with the seq it stays at). It is called by the thread that synced and delays the next sync for as
    /// long as it takes: wake somebody and return. It must not call `on_advance`.
    ///
    /// Under `Memory`, `Process` and `Interval` the cursor advances with `append` itself, and the listener is only called
    /// for syncs: of the interval, of what was asked for, of a segment that ends, of the journal's close.
    pub fn on_advance(&self, listener: Box<dyn Fn(u64) + Send + Sync>) {
        self.progress.listeners().push(listener);
    }
}
