//! Shanghai: every order and every trade of a day, by stock.

mod check;
mod compare;
mod drive;
mod flow;
mod parse;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use papertape_engine::Symbol;

use self::compare::{Comparison, Verdict};
use self::drive::Driver;
use self::flow::{Files, Step};
use self::parse::Stock;
use super::day::Day;
use super::folder::Folder;
use super::report::{Progress, Times};
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
    let wanted = wanted_stock(args)?;
    let names = (input::name(&args.orders), input::name(&args.trades));
    let files = Files { orders: &names.0, trades: &names.1 };
    // The journal's first segments are made while the files are read.
    let (venue, read) = std::thread::scope(|scope| {
        let venue = scope.spawn(|| Venue::open(folder.working(), day));
        let read = read(args, wanted, files);
        (venue.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), read)
    });
    let Reading { stocks, flows, time: reading } = read?;
    let mut venue = venue?;
    let (orders, trades) =
        stocks.values().fold((0, 0), |(a, b), stock| (a + stock.orders.len(), b + stock.trades.len()));
    writeln!(out, "{orders} order messages and {trades} trades of {} stocks", stocks.len())?;

    let (verdict, comparing) = trade_and_compare(&mut venue, &stocks, &flows, files, out)?;
    let speed = venue.close(started, Times { reading, comparing: Some(comparing) }, folder.is_wanted())?;
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

/// What the files say, and the time that it took to read them and to rebuild what was sent.
struct Reading {
    stocks: BTreeMap<Symbol, Stock>,
    flows: Vec<Vec<Step>>,
    time: Duration,
}

fn read(args: &SseArgs, wanted: Option<Symbol>, files: Files<'_>) -> Result<Reading, ImportError> {
    let (stocks, time) = parse::read(&args.orders, &args.trades, wanted)?;
    let started = Instant::now();
    let flows = stocks.values().map(|stock| flow::rebuild(stock, files)).collect::<Result<_, _>>()?;
    Ok(Reading { stocks, flows, time: time + started.elapsed() })
}

/// Sends every step to the venue; what it tells is compared on another thread meanwhile, which takes as long as it says.
fn trade_and_compare(
    venue: &mut Venue,
    stocks: &BTreeMap<Symbol, Stock>,
    flows: &[Vec<Step>],
    files: Files<'_>,
    out: &mut impl Write,
) -> Result<(Verdict, Duration), ImportError> {
    let mut driver = Driver::open(venue, stocks)?;
    let mut progress = Progress::new("commands", flows.iter().map(|steps| steps.len() as u64).sum());
    let (batches, received, given_back) = drive::batches();
    std::thread::scope(|scope| {
        let comparison = scope.spawn(move || {
            let (mut comparison, mut steps) = (Comparison::new(stocks, files), by_time(flows));
            let mut time = Duration::ZERO;
            for batch in received {
                let started = Instant::now();
                for (events, (stock, step)) in batch.steps().zip(&mut steps) {
                    comparison.step(stock, step, events);
                }
                time += started.elapsed();
                // Nobody needs it any more when the last batch was sent.
                let _ = given_back.try_send(batch);
            }
            (comparison.finish(), time)
        });
        driver.run(by_time(flows), &batches, || Ok(progress.step(out)?))?;
        drop(batches);
        Ok(comparison.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
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
fn by_time(flows: &[Vec<Step>]) -> impl Iterator<Item = (usize, &Step)> {
    let mut flows: Vec<&[Step]> = flows.iter().map(Vec::as_slice).collect();
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
