//! The venue without its threads: each command is journalled and applied at once.

use std::path::Path;
use std::time::{Duration, Instant};

use papertape_engine::{Command, Engine, Event};
use papertape_pipeline::{Boot, Core, Durability, VenueConfig};

use super::ImportError;
use super::day::Day;
use super::report::Speed;

/// Bytes of a journal segment. Two are written before the first command, which is most of what a small import costs.
const SEGMENT_BYTES: u64 = 8 << 20;

/// A venue that one thread drives.
pub(crate) struct Venue {
    core: Core,
    day: Day,
    /// Time of the commands that follow.
    time_ns: u64,
    events: Vec<Event>,
    speed: Speed,
}

impl Venue {
    /// Starts a venue in an empty folder; its time begins with the day.
    pub(crate) fn open(dir: &Path, day: Day) -> Result<Self, ImportError> {
        let started = Instant::now();
        // The folder gets its name after the journal is closed, which syncs it: until then nobody relies on a record.
        let config =
            VenueConfig { durability: Durability::Process, segment_bytes: SEGMENT_BYTES, ..VenueConfig::new(dir) };
        let core = Boot::open(config).map_err(stopped)?.into_core();
        let speed = Speed { disk: started.elapsed(), ..Speed::default() };
        Ok(Venue { core, day, time_ns: day.time_ns(0), events: Vec::new(), speed })
    }

    /// Sets the time of the commands that follow, in milliseconds of the day.
    pub(crate) fn set_time_ms(&mut self, time_ms: u32) {
        self.set_time_ns(u64::from(time_ms) * 1_000_000);
    }

    /// Sets the time of the commands that follow, in nanoseconds of the day.
    pub(crate) fn set_time_ns(&mut self, time_ns: u64) {
        self.time_ns = self.day.time_ns(time_ns);
    }

    /// Journals and applies one command, and gives its events.
    pub(crate) fn apply(&mut self, command: &Command) -> Result<&[Event], ImportError> {
        let started = Instant::now();
        self.events.clear();
        self.core.apply(self.time_ns, command, &mut self.events).map_err(stopped)?;
        self.speed.core += started.elapsed();
        self.speed.commands += 1;
        self.speed.events += self.events.len() as u64;
        Ok(&self.events)
    }

    /// Applies a command that must do something, and gives what `find` finds among its events.
    pub(crate) fn expect<T>(&mut self, command: &Command, find: fn(&Event) -> Option<T>) -> Result<T, ImportError> {
        let events = self.apply(command)?;
        let answer = || ImportError::Venue { problem: format!("{command:?} was answered with {events:?}") };
        events.iter().find_map(find).ok_or_else(answer)
    }

    /// The engine, to be read.
    pub(crate) fn engine(&self) -> &Engine {
        self.core.engine()
    }

    /// Ends the venue: the journal is whole and on disk. Refuses an engine whose invariants do not hold. The import
    /// began when it says, and spent this much time on reading.
    pub(crate) fn close(self, started: Instant, reading: Duration) -> Result<Speed, ImportError> {
        self.core.engine().check().map_err(|problem| ImportError::Venue { problem })?;
        let closing = Instant::now();
        self.core.close().map_err(stopped)?;
        let disk = self.speed.disk + closing.elapsed();
        Ok(Speed { reading, disk, whole: started.elapsed(), ..self.speed })
    }
}

fn stopped(error: impl std::fmt::Display) -> ImportError {
    ImportError::Venue { problem: error.to_string() }
}
