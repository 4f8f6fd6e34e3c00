//! One connection's protocol, without its socket: steps become bytes, bytes become answers.

mod echo;
mod rest;
mod tcp;
mod websocket;

use std::time::Instant;

pub(super) use echo::EchoLink;
pub(super) use rest::RestLink;
pub(super) use tcp::{TcpLink, find_market};
pub(super) use websocket::{WsLink, whole_frame};

use super::plan::Step;
use crate::exit::Failure;

/// What a load run needs of a protocol.
pub(super) trait Link {
    /// Appends a step to what is to be written. `id` comes back with the answer.
    fn ask(&mut self, id: u64, step: &Step) -> Result<(), Failure>;

    /// Whether another step may be asked now; what is due beyond waits, and its time runs.
    fn has_room(&self) -> bool;

    /// What is to be written.
    fn output(&self) -> &[u8];

    /// So many bytes of it were.
    fn written(&mut self, bytes: usize, now: Instant);

    /// Takes bytes that came; gives the answers that are whole.
    fn take(&mut self, bytes: &[u8], now: Instant) -> Result<Vec<Answer>, Failure>;

    /// Time has passed.
    fn tick(&mut self, _now: Instant) -> Result<(), Failure> {
        Ok(())
    }
}

/// What became of a step.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Answer {
    /// As it was asked.
    pub(super) id: u64,
    /// Whether it was done.
    pub(super) ok: bool,
    /// The venue's number of the order, of a step that placed one.
    pub(super) order: Option<String>,
    /// When the venue's core took it, in nanoseconds since 1970, if the answer says that.
    pub(super) stamped_ns: Option<u64>,
    /// The level of durability that the answer states.
    pub(super) durability: Option<String>,
}
