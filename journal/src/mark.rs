//! The watermark: which seq was durable, told by a file of its own.
//!
//! A record says which seqs before it were durable; of the very last ones no record says so. Under
//! [`Durability::GroupMark`](crate::Durability::GroupMark) each commit writes its seq here, and syncs that as well,
//! before anybody is told. What lies at or below the watermark and is damaged was damaged after it was durable.

use crate::disk::{DiskFile, Folder};
use crate::error::{Error, Failure, HeaderDamage};
use crate::files::{length, open_readable, open_writable};
use crate::header::SegmentHeader;
use crate::layout::{FORMAT_MAJOR, FORMAT_MINOR, MARK_BYTES, MARK_MAGIC, MARK_SLOTS, mark as at};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// The file's name in the journal's directory.
pub(crate) const NAME: &str = "watermark";
const FILE_BYTES: usize = 8192;

/// Writes the watermark, one slot after the other, so that one is intact at every moment.
pub(crate) struct Marker {
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    deployment: [u8; 16],
    generation: u64,
    last: Mutex<Mark>,
}

/// A watermark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    deployment: [u8; 16],
    generation: u64,
    seq: u64,
    /// How many were written, this one included.
    count: u64,
}

impl Marker {
    /// Opens the file, or makes it.
    pub(crate) fn open(dir: &Folder, header: &SegmentHeader, generation: u64) -> Result<Marker, Error> {
        let path = dir.path.join(NAME);
        let none = Mark { deployment: header.deployment, generation, seq: 0, count: 0 };
        let last = match read(dir, &header.deployment)? {
            Some(last) => last,
            None => {
                dir.write(NAME, &none.file())?;
                none
            }
        };
        let file = open_writable(dir, &path)?;
        Ok(Marker { file, path, deployment: header.deployment, generation, last: Mutex::new(last) })
    }

    /// Returns once the disk says that `seq` is durable. A seq that it said before is none.
    pub(crate) fn set(&self, seq: u64) -> Result<(), Failure> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if seq <= last.seq {
            return Ok(());
        }
        let mark =
            Mark { deployment: self.deployment, generation: self.generation, seq, count: last.count.wrapping_add(1) };
        let slot = MARK_SLOTS[(mark.count % 2) as usize];
        let written = self.file.write_all_at(&mark.encode(), slot).and_then(|()| self.file.sync());
        written.map_err(|cause| Failure { op: "write", path: self.path.clone(), cause: Arc::new(cause) })?;
        *last = mark;
        Ok(())
    }
}

/// The seq that the watermark says was durable, 0 if there is none. One of another journal is refused.
pub(crate) fn marked_seq(dir: &Folder, deployment: &[u8; 16]) -> Result<u64, Error> {
    Ok(read(dir, deployment)?.map_or(0, |mark| mark.seq))
}

/// Where the watermark is, if there is one.
pub(crate) fn mark_path(dir: &Folder) -> Result<Option<PathBuf>, Error> {
    let path = dir.path.join(NAME);
    Ok(length(dir, &path)?.map(|_| path))
}

fn read(dir: &Folder, deployment: &[u8; 16]) -> Result<Option<Mark>, Error> {
    let Some(path) = mark_path(dir)? else { return Ok(None) };
    let file = open_readable(dir, &path)?;
    let mut slots = [[0; MARK_BYTES]; 2];
    for (slot, offset) in slots.iter_mut().zip(MARK_SLOTS) {
        file.read_exact_at(slot, offset).map_err(|error| Error::io("read", &path, error))?;
    }
    match slots.iter().filter_map(Mark::decode).max_by_key(|mark| mark.count) {
        None => Err(Error::header(&path, 0, HeaderDamage::Lost)),
        Some(mark) if mark.deployment != *deployment => Err(Error::header(&path, 0, HeaderDamage::Deployment)),
        Some(mark) => Ok(Some(mark)),
    }
}

impl Mark {
    /// A new file, with both slots alike: so one is intact from the beginning.
    fn file(&self) -> [u8; FILE_BYTES] {
        let mut bytes = [0; FILE_BYTES];
        for slot in MARK_SLOTS {
            bytes[slot as usize..slot as usize + MARK_BYTES].copy_from_slice(&self.encode());
        }
        bytes
    }

    fn encode(&self) -> [u8; MARK_BYTES] {
        let mut bytes = [0; MARK_BYTES];
        let out = &mut bytes[..];
        at::MAGIC.put_bytes(out, &MARK_MAGIC);
        at::MAJOR.put(out, u64::from(FORMAT_MAJOR));
        at::MINOR.put(out, u64::from(FORMAT_MINOR));
        at::DEPLOYMENT.put_bytes(out, &self.deployment);
        at::GENERATION.put(out, self.generation);
        at::SEQ.put(out, self.seq);
        at::COUNT.put(out, self.count);
        let crc = crc32c::crc32c(&out[..at::CRC.at]);
        at::CRC.put(out, u64::from(crc));
        bytes
    }

    fn decode(bytes: &[u8; MARK_BYTES]) -> Option<Mark> {
        let whole = at::CRC.get_u32(bytes) == crc32c::crc32c(&bytes[..at::CRC.at]);
        (whole && at::MAGIC.get_bytes(bytes) == MARK_MAGIC).then(|| Mark {
            deployment: at::DEPLOYMENT.get_bytes(bytes),
            generation: at::GENERATION.get(bytes),
            seq: at::SEQ.get(bytes),
            count: at::COUNT.get(bytes),
        })
    }
}
