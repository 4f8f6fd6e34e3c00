//! Reading records back, from a journal at rest or one that is being written.

use crate::disk::{Access, DiskFile, Folder};
use crate::error::{Damage, Error, HeaderDamage, Proof};
use crate::files::{check_length, length, list_segments, segment_path};
use crate::header::{HeaderRead, SegmentHeader, read_live_header};
use crate::kind::Kind;
use crate::layout::DATA_START;
use crate::scan::{Chain, Parsed, Step, Window};
use std::io;
use std::path::Path;

/// One record, borrowed from its reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its number, dense from 1 over the whole journal, the journal's own records included.
    pub seq: u64,
    /// Its time in nanoseconds, never less than that of the record before.
    pub time_ns: u64,
    /// What it is; kinds for which [`Kind::is_internal`] holds are the journal's own.
    pub kind: Kind,
    /// The version of the kind's schema.
    pub version: u8,
    /// As the writer gave them.
    pub flags: u8,
    /// As the writer gave it.
    pub key: u64,
    /// The highest seq that was proven durable when this record was written.
    pub durable_seq: u64,
    /// The bytes.
    pub payload: &'a [u8],
    /// The number of the segment it lies in.
    pub segment: u64,
    /// Its offset there, in bytes.
    pub offset: u64,
}

/// Reads records in order, verifying each against its checksum and the record before it.
///
/// It takes no lock and reads with `pread`, so it may follow a journal that is being written: at the last published
/// record `next` gives `None`, and a later call may give more.
pub struct Reader {
    dir: Folder,
    from_seq: u64,
    at: Option<At>,
    checks_end: bool,
}

/// A place between two records.
pub(crate) struct At {
    pub(crate) header: SegmentHeader,
    pub(crate) window: Window,
    pub(crate) offset: u64,
    pub(crate) chain: Chain,
}

/// What one step of a reader met.
pub(crate) enum Moved {
    Record(Parsed),
    /// The segment ended here, and the next one continues it.
    Segment(Box<At>),
    /// Nothing more is published. The journal may have no segment yet.
    Tail,
}

impl Reader {
    /// Opens the journal in `dir` at `from_seq` (0 and 1 both mean the beginning). The segment is found by the first
    /// seq in the headers; the records before `from_seq` in that segment are verified and passed over. A `from_seq`
    /// beyond the end is allowed: `next` gives `None` until the journal has grown so far.
    pub fn open(dir: impl Into<Folder>, from_seq: u64) -> Result<Reader, Error> {
        let dir = dir.into();
        let at = find_segment(&dir, from_seq)?;
        Ok(Reader { dir, from_seq, at, checks_end: false })
    }

    /// From now on `next` gives `None` only where the records may end: not where one is missing that was proven durable.
    /// It looks at the rest of the segment each time, as recovery would: for whoever reads a journal once, to its end.
    pub fn to_the_end(self) -> Reader {
        Reader { checks_end: true, ..self }
    }

    /// A reader that begins with the first segment, even if that holds no record.
    pub(crate) fn at_first_segment(dir: &Folder) -> Reader {
        Reader { dir: dir.clone(), from_seq: 1, at: None, checks_end: false }
    }

    /// The next record, or `None` at the last published one. An error is final for this place: the next call gives
    /// the same error.
    #[allow(clippy::should_implement_trait)] // An iterator could not lend the payload.
    pub fn next(&mut self) -> Result<Option<Record<'_>>, Error> {
        let parsed = loop {
            match self.advance()? {
                Moved::Record(record) if record.seq < self.from_seq => {}
                Moved::Record(record) => break record,
                Moved::Segment(_) => {}
                Moved::Tail => {
                    if self.checks_end {
                        self.check_end()?;
                    }
                    return Ok(None);
                }
            }
        };
        let Some(at) = &mut self.at else { return Ok(None) };
        let segment = at.window.number;
        let payload = at.window.payload(&parsed)?;
        Ok(Some(Record {
            seq: parsed.seq,
            time_ns: parsed.time_ns,
            kind: Kind(parsed.kind),
            version: parsed.version,
            flags: parsed.flags,
            key: parsed.key,
            durable_seq: parsed.durable,
            payload,
            segment,
            offset: parsed.offset,
        }))
    }

    pub(crate) fn folder(&self) -> &Folder {
        &self.dir
    }

    /// The place the reader stands at, if the journal has a segment.
    pub(crate) fn at(&mut self) -> Option<&mut At> {
        self.at.as_mut()
    }

    pub(crate) fn take_at(&mut self) -> Option<At> {
        self.at.take()
    }

    /// Stands at the first record if the journal has a segment.
    pub(crate) fn advance_to_first_segment(&mut self) -> Result<bool, Error> {
        if self.at.is_none() {
            self.at = open_at(&self.dir, 1)?;
        }
        Ok(self.at.is_some())
    }

    /// One step: a record, or into the next segment.
    pub(crate) fn advance(&mut self) -> Result<Moved, Error> {
        let Some(at) = &mut self.at else {
            self.at = open_at(&self.dir, 1)?;
            return if self.at.is_some() { self.advance() } else { Ok(Moved::Tail) };
        };
        if let Some(record) = at.step(&self.dir)? {
            return Ok(Moved::Record(record));
        }
        let Some(next) = open_at(&self.dir, at.window.number + 1)? else { return Ok(Moved::Tail) };
        // The writer may have published more before it rolled: now that the roll is seen, all of it is.
        at.window.forget();
        if let Some(record) = at.step(&self.dir)? {
            return Ok(Moved::Record(record));
        }
        at.require_continued_by(&self.dir, &next)?;
        let chain = at.chain;
        match self.at.replace(At { chain, ..next }) {
            Some(ended) => Ok(Moved::Segment(Box::new(ended))),
            None => Ok(Moved::Tail),
        }
    }
}

