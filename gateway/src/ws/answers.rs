//! Answers to what was asked of the venue.

use super::protocol::{Answer, Ask};
use crate::app::App;
use crate::errors::Failure;
use crate::metrics::Over;
use crate::venue::level::Level;
use crate::venue::orders::Done;

/// The beginning of an answer, with the names that the client gave; they are taken.
pub(super) fn answer_to(ask: &mut Ask) -> Answer {
    Answer { op: Some(std::mem::take(&mut ask.op)), id: ask.id.take(), ..Answer::default() }
}

/// The same answer, failed and counted.
pub(super) fn refused(app: &App, answer: Answer, failure: &Failure) -> Answer {
    app.metrics.refused(Over::WebSocket, failure.code);
    answer.failed(failure)
}

/// An answer that states the session's level.
pub(super) fn acknowledged(level: Level) -> Answer {
    Answer { ok: true, durability: Some(level.to_string()), ..Answer::default() }
}

/// The answer to a command that was carried out.
pub(super) fn done(level: Level, seq: u64) -> Answer {
    Answer { seq: Some(seq), ..acknowledged(level) }
}

/// The answer to one that was about an order.
pub(super) fn of_order(level: Level, Done { order, seq }: Done) -> Answer {
    Answer { order: Some(order), ..done(level, seq) }
}
