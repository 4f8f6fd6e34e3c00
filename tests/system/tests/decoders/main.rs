//! Every decoder, fed with bytes that nobody meant: samples with a few of them altered, and noise. None may panic, read what
//! is not there, or take for whole what is not.
//!
//! `PAPERTAPE_INPUTS` is how many inputs each gets; decoders of files get a hundredth of that. `PAPERTAPE_SEED` draws others.
//! Frames of binary order entry have theirs in `wire/tests/frames/hostile.rs`, snapshots of the engine in
//! `tests/tests/venue/corrupt.rs`.

#![allow(clippy::unwrap_used)] // A test stops at the first surprise.

mod feed;
mod files;
mod mutator;
mod records;
mod requests;
mod samples;

use papertape_tests::setting;

/// Inputs of one decoder.
fn inputs() -> u64 {
    setting("PAPERTAPE_INPUTS", 50_000)
}

/// Draws the same inputs each time, unless told otherwise.
fn seed() -> u64 {
    setting("PAPERTAPE_SEED", 0x9e37_79b9_7f4a_7c15)
}
