//! One hash that stands for the journal up to a record.

use crate::disk::Folder;
use crate::error::{Error, HeaderDamage};
use crate::files::{open_readable, segment_path};
use crate::header::{HeaderRead, read_live_header};
use crate::layout::{RECORD_HEADER, padded};
use crate::reader::Reader;
use crate::scan::hash_segment;

/// What one record, and through the chain everything before it, comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The venue's id.
    pub deployment: [u8; 16],
    /// The record.
    pub seq: u64,
    /// Its time in nanoseconds.
    pub time_ns: u64,
    /// BLAKE3 of its segment up to its end. The segment's header holds the hash of the segment before.
    pub hash: [u8; 32],
}

/// The link at `seq`, or nothing if the journal does not go so far. The records of its segment are verified on the way;
/// those of the segments before stand in the header, and [`crate::verify`] looks at them.
///
/// In the moment after a roll the header may not have the hash of the segment before yet: that is an error
/// ([`HeaderDamage::Unsealed`]), and a later call will do.
pub fn link(dir: impl Into<Folder>, seq: u64) -> Result<Option<Link>, Error> {
    let dir = dir.into();
    let mut reader = Reader::open(&dir, seq)?;
    let (number, end, time_ns) = match reader.next()? {
        Some(record) if record.seq == seq => {
            let bytes = padded(RECORD_HEADER + record.payload.len()) as u64;
            (record.segment, record.offset + bytes, record.time_ns)
        }
        _ => return Ok(None),
    };
    let path = segment_path(&dir, number);
    let file = open_readable(&dir, &path)?;
    let HeaderRead::Intact { header, .. } = read_live_header(file.as_ref(), &path)? else {
        return Err(Error::header(&path, 0, HeaderDamage::Lost));
    };
    if number > 1 && header.previous.hash.is_none() {
        return Err(Error::header(&path, 0, HeaderDamage::Unsealed));
    }
    let hash = hash_segment(file.as_ref(), &path, &header, end)?;
    Ok(Some(Link { deployment: header.deployment, seq, time_ns, hash }))
}
