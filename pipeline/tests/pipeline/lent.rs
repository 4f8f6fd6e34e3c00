//! A core that is lent: whoever hands in commands carries them out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use papertape_engine::{Command, Event, PlaceOrder, Side, TimeInForce};
use papertape_pipeline::{
    Boot, Client, Durability, Output, RealDisk, Replay, Subscriber, Ticket, VenueConfig, VenueError,
};

use crate::faults::Disk as Plug;
use crate::support::{SECOND, config, eventually, market, order};

fn lent(dir: &tempfile::TempDir, durability: Durability) -> VenueConfig {
    VenueConfig { lends_core: true, calls: false, ..config(dir, durability) }
}

/// Hands in a command and carries it out.
fn do_at_once(client: &Client, command: Command) {
    client.push(client.next_ticket(), command).unwrap();
    client.carry_out();
}

/// Everything that is told until so many commands are.
fn told(subscriber: &mut Subscriber, commands: usize) -> Vec<Output> {
    let (mut outputs, mut whole) = (Vec::new(), 0);
    eventually("the end of all commands", || {
        subscriber.poll(|output| {
            whole += usize::from(output.last);
            outputs.push(*output);
        });
        whole >= commands
    });
    outputs
}

#[test]
fn what_a_thread_carries_out_it_can_read_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut venue = Boot::open(lent(&dir, Durability::Process)).unwrap().with_subscribers(1).start().unwrap();
    let (client, mut subscriber) = (venue.client(), venue.take_subscriber().unwrap());
    let mut at_once = 0;
    for command in market() {
        do_at_once(&client, command);
        // Unless the core's own thread was just looking.
        at_once += subscriber.poll(|_| {}).min(1);
        eventually("the end of the command", || subscriber.poll(|_| {}) == 0 && !client.has_entered());
    }
    assert!(at_once > 0);
    venue.stop().unwrap();
}

#[test]
fn threads_that_carry_out_and_threads_that_do_not_lose_nothing_and_keep_their_order() {
    const THREADS: u64 = 4;
    const EACH: u64 = 3_000;
    let dir = tempfile::tempdir().unwrap();
    let config = lent(&dir, Durability::Process);
    let mut venue = Boot::open(config.clone()).unwrap().with_subscribers(1).start().unwrap();
    let (client, mut subscriber) = (venue.client(), venue.take_subscriber().unwrap());
    let commands = market();
    let before = commands.len();
    commands.into_iter().for_each(|command| do_at_once(&client, command));
    told(&mut subscriber, before);
    let threads = (0..THREADS).map(|thread| {
        let client = client.clone();
        std::thread::spawn(move || {
            for n in 0..EACH {
                let (side, price) = (if n % 2 == 0 { Side::Buy } else { Side::Sell }, 100 + n % 7);
                let command = order(1 + (thread % 2) as u32, side, price, 1);
                let ticket = Ticket((thread + 1) << 32 | n);
                while client.push(ticket, command).is_err() {
                    std::thread::yield_now();
                }
                if thread == 0 { client.wake() } else { client.carry_out() }
            }
        })
    });
    let threads: Vec<_> = threads.collect();
    let outputs = told(&mut subscriber, (THREADS * EACH) as usize);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert!(outputs.windows(2).all(|pair| pair[1].seq == pair[0].seq + u64::from(pair[0].last)), "a gap or a repeat");
    for thread in 1..=THREADS {
        let whole = outputs.iter().filter(|output| output.last && output.ticket.0 >> 32 == thread);
        assert!(whole.map(|output| output.ticket.0 & 0xffff_ffff).eq(0..EACH), "thread {thread}");
    }
    venue.stop().unwrap();
    let hash = client.status().state_hash;
    let replayed = Replay { dir: config.dir, until: None, skip_to: Some(0) }.run(|_| {}).unwrap();
    assert_eq!(replayed.engine.state_hash(), hash);
}

#[test]
fn whoever_fills_the_outbox_that_he_alone_reads_goes_on_to_read() {
    [Durability::Memory, Durability::Process, Durability::Group].into_iter().for_each(fill_the_outbox);
}

fn fill_the_outbox(durability: Durability) {
    let dir = tempfile::tempdir().unwrap();
    let small = VenueConfig { outbox_capacity: 16, ..lent(&dir, durability) };
    let mut venue = Boot::open(small).unwrap().with_subscribers(1).start().unwrap();
    let (client, mut subscriber) = (venue.client(), venue.take_subscriber().unwrap());
    let commands: Vec<_> = market().into_iter().chain((0..200).map(|n| order(1, Side::Sell, 100 + n, 1))).collect();
    let before = commands.len();
    // Nobody reads meanwhile: some are carried out, and the rest when there is room.
    commands.into_iter().for_each(|command| do_at_once(&client, command));
    told(&mut subscriber, before);
    do_at_once(&client, order(2, Side::Buy, 1_000, 200));
    let outputs = told(&mut subscriber, 1);
    assert!(outputs.len() > 200, "{}", outputs.len());
    assert!(outputs.iter().enumerate().all(|(index, output)| output.index as usize == index), "{outputs:?}");
    venue.stop().unwrap();
}

