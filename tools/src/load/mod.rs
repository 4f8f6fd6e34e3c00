//! `papertape load`: how fast a venue acknowledges, measured from outside or in process.
//!
//! Open loop: commands have a schedule, and latency counts from the scheduled moment, so that a venue that stalls
//! cannot hide the commands that it kept waiting. What was acknowledged is logged, so that it can be looked for
//! after a crash.

mod acked;
mod client;
mod drive;
mod echo;
mod hostile;
mod in_process;
mod known;
mod link;
mod logins;
mod outside;
mod plan;
mod plot;
mod report;
mod verify;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use papertape_pipeline::Durability;

use crate::exit::{Failure, Outcome};

/// Sends orders on a schedule and reports the latency of their acknowledgements as JSON
///
/// Over a network it signs up its own users, each with one connection; they place small limit orders far below the
/// market and cancel them again. With --in-process it starts a venue of its own in a temporary folder and needs no
/// server. With --verify it sends nothing: it looks for everything that an earlier run logged as acknowledged.
#[derive(Args, Debug)]
pub struct LoadArgs {
    /// The venue's address
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// Over which of the venue's protocols
    #[arg(long, value_enum, value_name = "PROTOCOL", default_value_t = Via::Ws, conflicts_with = "in_process")]
    pub via: Via,
    /// With --via tcp: the address of binary order entry
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081")]
    pub tcp: String,
    /// Measure a server beside it that sends back what comes, half of the time before the venue and half after it
    #[arg(long, conflicts_with = "in_process")]
    pub beside_echo: bool,
    /// Measure once more while clients that mean no good do what they can: half of the time before without them, half after
    #[arg(long, conflicts_with = "in_process")]
    pub beside_hostile: bool,
    /// With --beside-hostile: how often each of them tries, in a second
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=10_000), requires = "beside_hostile")]
    pub hostile_per_second: u64,
    /// With --beside-hostile and --via tcp: orders of the one that floods, in a second
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000), requires = "beside_hostile")]
    pub flood_per_second: u64,
    /// Measure once more while users log in so many times a second: half of the time before without log-ins, half after.
    /// The venue must not count log-ins by address: --logins-per-minute 0, as with --demo
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u64).range(1..=100_000),
        conflicts_with_all = ["in_process", "beside_hostile"]
    )]
    pub beside_logins: Option<u64>,
    /// Write the latencies as HdrHistogram's percentile files: FILE.NAME.hgrm for the whole and each part of the way
    #[arg(long, value_name = "FILE")]
    pub hgrm: Option<PathBuf>,
    /// Draw them as SVG
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// The market to trade in
    #[arg(long, value_name = "SYMBOL", default_value = "BTC-USD", conflicts_with = "in_process")]
    pub symbol: String,
    /// Commands a second, over all connections
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub rate: u64,
    /// How long to send
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub seconds: u64,
    /// Users, each with one connection
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub connections: u64,
    /// Keep users and their tokens in this file: the next run signs up but one new user, and takes those
    #[arg(long, value_name = "FILE", conflicts_with = "in_process")]
    pub users: Option<PathBuf>,
    /// Log every acknowledged command in this file, as it is acknowledged
    #[arg(long, value_name = "FILE")]
    pub acked: Option<PathBuf>,
    /// Look for everything that this file says was acknowledged, and send nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["acked", "in_process"])]
    pub verify: Option<PathBuf>,
    /// With --verify: count in this venue's journal too that nothing was accepted twice
    #[arg(long, value_name = "DIR", requires = "verify")]
    pub data: Option<PathBuf>,
    /// Measure a venue in this process instead of one behind a network
    #[arg(long)]
    pub in_process: bool,
    /// With --in-process: when an order counts as acknowledged
    #[arg(long, value_name = "LEVEL", default_value_t = Durability::Group, requires = "in_process")]
    pub durability: Durability,
}

/// A protocol of the venue.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Via {
    /// Binary order entry
    Tcp,
    /// The trading WebSocket
    Ws,
    /// REST, one request at a time on each connection
    Rest,
}

impl LoadArgs {
    fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

/// Runs it.
pub fn run(args: &LoadArgs, out: &mut impl Write) -> Outcome {
    if let Some(acked) = &args.verify {
        return verify::run(args, acked, out);
    }
    let report = if args.in_process { in_process::run(args)? } else { outside::run(args)? };
    writeln!(out, "{}", report.json()).map_err(Failure::io)?;
    for (name, histogram) in report.histograms().iter().filter(|_| args.hgrm.is_some()) {
        let name = name.replace(": ", "-");
        let path = args.hgrm.as_ref().map(|path| format!("{}.{name}.hgrm", path.display())).unwrap_or_default();
        std::fs::write(&path, plot::percentiles(histogram)).map_err(|error| Failure::io(format!("{path}: {error}")))?;
    }
    if let Some(path) = &args.plot {
        let title = format!("Order to answer, {} a second over {} connections", report.rate, report.connections);
        let drawn = plot::svg(&title, &report.histograms());
        std::fs::write(path, drawn).map_err(|error| Failure::io(format!("{}: {error}", path.display())))?;
    }
    Ok(report.exit_code())
}
