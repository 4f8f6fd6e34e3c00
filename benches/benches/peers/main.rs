//! The same order flow through our book and engine, the reference book, and the public crates, interleaved in one run.
//!
//! Every contender gets the same list of messages and gives its trades to the same counter. Before anything is timed
//! all trades are compared one by one with what the exchange printed, or for the generated flow with what our book
//! prints; each timed run must come to the same count, sum and hash again. A contender that is too slow for the whole
//! flow runs its first messages, and is compared with our book over the same messages.
//!
//!     cargo bench -p papertape-benches --bench peers -- [--sse FOLDER] [--rounds N] [--plot FILE]

mod contender;
mod measure;
mod ours;
mod report;
mod theirs;

use std::path::{Path, PathBuf};

use papertape_benches::plot::svg;
use papertape_benches::{BareBooks, Flow, FundedEngine, Shape, generate, shanghai};
use papertape_engine::{LadderBook, ReferenceBook};

use crate::contender::Entry;

/// The book that the others are compared with.
pub(crate) const BARE: &str = "our book, bare";
/// The whole engine.
pub(crate) const FUNDED: &str = "our engine: accounts, risk, events";

fn contenders() -> Vec<Entry> {
    let all = usize::MAX;
    let matchcore = Entry::of::<theirs::Matchcore>("matchcore 0.4", false, all);
    vec![
        Entry::of::<BareBooks<LadderBook>>(BARE, true, all),
        Entry::of::<FundedEngine<LadderBook>>(FUNDED, true, all),
        Entry { known: Some(THROUGH_THE_LIMIT), ..matchcore },
        Entry::of::<theirs::OrderbookRs>("orderbook-rs 0.15", false, 200_000),
        Entry::of::<theirs::Lobster>("lobster 0.7", false, 200_000),
        Entry::of::<BareBooks<ReferenceBook>>("reference book", false, 20_000),
    ]
}

/// In all versions that were published up to 0.4.0; where no limit order crosses it trades as everybody does.
const THROUGH_THE_LIMIT: &str =
    "a limit order that crosses is matched without its limit (`submit_crossable_order`), and trades through it";

/// The flow of real orders, if it is there, and two that are made.
fn flows(sse: &Path) -> Vec<Flow> {
    let mut flows = Vec::new();
    match shanghai(sse) {
        Ok(flow) => flows.push(flow),
        Err(problem) => println!("the Shanghai flow is left out: {problem} (give --sse FOLDER, or PAPERTAPE_DATA)\n"),
    }
    let (books, live, width, recent, messages) = (1, 10_000, 200, 2_000, 1_000_000);
    let shape = Shape { seed: 29, books, skewed: false, live, width, crosses: true, recent, messages };
    flows.push(generate("generated, 10,000 resting orders", shape).0);
    flows.push(generate("generated, limit orders only rest", Shape { crosses: false, ..shape }).0);
    flows
}

/// What the command line says.
struct Args {
    sse: PathBuf,
    rounds: usize,
    plot: Option<PathBuf>,
}

fn main() {
    let args = args();
    let flows = flows(&args.sse);
    let panels = flows.iter().map(|flow: &Flow| report::of(flow, &measure::all(flow, &contenders(), args.rounds)));
    let panels: Vec<_> = panels.collect();
    if let Some(path) = &args.plot {
        let axis = "million messages a second, logarithmic (dot: median of the rounds, line: least to most)";
        let drawn = svg("The same order flow through each engine, one thread", axis, &panels);
        std::fs::write(path, drawn).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        println!("plot: {}", path.display());
    }
}

fn args() -> Args {
    let beside = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data"));
    let data = std::env::var_os("PAPERTAPE_DATA").map_or(beside, PathBuf::from);
    let mut args = Args { sse: data.join("sse"), rounds: 11, plot: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_else(|| panic!("{word} needs a value"));
        match word.as_str() {
            "--sse" => args.sse = value().into(),
            "--plot" => args.plot = Some(value().into()),
            "--rounds" => args.rounds = value().parse().expect("--rounds takes a number"),
            // Cargo says this to every benchmark.
            "--bench" => {}
            _ => panic!("{word}: only --sse FOLDER, --rounds N and --plot FILE are known"),
        }
    }
    args
}
