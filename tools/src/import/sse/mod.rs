//! Shanghai: every order and every trade of a day, by stock.

mod check;
mod drive;
mod flow;
mod parse;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use papertape_engine::Symbol;

use self::drive::Session;
use self::flow::{Files, Step};
use super::day::Day;
use super::folder::Folder;
use super::report::Progress;
use super::venue::Venue;
use super::{ImportError, Outcome, input};

/// What `papertape import sse` takes.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
The orders that participants sent are rebuilt from the published messages, and go through journal and engine as 64
accounts' orders: opening call auction to 09:25, continuous trading from 09:30, closing call auction from 14:57.

Example: papertape import sse --orders orders.csv.gz --trades trades.csv.gz --check

Exit status: 0 done (and, with --check, all equal), 1 a difference was found, 2 the input or the folder was refused.")]
pub struct SseArgs {
    /// Orders: CSV (plain or gzip) with the header
    /// `stock,channel,seq,time,action,side,price,qty,order_id`; action A adds, D deletes
    #[arg(long, value_name = "FILE")]
    pub orders: PathBuf,
    /// Trades: CSV (plain or gzip) with the header
    /// `stock,channel,seq,time,aggressor,price,qty,buy_id,sell_id`; aggressor B, S, or N in an auction
    #[arg(long, value_name = "FILE")]
    pub trades: PathBuf,
    /// Import only this stock, for example 600961
    #[arg(long, value_name = "SYMBOL")]
    pub stock: Option<String>,
    /// The day of the files, YYYY-MM-DD, for the journal's times (the files have only times of day)
    #[arg(long, value_name = "DATE", default_value = "1970-01-01")]
    pub date: String,
    /// Compare every trade, auction and withdrawal with what the exchange published; exit 1 if one differs
    #[arg(long)]
    pub check: bool,
    /// Keep the journal in this folder, which must be new or empty; without it nothing is kept
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// Imports a day. Progress, differences and the verdict are written to `out`. An import that fails, or whose
/// comparison finds differences, leaves nothing in the data folder.
pub fn run(args: &SseArgs, out: &mut impl Write) -> Result<Outcome, ImportError> {
    let started = Instant::now();
    let day = Day::parse(&args.date).ok_or_else(|| {
        let problem = format!("cannot be of the day {:?}", args.date);
        input::refused_file(&args.orders, problem, "give --date as YYYY-MM-DD, from 1970 to 2199")
    })?;
    let folder = Folder::prepare(args.data.as_deref())?;
    let reading = Instant::now();
    let stocks = parse::read(&args.orders, &args.trades, wanted_stock(args)?)?;
    let names = (input::name(&args.orders), input::name(&args.trades));
    let files = Files { orders: &names.0, trades: &names.1 };
    let mut flows = BTreeMap::new();
    for (symbol, stock) in &stocks {
        flows.insert(*symbol, flow::rebuild(stock, files)?);
    }
    let reading = reading.elapsed();
    let (orders, trades) =
        stocks.values().fold((0, 0), |(a, b), stock| (a + stock.orders.len(), b + stock.trades.len()));
    writeln!(out, "{orders} order messages and {trades} trades of {} stocks", stocks.len())?;

    let mut venue = Venue::open(folder.working(), day)?;
    let mut session = Session::open(&mut venue, &stocks, files)?;
    let mut progress = Progress::new("commands", flows.values().map(|steps| steps.len() as u64).sum());
    for (stock, step) in by_time(flows.values().map(Vec::as_slice).collect()) {
        session.step(stock, step)?;
        progress.step(out)?;
    }
    let verdict = session.finish();
    let speed = venue.close(started, reading)?;
    let outcome = verdict.differences.outcome(args.check, out)?;
    if outcome.exit_code() == 0 {
        folder.finish()?;
    }
    speed.write(out)?;
    for check in &verdict.stocks {
        let line = if args.check { check.verdict() } else { check.summary() };
        writeln!(out, "{line}")?;
    }
    Ok(outcome)
}

fn wanted_stock(args: &SseArgs) -> Result<Option<Symbol>, ImportError> {
    let Some(text) = &args.stock else { return Ok(None) };
    let refused = || {
        let problem = format!("cannot have a stock {text:?}");
        input::refused_file(&args.orders, problem, "give --stock a code of 1 to 20 letters and digits, as the files do")
    };
    Symbol::new(text).map(Some).ok_or_else(refused)
}

/// All stocks' steps in one sequence: by time, and at one time by stock.
fn by_time(mut flows: Vec<&[Step]>) -> impl Iterator<Item = (usize, &Step)> {
    let head = |(stock, steps): (usize, &&[Step])| Some(Reverse((steps.first()?.time_ms, stock)));
    let mut heads: BinaryHeap<_> = flows.iter().enumerate().filter_map(head).collect();
    std::iter::from_fn(move || {
        let Reverse((_, stock)) = heads.pop()?;
        let (first, rest) = flows[stock].split_first()?;
        heads.extend(head((stock, &rest)));
        flows[stock] = rest;
        Some((stock, first))
    })
}
