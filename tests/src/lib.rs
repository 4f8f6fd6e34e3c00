//! Random command streams, for tests that compare two ways of running a venue, and for benchmarks.

pub mod compare;
pub mod model;
pub mod random;
mod stream;
mod venue;

pub use stream::{Stream, StreamOptions};
pub use venue::{ACCOUNTS, listings};
