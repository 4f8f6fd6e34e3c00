//! Names and files: where segments lie, how they are made, and what makes a name durable.

use crate::error::Error;
use rustix::fs::{Advice, FallocateFlags, fadvise, fallocate};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Where cut tails are kept.
pub(crate) const QUARANTINE: &str = "quarantine";
/// Zeroes are written in pieces of this size, so that the disk is never asked for a whole segment at once.
const ZERO_BYTES: usize = 1 << 20;

/// The file of segment `number`.
pub(crate) fn segment_path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:08}.seg"))
}

/// The segments that are there, by number: dense from 1.
pub(crate) fn list_segments(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(dir).map_err(|error| Error::io("list", dir, error))? {
        let name = entry.map_err(|error| Error::io("list", dir, error))?.file_name();
        if let Some(number) = name.to_str().and_then(segment_number) {
            numbers.push(number);
        }
    }
    numbers.sort_unstable();
    for (expected, &found) in (1..).zip(&numbers) {
        if expected != found {
            return Err(Error::MissingSegment { dir: dir.to_path_buf(), expected, found });
        }
    }
    Ok(numbers.into_iter().map(|number| segment_path(dir, number)).collect())
}

/// The number in a segment's file name.
fn segment_number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".seg")?;
    let number: u64 = digits.parse().ok()?;
    (format!("{number:08}") == digits).then_some(number)
}

/// Removes segments that were being made when the writer ended. They never had their name.
pub(crate) fn remove_unfinished(dir: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(dir).map_err(|error| Error::io("list", dir, error))? {
        let path = entry.map_err(|error| Error::io("list", dir, error))?.path();
        if path.extension().is_some_and(|extension| extension == "stage") {
            fs::remove_file(&path).map_err(|error| Error::io("remove", &path, error))?;
        }
    }
    Ok(())
}

/// Makes a segment file of zeroes that has all its blocks on the disk, and gives it its name last.
///
/// Zeroes are written instead of left as unwritten extents, because a commit into those has to change metadata too.
/// They are then dropped from the page cache and read back page by page: pages left by big writes are large folios,
/// of which every commit would write 2 MiB.
pub(crate) fn make_segment(dir: &Path, number: u64, bytes: u64) -> Result<PathBuf, Error> {
    let path = segment_path(dir, number);
    let unfinished = path.with_extension("stage");
    let result = write_zeroes(&unfinished, bytes).and_then(|()| {
        fs::rename(&unfinished, &path).map_err(|error| Error::io("rename", &unfinished, error))?;
        sync_dir(dir)
    });
    if result.is_err() {
        // Gives the room back; the error that is reported is the first one.
        let _ = fs::remove_file(&unfinished);
    }
    result.map(|()| path)
}

fn write_zeroes(path: &Path, bytes: u64) -> Result<(), Error> {
    let full = |error: io::Error| Error::io_needing("write", path, bytes, error);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path).map_err(full)?;
    match fallocate(&file, FallocateFlags::empty(), 0, bytes) {
        // Where the file system cannot, the zeroes below take the room all the same.
        Ok(()) | Err(rustix::io::Errno::OPNOTSUPP) => {}
        Err(errno) => return Err(full(errno.into())),
    }
    let zeroes = vec![0; ZERO_BYTES];
    let mut left = bytes;
    while left > 0 {
        let piece = left.min(ZERO_BYTES as u64) as usize;
        file.write_all(&zeroes[..piece]).map_err(full)?;
        left -= piece as u64;
    }
    file.sync_data().map_err(full)?;
    let _ = fadvise(&file, 0, None, Advice::DontNeed);
    Ok(())
}

/// Opens a segment for reading and writing.
pub(crate) fn open_writable(path: &Path) -> Result<File, Error> {
    OpenOptions::new().read(true).write(true).open(path).map_err(|error| Error::io("open", path, error))
}

/// Reads the file once, so that its pages are in the cache as single pages (`RANDOM` keeps the kernel from making large
/// folios). Tells whether all of it is zero.
pub(crate) fn warm(file: &File, path: &Path, bytes: u64) -> Result<bool, Error> {
    let _ = fadvise(file, 0, None, Advice::Random);
    let mut buffer = vec![0; ZERO_BYTES];
    let (mut at, mut zero) = (0, true);
    while at < bytes {
        let piece = (bytes - at).min(ZERO_BYTES as u64) as usize;
        file.read_exact_at(&mut buffer[..piece], at).map_err(|error| Error::io("read", path, error))?;
        zero &= is_zero(&buffer[..piece]);
        at += piece as u64;
    }
    Ok(zero)
}

/// Whether every byte is zero.
pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    let (chunks, rest) = bytes.as_chunks::<64>();
    chunks.iter().all(|chunk| chunk.iter().fold(0, |any, byte| any | byte) == 0) && rest.iter().all(|&byte| byte == 0)
}

/// The length of a file that must be `expected` bytes long.
pub(crate) fn check_length(file: &File, path: &Path, expected: u64) -> Result<(), Error> {
    let actual = file.metadata().map_err(|error| Error::io("inspect", path, error))?.len();
    if actual == expected { Ok(()) } else { Err(Error::Truncated { path: path.to_path_buf(), expected, actual }) }
}

/// Makes the names in a directory durable: syncing a file does not cover its name.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), Error> {
    File::open(dir).and_then(|handle| handle.sync_all()).map_err(|error| Error::io("sync", dir, error))
}

/// Creates a directory and its missing parents, and makes their names durable.
pub(crate) fn create_dir(dir: &Path) -> Result<(), Error> {
    if dir.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(dir).map_err(|error| Error::io("create", dir, error))?;
    match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_dir(parent),
        _ => Ok(()),
    }
}

/// Writes a file under a temporary name, syncs it, renames it, syncs the directory.
pub(crate) fn write_atomically(path: &Path, pieces: &[&[u8]]) -> Result<(), Error> {
    let unfinished = path.with_extension("tmp");
    let needed = pieces.iter().map(|piece| piece.len() as u64).sum();
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&unfinished)?;
        pieces.iter().try_for_each(|piece| file.write_all(piece))?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    };
    if let Err(error) = write() {
        let _ = fs::remove_file(&unfinished);
        return Err(Error::io_needing("write", path, needed, error));
    }
    path.parent().map_or(Ok(()), sync_dir)
}

/// Reads a whole file.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut file = File::open(path).map_err(|error| Error::io("open", path, error))?;
    file.read_to_end(&mut bytes).map_err(|error| Error::io("read", path, error))?;
    Ok(bytes)
}
