//! Doubts: runs the core, its journal and recovery on a simulated disk, in virtual time and on one thread, kills it, takes
//! its power, fails its calls, spoils its files, and compares what comes back with what was acknowledged.
//!
//! ```
//! let run = papertape_sim::run(7, 40).expect("nothing that was acknowledged is lost");
//! assert!(run.acknowledged > 0);
//! ```

mod flow;
mod history;
mod world;

pub use world::{Finding, Run, run};
