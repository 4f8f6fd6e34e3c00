//! One measurement each: updates a second with so many on their way, latency on a schedule, memory of connections.

use std::io;
use std::time::{Duration, Instant};

use crate::contenders::{Contender, Places};
use crate::publisher::Publisher;
use crate::subscribers::Subscribers;

/// Once in each bytes of an update.
const SIGN: &str = "taker_side";

/// How long one at a time or so many in flight are measured.
const MEASURED: Duration = Duration::from_secs(2);

/// What is not measured, before it.
const WARM_UP: Duration = Duration::from_millis(500);

/// Of the open loop.
const PER_SECOND: usize = 1_000;
const SECONDS: usize = 5;

/// An open loop that is so far behind when the schedule ends is not caught up with.
const BEHIND_MAX: Duration = Duration::from_secs(2);

/// What one server did in one round.
#[derive(Default, Debug)]
pub(crate) struct Round {
    /// Delivered messages a second to 100 subscribers: one update at a time, 64 in flight.
    pub(crate) hundred: [f64; 2],
    /// The same to 1,000.
    pub(crate) thousand: [f64; 2],
    /// p50 and p99 in milliseconds, from the scheduled moment to the last subscriber; none if it fell behind.
    pub(crate) open_loop: Option<[f64; 2]>,
    /// Bytes of memory a connection.
    pub(crate) memory: f64,
}

/// All measurements of one server, with a process of its own for each number of subscribers.
pub(crate) fn round(contender: Contender, places: &Places<'_>, idle: usize) -> io::Result<Round> {
    let mut round = Round::default();
    for count in [100, 1_000] {
        let running = contender.start(places)?;
        let mut publisher = running.publisher(places)?;
        let mut subscribers = Subscribers::new(running.subscribe(count)?, SIGN)?;
        subscribers.watch(&mut publisher)?;
        let rates = [
            delivered(&mut subscribers, &mut publisher, count, 1)?,
            delivered(&mut subscribers, &mut publisher, count, 64)?,
        ];
        if count == 100 {
            round.hundred = rates;
        } else {
            round.thousand = rates;
            round.open_loop = open_loop(&mut subscribers, &mut publisher)?;
        }
    }
    round.memory = memory(contender, places, idle)?;
    Ok(round)
}

/// Messages a second that reached subscribers, with so many updates on their way.
fn delivered(
    subscribers: &mut Subscribers,
    publisher: &mut Publisher,
    count: usize,
    in_flight: usize,
) -> io::Result<f64> {
    subscribers.settle(publisher)?;
    let begun = Instant::now();
    while begun.elapsed() < WARM_UP + MEASURED {
        let updates = (in_flight - subscribers.in_flight()).min(publisher.room());
        if updates > 0 {
            subscribers.expect(updates);
            publisher.publish(updates)?;
        }
        subscribers.read(publisher, Duration::from_millis(100))?;
        if subscribers.cut > 0 {
            return Err(io::Error::other(format!("{} connections were ended by the server", subscribers.cut)));
        }
    }
    let from = begun + WARM_UP;
    let completed: Vec<Instant> = subscribers.completed().iter().copied().filter(|at| *at >= from).collect();
    let took = completed.last().map_or(MEASURED, |last| last.duration_since(from));
    while subscribers.in_flight() > 0 && subscribers.read(publisher, Duration::from_secs(2))? {}
    Ok((completed.len() * count) as f64 / took.as_secs_f64())
}

/// Latencies of updates on a schedule, p50 and p99 in milliseconds.
fn open_loop(subscribers: &mut Subscribers, publisher: &mut Publisher) -> io::Result<Option<[f64; 2]>> {
    subscribers.settle(publisher)?;
    let (begun, total) = (Instant::now(), PER_SECOND * SECONDS);
    let at = |update: usize| begun + Duration::from_nanos((update * 1_000_000_000 / PER_SECOND) as u64);
    let mut sent = 0;
    let end = at(total) + BEHIND_MAX;
    while subscribers.completed().len() < total && Instant::now() < end && subscribers.cut == 0 {
        let elapsed = begun.elapsed().as_nanos() as usize;
        let due = (elapsed * PER_SECOND / 1_000_000_000 + 1).min(total);
        let updates = (due - sent).min(publisher.room());
        if updates > 0 {
            subscribers.expect(updates);
            publisher.publish(updates)?;
            sent += updates;
        }
        let wait = at(sent).saturating_duration_since(Instant::now());
        // Polls have steps of a millisecond: the last one before an update is due is not slept through.
        let wait = if wait > Duration::from_millis(1) { wait - Duration::from_millis(1) } else { Duration::ZERO };
        subscribers.read(publisher, if sent < total { wait } else { Duration::from_millis(10) })?;
    }
    if subscribers.completed().len() < total {
        return Ok(None);
    }
    let mut latencies = papertape_benches::Latencies::default();
    for (update, done) in subscribers.completed().iter().enumerate() {
        latencies.record(done.saturating_duration_since(at(update)).as_nanos() as u64);
    }
    Ok(Some([0.5, 0.99].map(|quantile| latencies.quantile_us(quantile) / 1_000.0)))
}

/// Memory that one more connection costs, over so many which listen and hear nothing.
fn memory(contender: Contender, places: &Places<'_>, idle: usize) -> io::Result<f64> {
    let running = contender.start(places)?;
    // What the first connections cost once is no connection's.
    let first = running.subscribe(100)?;
    let before = running.resident()?;
    let held = running.subscribe(idle)?;
    let after = running.resident()?;
    drop((first, held));
    Ok(after.saturating_sub(before) as f64 / idle as f64)
}
