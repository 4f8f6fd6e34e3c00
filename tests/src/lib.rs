//! What tests share: [random] command streams, a reference [model], the comparison of an engine with it ([compare]), and
//! the language of the [scenario] files. Benchmarks use the streams too.

pub mod compare;
pub mod model;
pub mod random;
pub mod scenario;
mod seeds;
mod settings;
mod stream;
mod venue;

pub use seeds::{Seeds, share_out};
pub use settings::{cases, setting};
pub use stream::{Stream, StreamOptions};
pub use venue::{ACCOUNTS, listings, open_market};
