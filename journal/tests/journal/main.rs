//! The journal through its public interface: what was appended is read back, and what was damaged is noticed.
#![allow(clippy::unwrap_used)] // A test stops at the first surprise.

mod append;
mod blocks;
mod calls;
mod damage;
mod durable;
mod format;
mod killed;
mod levels;
mod live;
mod refusals;
mod snapshots;
mod support;
mod torn;
