//! A replay one record at a time, for whoever looks at the state between two records: the audit, a fork.

use std::path::{Path, PathBuf};

use papertape_engine::{Command, Engine, Event, Stamp};
use papertape_journal::{Reader, Record};

use crate::error::VenueError;
use crate::prefetch::command_of;
use crate::replay::Replay;

/// A replay that stands between two records.
///
/// ```no_run
/// use papertape_pipeline::{Replay, Steps, VenueDir};
///
/// # fn main() -> Result<(), papertape_pipeline::VenueError> {
/// let mut steps = Steps::open(&Replay::whole(VenueDir::new("data")))?;
/// while let Some(step) = steps.next()? {
///     println!("{}: {:?} told {} events", step.stamp.seq, step.command, step.events.len());
/// }
/// # Ok(())
/// # }
/// ```
pub struct Steps {
    engine: Engine,
    reader: Reader,
    until: Option<u64>,
    last: Stamp,
    events: Vec<Event>,
    snapshot: Option<PathBuf>,
}

/// One record, and what it did.
#[derive(Debug)]
pub struct Step<'a> {
    /// Its number and time.
    pub stamp: Stamp,
    /// The record as the journal has it.
    pub record: Record<'a>,
    /// What it asked; `None` of a record that is the journal's own.
    pub command: Option<Command>,
    /// What came of it, in order.
    pub events: &'a [Event],
    /// The state after it.
    pub engine: &'a Engine,
}

impl Steps {
    /// Stands where the replay begins: before the first record, or after a snapshot that it may begin from.
    pub fn open(replay: &Replay) -> Result<Self, VenueError> {
        let begun = replay.start()?;
        let reader = Reader::open(replay.dir.journal(), begun.last_seq + 1)?.to_the_end();
        let last = Stamp { seq: begun.last_seq, time_ns: begun.last_time_ns };
        let (engine, snapshot) = (begun.engine, begun.snapshot);
        Ok(Self { engine, reader, until: replay.until, last, events: Vec::new(), snapshot })
    }

    /// The next record, or `None` after the last one that is wanted or that the journal has.
    #[allow(clippy::should_implement_trait)] // An iterator could not lend the record.
    pub fn next(&mut self) -> Result<Option<Step<'_>>, VenueError> {
        if self.until.is_some_and(|until| self.last.seq >= until) {
            return Ok(None);
        }
        let Some(record) = self.reader.next()? else { return Ok(None) };
        let stamp = Stamp { seq: record.seq, time_ns: record.time_ns };
        self.last = stamp;
        self.events.clear();
        let command = command_of(&record)?;
        if let Some(command) = &command {
            self.engine.apply(stamp, command, &mut self.events);
        }
        Ok(Some(Step { stamp, record, command, events: &self.events, engine: &self.engine }))
    }

    /// The state after the last record that was given.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The last record that was given, or that the snapshot holds; 0 if there is none.
    pub fn last_seq(&self) -> u64 {
        self.last.seq
    }

    /// The time of that record in nanoseconds since 1970.
    pub fn last_time_ns(&self) -> u64 {
        self.last.time_ns
    }

    /// The snapshot that it began from.
    pub fn snapshot(&self) -> Option<&Path> {
        self.snapshot.as_deref()
    }
}
