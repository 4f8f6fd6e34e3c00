//! What frames must hold: round trips, golden vectors, and bytes that nobody meant.

#![allow(clippy::unwrap_used)] // A test stops at the first surprise.

mod golden;
mod hostile;
mod python;
mod round_trip;
mod samples;
mod tables;
mod transcript;
