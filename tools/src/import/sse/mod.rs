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
use super::folder::Folder;
use super::report::Progress;
use super::venue::Venue;
use super::{ImportError, Outcome, input};

/// What `papertape import sse` takes.
#[derive(clap::Args, Clone, Debug)]
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
    let stocks = parse::read(&args.orders, &args.trades, wanted_stock(args)?)?;
    let names = (input::name(&args.orders), input::name(&args.trades));
    let files = Files { orders: &names.0, trades: &names.1 };
    let mut flows = BTreeMap::new();
    for (symbol, stock) in &stocks {
        flows.insert(*symbol, flow::rebuild(stock, files)?);
    }
    let (orders, trades) =
        stocks.values().fold((0, 0), |(a, b), stock| (a + stock.orders.len(), b + stock.trades.len()));
    writeln!(out, "{orders} order messages and {trades} trades of {} stocks", stocks.len())?;

    let folder = Folder::prepare(args.data.as_deref())?;
    let mut venue = Venue::open(folder.working())?;
    let mut session = Session::open(&mut venue, &stocks, files)?;
    let mut progress = Progress::new("commands", flows.values().map(|steps| steps.len() as u64).sum());
    for (stock, step) in by_time(flows.values().map(Vec::as_slice).collect()) {
        session.step(stock, step)?;
        progress.step(out)?;
    }
    let verdict = session.finish();
    let speed = venue.close(started)?;
    let differences = if args.check { verdict.differences.total() } else { 0 };
    if differences == 0 {
        folder.finish()?;
    } else {
        verdict.differences.write(out)?;
    }
    speed.write(out)?;
    for check in &verdict.stocks {
        let line = if args.check { check.verdict() } else { check.summary() };
        writeln!(out, "{line}")?;
    }
    Ok(Outcome { differences })
}

fn wanted_stock(args: &SseArgs) -> Result<Option<Symbol>, ImportError> {
    let Some(text) = &args.stock else { return Ok(None) };
    let refused = || ImportError::Input {
        file: input::name(&args.orders),
        line: None,
        field: None,
        problem: format!("cannot have a stock {text:?}"),
        advice: "give --stock a code of 1 to 20 letters and digits, as the files have it",
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
