//! The client against golden vectors, and against a stand-in that speaks the protocol as a venue does.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by panicking")]

mod golden;
mod hostile;
mod machine;
mod sessions;
mod stand_in;
