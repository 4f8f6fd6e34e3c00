//! A disk in memory that does what disks do when the power goes, and what bad ones do besides.
//!
//! Every file has the bytes that the program sees and those that the disk holds; a sync makes them one. When the power
//! goes ([`SimDisk::crash`]), each sector of 512 bytes that was written and not synced is, by chance, there, not there,
//! or there in part, and names that were not synced may be the old ones. All chance follows from the seed, so the same
//! calls bring the same bytes.

mod file;
mod names;
mod random;

use crate::disk::{Access, Disk, DiskFile, Folder};
use crate::error::Error;
use crate::files::create_dir;
use crate::lock::DirLock;
use file::SimFile;
use names::{Change, Names};
pub use random::Chance;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes that are written whole or not at all by a disk that keeps its word.
pub const SECTOR: usize = 512;

/// A disk in memory, seeded.
pub struct SimDisk {
    platter: Arc<Mutex<Platter>>,
}

/// What becomes of sectors that were written and not synced when the power goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// Each is there or not there.
    Whole,
    /// Each is there, not there, or there in part.
    Torn,
    /// As `Torn`, and one that the disk had never held anything in may be anything.
    Garbage,
}

/// Which call fails, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The number of the call, counted from the disk's first.
    pub call: u64,
    /// As what.
    pub kind: io::ErrorKind,
}

/// Everything, behind one lock.
pub(crate) struct Platter {
    chance: Chance,
    nodes: Vec<Node>,
    names: Names,
    calls: u64,
    fault: Option<Fault>,
}

/// A file's bytes. They stay when its name goes.
#[derive(Default)]
pub(crate) struct Node {
    /// What the program sees.
    now: Vec<u8>,
    /// What the disk holds.
    held: Vec<u8>,
    /// Sectors that were written since the last sync.
    dirty: BTreeSet<usize>,
    /// Sectors of which the disk holds something that was stored through a mapping.
    stored: BTreeSet<usize>,
    is_mapped: bool,
}

impl SimDisk {
    /// An empty disk.
    pub fn new(seed: u64) -> SimDisk {
        let names = Names::default();
        let platter = Platter { chance: Chance::new(seed), nodes: Vec::new(), names, calls: 0, fault: None };
        SimDisk { platter: Arc::new(Mutex::new(platter)) }
    }

    /// The power goes, and comes back. Files that were open are of no use any more.
    pub fn crash(&self, how: Crash) {
        let platter = &mut *self.lock();
        for node in &mut platter.nodes {
            node.crash(&mut platter.chance, how);
        }
        platter.names.crash(&mut platter.chance);
        platter.fault = None;
    }

    /// How many calls there were.
    pub fn calls(&self) -> u64 {
        self.lock().calls
    }

    /// Has a call fail, once. A sync that fails leaves some sectors written and counts all as written, as kernels do.
    pub fn fail(&self, fault: Option<Fault>) {
        self.lock().fault = fault;
    }

    /// Whether the call that is to fail has not come yet.
    pub fn will_fail(&self) -> bool {
        self.lock().fault.is_some()
    }

    /// One bit that the disk holds changes, in a file whose path `wanted` says yes to. Gives the place.
    pub fn rot(&self, wanted: impl Fn(&Path) -> bool) -> Option<(PathBuf, usize)> {
        let platter = &mut *self.lock();
        let (path, node) = platter.pick(wanted)?;
        let node = &mut platter.nodes[node];
        // What is not used yet would be noticed, and made anew.
        let used = node.held.iter().rposition(|&byte| byte != 0)? as u64 + 1;
        let at = platter.chance.below(used) as usize;
        let bit = 1 << platter.chance.below(8);
        node.held[at] ^= bit;
        node.now[at] ^= bit;
        Some((path, at))
    }

    /// One sector that the disk holds is written over by another one of the same file, or of another one, as if a write
    /// had gone astray. Gives the place.
    pub fn misdirect(&self, wanted: impl Fn(&Path) -> bool) -> Option<(PathBuf, usize)> {
        let platter = &mut *self.lock();
        let (_, from) = platter.pick(&wanted)?;
        let (path, to) = platter.pick(&wanted)?;
        let (source, target) = (platter.nodes[from].used_sectors(), platter.nodes[to].used_sectors());
        if source == 0 || target == 0 {
            return None;
        }
        let source = platter.chance.below(source as u64) as usize * SECTOR;
        let target = platter.chance.below(target as u64) as usize * SECTOR;
        let bytes = platter.nodes[from].held[source..source + SECTOR].to_vec();
        let node = &mut platter.nodes[to];
        node.held[target..target + SECTOR].copy_from_slice(&bytes);
        node.now[target..target + SECTOR].copy_from_slice(&bytes);
        Some((path, target))
    }

    /// The files, each with its bytes.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let platter = self.lock();
        platter.names.now().map(|(path, node)| (path.clone(), platter.nodes[node].now.clone())).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Platter> {
        lock(&self.platter)
    }
}

