//! The importers, on small flows written here and, where the real data is, on that.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by panicking")]

mod files;
mod lobster;
mod real;
mod sse;
