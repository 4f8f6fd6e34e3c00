//! The format of the data folder as a whole. It grows when a program of another version must not touch what this one
//! wrote, or cannot read it.
//!
//! 2: instruments have a mode of self-trade prevention and an allocation. 3: they have bands, settings of triggers, of
//! post-only orders and of amends, and more filters; snapshots have what waits.

use crate::config::{self, VenueDir};
use crate::error::VenueError;

const VERSION: u32 = 3;

impl VenueDir {
    /// Refuses a folder of another version. One that says nothing is new.
    pub fn check_version(&self) -> Result<(), VenueError> {
        if !self.folder().has(config::VERSION)? {
            return Ok(());
        }
        let text = self.folder().read(config::VERSION)?;
        let text = String::from_utf8_lossy(&text);
        match text.trim().parse::<u32>() {
            Ok(VERSION) => Ok(()),
            _ => {
                let found = text.trim().chars().take(32).collect();
                Err(VenueError::Version { path: self.version(), found, supported: VERSION })
            }
        }
    }
}

/// Checks the folder's version, and writes it into a new folder: whole or not at all.
pub(crate) fn adopt(dir: &VenueDir) -> Result<(), VenueError> {
    dir.check_version()?;
    if dir.folder().has(config::VERSION)? {
        return Ok(());
    }
    Ok(dir.folder().write(config::VERSION, format!("{VERSION}\n").as_bytes())?)
}
