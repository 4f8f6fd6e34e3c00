//! One simulated life of a venue.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use papertape_journal::sim_disk::{Chance, Crash, Fault, SimDisk};
use papertape_journal::{Reader, verify};
use papertape_pipeline::{Boot, Chore, Core, Durability, Hands, Identity, VenueConfig, VenueDir, VenueError};

use crate::flow;
use crate::history::History;

/// What a run came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Run {
    /// Commands that were applied.
    pub commands: u64,
    /// The last seq that was acknowledged, summed over runs.
    pub acknowledged: u64,
    /// How often the venue came back.
    pub recoveries: u64,
    /// Of these after the process had been killed.
    pub kills: u64,
    /// After the power had gone.
    pub power_losses: u64,
    /// Calls of the operating system that failed.
    pub failed_calls: u64,
    /// Tails that were cut.
    pub torn: u64,
    /// Spoiled files that were refused as corrupt. The run ends with one.
    pub refused: u64,
}

/// What a simulation found: something that must not be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// At which step.
    pub step: u64,
    /// What is wrong.
    pub what: String,
    /// What was done before, a line each.
    pub trail: Vec<String>,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "step {}: {}", self.step, self.what)
    }
}

impl std::error::Error for Finding {}

impl Run {
    /// Both together.
    pub fn add(&mut self, other: &Run) {
        self.commands += other.commands;
        self.acknowledged += other.acknowledged;
        self.recoveries += other.recoveries;
        self.kills += other.kills;
        self.power_losses += other.power_losses;
        self.failed_calls += other.failed_calls;
        self.torn += other.torn;
        self.refused += other.refused;
    }
}

/// Runs one venue for so many steps. All chance follows from the seed, so the same numbers bring the same run.
pub fn run(seed: u64, steps: u64) -> Result<Run, Finding> {
    let mut world = World::new(seed);
    for step in 0..steps {
        match world.step() {
            Ok(true) => {}
            Ok(false) => break,
            Err(what) => return Err(Finding { step, what, trail: world.trail }),
        }
    }
    let trail = world.trail.clone();
    world.end().map_err(|what| Finding { step: steps, what, trail })
}

/// How the venue came to an end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// The process is gone, and the machine is not: what was written is there.
    Kill,
    /// The machine is gone, and what was not synced with it.
    PowerLoss,
}

struct World {
    chance: Chance,
    disk: Arc<SimDisk>,
    config: VenueConfig,
    /// Files are spoiled beyond what any crash does.
    hostile: bool,
    /// One of the journal's was.
    spoiled: bool,
    /// A call was told to fail since the venue was opened.
    armed: bool,
    /// One of those before the last has failed.
    failed: bool,
    time_ns: u64,
    core: Option<Core>,
    history: History,
    /// The next opening must bring at least the records up to here.
    required: u64,
    /// Something failed for which there is no reason.
    surprise: Option<String>,
    orders: u64,
    run: Run,
    trail: Vec<String>,
}

impl World {
    fn new(seed: u64) -> World {
        let mut chance = Chance::new(seed);
        let disk = Arc::new(SimDisk::new(chance.next()));
        let hostile = chance.below(4) == 0;
        let durability = match chance.below(5) {
            // Only a watermark proves the last batch: under the other levels a spoiled one may look torn.
            _ if hostile => Durability::GroupMark,
            0 => Durability::Process,
            1 => Durability::Interval { ms: 1 },
            2 => Durability::Group,
            3 => Durability::GroupMark,
            _ => Durability::Memory,
        };
        let dir = VenueDir::on(Arc::clone(&disk) as _, "/venue");
        let config = VenueConfig {
            dir,
            durability,
            segment_bytes: 64 << 10,
            snapshot_after: 50 + chance.below(2_000),
            hands: Hands::Caller,
            ..VenueConfig::new("/venue")
        };
        let (history, run) = (History::default(), Run::default());
        World {
            chance,
            disk,
            config,
            hostile,
            spoiled: false,
            armed: false,
            failed: false,
            time_ns: 1_000,
            core: None,
            history,
            required: 0,
            surprise: None,
            orders: 1,
            run,
            trail: Vec::new(),
        }
    }

    /// One step. Gives whether the run goes on.
    fn step(&mut self) -> Result<bool, String> {
        if self.core.is_none() {
            return self.open();
        }
        match self.chance.below(100) {
            0..=69 => self.trade()?,
            70..=81 => self.work(Chore::Sync),
            82..=89 => self.work(Chore::Stage),
            90 => self.heartbeat()?,
            91 => self.snapshot(),
            92 | 93 => self.fail_a_call(),
            94 => self.close()?,
            95 | 96 => self.end_as(End::Kill),
            97 if self.hostile => self.spoil(),
            _ => self.end_as(End::PowerLoss),
        }
        self.acknowledge();
        self.surprise.take().map_or(Ok(true), Err)
    }