#[test]
fn an_order_ends_at_its_time_though_the_core_slept_when_it_came() {
    let dir = tempfile::tempdir().unwrap();
    let mut venue = Boot::open(lent(&dir, Durability::Process)).unwrap().with_subscribers(1).start().unwrap();
    let (client, mut subscriber) = (venue.client(), venue.take_subscriber().unwrap());
    market().into_iter().for_each(|command| do_at_once(&client, command));
    // Longer than the core looks for work.
    std::thread::sleep(SECOND / 50);
    let until = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap() + Duration::from_millis(50);
    let until_ns = until.as_nanos() as u64;
    let Command::Place(plain) = order(1, Side::Sell, 450, 3) else { unreachable!() };
    do_at_once(&client, Command::Place(PlaceOrder { time_in_force: TimeInForce::Gtd { until_ns }, ..plain }));
    let mut ended = false;
    eventually("the end of the order", || {
        subscriber.wait(SECOND / 100);
        subscriber.poll(|output| ended |= matches!(output.event, Event::Cancelled(_)) && output.time_ns >= until_ns);
        ended
    });
    venue.stop().unwrap();
}

#[test]
fn a_disk_that_fails_stops_a_lent_core_and_nothing_more_gets_out() {
    let dir = tempfile::tempdir().unwrap();
    let (config, plug) = (lent(&dir, Durability::Group), Arc::new(Plug::default()));
    let locked = Boot::lock(config).unwrap().on(Arc::new(RealDisk::synced_by(Arc::clone(&plug) as _)));
    let mut venue = locked.recover(u64::MAX, |_| {}).unwrap().with_subscribers(1).start().unwrap();
    let (client, mut subscriber) = (venue.client(), venue.take_subscriber().unwrap());
    let commands = market();
    let before = commands.len();
    commands.into_iter().for_each(|command| do_at_once(&client, command));
    told(&mut subscriber, before);
    plug.pull();
    do_at_once(&client, order(1, Side::Buy, 5, 1));
    eventually("the failure", || client.failure().is_some());
    assert!(client.push(Ticket(1), order(1, Side::Buy, 5, 1)).is_err(), "a venue that failed takes nothing");
    client.carry_out();
    assert_eq!(subscriber.poll(|_| {}), 0);
    assert!(matches!(venue.stop(), Err(VenueError::Failed(_))));
}

#[test]
fn what_waits_when_a_venue_is_dropped_is_not_carried_out_by_those_who_stay() {
    let dir = tempfile::tempdir().unwrap();
    let config = lent(&dir, Durability::Process);
    let venue = Boot::open(config.clone()).unwrap().start().unwrap();
    let client = venue.client();
    market().into_iter().for_each(|command| do_at_once(&client, command));
    drop(venue);
    let refused = client.push(Ticket(1), order(1, Side::Buy, 5, 1));
    client.carry_out();
    assert!(refused.is_err() && client.failure().is_none());
    // The folder is free, though a way in is still there.
    Boot::open(config).unwrap();
    drop(client);
}

#[test]
fn a_venue_that_stops_does_what_was_handed_in_before() {
    let dir = tempfile::tempdir().unwrap();
    let config = lent(&dir, Durability::Process);
    let venue = Boot::open(config.clone()).unwrap().start().unwrap();
    let client = venue.client();
    let stops = Arc::new(AtomicBool::new(false));
    let is_stopping = Arc::clone(&stops);
    let sender = std::thread::spawn(move || {
        let mut taken = 0;
        for command in market().into_iter().chain((0..).map(|n| order(1, Side::Buy, 1 + n % 50, 1))) {
            match client.push(client.next_ticket(), command) {
                Ok(()) => taken += 1,
                Err(_) if is_stopping.load(Ordering::SeqCst) => break,
                Err(_) => {}
            }
            client.carry_out();
        }
        taken
    });
    std::thread::sleep(SECOND / 20);
    stops.store(true, Ordering::SeqCst);
    venue.stop().unwrap();
    let taken: u64 = sender.join().unwrap();
    let mut applied = 0;
    let replay = Replay { dir: config.dir, until: None, skip_to: Some(0) };
    replay.run(|output| applied += u64::from(output.last)).unwrap();
    // One may come between the last look into the inbox and the end; whoever sent it is told nothing.
    assert!(applied == taken || applied + 1 == taken, "{applied} of {taken}");
}
