//! `papertape load`: how fast a venue acknowledges, measured from outside or in process.
//!
//! Open loop: commands have a schedule, and latency counts from the scheduled moment, so that a venue that stalls
//! cannot hide the commands that it kept waiting. What was acknowledged is logged, so that it can be looked for
//! after a crash.

mod acked;
mod client;
mod in_process;
mod plan;
mod report;
mod verify;
mod websocket;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use papertape_pipeline::Durability;

use crate::exit::{Failure, Outcome};

/// Sends orders on a schedule and reports the latency of their acknowledgements as JSON
///
/// Over WebSocket it signs up its own users, each with one connection; they place small limit orders far below the
/// market and cancel them again. With --in-process it starts a venue of its own in a temporary folder and needs no
/// server. With --verify it sends nothing: it looks for everything that an earlier run logged as acknowledged.
#[derive(Args, Debug)]
pub struct LoadArgs {
    /// The venue's address
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub url: String,
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
    let report = if args.in_process { in_process::run(args)? } else { websocket::run(args)? };
    writeln!(out, "{}", report.json()).map_err(Failure::io)?;
    Ok(report.exit_code())
}
