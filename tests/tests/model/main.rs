//! The engine against the reference model, event by event, and the shrinker that cuts a difference down.

#![allow(clippy::unwrap_used)] // A test stops at the first surprise.

mod shrinker;
mod streams;
