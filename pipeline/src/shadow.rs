//! What the venue finds out about itself without keeping anybody waiting: a thread that replays what is durable, states in
//! the journal what it comes to, and writes snapshots of it.
//!
//! It comes to its state as recovery would, so it is also a rehearsal. It holds a second copy of the state for as long as
//! there is something to state regularly; where there is not, only while it works. The thread is of low priority.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{JoinHandle, park_timeout};
use std::time::Duration;

use papertape_journal::Outlook;

use crate::boot::write_snapshot;
use crate::config::{VenueConfig, VenueDir};
use crate::error::VenueError;
use crate::following::Following;
use crate::priority::give_way;
use crate::shared;
use crate::wake::Waker;

/// How often it looks whether there is enough to do.
const LOOK: Duration = Duration::from_millis(200);

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
    checkpoint_after: u64,
    snapshot_after: u64,
    core: Arc<shared::Shared>,
    waker: Waker,
    stop: AtomicBool,
    listener: OnceLock<SnapshotListener>,
}

/// Up to which record it has stated what there was to state.
#[derive(Clone, Copy)]
struct Done {
    checkpoint: u64,
    snapshot: u64,
}

impl Shadow {
    /// Starts it. The state after `last_seq` needs no snapshot, and nothing need be stated of it.
    pub(crate) fn start(
        config: &VenueConfig,
        core: Arc<shared::Shared>,
        waker: Waker,
        last_seq: u64,
    ) -> Result<Self, VenueError> {
        let (checkpoint_after, snapshot_after) = (config.checkpoint_after.max(1), config.snapshot_after.max(1));
        let (dir, stop, listener) = (config.dir.clone(), AtomicBool::new(false), OnceLock::new());
        let shared = Arc::new(Shared { dir, checkpoint_after, snapshot_after, core, waker, stop, listener });
        let thread = std::thread::Builder::new().name("papertape-shadow".into()).spawn({
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
    fn run(&self, last_seq: u64) {
        // What it does can wait; what the core and the gateway do cannot.
        give_way();
        let mut done = Done { checkpoint: last_seq, snapshot: last_seq };
        let mut following = None;
        while !self.is_stopped() {
            let Some(seq) = self.next(done) else {
                park_timeout(LOOK);
                continue;
            };
            if let Err(error) = self.go_to(seq, &mut following, &mut done) {
                self.tell(&Err(error));
                // Not at once again: what keeps it from its work stays for a while.
                following = None;
                done = Done { checkpoint: seq, snapshot: seq };
            }
            if !self.states() {
                following = None;
            }
        }
    }

    fn states(&self) -> bool {
        self.checkpoint_after < u64::MAX
    }

    /// The next record of which there is something to state, if the journal has it on the disk: what is only published
    /// could be lost with the power, and a snapshot would be ahead of the journal.
    fn next(&self, done: Done) -> Option<u64> {
        let durable = self.core.durable();
        let quiet = self.core.quiet_seq();
        if self.states() && quiet > done.checkpoint && durable.ask(quiet) == Outlook::Synced {
            // All that is due before it is due first.
            return Some(quiet.min(self.due(done)));
        }
        Some(self.due(done)).filter(|due| durable.synced() >= *due)
    }

    fn due(&self, done: Done) -> u64 {
        let checkpoint =
            (done.checkpoint / self.checkpoint_after).saturating_add(1).saturating_mul(self.checkpoint_after);
        checkpoint.min(done.snapshot.saturating_add(self.snapshot_after))
    }

    /// Replays up to `seq` and states what is to be stated there, unless it is to end before.
    fn go_to(&self, seq: u64, following: &mut Option<Following>, done: &mut Done) -> Result<(), VenueError> {
        let mut state = match following.take() {
            Some(state) => state,
            None => Following::begin(&self.dir, seq)?,
        };
        if state.advance(seq, || !self.is_stopped())? {
            let state_hash = state.engine().state_hash_with_pauses(std::thread::yield_now);
            if self.states() && (seq.is_multiple_of(self.checkpoint_after) || seq == self.core.quiet_seq()) {
                self.core.state(state.checkpoint(state_hash));
                self.waker.wake();
                done.checkpoint = seq;
            }
            if seq - done.snapshot >= self.snapshot_after {
                self.tell(&write_snapshot(&self.dir, state.engine(), state_hash, state.last()));
                done.snapshot = seq;
            }
            *following = Some(state);
        }
        Ok(())
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
