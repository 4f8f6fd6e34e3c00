//! The audit: every byte of the journal, from the first header to the tip.

use crate::disk::Folder;
use crate::error::{Corruption, Damage, Error, HeaderDamage, Proof};
use crate::files::{length, list_segments, segment_path};
use crate::header::{Copies, HeaderRead, SegmentHeader, read_live_header};
use crate::layout::{DATA_START, HEADER_BYTES, HEADER_COPIES};
use crate::mark::marked_seq;
use crate::reader::{At, Moved, Reader, first_header};
use crate::recover::{judge, require_marked};
use crate::scan::{Window, hash_segment};
use std::path::PathBuf;

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Segments that were begun.
    pub segments: u64,
    /// Intact records.
    pub records: u64,
    /// The first seq, 1; 0 if there is no record.
    pub first_seq: u64,
    /// The last seq, 0 if there is no record.
    pub last_seq: u64,
    /// Bytes of headers and records, without unused space.
    pub bytes: u64,
    /// BLAKE3 of the last segment up to its last record. It stands for the whole journal: every segment's header holds
    /// the hash of the segment before. All zero if there is no segment.
    pub tip_hash: [u8; 32],
    /// What follows the last record.
    pub tail: Tail,
}

/// What follows the last intact record of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tail {
    /// Zeroes.
    Clean,
    /// Something that one crash can leave: the next opening will cut it. In a journal that is being written it may be
    /// the record of this moment.
    Torn {
        /// The segment's file.
        segment: PathBuf,
        /// Where the intact records end.
        offset: u64,
        /// What is met there.
        damage: Damage,
        /// Intact records beyond, which nothing proves to have been durable.
        unproven_records: u64,
    },
}

/// Verifies all of the journal in `dir`: headers and their second copies, checksums, dense seqs, the chain from record
/// to record and from segment to segment, the hashes, and that unused space is zero. Takes no lock and changes nothing;
/// works on a journal that is being written.
///
/// Corruption is an [`Error`] with segment, offset, seq and reason. A tail that the next opening would cut is not: it
/// is in [`Report::tail`].
pub fn verify(dir: impl Into<Folder>) -> Result<Report, Error> {
    let dir = &dir.into();
    // A missing segment would otherwise look like the end.
    list_segments(dir)?;
    let mut audit =
        Audit { reader: Reader::at_first_segment(dir), report: Report::empty(), hash_before: None, marked: 0 };
    if !audit.reader.advance_to_first_segment()? {
        require_unbegun(dir)?;
    }
    // Before the records are read: a writer may go on meanwhile.
    if let Some(at) = audit.reader.at() {
        audit.marked = marked_seq(dir, &at.header.deployment)?;
    }
    let tail = loop {
        match audit.reader.advance() {
            Ok(Moved::Record(record)) => audit.count(record.seq),
            Ok(Moved::Segment(ended)) => audit.end_segment(dir, *ended)?,
            Ok(Moved::Tail) => match judge_tail(dir, audit.reader.at(), audit.marked)? {
                Judged::More => {}
                Judged::Tail(tail) => break tail,
            },
            Err(Error::Corrupt(corruption)) if corruption.proof == Proof::Unjudged => {
                match judge_damage(dir, audit.reader.at(), corruption.damage, audit.marked)? {
                    Judged::More => {}
                    Judged::Tail(tail) => break tail,
                }
            }
            Err(error) => return Err(error),
        }
    };
    audit.finish(dir, tail)
}

struct Audit {
    reader: Reader,
    report: Report,
    /// The hash of the segment before the one being read.
    hash_before: Option<[u8; 32]>,
    /// What the watermark said at the beginning.
    marked: u64,
}

enum Judged {
    /// The writer has published more meanwhile.
    More,
    Tail(Tail),
}

impl Report {
    fn empty() -> Report {
        Report { segments: 0, records: 0, first_seq: 0, last_seq: 0, bytes: 0, tip_hash: [0; 32], tail: Tail::Clean }
    }
}

