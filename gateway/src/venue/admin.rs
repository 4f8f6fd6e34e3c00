//! What the operator asks of the venue: commands like all others, each with a line in the log.

use papertape_engine::{Command, Event};

use super::tickets::Reply;
use crate::app::App;
use crate::edge::operator::Operator;
use crate::errors::Failure;

/// Hands in a command of the operator, unless it is too late for it, and logs who asked for what, and what came of it.
pub(crate) async fn carry_out(
    app: &App,
    operator: Operator,
    what: &'static str,
    command: Command,
) -> Result<Reply, Failure> {
    let done = app.desk.submit_by(command, app.desk.level(), operator.by_ns()).await;
    let who = operator.admin().map_or_else(|| "operator".to_owned(), |admin| format!("user {}", admin.0));
    match &done {
        Ok(reply) => tracing::info!(who, what, seq = reply.seq, ?command, "done"),
        Err(failure) => tracing::info!(who, what, code = failure.code, ?command, "not done"),
    }
    done
}

/// How many orders ended by a command.
pub(crate) fn orders_ended(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Cancelled(_))).count()
}
