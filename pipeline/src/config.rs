//! Where a venue keeps its files, and how it is run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use papertape_journal::{Disk, Durability, Folder, Hands, Options};

/// The file that says which format the data has.
pub(crate) const VERSION: &str = "VERSION";

use crate::clock::Clock;

/// The folder of a venue's data.
#[derive(Clone, Debug)]
pub struct VenueDir(Folder);

impl VenueDir {
    /// Names the folder; nothing is created.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(Folder::from(&path.into()))
    }

    /// The folder `path` on a disk of the caller's.
    pub fn on(disk: Arc<dyn Disk>, path: impl Into<PathBuf>) -> Self {
        Self(Folder::on(disk, path))
    }

    /// The same folder on another disk: on one that fails, in a test.
    pub fn moved_to(&self, disk: Arc<dyn Disk>) -> Self {
        Self::on(disk, self.path())
    }

    pub(crate) fn folder(&self) -> &Folder {
        &self.0
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The journal's segments.
    pub fn journal(&self) -> Folder {
        self.0.join("journal")
    }

    /// The snapshots.
    pub fn snapshots(&self) -> Folder {
        self.0.join("snapshots")
    }

    /// The file that says which format the data has.
    pub fn version(&self) -> PathBuf {
        self.path().join(VERSION)
    }
}

/// How a venue is run.
#[derive(Clone, Debug)]
pub struct VenueConfig {
    /// Where its data is.
    pub dir: VenueDir,
    /// When an event may leave.
    pub durability: Durability,
    /// Bytes of a journal segment: a multiple of 4096, from 64 KiB to 4 GiB.
    pub segment_bytes: u64,
    /// A snapshot is written after so many records: at boot, when more were replayed, and while the venue runs, by the shadow,
    /// which replays what is durable and never keeps the core waiting. One is always written at a clean stop.
    pub snapshot_after: u64,
    /// The venue states in its journal what its state is ([`crate::Checkpoint`]) after so many records, and in a quiet second
    /// after there were any: `u64::MAX` for never. A shadow finds that out, which keeps a second copy of the state for it.
    pub checkpoint_after: u64,
    /// Commands that may wait; a power of two is chosen. One more is [`crate::Busy`].
    pub inbox_capacity: usize,
    /// Events that the slowest subscriber may be behind; a power of two is chosen. One more stops the core.
    pub outbox_capacity: usize,
    /// Whether [`crate::Client::call`] works: it needs one more thread that reads the outbox.
    pub calls: bool,
    /// Where its time comes from.
    pub clock: Clock,
    /// Whether threads that hand in commands and go on to wait for what comes of them may carry them out in the core's
    /// place, one at a time ([`crate::Client::carry_out`]): where processors are few, another thread on the way costs more
    /// than the command.
    pub lends_core: bool,
    /// Whether the journal has threads for syncing and staging, or [`crate::Core::work`] does it.
    pub hands: Hands,
}

impl VenueConfig {
    /// Defaults: `group` durability, segments of 64 MiB, 16,384 commands in, 65,536 events out, a core that is not lent.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: VenueDir::new(dir),
            durability: Durability::Group,
            segment_bytes: 64 << 20,
            snapshot_after: 1_000_000,
            checkpoint_after: 65_536,
            inbox_capacity: 16_384,
            outbox_capacity: 65_536,
            calls: true,
            clock: Clock::default(),
            lends_core: false,
            hands: Hands::Threads,
        }
    }

    pub(crate) fn options(&self) -> Options {
        Options { segment_bytes: self.segment_bytes, durability: self.durability }
    }
}
