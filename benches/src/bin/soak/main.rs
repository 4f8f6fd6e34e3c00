//! A venue under everything at once, for as long as it is told: a thousand followers of its book, of whom some read slowly
//! and some stop reading, and two hundred order-entry sessions whose connections are cut at random.
//!
//!     soak --papertape BINARY [--seconds N] [--followers N] [--slow N] [--stalled N] [--sessions N] [--per-second N] [--seed N]
//!
//! At the end nothing may be wrong: memory within its bound, every private message told once and in order to everybody who
//! was cut off, every follower's book the venue's. Exit code 0 if so, and 1 if not.

mod followers;
mod report;
mod sessions;
mod settings;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use papertape_benches::Served;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::report::Report;
use crate::settings::Settings;

/// Where everybody is sent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Course {
    /// Trade, and follow.
    Runs,
    /// Place nothing more: answers and books settle.
    Settles,
    /// Say what you know.
    Ends,
}

/// The market.
pub(crate) const SYMBOL: &str = "BTC-USD";

/// How long everybody has to catch up after the last order.
const SETTLES_WITHIN: Duration = Duration::from_secs(30);

fn main() -> io::Result<ExitCode> {
    let limit = getrlimit(Resource::Nofile);
    // Each connection is an open file here and one in the venue.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    let settings = Settings::read();
    let folder = std::env::temp_dir();
    let options = ["--durability", "process", "--tcp", "127.0.0.1:0", "--tcp-orders-per-second", "1000"];
    let venue = Arc::new(Served::start(&settings.papertape, &folder, &options)?);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let report = runtime.block_on(soak(&settings, &venue))?;
    println!("{}", report.json());
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn soak(settings: &Settings, venue: &Arc<Served>) -> io::Result<Report> {
    let (send, course) = watch::channel(Course::Runs);
    let traders = sessions::open(settings, venue)?;
    let (mut followers, mut sessions) = (JoinSet::new(), JoinSet::new());
    for number in 0..settings.followers {
        followers.spawn(followers::follow(settings.habit(number), venue.http.clone(), course.clone()));
    }
    for (number, trader) in (0..).zip(traders) {
        sessions.spawn(sessions::trade(settings.clone(), number, trader, course.clone()));
    }
    let begun = Instant::now();
    let (early, end) = (begun + settings.runs / 4, begun + settings.runs);
    sleep_until(early).await;
    let memory_early = venue.memory("RssAnon")?;
    while Instant::now() < end {
        let left = end.saturating_duration_since(Instant::now());
        sleep(left.min(Duration::from_secs(10))).await;
        let memory = venue.memory("RssAnon")? >> 20;
        println!("{} s, {memory} MiB, journal at {}", begun.elapsed().as_secs(), seq(venue)?);
    }
    let memory_late = venue.memory("RssAnon")?;
    send.send_replace(Course::Settles);
    let mut report = Report::new(settings.runs.as_secs(), memory_early, memory_late);
    // Sessions end by themselves when nothing of theirs is under way; then the book moves no more.
    while let Some(done) = sessions.join_next().await {
        report.session(&done.map_err(io::Error::other)?)?;
    }
    let depth = followers::depth(venue)?;
    sleep(Duration::from_millis(200)).await;
    send.send_replace(Course::Ends);
    let settled = Instant::now() + SETTLES_WITHIN;
    while let Some(done) = followers.join_next().await {
        report.follower(&done.map_err(io::Error::other)?, &depth);
    }
    report.settled_late = Instant::now() > settled;
    report.commands = seq(venue)?;
    Ok(report)
}

fn seq(venue: &Served) -> io::Result<u64> {
    Ok(venue.get("/api/v1/status", None)?["seq"].as_u64().unwrap_or_default())
}
