//! What a journal is opened with.

use crate::error::Error;
use crate::layout::{DATA_START, MAX_PAYLOAD, RECORD_HEADER};

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
    /// Once it is published in the map: it survives the end of the process, not of the machine.
    Process,
    /// Once an `fdatasync` that covers it has returned: it survives the loss of power, where the device honours flush.
    Group,
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
            Durability::Process => "process",
            Durability::Group => "group",
        }
    }
}

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
