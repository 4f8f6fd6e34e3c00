//! What a journal lies on: the calls that it makes to the operating system, behind a trait.
//!
//! [`RealDisk`](crate::RealDisk) makes them; a [`SimDisk`](crate::sim_disk::SimDisk) keeps files in memory and loses, tears and
//! refuses as its seed says. The hot path does not come through here: it stores into a [`Map`].

use crate::error::Error;
use crate::files::{create_dir, length, read_file, write_atomically};
use crate::lock::DirLock;
use crate::map::Map;
use crate::real_disk::RealDisk;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files and their names.
pub trait Disk: Send + Sync {
    /// Opens a file.
    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn DiskFile>>;

    /// The length of a file in bytes, or nothing if there is none of this name.
    fn length(&self, path: &Path) -> io::Result<Option<u64>>;

    /// The names in a directory, in any order.
    fn names(&self, dir: &Path) -> io::Result<Vec<String>>;

    /// Gives a file another name; one that has it already is gone.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Creates a directory and its missing parents. One that is there already is no error.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// Makes the names in a directory durable: syncing a file does not cover its name.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// Takes the lock of a directory, which is created if it is not there.
    fn lock(&self, dir: &Path) -> Result<DirLock, Error>;
}

/// An open file. All offsets and lengths are in bytes.
pub trait DiskFile: Send + Sync {
    /// How long it is.
    fn length(&self) -> io::Result<u64>;

    /// Fills `bytes` from `offset` on; less is [`io::ErrorKind::UnexpectedEof`].
    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()>;

    /// Writes all of `bytes` at `offset`. Nothing says when that reaches the disk.
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Writes so many zeroes at `offset`, a page at a time, and has the disk begin with them, so that a sync has less to
    /// do at once.
    fn zero(&self, offset: u64, bytes: usize) -> io::Result<()>;

    /// Makes the file so many bytes long, all zero, and takes their room, or says that there is none. Gives whether the disk
    /// can do that: where it cannot, zeroes take the room when they are written.
    fn allocate(&self, bytes: u64) -> io::Result<bool>;

    /// Returns once everything that was written before the call is on the disk (`fdatasync`). After an error nothing
    /// is known, and a second call that succeeds proves nothing.
    fn sync(&self) -> io::Result<()>;

    /// Maps the first `bytes`, shared and writable.
    fn map(&self, bytes: u64) -> io::Result<Map>;

    /// Says how its pages will be used. Advice only.
    fn advise(&self, use_: PageUse);
}

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading a file that is there.
    Read,
    /// Reading and writing a file that is there.
    Write,
    /// Writing a file that is made, or emptied.
    Create,
}

/// What becomes of a file's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageUse {
    /// They are written and read one by one.
    Single,
    /// They are not needed for now.
    Dropped,
}

/// A directory on a disk. A path by itself means the real one.
#[derive(Clone)]
pub struct Folder {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) path: PathBuf,
}

impl Folder {
    /// The directory `path` on `disk`.
    pub fn on(disk: Arc<dyn Disk>, path: impl Into<PathBuf>) -> Folder {
        Folder { disk, path: path.into() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads a whole file of it.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, Error> {
        read_file(self, &self.path.join(name))
    }

    /// Whether it has a file of this name.
    pub fn has(&self, name: &str) -> Result<bool, Error> {
        Ok(length(self, &self.path.join(name))?.is_some())
    }

    /// Writes a file of it, whole or not at all, and durable when this returns. One that has the name already is
    /// replaced.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        create_dir(self)?;
        write_atomically(self, &self.path.join(name), &[bytes])
    }

    /// Takes its lock.
    pub fn lock(&self) -> Result<DirLock, Error> {
        self.disk.lock(&self.path)
    }

    /// A directory in it.
    pub fn join(&self, name: &str) -> Folder {
        Folder { disk: Arc::clone(&self.disk), path: self.path.join(name) }
    }
}

impl From<&Path> for Folder {
    fn from(path: &Path) -> Folder {
        Folder::on(Arc::new(RealDisk::default()), path)
    }
}

impl From<&PathBuf> for Folder {
    fn from(path: &PathBuf) -> Folder {
        Folder::from(path.as_path())
    }
}

impl From<&Folder> for Folder {
    fn from(folder: &Folder) -> Folder {
        folder.clone()
    }
}

impl AsRef<Path> for Folder {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

impl std::fmt::Debug for Folder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.path.fmt(f)
    }
}
