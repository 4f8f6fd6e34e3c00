//! From a journal to the state it describes. Boot, `papertape replay`, the audit and the tests all go through here.

use std::path::PathBuf;

use papertape_engine::{Command, Engine, Event, Stamp};
use papertape_journal::snapshot::{self, Snapshot};
use papertape_journal::{self as journal, Reader};

use crate::config::VenueDir;
use crate::error::VenueError;
use crate::output::{Output, Ticket};

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
        let mut replayed = self.start()?;
        let mut reader = Reader::open(self.dir.journal(), replayed.last_seq + 1)?;
        let mut events: Vec<Event> = Vec::new();
        while self.until.is_none_or(|until| replayed.last_seq < until) {
            let Some(record) = reader.next()? else { break };
            let (seq, time_ns) = (record.seq, record.time_ns);
            replayed.last_seq = seq;
            replayed.records += 1;
            if record.kind.is_internal() {
                continue;
            }
            let command = Command::decode(record.kind.0, record.payload);
            let command = command.map_err(|cause| VenueError::Command { seq, cause })?;
            events.clear();
            replayed.engine.apply(Stamp { seq, time_ns }, &command, &mut events);
            Output::all(seq, time_ns, Ticket::default(), &events).for_each(|output| show(&output));
        }
        Ok(replayed)
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
                    let (last_seq, snapshot) = (found.seq, Some(found.path));
                    return Ok(Replayed { engine, last_seq, records: 0, snapshot, skipped });
                }
                Err(why) => skipped.push(why.to_string()),
            }
            below = found.seq.checked_sub(1);
        }
        Ok(Replayed { engine: Engine::new(), last_seq: 0, records: 0, snapshot: None, skipped })
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
