//! The engine behind its journal: what was told live is what a replay tells, and a restart changes nothing.

use papertape_engine::{Command, Event, Stamp};
use papertape_pipeline::{Boot, Core, Durability, Replay, VenueConfig};
use papertape_tests::scenario::{Answer, Judge, Scenario};

/// A venue's core in a folder that goes away with it.
struct Journalled {
    config: VenueConfig,
    core: Option<Core>,
    _dir: tempfile::TempDir,
}

impl Journalled {
    fn new() -> Self {
        let dir = super::scratch();
        let durability = Durability::Process;
        // A snapshot is written at every boot that replays anything.
        let new = VenueConfig::new(dir.path().join("venue"));
        let config = VenueConfig { durability, segment_bytes: 1 << 20, snapshot_after: 0, ..new };
        let core = Some(Boot::open(config.clone()).unwrap().into_core());
        Self { config, core, _dir: dir }
    }

    fn core(&mut self) -> &mut Core {
        self.core.as_mut().unwrap()
    }
}

impl Judge for Journalled {
    fn apply(&mut self, stamp: Stamp, command: &Command, events: &mut Vec<Event>) {
        self.core().apply(stamp.time_ns, command, events).unwrap();
    }

    /// Ends without a word, as in a crash; the next start replays and writes a snapshot, and the one after begins from
    /// that.
    fn restart(&mut self) {
        for _ in 0..2 {
            self.core = None;
            self.core = Some(Boot::open(self.config.clone()).unwrap().into_core());
        }
    }
}

pub(crate) fn compare(scenario: &Scenario, answer: &Answer) -> Result<(), String> {
    let mut venue = Journalled::new();
    let live = scenario.run(&mut venue)?;
    super::engine::compare(scenario, &live)?;
    super::same_events(scenario, &live, answer)?;
    let told = live.done.iter().flatten().flat_map(|done| &done.events);
    let hash = venue.core().engine().state_hash();
    venue.core = None;

    let mut again = Vec::new();
    let whole = Replay::whole(venue.config.dir.clone()).run(|output| again.push(output.event)).unwrap();
    if let Some((told, again)) = told.clone().zip(&again).find(|(told, again)| told != again) {
        return Err(format!("{}: live {told:?}, replayed {again:?}", scenario.name));
    }
    if told.count() != again.len() || whole.engine.state_hash() != hash {
        return Err(format!("{}: the replay comes to another state", scenario.name));
    }
    venue.restart();
    let restarted = venue.core().engine().state_hash();
    venue.core = None;
    let newest = Replay { dir: venue.config.dir.clone(), until: None, skip_to: Some(u64::MAX) };
    let short = newest.run(|_| {}).unwrap();
    if short.snapshot.is_none() || short.engine.state_hash() != hash || restarted != hash {
        return Err(format!("{}: a restart from a snapshot comes to another state", scenario.name));
    }
    Ok(())
}
