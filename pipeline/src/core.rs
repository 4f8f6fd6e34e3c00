//! The core without its thread: remember, then decide. What serves orders at run time and what imports a day of real
//! messages is this one function.

use papertape_engine::{Command, Engine, Event, Stamp};
use papertape_journal::{self as journal, Chore, DurableCursor, Journal, Kind};

use crate::boot::write_snapshot;
use crate::config::VenueConfig;
use crate::error::VenueError;
use crate::shadow::Snapshotted;

/// An engine whose every command is journalled before it is applied.
pub struct Core {
    pub(crate) engine: Engine,
    pub(crate) journal: Journal,
    pub(crate) last: Stamp,
    /// A heartbeat with this seq was the last record once.
    proven: u64,
    payload: Vec<u8>,
}

impl Core {
    pub(crate) fn new(engine: Engine, journal: Journal) -> Self {
        let last = Stamp { seq: journal.next_seq() - 1, time_ns: journal.last_time_ns() };
        Self { engine, journal, last, proven: 0, payload: Vec::with_capacity(512) }
    }

    /// Journals a command at `time_ns` (or at the time of the record before, if that is later) and applies it. Its
    /// events are appended to `events`. After an error nothing was applied, and the venue must stop.
    #[inline]
    pub fn apply(&mut self, time_ns: u64, command: &Command, events: &mut Vec<Event>) -> Result<Stamp, journal::Error> {
        let time_ns = time_ns.max(self.last.time_ns);
        self.payload.clear();
        let kind = command.encode(&mut self.payload);
        let seq = self.journal.append(time_ns, Kind(kind), 0, &self.payload)?;
        self.last = Stamp { seq, time_ns };
        self.engine.apply(self.last, command, events);
        Ok(self.last)
    }

    /// Appends a heartbeat to the journal if its last record is durable and nothing proves that yet: then no crash can
    /// put it in doubt.
    pub fn prove_last(&mut self, now_ns: u64) -> Result<(), journal::Error> {
        let last = self.journal.next_seq() - 1;
        if last == self.proven || self.journal.durable().synced() != last {
            return Ok(());
        }
        let seq = self.journal.append_heartbeat(now_ns)?;
        self.last = Stamp { seq, time_ns: self.journal.last_time_ns() };
        self.proven = seq;
        Ok(())
    }

    /// Does a piece of the journal's work, where there are no threads for it: see [`VenueConfig::hands`]. Gives whether
    /// there was anything to do.
    pub fn work(&mut self, chore: Chore) -> bool {
        self.journal.work(chore)
    }

    /// How far the journal is durable.
    pub fn durable(&self) -> DurableCursor {
        self.journal.durable()
    }

    /// Syncs the journal and writes a snapshot of the state after the last record.
    pub fn snapshot(&mut self, config: &VenueConfig) -> Result<Snapshotted, VenueError> {
        self.journal.flush()?;
        write_snapshot(&config.dir, &self.engine, self.last)
    }

    /// The state.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The stamp of the last record.
    pub fn last(&self) -> Stamp {
        self.last
    }

    /// Makes everything durable and ends the journal cleanly.
    pub fn close(self) -> Result<(), VenueError> {
        Ok(self.journal.close()?)
    }
}
