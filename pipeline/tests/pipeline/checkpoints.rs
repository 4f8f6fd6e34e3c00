//! What a venue states of itself in its journal.

use papertape_engine::Side;
use papertape_journal::{Identity, Kind, Options, Reader, open};
use papertape_pipeline::{
    Boot, Checkpoint, CheckpointFlaw, Client, Durability, Ticket, VenueConfig, VenueDir, VenueError, check_checkpoints,
};

use crate::support::{call, config, eventually, market, order};

fn checkpoints(dir: &VenueDir) -> Vec<(u64, Checkpoint)> {
    let mut reader = Reader::open(dir.journal(), 1).unwrap();
    let mut found = Vec::new();
    while let Some(record) = reader.next().unwrap() {
        if record.kind == Kind::CHECKPOINT {
            found.push((record.seq, Checkpoint::decode(record.payload).unwrap()));
        }
    }
    found
}

/// Hands in so many orders, and waits until the last is durable. Gives where the journal is then.
fn trade(client: &Client, orders: u64) -> u64 {
    for price in 1..orders {
        let side = if price % 3 == 0 { Side::Sell } else { Side::Buy };
        while client.submit(Ticket(1), order(1 + price as u32 % 2, side, 1 + price % 20, 2)).is_err() {
            std::thread::yield_now();
        }
    }
    call(client, order(1, Side::Buy, 1, 1));
    client.durable().get()
}

#[test]
fn a_venue_states_what_a_replay_comes_to_over_snapshots_and_restarts() {
    let dir = tempfile::tempdir().unwrap();
    let config = VenueConfig { checkpoint_after: 64, snapshot_after: 100, ..config(&dir, Durability::Group) };
    for run in 1..=3 {
        let venue = Boot::open(config.clone()).unwrap().start().unwrap();
        let client = venue.client();
        if run == 1 {
            market().into_iter().for_each(|command| drop(call(&client, command)));
        }
        let end = trade(&client, 500);
        eventually("a checkpoint near the end", || {
            checkpoints(&config.dir).last().is_some_and(|(_, checkpoint)| checkpoint.seq > end - 64)
        });
        venue.stop().unwrap();
    }
    let stated = checkpoints(&config.dir);
    let checked = check_checkpoints(&config.dir).unwrap();
    assert_eq!((checked.checkpoints, checked.other_outputs), (stated.len() as u64, 0));
    assert!(checked.checkpoints > 20 && checked.last_seq > 1_400, "{checked:?}");
    // Nothing is left out while it runs.
    assert_eq!(stated[1].1.outputs_after, stated[0].1.seq);
    assert!(stated.iter().all(|(record, checkpoint)| checkpoint.seq < *record));
    assert_eq!(stated[5].1.totals, [2_000_000_000_000; 2], "what came in, and nothing else");
}

#[test]
fn a_quiet_venue_states_its_last_command_once() {
    let dir = tempfile::tempdir().unwrap();
    for durability in [Durability::Process, Durability::Group] {
        let config = VenueConfig { dir: VenueDir::new(dir.path().join(durability.name())), ..config(&dir, durability) };
        let venue = Boot::open(config.clone()).unwrap().start().unwrap();
        market().into_iter().for_each(|command| drop(call(&venue.client(), command)));
        eventually("the checkpoint of a quiet venue", || !checkpoints(&config.dir).is_empty());
        call(&venue.client(), order(1, Side::Buy, 5, 1));
        eventually("the next one", || checkpoints(&config.dir).len() > 1);
        // Long enough for one of each second.
        std::thread::sleep(std::time::Duration::from_millis(2_500));
        let stated: Vec<u64> = checkpoints(&config.dir).iter().map(|(_, checkpoint)| checkpoint.seq).collect();
        assert_eq!((stated.len(), stated[0]), (2, 9), "{stated:?}");
        venue.stop().unwrap();
        assert_eq!(check_checkpoints(&config.dir).unwrap().checkpoints, 2);
    }
}

#[test]
fn whoever_asks_for_none_gets_none() {
    let dir = tempfile::tempdir().unwrap();
    let quiet = VenueConfig { checkpoint_after: u64::MAX, snapshot_after: 100, ..config(&dir, Durability::Process) };
    let venue = Boot::open(quiet.clone()).unwrap().start().unwrap();
    market().into_iter().for_each(|command| drop(call(&venue.client(), command)));
    trade(&venue.client(), 300);
    venue.stop().unwrap();
    assert_eq!(checkpoints(&quiet.dir), []);
    assert_eq!(check_checkpoints(&quiet.dir).unwrap(), Default::default());
}

#[test]
fn what_is_stated_and_not_so_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let config = VenueConfig { checkpoint_after: 64, ..config(&dir, Durability::Group) };
    let venue = Boot::open(config.clone()).unwrap().start().unwrap();
    market().into_iter().for_each(|command| drop(call(&venue.client(), command)));
    trade(&venue.client(), 300);
    eventually("two checkpoints", || checkpoints(&config.dir).len() > 1);
    venue.stop().unwrap();
    let right = checkpoints(&config.dir).remove(1).1;
    type Falsify = fn(&mut Checkpoint);
    let falsified: [(Falsify, Option<CheckpointFlaw>); 7] = [
        (|_| {}, None),
        (|checkpoint| checkpoint.state_hash[0] ^= 1, Some(CheckpointFlaw::State)),
        (|checkpoint| checkpoint.outputs_hash[0] ^= 1, Some(CheckpointFlaw::Outputs)),
        (|checkpoint| checkpoint.outputs_after += 1, Some(CheckpointFlaw::Outputs)),
        (|checkpoint| checkpoint.totals[1] += 1, Some(CheckpointFlaw::Totals)),
        (|checkpoint| checkpoint.totals.truncate(1), Some(CheckpointFlaw::Totals)),
        (|checkpoint| checkpoint.seq = 1 << 40, Some(CheckpointFlaw::Order)),
    ];
    for (falsify, flaw) in falsified {
        let copy = tempfile::tempdir().unwrap();
        let journal = copy.path().join("journal");
        std::fs::create_dir(&journal).unwrap();
        for entry in std::fs::read_dir(config.dir.journal().path()).unwrap().flatten() {
            std::fs::copy(entry.path(), journal.join(entry.file_name())).unwrap();
        }
        let mut stated = right.clone();
        falsify(&mut stated);
        let options = Options { segment_bytes: 1 << 20, durability: Durability::Process };
        let mut writer =
            open(&journal, options, Identity { now_ns: u64::MAX / 2, ..Identity::default() }).unwrap().journal;
        writer.append(u64::MAX / 2, Kind::CHECKPOINT, 0, &stated.encode()).unwrap();
        writer.close().unwrap();
        let found = match check_checkpoints(&VenueDir::new(copy.path())) {
            Ok(_) => None,
            Err(VenueError::Checkpoint { flaw, .. }) => Some(flaw),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(found, flaw);
    }
}
