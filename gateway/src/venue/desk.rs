//! Takes commands to the venue and waits for what they led to.

use std::sync::Arc;
use std::time::Duration;

use papertape_engine::{Command, Event};
use papertape_pipeline::Client;
use papertape_platform::{Ask, AskError};

use super::tickets::{Reply, Tickets};
use crate::errors::Failure;

/// How long a reply may take before its outcome is called unknown.
const REPLY_TIMEOUT: Duration = Duration::from_secs(5);

/// Where commands are handed in.
#[derive(Clone)]
pub struct Desk {
    client: Client,
    tickets: Arc<Tickets>,
}

impl Desk {
    /// A desk before this venue; the dispatcher resolves `tickets`.
    pub fn new(client: Client, tickets: Arc<Tickets>) -> Self {
        Self { client, tickets }
    }

    /// Hands in a command and waits until what it led to is durable. A refusal by the rules is a failure with its
    /// reason; `BUSY` means that nothing was done; `OUTCOME_UNKNOWN` that it may have been.
    pub async fn submit(&self, command: Command) -> Result<Reply, Failure> {
        let reply = self.exchange(command).await.map_err(|error| match error {
            AskError::Busy => Failure::busy(),
            AskError::Stopped => Failure::stopping(),
            AskError::Timeout => Failure::outcome_unknown(),
        })?;
        reply.refusal().map_or(Ok(reply), |reason| Err(reason.into()))
    }

    async fn exchange(&self, command: Command) -> Result<Reply, AskError> {
        let ticket = self.client.next_ticket();
        let receiver = self.tickets.expect(ticket).ok_or(AskError::Busy)?;
        if self.client.submit(ticket, command).is_err() {
            self.tickets.forget(ticket);
            return Err(if self.client.failure().is_some() { AskError::Stopped } else { AskError::Busy });
        }
        match tokio::time::timeout(REPLY_TIMEOUT, receiver).await {
            Ok(Ok(reply)) => Ok(reply),
            // The dispatcher has gone without an answer: the venue stopped or failed with the command on its way.
            Ok(Err(_)) => Err(AskError::Timeout),
            Err(_) => {
                self.tickets.forget(ticket);
                Err(AskError::Timeout)
            }
        }
    }
}

impl Ask for Desk {
    async fn ask(&self, command: Command) -> Result<Vec<Event>, AskError> {
        self.exchange(command).await.map(|reply| reply.events)
    }
}
