//! The venue without its threads: each command is journalled and applied at once.

use std::path::Path;
use std::time::Instant;

use papertape_engine::{Command, Engine, Event, Stamp};

use super::ImportError;
use super::report::Speed;

/// A venue that one thread drives.
pub(crate) struct Venue {
    engine: Engine,
    stamp: Stamp,
    time_ns: u64,
    events: Vec<Event>,
    speed: Speed,
}

impl Venue {
    /// Starts a venue in an empty folder.
    pub(crate) fn open(_dir: &Path) -> Result<Self, ImportError> {
        Ok(Venue {
            engine: Engine::new(),
            stamp: Stamp::default(),
            time_ns: 0,
            events: Vec::new(),
            speed: Speed::default(),
        })
    }

    /// Sets the time of the commands that follow, in milliseconds of the day. Time never goes back.
    pub(crate) fn set_time_ms(&mut self, time_ms: u32) {
        self.set_time_ns(u64::from(time_ms) * 1_000_000);
    }

    /// Sets the time of the commands that follow, in nanoseconds of the day. Time never goes back.
    pub(crate) fn set_time_ns(&mut self, time_ns: u64) {
        self.time_ns = self.time_ns.max(time_ns);
    }

    /// Journals and applies one command, and gives its events.
    pub(crate) fn apply(&mut self, command: &Command) -> Result<&[Event], ImportError> {
        let started = Instant::now();
        self.events.clear();
        self.stamp = Stamp { seq: self.stamp.seq + 1, time_ns: self.time_ns };
        self.engine.apply(self.stamp, command, &mut self.events);
        self.speed.core += started.elapsed();
        self.speed.commands += 1;
        self.speed.events += self.events.len() as u64;
        Ok(&self.events)
    }

    /// Applies a command that must do something, and gives what `find` finds among its events.
    pub(crate) fn expect<T>(&mut self, command: &Command, find: fn(&Event) -> Option<T>) -> Result<T, ImportError> {
        let events = self.apply(command)?;
        events
            .iter()
            .find_map(find)
            .ok_or_else(|| ImportError::Venue { problem: format!("{command:?} was answered with {events:?}") })
    }

    /// The engine, to be read.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Ends the venue: the journal is whole on disk. Refuses an engine whose invariants do not hold.
    pub(crate) fn close(self, started: Instant) -> Result<Speed, ImportError> {
        self.engine.check().map_err(|problem| ImportError::Venue { problem })?;
        Ok(Speed { whole: started.elapsed(), ..self.speed })
    }
}
