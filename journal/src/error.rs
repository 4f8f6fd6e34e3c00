//! What can go wrong, with the place and both values.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Every failure of this crate. `Display` is one lower-case sentence; the operating system's cause is in `source()`.
#[derive(Debug)]
pub enum Error {
    /// A call to the operating system failed on `path`.
    Io {
        /// What was attempted, as in "cannot `op` `path`".
        op: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// There is no room for `path` on its file system. Nothing was written half: the same call may be tried again.
    DiskFull {
        /// The file that needs room.
        path: PathBuf,
        /// Bytes asked for.
        needed: u64,
        /// The operating system's answer.
        source: io::Error,
    },
    /// The directory, or a file in it, may not be written.
    ReadOnly {
        /// The file or directory.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// Another process (or another handle in this one) holds the directory.
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it, if it left its id.
        pid: Option<u32>,
    },
    /// The directory lies on a network file system, on which a mapped journal cannot keep its word.
    NetworkFileSystem {
        /// The directory.
        path: PathBuf,
        /// Which.
        kind: &'static str,
    },
    /// An option is outside its range.
    SegmentBytes {
        /// What was given.
        given: u64,
    },
    /// A file of a format that this program does not know.
    Format {
        /// The file.
        path: PathBuf,
        /// The major version in the file.
        found: u16,
        /// The major version of this program.
        supported: u16,
    },
    /// A file that is not of its full length. No crash does this: files get their full length before they get their name.
    Truncated {
        /// The file.
        path: PathBuf,
        /// The length it must have, in bytes.
        expected: u64,
        /// The length it has, in bytes.
        actual: u64,
    },
    /// A segment is missing from the middle of the journal.
    MissingSegment {
        /// The journal's directory.
        dir: PathBuf,
        /// The number that should come next.
        expected: u64,
        /// The number that was found instead.
        found: u64,
    },
    /// A segment's header is damaged, or contradicts its neighbours.
    Header {
        /// The segment file.
        segment: PathBuf,
        /// Byte offset of the damaged copy or field.
        offset: u64,
        /// Which rule it breaks.
        damage: HeaderDamage,
    },
    /// The records are damaged in a way that one crash cannot cause, or in a place that was proven durable.
    Corrupt(Box<Corruption>),
    /// A payload does not fit.
    PayloadTooLong {
        /// Bytes given.
        length: usize,
        /// Bytes allowed: 64 KiB, or what one segment can hold.
        max: usize,
    },
    /// A record's time lies before that of the record before it.
    TimeBackwards {
        /// The last record's time in nanoseconds.
        previous: u64,
        /// The time given, in nanoseconds.
        given: u64,
    },
    /// The kind belongs to the journal itself.
    ReservedKind {
        /// The kind given.
        kind: u16,
    },
    /// A sync failed earlier. The kernel may have dropped the data, so a retry would prove nothing: the process must
    /// end (exit code 74) and start again from what the disk holds.
    Poisoned(Failure),
    /// A snapshot that does not verify.
    Snapshot {
        /// The snapshot file.
        path: PathBuf,
        /// Why it is refused.
        damage: SnapshotDamage,
    },
}

/// Where the records stop making sense, why, and what makes it corruption instead of a torn tail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corruption {
    /// The segment file.
    pub segment: PathBuf,
    /// The segment's number, from 1.
    pub number: u64,
    /// Byte offset in the file at which the damaged record (or byte) lies.
    pub offset: u64,
    /// The seq that this place should hold.
    pub seq: u64,
    /// The last seq that is intact, 0 if none is.
    pub last_good_seq: u64,
    /// What is wrong there.
    pub damage: Damage,
    /// Why it cannot be a torn tail.
    pub proof: Proof,
}

