//! Messages of the binary feed: their tables in the document, and their golden vectors.

#![allow(clippy::unwrap_used)] // A test stops at the first surprise.

mod golden;
mod python;
mod samples;
mod tables;
