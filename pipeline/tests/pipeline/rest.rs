//! A subscriber that nobody waits for, and what wakes it.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use papertape_engine::Side;
use papertape_pipeline::{Boot, Client, Durability, Summons, Ticket, Venue, VenueConfig};

use crate::support::{SECOND, config, eventually, market, order};

/// Longer than any test waits.
const LONG: Duration = Duration::from_secs(3_600);

/// A venue whose one reader rests whenever it has nothing to read.
struct Resting {
    /// Ends with the test.
    _venue: Venue,
    client: Client,
    summons: Summons,
    told: Arc<AtomicU64>,
    is_waited_for: Arc<AtomicBool>,
    /// One for each rest that begins.
    rests: Receiver<()>,
}

fn start(dir: &tempfile::TempDir, outbox_capacity: usize) -> Resting {
    let config = VenueConfig { outbox_capacity, calls: false, ..config(dir, Durability::Process) };
    let mut venue = Boot::open(config).unwrap().with_subscribers(1).start().unwrap();
    let (client, mut subscriber) = (venue.client(), venue.take_subscriber().unwrap());
    let (summons, told, is_waited_for) = (subscriber.summons(), Arc::<AtomicU64>::default(), Arc::default());
    let (begins, rests) = channel();
    let (heard, waited): (_, Arc<AtomicBool>) = (Arc::clone(&told), Arc::clone(&is_waited_for));
    std::thread::spawn(move || {
        loop {
            subscriber.poll(|output| {
                heard.fetch_add(u64::from(output.last), Ordering::SeqCst);
            });
            let is_over = Cell::new(false);
            subscriber.rest(LONG, || {
                is_over.set(begins.send(()).is_err());
                is_over.get() || waited.load(Ordering::SeqCst)
            });
            if is_over.get() {
                return;
            }
        }
    });
    Resting { _venue: venue, client, summons, told, is_waited_for, rests }
}

#[test]
fn a_rest_ends_with_a_summons_and_not_with_news() {
    let dir = tempfile::tempdir().unwrap();
    let Resting { client, summons, told, rests, .. } = &start(&dir, 1 << 16);
    rests.recv_timeout(10 * SECOND).unwrap();
    let commands = market();
    let count = commands.len() as u64;
    for (number, command) in (1..).zip(commands) {
        client.submit(Ticket(number), command).unwrap();
    }
    // They are told when the hash of a state behind them is known.
    eventually("the commands are carried out", || client.status().seq >= count);
    assert_eq!(told.load(Ordering::SeqCst), 0, "it was woken by what was told");
    summons.call();
    eventually("everything is heard at once", || told.load(Ordering::SeqCst) == count);
    rests.recv_timeout(10 * SECOND).unwrap();
}

#[test]
fn who_is_waited_for_does_not_rest() {
    let dir = tempfile::tempdir().unwrap();
    let Resting { is_waited_for, summons, rests, .. } = &start(&dir, 1 << 16);
    is_waited_for.store(true, Ordering::SeqCst);
    summons.call();
    for _ in 0..100 {
        rests.recv_timeout(10 * SECOND).unwrap();
    }
}

#[test]
fn a_full_outbox_ends_a_rest() {
    let dir = tempfile::tempdir().unwrap();
    let Resting { client, told, .. } = &start(&dir, 64);
    let commands = market().into_iter().chain((0..2_000).map(|n| order(1, Side::Buy, 10 + n, 1)));
    let mut sent = 0;
    for command in commands {
        sent += 1;
        eventually("a free place in the inbox", || client.submit(Ticket(sent), command).is_ok());
    }
    eventually("all but what fits into the outbox is heard", || told.load(Ordering::SeqCst) + 64 >= sent);
}
