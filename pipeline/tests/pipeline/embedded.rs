//! The venue as a program embeds it.

use std::time::{Duration, SystemTime};

use papertape_engine::{CancelCause, Command, Event, PlaceOrder, Side, TimeInForce};
use papertape_pipeline::{Boot, Clock, Durability, Ticket, VenueConfig};

use crate::support::{SECOND, call, config, eventually, market, order};

#[test]
fn an_order_goes_in_and_its_fill_comes_out() {
    for durability in [Durability::Process, Durability::Group] {
        let dir = tempfile::tempdir().unwrap();
        let venue = Boot::open(config(&dir, durability)).unwrap().start().unwrap();
        let client = venue.client();
        market().into_iter().for_each(|command| drop(call(&client, command)));
        let rested = call(&client, order(1, Side::Sell, 450, 3));
        assert!(matches!(rested[..], [Event::Accepted(_), Event::Rested { .. }, Event::Balance { .. }]), "{rested:?}");
        let filled = call(&client, order(2, Side::Buy, 460, 2));
        let trade = filled.iter().find_map(|event| if let Event::Trade(trade) = event { Some(trade) } else { None });
        let trade = trade.unwrap();
        assert_eq!((trade.price.0, trade.qty.0, trade.sell.leaves_qty.0), (450, 2, 1));
        venue.stop().unwrap();
    }
}

#[test]
fn subscribers_see_every_event_in_order_and_only_durable_ones() {
    let dir = tempfile::tempdir().unwrap();
    let boot = Boot::open(config(&dir, Durability::Group)).unwrap().with_subscribers(2);
    let mut venue = boot.start().unwrap();
    let client = venue.client();
    let mut subscribers: Vec<_> = std::iter::from_fn(|| venue.take_subscriber()).collect();
    assert_eq!(subscribers.len(), 2);
    let mut sent = 0;
    for command in market().into_iter().chain((0..500).map(|n| order(1, Side::Buy, 10 + n, 1))) {
        sent += 1;
        client.submit(Ticket(sent), command).unwrap();
    }
    for subscriber in &mut subscribers {
        let (mut commands, mut last) = (0, (0, 0));
        eventually("the last event", || {
            subscriber.wait(SECOND / 100);
            subscriber.poll(|output| {
                assert!(output.seq <= client.status().durable_seq);
                let place = (output.seq, output.index);
                assert!(place > last, "{place:?} after {last:?}");
                assert_eq!(output.index == 0, output.seq != last.0);
                last = place;
                commands += u64::from(output.last);
            });
            commands == sent
        });
    }
}

#[test]
fn a_call_to_a_stopped_venue_is_answered_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let venue = Boot::open(config(&dir, Durability::Process)).unwrap().start().unwrap();
    let client = venue.client();
    venue.stop().unwrap();
    let refused = client.call(order(1, Side::Buy, 1, 1), 10 * SECOND);
    assert_eq!(refused, Err(papertape_pipeline::CallError::Unavailable));
}

#[test]
fn an_order_ends_at_its_time_though_nobody_sends_anything() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(&dir, Durability::Group);
    let mut venue = Boot::open(config.clone()).unwrap().with_subscribers(1).start().unwrap();
    let (client, mut subscriber) = (venue.client(), venue.take_subscriber().unwrap());
    market().into_iter().for_each(|command| drop(call(&client, command)));
    let until = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap() + Duration::from_millis(300);
    let until_ns = until.as_nanos() as u64;
    let Command::Place(plain) = order(1, Side::Sell, 450, 3) else { unreachable!() };
    let order = Command::Place(PlaceOrder { time_in_force: TimeInForce::Gtd { until_ns }, ..plain });
    assert!(matches!(call(&client, order)[..], [Event::Accepted(_), Event::Rested { .. }, Event::Balance { .. }]));
    let mut told = Vec::new();
    eventually("the end of the order", || {
        subscriber.wait(SECOND / 100);
        subscriber.poll(|output| {
            if output.time_ns >= until_ns {
                told.push((output.ticket, output.event));
            }
        });
        matches!(told.last(), Some((_, Event::Balance { .. })))
    });
    let [(none, Event::Cancelled(ended)), (_, Event::Ticked { expired: 1 }), _] = told[..] else { panic!("{told:?}") };
    assert_eq!((none, ended.cause, ended.leaves_qty.0), (Ticket(0), CancelCause::Expired, 3));
    let hash = client.status().state_hash;
    venue.stop().unwrap();
    assert_eq!(Boot::open(config).unwrap().engine().state_hash(), hash, "a replay ends it too");
}

#[test]
fn a_clock_that_is_set_stamps_what_comes_after_and_sends_no_ticks() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::manual();
    let config = VenueConfig { clock: clock.clone(), ..config(&dir, Durability::Process) };
    let mut venue = Boot::open(config).unwrap().with_subscribers(1).start().unwrap();
    let (client, mut subscriber) = (venue.client(), venue.take_subscriber().unwrap());
    clock.set(5);
    market().into_iter().for_each(|command| drop(call(&client, command)));
    let Command::Place(plain) = order(1, Side::Sell, 450, 3) else { unreachable!() };
    call(&client, Command::Place(PlaceOrder { time_in_force: TimeInForce::Gtd { until_ns: 20 }, ..plain }));
    // Its time comes and nothing happens, until a command does.
    clock.set(30);
    std::thread::sleep(SECOND / 5);
    let events = call(&client, Command::Tick);
    assert!(
        matches!(events[..], [Event::Cancelled(_), Event::Ticked { expired: 1 }, Event::Balance { .. }]),
        "{events:?}"
    );
    // A stamp is never before the last one.
    clock.set(10);
    call(&client, Command::Tick);
    let mut times = Vec::new();
    eventually("all commands", || {
        subscriber.poll(|output| times.push(output.time_ns));
        times.len() >= 2 && times.iter().filter(|time_ns| **time_ns == 30).count() == 4
    });
    assert!(times.iter().all(|time_ns| [5, 30].contains(time_ns)), "{times:?}");
    venue.stop().unwrap();
}
