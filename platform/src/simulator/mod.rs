//! A market that moves: simulated makers, takers and small traders, who trade through the inbox like everybody else.

use std::fmt;

mod crowd;
mod fair;
mod flow;
mod funds;
mod grid;
mod maker;
mod orders;
mod random;

pub use crowd::{Crowd, STEP_NS, SimulatedMarket};
pub use funds::Call;

/// Why the simulator did not start.
#[derive(Debug)]
pub enum SimulatorError {
    /// The venue did not answer.
    Venue(String),
    /// An account was not opened.
    NoAccount {
        /// Whose.
        name: String,
    },
}
impl fmt::Display for SimulatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SimulatorError::Venue(why) => write!(f, "the simulator got no answer: {why}"),
            SimulatorError::NoAccount { name } => write!(f, "the simulator's account {name} was not opened"),
        }
    }
}
impl std::error::Error for SimulatorError {}
