//! Takes commands to the venue and waits for what they led to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use papertape_engine::{Command, Event};
use papertape_pipeline::{Client, Durability, Ticket};
use papertape_platform::{Ask, AskError};
use tokio::sync::oneshot;

use super::level::{Asker, Level, When};
use super::replies::{Outcome, Recipient, Replies};
use super::tickets::{Reply, Tickets};
use crate::config::GatewayConfig;
use crate::edge::signed;
use crate::errors::Failure;
use crate::metrics::Metrics;

/// Where commands are handed in.
#[derive(Clone)]
pub struct Desk {
    client: Client,
    tickets: Arc<Tickets>,
    venue: Durability,
    early_answers: bool,
    /// The dispatcher, on the thread of the sessions, carries out their commands.
    is_carried_out_there: bool,
    metrics: Arc<Metrics>,
    /// The venue is about to stop: orders may end, and no more come.
    drains: Arc<AtomicBool>,
}

impl Desk {
    /// How long a reply may take before its outcome is called unknown.
    pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

    /// A desk before this venue, with its level and whether it answers earlier whoever asks for that; the dispatcher
    /// resolves `tickets`.
    pub(crate) fn new(client: Client, tickets: Arc<Tickets>, config: &GatewayConfig, metrics: Arc<Metrics>) -> Self {
        let (venue, early_answers) = (config.durability, config.early_answers);
        let is_carried_out_there = config.shared_dispatcher && client.lends_core();
        Self { client, tickets, venue, early_answers, is_carried_out_there, metrics, drains: Arc::default() }
    }

    /// From now on orders, lists of orders and amends are refused with `STOPPING`; whatever else is asked goes through.
    pub(crate) fn drain(&self) {
        self.drains.store(true, Ordering::Release);
    }

    /// Whether it refuses new orders because the venue is about to stop.
    pub(crate) fn is_draining(&self) -> bool {
        self.drains.load(Ordering::Acquire)
    }

    /// The level of whoever asks for none.
    pub(crate) fn level(&self) -> Level {
        Level::of_venue(self.venue)
    }

    /// The level that a session names.
    pub(crate) fn level_named(&self, text: &str) -> Result<Level, Failure> {
        let level = Level::named(text, self.venue)?;
        if level.when == When::Applied && !self.early_answers {
            let sentence = "This venue answers nobody before the disk has it.";
            return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "DURABILITY_UNAVAILABLE", sentence));
        }
        Ok(level)
    }

    /// Hands in a command of an account, at its session's level.
    pub(crate) async fn submit_for(&self, asker: Asker, command: Command) -> Result<Reply, Failure> {
        self.submit_by(command, asker.level, asker.by_ns).await
    }

    /// Hands in a command and waits until what it led to is as durable as the level says. A refusal by the rules is a
    /// failure with its reason; `BUSY`, `STOPPING` and, where it was too late for it, `TIMESTAMP_OUT_OF_WINDOW` mean that
    /// nothing was done; `OUTCOME_UNKNOWN` that it may have been.
    pub(crate) async fn submit_by(&self, command: Command, level: Level, by_ns: Option<u64>) -> Result<Reply, Failure> {
        self.admit(&command)?;
        let begun = Instant::now();
        self.settled(self.exchange(command, level, by_ns).await.map_err(failed)?, begun)
    }

    /// The same for a session, which does not wait here: what becomes of the command comes through `replies`, under the
    /// ticket that this gives. [`Desk::settled`] says what it means; whoever has waited for [`Desk::PATIENCE`] gives up
    /// ([`Desk::forget`]).
    pub(crate) fn enter_for(&self, asker: Asker, command: Command, replies: &Arc<Replies>) -> Result<Ticket, Failure> {
        self.admit(&command)?;
        let ticket = self.client.next_ticket();
        self.hand_in((ticket, command), asker.level, asker.by_ns, replies.place(ticket)).map_err(failed)?;
        if !self.is_carried_out_there {
            self.client.wake();
        }
        Ok(ticket)
    }

    /// What became of a command that was handed in then.
    pub(crate) fn settled(&self, outcome: Outcome, begun: Instant) -> Result<Reply, Failure> {
        let reply = match outcome {
            Outcome::Decided(reply) => reply,
            Outcome::Late => return Err(signed::too_late()),
            Outcome::Unknown => return Err(Failure::outcome_unknown()),
        };
        self.metrics.command_answered(begun.elapsed());
        reply.refusal().map_or(Ok(reply), |reason| Err(reason.into()))
    }

    /// Nobody waits any more for this command of a session, nor for those before it.
    pub(crate) fn forget(&self, ticket: Ticket, replies: &Replies) {
        replies.give_up(ticket);
        self.tickets.forget(ticket);
    }

    fn admit(&self, command: &Command) -> Result<(), Failure> {
        let is_new = matches!(command, Command::Place(_) | Command::PlaceList(_) | Command::Amend(_));
        if is_new && self.is_draining() { Err(Failure::stopping()) } else { Ok(()) }
    }

    fn hand_in(
        &self,
        (ticket, command): (Ticket, Command),
        level: Level,
        by_ns: Option<u64>,
        recipient: Recipient,
    ) -> Result<(), AskError> {
        if !self.tickets.expect(ticket, level.when, recipient) {
            return Err(AskError::Busy);
        }
        let submitted = match by_ns {
            None => self.client.push(ticket, command),
            Some(by_ns) => self.client.push_by(ticket, command, by_ns),
        };
        submitted.map_err(|_| {
            self.tickets.forget(ticket);
            if self.client.failure().is_some() { AskError::Stopped } else { AskError::Busy }
        })
    }

    async fn exchange(&self, command: Command, level: Level, by_ns: Option<u64>) -> Result<Outcome, AskError> {
        let ticket = self.client.next_ticket();
        let (sender, receiver) = oneshot::channel();
        self.hand_in((ticket, command), level, by_ns, Recipient::Request(sender))?;
        self.client.wake();
        match tokio::time::timeout(Self::PATIENCE, receiver).await {
            Ok(outcome) => Ok(outcome.unwrap_or(Outcome::Unknown)),
            Err(_) => {
                self.tickets.forget(ticket);
                Ok(Outcome::Unknown)
            }
        }
    }
}

fn failed(error: AskError) -> Failure {
    match error {
        AskError::Busy => Failure::busy(),
        AskError::Stopped => Failure::stopping(),
        AskError::Timeout => Failure::outcome_unknown(),
    }
}

/// Who asks this way writes the answer into the database, which outlives a loss of power: the journal must have it first.
impl Ask for Desk {
    async fn ask(&self, command: Command) -> Result<Vec<Event>, AskError> {
        let begun = Instant::now();
        match self.exchange(command, Level::synced(self.venue), None).await? {
            Outcome::Decided(reply) => {
                self.metrics.command_answered(begun.elapsed());
                Ok(reply.events)
            }
            // It has no time that it could be late for.
            Outcome::Late | Outcome::Unknown => Err(AskError::Timeout),
        }
    }
}
