//! Recovery, first half: looking. Where do the records end, and is what follows torn or corrupt?
//!
//! Nothing here writes. `cut.rs` does what the survey says. The rules and their reasons are in
//! `docs/adr/0002-journal-torn-or-corrupt.md`.

use crate::disk::{Folder, PageUse};
use crate::error::{Corruption, Damage, Error, HeaderDamage, Proof};
use crate::files::{check_length, length, list_segments, open_readable};
use crate::header::{Copies, HeaderRead, SegmentHeader, read_header};
use crate::kind::{Epoch, Kind};
use crate::layout::{DATA_START, RECORD_HEADER};
use crate::mark::marked_seq;
use crate::reader::check_header;
use crate::scan::{Chain, Parsed, Step, Window};
use crate::verdict::{Facts, Verdict};
use std::path::{Path, PathBuf};

/// What the directory holds: every begun segment's header, and perhaps a last file without one.
pub(crate) struct Headers {
    pub(crate) begun: Vec<(PathBuf, SegmentHeader, Copies)>,
    pub(crate) headless: Option<PathBuf>,
}

/// What a survey found.
pub(crate) struct Survey {
    /// The segments that were walked, the last begun one included; then the headless file, if it is not all zero.
    pub(crate) windows: Vec<Window>,
    /// How many of `windows` have a header.
    pub(crate) begun: usize,
    /// Index in `windows` of the segment in which the intact records end.
    pub(crate) tip: usize,
    /// Where they end.
    pub(crate) offset: u64,
    pub(crate) chain: Chain,
    /// The highest writer generation seen.
    pub(crate) generation: u64,
    /// What follows, if it is not all zero.
    pub(crate) torn: Option<Torn>,
}

/// Damage that one crash can leave.
#[derive(Debug, Clone)]
pub(crate) struct Torn {
    pub(crate) damage: Damage,
    /// Intact records beyond the damage, which prove nothing.
    pub(crate) unproven: u64,
}

/// Reads and checks all headers. The last file alone may lack one: it is staged, or its header never reached the disk.
pub(crate) fn read_headers(dir: &Folder) -> Result<Headers, Error> {
    let paths = list_segments(dir)?;
    let mut begun: Vec<(PathBuf, SegmentHeader, Copies)> = Vec::new();
    let mut headless = None;
    for (number, path) in (1..).zip(&paths) {
        let last = number == paths.len() as u64;
        let file = open_readable(dir, path)?;
        let (header, copies) = match read_header(file.as_ref(), path)? {
            HeaderRead::Intact { header, copies } => (header, copies),
            HeaderRead::Absent | HeaderRead::Lost if last => {
                headless = Some(path.clone());
                break;
            }
            HeaderRead::Absent | HeaderRead::Lost => return Err(Error::header(path, 0, HeaderDamage::Lost)),
        };
        check_header(&header, path, number)?;
        check_length(file.as_ref(), path, header.segment_bytes)?;
        if let Some((_, before, _)) = begun.last() {
            check_neighbours(before, &header, path)?;
        }
        begun.push((path.clone(), header, copies));
    }
    require_sealed(&begun)?;
    Ok(Headers { begun, headless })
}

fn check_neighbours(before: &SegmentHeader, header: &SegmentHeader, path: &Path) -> Result<(), Error> {
    if header.deployment != before.deployment {
        return Err(Error::header(path, 0, HeaderDamage::Deployment));
    }
    // Equal, where a record was too long for an empty segment of an older, smaller size.
    if header.first_seq < before.first_seq {
        let (expected, actual) = (before.first_seq, header.first_seq);
        return Err(Error::header(path, 0, HeaderDamage::FirstSeq { expected, actual }));
    }
    Ok(())
}

/// Only the newest header may lack the hash of the segment before it: the segment after it is staged later than that.
fn require_sealed(begun: &[(PathBuf, SegmentHeader, Copies)]) -> Result<(), Error> {
    let settled = begun.len().saturating_sub(1);
    match begun[..settled].iter().skip(1).find(|(_, header, _)| header.previous.hash.is_none()) {
        Some((path, ..)) => Err(Error::header(path, 0, HeaderDamage::Unsealed)),
        None => Ok(()),
    }
}