impl At {
    fn step(&mut self, dir: &Folder) -> Result<Option<Parsed>, Error> {
        match self.window.step(self.offset, &self.chain)? {
            Step::Record(record) => {
                self.offset = record.end();
                self.chain.advance(&record);
                Ok(Some(record))
            }
            Step::End => Ok(None),
            Step::Damaged(damage) => Err(self.corrupt(self.offset, damage, self.proof(dir))),
        }
    }

    /// Whether a record is published at the current place.
    pub(crate) fn has_record(&mut self) -> Result<bool, Error> {
        Ok(matches!(self.window.step(self.offset, &self.chain)?, Step::Record(_)))
    }

    /// Why damage in this segment is corruption, as far as a reader can tell.
    fn proof(&self, dir: &Folder) -> Proof {
        match open_at(dir, self.window.number + 1) {
            Ok(Some(next)) if next.header.previous.hash.is_some() => Proof::Sealed,
            _ => Proof::Unjudged,
        }
    }

    /// Corruption at `offset`, after the records read so far.
    pub(crate) fn corrupt(&self, offset: u64, damage: Damage, proof: Proof) -> Error {
        crate::recover::corrupt(&self.window, offset, &self.chain, damage, proof)
    }

    fn require_continued_by(&self, dir: &Folder, next: &At) -> Result<(), Error> {
        let header = &next.header;
        let path = &next.window.path;
        if header.previous.tail != self.offset || header.first_seq > self.chain.next_seq {
            let damage = Damage::Tail { expected: header.previous.tail, actual: self.offset };
            return Err(self.corrupt(self.offset, damage, self.proof(dir)));
        }
        if header.first_seq != self.chain.next_seq {
            let (expected, actual) = (self.chain.next_seq, header.first_seq);
            return Err(Error::header(path, 0, HeaderDamage::FirstSeq { expected, actual }));
        }
        if header.previous.crc != self.chain.crc {
            let (expected, actual) = (self.chain.crc, header.previous.crc);
            return Err(Error::header(path, 0, HeaderDamage::PreviousChecksum { expected, actual }));
        }
        if header.deployment != self.header.deployment {
            return Err(Error::header(path, 0, HeaderDamage::Deployment));
        }
        Ok(())
    }
}

/// The segment that holds `seq`, or the last one.
fn find_segment(dir: &Folder, seq: u64) -> Result<Option<At>, Error> {
    let (mut low, mut high) = (0, list_segments(dir)?.len() as u64);
    let mut found = None;
    while low < high {
        let middle = low + (high - low) / 2;
        match open_at(dir, middle + 1)? {
            Some(at) if at.header.first_seq <= seq.max(1) => {
                found = Some(at);
                low = middle + 1;
            }
            _ => high = middle,
        }
    }
    Ok(found)
}

/// Segment `number` at its first record, or `None` if it is not there or not begun.
fn open_at(dir: &Folder, number: u64) -> Result<Option<At>, Error> {
    let path = segment_path(dir, number);
    let file = match dir.disk.open(&path, Access::Read) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("open", &path, error)),
    };
    let Some(header) = begun_header(dir, file.as_ref(), &path, number)? else { return Ok(None) };
    check_header(&header, &path, number)?;
    check_length(file.as_ref(), &path, header.segment_bytes)?;
    let window = Window::open(dir, &path, number, header.segment_bytes, header.salt)?;
    let chain = Chain::at_start(&header);
    Ok(Some(At { header, window, offset: DATA_START, chain }))
}

/// The segment's header, or `None` if it is staged, or a crash left it half begun.
fn begun_header(dir: &Folder, file: &dyn DiskFile, path: &Path, number: u64) -> Result<Option<SegmentHeader>, Error> {
    if let HeaderRead::Intact { header, .. } = read_live_header(file, path)? {
        return Ok(Some(header));
    }
    if length(dir, &segment_path(dir, number + 1))?.is_none() {
        return Ok(None);
    }
    // A segment that has a successor has begun. It may have begun since it was looked at.
    match read_live_header(file, path)? {
        HeaderRead::Intact { header, .. } => Ok(Some(header)),
        HeaderRead::Absent | HeaderRead::Lost => Err(Error::header(path, 0, HeaderDamage::Lost)),
    }
}

/// What a header must satisfy by itself.
pub(crate) fn check_header(header: &SegmentHeader, path: &Path, number: u64) -> Result<(), Error> {
    if header.number != number {
        return Err(Error::header(path, 0, HeaderDamage::Number { expected: number, actual: header.number }));
    }
    // A file that is so short was never written by this program, whatever its checksum says.
    if header.segment_bytes < DATA_START {
        return Err(Error::Truncated { path: path.to_path_buf(), expected: DATA_START, actual: header.segment_bytes });
    }
    if header.first_seq == 0 || (number == 1 && header.first_seq != 1) {
        return Err(Error::header(path, 0, HeaderDamage::FirstSeq { expected: 1, actual: header.first_seq }));
    }
    Ok(())
}

/// The header of the first segment.
pub(crate) fn first_header(dir: &Folder) -> Result<SegmentHeader, Error> {
    match open_at(dir, 1)? {
        Some(at) => Ok(at.header),
        None => Err(Error::header(&segment_path(dir, 1), 0, HeaderDamage::Lost)),
    }
}
