//! Names and files: where segments lie, how they are made, and what makes a name durable.

use crate::disk::{Access, Disk, DiskFile, Folder, PageUse};
use crate::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

/// Where cut tails are kept.
pub(crate) const QUARANTINE: &str = "quarantine";
/// Whole segments are gone through in portions of so many bytes, some ten microseconds of work: the disk is never asked for
/// a segment at once, and between two of them who waits for this processor has it. A writer that spins and lends its own
/// meanwhile is not asleep, so that no wake-up puts this thread aside for it.
pub(crate) const PORTION: usize = 64 << 10;

/// The file of segment `number`.
pub(crate) fn segment_path(dir: &Folder, number: u64) -> PathBuf {
    dir.path.join(format!("{number:08}.seg"))
}

/// The segments that are there, by number: dense from 1.
pub(crate) fn list_segments(dir: &Folder) -> Result<Vec<PathBuf>, Error> {
    let mut numbers: Vec<u64> = names(dir)?.iter().filter_map(|name| segment_number(name)).collect();
    numbers.sort_unstable();
    for (expected, &found) in (1..).zip(&numbers) {
        if expected != found {
            return Err(Error::MissingSegment { dir: dir.path.clone(), expected, found });
        }
    }
    Ok(numbers.into_iter().map(|number| segment_path(dir, number)).collect())
}

/// The names in a directory.
pub(crate) fn names(dir: &Folder) -> Result<Vec<String>, Error> {
    dir.disk.names(&dir.path).map_err(|error| Error::io("list", &dir.path, error))
}

/// The number in a segment's file name.
fn segment_number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".seg")?;
    let number: u64 = digits.parse().ok()?;
    (format!("{number:08}") == digits).then_some(number)
}

/// Removes segments that were being made when the writer ended. They never had their name.
pub(crate) fn remove_unfinished(dir: &Folder) -> Result<(), Error> {
    for name in names(dir)?.iter().filter(|name| name.ends_with(".stage")) {
        remove(dir, &dir.path.join(name))?;
    }
    Ok(())
}

/// Removes a file.
pub(crate) fn remove(dir: &Folder, path: &Path) -> Result<(), Error> {
    dir.disk.remove(path).map_err(|error| Error::io("remove", path, error))
}

/// The length of a file in bytes, or nothing if there is none of this name.
pub(crate) fn length(dir: &Folder, path: &Path) -> Result<Option<u64>, Error> {
    dir.disk.length(path).map_err(|error| Error::io("inspect", path, error))
}

/// Makes a segment file that is all zero and has all its blocks on the disk, and gives it its name last.
///
/// Where commits come often, zeroes are written instead of leaving the blocks as unwritten extents: a commit into those has
/// to change metadata too. They are written a page at a time: big writes leave large folios in the page cache, of which
/// every commit would write 2 MiB.
pub(crate) fn make_segment(dir: &Folder, number: u64, bytes: u64, often: bool) -> Result<PathBuf, Error> {
    let path = segment_path(dir, number);
    let unfinished = path.with_extension("stage");
    let result = make(dir, &unfinished, bytes, often).and_then(|()| {
        dir.disk.rename(&unfinished, &path).map_err(|error| Error::io("rename", &unfinished, error))?;
        sync_dir(dir)
    });
    if result.is_err() {
        // Gives the room back; the error that is reported is the first one.
        let _ = dir.disk.remove(&unfinished);
    }
    result.map(|()| path)
}

fn make(dir: &Folder, path: &Path, bytes: u64, often: bool) -> Result<(), Error> {
    let full = |error: io::Error| Error::io_needing("write", path, bytes, error);
    let file = dir.disk.open(path, Access::Create).map_err(full)?;
    let allocated = file.allocate(bytes).map_err(full)?;
    if often || !allocated {
        zero(file.as_ref(), 0, bytes).map_err(full)?;
    }
    file.sync().map_err(full)
}

/// Writes zeroes from `from` to `to`.
pub(crate) fn zero(file: &dyn DiskFile, from: u64, to: u64) -> io::Result<()> {
    let mut at = from;
    while at < to {
        let piece = (to - at).min(PORTION as u64) as usize;
        file.zero(at, piece)?;
        at += piece as u64;
        thread::yield_now();
    }
    Ok(())
}

