//! The core without its thread: remember, then decide. What serves orders at run time and what imports a day of real
//! messages is this one function.

use papertape_engine::{Command, Engine, Event, Stamp};
use papertape_journal::{self as journal, Chore, Durability, DurableCursor, Journal, Kind};

use crate::boot::write_snapshot;
use crate::checkpoint::Checkpoint;
use crate::config::VenueConfig;
use crate::error::VenueError;
use crate::shadow::Snapshotted;

/// An engine whose every command is journalled before it is applied; under `memory`, when [`Core::settle`] is called.
pub struct Core {
    pub(crate) engine: Engine,
    pub(crate) journal: Journal,
    pub(crate) last: Stamp,
    /// A heartbeat with this seq was the last record once.
    proven: u64,
    payload: Vec<u8>,
    writes_later: bool,
    /// What was applied and is not journalled.
    unwritten: Vec<(u64, Command)>,
}

impl Core {
    pub(crate) fn new(engine: Engine, journal: Journal, durability: Durability) -> Self {
        let last = Stamp { seq: journal.next_seq() - 1, time_ns: journal.last_time_ns() };
        let writes_later = durability == Durability::Memory;
        let (payload, unwritten) = (Vec::with_capacity(512), Vec::new());
        Self { engine, journal, last, proven: 0, payload, writes_later, unwritten }
    }

    /// Journals a command at `time_ns` (or at the time of the record before, if that is later) and applies it. Its
    /// events are appended to `events`. After an error nothing was applied, and the venue must stop.
    #[inline]
    pub fn apply(&mut self, time_ns: u64, command: &Command, events: &mut Vec<Event>) -> Result<Stamp, journal::Error> {
        let time_ns = time_ns.max(self.last.time_ns);
        let seq = if self.writes_later { self.write_later(time_ns, command) } else { self.write(time_ns, command)? };
        self.last = Stamp { seq, time_ns };
        self.engine.apply(self.last, command, events);
        Ok(self.last)
    }

    #[inline]
    fn write(&mut self, time_ns: u64, command: &Command) -> Result<u64, journal::Error> {
        self.payload.clear();
        let kind = command.encode(&mut self.payload);
        self.journal.append(time_ns, Kind(kind), 0, &self.payload)
    }

    #[cold]
    fn write_later(&mut self, time_ns: u64, command: &Command) -> u64 {
        self.unwritten.push((time_ns, *command));
        self.last.seq + 1
    }

    /// Journals what was applied and is not journalled yet: there is such only under `memory`. After an error that is
    /// lost, and the venue must stop.
    pub fn settle(&mut self) -> Result<(), journal::Error> {
        let mut unwritten = std::mem::take(&mut self.unwritten);
        let written = unwritten.drain(..).try_for_each(|(time_ns, command)| self.write(time_ns, &command).map(drop));
        self.unwritten = unwritten;
        written
    }

    /// Appends a heartbeat to the journal if its last record is durable and nothing proves that yet: then no crash can
    /// put it in doubt.
    pub fn prove_last(&mut self, now_ns: u64) -> Result<(), journal::Error> {
        self.settle()?;
        let last = self.journal.next_seq() - 1;
        if last == self.proven || self.journal.durable().synced() != last {
            return Ok(());
        }
        let seq = self.journal.append_heartbeat(now_ns)?;
        self.last = Stamp { seq, time_ns: self.journal.last_time_ns() };
        self.proven = seq;
        Ok(())
    }

    /// Appends what the venue states of itself.
    pub(crate) fn append_checkpoint(&mut self, now_ns: u64, checkpoint: &Checkpoint) -> Result<(), journal::Error> {
        self.settle()?;
        let time_ns = now_ns.max(self.last.time_ns);
        let seq = self.journal.append(time_ns, Kind::CHECKPOINT, 0, &checkpoint.encode())?;
        self.last = Stamp { seq, time_ns };
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
        self.settle()?;
        self.journal.flush()?;
        write_snapshot(&config.dir, &self.engine, self.engine.state_hash(), self.last)
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
    pub fn close(mut self) -> Result<(), VenueError> {
        self.settle()?;
        Ok(self.journal.close()?)
    }
}
