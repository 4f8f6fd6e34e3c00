//! From a journal to the state it describes. Boot, `papertape replay`, the audit and the tests all go through here.

use std::path::PathBuf;

use papertape_engine::{Engine, Event, Stamp};
use papertape_journal::snapshot::{self, Snapshot};
use papertape_journal::{self as journal, Reader};

use crate::config::VenueDir;
use crate::error::VenueError;
use crate::output::{Output, Ticket};
use crate::prefetch::Prefetch;

/// What to replay.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Whose journal.
    pub dir: VenueDir,
    /// The last record to apply; all if absent.
    pub until: Option<u64>,
    /// Records up to this one may be skipped by starting from a snapshot; `None` begins at the first record.
    pub skip_to: Option<u64>,
}

/// What a replay came to.
#[derive(Debug)]
pub struct Replayed {
    /// The state.
    pub engine: Engine,
    /// The last record that was read, or that the snapshot holds; 0 if there is none.
    pub last_seq: u64,
    /// Its time in nanoseconds.
    pub last_time_ns: u64,
    /// Records read, those of the journal itself included.
    pub records: u64,
    /// The snapshot that it began from.
    pub snapshot: Option<PathBuf>,
    /// Newer snapshots that could not be used, each with the reason.
    pub skipped: Vec<String>,
}

impl Replay {
    /// The whole journal from its first record.
    pub fn whole(dir: VenueDir) -> Self {
        Self { dir, until: None, skip_to: None }
    }

    /// Runs it, and shows every event. The journal may be in use: it is read up to its last published record.
    pub fn run(&self, mut show: impl FnMut(&Output)) -> Result<Replayed, VenueError> {
        let mut replaying = self.begin()?;
        while replaying.step(&mut show)? {}
        Ok(replaying.replayed)
    }

    /// Begins it, for whoever wants to go record by record.
    pub fn begin(&self) -> Result<Replaying, VenueError> {
        let replayed = self.start()?;
        let reader = Reader::open(self.dir.journal(), replayed.last_seq.saturating_add(1))?.to_the_end();
        let records = Prefetch::start(reader, self.until)?;
        Ok(Replaying { records, until: self.until, replayed, events: Vec::new() })
    }

    /// The newest snapshot that may be used and can be, or an empty engine.
    pub(crate) fn start(&self) -> Result<Replayed, VenueError> {
        let mut skipped = Vec::new();
        let limit = self.skip_to.map(|skip_to| self.until.map_or(skip_to, |until| until.min(skip_to)));
        let mut below = limit;
        while let Some(most) = below {
            let newest = snapshot::newest_valid(self.dir.snapshots(), Some(most))?;
            skipped.extend(newest.skipped.iter().map(journal::Error::to_string));
            let Some(found) = newest.snapshot else { break };
            match restore(&found) {
                Ok(engine) => {
                    let (last_seq, last_time_ns, snapshot) = (found.seq, found.time_ns, Some(found.path));
                    return Ok(Replayed { engine, last_seq, last_time_ns, records: 0, snapshot, skipped });
                }
                Err(why) => skipped.push(why.to_string()),
            }
            below = found.seq.checked_sub(1);
        }
        Ok(Replayed { engine: Engine::new(), last_seq: 0, last_time_ns: 0, records: 0, snapshot: None, skipped })
    }
}

/// A replay that is under way. The records after the one that is applied are read on a thread of their own.
pub struct Replaying {
    records: Prefetch,
    until: Option<u64>,
    events: Vec<Event>,
    replayed: Replayed,
}

impl Replaying {
    /// What it has come to.
    pub fn replayed(&self) -> &Replayed {
        &self.replayed
    }

    /// Applies the next record, and shows its events. Gives whether there was one.
    pub fn step(&mut self, show: &mut impl FnMut(&Output)) -> Result<bool, VenueError> {
        let replayed = &mut self.replayed;
        if self.until.is_some_and(|until| replayed.last_seq >= until) {
            return Ok(false);
        }
        let Some(fetched) = self.records.next()? else { return Ok(false) };
        let Stamp { seq, time_ns } = fetched.stamp;
        (replayed.last_seq, replayed.last_time_ns) = (seq, time_ns);
        replayed.records += 1;
        if let Some(command) = &fetched.command {
            self.events.clear();
            replayed.engine.apply(fetched.stamp, command, &mut self.events);
            Output::all(seq, time_ns, Ticket::default(), &self.events).for_each(|output| show(&output));
        }
        Ok(true)
    }
}

fn restore(snapshot: &Snapshot) -> Result<Engine, VenueError> {
    let failed = |cause| VenueError::Snapshot { path: snapshot.path.clone(), cause };
    let engine = Engine::restore(&snapshot.sections).map_err(failed)?;
    if engine.state_hash() != snapshot.state_hash {
        let what = "its state hash is not the one that it names".to_owned();
        return Err(failed(papertape_engine::RestoreError::Invariant(what)));
    }
    Ok(engine)
}