impl Audit {
    fn count(&mut self, seq: u64) {
        self.report.records += 1;
        self.report.last_seq = seq;
        if self.report.first_seq == 0 {
            self.report.first_seq = seq;
        }
    }

    /// Checks the header and the unused space of a segment that has a successor, and hashes it.
    fn end_segment(&mut self, dir: &Folder, mut ended: At) -> Result<(), Error> {
        let header = self.check_header(dir, &mut ended, true)?;
        let (offset, bytes) = (ended.offset, ended.window.bytes);
        ended.window.forget();
        if let Some(used) = ended.window.first_used(offset, bytes)? {
            return Err(ended.corrupt(used, Damage::NotZero, Proof::Sealed));
        }
        self.report.segments += 1;
        self.report.bytes += offset;
        self.hash_before = Some(hash_segment(ended.window.file.as_ref(), &ended.window.path, &header, offset)?);
        Ok(())
    }

    /// Both copies must be there and the same, the space around them zero, and the hash in them that of the segment
    /// before. In the newest segment the hash, which is written last, may be missing in both or in the second. Gives
    /// the header as it is now: the hash may have arrived since the segment was entered.
    fn check_header(&self, dir: &Folder, at: &mut At, ended: bool) -> Result<SegmentHeader, Error> {
        let path = at.window.path.clone();
        let header = match read_live_header(at.window.file.as_ref(), &path)? {
            HeaderRead::Intact { header, copies: Copies::Equal } => header,
            HeaderRead::Intact { header, copies: Copies::Behind } if !ended => header,
            HeaderRead::Intact { copies: Copies::Damaged(offset), .. } => {
                return Err(Error::header(&path, offset, HeaderDamage::Copy));
            }
            HeaderRead::Intact { .. } => return Err(Error::header(&path, HEADER_COPIES[1], HeaderDamage::Copy)),
            HeaderRead::Absent | HeaderRead::Lost => return Err(Error::header(&path, 0, HeaderDamage::Lost)),
        };
        check_around_header(&mut at.window)?;
        match (self.hash_before, header.previous.hash) {
            (Some(actual), Some(expected)) if actual != expected => Err(hash_error(dir, &header, expected, actual)),
            (Some(_), None) if ended => Err(Error::header(&path, 0, HeaderDamage::Unsealed)),
            _ => Ok(header),
        }
    }

    fn finish(mut self, dir: &Folder, tail: Tail) -> Result<Report, Error> {
        self.report.tail = tail;
        let Some(mut at) = self.reader.take_at() else { return Ok(self.report) };
        require_marked(&at.window, at.offset, &at.chain, self.marked)?;
        let header = self.check_header(dir, &mut at, false)?;
        self.report.segments += 1;
        self.report.bytes += at.offset;
        self.report.tip_hash = hash_segment(at.window.file.as_ref(), &at.window.path, &header, at.offset)?;
        if self.report.tail == Tail::Clean
            && let Some(torn) = headless_tail(dir, &at, self.marked)?
        {
            self.report.tail = torn;
        }
        Ok(self.report)
    }
}

impl Reader {
    /// At the last published record: an error if a record is missing that was proven durable.
    pub(crate) fn check_end(&mut self) -> Result<(), Error> {
        let dir = self.folder().clone();
        let Some(at) = self.at() else { return Ok(()) };
        let marked = marked_seq(&dir, &at.header.deployment)?;
        if let Judged::More = judge_tail(&dir, Some(at), marked)? {
            return Ok(());
        }
        headless_tail(&dir, at, marked)?;
        if at.has_record()? { Ok(()) } else { require_marked(&at.window, at.offset, &at.chain, marked) }
    }
}

/// At the last published record: what follows?
fn judge_tail(dir: &Folder, at: Option<&mut At>, marked: u64) -> Result<Judged, Error> {
    let Some(at) = at else { return Ok(Judged::Tail(Tail::Clean)) };
    at.window.forget();
    if at.window.first_used(at.offset, at.window.bytes)?.is_none() {
        return Ok(Judged::Tail(Tail::Clean));
    }
    judge_damage(dir, Some(at), Damage::Unpublished, marked)
}

