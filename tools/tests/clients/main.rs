//! The client crate before a venue that runs, as a program of somebody else's would use it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by panicking")]

mod feed;
mod hostile;
mod orders;
mod venue;