/// What is wrong with a record, or with the bytes around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// Bytes follow the last published record, and none of them is published.
    Unpublished,
    /// The record's length cannot be.
    Length {
        /// The length found, header included.
        length: u32,
        /// Bytes left in the segment.
        room: u64,
    },
    /// The record's bytes do not have its checksum.
    Checksum {
        /// The checksum of the bytes.
        expected: u32,
        /// The checksum found in the record.
        actual: u32,
    },
    /// The bytes that fill the record up to a multiple of eight are not zero.
    Padding,
    /// The record is intact, but it is another one.
    Sequence {
        /// The seq that comes next.
        expected: u64,
        /// The seq found.
        actual: u64,
    },
    /// The record is intact, but continues another record than the one before it.
    PreviousChecksum {
        /// The checksum of the record before it.
        expected: u32,
        /// The one it names.
        actual: u32,
    },
    /// The record is older than the one before it.
    Time {
        /// Time of the record before it, in nanoseconds.
        previous: u64,
        /// Its own time.
        actual: u64,
    },
    /// The record claims that it, or a later one, was durable before it was written.
    Durable {
        /// The seq it claims durable.
        durable: u64,
    },
    /// The records of the segment end elsewhere than the next segment's header says.
    Tail {
        /// The offset at which the next header says they end.
        expected: u64,
        /// The offset at which they end.
        actual: u64,
    },
    /// Space that must be zero is not.
    NotZero,
    /// No record is published where one must be.
    Missing,
    /// The segment's BLAKE3 hash is not the one in the next segment's header.
    Hash {
        /// The hash in the next header.
        expected: [u8; 32],
        /// The hash of the bytes.
        actual: [u8; 32],
    },
}

/// Why damage cannot be the torn tail of one crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The segment was synced and sealed: its hash is in the next segment's header.
    Sealed,
    /// A later, intact record says that this seq was durable when it was written.
    ProvenBy {
        /// The later record.
        seq: u64,
        /// The segment it lies in.
        segment: u64,
        /// Its offset there.
        offset: u64,
        /// The seq it names as durable.
        durable: u64,
    },
    /// The record is intact by its own checksum but does not continue the chain: a crash cannot write it.
    Chain,
    /// The watermark says that this seq was durable.
    Watermark {
        /// The seq that it names.
        seq: u64,
    },
    /// A reader met it in a segment that is not sealed: recovery will say whether it is torn or corrupt.
    Unjudged,
}

/// What is wrong with a segment's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderDamage {
    /// Neither copy is intact.
    Lost,
    /// One copy is damaged, or the two differ. The journal can still be opened with the other.
    Copy,
    /// Space around the copies, which must be zero, is not.
    NotZero,
    /// The header's number is not the file's.
    Number {
        /// From the file's name.
        expected: u64,
        /// In the header.
        actual: u64,
    },
    /// The first seq does not continue the segment before it.
    FirstSeq {
        /// At least, or exactly, this.
        expected: u64,
        /// In the header.
        actual: u64,
    },
    /// The deployment is not that of the first segment.
    Deployment,
    /// The previous segment's hash is missing although later segments exist.
    Unsealed,
    /// The checksum of the previous segment's last record is another one.
    PreviousChecksum {
        /// That of the record.
        expected: u32,
        /// In the header.
        actual: u32,
    },
}

/// What is wrong with a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotDamage {
    /// It does not begin like a snapshot.
    Magic,
    /// It is shorter or longer than it says.
    Length {
        /// Bytes by its header.
        expected: u64,
        /// Bytes there are.
        actual: u64,
    },
    /// Its hash is another one.
    Hash,
    /// The seq in the file is not the one in its name.
    Seq {
        /// From the name.
        expected: u64,
        /// In the file.
        actual: u64,
    },
}

/// The first sync that failed. Cheap to clone; kept for as long as the journal lives.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What was attempted.
    pub op: &'static str,
    /// The file.
    pub path: PathBuf,
    /// The operating system's answer.
    pub cause: Arc<io::Error>,
}

impl Error {
    /// The files were altered, damaged or are missing: the command ends with exit code 65.
    pub fn is_corruption(&self) -> bool {
        matches!(
            self,
            Error::Corrupt(_)
                | Error::Header { .. }
                | Error::Truncated { .. }
                | Error::MissingSegment { .. }
                | Error::Snapshot { .. }
        )
    }

    /// Sorts an operating system's error into full disk, read-only, and the rest.
    pub(crate) fn io(op: &'static str, path: &Path, source: io::Error) -> Error {
        Error::io_needing(op, path, 0, source)
    }

    pub(crate) fn io_needing(op: &'static str, path: &Path, needed: u64, source: io::Error) -> Error {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::DiskFull { path, needed, source },
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Error::ReadOnly { path, source },
            _ => Error::Io { op, path, source },
        }
    }

    pub(crate) fn header(segment: &Path, offset: u64, damage: HeaderDamage) -> Error {
        Error::Header { segment: segment.to_path_buf(), offset, damage }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { source, .. } | Error::DiskFull { source, .. } | Error::ReadOnly { source, .. } => Some(source),
            Error::Poisoned(failure) => Some(failure.cause.as_ref()),
            _ => None,
        }
    }
}
