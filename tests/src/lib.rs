//! Random command streams, for tests that compare two ways of running a venue, and for benchmarks; and the language of
//! the [scenario] files.

pub mod scenario;

pub mod compare;
pub mod model;
pub mod random;
mod stream;
mod venue;

pub use stream::{Stream, StreamOptions};
pub use venue::{ACCOUNTS, listings};
