//! What a session is asked to be.

use std::time::Duration;

use papertape_wire::{Login, PROTOCOL, values};

use crate::key::Key;

/// Settings of a session, for its first login and for those after a lost connection.
#[derive(Clone, Debug)]
pub struct Options {
    /// Who logs in.
    pub key: Key,
    /// What answers wait for: one of [`values::durability`]; 0 is the venue's level.
    pub durability: u8,
    /// Whether the venue cancels all orders of the account when this session has ended and none has come for so long; at most
    /// a minute.
    pub cancel_on_disconnect: Option<Duration>,
    /// From where the account's messages are wanted at the first login.
    pub start: Start,
}

/// Where a first login begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Start {
    /// With what happens from now on.
    #[default]
    Now,
    /// With a snapshot: open orders and balances.
    Snapshot,
    /// After a message that an earlier run had seen: its sequence and its time.
    After {
        /// The last message's `sequence`.
        sequence: u64,
        /// Its `time_ns`, by which the venue sees whether it still has that message; 0: not known.
        time_ns: u64,
    },
}

impl Options {
    /// The venue's level, orders that stay, messages from now on.
    pub fn new(key: Key) -> Self {
        Self { key, durability: 0, cancel_on_disconnect: None, start: Start::Now }
    }

    /// The login for these settings, but for the signature.
    pub(crate) fn login(&self, start: Start, wall_ns: u64) -> Login {
        let (resume, resume_after, resume_time_ns) = match start {
            Start::Now => (values::resume::NOW, 0, 0),
            Start::Snapshot => (values::resume::SNAPSHOT, 0, 0),
            Start::After { sequence, time_ns } => (values::resume::AFTER, sequence, time_ns),
        };
        let grace = self.cancel_on_disconnect;
        Login {
            protocol: PROTOCOL,
            durability: self.durability,
            cancel_on_disconnect: grace
                .map_or(values::cancel_on_disconnect::NEVER, |_| values::cancel_on_disconnect::ALL),
            resume,
            grace_ms: grace.map_or(0, |grace| u32::try_from(grace.as_millis()).unwrap_or(u32::MAX)),
            client_time_ns: wall_ns,
            resume_after,
            resume_time_ns,
            ..Login::default()
        }
    }
}
