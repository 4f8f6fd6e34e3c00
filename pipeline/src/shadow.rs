//! Snapshots that keep nobody waiting: a thread that replays what is durable from the newest snapshot on, and writes the
//! state that it comes to.
//!
//! Between two snapshots it holds no state, so it costs memory only while it works. What it writes is what recovery would
//! come to, because it comes to it the same way; so it is also a rehearsal.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use papertape_engine::Stamp;
use papertape_journal::DurableCursor;

use crate::boot::write_snapshot;
use crate::config::{VenueConfig, VenueDir};
use crate::error::VenueError;
use crate::replay::Replay;

/// How often it looks whether there is enough to do.
const LOOK: Duration = Duration::from_millis(200);
/// Records between two looks whether it is to end.
const BATCH: usize = 1_024;

/// A snapshot that was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshotted {
    /// Its file.
    pub path: PathBuf,
    /// The last record that its state contains.
    pub seq: u64,
    /// The time of that record in nanoseconds.
    pub time_ns: u64,
    /// The hash of the state.
    pub state_hash: [u8; 32],
}

/// Called with each snapshot that is written while a venue runs, or with what kept it from being written.
pub type SnapshotListener = Box<dyn Fn(&Result<Snapshotted, VenueError>) + Send + Sync>;

/// The thread.
pub(crate) struct Shadow {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    dir: VenueDir,
    every: u64,
    durable: DurableCursor,
    stop: AtomicBool,
    listener: OnceLock<SnapshotListener>,
}

impl Shadow {
    /// Starts it. The state after `last_seq` needs no snapshot.
    pub(crate) fn start(config: &VenueConfig, durable: DurableCursor, last_seq: u64) -> Result<Self, VenueError> {
        let (dir, every) = (config.dir.clone(), config.snapshot_after.max(1));
        let (stop, listener) = (AtomicBool::new(false), OnceLock::new());
        let shared = Arc::new(Shared { dir, every, durable, stop, listener });
        let thread = thread::Builder::new().name("papertape-shadow".into()).spawn({
            let shared = Arc::clone(&shared);
            move || shared.run(last_seq)
        });
        let thread = thread.map_err(|cause| VenueError::Io { op: "start the shadow thread", cause })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// A second listener is ignored.
    pub(crate) fn on_snapshot(&self, listener: SnapshotListener) {
        let _ = self.shared.listener.set(listener);
    }

    /// Ends it; a snapshot that is not written yet is given up.
    pub(crate) fn stop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A thread that panicked has nothing left to say.
            let _ = thread.join();
        }
    }
}

impl Drop for Shadow {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn run(&self, mut last_seq: u64) {
        while !self.is_stopped() {
            // What is only published could be lost with the power, and the snapshot would be ahead of the journal.
            let durable_seq = self.durable.synced();
            if durable_seq.saturating_sub(last_seq) < self.every {
                thread::park_timeout(LOOK);
                continue;
            }
            last_seq = durable_seq;
            match self.snapshot(durable_seq) {
                Ok(Some(snapshotted)) => self.tell(&Ok(snapshotted)),
                Ok(None) => {}
                Err(error) => self.tell(&Err(error)),
            }
        }
    }

    /// Replays up to `seq` and writes what that comes to, unless it is to end before.
    fn snapshot(&self, seq: u64) -> Result<Option<Snapshotted>, VenueError> {
        let replay = Replay { dir: self.dir.clone(), until: Some(seq), skip_to: Some(seq) };
        let mut replaying = replay.begin()?;
        loop {
            for _ in 0..BATCH {
                if !replaying.step(&mut |_| {})? {
                    let replayed = replaying.replayed();
                    let last = Stamp { seq: replayed.last_seq, time_ns: replayed.last_time_ns };
                    return write_snapshot(&self.dir, &replayed.engine, last).map(Some);
                }
            }
            if self.is_stopped() {
                return Ok(None);
            }
        }
    }

    fn tell(&self, result: &Result<Snapshotted, VenueError>) {
        if let Some(listener) = self.listener.get() {
            listener(result);
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }
}
