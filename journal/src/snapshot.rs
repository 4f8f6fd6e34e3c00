//! Snapshots of a state after a seq: opaque sections in one file, whole or not there.
//!
//! A snapshot only saves time. The journal is never deleted because one exists, and one that does not verify is passed
//! over.

use crate::disk::Folder;
use crate::error::{Error, SnapshotDamage};
use crate::files::{create_dir, length, names, read_file, remove, sync_dir, write_atomically};
use crate::layout::{FORMAT_MAJOR, FORMAT_MINOR, snapshot as at};
use std::path::{Path, PathBuf};

const MAGIC: [u8; 8] = *b"PTAPESNP";
const HEADER: usize = 72;
/// Before each section: its tag, zero, its length.
const SECTION: usize = 16;
const HASH: usize = 32;

/// What a section holds, as the caller numbers it.
pub type SectionTag = u32;

/// A snapshot that verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Where it was read from.
    pub path: PathBuf,
    /// The last seq that the state contains.
    pub seq: u64,
    /// Time of that record in nanoseconds.
    pub time_ns: u64,
    /// Hash of the state, as the caller computed it.
    pub state_hash: [u8; 32],
    /// The sections, in the order they were given.
    pub sections: Vec<(SectionTag, Vec<u8>)>,
}

/// The newest snapshot that verifies, and those that do not.
#[derive(Debug)]
pub struct Newest {
    /// The newest that verifies.
    pub snapshot: Option<Snapshot>,
    /// Newer ones that do not, each with the reason.
    pub skipped: Vec<Error>,
}

impl Snapshot {
    /// The first section with this tag.
    pub fn section(&self, tag: SectionTag) -> Option<&[u8]> {
        self.sections.iter().find(|(other, _)| *other == tag).map(|(_, bytes)| bytes.as_slice())
    }
}

/// Writes a snapshot of the state after `seq` into `dir`, which is created if it is not there: under a temporary name,
/// synced, renamed, the directory synced. One that exists for this seq is replaced.
pub fn write(
    dir: impl Into<Folder>,
    seq: u64,
    time_ns: u64,
    state_hash: [u8; 32],
    sections: &[(SectionTag, Vec<u8>)],
) -> Result<PathBuf, Error> {
    let dir = &dir.into();
    create_dir(dir)?;
    let payload: usize = sections.iter().map(|(_, bytes)| SECTION + bytes.len()).sum();
    let total = HEADER + payload + HASH;
    let mut file = vec![0; HEADER];
    at::MAGIC.put_bytes(&mut file, &MAGIC);
    at::MAJOR.put(&mut file, u64::from(FORMAT_MAJOR));
    at::MINOR.put(&mut file, u64::from(FORMAT_MINOR));
    at::SECTIONS.put(&mut file, sections.len() as u64);
    at::SEQ.put(&mut file, seq);
    at::TIME.put(&mut file, time_ns);
    at::FILE_BYTES.put(&mut file, total as u64);
    at::STATE_HASH.put_bytes(&mut file, &state_hash);
    file.reserve_exact(total - HEADER);
    for (tag, bytes) in sections {
        file.extend_from_slice(&u64::from(*tag).to_le_bytes());
        file.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        file.extend_from_slice(bytes);
    }
    let hash = blake3::hash(&file);
    let path = snapshot_path(dir, seq);
    write_atomically(dir, &path, &[&file, hash.as_bytes()])?;
    Ok(path)
}

/// The snapshots in `dir` by seq, oldest first, unread. A directory that is not there has none.
pub fn list(dir: impl Into<Folder>) -> Result<Vec<(u64, PathBuf)>, Error> {
    let dir = &dir.into();
    if length(dir, &dir.path)?.is_none() {
        return Ok(Vec::new());
    }
    let paths = names(dir)?.into_iter().map(|name| dir.path.join(name));
    let mut found: Vec<(u64, PathBuf)> = paths.filter_map(|path| Some((seq_of(&path)?, path))).collect();
    found.sort_unstable();
    Ok(found)
}

/// Reads a snapshot and verifies every byte of it, and that its seq is the one in its name.
pub fn load(path: &Path) -> Result<Snapshot, Error> {
    let dir = Folder::from(path.parent().unwrap_or(Path::new("")));
    load_from(&dir, path)
}

