//! Runs random streams through the engine and the reference model until it is stopped, or until the two differ.
//!
//! `SEED` is the first stream's seed (random if absent), `SEEDS` ends the run after so many streams, `COMMANDS` is the
//! length of a stream (2,000; every 64th is ten times as long), `THREADS` how many run at a time (one a processor).
//! Ends with 1 after the first difference, which is shrunk and written into the folder that is printed.

use std::hash::{BuildHasher, RandomState};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use papertape_engine::Engine;
use papertape_tests::compare::{self, Coverage, Found, Plan, Step, Streamed};

/// Between two lines about the rate.
const PERIOD: Duration = Duration::from_secs(5);

type Outcome = (u64, Coverage, Result<(), Box<Streamed>>);

fn main() -> ExitCode {
    let first = number("SEED").unwrap_or_else(|| RandomState::new().hash_one(0) >> 16);
    let end = number("SEEDS").map_or(u64::MAX, |seeds| first.saturating_add(seeds));
    let commands = number("COMMANDS").map_or(2_000, |commands| commands as usize);
    let threads =
        number("THREADS").map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), |n| n as usize);
    // A panic is a difference like any other: it is caught, shrunk and told at the end.
    std::panic::set_hook(Box::new(|_| {}));
    println!("streams from seed {first}, {commands} commands each, on {threads} threads");
    let next = AtomicU64::new(first);
    std::thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        for _ in 0..threads.max(1) {
            let (tell, next) = (tell.clone(), &next);
            scope.spawn(move || work(next, end, commands, &|outcome| tell.send(outcome).is_ok()));
        }
        drop(tell);
        let found = watch(&told);
        next.store(u64::MAX, Ordering::Relaxed);
        drop(told);
        found.map_or(ExitCode::SUCCESS, |(seed, streamed)| report(seed, commands, &streamed))
    })
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn plan(seed: u64, commands: usize) -> Plan {
    let long = seed % 64 == 63;
    Plan { commands: if long { commands * 10 } else { commands }, ..Plan::default() }
}

fn work(next: &AtomicU64, end: u64, commands: usize, tell: &dyn Fn(Outcome) -> bool) {
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end {
            return;
        }
        let mut coverage = Coverage::default();
        let result = compare::stream(seed, &plan(seed, commands), Engine::new(), &mut coverage);
        if !tell((seed, coverage, result)) {
            return;
        }
    }
}

/// Counts streams as they come in and tells the rate, until one differs or all are done.
fn watch(told: &mpsc::Receiver<Outcome>) -> Option<(u64, Box<Streamed>)> {
    let mut total = Coverage::default();
    let (started, mut line, mut before) = (Instant::now(), Instant::now(), (0, 0));
    let found = loop {
        match told.recv_timeout(PERIOD) {
            Ok((seed, coverage, result)) => {
                total.merge(&coverage);
                if let Err(streamed) = result {
                    break Some((seed, streamed));
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break None,
        }
        if line.elapsed() >= PERIOD {
            let seconds = line.elapsed().as_secs_f64();
            let rate = |now: u64, then: u64| (now - then) as f64 / seconds;
            let (streams, commands) = (rate(total.streams, before.0), rate(total.commands, before.1));
            println!("{:>9} streams agree, {streams:.0} streams/s, {commands:.0} commands/s", total.streams);
            (line, before) = (Instant::now(), (total.streams, total.commands));
        }
    };
    let rate = total.commands as f64 / started.elapsed().as_secs_f64();
    println!("streams: {} agree, {} commands, {rate:.0} commands/s\n{total}", total.streams, total.commands);
    found
}

fn report(seed: u64, commands: usize, streamed: &Streamed) -> ExitCode {
    println!("seed {seed} differs after {} steps; shrinking …", streamed.steps.len());
    let check_every = plan(seed, commands).check_every;
    let differs = |steps: &[Step]| compare::run(Engine::new(), check_every, steps);
    let (steps, difference) = compare::shrink(&streamed.steps, differs);
    let repeat = format!("make fuzz SEED={seed} SEEDS=1 COMMANDS={commands}");
    let found = Found { seed, repeat, steps, difference };
    println!("{}", found.text());
    match found.write(&compare::folder()) {
        Ok(path) => println!("written to {}", path.display()),
        Err(error) => println!("not written to {}: {error}", compare::folder().display()),
    }
    ExitCode::FAILURE
}
