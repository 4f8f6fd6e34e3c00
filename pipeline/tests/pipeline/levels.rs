//! When an event may leave, level by level.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use papertape_engine::Side;
use papertape_journal::{Fdatasync, RealDisk, Syncer};
use papertape_pipeline::{Boot, Durability, Outlook, Replay, Subscriber, Ticket};

use crate::support::{SECOND, call, config, eventually, market, order};

/// A disk whose syncs wait while it is held.
#[derive(Default)]
struct Held(AtomicBool);

impl Syncer for Held {
    fn sync(&self, file: &File, path: &Path) -> io::Result<()> {
        eventually("the release of the disk", || !self.0.load(Ordering::SeqCst));
        Fdatasync.sync(file, path)
    }
}

fn seqs(subscriber: &mut Subscriber) -> Vec<u64> {
    let mut seqs = Vec::new();
    subscriber.poll(|output| seqs.push(output.seq));
    seqs.dedup();
    seqs
}

fn seqs_ahead(subscriber: &mut Subscriber) -> Vec<u64> {
    let mut seqs = Vec::new();
    subscriber.poll_ahead(|output| seqs.push(output.seq));
    seqs.dedup();
    seqs
}

#[test]
fn who_looks_ahead_sees_what_is_not_durable_yet_and_the_others_do_not() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Arc::new(Held::default());
    let locked = Boot::lock(config(&dir, Durability::Group)).unwrap();
    let locked = locked.on(Arc::new(RealDisk::synced_by(Arc::clone(&disk) as _)));
    let mut venue = locked.recover(u64::MAX, |_| {}).unwrap().with_subscribers(2).start().unwrap();
    let client = venue.client();
    let (mut ahead, mut other) = (venue.take_subscriber().unwrap(), venue.take_subscriber().unwrap());
    market().into_iter().for_each(|command| drop(call(&client, command)));
    assert_eq!((seqs(&mut ahead).len(), seqs(&mut other).len()), (9, 9));
    assert!(ahead.is_level() && seqs_ahead(&mut ahead).is_empty(), "nobody looked ahead");
    ahead.set_looks_ahead(true);
    disk.0.store(true, Ordering::SeqCst);
    client.submit(Ticket(7), order(1, Side::Buy, 5, 1)).unwrap();
    let mut seen = Vec::new();
    eventually("the event", || {
        ahead.wait(10 * SECOND);
        seen.extend(seqs_ahead(&mut ahead));
        !seen.is_empty()
    });
    let durable = client.durable();
    assert_eq!((seen.as_slice(), durable.get(), durable.ask(10)), ([10].as_slice(), 9, Outlook::Coming));
    assert!(!ahead.is_level() && seqs(&mut ahead).is_empty() && seqs(&mut other).is_empty());
    disk.0.store(false, Ordering::SeqCst);
    eventually("the sync", || durable.ask(10) == Outlook::Synced);
    assert_eq!((seqs(&mut ahead), seqs(&mut other)), (vec![10], vec![10]));
    assert!(ahead.is_level() && seqs_ahead(&mut ahead).is_empty());
    // Who looks ahead misses nothing, even where the others saw it before.
    call(&client, order(1, Side::Buy, 6, 1));
    assert_eq!((seqs(&mut ahead), ahead.is_level(), seqs_ahead(&mut ahead)), (vec![11], false, vec![11]));
    venue.stop().unwrap();
    assert_eq!(durable.ask(12), Outlook::Synced, "the seal");
    assert_eq!(durable.ask(13), Outlook::Never);
}

#[test]
fn who_never_looks_ahead_holds_nobody_back() {
    let dir = tempfile::tempdir().unwrap();
    let small = papertape_pipeline::VenueConfig { outbox_capacity: 16, ..config(&dir, Durability::Process) };
    let mut venue = Boot::open(small).unwrap().with_subscribers(1).start().unwrap();
    let (client, mut subscriber) = (venue.client(), venue.take_subscriber().unwrap());
    let mut last = 0;
    for (index, command) in market().into_iter().chain((0..100).map(|n| order(1, Side::Buy, 1 + n, 1))).enumerate() {
        client.submit(Ticket(1), command).unwrap();
        eventually("the event", || {
            subscriber.poll(|output| last = output.seq);
            last == index as u64 + 1
        });
    }
    venue.stop().unwrap();
}

#[test]
fn under_memory_what_is_not_settled_is_lost_with_the_process_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(&dir, Durability::Memory);
    let mut core = Boot::open(config.clone()).unwrap().into_core();
    let mut events = Vec::new();
    for command in market() {
        core.apply(1, &command, &mut events).unwrap();
    }
    assert_eq!((core.last().seq, core.durable().get()), (9, 0), "applied, and not journalled");
    core.settle().unwrap();
    let kept = core.engine().state_hash();
    assert_eq!(core.durable().get(), 9);
    core.apply(2, &order(1, Side::Buy, 5, 1), &mut events).unwrap();
    assert_ne!(core.engine().state_hash(), kept);
    // As a kill would.
    drop(core);
    let boot = Boot::open(config.clone()).unwrap();
    assert_eq!((boot.last_seq(), boot.engine().state_hash()), (10, kept), "nine commands and the epoch");
    let venue = boot.start().unwrap();
    call(&venue.client(), order(1, Side::Buy, 5, 1));
    venue.stop().unwrap();
    let replayed = Replay::whole(config.dir.clone()).run(|_| {}).unwrap();
    assert_ne!(replayed.engine.state_hash(), kept);
    assert_eq!(Boot::open(config).unwrap().engine().state_hash(), replayed.engine.state_hash());
}

#[test]
fn under_memory_what_fills_the_outbox_is_journalled_before_it_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let small = papertape_pipeline::VenueConfig { outbox_capacity: 16, ..config(&dir, Durability::Memory) };
    let mut venue = Boot::open(small).unwrap().with_subscribers(1).start().unwrap();
    let (client, mut subscriber) = (venue.client(), venue.take_subscriber().unwrap());
    let mut read = 0;
    for command in market() {
        client.submit(Ticket(1), command).unwrap();
        eventually("the event", || {
            subscriber.poll(|output| read = output.seq);
            read > 0
        });
        read = 0;
    }
    (0..100).for_each(|n| client.submit(Ticket(1), order(1, Side::Buy, 1 + n, 1)).unwrap());
    // Somebody who reads only what is on the disk already.
    eventually("the end", || {
        let mut last = 0;
        subscriber.poll(|output| last = output.seq);
        if last > 0 {
            eventually("the sync", || client.durable().ask(last) == Outlook::Synced);
        }
        last == 109
    });
    venue.stop().unwrap();
}
