//! Live and replayed: what a venue told while it ran is what its journal tells, event by event, from the beginning,
//! from a snapshot, and after every restart on the way.

#![allow(clippy::unwrap_used)] // A test stops at the first surprise.

use papertape_engine::{Command, Engine, Event};
use papertape_pipeline::{Boot, Durability, Replay, VenueConfig};
use papertape_tests::{Stream, StreamOptions, cases, listings};

const COMMANDS: usize = 10_000;

/// An event with its name.
type Told = (u64, u32, Event);

fn config(dir: &tempfile::TempDir) -> VenueConfig {
    let durability = Durability::Process;
    VenueConfig { durability, segment_bytes: 256 << 10, ..VenueConfig::new(dir.path().join("venue")) }
}

/// Runs the commands through journal and engine; after each part the process "ends" and another begins.
fn live(config: &VenueConfig, commands: &[Command], parts: usize) -> (Vec<Told>, [u8; 32]) {
    let mut told = Vec::new();
    let mut hash = Engine::new().state_hash();
    for part in commands.chunks(commands.len().div_ceil(parts)) {
        let boot = Boot::open(config.clone()).unwrap();
        assert_eq!(boot.engine().state_hash(), hash, "a restart changes nothing");
        let mut core = boot.into_core();
        for (time, command) in (1_u64..).zip(part) {
            let mut events = Vec::new();
            let stamp = core.apply(time, command, &mut events).unwrap();
            told.extend((0_u32..).zip(events).map(|(index, event)| (stamp.seq, index, event)));
        }
        hash = core.engine().state_hash();
    }
    (told, hash)
}

#[test]
fn a_replay_tells_what_the_venue_told() {
    for seed in 0..cases() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(&dir);
        let stream = Stream::new(seed, StreamOptions::default()).take(COMMANDS);
        let commands: Vec<Command> = listings().into_iter().chain(stream).collect();
        let (told, hash) = live(&config, &commands, 1 + seed as usize % 4);
        let mut again: Vec<Told> = Vec::with_capacity(told.len());
        let replay = Replay::whole(config.dir.clone());
        let replayed = replay.run(|output| again.push((output.seq, output.index, output.event))).unwrap();
        let difference = told.iter().zip(&again).find(|(live, again)| live != again);
        assert_eq!(difference, None, "seed {seed}");
        assert_eq!(told.len(), again.len(), "seed {seed}");
        assert!(told.len() > COMMANDS, "seed {seed}: a command tells at least one event");
        assert_eq!(replayed.engine.state_hash(), hash, "seed {seed}");
    }
}

#[test]
fn a_replay_may_begin_at_any_snapshot_and_end_anywhere() {
    let dir = tempfile::tempdir().unwrap();
    let config = VenueConfig { snapshot_after: 500, ..config(&dir) };
    let stream = Stream::new(77, StreamOptions::default()).take(6_000);
    let commands: Vec<Command> = listings().into_iter().chain(stream).collect();
    // Each restart writes a snapshot on the way, because it replays more than 500 records.
    let (told, _) = live(&config, &commands, 5);
    let last = told.last().unwrap().0;
    let mut from_snapshot = 0;
    for until in (1..10).map(|tenth| last * tenth / 10) {
        let at = |skip_to| Replay { dir: config.dir.clone(), until: Some(until), skip_to }.run(|_| {}).unwrap();
        let (whole, short) = (at(None), at(Some(until)));
        assert_eq!(whole.engine.state_hash(), short.engine.state_hash(), "at {until}");
        assert_eq!((whole.last_seq, short.last_seq), (until, until));
        from_snapshot += usize::from(short.snapshot.is_some());
    }
    assert!(from_snapshot >= 4, "only {from_snapshot} began from a snapshot");
}
