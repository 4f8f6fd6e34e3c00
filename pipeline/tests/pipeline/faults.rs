//! Disks that fail, journals that lost something, and ends in the middle.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use papertape_engine::{Event, Side};
use papertape_journal::{Fdatasync, Kind, Reader, RealDisk, Syncer};
use papertape_pipeline::{Boot, CallError, Durability, Replay, Ticket, VenueConfig, VenueError};

use crate::support::{SECOND, call, config, eventually, market, order};

/// A disk that works until somebody pulls the plug.
#[derive(Default)]
pub(crate) struct Disk {
    broken: AtomicBool,
}

impl Disk {
    pub(crate) fn pull(&self) {
        self.broken.store(true, Ordering::SeqCst);
    }
}

impl Syncer for Disk {
    fn sync(&self, file: &File, path: &Path) -> io::Result<()> {
        if self.broken.load(Ordering::SeqCst) { Err(io::Error::other("unplugged")) } else { Fdatasync.sync(file, path) }
    }
}

#[test]
fn a_disk_that_fails_stops_the_venue_and_nothing_that_is_not_durable_gets_out() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Arc::new(Disk::default());
    let locked =
        Boot::lock(config(&dir, Durability::Group)).unwrap().on(Arc::new(RealDisk::synced_by(Arc::clone(&disk) as _)));
    let mut venue = locked.recover(u64::MAX, |_| {}).unwrap().with_subscribers(1).start().unwrap();
    let (client, mut subscriber) = (venue.client(), venue.take_subscriber().unwrap());
    let told = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&told);
    venue.on_failure(Box::new(move |why| {
        assert!(why.contains("unplugged"), "{why}");
        count.fetch_add(1, Ordering::SeqCst);
    }));
    market().into_iter().for_each(|command| drop(call(&client, command)));
    let durable = client.status().durable_seq;
    disk.pull();
    let refused = client.call(order(1, Side::Buy, 5, 1), SECOND / 5);
    assert!(matches!(refused, Err(CallError::Timeout | CallError::Unavailable)), "{refused:?}");
    eventually("the failure", || client.failure().is_some());
    assert_eq!(client.call(order(1, Side::Buy, 5, 1), 10 * SECOND), Err(CallError::Unavailable));
    let asked = Instant::now();
    let status = client.status();
    assert!(status.failed.unwrap().contains("unplugged") && asked.elapsed() < SECOND);
    let mut last = 0;
    subscriber.poll(|output| last = output.seq);
    assert_eq!((last, status.durable_seq), (durable, durable));
    assert!(matches!(venue.stop(), Err(VenueError::Failed(_))));
    assert_eq!(told.load(Ordering::SeqCst), 1);
}

#[test]
fn a_stopped_venue_says_at_once_in_which_state_it_ended() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(&dir, Durability::Process);
    let venue = Boot::open(config.clone()).unwrap().start().unwrap();
    let client = venue.client();
    for command in market().into_iter().chain((0..50).map(|n| order(1, Side::Buy, 1 + n, 1))) {
        client.submit(Ticket(1), command).unwrap();
    }
    venue.stop().unwrap();
    let asked = Instant::now();
    let status = client.status();
    assert!(asked.elapsed() < SECOND, "{:?}", asked.elapsed());
    let until = Some(status.seq);
    let replayed = Replay { until, ..Replay::whole(config.dir) }.run(|_| {}).unwrap();
    assert_eq!((status.seq, status.state_hash), (59, replayed.engine.state_hash()));
}

#[test]
fn a_venue_that_is_quiet_proves_its_last_record_once() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(&dir, Durability::Group);
    let venue = Boot::open(config.clone()).unwrap().start().unwrap();
    let client = venue.client();
    let kinds = || {
        let mut reader = Reader::open(config.dir.journal(), 1).unwrap();
        let mut kinds = Vec::new();
        while let Some(record) = reader.next().unwrap() {
            kinds.push(record.kind);
        }
        kinds
    };
    market().into_iter().for_each(|command| drop(call(&client, command)));
    eventually("the first heartbeat", || kinds().last() == Some(&Kind::HEARTBEAT));
    let placed = call(&client, order(1, Side::Buy, 5, 1));
    assert!(placed.iter().any(|event| matches!(event, Event::Accepted { .. })), "{placed:?}");
    eventually("the second heartbeat", || kinds().last() == Some(&Kind::HEARTBEAT));
    venue.stop().unwrap();
    let kinds = kinds();
    assert_eq!(kinds.iter().filter(|&&kind| kind == Kind::HEARTBEAT).count(), 2);
    assert_eq!(kinds[kinds.len() - 2..], [Kind::HEARTBEAT, Kind::SEAL]);
}