/// Walks what one crash can have damaged: the last begun segment, and the one before it if that is not sealed yet.
/// Damage that one crash cannot have made is an error. `headers.begun` is not empty.
pub(crate) fn survey(dir: &Folder, headers: &Headers) -> Result<Survey, Error> {
    let last = headers.begun.len() - 1;
    let unsealed = last > 0 && headers.begun[last].1.previous.hash.is_none();
    let first = if unsealed { last - 1 } else { last };
    let walked = &headers.begun[first..];
    let marked = marked_seq(dir, &headers.begun[0].1.deployment)?;
    let mut windows = open_windows(dir, headers, walked)?;
    let mut walk =
        Walk { chain: Chain::at_start(&walked[0].1), offset: DATA_START, generation: walked[0].1.generation };
    let (mut tip, mut damage) = (0, None);
    for index in 0..walked.len() {
        tip = index;
        walk.offset = DATA_START;
        walk.generation = walk.generation.max(walked[index].1.generation);
        let next = walked.get(index + 1).map(|(_, header, _)| header);
        damage = walk.segment(&mut windows[index], next)?;
        if damage.is_some() {
            break;
        }
    }
    if damage.is_none() && windows.len() > walked.len() {
        damage = Some(Damage::Unpublished);
    }
    let torn = match damage {
        Some(damage) => Some(judge(&mut windows[tip..], walk.offset, &walk.chain, damage, marked)?),
        None => None,
    };
    require_marked(&windows[tip], walk.offset, &walk.chain, marked)?;
    let Walk { chain, offset, generation } = walk;
    Ok(Survey { windows, begun: walked.len(), tip, offset, chain, generation, torn })
}

fn open_windows(
    dir: &Folder,
    headers: &Headers,
    walked: &[(PathBuf, SegmentHeader, Copies)],
) -> Result<Vec<Window>, Error> {
    let open = |(path, header, _): &(PathBuf, SegmentHeader, Copies)| {
        let window = Window::open(dir, path, header.number, header.segment_bytes, header.salt)?;
        // The writer will map this file, and wants single pages in the cache.
        window.file.advise(PageUse::Single);
        Ok(window)
    };
    let mut windows = walked.iter().map(open).collect::<Result<Vec<Window>, Error>>()?;
    if let Some(window) = open_headless(dir, headers)? {
        windows.push(window);
    }
    Ok(windows)
}

/// The headless file, unless it is all zero. Its salt follows from the first header.
fn open_headless(dir: &Folder, headers: &Headers) -> Result<Option<Window>, Error> {
    let (Some(path), Some((_, root, _))) = (&headers.headless, headers.begun.first()) else { return Ok(None) };
    let bytes = length(dir, path)?.unwrap_or(0);
    let number = headers.begun.len() as u64 + 1;
    let salt = SegmentHeader::salt_for(&root.deployment, root.created_ns, number);
    let mut window = Window::open(dir, path, number, bytes, salt)?;
    Ok(if window.first_used(0, bytes)?.is_some() { Some(window) } else { None })
}

struct Walk {
    chain: Chain,
    offset: u64,
    generation: u64,
}

impl Walk {
    /// Walks one segment to the end of its records. Gives the damage found there, if any.
    fn segment(&mut self, window: &mut Window, next: Option<&SegmentHeader>) -> Result<Option<Damage>, Error> {
        loop {
            match window.step(self.offset, &self.chain)? {
                Step::Record(record) => self.take(window, &record)?,
                Step::Damaged(damage) => return Ok(Some(damage)),
                Step::End => break,
            }
        }
        if window.first_used(self.offset, window.bytes)?.is_some() {
            return Ok(Some(Damage::Unpublished));
        }
        let Some(next) = next else { return Ok(None) };
        let damage = Damage::Tail { expected: next.previous.tail, actual: self.offset };
        if self.chain.next_seq < next.first_seq {
            return Ok(Some(damage));
        }
        let continued = self.chain.next_seq == next.first_seq
            && self.chain.crc == next.previous.crc
            && self.offset == next.previous.tail;
        if continued { Ok(None) } else { Err(corrupt(window, self.offset, &self.chain, damage, Proof::Chain)) }
    }

