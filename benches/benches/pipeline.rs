//! The whole venue in process: from the scheduled moment of a command to the moment its last event is seen.
//!
//! Open loop: commands have a schedule, and the time that one waits because those before it were slow counts. One
//! thread sends and reads, one is the core; the journal's threads need what is left. Beside it, in the same run: two
//! threads that hand a number to and fro through a bare ring, and the reference book behind the same ring without a
//! journal.

use std::cell::RefCell;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_queue::ArrayQueue;
use papertape_benches::{Latencies, funded_engine, orders, step};
use papertape_engine::{Command, ReferenceBook};
use papertape_pipeline::{Boot, Durability, Subscriber, Ticket, Venue, VenueConfig};
use papertape_tests::open_market;

const RUN: Duration = Duration::from_secs(2);

fn main() {
    println!(
        "submit to event seen, microseconds         commands/s        p50        p90        p99      p99.9        max"
    );
    print("floor: a number through a ring and back", 0, &ring_round_trip(200_000));
    print("reference book behind a ring, no journal", 10_000, &reference(10_000));
    for (durability, rates) in [
        (Durability::Process, [10_000, 100_000, 500_000, 1_000_000]),
        (Durability::Group, [10_000, 50_000, 200_000, 500_000]),
    ] {
        for rate in rates {
            print(&format!("venue, {}", durability.name()), rate, &venue(durability, rate, Idle::Spins));
        }
    }
    let waiting = [50_000, 200_000, 500_000].map(|rate| (rate, venue(Durability::Group, rate, Idle::Waits)));
    waiting.iter().for_each(|(rate, latencies)| print("venue, group, the sender waits", *rate, latencies));
    let synced = syncs(500);
    print("floor: 4 KiB written and synced", 0, &synced);
    for (rate, latencies) in &waiting {
        println!(
            "venue, group, the sender waits, {rate} commands/s: p50 is {:.1} times a sync of the disk",
            latencies.quantile_us(0.5) / synced.quantile_us(0.5)
        );
    }
    beside_the_shadow();
    for durability in [Durability::Process, Durability::Group] {
        println!(
            "venue, {}, as fast as it takes them: {:.0} commands/s",
            durability.name(),
            flood(durability, 2_000_000)
        );
    }
}

/// What the shadow beside the core costs, in turns: a stall of some milliseconds that has another reason may come in any.
fn beside_the_shadow() {
    const ROUNDS: usize = 5;
    let shadows = [Shadow::Idle, Shadow::States, Shadow::Busy];
    let mut tails = shadows.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (shadow, tails) in shadows.iter().zip(&mut tails) {
            let latencies = venue_with(Durability::Group, 50_000, Idle::Spins, *shadow);
            print(&format!("venue, group, {}", shadow.name()), 50_000, &latencies);
            tails.push([0.5, 0.99, 0.999].map(|quantile| latencies.quantile_us(quantile)));
        }
    }
    for (shadow, tails) in shadows.iter().zip(tails) {
        let [p50, p99, p99_9] = [0, 1, 2].map(|quantile| {
            let mut of: Vec<f64> = tails.iter().map(|tail| tail[quantile]).collect();
            of.sort_by(f64::total_cmp);
            of[ROUNDS / 2]
        });
        let name = format!("median of {ROUNDS}, {}", shadow.name());
        println!("{name:<42} {:>10} p50 {p50:.0}, p99 {p99:.0}, p99.9 {p99_9:.0}", 50_000);
    }
}

/// What the sender does while there is nothing to send and nothing to read.
#[derive(Clone, Copy)]
enum Idle {
    /// It looks again at once, and only lends its processor to a thread that waits for one: a processor is used up.
    Spins,
    /// It sleeps until there is something to read, at most some 70 microseconds, as a client on the same machine would that
    /// waits for the disk: the time until it sends what is due meanwhile counts like any other.
    Waits,
}

/// What the shadow beside the core has to do.
#[derive(Clone, Copy)]
enum Shadow {
    /// Nothing.
    Idle,
    /// As by default: it goes along, and states the state now and then.
    States,
    /// It writes snapshots, too, forty times as often as by default.
    Busy,
}

impl Shadow {
    fn name(self) -> &'static str {
        match self {
            Shadow::Idle => "no checkpoints or snapshots",
            Shadow::States => "checkpoints",
            Shadow::Busy => "and a snapshot every 25,000",
        }
    }

    fn config(self, config: VenueConfig) -> VenueConfig {
        match self {
            Shadow::Idle => VenueConfig { checkpoint_after: u64::MAX, snapshot_after: u64::MAX, ..config },
            Shadow::States => VenueConfig { snapshot_after: u64::MAX, ..config },
            Shadow::Busy => VenueConfig { snapshot_after: 25_000, ..config },
        }
    }
}

fn print(name: &str, rate: u64, latencies: &Latencies) {
    println!("{name:<42} {rate:>10} {}", latencies.row());
}

/// One thread sends a number, another sends it back.
fn ring_round_trip(rounds: u64) -> Latencies {
    let (there, back) = (Arc::new(ArrayQueue::<u64>::new(1_024)), Arc::new(ArrayQueue::<u64>::new(1_024)));
    let stop = Arc::new(AtomicBool::new(false));
    let echo = {
        let (there, back, stop) = (Arc::clone(&there), Arc::clone(&back), Arc::clone(&stop));
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                if let Some(number) = there.pop() {
                    back.push(number).expect("one number is on its way");
                }
            }
        })
    };
    let mut latencies = Latencies::default();
    for number in 0..rounds {
        let sent = Instant::now();
        there.push(number).expect("one number is on its way");
        while back.pop().is_none() {
            std::hint::spin_loop();
        }
        latencies.record(sent.elapsed().as_nanos() as u64);
    }
    stop.store(true, Ordering::Relaxed);
    echo.join().expect("the echo does not panic");
    latencies
}