/// Forgets the journal's last records, as a disk does that lied about having them.
fn lose(config: &VenueConfig, records: usize) {
    let mut places = Vec::new();
    let mut reader = Reader::open(config.dir.journal(), 1).unwrap();
    while let Some(record) = reader.next().unwrap() {
        assert_eq!(record.segment, 1);
        places.push(record.offset);
    }
    let from = places[places.len() - records];
    let path = std::fs::read_dir(config.dir.journal()).unwrap().map(|entry| entry.unwrap().path());
    let path = path.filter(|path| path.extension().is_some_and(|ext| ext == "seg")).min().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[from as usize..].fill(0);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_journal_that_lost_records_of_a_snapshot_is_refused_as_often_as_one_tries() {
    // The seal is the last record, and the snapshot's last record is the one before.
    for records in [2, 3, 6] {
        let dir = tempfile::tempdir().unwrap();
        let config = config(&dir, Durability::Process);
        let venue = Boot::open(config.clone()).unwrap().start().unwrap();
        let client = venue.client();
        market().into_iter().for_each(|command| drop(call(&client, command)));
        (0..20).for_each(|n| drop(call(&client, order(1, Side::Buy, 1 + n, 1))));
        venue.stop().unwrap();
        lose(&config, records);
        for attempt in 0..10 {
            let Err(refused) = Boot::open(config.clone()) else { panic!("{records} lost, opened at {attempt}") };
            assert!(matches!(refused, VenueError::SnapshotAhead { snapshot_seq: 29, .. }), "{refused}");
        }
    }
}

#[test]
fn a_venue_that_is_dropped_leaves_no_gap_in_what_is_seen() {
    for round in 0..30 {
        let dir = tempfile::tempdir().unwrap();
        let small = VenueConfig {
            segment_bytes: 1 << 16,
            outbox_capacity: 16,
            calls: false,
            ..config(&dir, Durability::Process)
        };
        let mut venue = Boot::open(small).unwrap().with_subscribers(1).start().unwrap();
        let (client, mut subscriber) = (venue.client(), venue.take_subscriber().unwrap());
        let reader = std::thread::spawn(move || {
            let (mut last, mut idle) = ((0, 0, true), 0);
            while idle < 300 {
                let seen = subscriber.poll(|output| {
                    let follows = if last.2 { (last.0 + 1, 0) } else { (last.0, last.1 + 1) };
                    assert_eq!((output.seq, output.index), follows, "round {round}, after {last:?}");
                    last = (output.seq, output.index, output.last);
                });
                idle = if seen == 0 { idle + 1 } else { 0 };
                std::thread::yield_now();
            }
        });
        for command in market().into_iter().chain((0..200).map(|n| order(1, Side::Buy, 1 + n, 1))) {
            client.submit(Ticket(1), command).unwrap();
        }
        drop(venue);
        reader.join().unwrap();
    }
}

#[test]
fn a_call_that_waits_when_the_venue_is_dropped_waits_no_longer() {
    let dir = tempfile::tempdir().unwrap();
    let small = VenueConfig { outbox_capacity: 4, ..config(&dir, Durability::Process) };
    let mut venue = Boot::open(small).unwrap().with_subscribers(1).start().unwrap();
    let client = venue.client();
    // Nobody reads this one: the core waits for it, and the call for the core.
    let subscriber = venue.take_subscriber();
    let answered = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&answered);
    let caller = std::thread::spawn(move || {
        let mut answers = market().into_iter().map(|command| client.call(command, 60 * SECOND));
        answers.find_map(|answer| answer.map(|_| count.fetch_add(1, Ordering::SeqCst)).err())
    });
    eventually("four answers, one event each", || answered.load(Ordering::SeqCst) == 4);
    let dropped = Instant::now();
    drop(venue);
    let error = caller.join().unwrap().unwrap();
    assert!(matches!(error, CallError::Timeout | CallError::Unavailable), "{error:?}");
    assert!(dropped.elapsed() < 10 * SECOND);
    drop(subscriber);
}
