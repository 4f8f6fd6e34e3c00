//! A state that goes along with a journal that is being written, a stretch at a time.

use papertape_engine::{Engine, Event, Outputs, Stamp};
use papertape_journal::Reader;

use crate::checkpoint::Checkpoint;
use crate::config::VenueDir;
use crate::error::VenueError;
use crate::prefetch::command_of;
use crate::priority::Portions;
use crate::replay::Replay;

/// Records between two looks whether to go on.
const BATCH: usize = 1_024;

/// Records after which others may have the processor.
const PORTION: u32 = 32;

/// The state after some record, and what was told since another one.
pub(crate) struct Following {
    engine: Engine,
    reader: Reader,
    last: Stamp,
    outputs: Outputs,
    outputs_after: u64,
    events: Vec<Event>,
    portions: Portions,
}

impl Following {
    /// Begins from the newest snapshot that is not after `seq`, or from nothing.
    pub(crate) fn begin(dir: &VenueDir, seq: u64) -> Result<Self, VenueError> {
        let begun = Replay { dir: dir.clone(), until: Some(seq), skip_to: Some(seq) }.start()?;
        let reader = Reader::open(dir.journal(), begun.last_seq.saturating_add(1))?;
        let last = Stamp { seq: begun.last_seq, time_ns: begun.last_time_ns };
        let (outputs, outputs_after, events) = (Outputs::new(), last.seq, Vec::new());
        let portions = Portions::of(PORTION);
        Ok(Self { engine: begun.engine, reader, last, outputs, outputs_after, events, portions })
    }

    /// Goes on to `seq`, which the journal has, for as long as `goes_on` says. Gives whether it came so far.
    pub(crate) fn advance(&mut self, seq: u64, goes_on: impl Fn() -> bool) -> Result<bool, VenueError> {
        while self.last.seq < seq {
            if !goes_on() {
                return Ok(false);
            }
            for _ in 0..BATCH.min((seq - self.last.seq) as usize) {
                self.step()?;
                self.portions.step();
            }
        }
        Ok(true)
    }

    fn step(&mut self) -> Result<(), VenueError> {
        let missing = || VenueError::Failed("a record that is on the disk cannot be read".to_owned());
        let record = self.reader.next()?.ok_or_else(missing)?;
        self.last = Stamp { seq: record.seq, time_ns: record.time_ns };
        if let Some(command) = command_of(&record)? {
            self.events.clear();
            self.engine.apply(self.last, &command, &mut self.events);
            self.outputs.add(self.last, &self.events);
        }
        Ok(())
    }

    /// What there is to state of the place where it stands. What was told is counted anew from here.
    pub(crate) fn checkpoint(&mut self, state_hash: [u8; 32]) -> Checkpoint {
        let told = (self.outputs_after, &self.outputs);
        let checkpoint = Checkpoint::new(self.last.seq, state_hash, told, &self.engine.sums());
        (self.outputs, self.outputs_after) = (Outputs::new(), self.last.seq);
        checkpoint
    }

    /// The state.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The record after which it is.
    pub(crate) fn last(&self) -> Stamp {
        self.last
    }
}