/// Sends on schedule and reads in between; `poll` says how many commands were answered.
fn open_loop(
    rate: u64,
    idle: impl Fn(),
    mut submit: impl FnMut(u64) -> bool,
    mut poll: impl FnMut() -> u64,
) -> Latencies {
    let count = rate * RUN.as_secs();
    let due = |number: u64| Duration::from_nanos(number * 1_000_000_000 / rate);
    let mut latencies = Latencies::default();
    let (mut sent, mut answered) = (0, 0);
    let begin = Instant::now();
    while answered < count {
        let sent_before = sent;
        while sent < count && begin.elapsed() >= due(sent) && submit(sent) {
            sent += 1;
        }
        let news = poll();
        let now = begin.elapsed();
        for number in answered..answered + news {
            latencies.record(now.saturating_sub(due(number)).as_nanos() as u64);
        }
        answered += news;
        if news == 0 && sent == sent_before {
            idle();
        }
    }
    latencies
}

fn reference(rate: u64) -> Latencies {
    let commands = orders(23, (rate * RUN.as_secs()) as usize);
    let (there, back) = (Arc::new(ArrayQueue::<Command>::new(65_536)), Arc::new(ArrayQueue::<()>::new(65_536)));
    let stop = Arc::new(AtomicBool::new(false));
    let thread = {
        let (there, back, stop) = (Arc::clone(&there), Arc::clone(&back), Arc::clone(&stop));
        std::thread::spawn(move || {
            let (mut engine, mut seq) = funded_engine::<ReferenceBook>();
            let mut events = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                if let Some(command) = there.pop() {
                    seq += 1;
                    step(&mut engine, seq, &command, &mut events);
                    while back.push(()).is_err() {}
                }
            }
        })
    };
    let submit = |number: u64| there.push(commands[number as usize]).is_ok();
    let latencies = open_loop(rate, std::thread::yield_now, submit, || u64::from(back.pop().is_some()));
    stop.store(true, Ordering::Relaxed);
    thread.join().expect("the reference does not panic");
    latencies
}

/// A venue with its market listed and its accounts funded, and the one who reads its events.
fn start(dir: &tempfile::TempDir, durability: Durability, shadow: Shadow) -> (Venue, Subscriber) {
    let config = VenueConfig { durability, calls: false, ..VenueConfig::new(dir.path().join("venue")) };
    let config = shadow.config(config);
    let mut venue = Boot::open(config).and_then(|boot| boot.with_subscribers(1).start()).expect("a new venue starts");
    let mut subscriber = venue.take_subscriber().expect("one was asked for");
    for command in open_market() {
        venue.client().submit(Ticket(0), command).expect("the inbox is empty");
        while subscriber.poll(|_| {}) == 0 {
            subscriber.wait(Duration::from_millis(1));
        }
    }
    // Meanwhile the journal prepares its next segment: a venue that has just started is not what is measured.
    std::thread::sleep(Duration::from_secs(1));
    subscriber.poll(|_| {});
    (venue, subscriber)
}

/// What the disk takes for a page that is written and synced.
fn syncs(rounds: u64) -> Latencies {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = File::create(dir.path().join("floor")).expect("a file");
    file.set_len(4 << 20).expect("the disk has room");
    let mut latencies = Latencies::default();
    for round in 0..rounds {
        let begun = Instant::now();
        file.write_all_at(&[round as u8; 4096], round % 1_024 * 4_096).expect("the disk has room");
        file.sync_data().expect("the disk syncs");
        latencies.record(begun.elapsed().as_nanos() as u64);
    }
    latencies
}

fn venue(durability: Durability, rate: u64, idle: Idle) -> Latencies {
    venue_with(durability, rate, idle, Shadow::States)
}

fn venue_with(durability: Durability, rate: u64, idle: Idle, shadow: Shadow) -> Latencies {
    let commands = orders(23, (rate * RUN.as_secs()) as usize);
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (venue, subscriber) = start(&dir, durability, shadow);
    let (client, subscriber) = (venue.client(), RefCell::new(subscriber));
    let submit = |number: u64| client.submit(Ticket(number + 1), commands[number as usize]).is_ok();
    let poll = || {
        let mut answered = 0;
        subscriber.borrow_mut().poll(|output| answered += u64::from(output.last));
        answered
    };
    let idle = || match idle {
        Idle::Spins => std::thread::yield_now(),
        Idle::Waits => subscriber.borrow().wait(Duration::from_micros(20)),
    };
    open_loop(rate, idle, submit, poll)
}

/// Commands a second when the sender never waits.
fn flood(durability: Durability, count: usize) -> f64 {
    let commands = orders(23, count);
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (venue, mut subscriber) = start(&dir, durability, Shadow::States);
    let client = venue.client();
    let (mut sent, mut answered) = (0, 0);
    let begin = Instant::now();
    while answered < count {
        for _ in 0..64 {
            if sent < count && client.submit(Ticket(sent as u64 + 1), commands[sent]).is_ok() {
                sent += 1;
            }
        }
        subscriber.poll(|output| answered += usize::from(output.last));
    }
    count as f64 / begin.elapsed().as_secs_f64()
}
