//! Whether a journal is true of itself: every checkpoint in it compared with what a replay comes to.

use std::collections::BTreeMap;
use std::fmt;

use papertape_engine::{Engine, Event, Outputs, Stamp};
use papertape_journal::{Kind, Reader};

use crate::checkpoint::Checkpoint;
use crate::config::VenueDir;
use crate::error::VenueError;
use crate::replay::Replay;
use crate::steps::Steps;

/// What is not so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckpointFlaw {
    /// It is no checkpoint of this program's.
    Format,
    /// It speaks of a record that comes after it, or of none.
    Order,
    /// The state after the record is another one.
    State,
    /// What was told up to the record is something else.
    Outputs,
    /// The accounts have other sums.
    Totals,
}

impl fmt::Display for CheckpointFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CheckpointFlaw::Format => "it cannot be read",
            CheckpointFlaw::Order => "it speaks of records that do not come before it",
            CheckpointFlaw::State => "a replay comes to another state",
            CheckpointFlaw::Outputs => "a replay tells something else",
            CheckpointFlaw::Totals => "a replay comes to other sums of the accounts",
        })
    }
}

/// What was found to be true.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CheckpointsChecked {
    /// Checkpoints that were compared.
    pub checkpoints: u64,
    /// The last record that one of them speaks of.
    pub last_seq: u64,
    /// Of these, those of a program that turned events into bytes in another way: only state and sums were compared.
    pub other_outputs: u64,
}

/// Replays the whole journal and compares every checkpoint in it. It reads the journal twice, since a checkpoint comes
/// after the record that it speaks of.
pub fn check_checkpoints(dir: &VenueDir) -> Result<CheckpointsChecked, VenueError> {
    let stated = stated(dir)?;
    let mut checked = CheckpointsChecked::default();
    let until = stated.last_key_value().map_or(0, |(seq, _)| *seq);
    let mut steps = Steps::open(&Replay { until: Some(until), ..Replay::whole(dir.clone()) })?;
    let mut told = Told::begin(&stated);
    told.reach(0);
    while let Some(step) = steps.next()? {
        told.add(step.stamp, step.events);
        if let Some(here) = stated.get(&step.stamp.seq) {
            for (record, checkpoint) in here {
                compare(checkpoint, step.engine, &told)
                    .map_err(|flaw| VenueError::Checkpoint { seq: *record, flaw })?;
                checked.checkpoints += 1;
                checked.last_seq = checkpoint.seq;
                checked.other_outputs += u64::from(checkpoint.outputs_version != Outputs::VERSION);
            }
        }
        told.reach(step.stamp.seq);
    }
    Ok(checked)
}

/// Every checkpoint, with the record that it is, by the record that it speaks of.
fn stated(dir: &VenueDir) -> Result<BTreeMap<u64, Vec<(u64, Checkpoint)>>, VenueError> {
    let mut reader = Reader::open(dir.journal(), 1)?.to_the_end();
    let mut stated = BTreeMap::<u64, Vec<(u64, Checkpoint)>>::new();
    while let Some(record) = reader.next()? {
        if record.kind != Kind::CHECKPOINT {
            continue;
        }
        let seq = record.seq;
        let flawed = |flaw| VenueError::Checkpoint { seq, flaw };
        let checkpoint = Checkpoint::decode(record.payload).ok_or_else(|| flawed(CheckpointFlaw::Format))?;
        if checkpoint.seq == 0 || checkpoint.seq >= seq || checkpoint.outputs_after > checkpoint.seq {
            return Err(flawed(CheckpointFlaw::Order));
        }
        stated.entry(checkpoint.seq).or_default().push((seq, checkpoint));
    }
    Ok(stated)
}

fn compare(checkpoint: &Checkpoint, engine: &Engine, told: &Told) -> Result<(), CheckpointFlaw> {
    if checkpoint.state_hash != engine.state_hash() {
        return Err(CheckpointFlaw::State);
    }
    let sums = engine.sums();
    let totals = sums.iter().map(|sum| sum.total().0);
    let is_whole = checkpoint.totals.len() == sums.len().min(Checkpoint::TOTALS_MAX);
    if !is_whole || !checkpoint.totals.iter().copied().eq(totals.take(checkpoint.totals.len())) {
        return Err(CheckpointFlaw::Totals);
    }
    let is_comparable = checkpoint.outputs_version == Outputs::VERSION;
    if is_comparable && told.since(checkpoint.outputs_after) != Some(checkpoint.outputs_hash) {
        return Err(CheckpointFlaw::Outputs);
    }
    Ok(())
}

/// What was told since the records from which some checkpoint counts.
struct Told {
    /// By the record from which it counts: up to where it is wanted.
    wanted: BTreeMap<u64, u64>,
    running: BTreeMap<u64, Outputs>,
}

impl Told {
    fn begin(stated: &BTreeMap<u64, Vec<(u64, Checkpoint)>>) -> Self {
        let mut wanted = BTreeMap::new();
        for (_, checkpoint) in stated.values().flatten() {
            let until = wanted.entry(checkpoint.outputs_after).or_insert(checkpoint.seq);
            *until = checkpoint.seq.max(*until);
        }
        Self { wanted, running: BTreeMap::new() }
    }

    /// A record was passed: what counts from there begins, and what is wanted up to there only ends.
    fn reach(&mut self, seq: u64) {
        let wanted = &self.wanted;
        self.running.retain(|after, _| wanted.get(after).is_some_and(|until| *until > seq));
        if wanted.contains_key(&seq) {
            self.running.insert(seq, Outputs::new());
        }
    }

    fn add(&mut self, stamp: Stamp, events: &[Event]) {
        self.running.values_mut().for_each(|outputs| outputs.add(stamp, events));
    }

    fn since(&self, after: u64) -> Option<[u8; 32]> {
        self.running.get(&after).map(Outputs::hash)
    }
}
