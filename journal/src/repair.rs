//! Cutting a corrupt journal, on somebody's word: never by itself.
//!
//! Recovery cuts what one crash can have torn, and refuses the rest. What is refused can be restored from a copy, or cut
//! with a loss that somebody has to accept. [`loss`] says what that is; [`cut_after`] does it, keeps every byte that it
//! cuts, and writes what recovery writes when it cuts.

use crate::cut::{TornTail, cut_file, cut_rest, sync_before_reading};
use crate::disk::Folder;
use crate::error::{Damage, Error};
use crate::files::{
    QUARANTINE, create_dir, length, names, read_file, remove, segment_path, sync_dir, write_atomically,
};
use crate::header::SegmentHeader;
use crate::journal::Journal;
use crate::layout::{DATA_START, RECORD_HEADER};
use crate::lock::DirLock;
use crate::mark::{self, marked_seq};
use crate::open::recover;
use crate::options::{Hands, Identity, Options};
use crate::reader::{At, Moved, Reader, first_header};
use crate::recover::read_headers;
use crate::scan::Window;
use std::path::PathBuf;

/// What a cut after the last good record would take away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The last record that a reader reaches from the first one on; 0 if it reaches none.
    pub last_good_seq: u64,
    /// The segment in which it ends.
    pub segment: PathBuf,
    /// Where it ends there.
    pub offset: u64,
    /// The files of which something would be cut, each with the first byte and the end of what is not zero from there on.
    pub files: Vec<(PathBuf, u64, u64)>,
    /// Intact records among what would be cut.
    pub records: u64,
    /// The lowest and the highest number among them.
    pub seqs: Option<(u64, u64)>,
    /// The highest seq that they, or the watermark, prove to have been durable; 0 if they prove nothing. What lies between
    /// the last good seq and this was acknowledged under `group`, or may have been.
    pub durable_seq: u64,
}

/// Looks at a journal from its first record on, as far as that goes. The first segment must be readable: without its
/// header nothing can be. Changes nothing.
pub fn loss(dir: impl Into<Folder>) -> Result<Loss, Error> {
    let dir = &dir.into();
    let root = first_header(dir)?;
    let at = walk(dir)?;
    let mut loss = Loss {
        last_good_seq: at.chain.last_seq(),
        segment: at.window.path.clone(),
        offset: at.offset,
        files: Vec::new(),
        records: 0,
        seqs: None,
        durable_seq: marked_seq(dir, &root.deployment).unwrap_or(0),
    };
    let (number, offset) = (at.window.number, at.offset);
    add(&mut loss, at.window, offset)?;
    for window in windows_after(dir, &root, number)? {
        add(&mut loss, window, 0)?;
    }
    Ok(loss)
}

/// Cuts what [`loss`] has told: copies it to the quarantine, takes later segments away, zeroes the rest of the last one,
/// takes a watermark away that names a later seq, and opens and closes the journal, whose epoch record says what was cut.
pub fn cut_after(
    lock: DirLock,
    dir: impl Into<Folder>,
    options: Options,
    identity: Identity,
    loss: &Loss,
) -> Result<TornTail, Error> {
    let dir = &dir.into();
    options.check()?;
    let root = first_header(dir)?;
    let mut at = walk(dir)?;
    let mut tail = TornTail {
        segment: at.window.path.clone(),
        offset: at.offset,
        last_good_seq: at.chain.last_seq(),
        damage: Damage::Missing,
        bytes: 0,
        unproven_records: loss.records,
        quarantine: Vec::new(),
    };
    if (tail.last_good_seq, tail.offset) != (loss.last_good_seq, loss.offset) {
        // Somebody else was at work since.
        return Err(at.corrupt(at.offset, Damage::Missing, crate::error::Proof::Unjudged));
    }
    // Later files first, so that a crash in between leaves what is left to be cut as it was.
    for window in windows_after(dir, &root, at.window.number)?.into_iter().rev() {
        cut_file(dir, window, &mut tail)?;
    }
    cut_rest(dir, &mut at.window, &mut tail)?;
    if marked_seq(dir, &root.deployment).map_or(true, |marked| marked > tail.last_good_seq) {
        put_away_watermark(dir, &mut tail)?;
    }
    sync_before_reading(dir, &read_headers(dir)?)?;
    let (place, torn) = recover(dir, read_headers(dir)?, options.durability)?;
    debug_assert!(torn.is_none(), "everything was cut");
    let mut journal = Journal::start(lock, dir, options, identity, Hands::Threads, place)?;
    journal.append_epoch(tail.last_good_seq, Some(&tail))?;
    journal.close()?;
    Ok(tail)
}

/// Stands after the last record that a reader reaches.
fn walk(dir: &Folder) -> Result<At, Error> {
    let mut reader = Reader::at_first_segment(dir);
    reader.advance_to_first_segment()?;
    let mut met = None;
    loop {
        match reader.advance() {
            Ok(Moved::Record(_) | Moved::Segment(_)) => {}
            Ok(Moved::Tail) => break,
            Err(error) if error.is_corruption() => {
                met = Some(error);
                break;
            }
            Err(error) => return Err(error),
        }
    }
    match (reader.take_at(), met) {
        (Some(at), _) => Ok(at),
        (None, Some(error)) => Err(error),
        (None, None) => Err(Error::header(&segment_path(dir, 1), 0, crate::error::HeaderDamage::Lost)),
    }
}

/// All files of segments after one, whatever is in them, by number.
fn windows_after(dir: &Folder, root: &SegmentHeader, number: u64) -> Result<Vec<Window>, Error> {
    let names = names(dir)?;
    let numbers = names.iter().filter_map(|name| name.strip_suffix(".seg")?.parse::<u64>().ok());
    let mut numbers: Vec<u64> = numbers.filter(|other| *other > number).collect();
    numbers.sort_unstable();
    let mut windows = Vec::new();
    for number in numbers {
        let path = segment_path(dir, number);
        let Some(bytes) = length(dir, &path)? else { continue };
        let salt = SegmentHeader::salt_for(&root.deployment, root.created_ns, number);
        windows.push(Window::open(dir, &path, number, bytes, salt)?);
    }
    Ok(windows)
}

/// Counts what of a file would be cut.
fn add(loss: &mut Loss, mut window: Window, from: u64) -> Result<(), Error> {
    window.forget();
    let used = window.last_used(from)?;
    if used == from {
        return Ok(());
    }
    loss.files.push((window.path.clone(), from, used));
    let after = loss.last_good_seq + 1;
    // As many records as could be, however much is missing before them.
    let most = after.saturating_add(u64::MAX / RECORD_HEADER as u64);
    let (begin, end) = (from.max(DATA_START), window.bytes);
    window.find_records(begin, end, after..most, &mut |record| {
        loss.records += 1;
        let (low, high) = loss.seqs.unwrap_or((record.seq, record.seq));
        loss.seqs = Some((low.min(record.seq), high.max(record.seq)));
        loss.durable_seq = loss.durable_seq.max(record.durable);
    })
}

/// A watermark that names what is cut would have the rest refused.
fn put_away_watermark(dir: &Folder, tail: &mut TornTail) -> Result<(), Error> {
    let path = dir.path.join(mark::NAME);
    if length(dir, &path)?.is_none() {
        return Ok(());
    }
    let folder = dir.join(QUARANTINE);
    create_dir(&folder)?;
    let copy = folder.path.join(format!("{}-{}.bin", mark::NAME, tail.last_good_seq));
    write_atomically(&folder, &copy, &[&read_file(dir, &path)?])?;
    remove(dir, &path)?;
    tail.quarantine.push(copy);
    sync_dir(dir)
}
