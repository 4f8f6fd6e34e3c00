//! Walking a segment record by record, with `pread` only: a bad sector is an error and not a signal.
//!
//! Readers, the audit and recovery all walk with this code.

use crate::disk::{DiskFile, Folder};
use crate::error::{Damage, Error};
use crate::files::{PORTION, is_zero, open_readable};
use crate::header::{SegmentHeader, crc_seed};
use crate::layout::{DATA_START, MAX_PAYLOAD, RECORD_ALIGN, RECORD_HEADER, SEGMENT_MAGIC, padded, record as at};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

/// Bytes that are read at once.
const CHUNK: usize = 256 * 1024;

/// What the next record has to continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chain {
    pub(crate) next_seq: u64,
    pub(crate) crc: u32,
    pub(crate) time_ns: u64,
}

/// A record's header, verified, and where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parsed {
    pub(crate) offset: u64,
    pub(crate) length: u32,
    pub(crate) crc: u32,
    pub(crate) seq: u64,
    pub(crate) time_ns: u64,
    pub(crate) durable: u64,
    pub(crate) key: u64,
    pub(crate) previous_crc: u32,
    pub(crate) kind: u16,
    pub(crate) version: u8,
    pub(crate) flags: u8,
}

/// What lies at an offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// The next record, intact.
    Record(Parsed),
    /// No record is published here.
    End,
    /// Something else.
    Damaged(Damage),
}

/// A segment's file and the part of it that is in memory.
pub(crate) struct Window {
    pub(crate) path: PathBuf,
    pub(crate) number: u64,
    pub(crate) bytes: u64,
    pub(crate) file: Arc<dyn DiskFile>,
    seed: u32,
    buffer: Vec<u8>,
    buffer_at: u64,
}

impl Chain {
    /// What the first record of a segment continues.
    pub(crate) fn at_start(header: &SegmentHeader) -> Chain {
        Chain { next_seq: header.first_seq, crc: header.previous.crc, time_ns: header.previous.time_ns }
    }

    /// The last seq that the chain contains.
    pub(crate) fn last_seq(&self) -> u64 {
        self.next_seq - 1
    }

    pub(crate) fn advance(&mut self, record: &Parsed) {
        *self = Chain { next_seq: record.seq + 1, crc: record.crc, time_ns: record.time_ns };
    }

    /// Whether an intact record is the one that comes next.
    fn check(&self, record: &Parsed) -> Result<(), Damage> {
        if record.seq != self.next_seq {
            return Err(Damage::Sequence { expected: self.next_seq, actual: record.seq });
        }
        #[cfg(feature = "canary")]
        if crate::canary::Canary::PreviousRecord.is_left_out() {
            return Ok(());
        }
        if record.previous_crc != self.crc {
            return Err(Damage::PreviousChecksum { expected: self.crc, actual: record.previous_crc });
        }
        if record.time_ns < self.time_ns {
            return Err(Damage::Time { previous: self.time_ns, actual: record.time_ns });
        }
        if record.durable >= record.seq {
            return Err(Damage::Durable { durable: record.durable });
        }
        Ok(())
    }
}

impl Parsed {
    /// Where the next record begins.
    pub(crate) fn end(&self) -> u64 {
        self.offset + padded(self.length as usize) as u64
    }
}

impl Window {
    /// Opens a segment for reading. Its file has been checked to be `bytes` long.
    pub(crate) fn open(dir: &Folder, path: &Path, number: u64, bytes: u64, salt: u64) -> Result<Window, Error> {
        let file = open_readable(dir, path)?;
        let seed = crc_seed(salt);
        Ok(Window { path: path.to_path_buf(), number, bytes, file, seed, buffer: Vec::new(), buffer_at: 0 })
    }

    /// What lies at `offset`, when `chain` comes before it.
    ///
    /// The writer may be at work: bytes that were read before a record was published are read again, once to see it
    /// and once more because one read may have met it half way.
    pub(crate) fn step(&mut self, offset: u64, chain: &Chain) -> Result<Step, Error> {
        let mut step = self.step_once(offset, chain)?;
        for _ in 0..2 {
            if matches!(step, Step::Record(_)) {
                break;
            }
            self.forget();
            step = self.step_once(offset, chain)?;
            if step == Step::End {
                break;
            }
        }
        Ok(step)
    }

    fn step_once(&mut self, offset: u64, chain: &Chain) -> Result<Step, Error> {
        Ok(match self.parse(offset)? {
            Step::Record(record) => match chain.check(&record) {
                Ok(()) => Step::Record(record),
                Err(damage) => Step::Damaged(damage),
            },
            other => other,
        })
    }

    /// The record at `offset`, whatever it continues.
    pub(crate) fn parse(&mut self, offset: u64) -> Result<Step, Error> {
        let room = self.bytes.saturating_sub(offset);
        if room < RECORD_HEADER as u64 {
            return Ok(Step::End);
        }
        let mut header = [0; RECORD_HEADER];
        header.copy_from_slice(self.slice(offset, RECORD_HEADER)?);
        let length = at::LENGTH.get_u32(&header);
        if length == 0 {
            return Ok(Step::End);
        }
        let size = length as usize;
        if !(RECORD_HEADER..=RECORD_HEADER + MAX_PAYLOAD).contains(&size) || padded(size) as u64 > room {
            return Ok(Step::Damaged(Damage::Length { length, room }));
        }
        let seed = self.seed;
        let bytes = self.slice(offset, padded(size))?;
        let actual = at::CRC.get_u32(&header);
        let expected = record_crc(seed, &header, &bytes[RECORD_HEADER..size]);
        if expected != actual {
            return Ok(Step::Damaged(Damage::Checksum { expected, actual }));
        }
        if !is_zero(&bytes[size..]) {
            return Ok(Step::Damaged(Damage::Padding));
        }
        Ok(Step::Record(decode(&header, offset)))
    }

