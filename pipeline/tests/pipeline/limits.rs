//! What happens when something is full.

use papertape_engine::{AccountId, Command, Event, Side};
use papertape_pipeline::{Boot, Busy, Clock, Durability, Replay, Ticket, VenueConfig};

use crate::support::{config, eventually, market, order};

#[test]
fn a_subscriber_that_does_not_read_fills_the_inbox_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let small =
        VenueConfig { inbox_capacity: 64, outbox_capacity: 64, calls: false, ..config(&dir, Durability::Process) };
    let mut venue = Boot::open(small).unwrap().with_subscribers(1).start().unwrap();
    let mut subscriber = venue.take_subscriber().unwrap();
    let client = venue.client();
    let mut commands = market().into_iter().chain((0..).map(|n| order(1, Side::Buy, 10 + n, 1)));
    let mut accepted = 0;
    eventually("a full inbox", || {
        let command = commands.next().unwrap();
        match client.submit(Ticket(accepted + 1), command) {
            Ok(()) => accepted += 1,
            Err(Busy) => return true,
        }
        false
    });
    assert!(accepted >= 64, "{accepted}");
    let mut told = 0;
    eventually("every accepted command's events", || {
        subscriber.poll(|output| told += u64::from(output.last));
        told == accepted
    });
}

#[test]
fn one_command_may_have_more_events_than_the_outbox_holds() {
    let dir = tempfile::tempdir().unwrap();
    let small = VenueConfig { outbox_capacity: 16, ..config(&dir, Durability::Group) };
    let venue = Boot::open(small).unwrap().start().unwrap();
    let client = venue.client();
    for command in market().into_iter().chain((0..200).map(|n| order(1, Side::Sell, 100 + n, 1))) {
        crate::support::call(&client, command);
    }
    let events = crate::support::call(&client, order(2, Side::Buy, 1_000, 200));
    assert!(events.len() > 200, "{}", events.len());
    venue.stop().unwrap();
}

#[test]
fn a_command_that_comes_too_late_is_neither_journalled_nor_applied() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::manual();
    let config = VenueConfig { clock: clock.clone(), ..config(&dir, Durability::Process) };
    let journal = config.dir.clone();
    let venue = Boot::open(config).unwrap().start().unwrap();
    let client = venue.client();
    for command in market() {
        crate::support::call(&client, command);
    }
    clock.set(1_000);
    let mut tickets = Vec::new();
    for by_ns in [999, 1_000, 2_000] {
        let ticket = client.next_ticket();
        tickets.push(ticket);
        client.submit_by(ticket, order(1, Side::Buy, 10, 1), by_ns).unwrap();
    }
    // What comes after all three tells what became of them.
    let events =
        crate::support::call(&client, Command::CancelAll { account: AccountId(1), instrument: None, side: None });
    let cancelled = events.iter().filter(|event| matches!(event, Event::Cancelled(_))).count();
    let late: Vec<_> = std::iter::from_fn(|| client.take_late()).collect();
    assert_eq!((cancelled, late), (2, vec![tickets[0]]));
    venue.stop().unwrap();
    let mut placed = 0;
    Replay { dir: journal, until: None, skip_to: None }
        .run(|output| placed += u64::from(matches!(output.event, Event::Accepted(_))))
        .unwrap();
    assert_eq!(placed, 2);
}
