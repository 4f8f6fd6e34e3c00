//! An engine beside the reference model, command by command: run a random stream, count what occurred, and cut a
//! stream that shows a difference down to the few commands that matter.

mod coverage;
mod found;
mod renumber;
mod run;
mod shrink;
mod simpler;
mod situations;
mod stream;

pub use coverage::Coverage;
pub use found::{Found, folder};
pub use run::{Difference, Kind, Run, Step, Subject, run};
pub use shrink::shrink;
pub use stream::{Plan, Streamed, stream};
