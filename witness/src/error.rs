//! What can go wrong.

use crate::hex::to_hex;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a checkpoint could not be made or checked.
#[derive(Debug)]
pub enum CheckpointError {
    /// A call to the operating system failed.
    Io {
        /// What was attempted.
        op: &'static str,
        /// The file.
        path: PathBuf,
        /// The answer.
        source: io::Error,
    },
    /// A file is not what it should be.
    Format {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Others than the owner may read the key.
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds no key.
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// The key that the newest statement names is not in this file.
    OtherKey {
        /// The file.
        path: PathBuf,
    },
    /// The system gives no randomness.
    Randomness(String),
    /// The journal could not be read, or is damaged.
    Journal(papertape_journal::Error),
    /// The journal has no record to sign.
    Empty,
    /// A statement is false: somebody wrote the journal, or the statement, anew.
    False {
        /// The statement's file.
        path: PathBuf,
        /// In which way.
        flaw: Flaw,
    },
}

/// In which way a statement is false.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// The signature is not that of the key that it names.
    Signature,
    /// The key was not named by the one before it, or not for this record.
    Key {
        /// The key.
        key: [u8; 32],
    },
    /// It is about another venue.
    Deployment,
    /// It does not continue the checkpoint before it.
    Previous,
    /// Its record is of another time.
    Time {
        /// As signed, in nanoseconds.
        signed: u64,
        /// As it is.
        found: u64,
    },
    /// The journal ends before its record.
    Missing {
        /// The record.
        seq: u64,
    },
    /// The journal up to its record is another one.
    Chain {
        /// As signed.
        signed: [u8; 32],
        /// As it is.
        found: [u8; 32],
    },
    /// The state after its record is another one.
    State {
        /// As signed.
        signed: [u8; 32],
        /// As it is.
        found: [u8; 32],
    },
}

impl CheckpointError {
    /// What was checked is not what was signed.
    pub fn is_corruption(&self) -> bool {
        match self {
            CheckpointError::False { .. } | CheckpointError::Format { .. } => true,
            CheckpointError::Journal(error) => error.is_corruption(),
            _ => false,
        }
    }
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckpointError::Io { op, path, .. } => write!(f, "cannot {op} {}", path.display()),
            CheckpointError::Format { path, why } => write!(f, "{} is no statement: {why}", path.display()),
            CheckpointError::Exposed { path, mode } => {
                write!(f, "the key {} has mode {mode:04o}: others may read it; make it 0400", path.display())
            }
            CheckpointError::NoKey { path } => write!(f, "{} holds no key: 64 hexadecimal digits", path.display()),
            CheckpointError::OtherKey { path } => write!(
                f,
                "{} is not the key that the newest statement names: put that one back, or begin anew with another folder of statements",
                path.display()
            ),
            CheckpointError::Randomness(why) => write!(f, "the system gives no randomness for a new key: {why}"),
            CheckpointError::Journal(error) => error.fmt(f),
            CheckpointError::Empty => write!(f, "the journal has no record"),
            CheckpointError::False { path, flaw } => write!(f, "{}: {flaw}", path.display()),
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Signature => write!(f, "it was not signed by the key that it names"),
            Flaw::Key { key } => write!(f, "the key {} is none of those that may sign here", to_hex(key)),
            Flaw::Deployment => write!(f, "it is about another venue"),
            Flaw::Previous => write!(f, "it does not continue the statement before it"),
            Flaw::Time { signed, found } => write!(f, "its record is of {found}, signed was {signed}"),
            Flaw::Missing { seq } => write!(f, "the journal ends before record {seq}"),
            Flaw::Chain { signed, found } => {
                write!(f, "the journal comes to {}, signed was {}", to_hex(found), to_hex(signed))
            }
            Flaw::State { signed, found } => {
                write!(f, "the state comes to {}, signed was {}", to_hex(found), to_hex(signed))
            }
        }
    }
}

impl std::error::Error for CheckpointError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            CheckpointError::Io { source, .. } => Some(source),
            CheckpointError::Journal(error) => std::error::Error::source(error),
            _ => None,
        }
    }
}

impl From<papertape_journal::Error> for CheckpointError {
    fn from(error: papertape_journal::Error) -> CheckpointError {
        CheckpointError::Journal(error)
    }
}
