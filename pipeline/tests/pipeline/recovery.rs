//! Stopping, crashing and coming back.

use papertape_engine::{Event, Side};
use papertape_pipeline::{Boot, Durability, Output, Replay, VenueConfig, VenueDir, VenueError};

use crate::support::{call, config, market, order};

fn run(config: &VenueConfig, orders: u64, stop: bool) -> (u64, [u8; 32]) {
    let venue = Boot::open(config.clone()).unwrap().start().unwrap();
    let client = venue.client();
    if client.status().seq == 0 {
        market().into_iter().for_each(|command| drop(call(&client, command)));
    }
    for n in 0..orders {
        let side = if n % 3 == 0 { Side::Sell } else { Side::Buy };
        call(&client, order(1 + n as u32 % 2, side, 100 + n % 17, 1 + n % 5));
    }
    // The state hash is taken a few times a second: wait for one of the last record.
    let mut status = client.status();
    crate::support::eventually("a hash of the last state", || {
        let before = status.seq;
        status = client.status();
        std::thread::sleep(std::time::Duration::from_millis(20));
        before == status.seq && status.durable_seq == status.seq
    });
    if stop {
        venue.stop().unwrap();
    }
    (status.seq, status.state_hash)
}

fn replayed(dir: &VenueDir, until: Option<u64>, skip_to: Option<u64>) -> ([u8; 32], Vec<Event>) {
    let mut events = Vec::new();
    let replay = Replay { dir: dir.clone(), until, skip_to };
    let replayed = replay.run(|output| events.push(output.event)).unwrap();
    replayed.engine.check().unwrap();
    (replayed.engine.state_hash(), events)
}

#[test]
fn a_replay_gives_the_state_that_the_venue_had() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(&dir, Durability::Group);
    let mut hashes = Vec::new();
    for round in 0..4 {
        // Round by round: a clean stop, or the end of a process that nobody told.
        hashes.push(run(&config, 200, round % 2 == 0));
    }
    for (seq, hash) in hashes {
        assert_eq!(replayed(&config.dir, Some(seq), None).0, hash, "from the first record to {seq}");
        assert_eq!(replayed(&config.dir, Some(seq), Some(seq)).0, hash, "from a snapshot to {seq}");
    }
}

#[test]
fn live_events_and_replayed_ones_are_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(&dir, Durability::Process);
    let mut core = Boot::open(config.clone()).unwrap().into_core();
    let mut live = Vec::new();
    for (n, command) in market().iter().chain(&[order(1, Side::Sell, 5, 3), order(2, Side::Buy, 6, 2)]).enumerate() {
        core.apply(n as u64, command, &mut live).unwrap();
    }
    drop(core);
    assert_eq!(replayed(&config.dir, None, None).1, live);
}

#[test]
fn boot_shows_the_events_after_the_one_that_is_remembered() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(&dir, Durability::Process);
    run(&config, 50, true);
    let mut all: Vec<Output> = Vec::new();
    Replay::whole(config.dir.clone()).run(|output| all.push(*output)).unwrap();
    for after in [0, 10, 30, all.last().unwrap().seq] {
        let mut shown = Vec::new();
        Boot::open_from(config.clone(), after, |output| shown.push((output.seq, output.event))).unwrap();
        let expected: Vec<_> =
            all.iter().filter(|output| output.seq > after).map(|output| (output.seq, output.event)).collect();
        assert_eq!(shown, expected, "after {after}");
    }
}

#[test]
fn a_broken_snapshot_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(&dir, Durability::Process);
    let (_, hash) = run(&config, 60, true);
    let snapshot = std::fs::read_dir(config.dir.snapshots()).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&snapshot).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&snapshot, bytes).unwrap();
    let boot = Boot::open(config.clone()).unwrap();
    assert_eq!(boot.skipped_snapshots().len(), 1, "{:?}", boot.skipped_snapshots());
    assert_eq!(boot.engine().state_hash(), hash);
}

#[test]
fn a_folder_in_use_and_one_of_another_version_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(&dir, Durability::Process);
    let first = Boot::open(config.clone()).unwrap();
    let second = Boot::open(config.clone()).err().unwrap();
    assert!(matches!(second, VenueError::Journal(papertape_journal::Error::Locked { .. })), "{second}");
    drop(first);
    for version in ["2\n", "4\n", "three"] {
        std::fs::write(config.dir.version(), version).unwrap();
        let other = Boot::open(config.clone()).err().unwrap();
        assert!(matches!(other, VenueError::Version { supported: 3, .. }), "{other}");
    }
}

#[test]
fn a_journal_that_lost_records_of_a_snapshot_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(&dir, Durability::Process);
    run(&config, 5, true);
    std::fs::remove_dir_all(config.dir.journal()).unwrap();
    let lost = Boot::open(config.clone()).err().unwrap();
    assert!(matches!(lost, VenueError::SnapshotAhead { journal_seq: 0, .. }), "{lost}");
}