    /// Remembers what is done, for whoever wants to know how it came to a finding.
    fn note(&mut self, what: &str) {
        let (last, acknowledged) = (self.history.last(), self.history.acknowledged);
        self.trail.push(format!("{what}; {last} records, {acknowledged} acknowledged, {} calls", self.disk.calls()));
    }

    /// A few commands.
    fn trade(&mut self) -> Result<(), String> {
        for _ in 0..=self.chance.below(12) {
            self.time_ns += self.chance.below(1_000);
            let command = flow::command(&mut self.chance, self.orders, self.time_ns);
            let Some(core) = &mut self.core else { break };
            let mut events = Vec::new();
            match core.apply(self.time_ns, &command, &mut events) {
                Ok(stamp) => {
                    self.orders += 1;
                    self.run.commands += 1;
                    let state = core.engine().state_hash();
                    self.history.push(stamp.seq, events, state)?;
                }
                // A disk that failed ends a venue; anything may follow.
                Err(error) => self.fall(&error),
            }
        }
        self.settle();
        Ok(())
    }

    /// Under `memory` a kill may come before what was applied is journalled.
    fn settle(&mut self) {
        if self.config.durability == Durability::Memory && self.chance.below(4) == 0 {
            return;
        }
        if let Some(error) = self.core.as_mut().and_then(|core| core.settle().err()) {
            self.fall(&error);
        }
    }

    fn heartbeat(&mut self) -> Result<(), String> {
        let Some(core) = &mut self.core else { return Ok(()) };
        let before = core.last().seq;
        match core.prove_last(self.time_ns) {
            Ok(()) if core.last().seq > before => {
                let (seq, state) = (core.last().seq, core.engine().state_hash());
                self.history.push_internal(seq, state)
            }
            Ok(()) => Ok(()),
            Err(error) => {
                self.fall(&error);
                Ok(())
            }
        }
    }

    fn work(&mut self, chore: Chore) {
        self.note(if chore == Chore::Sync { "sync" } else { "stage" });
        let asks = chore == Chore::Sync && self.chance.below(2) == 0;
        if let Some(core) = &mut self.core {
            if asks {
                // Where nothing is synced unless somebody asks.
                core.durable().ask(core.last().seq);
            }
            core.work(chore);
            if let Some(failure) = core.durable().failed() {
                self.acknowledge();
                self.fall(&failure.cause);
            }
        }
    }

    fn snapshot(&mut self) {
        self.note("snapshot");
        let config = self.config.clone();
        if let Some(error) = self.core.as_mut().and_then(|core| core.snapshot(&config).err()) {
            self.acknowledge();
            self.fall(&error);
        }
    }

    fn fail_a_call(&mut self) {
        let kind = if self.chance.below(3) == 0 { ErrorKind::StorageFull } else { ErrorKind::Other };
        let call = self.disk.calls() + 1 + self.chance.below(40);
        self.note(&format!("call {call} will fail: {kind}"));
        self.failed = self.has_failed();
        self.disk.fail(Some(Fault { call, kind }));
        self.armed = true;
        self.run.failed_calls += 1;
    }

    /// What is durable now was told.
    fn acknowledge(&mut self) {
        if let Some(core) = &self.core {
            self.history.acknowledged = self.history.acknowledged.max(core.durable().synced());
        }
    }

    fn close(&mut self) -> Result<(), String> {
        self.note("close");
        let Some(core) = self.core.take() else { return Ok(()) };
        let (seq, state, durable) = (core.last().seq, core.engine().state_hash(), core.durable());
        match core.close() {
            Ok(()) if seq > 0 => {
                // The seal.
                self.history.push_internal(seq + 1, state)?;
                self.history.acknowledged = seq + 1;
            }
            Ok(()) => {}
            Err(error) => {
                self.history.acknowledged = self.history.acknowledged.max(durable.synced());
                // It may have come as far as the seal.
                self.history.push_internal(seq + 1, state)?;
                self.fall(&error);
            }
        }
        self.required = self.history.acknowledged;
        Ok(())
    }

    /// Whether a call has failed since the venue was opened.
    fn has_failed(&self) -> bool {
        self.failed || (self.armed && !self.disk.will_fail())
    }

    /// After a call failed the venue ends; the machine may end with it.
    fn fall(&mut self, error: &dyn std::fmt::Display) {
        if !self.has_failed() {
            self.surprise = Some(format!("no call failed, and yet: {error}"));
        }
        let end = if self.chance.below(2) == 0 { End::Kill } else { End::PowerLoss };
        self.end_as(end);
    }

    fn end_as(&mut self, end: End) {
        self.acknowledge();
        let written = self.core.take().map_or(0, |core| core.durable().get());
        self.required = self.history.acknowledged;
        match end {
            End::Kill => {
                self.note("kill");
                if !self.has_failed() {
                    // Under `memory` what was applied may not have been written yet.
                    let is_memory = self.config.durability == Durability::Memory;
                    self.required = if is_memory { self.required.max(written) } else { self.history.last() };
                }
                self.disk.fail(None);
                self.run.kills += 1;
            }
            End::PowerLoss => {
                let how = [Crash::Whole, Crash::Torn, Crash::Garbage][self.chance.below(3) as usize];
                self.note(&format!("power loss, {how:?}"));
                self.disk.crash(how);
                self.run.power_losses += 1;
            }
        }
        (self.armed, self.failed) = (false, false);
    }