    fn take(&mut self, window: &mut Window, record: &Parsed) -> Result<(), Error> {
        self.offset = record.end();
        self.chain.advance(record);
        if Kind(record.kind) == Kind::EPOCH
            && let Some(epoch) = Epoch::decode(window.payload(record)?)
        {
            self.generation = self.generation.max(epoch.generation);
        }
        Ok(())
    }
}

impl Damage {
    /// The record is intact by its own checksum: a crash cannot have written it.
    pub(crate) fn breaks_chain(&self) -> bool {
        use Damage::{Durable, PreviousChecksum, Sequence, Time};
        matches!(self, Sequence { .. } | PreviousChecksum { .. } | Time { .. } | Durable { .. })
    }
}

/// Decides between torn and corrupt: looks at every intact record beyond the damage for one that proves that the
/// damaged seq had been durable, and at the watermark. `windows` begins with the damaged segment.
pub(crate) fn judge(
    windows: &mut [Window],
    offset: u64,
    chain: &Chain,
    damage: Damage,
    marked: u64,
) -> Result<Torn, Error> {
    let (unproven, witness) = look_beyond(windows, offset, chain.next_seq)?;
    let facts = Facts {
        sealed: false,
        out_of_place: damage.breaks_chain(),
        marked: marked >= chain.next_seq,
        witnessed: witness.is_some(),
    };
    let proof = match (facts.verdict(), witness) {
        (Verdict::Torn, _) => return Ok(Torn { damage, unproven }),
        (Verdict::CorruptMarked, _) => Proof::Watermark { seq: marked },
        (Verdict::CorruptWitnessed, Some(witness)) => witness,
        (Verdict::CorruptChain, _) => Proof::Chain,
        (Verdict::CorruptSealed | Verdict::CorruptWitnessed, _) => Proof::Sealed,
    };
    Err(corrupt(&windows[0], offset, chain, damage, proof))
}

/// Counts the intact records beyond the damage, and finds one that proves that `seq` had been durable.
fn look_beyond(windows: &mut [Window], offset: u64, seq: u64) -> Result<(u64, Option<Proof>), Error> {
    let room: u64 = windows.iter().map(|window| window.bytes / RECORD_HEADER as u64).sum();
    let seqs = seq..seq.saturating_add(room);
    let (mut unproven, mut witness) = (0, None);
    let mut from = offset + 1;
    for window in windows.iter_mut() {
        let (number, to) = (window.number, window.bytes);
        window.forget();
        window.find_records(from, to, seqs.clone(), &mut |record| {
            unproven += 1;
            if witness.is_none() && (seq..record.seq).contains(&record.durable) {
                let (offset, durable) = (record.offset, record.durable);
                witness = Some(Proof::ProvenBy { seq: record.seq, segment: number, offset, durable });
            }
        })?;
        from = DATA_START;
    }
    Ok((unproven, witness))
}

/// The records must reach the watermark.
pub(crate) fn require_marked(window: &Window, offset: u64, chain: &Chain, marked: u64) -> Result<(), Error> {
    if marked < chain.next_seq {
        return Ok(());
    }
    Err(corrupt(window, offset, chain, Damage::Missing, Proof::Watermark { seq: marked }))
}

/// The error for damage at `offset` of `window`, after `chain`.
pub(crate) fn corrupt(window: &Window, offset: u64, chain: &Chain, damage: Damage, proof: Proof) -> Error {
    Error::Corrupt(Box::new(Corruption {
        segment: window.path.clone(),
        number: window.number,
        offset,
        seq: chain.next_seq,
        last_good_seq: chain.last_seq(),
        damage,
        proof,
    }))
}
