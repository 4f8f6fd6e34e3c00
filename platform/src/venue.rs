//! The port to the venue: what the platform is told, and how it asks.

use std::fmt;
use std::future::Future;

use papertape_engine::{Command, Event};

pub use crate::standin::Output;

/// Why an ask has no answer. The command may or may not have been carried out, unless it is [`AskError::Busy`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AskError {
    /// The venue's inbox is full; nothing was asked.
    Busy,
    /// No answer in time.
    Timeout,
    /// The venue has stopped.
    Stopped,
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AskError::Busy => "the venue is busy",
            AskError::Timeout => "the venue did not answer in time",
            AskError::Stopped => "the venue has stopped",
        })
    }
}

impl std::error::Error for AskError {}

/// Asks the venue for commands, through the same inbox as everybody.
pub trait Ask {
    /// Submits a command and gives all of its events, durable.
    fn ask(&self, command: Command) -> impl Future<Output = Result<Vec<Event>, AskError>> + Send;
}