    /// Ends the process and spoils a file. One of a snapshot is no reason to refuse anything.
    fn spoil(&mut self) {
        self.end_as(End::Kill);
        self.required = self.history.acknowledged;
        let folder = if self.chance.below(3) == 0 { "snapshots" } else { "journal" };
        let wanted = |path: &Path| path.parent().is_some_and(|parent| parent.ends_with(folder));
        let place = match self.chance.below(2) {
            0 => self.disk.rot(wanted),
            _ => self.disk.misdirect(wanted),
        };
        self.spoiled |= place.is_some() && folder == "journal";
        self.note(&format!("spoil {place:?}"));
    }

    /// Opens what is there, and compares it with what was acknowledged. Gives whether the run goes on.
    fn open(&mut self) -> Result<bool, String> {
        let after = self.chance.below(self.history.last() + 1);
        let mut shown = Vec::new();
        let boot = match self.boot(after, &mut shown) {
            Ok(boot) => boot,
            Err(error) => return self.refused(&error),
        };
        // From here on it is looked at, and looking must not fail.
        self.disk.fail(None);
        (self.armed, self.failed) = (false, false);
        self.run.recoveries += 1;
        self.run.torn += u64::from(boot.torn().is_some());
        let (last, state) = (boot.last_seq(), boot.engine().state_hash());
        // The last is an epoch record, unless the journal was empty; so may be those of openings that failed.
        let kept = last.saturating_sub(1).min(self.history.last());
        self.history.compare(kept, self.required, &state, &shown, after.min(kept))?;
        for seq in kept + 1..=last {
            self.require_internal(seq)?;
            self.history.push_internal(seq, state)?;
        }
        let report = verify(self.config.dir.journal());
        match report {
            Ok(report) if report.last_seq == last => {}
            Ok(report) => return Err(format!("the journal ends with {} and says {last}", report.last_seq)),
            Err(_) if self.spoiled => {}
            Err(error) => return Err(format!("the journal that was opened does not verify: {error}")),
        }
        self.core = Some(boot.into_core());
        self.note("open");
        if last == 0 { self.begin() } else { Ok(true) }
    }

    fn require_internal(&self, seq: u64) -> Result<(), String> {
        let mut reader = Reader::open(self.config.dir.journal(), seq).map_err(|error| error.to_string())?;
        match reader.next() {
            Ok(Some(record)) if record.seq == seq && record.kind.is_internal() => Ok(()),
            Ok(_) => Err(format!("record {seq} is there, and nobody wrote it")),
            Err(error) => Err(format!("record {seq} cannot be read: {error}")),
        }
    }

    fn boot(&mut self, after: u64, shown: &mut Vec<papertape_pipeline::Output>) -> Result<Boot, VenueError> {
        let identity = Identity { deployment: [7; 16], now_ns: self.time_ns, ..Identity::default() };
        Boot::lock(self.config.clone())?.recover_as(identity, after, |output| shown.push(*output))
    }

    /// Refusing is right where files were spoiled, and nowhere else; where a call failed the next try must do.
    fn refused(&mut self, error: &VenueError) -> Result<bool, String> {
        let corrupt = match error {
            VenueError::Journal(error) => error.is_corruption(),
            VenueError::Command { .. } | VenueError::Snapshot { .. } | VenueError::SnapshotAhead { .. } => true,
            _ => false,
        };
        self.note(&format!("refused: {error}"));
        if corrupt && !self.spoiled {
            return Err(format!("refused what no more than a crash had done: {error}"));
        }
        if !corrupt && !self.has_failed() {
            return Err(format!("no call failed, and yet it does not open: {error}"));
        }
        self.run.refused += u64::from(corrupt);
        if !corrupt {
            self.disk.fail(None);
            (self.armed, self.failed) = (false, false);
            self.required = self.history.acknowledged;
        }
        Ok(!corrupt)
    }

    /// The first commands of a new venue.
    fn begin(&mut self) -> Result<bool, String> {
        for command in flow::beginning() {
            let Some(core) = &mut self.core else { break };
            let mut events = Vec::new();
            if let Ok(stamp) = core.apply(self.time_ns, &command, &mut events) {
                let state = core.engine().state_hash();
                self.history.push(stamp.seq, events, state)?;
            }
        }
        Ok(true)
    }

    /// The last recovery, after which all that was acknowledged must be there.
    fn end(mut self) -> Result<Run, String> {
        if self.core.is_some() {
            self.end_as(End::Kill);
        }
        self.disk.fail(None);
        (self.armed, self.failed) = (false, false);
        self.run.acknowledged = self.history.acknowledged;
        if self.run.refused == 0 {
            self.open()?;
        }
        Ok(self.run)
    }
}
