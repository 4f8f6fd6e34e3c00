//! Opening a venue: lock, recover, and hand out what must exist before the core runs.

use std::path::PathBuf;
use std::sync::Arc;

use papertape_engine::{Command, Engine, Stamp};
use papertape_journal::snapshot::{self, Snapshot};
use papertape_journal::{self as journal, DirLock, Disk, DurableCursor, Identity, Reader, TornTail};

use crate::clock::now_ns;
use crate::config::{VenueConfig, VenueDir};
use crate::core::Core;
use crate::error::VenueError;
use crate::output::{Output, Ticket};
use crate::replay::Replay;
use crate::shadow::Snapshotted;
use crate::venue::Venue;
use crate::version;

/// Snapshots that are kept.
const SNAPSHOTS_KEPT: usize = 4;

/// A venue that is recovered and does not run yet.
pub struct Boot {
    pub(crate) config: VenueConfig,
    pub(crate) core: Core,
    pub(crate) subscribers: usize,
    torn: Option<TornTail>,
    skipped: Vec<String>,
    replayed: u64,
}

/// A venue's folder that is ours, before anything in it was read: whoever keeps files of its own beside the journal
/// opens them now.
pub struct Locked {
    config: VenueConfig,
    lock: DirLock,
}

impl Locked {
    /// Goes on with another disk: with one that fails, in a test.
    pub fn on(mut self, disk: Arc<dyn Disk>) -> Self {
        self.config.dir = self.config.dir.moved_to(disk);
        self
    }

    /// Recovers, and shows every event of the commands after `after_seq` on the way, in order: for whoever remembers
    /// events up to there.
    pub fn recover(self, after_seq: u64, show: impl FnMut(&Output)) -> Result<Boot, VenueError> {
        let identity = Identity { deployment: deployment(), now_ns: now_ns(), ..Identity::default() };
        self.recover_as(identity, after_seq, show)
    }

    /// As [`Locked::recover`], by the caller's clock.
    pub fn recover_as(
        self,
        identity: Identity,
        after_seq: u64,
        mut show: impl FnMut(&Output),
    ) -> Result<Boot, VenueError> {
        let Self { config, lock } = self;
        let newest = newest_snapshot(&config)?;
        // Before the journal is opened, because that alone makes it longer. A journal that cannot be read before its
        // end is cut is looked at again.
        if let Some(error @ VenueError::SnapshotAhead { .. }) = check_snapshot(&config, newest.as_ref()).err() {
            return Err(error);
        }
        let recovered = journal::open_locked(lock, config.dir.journal(), config.options(), identity, config.hands)?;
        check_snapshot(&config, newest.as_ref())?;
        let replay = Replay { dir: config.dir.clone(), until: None, skip_to: Some(after_seq) };
        let replayed = replay.run(|output| {
            if output.seq > after_seq {
                show(output);
            }
        })?;
        let core = Core::new(replayed.engine, recovered.journal, config.durability);
        let (torn, skipped) = (recovered.torn, replayed.skipped);
        let mut boot = Boot { config, core, subscribers: 0, torn, skipped, replayed: replayed.records };
        if boot.replayed > boot.config.snapshot_after {
            boot.core.snapshot(&boot.config)?;
        }
        Ok(boot)
    }
}

impl Boot {
    /// Takes the folder, creating it if it is not there. One that is in use, or of a newer program, is refused.
    pub fn lock(config: VenueConfig) -> Result<Locked, VenueError> {
        let lock = config.dir.folder().lock()?;
        version::adopt(&config.dir)?;
        Ok(Locked { config, lock })
    }

    /// Opens or creates the venue in the configured folder.
    pub fn open(config: VenueConfig) -> Result<Self, VenueError> {
        Self::open_from(config, u64::MAX, |_| {})
    }

    /// As [`Boot::open`], and shows every event of the commands after `after_seq`: see [`Locked::recover`].
    pub fn open_from(config: VenueConfig, after_seq: u64, show: impl FnMut(&Output)) -> Result<Self, VenueError> {
        Self::lock(config)?.recover(after_seq, show)
    }

