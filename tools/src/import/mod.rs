//! Real order flow: an exchange's published messages become commands, go through the journal and the engine, and what
//! the engine tells is compared with what the exchange published.
//!
//! Each format has four parts, in the order of the data: `parse` reads rows, `flow` turns them into what participants
//! must have sent, `check` compares, and the format's own module drives the venue.

mod accounts;
mod day;
mod error;
mod folder;
mod input;
mod report;
mod venue;

pub mod lobster;
pub mod sse;

pub use error::ImportError;
pub use report::Outcome;