pub(crate) fn lock(platter: &Mutex<Platter>) -> MutexGuard<'_, Platter> {
    platter.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Platter {
    /// Counts a call, and fails it if it is its turn.
    pub(crate) fn call(&mut self) -> io::Result<()> {
        self.calls += 1;
        match self.fault {
            Some(fault) if fault.call == self.calls => {
                self.fault = None;
                Err(io::Error::new(fault.kind, "the simulated disk was told to fail"))
            }
            _ => Ok(()),
        }
    }

    fn pick(&mut self, wanted: impl Fn(&Path) -> bool) -> Option<(PathBuf, usize)> {
        let nodes = &self.nodes;
        let found = self.names.now().filter(|(path, node)| wanted(path) && !nodes[*node].held.is_empty());
        let found: Vec<(PathBuf, usize)> = found.map(|(path, node)| (path.clone(), node)).collect();
        let index = self.chance.below(found.len().max(1) as u64) as usize;
        found.into_iter().nth(index)
    }

    fn find(&self, path: &Path) -> io::Result<usize> {
        self.names.find(path).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}

impl Node {
    /// Whole sectors up to the last that is not zero.
    fn used_sectors(&self) -> usize {
        let used = self.held.iter().rposition(|&byte| byte != 0).map_or(0, |last| last / SECTOR + 1);
        used.min(self.held.len() / SECTOR)
    }

    /// From now on it is stored into through a mapping.
    pub(crate) fn map(&mut self) {
        self.is_mapped = true;
    }

    /// The bytes from `at` on change, as far as the program can see.
    pub(crate) fn write(&mut self, bytes: &[u8], at: usize) {
        let end = at + bytes.len();
        if self.now.len() < end {
            self.now.resize(end, 0);
        }
        self.now[at..end].copy_from_slice(bytes);
        if !bytes.is_empty() {
            self.dirty.extend(at / SECTOR..=(end - 1) / SECTOR);
        }
    }

    pub(crate) fn sync(&mut self) {
        self.held.resize(self.now.len(), 0);
        for sector in std::mem::take(&mut self.dirty) {
            self.keep(sector, SECTOR);
        }
        // The last record may end in zeroes, in a sector that was never written and is covered all the same.
        self.stored.extend(self.stored.last().map(|last| last + 1));
    }

    /// A sync that fails: some sectors were written, and none is known any more not to have been.
    pub(crate) fn fail_sync(&mut self, chance: &mut Chance) {
        self.held.resize(self.now.len(), 0);
        for sector in std::mem::take(&mut self.dirty) {
            if chance.below(2) == 0 {
                self.keep(sector, SECTOR);
            }
        }
    }

    /// What counts as written is read from the disk again.
    pub(crate) fn drop_clean(&mut self) {
        for start in (0..self.now.len().min(self.held.len())).step_by(SECTOR) {
            if !self.dirty.contains(&(start / SECTOR)) {
                let end = (start + SECTOR).min(self.now.len()).min(self.held.len());
                self.now[start..end].copy_from_slice(&self.held[start..end]);
            }
        }
    }

    fn crash(&mut self, chance: &mut Chance, how: Crash) {
        if self.now.len() > self.held.len() && chance.below(2) == 0 {
            self.held.resize(self.now.len(), 0);
        }
        for sector in std::mem::take(&mut self.dirty) {
            let fates = match how {
                Crash::Whole => 2,
                Crash::Torn => 3,
                Crash::Garbage => 4,
            };
            match chance.below(fates) {
                0 => {}
                1 => self.keep(sector, SECTOR),
                2 => self.keep(sector, chance.below(SECTOR as u64) as usize),
                _ => self.scramble(sector, chance),
            }
        }
        self.now.clone_from(&self.held);
    }

    /// The first bytes of a sector reach the disk.
    fn keep(&mut self, sector: usize, bytes: usize) {
        let start = sector * SECTOR;
        let end = (start + bytes).min(self.now.len()).min(self.held.len());
        if start < end {
            if self.is_mapped {
                self.stored.insert(sector);
            }
            self.held[start..end].copy_from_slice(&self.now[start..end]);
        }
    }

    fn scramble(&mut self, sector: usize, chance: &mut Chance) {
        let start = sector * SECTOR;
        let end = (start + SECTOR).min(self.held.len());
        if start < end && !self.stored.contains(&sector) {
            self.held[start..end].iter_mut().for_each(|byte| *byte = chance.next() as u8);
        }
    }
}

impl Disk for SimDisk {
    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        let mut platter = self.lock();
        platter.call()?;
        let node = match (platter.names.find(path), access) {
            (Some(node), Access::Create) => {
                platter.nodes[node].now.clear();
                node
            }
            (Some(node), Access::Read | Access::Write) => node,
            (None, Access::Create) => {
                platter.nodes.push(Node::default());
                let node = platter.nodes.len() - 1;
                platter.names.change(Change::Link(path.to_path_buf(), node));
                node
            }
            (None, Access::Read | Access::Write) => return Err(io::ErrorKind::NotFound.into()),
        };
        Ok(Arc::new(SimFile { platter: Arc::clone(&self.platter), node }))
    }

    fn length(&self, path: &Path) -> io::Result<Option<u64>> {
        let mut platter = self.lock();
        platter.call()?;
        let file = platter.names.find(path).map(|node| platter.nodes[node].now.len() as u64);
        Ok(file.or_else(|| platter.names.is_dir(path).then_some(0)))
    }

    fn names(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut platter = self.lock();
        platter.call()?;
        if !platter.names.is_dir(dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(platter.names.list(dir))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut platter = self.lock();
        platter.call()?;
        let node = platter.find(from)?;
        platter.names.change(Change::Rename { from: from.to_path_buf(), to: to.to_path_buf(), node });
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut platter = self.lock();
        platter.call()?;
        platter.find(path)?;
        platter.names.change(Change::Remove(path.to_path_buf()));
        Ok(())
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        let mut platter = self.lock();
        platter.call()?;
        platter.names.create_dir(dir);
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut platter = self.lock();
        platter.call()?;
        platter.names.sync_dir(dir);
        Ok(())
    }

    fn lock(&self, dir: &Path) -> Result<DirLock, Error> {
        // Whoever holds a simulated disk is its only user.
        create_dir(&Folder::on(Arc::new(SimDisk { platter: Arc::clone(&self.platter) }), dir))?;
        Ok(DirLock::unneeded())
    }
}