    /// Applies a command before the venue runs, such as the listing of its first markets, and shows its events once it
    /// is durable.
    pub fn apply(&mut self, command: &Command, mut show: impl FnMut(&Output)) -> Result<(), VenueError> {
        let mut events = Vec::new();
        let stamp = self.core.apply(self.config.clock.now_ns(), command, &mut events)?;
        self.core.settle()?;
        if self.config.durability.waits_for_sync() {
            self.core.journal.flush()?;
        }
        Output::all(stamp.seq, stamp.time_ns, Ticket::default(), &events).for_each(|output| show(&output));
        Ok(())
    }

    /// The recovered state.
    pub fn engine(&self) -> &Engine {
        &self.core.engine
    }

    /// The last record of the journal.
    pub fn last_seq(&self) -> u64 {
        self.core.last.seq
    }

    /// How far the journal is durable.
    pub fn durable(&self) -> DurableCursor {
        self.core.durable()
    }

    /// What was cut off the journal's end, because a crash left it half written.
    pub fn torn(&self) -> Option<&TornTail> {
        self.torn.as_ref()
    }

    /// Snapshots that could not be used, each with the reason.
    pub fn skipped_snapshots(&self) -> &[String] {
        &self.skipped
    }

    /// Records that were replayed.
    pub fn replayed(&self) -> u64 {
        self.replayed
    }

    /// The core by itself, for a program that brings its commands one after the other and needs no threads.
    pub fn into_core(self) -> Core {
        self.core
    }

    /// Starts the core thread, with one [`crate::Subscriber`] for each that was asked for.
    pub fn start(self) -> Result<Venue, VenueError> {
        Venue::start(self)
    }

    /// Asks for one more subscriber; [`Venue::take_subscriber`] gives them out.
    pub fn with_subscribers(mut self, subscribers: usize) -> Self {
        self.subscribers = subscribers;
        self
    }
}

/// Writes the state after `last`, and lets go of the oldest snapshots.
pub(crate) fn write_snapshot(
    dir: &VenueDir,
    engine: &Engine,
    state_hash: [u8; 32],
    last: Stamp,
) -> Result<Snapshotted, VenueError> {
    let path = snapshot::write(dir.snapshots(), last.seq, last.time_ns, state_hash, &engine.snapshot())?;
    snapshot::prune(dir.snapshots(), SNAPSHOTS_KEPT)?;
    Ok(Snapshotted { path, seq: last.seq, time_ns: last.time_ns, state_hash })
}

/// The record after which a snapshot was taken.
struct SnapshotEnd {
    path: PathBuf,
    seq: u64,
    time_ns: u64,
}

fn newest_snapshot(config: &VenueConfig) -> Result<Option<SnapshotEnd>, VenueError> {
    let newest = snapshot::newest_valid(config.dir.snapshots(), None)?.snapshot;
    Ok(newest.map(|Snapshot { path, seq, time_ns, .. }| SnapshotEnd { path, seq, time_ns }))
}

/// A snapshot is written after the journal that it was taken from was synced: the journal has its last record. One
/// with that number and another time is another record, written since by a venue that had lost some.
fn check_snapshot(config: &VenueConfig, newest: Option<&SnapshotEnd>) -> Result<(), VenueError> {
    let Some(SnapshotEnd { path, seq, time_ns }) = newest else { return Ok(()) };
    let dir = config.dir.journal();
    let (snapshot_seq, mut journal_seq) = (*seq, 0);
    if config.dir.folder().has("journal")? {
        let mut reader = Reader::open(&dir, snapshot_seq)?;
        if reader.next()?.is_some_and(|record| (record.seq, record.time_ns) == (*seq, *time_ns)) {
            return Ok(());
        }
        let mut reader = Reader::open(dir, 1)?;
        while let Some(record) = reader.next()? {
            journal_seq = record.seq;
        }
    }
    Err(VenueError::SnapshotAhead { path: path.clone(), snapshot_seq, journal_seq })
}

/// A new venue's id: when and by which process it was made.
fn deployment() -> [u8; 16] {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&now_ns().to_le_bytes());
    id[8..12].copy_from_slice(&std::process::id().to_le_bytes());
    id
}