/// Judges damage in a segment that is not sealed, as recovery would. A writer may have published meanwhile what was met
/// half written: then reading goes on.
fn judge_damage(dir: &Folder, at: Option<&mut At>, damage: Damage, marked: u64) -> Result<Judged, Error> {
    let Some(at) = at else { return Ok(Judged::Tail(Tail::Clean)) };
    let mut windows = vec![Window::open(dir, &at.window.path, at.window.number, at.window.bytes, at.header.salt)?];
    windows.extend(successor(dir, &at.header)?);
    let judged = judge(&mut windows, at.offset, &at.chain, damage, marked);
    at.window.forget();
    if at.has_record()? {
        return Ok(Judged::More);
    }
    let torn = judged?;
    Ok(Judged::Tail(Tail::Torn {
        segment: at.window.path.clone(),
        offset: at.offset,
        damage: torn.damage,
        unproven_records: torn.unproven,
    }))
}

/// A journal without a first header must be without records.
fn require_unbegun(dir: &Folder) -> Result<(), Error> {
    let path = segment_path(dir, 1);
    let Some(bytes) = length(dir, &path)? else { return Ok(()) };
    match Window::open(dir, &path, 1, bytes, 0)?.first_used(0, bytes)? {
        Some(_) => Err(Error::header(&path, 0, HeaderDamage::Lost)),
        None => Ok(()),
    }
}

/// The error for the segment before `header`'s, whose hash is another one.
fn hash_error(dir: &Folder, header: &SegmentHeader, expected: [u8; 32], actual: [u8; 32]) -> Error {
    let number = header.number - 1;
    Error::Corrupt(Box::new(Corruption {
        segment: segment_path(dir, number),
        number,
        offset: header.previous.tail,
        seq: header.first_seq,
        last_good_seq: header.first_seq - 1,
        damage: Damage::Hash { expected, actual },
        proof: Proof::Sealed,
    }))
}

/// The segment after `header`'s, whether it has a header or not.
fn successor(dir: &Folder, header: &SegmentHeader) -> Result<Option<Window>, Error> {
    let number = header.number + 1;
    let path = segment_path(dir, number);
    let Some(bytes) = length(dir, &path)? else { return Ok(None) };
    let first = first_header(dir)?;
    let salt = SegmentHeader::salt_for(&header.deployment, first.created_ns, number);
    Window::open(dir, &path, number, bytes, salt).map(Some)
}

/// Bytes in the segment after the last, which has no header: torn, unless they prove that they were durable.
fn headless_tail(dir: &Folder, at: &At, marked: u64) -> Result<Option<Tail>, Error> {
    let Some(mut next) = successor(dir, &at.header)? else { return Ok(None) };
    let bytes = next.bytes;
    let used = next.first_used(0, bytes)?.is_some();
    // The writer may have begun it meanwhile: then it is not headless.
    let headless = matches!(read_live_header(next.file.as_ref(), &next.path)?, HeaderRead::Absent | HeaderRead::Lost);
    if !used || !headless {
        return Ok(None);
    }
    let window = Window::open(dir, &at.window.path, at.window.number, at.window.bytes, at.header.salt)?;
    let torn = judge(&mut [window, next], at.offset, &at.chain, Damage::Unpublished, marked)?;
    let (segment, offset) = (at.window.path.clone(), at.offset);
    Ok(Some(Tail::Torn { segment, offset, damage: torn.damage, unproven_records: torn.unproven }))
}

fn check_around_header(window: &mut Window) -> Result<(), Error> {
    let ends = [HEADER_COPIES[1], DATA_START];
    for (copy, end) in HEADER_COPIES.into_iter().zip(ends) {
        if let Some(offset) = window.first_used(copy + HEADER_BYTES as u64, end)? {
            return Err(Error::header(&window.path, offset, HeaderDamage::NotZero));
        }
    }
    Ok(())
}
