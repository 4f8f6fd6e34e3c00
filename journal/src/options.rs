//! What a journal is opened with.

use crate::error::Error;
use crate::layout::{DATA_START, MAX_PAYLOAD, RECORD_HEADER};
use std::fmt;
use std::str::FromStr;

/// How a journal is written. The size may change from one opening to the next; it holds for segments made from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Bytes of a segment's file: a multiple of 4096, from 64 KiB to 4 GiB. Two such files are there from the start.
    pub segment_bytes: u64,
    /// When a record counts as durable.
    pub durability: Durability,
}

/// When a record counts as durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// At once: whoever writes may tell of what it has not even appended yet. It survives nothing but a clean end. The
    /// journal itself makes no difference between this and `Process`.
    Memory,
    /// Once it is published in the map: it survives the end of the process, not of the machine.
    Process,
    /// As `Process`, and every so many milliseconds what is published is synced: the loss of power takes at most the
    /// last interval, and what a sync that was under way had not written.
    Interval {
        /// Milliseconds between two syncs, from 1.
        ms: u32,
    },
    /// Once an `fdatasync` that covers it has returned: it survives the loss of power, where the device honours flush.
    Group,
    /// As `Group`, and a watermark that says so was synced as well: if the last records rot before a later one proves
    /// that they were durable, that is seen. It costs a second sync for each commit.
    GroupMark,
}

/// Who does the work that the writer does not wait for: syncing, sealing, staging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hands {
    /// Threads of the journal's own.
    #[default]
    Threads,
    /// Whoever calls [`crate::Journal::work`]: then the order of everything is the caller's, and repeats.
    Caller,
}

/// Who writes, and when. Used for what is new: a journal keeps the deployment it was created with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Identity {
    /// The venue's id, for a new journal.
    pub deployment: [u8; 16],
    /// The time of the opening in nanoseconds.
    pub now_ns: u64,
    /// Hash of the version of the rules that records from now on are decided by.
    pub rules: [u8; 32],
    /// Hash of the version of the schema of the payloads from now on.
    pub schema: [u8; 32],
}

impl Default for Options {
    fn default() -> Options {
        Options { segment_bytes: 256 << 20, durability: Durability::Group }
    }
}

impl Durability {
    /// The level's name, as acknowledgements state it.
    pub fn name(self) -> &'static str {
        match self {
            Durability::Memory => "memory",
            Durability::Process => "process",
            Durability::Interval { .. } => "interval",
            Durability::Group => "group",
            Durability::GroupMark => "group+mark",
        }
    }

    /// Whether a record has to wait for a sync before it counts as durable.
    pub fn waits_for_sync(self) -> bool {
        matches!(self, Durability::Group | Durability::GroupMark)
    }

    /// Whether nothing is synced before somebody asks for it: see [`crate::DurableCursor::ask`].
    pub(crate) fn syncs_when_asked(self) -> bool {
        matches!(self, Durability::Memory | Durability::Process)
    }

    /// Whether what is acknowledged at this level is at least as safe as at `other`.
    pub fn is_at_least(self, other: Durability) -> bool {
        match (self, other) {
            (Durability::Interval { ms }, Durability::Interval { ms: other }) => ms <= other,
            _ => self.rank() >= other.rank(),
        }
    }

    fn rank(self) -> u8 {
        match self {
            Durability::Memory => 0,
            Durability::Process => 1,
            Durability::Interval { .. } => 2,
            Durability::Group => 3,
            Durability::GroupMark => 4,
        }
    }
}

impl fmt::Display for Durability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Durability::Interval { ms } => write!(f, "interval:{ms}"),
            other => f.write_str(other.name()),
        }
    }
}

impl FromStr for Durability {
    type Err = UnknownDurability;

    fn from_str(text: &str) -> Result<Durability, UnknownDurability> {
        match text {
            "memory" => Ok(Durability::Memory),
            "process" => Ok(Durability::Process),
            "group" => Ok(Durability::Group),
            "group+mark" => Ok(Durability::GroupMark),
            _ => {
                let ms = text.strip_prefix("interval:").and_then(|ms| ms.parse().ok());
                ms.filter(|&ms| ms > 0).map(|ms| Durability::Interval { ms }).ok_or(UnknownDurability)
            }
        }
    }
}

/// A text that names no durability level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownDurability;

impl fmt::Display for UnknownDurability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a durability level is memory, process, interval:MS (milliseconds, from 1), group or group+mark")
    }
}

impl std::error::Error for UnknownDurability {}

impl Options {
    pub(crate) fn check(&self) -> Result<(), Error> {
        let given = self.segment_bytes;
        let allowed = (64 << 10..=4 << 30).contains(&given) && given.is_multiple_of(4096);
        if allowed { Ok(()) } else { Err(Error::SegmentBytes { given }) }
    }

    /// The largest payload that a segment of this size holds.
    pub(crate) fn max_payload(&self) -> usize {
        MAX_PAYLOAD.min((self.segment_bytes - DATA_START) as usize - RECORD_HEADER)
    }
}
