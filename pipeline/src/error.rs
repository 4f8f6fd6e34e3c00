//! Why a venue cannot be opened, or stopped.

use std::fmt;
use std::io;
use std::path::PathBuf;

use papertape_engine::{DecodeError, RestoreError};
use papertape_journal as journal;

use crate::checkpoints::CheckpointFlaw;

/// A failure names the place.
#[derive(Debug)]
pub enum VenueError {
    /// The journal cannot be read, written or locked.
    Journal(journal::Error),
    /// A record is whole, and no command of this program.
    Command {
        /// Its number.
        seq: u64,
        /// Why.
        cause: DecodeError,
    },
    /// A snapshot is whole, and no state of this program.
    Snapshot {
        /// Its file.
        path: PathBuf,
        /// Why.
        cause: RestoreError,
    },
    /// A snapshot holds what the journal that it was taken from does not have.
    SnapshotAhead {
        /// Its file.
        path: PathBuf,
        /// The last record that it holds.
        snapshot_seq: u64,
        /// The last record of the journal.
        journal_seq: u64,
    },
    /// The journal states something of a record that a replay does not come to.
    Checkpoint {
        /// The record that states it.
        seq: u64,
        /// What is not so.
        flaw: CheckpointFlaw,
    },
    /// The folder was written by a program of another version.
    Version {
        /// The file that says so.
        path: PathBuf,
        /// What it says.
        found: String,
        /// The one that this program knows.
        supported: u32,
    },
    /// The folder is not a venue's.
    NoVenue(PathBuf),
    /// A thread cannot be started, or a file cannot be written.
    Io {
        /// What was done.
        op: &'static str,
        /// The error.
        cause: io::Error,
    },
    /// The core stopped by itself.
    Failed(String),
}

impl fmt::Display for VenueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VenueError::Journal(error) => error.fmt(f),
            VenueError::Command { seq, cause } => write!(f, "record {seq} is not a command: {cause}"),
            VenueError::Snapshot { path, cause } => write!(f, "{}: {cause}", path.display()),
            VenueError::SnapshotAhead { path, snapshot_seq, journal_seq } => write!(
                f,
                "{} holds the state after record {snapshot_seq}, which the journal, that ends at {journal_seq}, does not \
                 have: records are missing; restore the journal, or move the snapshot away to go on without them",
                path.display()
            ),
            VenueError::Version { path, found, supported } => write!(
                f,
                "{} says version \"{found}\", this program knows version {supported}: use the program that wrote it",
                path.display()
            ),
            VenueError::Checkpoint { seq, flaw } => write!(f, "record {seq} states what is not so: {flaw}"),
            VenueError::NoVenue(path) => write!(f, "{} holds no venue's data", path.display()),
            VenueError::Io { op, cause } => write!(f, "cannot {op}: {cause}"),
            VenueError::Failed(why) => write!(f, "the venue has stopped: {why}"),
        }
    }
}

impl std::error::Error for VenueError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            VenueError::Journal(error) => error.source(),
            VenueError::Command { cause, .. } => Some(cause),
            VenueError::Snapshot { cause, .. } => Some(cause),
            VenueError::Io { cause, .. } => Some(cause),
            _ => None,
        }
    }
}

impl From<journal::Error> for VenueError {
    fn from(error: journal::Error) -> Self {
        VenueError::Journal(error)
    }
}
