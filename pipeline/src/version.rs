//! The format of the data folder as a whole. It grows when a program of another version must not touch what this one
//! wrote, or cannot read it.
//!
//! 2: instruments have a mode of self-trade prevention and an allocation. 3: they have bands, settings of triggers, of
//! post-only orders and of amends, and more filters; snapshots have what waits.

use std::fs::File;
use std::io::Write;

use crate::config::VenueDir;
use crate::error::VenueError;

const VERSION: u32 = 3;

impl VenueDir {
    /// Refuses a folder of another version. One that says nothing is new.
    pub fn check_version(&self) -> Result<(), VenueError> {
        let path = self.version();
        if !path.exists() {
            return Ok(());
        }
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|cause| VenueError::Io { op: "read the data folder's version", cause })?;
        match text.trim().parse::<u32>() {
            Ok(VERSION) => Ok(()),
            _ => {
                let found = text.trim().chars().take(32).collect();
                Err(VenueError::Version { path, found, supported: VERSION })
            }
        }
    }
}

/// Checks the folder's version, and writes it into a new folder: whole or not at all.
pub(crate) fn adopt(dir: &VenueDir) -> Result<(), VenueError> {
    dir.check_version()?;
    let path = dir.version();
    if path.exists() {
        return Ok(());
    }
    let unfinished = path.with_extension("tmp");
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&unfinished)?;
        writeln!(file, "{VERSION}")?;
        file.sync_all()?;
        std::fs::rename(&unfinished, &path)?;
        File::open(dir.path())?.sync_all()
    };
    write().map_err(|cause| VenueError::Io { op: "write the data folder's version", cause })
}
