//! Runs: the in-process venue. Commands enter a bounded inbox from any thread; one thread stamps each, appends it to
//! the journal, applies it to the engine and writes what happened into the outbox; subscribers see it once it is
//! durable. At boot the journal is replayed into the same state.
//!
//! It does not know HTTP, JSON or users.
//!
//! ```no_run
//! use papertape_engine::{Command, Reference};
//! use papertape_pipeline::{Boot, VenueConfig};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let venue = Boot::open(VenueConfig::new("data"))?.start()?;
//! let events = venue.client().call(Command::OpenAccount { reference: Reference(1) }, std::time::Duration::from_secs(1))?;
//! println!("{events:?}");
//! venue.stop()?;
//! # Ok(())
//! # }
//! ```
//!
//! Limits, and what happens at each: the inbox full is [`Busy`], and the command was not taken; the outbox full stops
//! the core until the slowest subscriber has read, which fills the inbox; a journal that fails stops the venue.

mod boot;
mod checkpoint;
mod checkpoints;
mod client;
mod clock;
mod config;
mod core;
mod error;
mod following;
mod output;
mod prefetch;
mod priority;
mod replay;
mod replies;
pub mod ring;
mod seat;
mod shadow;
mod shared;
mod steps;
mod subscriber;
mod thread;
mod venue;
mod version;
mod wake;

pub use boot::{Boot, Locked};
pub use checkpoint::Checkpoint;
pub use checkpoints::{CheckpointFlaw, CheckpointsChecked, check_checkpoints};
pub use client::{Busy, CallError, Client, Queues, Status};
pub use clock::{Clock, now_ns};
pub use config::{VenueConfig, VenueDir};
pub use core::Core;
pub use error::VenueError;
pub use output::{Output, Ticket};
pub use papertape_journal::{
    Chore, Disk, Durability, DurableCursor, Fdatasync, Hands, Identity, Outlook, RealDisk, SyncTimes, Syncer, TornTail,
    UnknownDurability,
};
pub use priority::{Portions, are_processors_few, give_way, run_when_idle};
pub use replay::{Replay, Replayed, Replaying};
pub use shadow::{SnapshotListener, Snapshotted};
pub use steps::{Step, Steps};
pub use subscriber::{Subscriber, Summons};
pub use venue::Venue;
