//! Coming back: a journal replayed beside the engine alone on the same commands, and the start of a venue with a long
//! journal, with and without a snapshot.
//!
//! `COMMANDS=n` sets how many commands the long journal has (10,000,000, for which it takes about 1.1 GB on the disk and 4 GB
//! of memory). All of one run lies in one folder; the page cache is warm, as it is after a process has ended.

use std::time::{Duration, Instant};

use papertape_benches::{funded_engine, orders, step};
use papertape_engine::{Command, Event, LadderBook};
use papertape_pipeline::{Boot, Durability, Replay, VenueConfig};
use papertape_tests::open_market;

const REPLAYED: usize = 2_000_000;
const ROUNDS: usize = 5;

fn main() {
    let long = std::env::var("COMMANDS").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000_000);
    let commands = orders(23, long);
    replay_beside_the_engine(&commands[..REPLAYED.min(long)]);
    start_with_and_without_a_snapshot(&commands);
}

fn config(dir: &tempfile::TempDir) -> VenueConfig {
    let config = VenueConfig::new(dir.path().join("venue"));
    VenueConfig { durability: Durability::Process, snapshot_after: u64::MAX, calls: false, ..config }
}

/// Journals and applies the commands. Gives the time that it took.
fn write(config: &VenueConfig, commands: &[Command], snapshot_at: Option<usize>) -> Duration {
    let mut core = Boot::open(config.clone()).expect("a new venue").into_core();
    let mut events: Vec<Event> = Vec::new();
    for command in open_market() {
        core.apply(1, &command, &mut events).expect("the disk has room");
    }
    let begun = Instant::now();
    for (number, command) in commands.iter().enumerate() {
        events.clear();
        core.apply(1, command, &mut events).expect("the disk has room");
        if snapshot_at == Some(number) {
            core.snapshot(config).expect("the disk has room");
        }
    }
    let took = begun.elapsed();
    core.close().expect("the disk has room");
    took
}

fn replay_beside_the_engine(commands: &[Command]) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let config = config(&dir);
    let written = write(&config, commands, None);
    println!("{} commands, journalled and applied on one thread: {}", commands.len(), rate(commands.len(), written));
    println!("  round   engine alone   journal replayed   replay / engine");
    for round in 1..=ROUNDS {
        let engine = engine_alone(commands);
        let begun = Instant::now();
        let replayed = Replay::whole(config.dir.clone()).run(|_| {}).expect("an intact journal");
        let replay = begun.elapsed();
        assert!(replayed.records as usize > commands.len());
        let ratio = engine.as_secs_f64() / replay.as_secs_f64();
        println!("{round:>7} {:>14} {:>18} {ratio:>17.2}", rate(commands.len(), engine), rate(commands.len(), replay));
    }
}

fn engine_alone(commands: &[Command]) -> Duration {
    let (mut engine, mut seq) = funded_engine::<LadderBook>();
    let mut events = Vec::new();
    let begun = Instant::now();
    for command in commands {
        seq += 1;
        step(&mut engine, seq, command, &mut events);
    }
    begun.elapsed()
}

fn start_with_and_without_a_snapshot(commands: &[Command]) {
    for (name, snapshot_at) in [("no snapshot", None), ("a snapshot after nine tenths", Some(commands.len() / 10 * 9))]
    {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let config = config(&dir);
        write(&config, commands, snapshot_at);
        let begun = Instant::now();
        let boot = Boot::open(config).expect("an intact journal");
        let took = begun.elapsed();
        println!(
            "start with {} commands, {name}: {:.2} s, {} records replayed",
            commands.len(),
            took.as_secs_f64(),
            boot.replayed()
        );
    }
}

fn rate(count: usize, took: Duration) -> String {
    format!("{:.2} M/s", count as f64 / took.as_secs_f64() / 1e6)
}
