//! Opening a journal: creating it, or finding its end.

use crate::cut::{TornTail, complete_header, cut, sync_before_reading};
use crate::disk::Folder;
use crate::error::{Error, HeaderDamage};
use crate::files::{create_dir, length, remove, remove_unfinished};
use crate::header::{Previous, SegmentHeader};
use crate::journal::Journal;
use crate::layout::DATA_START;
use crate::lock::DirLock;
use crate::options::{Durability, Hands, Identity, Options};
use crate::recover::{Headers, read_headers, survey};
use crate::scan::{Chain, Window};
use crate::stage::{self, Staged};
use std::path::Path;

/// An open journal and what was found when it was opened.
#[derive(Debug)]
pub struct Recovered {
    /// The journal, ready for `append`.
    pub journal: Journal,
    /// The highest seq in the journal, 0 if it is new. Opening an existing journal appends an epoch record, which has
    /// a seq of its own and is counted here.
    pub last_seq: u64,
    /// What was cut off its end, if anything was.
    pub torn: Option<TornTail>,
}

/// Opens the journal in `dir`, creating it if it is not there: takes the lock of the directory that `dir` lies in
/// (`DIR/lock` for `DIR/journal`), cuts a torn tail, refuses corruption, and starts the threads that sync and stage.
///
/// A new journal takes as long as it takes to write one segment. Sealed segments are not read again here: [`verify`]
/// does that.
///
/// [`verify`]: crate::verify()
pub fn open(dir: &Path, options: Options, identity: Identity) -> Result<Recovered, Error> {
    let parent = match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    open_locked(DirLock::acquire(parent)?, dir, options, identity, Hands::Threads)
}

/// As [`open`], with a lock that the caller holds already, on a disk and with hands of its choice.
pub fn open_locked(
    lock: DirLock,
    dir: impl Into<Folder>,
    options: Options,
    identity: Identity,
    hands: Hands,
) -> Result<Recovered, Error> {
    let dir = &dir.into();
    options.check()?;
    create_dir(dir)?;
    remove_unfinished(dir)?;
    sync_before_reading(dir, &read_headers(dir)?)?;
    // Headers too are what the disk holds, and not what a failed sync left in the cache.
    let headers = read_headers(dir)?;
    let (place, torn) = if headers.begun.is_empty() {
        (create(dir, &headers, &options, &identity)?, None)
    } else {
        recover(dir, headers, options.durability)?
    };
    let existing = place.chain.next_seq > 1;
    let last_good_seq = place.chain.last_seq();
    let mut journal = Journal::start(lock, dir, options, identity, hands, place)?;
    if existing {
        journal.append_epoch(last_good_seq, torn.as_ref())?;
    }
    Ok(Recovered { last_seq: journal.next_seq() - 1, journal, torn })
}

/// Where a writer begins.
pub(crate) struct Place {
    pub(crate) header: SegmentHeader,
    pub(crate) active: Staged,
    pub(crate) offset: u64,
    pub(crate) chain: Chain,
    pub(crate) created_ns: u64,
    pub(crate) generation: u64,
}

/// Makes the first segment.
fn create(dir: &Folder, headers: &Headers, options: &Options, identity: &Identity) -> Result<Place, Error> {
    if let Some(path) = &headers.headless {
        // The first header is on the disk before the first record is: whatever has records here lost its header.
        let bytes = length(dir, path)?.unwrap_or(0);
        if Window::open(dir, path, 1, bytes, 0)?.first_used(DATA_START, bytes)?.is_some() {
            return Err(Error::header(path, 0, HeaderDamage::Lost));
        }
        remove(dir, path)?;
    }
    let active = stage::stage(dir, 1, options.segment_bytes, options.durability)?;
    let header = SegmentHeader {
        number: 1,
        first_seq: 1,
        generation: 1,
        created_ns: identity.now_ns,
        deployment: identity.deployment,
        salt: SegmentHeader::salt_for(&identity.deployment, identity.now_ns, 1),
        segment_bytes: options.segment_bytes,
        previous: Previous::default(),
        rules: identity.rules,
        schema: identity.schema,
    };
    header.write(active.file.as_ref()).map_err(|error| Error::io("write the header of", &active.path, error))?;
    let chain = Chain::at_start(&header);
    Ok(Place { created_ns: header.created_ns, header, active, offset: DATA_START, chain, generation: 1 })
}

/// Finds the end of an existing journal, cutting what is torn.
pub(crate) fn recover(
    dir: &Folder,
    mut headers: Headers,
    durability: Durability,
) -> Result<(Place, Option<TornTail>), Error> {
    let mut survey = survey(dir, &headers)?;
    let kept = headers.begun.len() - survey.begun + survey.tip + 1;
    let torn = cut(dir, &mut survey)?;
    headers.begun.truncate(kept);
    complete_header(dir, &mut headers, &survey)?;
    let created_ns = headers.begun[0].1.created_ns;
    let (path, header, _) = headers.begun.swap_remove(kept - 1);
    let active = stage::map(dir, &path, header.segment_bytes, survey.offset, durability)?;
    let (offset, chain, generation) = (survey.offset, survey.chain, survey.generation + 1);
    Ok((Place { header, active, offset, chain, created_ns, generation }, torn))
}
