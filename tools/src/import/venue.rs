//! The venue without its threads: each command is journalled and applied at once.

use std::path::Path;
use std::time::Instant;

use papertape_engine::{Command, Engine, Event};
use papertape_pipeline::{Boot, Core, Durability, VenueConfig};

use super::ImportError;
use super::day::Day;
use super::report::{Speed, Times};

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
        let mut events = std::mem::take(&mut self.events);
        events.clear();
        let timer = self.start();
        let sent = self.send(command, &mut events);
        self.stop(timer, events.len());
        self.events = events;
        sent?;
        Ok(&self.events)
    }

    /// Journals and applies one command, and adds its events to a list. Who sends many takes the time of all at once:
    /// a clock that is read around each would be a tenth of what it measures.
    pub(crate) fn send(&mut self, command: &Command, events: &mut Vec<Event>) -> Result<(), ImportError> {
        self.speed.commands += 1;
        self.core.apply(self.time_ns, command, events).map_err(stopped)?;
        Ok(())
    }

    /// Journal and engine are at work from now on.
    pub(crate) fn start(&self) -> Instant {
        Instant::now()
    }

    /// They were at work since then, and told so many events.
    pub(crate) fn stop(&mut self, since: Instant, events: usize) {
        self.speed.core += since.elapsed();
        self.speed.events += events as u64;
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

    /// Ends the venue; a journal that is to be kept is whole and on disk then. Refuses an engine whose invariants do
    /// not hold. The import began when it says, and spent its other time as it says.
    pub(crate) fn close(self, started: Instant, other: Times, keep: bool) -> Result<Speed, ImportError> {
        self.core.engine().check().map_err(|problem| ImportError::Venue { problem })?;
        let closing = Instant::now();
        if keep {
            self.core.close().map_err(stopped)?;
        } else {
            drop(self.core);
        }
        let disk = self.speed.disk + closing.elapsed();
        let Times { reading, comparing } = other;
        Ok(Speed { reading, comparing, disk, whole: started.elapsed(), ..self.speed })
    }
}

fn stopped(error: impl std::fmt::Display) -> ImportError {
    ImportError::Venue { problem: error.to_string() }
}
