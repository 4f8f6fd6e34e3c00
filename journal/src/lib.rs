//! Remembers: appends opaque records to memory-mapped segments, makes them durable, reads them back, and refuses
//! anything torn or altered.
//!
//! The crate does not know orders, accounts or commands, and reads no clock: times, ids and payloads are arguments.
//! `docs/journal-format.md` describes the bytes.
//!
//! ```
//! use papertape_journal::{Identity, Kind, Options, Reader, open};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let data = tempfile::tempdir()?;
//! let dir = data.path().join("journal");
//! let options = Options { segment_bytes: 64 * 1024, ..Options::default() };
//! let mut journal = open(&dir, options, Identity::default())?.journal;
//! let seq = journal.append(1_700_000_000_000_000_000, Kind(1), 42, b"buy low")?;
//! assert_eq!(seq, 1);
//!
//! let mut reader = Reader::open(&dir, 1)?;
//! let record = reader.next()?.ok_or("one record")?;
//! assert_eq!((record.seq, record.key, record.payload), (1, 42, &b"buy low"[..]));
//! journal.close()?;
//! # Ok(())
//! # }
//! ```

mod journal;
mod open;
mod options;
mod reader;
pub mod repair;
pub mod snapshot;
mod verify;

#[cfg(feature = "canary")]
pub mod canary;
mod cursor;
mod error;
mod error_text;
mod kind;
mod link;
mod lock;

mod ahead;
mod cut;
mod disk;
mod files;
mod header;
pub mod layout;
mod map;
mod mark;
mod real_disk;
mod record;
mod recover;
mod scan;
pub mod sim_disk;
mod stage;
mod sync;
mod sync_times;
mod verdict;

pub use cursor::{DurableCursor, Outlook};
pub use cut::TornTail;
pub use disk::{Access, Disk, DiskFile, Folder, PageUse};
pub use error::{Corruption, Damage, Error, Failure, HeaderDamage, Proof, SnapshotDamage};
pub use journal::{Chore, Journal, Tag};
pub use kind::{Epoch, Kind};
pub use link::{Link, link};
pub use lock::DirLock;
pub use map::{Map, Memory};
pub use open::{Recovered, open, open_locked};
pub use options::{Durability, Hands, Identity, Options, UnknownDurability};
pub use reader::{Reader, Record};
pub use real_disk::RealDisk;
pub use sync::{Fdatasync, Syncer};
pub use sync_times::SyncTimes;
pub use verify::{Report, Tail, verify};
