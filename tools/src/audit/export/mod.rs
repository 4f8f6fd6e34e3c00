//! `papertape audit export`: records or events as JSON lines or CSV. The columns are in `docs/operations.md`.

mod event;
mod record;
mod row;

use std::io::Write;

use clap::{Args, ValueEnum};

use self::row::{Row, Table};
use super::range::Range;
use super::{Ran, Source, beyond};
use crate::exit;
use crate::words::Names;

/// What of which records
#[derive(Args, Debug)]
pub struct ExportArgs {
    /// Which journal
    #[command(flatten)]
    pub source: Source,
    /// Which records: A..B (both included), A.., ..B or A
    #[arg(long, value_name = "A..B", default_value = "1..")]
    pub seq: Range,
    /// One row a record, or one an event
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = What::Events)]
    pub what: What,
    /// How rows are written
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ExportFormat::Jsonl)]
    pub format: ExportFormat,
}

/// What a row is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum What {
    /// A record: what was asked
    Records,
    /// An event: what happened
    Events,
}

/// How rows are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ExportFormat {
    /// One JSON object a line, with the columns that have a value
    Jsonl,
    /// Comma-separated values under a line with the names of all columns
    Csv,
}

pub(super) fn run(args: &ExportArgs, out: &mut impl Write) -> Ran {
    let Range { from, until } = args.seq;
    let mut steps = args.source.steps(from - 1, until)?;
    let columns: &[&str] = match args.what {
        What::Records => &record::COLUMNS,
        What::Events => &event::COLUMNS,
    };
    let mut table = Table::begin(args.format, columns, out)?;
    while let Some(step) = steps.next()? {
        if step.stamp.seq < from {
            continue;
        }
        let names = Names::of(step.engine);
        match args.what {
            What::Records => table.write(&record::row(names, &step))?,
            What::Events => {
                for (index, told) in step.events.iter().enumerate() {
                    let mut row = Row::new(&event::COLUMNS);
                    row.stamp(step.stamp);
                    row.number("index", index as u64);
                    event::fill(names, told, &mut row);
                    row.text("text", names.event(told));
                    table.write(&row)?;
                }
            }
        }
    }
    table.end()?;
    let wanted = until.unwrap_or(from);
    // An empty journal may be asked for all of it.
    if steps.last_seq() < wanted && args.seq != Range::ALL {
        return Err(beyond(&args.source.data, steps.last_seq(), wanted).into());
    }
    Ok(exit::OK)
}
