//! Recovery, second half: doing what the survey says. What is cut is copied first.

use crate::disk::{DiskFile, Folder, PageUse};
use crate::error::{Damage, Error};
use crate::files::{QUARANTINE, create_dir, length, open_writable, remove, sync_dir, write_atomically, zero};
use crate::header::{Copies, SegmentHeader};
use crate::layout::{DATA_START, HEADER_BYTES, HEADER_COPIES};
use crate::mark::mark_path;
use crate::recover::{Headers, Survey};
use crate::scan::{Window, hash_segment};
use std::io;
use std::path::PathBuf;

/// A tail that was cut off, and where its bytes are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TornTail {
    /// The segment in which the intact records end.
    pub segment: PathBuf,
    /// Where they end.
    pub offset: u64,
    /// The last seq that was kept, 0 if none was.
    pub last_good_seq: u64,
    /// What was met there.
    pub damage: Damage,
    /// Bytes that were cut, over all files.
    pub bytes: u64,
    /// Intact records among them, which nothing proves to have been durable.
    pub unproven_records: u64,
    /// The copies.
    pub quarantine: Vec<PathBuf>,
}

/// Syncs what recovery is about to read, and drops it from the page cache, so that what it reads is what the disk holds:
/// after a sync that failed, pages count as written that never were. Names are synced too.
pub(crate) fn sync_before_reading(dir: &Folder, headers: &Headers) -> Result<(), Error> {
    sync_dir(dir)?;
    let begun = headers.begun.iter().rev().take(2).map(|(path, ..)| path);
    let mark = mark_path(dir)?;
    for path in begun.chain(&headers.headless).chain(&mark) {
        let file = open_writable(dir, path)?;
        file.sync().map_err(|error| Error::io("sync", path, error))?;
        file.advise(PageUse::Dropped);
    }
    Ok(())
}

/// Cuts the torn tail that the survey found: later files first, so that a crash in between leaves the tail as torn as
/// it was.
pub(crate) fn cut(dir: &Folder, survey: &mut Survey) -> Result<Option<TornTail>, Error> {
    let Some(torn) = survey.torn.take() else { return Ok(None) };
    let mut tail = TornTail {
        segment: survey.windows[survey.tip].path.clone(),
        offset: survey.offset,
        last_good_seq: survey.chain.last_seq(),
        damage: torn.damage,
        bytes: 0,
        unproven_records: torn.unproven,
        quarantine: Vec::new(),
    };
    for window in survey.windows.drain(survey.tip + 1..).rev() {
        cut_file(dir, window, &mut tail)?;
    }
    survey.begun = survey.tip + 1;
    cut_rest(dir, &mut survey.windows[survey.tip], &mut tail)?;
    Ok(Some(tail))
}

/// Takes a whole file away.
pub(crate) fn cut_file(dir: &Folder, mut window: Window, tail: &mut TornTail) -> Result<(), Error> {
    quarantine(dir, &mut window, 0, tail)?;
    remove(dir, &window.path)?;
    sync_dir(dir)
}

/// Zeroes the rest of the segment in which the intact records end.
pub(crate) fn cut_rest(dir: &Folder, window: &mut Window, tail: &mut TornTail) -> Result<(), Error> {
    let used = quarantine(dir, window, tail.offset, tail)?;
    #[cfg(feature = "canary")]
    if crate::canary::Canary::ZeroAfterCut.is_left_out() {
        return Ok(());
    }
    let file = open_writable(dir, &window.path)?;
    zero(file.as_ref(), tail.offset, used).map_err(|error| Error::io("write", &window.path, error))?;
    window.forget();
    file.sync().map_err(|error| Error::io("sync", &window.path, error))
}

/// Copies the bytes from `from` to the last one that is not zero; gives the end of the copy.
fn quarantine(dir: &Folder, window: &mut Window, from: u64, tail: &mut TornTail) -> Result<u64, Error> {
    let used = window.last_used(from)?;
    if used == from {
        return Ok(used);
    }
    let folder = dir.join(QUARANTINE);
    create_dir(&folder)?;
    let mut bytes = Vec::with_capacity((used - from) as usize);
    while from + (bytes.len() as u64) < used {
        let at = from + bytes.len() as u64;
        let take = (used - at).min(1 << 20) as usize;
        bytes.extend_from_slice(window.slice(at, take)?);
    }
    let path = unused_name(&folder, window.number, from)?;
    write_atomically(&folder, &path, &[&bytes])?;
    tail.bytes += used - from;
    tail.quarantine.push(path);
    Ok(used)
}

/// A name that says where the bytes lay. The same place may be cut more than once in a journal's life.
fn unused_name(folder: &Folder, number: u64, from: u64) -> Result<PathBuf, Error> {
    let mut count = 1_u64;
    loop {
        let path = folder.path.join(format!("{number:08}-{from:010}-{count}.bin"));
        if length(folder, &path)?.is_none() {
            return Ok(path);
        }
        count += 1;
    }
}

/// Completes the header of the last segment: the hash of the segment before it, if a crash came before it was there,
/// and the copy that a crash left damaged.
pub(crate) fn complete_header(dir: &Folder, headers: &mut Headers, survey: &Survey) -> Result<(), Error> {
    let count = headers.begun.len();
    let Some((path, header, copies)) = headers.begun.last_mut() else { return Ok(()) };
    let (path, mut header, copies) = (path.clone(), header.clone(), *copies);
    let unsealed = count > 1 && header.previous.hash.is_none();
    if !unsealed && copies == Copies::Equal {
        return Ok(());
    }
    if unsealed {
        let before = &headers.begun[count - 2];
        header.previous.hash = Some(hash_before(&survey.windows[0], &before.1, header.previous.tail)?);
    }
    let file = open_writable(dir, &path)?;
    clear_around_header(file.as_ref())
        .and_then(|()| header.write(file.as_ref()))
        .map_err(|error| Error::io("write the header of", &path, error))?;
    headers.begun[count - 1] = (path, header, Copies::Equal);
    Ok(())
}

/// A disk may have left anything where the header was being written when the power went, also around it.
fn clear_around_header(file: &dyn DiskFile) -> io::Result<()> {
    let ends = [HEADER_COPIES[1], DATA_START];
    HEADER_COPIES.into_iter().zip(ends).try_for_each(|(copy, end)| zero(file, copy + HEADER_BYTES as u64, end))
}

fn hash_before(window: &Window, header: &SegmentHeader, tail: u64) -> Result<[u8; 32], Error> {
    debug_assert!(tail >= DATA_START);
    hash_segment(window.file.as_ref(), &window.path, header, tail)
}