    /// The payload of a record that was just parsed.
    pub(crate) fn payload(&mut self, record: &Parsed) -> Result<&[u8], Error> {
        self.slice(record.offset + RECORD_HEADER as u64, record.length as usize - RECORD_HEADER)
    }

    /// Bytes of the file.
    pub(crate) fn slice(&mut self, offset: u64, length: usize) -> Result<&[u8], Error> {
        let inside = offset >= self.buffer_at && offset + length as u64 <= self.buffer_at + self.buffer.len() as u64;
        if !inside {
            let take = (self.bytes - offset).min(CHUNK.max(length) as u64) as usize;
            self.buffer.resize(take, 0);
            self.buffer_at = offset;
            if let Err(error) = self.file.read_exact_at(&mut self.buffer, offset) {
                self.forget();
                return Err(self.read_error(error));
            }
        }
        let start = (offset - self.buffer_at) as usize;
        Ok(&self.buffer[start..start + length])
    }

    /// Drops what is in memory: the next access reads the file.
    pub(crate) fn forget(&mut self) {
        self.buffer.clear();
    }

    fn read_error(&self, error: io::Error) -> Error {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            let actual = self.file.length().unwrap_or(0);
            return Error::Truncated { path: self.path.clone(), expected: self.bytes, actual };
        }
        Error::io("read", &self.path, error)
    }

    /// The end of the last byte at or after `from` that is not zero; `from` if there is none.
    pub(crate) fn last_used(&mut self, from: u64) -> Result<u64, Error> {
        let (mut offset, mut used) = (from, from);
        while offset < self.bytes {
            let take = (self.bytes - offset).min(CHUNK as u64) as usize;
            let bytes = self.slice(offset, take)?;
            if !is_zero(bytes) {
                let last = bytes.iter().rposition(|&byte| byte != 0).unwrap_or(0);
                used = offset + last as u64 + 1;
            }
            offset += take as u64;
        }
        Ok(used)
    }

    /// The first byte in `from .. to` that is not zero.
    pub(crate) fn first_used(&mut self, from: u64, to: u64) -> Result<Option<u64>, Error> {
        let mut offset = from;
        while offset < to {
            let take = (to - offset).min(CHUNK as u64) as usize;
            let bytes = self.slice(offset, take)?;
            if !is_zero(bytes) {
                return Ok(bytes.iter().position(|&byte| byte != 0).map(|index| offset + index as u64));
            }
            offset += take as u64;
        }
        Ok(None)
    }

    /// Calls `found` with every intact record that begins in `from .. to`, whatever it continues, as long as its seq
    /// is in `seqs`. Records that overlap are each found: a payload may hold anything.
    pub(crate) fn find_records(
        &mut self,
        from: u64,
        to: u64,
        seqs: std::ops::Range<u64>,
        found: &mut dyn FnMut(&Parsed),
    ) -> Result<(), Error> {
        let mut offset = from.next_multiple_of(RECORD_ALIGN as u64);
        let to = to.min(self.bytes.saturating_sub(RECORD_HEADER as u64 - 1));
        while offset < to {
            let header = self.slice(offset, RECORD_HEADER)?;
            let length = at::LENGTH.get_u32(header) as usize;
            let plausible = length >= RECORD_HEADER && seqs.contains(&at::SEQ.get(header));
            if plausible && let Step::Record(record) = self.parse(offset)? {
                found(&record);
            }
            offset += RECORD_ALIGN as u64;
        }
        Ok(())
    }
}

/// The checksum of a record. The payload goes first and the previous record's checksum last, so that a processor can
/// work on the next record before this one's checksum is known.
#[inline]
pub(crate) fn record_crc(seed: u32, header: &[u8; RECORD_HEADER], payload: &[u8]) -> u32 {
    let mut header = *header;
    header[at::CRC.at..at::CRC.at + 4].fill(0);
    crc32c::crc32c_append(crc32c::crc32c_append(seed, payload), &header)
}

fn decode(header: &[u8; RECORD_HEADER], offset: u64) -> Parsed {
    Parsed {
        offset,
        length: at::LENGTH.get_u32(header),
        crc: at::CRC.get_u32(header),
        seq: at::SEQ.get(header),
        time_ns: at::TIME.get(header),
        durable: at::DURABLE.get(header),
        key: at::KEY.get(header),
        previous_crc: at::PREVIOUS_CRC.get_u32(header),
        kind: at::KIND.get(header) as u16,
        version: at::VERSION.get(header) as u8,
        flags: at::FLAGS.get(header) as u8,
    }
}

/// BLAKE3 of a segment: its header as encoded, then its records up to `tail`. The header holds the hash of the segment
/// before, so this one hash stands for the whole journal up to here.
pub(crate) fn hash_segment(
    file: &dyn DiskFile,
    path: &Path,
    header: &SegmentHeader,
    tail: u64,
) -> Result<[u8; 32], Error> {
    let mut hasher = blake3::Hasher::new();
    let encoded = header.encode();
    debug_assert!(encoded.starts_with(&SEGMENT_MAGIC));
    hasher.update(&encoded);
    let mut buffer = vec![0; PORTION];
    let mut offset = DATA_START;
    while offset < tail {
        let take = (tail - offset).min(buffer.len() as u64) as usize;
        file.read_exact_at(&mut buffer[..take], offset).map_err(|error| Error::io("read", path, error))?;
        hasher.update(&buffer[..take]);
        offset += take as u64;
        thread::yield_now();
    }
    Ok(*hasher.finalize().as_bytes())
}