fn load_from(dir: &Folder, path: &Path) -> Result<Snapshot, Error> {
    let bytes = read_file(dir, path)?;
    let refuse = |damage| Error::Snapshot { path: path.to_path_buf(), damage };
    let length = |expected: u64| refuse(SnapshotDamage::Length { expected, actual: bytes.len() as u64 });
    if bytes.len() < HEADER + HASH {
        return Err(length((HEADER + HASH) as u64));
    }
    if at::MAGIC.get_bytes(&bytes) != MAGIC {
        return Err(refuse(SnapshotDamage::Magic));
    }
    let (body, hash) = bytes.split_at(bytes.len() - HASH);
    let whole = blake3::hash(body).as_bytes() == hash;
    let major = at::MAJOR.get(&bytes) as u16;
    if whole && major != FORMAT_MAJOR {
        return Err(Error::Format { path: path.to_path_buf(), found: major, supported: FORMAT_MAJOR });
    }
    let expected = at::FILE_BYTES.get(&bytes);
    if expected != bytes.len() as u64 {
        return Err(length(expected));
    }
    if !whole {
        return Err(refuse(SnapshotDamage::Hash));
    }
    let seq = at::SEQ.get(&bytes);
    if let Some(expected) = seq_of(path).filter(|&expected| expected != seq) {
        return Err(refuse(SnapshotDamage::Seq { expected, actual: seq }));
    }
    let sections = read_sections(&body[HEADER..], at::SECTIONS.get_u32(&bytes)).ok_or_else(|| length(expected))?;
    let (time_ns, state_hash) = (at::TIME.get(&bytes), at::STATE_HASH.get_bytes(&bytes));
    Ok(Snapshot { path: path.to_path_buf(), seq, time_ns, state_hash, sections })
}

/// The newest snapshot that verifies and is not newer than `at_most_seq`.
pub fn newest_valid(dir: impl Into<Folder>, at_most_seq: Option<u64>) -> Result<Newest, Error> {
    let dir = &dir.into();
    let mut skipped = Vec::new();
    for (seq, path) in list(dir)?.into_iter().rev() {
        if at_most_seq.is_some_and(|most| seq > most) {
            continue;
        }
        match load_from(dir, &path) {
            Ok(snapshot) => return Ok(Newest { snapshot: Some(snapshot), skipped }),
            Err(error) => skipped.push(error),
        }
    }
    Ok(Newest { snapshot: None, skipped })
}

/// Removes all but the `keep` newest snapshots, and what a crash left of one that was being written; gives the paths that
/// are gone. Kept ones are not read. Nobody may be writing one meanwhile.
pub fn prune(dir: impl Into<Folder>, keep: usize) -> Result<Vec<PathBuf>, Error> {
    let dir = &dir.into();
    let all = list(dir)?;
    let mut gone: Vec<PathBuf> = all.iter().rev().skip(keep).map(|(_, path)| path.clone()).collect();
    if length(dir, &dir.path)?.is_some() {
        let unfinished = names(dir)?.into_iter().filter(|name| name.ends_with(".tmp"));
        gone.extend(unfinished.map(|name| dir.path.join(name)));
    }
    for path in &gone {
        remove(dir, path)?;
    }
    if !gone.is_empty() {
        sync_dir(dir)?;
    }
    Ok(gone)
}

fn snapshot_path(dir: &Folder, seq: u64) -> PathBuf {
    dir.path.join(format!("{seq:020}.snap"))
}

fn seq_of(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_suffix(".snap")?.parse().ok()
}

/// The sections, if they fill `bytes` exactly.
fn read_sections(mut bytes: &[u8], count: u32) -> Option<Vec<(SectionTag, Vec<u8>)>> {
    let mut sections = Vec::new();
    for _ in 0..count {
        let (head, rest) = bytes.split_at_checked(SECTION)?;
        let (tag, length) = head.split_at(8);
        let tag = SectionTag::try_from(u64::from_le_bytes(tag.try_into().ok()?)).ok()?;
        let length = usize::try_from(u64::from_le_bytes(length.try_into().ok()?)).ok()?;
        let (section, rest) = rest.split_at_checked(length)?;
        sections.push((tag, section.to_vec()));
        bytes = rest;
    }
    bytes.is_empty().then_some(sections)
}
