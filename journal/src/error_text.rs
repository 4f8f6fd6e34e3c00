//! The words of every error: one lower-case sentence each, with the place and both values.

use crate::error::{Corruption, Damage, Error, HeaderDamage, Proof, SnapshotDamage};
use std::fmt;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Io { op, path, .. } => write!(f, "cannot {op} {}", path.display()),
            Error::DiskFull { path, needed: 0, .. } => write!(f, "no room on the disk for {}", path.display()),
            Error::DiskFull { path, needed, .. } => {
                write!(f, "no room on the disk for {}, which needs {needed} bytes", path.display())
            }
            Error::ReadOnly { path, .. } => write!(f, "{} may not be written", path.display()),
            Error::Locked { path, pid: Some(pid) } => write!(f, "{} is held by process {pid}", path.display()),
            Error::Locked { path, pid: None } => write!(f, "{} is held by another process", path.display()),
            Error::NetworkFileSystem { path, kind } => {
                write!(
                    f,
                    "{} lies on a network file system ({kind}): a journal needs a disk of this machine",
                    path.display()
                )
            }
            Error::SegmentBytes { given } => {
                write!(f, "a segment of {given} bytes: it must be a multiple of 4096, from 65536 to 4294967296")
            }
            Error::Format { path, found, supported } => {
                write!(f, "{} has format {found}, this program reads format {supported}", path.display())
            }
            Error::Truncated { path, expected, actual } => {
                write!(f, "{} is {actual} bytes long and must be {expected}", path.display())
            }
            Error::MissingSegment { dir, expected, found } => {
                write!(f, "segment {expected} is missing in {}: the next one there is {found}", dir.display())
            }
            Error::Header { segment, offset, damage } => {
                write!(f, "segment {} offset {offset}: {damage}", segment.display())
            }
            Error::Corrupt(corruption) => corruption.fmt(f),
            Error::PayloadTooLong { length, max } => write!(f, "a payload of {length} bytes: at most {max} fit"),
            Error::TimeBackwards { previous, given } => {
                write!(f, "time {given} ns lies before {previous} ns, the time of the last record")
            }
            Error::ReservedKind { kind } => write!(f, "kind {kind:#06x} is written by the journal itself"),
            Error::Poisoned(failure) => {
                write!(f, "the journal stopped: could not {} {}", failure.op, failure.path.display())
            }
            Error::Snapshot { path, damage } => write!(f, "snapshot {}: {damage}", path.display()),
        }
    }
}

impl fmt::Display for Corruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Corruption { segment, offset, seq, last_good_seq, damage, proof, .. } = self;
        write!(
            f,
            "segment {} offset {offset} seq {seq}: {damage}; {proof}; the last good seq is {last_good_seq}",
            segment.display()
        )
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damage::Unpublished => write!(f, "bytes without a published record"),
            Damage::Length { length, room } => write!(f, "a record of {length} bytes where {room} are left"),
            Damage::Checksum { expected, actual } => {
                write!(f, "checksum {actual:08x} but the bytes give {expected:08x}")
            }
            Damage::Padding => write!(f, "the record's padding is not zero"),
            Damage::Sequence { expected, actual } => write!(f, "seq {actual} where {expected} comes next"),
            Damage::PreviousChecksum { expected, actual } => {
                write!(f, "continues a record with checksum {actual:08x}, the one before it has {expected:08x}")
            }
            Damage::Time { previous, actual } => write!(f, "time {actual} ns lies before {previous} ns"),
            Damage::Durable { durable } => write!(f, "claims that seq {durable} was durable before it was written"),
            Damage::Tail { expected, actual } => {
                write!(f, "records end at {actual}, the next segment's header says {expected}")
            }
            Damage::Missing => write!(f, "no record is published"),
            Damage::NotZero => write!(f, "unused space is not zero"),
            Damage::Hash { expected, actual } => {
                write!(f, "hash {} but the next segment's header says {}", Hex(actual), Hex(expected))
            }
        }
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Proof::Sealed => write!(f, "the segment is sealed"),
            Proof::ProvenBy { seq, segment, offset, durable } => {
                write!(f, "seq {seq} (segment {segment} offset {offset}) proves that seq {durable} was durable")
            }
            Proof::Watermark { seq } => write!(f, "the watermark says that seq {seq} was durable"),
            Proof::Chain => write!(f, "what is intact there is in the wrong place"),
            Proof::Unjudged => write!(f, "the segment is not sealed, recovery will judge"),
        }
    }
}

impl fmt::Display for HeaderDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeaderDamage::Lost => write!(f, "neither copy of the segment's header is intact"),
            HeaderDamage::Copy => write!(f, "this copy of the segment's header is damaged or differs from the other"),
            HeaderDamage::NotZero => write!(f, "unused space around the segment's header is not zero"),
            HeaderDamage::Number { expected, actual } => {
                write!(f, "the header says segment {actual}, the name {expected}")
            }
            HeaderDamage::FirstSeq { expected, actual } => {
                write!(f, "the header's first seq is {actual} where {expected} comes next")
            }
            HeaderDamage::Deployment => write!(f, "the header names another deployment than the first segment"),
            HeaderDamage::Unsealed => write!(f, "the header lacks the previous segment's hash"),
            HeaderDamage::PreviousChecksum { expected, actual } => {
                write!(f, "the header continues checksum {actual:08x}, the previous segment ends with {expected:08x}")
            }
        }
    }
}

impl fmt::Display for SnapshotDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SnapshotDamage::Magic => write!(f, "does not begin like a snapshot"),
            SnapshotDamage::Length { expected, actual } => write!(f, "{actual} bytes long and must be {expected}"),
            SnapshotDamage::Hash => write!(f, "its bytes do not have its hash"),
            SnapshotDamage::Seq { expected, actual } => write!(f, "holds seq {actual}, its name says {expected}"),
        }
    }
}

/// Prints bytes as hexadecimal digits.
struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
