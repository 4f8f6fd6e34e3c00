//! What comes out: events, each with its place in the journal.

use papertape_engine::{Event, Stamp};

/// Names a submission, so that its sender recognises the answer. Chosen by [`crate::Client::next_ticket`]; zero is
/// nobody's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Ticket(pub u64);

/// One event.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// The journal's number of its command.
    pub seq: u64,
    /// The venue's time of its command, in nanoseconds since 1970.
    pub time_ns: u64,
    /// Whose submission it answers; none for events of a replay.
    pub ticket: Ticket,
    /// Its index among the events of its command.
    pub index: u32,
    /// Whether it is the last event of its command.
    pub last: bool,
    /// What happened.
    pub event: Event,
}

impl Output {
    /// The outputs of one command.
    pub(crate) fn all(seq: u64, time_ns: u64, ticket: Ticket, events: &[Event]) -> impl Iterator<Item = Output> + '_ {
        Self::after(0, Stamp { seq, time_ns }, ticket, events)
    }

    /// The same without the first so many.
    pub(crate) fn after(
        told: usize,
        Stamp { seq, time_ns }: Stamp,
        ticket: Ticket,
        events: &[Event],
    ) -> impl Iterator<Item = Output> + '_ {
        let last = events.len().saturating_sub(1);
        events.iter().enumerate().skip(told).map(move |(index, event)| Output {
            seq,
            time_ns,
            ticket,
            index: index as u32,
            last: index == last,
            event: *event,
        })
    }
}
