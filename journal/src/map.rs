//! The mapped segment that the writer stores into. The only unsafe code of this crate.
//!
//! No reference into the mapping is ever formed: bytes are copied in through raw pointers by the one owner of the
//! [`Map`], and everybody else (readers, the sync thread, the hash) goes through the file with `pread`.
#![allow(unsafe_code)]

use crate::layout::{HEADER_BYTES, HEADER_COPIES, RECORD_HEADER};
use memmap2::{Advice, MmapOptions, MmapRaw};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A whole segment file, mapped shared and writable. The file has all its blocks (`fallocate`), so a store cannot
/// meet a hole on a full disk.
pub struct Map {
    stores: Stores,
}

/// A disk's own kind of mapping: memory that the operating system does not know as a file.
pub trait Memory: Send + Sync {
    /// How many bytes it has.
    fn bytes(&self) -> usize;

    /// Stores bytes at an offset, both inside of it.
    fn store(&self, offset: usize, bytes: &[u8]);
}

enum Stores {
    File(Arc<MmapRaw>),
    Memory(Arc<dyn Memory>),
}

/// Enters pages of a mapping into the page table, on another thread than the writer's. It never changes a byte. All of it is
/// advice: where the kernel does not know it, the first touch is slower and nothing else.
pub(crate) struct Prefault {
    raw: Option<Arc<MmapRaw>>,
}

impl Prefault {
    /// Whether there is no page table to enter them into.
    pub(crate) fn is_none(&self) -> bool {
        self.raw.is_none()
    }

    /// Enters the pages of a range, so that the first touch of each need not read.
    pub(crate) fn readable(&self, offset: usize, bytes: usize) {
        self.advise(Advice::PopulateRead, offset, bytes);
    }

    /// As `readable`, and takes the page fault of the first store as well. The pages become dirty by that.
    pub(crate) fn writable(&self, offset: usize, bytes: usize) {
        self.advise(Advice::PopulateWrite, offset, bytes);
    }

    fn advise(&self, advice: Advice, offset: usize, bytes: usize) {
        if let Some(raw) = &self.raw {
            let _ = raw.advise_range(advice, offset, bytes);
        }
    }
}

impl Map {
    /// Maps the first `bytes` of `file`. No store happens yet.
    pub(crate) fn new(file: &File, bytes: u64) -> io::Result<Map> {
        let length = usize::try_from(bytes).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        let raw = MmapOptions::new().len(length).map_raw(file)?;
        Ok(Map { stores: Stores::File(Arc::new(raw)) })
    }

    /// A mapping that is a disk's own.
    pub fn of(memory: Arc<dyn Memory>) -> Map {
        Map { stores: Stores::Memory(memory) }
    }

    /// A handle for preparing pages.
    pub(crate) fn prefault(&self) -> Prefault {
        let raw = match &self.stores {
            Stores::File(raw) => Some(Arc::clone(raw)),
            Stores::Memory(_) => None,
        };
        Prefault { raw }
    }

    /// Stores a record at `offset` and publishes it: the length goes last, with release.
    ///
    /// # Panics
    /// If the record does not lie inside the mapping at a multiple of eight: the caller has checked both.
    #[inline]
    pub(crate) fn publish(&mut self, offset: usize, header: &[u8; RECORD_HEADER], payload: &[u8]) {
        let raw = match &self.stores {
            Stores::File(raw) => raw,
            Stores::Memory(memory) => return publish_in(memory.as_ref(), offset, header, payload),
        };
        let room = raw.len().checked_sub(offset).and_then(|left| left.checked_sub(RECORD_HEADER));
        assert!(offset.is_multiple_of(8) && room.is_some_and(|room| payload.len() <= room));
        let length = u32::from_ne_bytes([header[0], header[1], header[2], header[3]]);
        let base = raw.as_mut_ptr();
        // SAFETY: the assertion above keeps `offset .. offset + 48 + payload.len()` inside the mapping, which lives as
        // long as `self`. `&mut self` makes this the only store in this process, and no reference into the mapping
        // exists anywhere; a `Prefault` asks the kernel for pages and stores nothing. `payload` and `header` are
        // ordinary memory and do not overlap the mapping. The mapping begins on a page and `offset` is a multiple of
        // eight, so the length is aligned for an atomic store. The file is never cut while it is mapped: the directory
        // lock keeps other writers of this program out, and a foreign `truncate` would end the process with SIGBUS,
        // which is not undefined behaviour.
        unsafe {
            let record = base.add(offset);
            std::ptr::copy_nonoverlapping(payload.as_ptr(), record.add(RECORD_HEADER), payload.len());
            std::ptr::copy_nonoverlapping(header.as_ptr().add(4), record.add(4), RECORD_HEADER - 4);
            AtomicU32::from_ptr(record.cast()).store(length, Ordering::Release);
        }
    }

    /// Stores both copies of the segment's header.
    pub(crate) fn store_header(&mut self, header: &[u8; HEADER_BYTES]) {
        let raw = match &self.stores {
            Stores::File(raw) => raw,
            Stores::Memory(memory) => {
                return HEADER_COPIES.iter().for_each(|&offset| memory.store(offset as usize, header));
            }
        };
        for offset in HEADER_COPIES {
            let offset = offset as usize;
            assert!(offset + HEADER_BYTES <= raw.len());
            // SAFETY: inside the mapping by the assertion; otherwise as in `publish`.
            unsafe {
                std::ptr::copy_nonoverlapping(header.as_ptr(), raw.as_mut_ptr().add(offset), HEADER_BYTES);
            }
        }
    }
}

/// As `publish` does it, for a disk's own memory.
#[cold]
fn publish_in(memory: &dyn Memory, offset: usize, header: &[u8; RECORD_HEADER], payload: &[u8]) {
    assert!(offset + RECORD_HEADER + payload.len() <= memory.bytes());
    memory.store(offset + RECORD_HEADER, payload);
    memory.store(offset + 4, &header[4..]);
    memory.store(offset, &header[..4]);
}
