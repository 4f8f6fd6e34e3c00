//! The directory's lock: one venue per data directory.

use crate::disk::Folder;
use crate::error::Error;
use crate::files::create_dir;
use rustix::fs::statfs;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// Holds `DIR/lock` until it is dropped or the process ends, however it ends (`flock`).
#[derive(Debug)]
pub struct DirLock {
    file: Option<File>,
}

impl DirLock {
    /// For a disk that nobody else can reach: it locks nothing.
    pub(crate) fn unneeded() -> DirLock {
        DirLock { file: None }
    }

    /// Takes the lock of the data directory `dir`, creating both if they are not there. A second owner, in this
    /// process or another, is refused with [`Error::Locked`]; a directory that may not be written with
    /// [`Error::ReadOnly`].
    pub fn acquire(dir: &Path) -> Result<DirLock, Error> {
        create_dir(&Folder::from(dir))?;
        require_local(dir)?;
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
        Ok(DirLock { file: Some(file) })
    }
}

impl Drop for DirLock {
    fn drop(&mut self) {
        // Closing the file would do, unless a child that is being started has it for a moment as well.
        if let Some(file) = &self.file {
            let _ = file.unlock();
        }
    }
}

/// A mapped journal on a network file system is not what its reader thinks: stores of one machine reach the others when
/// they like, a lost connection is a signal, and locks hold on one machine only.
fn require_local(dir: &Path) -> Result<(), Error> {
    // Where the kernel does not say what it is, it is taken for local.
    let kind = statfs(dir).ok().and_then(|found| network_file_system(found.f_type as u64));
    kind.map_or(Ok(()), |kind| Err(Error::NetworkFileSystem { path: dir.to_path_buf(), kind }))
}

/// The name of a network file system by the number that `statfs(2)` gives it.
fn network_file_system(number: u64) -> Option<&'static str> {
    // The field is signed on some machines.
    match number & 0xffff_ffff {
        0x6969 => Some("nfs"),
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => Some("smb"),
        0x0102_1997 => Some("9p"),
        0x00c3_6400 => Some("ceph"),
        0x5346_414f | 0x6b41_4653 => Some("afs"),
        0x7375_7245 => Some("coda"),
        0x0bd0_0bd0 => Some("lustre"),
        0x7461_636f => Some("ocfs2"),
        0x0116_1970 => Some("gfs2"),
        _ => None,
    }
}

fn owner(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_their_numbers() {
        // From linux/magic.h: nfs, smb2 as a signed 32-bit field, ext4, tmpfs, overlay, xfs, btrfs.
        assert_eq!(network_file_system(0x6969), Some("nfs"));
        assert_eq!(network_file_system(0xfe53_4d42_u32 as i32 as i64 as u64), Some("smb"));
        for local in [0xef53, 0x0102_1994, 0x794c_7630, 0x5846_5342, 0x9123_683e] {
            assert_eq!(network_file_system(local), None);
        }
        assert!(require_local(Path::new(".")).is_ok());
        assert!(require_local(Path::new("/nowhere")).is_ok(), "opening it will say that it is not there");
    }
}
