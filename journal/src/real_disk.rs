//! The operating system's files.

use crate::disk::{Access, Disk, DiskFile, PageUse};
use crate::error::Error;
use crate::lock::DirLock;
use crate::map::Map;
use crate::sync::{Fdatasync, Syncer};
use rustix::fs::{Advice, FallocateFlags, fadvise, fallocate};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::num::NonZeroU64;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The operating system's files. Segments that are in use are made durable by a [`Syncer`], by default `fdatasync(2)`;
/// what is being made, always by that.
#[derive(Clone)]
pub struct RealDisk {
    syncer: Arc<dyn Syncer>,
}

struct RealFile {
    file: File,
    path: PathBuf,
    syncer: Arc<dyn Syncer>,
}

/// The smallest page of a cache.
static PAGE: [u8; 4096] = [0; 4096];

impl RealDisk {
    /// One whose files are made durable by something else: by a disk that fails, in a test.
    pub fn synced_by(syncer: Arc<dyn Syncer>) -> RealDisk {
        RealDisk { syncer }
    }
}

impl Default for RealDisk {
    fn default() -> RealDisk {
        RealDisk::synced_by(Arc::new(Fdatasync))
    }
}

impl Disk for RealDisk {
    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        match access {
            Access::Read => options.read(true),
            Access::Write => options.read(true).write(true),
            Access::Create => options.write(true).create(true).truncate(true),
        };
        let file = options.open(path)?;
        let syncer: Arc<dyn Syncer> = match access {
            Access::Create => Arc::new(Fdatasync),
            Access::Read | Access::Write => Arc::clone(&self.syncer),
        };
        Ok(Arc::new(RealFile { file, path: path.to_path_buf(), syncer }))
    }

    fn length(&self, path: &Path) -> io::Result<Option<u64>> {
        match fs::metadata(path) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn names(&self, dir: &Path) -> io::Result<Vec<String>> {
        let entries = fs::read_dir(dir)?.map(|entry| Ok(entry?.file_name().into_string().ok()));
        // A name that is no text is none of the journal's.
        entries.filter_map(Result::transpose).collect()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }

    fn lock(&self, dir: &Path) -> Result<DirLock, Error> {
        DirLock::acquire(dir)
    }
}

impl DiskFile for RealFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(bytes, offset)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    fn zero(&self, offset: u64, bytes: usize) -> io::Result<()> {
        // What is written at once comes to lie in a page as large, and a commit writes the whole of each that it touched.
        for from in (0..bytes).step_by(PAGE.len()) {
            self.file.write_all_at(&PAGE[..PAGE.len().min(bytes - from)], offset + from as u64)?;
        }
        // Linux begins to write what is dirty before it looks what it may drop, which those pages are not yet.
        let _ = fadvise(&self.file, offset, NonZeroU64::new(bytes as u64), Advice::DontNeed);
        Ok(())
    }

    fn allocate(&self, bytes: u64) -> io::Result<bool> {
        match fallocate(&self.file, FallocateFlags::empty(), 0, bytes) {
            Ok(()) => Ok(true),
            Err(rustix::io::Errno::OPNOTSUPP) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }

    fn sync(&self) -> io::Result<()> {
        self.syncer.sync(&self.file, &self.path)
    }

    fn map(&self, bytes: u64) -> io::Result<Map> {
        Map::new(&self.file, bytes)
    }

    fn advise(&self, use_: PageUse) {
        let advice = match use_ {
            PageUse::Single => Advice::Random,
            PageUse::Dropped => Advice::DontNeed,
        };
        let _ = fadvise(&self.file, 0, None, advice);
    }
}
