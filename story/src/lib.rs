//! Tells: what journals say, in words; the life of an order, and the state at any record.
//!
//! Everything here is a replay of the journal's files, from the newest snapshot that is old enough, and needs no venue. It
//! reads no record beyond the one that it is told to end with. [`words`] says things; [`order`] follows one order; [`state`]
//! stands at one record.
//!
//! ```no_run
//! use papertape_engine::OrderId;
//! use papertape_pipeline::VenueDir;
//! use papertape_story::{Eyes, order};
//!
//! # fn main() -> Result<(), papertape_story::Unread> {
//! let story = order::read(&VenueDir::new("data"), OrderId(1042), Eyes::All, 90_001, || true)?;
//! for line in &story.lines {
//!     println!("{} {}", line.time, line.text);
//! }
//! # Ok(())
//! # }
//! ```

mod eyes;
pub mod order;
pub mod state;
mod unread;
pub mod words;

pub use eyes::Eyes;
pub use unread::Unread;
