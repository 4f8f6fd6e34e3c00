//! The directory's lock: one venue per data directory.

use crate::disk::Folder;
use crate::error::Error;
use crate::files::create_dir;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// Holds `DIR/lock` until it is dropped or the process ends, however it ends (`flock`).
#[derive(Debug)]
pub struct DirLock {
    _file: Option<File>,
}

impl DirLock {
    /// For a disk that nobody else can reach: it locks nothing.
    pub(crate) fn unneeded() -> DirLock {
        DirLock { _file: None }
    }

    /// Takes the lock of the data directory `dir`, creating both if they are not there. A second owner, in this
    /// process or another, is refused with [`Error::Locked`]; a directory that may not be written with
    /// [`Error::ReadOnly`].
    pub fn acquire(dir: &Path) -> Result<DirLock, Error> {
        create_dir(&Folder::from(dir))?;
        let path = dir.join("lock");
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = open.map_err(|error| Error::io("open", &path, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Locked { pid: owner(&mut file), path }),
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path, error)),
        }
        // The number helps a person to find the owner; the lock does not depend on it.
        let note = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
        note.map_err(|error| Error::io("write", &path, error))?;
        Ok(DirLock { _file: Some(file) })
    }
}

fn owner(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
