//! The port to the venue: what the platform is told, and how it asks.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use papertape_engine::{Command, Event};
use papertape_pipeline::{CallError, Client};

pub use papertape_pipeline::Output;

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

/// How long [`Client`] waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

impl From<CallError> for AskError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Busy => AskError::Busy,
            CallError::Timeout => AskError::Timeout,
            CallError::Unavailable => AskError::Stopped,
        }
    }
}

/// For boot and small tools: each ask blocks a thread of the runtime's pool until its answer. Needs a venue that was
/// started with calls.
impl Ask for Client {
    async fn ask(&self, command: Command) -> Result<Vec<Event>, AskError> {
        let client = self.clone();
        let called = tokio::task::spawn_blocking(move || client.call(command, PATIENCE));
        called.await.map_err(|_| AskError::Stopped)?.map_err(AskError::from)
    }
}
