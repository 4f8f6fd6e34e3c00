//! Journals to be looked at, and the command over them.

use std::path::{Path, PathBuf};

use papertape::audit::{self, AuditCommand, Source};
use papertape_engine::{Command, Event};
use papertape_pipeline::{Boot, Durability, Identity, VenueConfig};
use papertape_tests::random::{Flow, Profile};
use papertape_tests::scenario::{Scenario, Step};
use papertape_tests::{Stream, StreamOptions, listings};

/// 2026-01-02 03:04:05 UTC.
pub(crate) const BEGIN_NS: u64 = 1_767_323_045_000_000_000;

/// A venue's folder that goes away with it.
pub(crate) struct Venue {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) config: VenueConfig,
}

impl Venue {
    /// An empty one, with small segments.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let durability = Durability::Process;
        let config = VenueConfig { durability, segment_bytes: 64 << 10, ..VenueConfig::new(dir.path().join("venue")) };
        Self { dir, config }
    }

    /// One that carried out some commands, and was stopped cleanly after each part of them.
    pub(crate) fn of(commands: &[Command], parts: usize) -> Self {
        Self::from(BEGIN_NS, commands, parts)
    }

    /// As [`Venue::of`], where the first command comes at 1, as the random streams reckon.
    pub(crate) fn early(commands: &[Command], parts: usize) -> Self {
        Self::from(0, commands, parts)
    }

    fn from(begin_ns: u64, commands: &[Command], parts: usize) -> Self {
        let venue = Self::new();
        let mut time_ns = begin_ns;
        for part in commands.chunks(commands.len().div_ceil(parts)) {
            venue.run(part, &mut time_ns);
        }
        venue
    }

    /// One that carried out a scenario, with what it waits for.
    pub(crate) fn after(scenario: &Scenario) -> Self {
        let venue = Self::new();
        let (mut part, mut time_ns) = (Vec::new(), 0);
        for step in scenario.steps() {
            match step {
                Step::Command(command) => part.push(command),
                Step::Wait(more_ns) => {
                    venue.run(&std::mem::take(&mut part), &mut time_ns);
                    time_ns += more_ns;
                }
                _ => {}
            }
        }
        venue.run(&part, &mut time_ns);
        venue
    }

    /// Carries out commands, a nanosecond each, and stops cleanly.
    pub(crate) fn run(&self, commands: &[Command], time_ns: &mut u64) -> Vec<Event> {
        // By the clock of the commands: an opening's time is the least that the next command can have.
        let identity = Identity { deployment: *b"a venue of tests", now_ns: *time_ns, ..Identity::default() };
        let locked = Boot::lock(self.config.clone()).unwrap();
        let mut core = locked.recover_as(identity, u64::MAX, |_| {}).unwrap().into_core();
        let mut events = Vec::new();
        for command in commands {
            *time_ns += 1;
            core.apply(*time_ns, command, &mut events).unwrap();
        }
        core.snapshot(&self.config).unwrap();
        core.close().unwrap();
        events
    }

    pub(crate) fn path(&self) -> &Path {
        self.config.dir.path()
    }

    pub(crate) fn source(&self) -> Source {
        Source { data: self.path().to_owned(), no_snapshot: false }
    }

    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

/// A market and two who trade there: what most scenarios begin with.
const TRADERS: &str = "\
# Two who trade.
list asset BTC with 4 decimals
list asset USD with 2 decimals
list market BTC-USD of BTC for USD, tick 1 with 0 decimals, lot 100, taker 1000 ppm
open account 7 as ann
open account 8 as bob
deposit 20000 BTC to ann reference 1
deposit 1_000_000 USD to bob reference 2
";

/// A scenario that begins with a market, BTC-USD, in which ann has coins and bob has money.
pub(crate) fn among_traders(text: &str) -> Vec<Command> {
    scenario(&[TRADERS, text].concat())
}

/// A scenario's commands.
pub(crate) fn scenario(text: &str) -> Vec<Command> {
    Scenario::parse("here", text).unwrap().commands().collect()
}

/// A wild stream.
pub(crate) fn stream(seed: u64, commands: usize) -> Vec<Command> {
    listings().into_iter().chain(Stream::new(seed, StreamOptions::default()).take(commands)).collect()
}

/// A stream of the random tests, in a profile.
pub(crate) fn flow(profile: Profile, seed: u64, commands: usize) -> Vec<Command> {
    let mut flow = Flow::of(profile, seed);
    let (mut engine, mut sent) = (papertape_engine::Engine::new(), Vec::new());
    for seq in 1..=commands as u64 {
        let command = flow.next_command();
        let mut events = Vec::new();
        engine.apply(papertape_engine::Stamp { seq, time_ns: seq }, &command, &mut events);
        flow.learn(&events);
        sent.push(command);
    }
    sent
}

/// Runs the command: its exit code, and what it wrote.
pub(crate) fn audit(command: &AuditCommand) -> (u8, String) {
    let mut out = Vec::new();
    let code = match audit::run(command, &mut out) {
        Ok(code) => code,
        Err(failure) => {
            out.extend_from_slice(format!("papertape: {failure}\n").as_bytes());
            failure.code()
        }
    };
    (code, String::from_utf8(out).unwrap())
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
