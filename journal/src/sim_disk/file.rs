//! An open file of the simulated disk.

use super::{Platter, lock};
use crate::disk::{DiskFile, PageUse};
use crate::map::{Map, Memory};
use std::io;
use std::sync::{Arc, Mutex};

pub(crate) struct SimFile {
    pub(crate) platter: Arc<Mutex<Platter>>,
    pub(crate) node: usize,
}

/// A file's bytes, stored into without calls that could fail.
struct SimMemory {
    platter: Arc<Mutex<Platter>>,
    node: usize,
    bytes: usize,
}

impl DiskFile for SimFile {
    fn length(&self) -> io::Result<u64> {
        let mut platter = lock(&self.platter);
        platter.call()?;
        Ok(platter.nodes[self.node].now.len() as u64)
    }

    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        let mut platter = lock(&self.platter);
        platter.call()?;
        let now = &platter.nodes[self.node].now;
        let from = usize::try_from(offset).ok().and_then(|offset| now.get(offset..)?.get(..bytes.len()));
        bytes.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut platter = lock(&self.platter);
        let failed = platter.call();
        // A write that fails may have come some way.
        let written = match failed {
            Ok(()) => bytes.len(),
            Err(_) => platter.chance.below(bytes.len() as u64) as usize,
        };
        platter.nodes[self.node].write(&bytes[..written], usize::try_from(offset).map_err(io::Error::other)?);
        failed
    }

    fn allocate(&self, _bytes: u64) -> io::Result<bool> {
        lock(&self.platter).call().map(|()| false)
    }

    fn sync(&self) -> io::Result<()> {
        let platter = &mut *lock(&self.platter);
        let called = platter.call();
        match called {
            Ok(()) => platter.nodes[self.node].sync(),
            Err(_) => platter.nodes[self.node].fail_sync(&mut platter.chance),
        }
        called
    }

    fn map(&self, bytes: u64) -> io::Result<Map> {
        let mut platter = lock(&self.platter);
        platter.call()?;
        platter.nodes[self.node].map();
        let bytes = usize::try_from(bytes).map_err(io::Error::other)?;
        Ok(Map::of(Arc::new(SimMemory { platter: Arc::clone(&self.platter), node: self.node, bytes })))
    }

    fn zero(&self, offset: u64, bytes: usize) -> io::Result<()> {
        self.write_all_at(&vec![0; bytes], offset)
    }

    fn advise(&self, use_: PageUse) {
        if use_ == PageUse::Dropped {
            lock(&self.platter).nodes[self.node].drop_clean();
        }
    }
}

impl Memory for SimMemory {
    fn bytes(&self) -> usize {
        self.bytes
    }

    fn store(&self, offset: usize, bytes: &[u8]) {
        lock(&self.platter).nodes[self.node].write(bytes, offset);
    }
}
