//! `papertape sim`: lives of a venue on a disk that fails.

use std::io::Write;
use std::ops::Range;

use clap::Args;
use papertape_sim::{Run, run as live};

use crate::exit::{self, Failure, Outcome};

/// Runs core, journal and recovery on a simulated disk that loses power and fails, and looks for what was acknowledged
///
/// The same seed brings the same life. Ends with exit code 1 and the command that repeats it where something that was
/// acknowledged is lost, doubled or altered, or a journal is refused that only a crash had touched.
#[derive(Args, Debug)]
pub struct SimArgs {
    /// One life
    #[arg(long, value_name = "N", conflicts_with = "seeds", default_value_t = 1)]
    pub seed: u64,
    /// Lives from A, up to and without B
    #[arg(long, value_name = "A..B", value_parser = range)]
    pub seeds: Option<Range<u64>>,
    /// What is done in each: a few orders, a sync, a crash
    #[arg(long, value_name = "M", default_value_t = 120)]
    pub steps: u64,
    /// Say what was done before a finding
    #[arg(long)]
    pub trail: bool,
}

fn range(text: &str) -> Result<Range<u64>, String> {
    let parsed = text.split_once("..").and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    parsed.filter(|range: &Range<u64>| !range.is_empty()).ok_or_else(|| "seeds are A..B, with A below B".to_owned())
}

/// Runs it.
pub fn run(args: &SimArgs, out: &mut impl Write) -> Outcome {
    let seeds = args.seeds.clone().unwrap_or(args.seed..args.seed.saturating_add(1));
    let mut all = Run::default();
    for seed in seeds.clone() {
        match live(seed, args.steps) {
            Ok(run) => all.add(&run),
            Err(finding) => {
                if args.trail {
                    finding.trail.iter().try_for_each(|line| writeln!(out, "{line}")).map_err(Failure::io)?;
                }
                let told = writeln!(out, "{finding}")
                    .and_then(|()| writeln!(out, "papertape sim --seed {seed} --steps {} --trail", args.steps));
                told.map_err(Failure::io)?;
                return Ok(exit::DIFFERENT);
            }
        }
    }
    let Run { commands, acknowledged, recoveries, kills, power_losses, failed_calls, torn, refused } = all;
    let lives = seeds.end - seeds.start;
    writeln!(out, "{lives} lives of {} steps: {commands} commands, {acknowledged} records acknowledged", args.steps)
        .and_then(|()| {
            writeln!(out, "{recoveries} recoveries after {kills} kills, {power_losses} power losses, {failed_calls} failing calls; {torn} torn tails cut, {refused} spoiled journals refused")
        })
        .and_then(|()| writeln!(out, "0 acknowledged records lost, doubled or altered"))
        .map_err(Failure::io)?;
    Ok(exit::OK)
}
