//! Takes commands to the venue and waits for what they led to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use papertape_engine::{Command, Event};
use papertape_pipeline::{Client, Durability};
use papertape_platform::{Ask, AskError};

use super::level::{Asker, Level, When};
use super::tickets::{Reply, Tickets};
use crate::config::GatewayConfig;
use crate::edge::signed;
use crate::errors::Failure;
use crate::metrics::Metrics;

/// How long a reply may take before its outcome is called unknown.
const REPLY_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a command has no reply.
enum NoReply {
    /// It was not answered.
    Ask(AskError),
    /// It came too late, and was not carried out.
    Late,
}

/// Where commands are handed in.
#[derive(Clone)]
pub struct Desk {
    client: Client,
    tickets: Arc<Tickets>,
    venue: Durability,
    early_answers: bool,
    metrics: Arc<Metrics>,
    /// The venue is about to stop: orders may end, and no more come.
    drains: Arc<AtomicBool>,
}

impl Desk {
    /// A desk before this venue, with its level and whether it answers earlier whoever asks for that; the dispatcher
    /// resolves `tickets`.
    pub(crate) fn new(client: Client, tickets: Arc<Tickets>, config: &GatewayConfig, metrics: Arc<Metrics>) -> Self {
        let (venue, early_answers) = (config.durability, config.early_answers);
        Self { client, tickets, venue, early_answers, metrics, drains: Arc::default() }
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
        if self.is_draining() && matches!(command, Command::Place(_) | Command::PlaceList(_) | Command::Amend(_)) {
            return Err(Failure::stopping());
        }
        let reply = self.exchange(command, level, by_ns).await.map_err(|error| match error {
            NoReply::Late => signed::too_late(),
            NoReply::Ask(AskError::Busy) => Failure::busy(),
            NoReply::Ask(AskError::Stopped) => Failure::stopping(),
            NoReply::Ask(AskError::Timeout) => Failure::outcome_unknown(),
        })?;
        reply.refusal().map_or(Ok(reply), |reason| Err(reason.into()))
    }

    async fn exchange(&self, command: Command, level: Level, by_ns: Option<u64>) -> Result<Reply, NoReply> {
        let begun = Instant::now();
        let ticket = self.client.next_ticket();
        let receiver = self.tickets.expect(ticket, level.when).ok_or(NoReply::Ask(AskError::Busy))?;
        let submitted = match by_ns {
            None => self.client.submit(ticket, command),
            Some(by_ns) => self.client.submit_by(ticket, command, by_ns),
        };
        if submitted.is_err() {
            self.tickets.forget(ticket);
            let is_over = self.client.failure().is_some();
            return Err(NoReply::Ask(if is_over { AskError::Stopped } else { AskError::Busy }));
        }
        match tokio::time::timeout(REPLY_TIMEOUT, receiver).await {
            Ok(Ok(None)) => Err(NoReply::Late),
            Ok(Ok(Some(reply))) => {
                self.metrics.command_answered(begun.elapsed());
                Ok(reply)
            }
            // The dispatcher has gone without an answer: the venue stopped or failed with the command on its way.
            Ok(Err(_)) => Err(NoReply::Ask(AskError::Timeout)),
            Err(_) => {
                self.tickets.forget(ticket);
                Err(NoReply::Ask(AskError::Timeout))
            }
        }
    }
}

/// Who asks this way writes the answer into the database, which outlives a loss of power: the journal must have it first.
impl Ask for Desk {
    async fn ask(&self, command: Command) -> Result<Vec<Event>, AskError> {
        let done = self.exchange(command, Level::synced(self.venue), None).await;
        done.map(|reply| reply.events).map_err(|error| match error {
            NoReply::Ask(error) => error,
            // It has no time that it could be late for.
            NoReply::Late => AskError::Timeout,
        })
    }
}