/// Opens a segment for reading.
pub(crate) fn open_readable(dir: &Folder, path: &Path) -> Result<Arc<dyn DiskFile>, Error> {
    dir.disk.open(path, Access::Read).map_err(|error| Error::io("open", path, error))
}

/// Opens a segment for reading and writing.
pub(crate) fn open_writable(dir: &Folder, path: &Path) -> Result<Arc<dyn DiskFile>, Error> {
    dir.disk.open(path, Access::Write).map_err(|error| Error::io("open", path, error))
}

/// Whether all of a file is zero.
pub(crate) fn is_empty(dir: &Folder, path: &Path, bytes: u64) -> Result<bool, Error> {
    let file = open_readable(dir, path)?;
    // Its pages come into the cache one by one, and not as large folios.
    file.advise(PageUse::Single);
    let mut buffer = vec![0; PORTION];
    let mut at = 0;
    while at < bytes {
        let piece = &mut buffer[..(bytes - at).min(PORTION as u64) as usize];
        file.read_exact_at(piece, at).map_err(|error| Error::io("read", path, error))?;
        if !is_zero(piece) {
            return Ok(false);
        }
        at += piece.len() as u64;
        thread::yield_now();
    }
    Ok(true)
}

/// Whether every byte is zero.
pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    let (chunks, rest) = bytes.as_chunks::<64>();
    chunks.iter().all(|chunk| chunk.iter().fold(0, |any, byte| any | byte) == 0) && rest.iter().all(|&byte| byte == 0)
}

/// The length of a file that must be `expected` bytes long.
pub(crate) fn check_length(file: &dyn DiskFile, path: &Path, expected: u64) -> Result<(), Error> {
    let actual = file.length().map_err(|error| Error::io("inspect", path, error))?;
    if actual == expected { Ok(()) } else { Err(Error::Truncated { path: path.to_path_buf(), expected, actual }) }
}

/// Makes the names in a directory durable: syncing a file does not cover its name.
pub(crate) fn sync_dir(dir: &Folder) -> Result<(), Error> {
    dir.disk.sync_dir(&dir.path).map_err(|error| Error::io("sync", &dir.path, error))
}

/// Creates a directory and its missing parents, and makes their names durable. That of one that is there already too:
/// who made it may not have come to that.
pub(crate) fn create_dir(dir: &Folder) -> Result<(), Error> {
    make_dir(dir.disk.as_ref(), &dir.path).map_err(|error| Error::io("create", &dir.path, error))
}

fn make_dir(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    let parent = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Ok(()),
    };
    if disk.length(path)?.is_some() {
        return match disk.sync_dir(parent) {
            // Where it may not be opened, or knows no sync, the name is somebody else's.
            Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput) => {
                Ok(())
            }
            synced => synced,
        };
    }
    // One that an earlier process made is there, and may have no durable name yet.
    make_dir(disk, parent)?;
    disk.create_dir(path)?;
    disk.sync_dir(parent)
}

/// Writes a file into `dir` under a temporary name, syncs it, renames it, syncs the directory.
pub(crate) fn write_atomically(dir: &Folder, path: &Path, pieces: &[&[u8]]) -> Result<(), Error> {
    let unfinished = path.with_extension("tmp");
    let needed = pieces.iter().map(|piece| piece.len() as u64).sum();
    let write = || -> io::Result<()> {
        let file = dir.disk.open(&unfinished, Access::Create)?;
        let mut at = 0;
        for piece in pieces {
            file.write_all_at(piece, at)?;
            at += piece.len() as u64;
        }
        file.sync()?;
        dir.disk.rename(&unfinished, path)
    };
    if let Err(error) = write() {
        let _ = dir.disk.remove(&unfinished);
        return Err(Error::io_needing("write", path, needed, error));
    }
    sync_dir(dir)
}

/// Reads a whole file.
pub(crate) fn read_file(dir: &Folder, path: &Path) -> Result<Vec<u8>, Error> {
    let file = open_readable(dir, path)?;
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(file.length()?).map_err(io::Error::other)?];
        file.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    };
    read().map_err(|error| Error::io("read", path, error))
}
