//! LOBSTER: the messages of a NASDAQ stock's day, and the book after each of them.

mod check;
mod drive;
mod flow;
mod parse;

use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use self::drive::{Files, Session};
use super::folder::Folder;
use super::input::Rows;
use super::report::Times;
use super::venue::Venue;
use super::{ImportError, Outcome, input};

/// Rows between two lines of progress.
const PROGRESS_ROWS: u64 = 50_000;

/// What `papertape import lobster` takes.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Every message becomes a command: orders rest, shrink and end as published, and each execution is an immediate-or-cancel
order of the other side. What was in the book before the first row is placed as one order a level.

Example: papertape import lobster --zip LOBSTER_SampleFile_AMZN_2012-06-21_5.zip --check

Exit status: 0 done (and, with --check, all equal), 1 a difference was found, 2 the input or the folder was refused.")]
pub struct LobsterArgs {
    /// Archive of one stock and day at level 5, as lobsterdata.com packs it: one file that ends with
    /// `_message_5.csv`, and one that ends with `_orderbook_5.csv`
    #[arg(long, value_name = "FILE")]
    pub zip: PathBuf,
    /// Compare all five levels with the published book after every message; exit 1 if one differs
    #[arg(long)]
    pub check: bool,
    /// Keep the journal in this folder, which must be new or empty; without it nothing is kept
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// Imports a day. Progress, differences and the verdict are written to `out`. An import that fails, or whose
/// comparison finds differences, leaves nothing in the data folder.
pub fn run(args: &LobsterArgs, out: &mut impl Write) -> Result<Outcome, ImportError> {
    let started = Instant::now();
    let folder = Folder::prepare(args.data.as_deref())?;
    // Two readers of one file: both members are read row by row, side by side.
    let (mut first, mut second) = (parse::archive(&args.zip)?, parse::archive(&args.zip)?);
    let members = parse::members(&args.zip, &first)?;
    let named = |member: &str| format!("{}: {member}", input::name(&args.zip));
    let mut messages = Rows::new(
        named(&members.messages),
        parse::MESSAGE_COLUMNS,
        parse::member(&args.zip, &mut first, &members.messages)?,
    );
    let mut book =
        Rows::new(named(&members.book), parse::BOOK_COLUMNS, parse::member(&args.zip, &mut second, &members.book)?);
    writeln!(out, "{} from {}", members.symbol, input::name(&args.zip))?;

    let mut venue = Venue::open(folder.working(), members.day)?;
    let names = (named(&members.messages), named(&members.book));
    let files = Files { messages: &names.0, book: &names.1 };
    let mut session = Session::open(&mut venue, members.symbol, files)?;
    let reading = import_rows(&mut session, &mut messages, &mut book, out)?;
    let (check, found) = session.finish();
    let speed = venue.close(started, Times { reading, comparing: None }, folder.is_wanted())?;
    let outcome = found.outcome(args.check, out)?;
    if outcome.exit_code() == 0 {
        folder.finish()?;
    }
    for note in check.notes(args.check) {
        writeln!(out, "{note}")?;
    }
    speed.write(out)?;
    for line in check.verdict(args.check) {
        writeln!(out, "{line}")?;
    }
    Ok(outcome)
}

/// Sends every row, and gives the time that reading them took.
fn import_rows<M: Read, B: Read>(
    session: &mut Session<'_>,
    messages: &mut Rows<M>,
    book: &mut Rows<B>,
    out: &mut impl Write,
) -> Result<Duration, ImportError> {
    let (mut time_ns, mut reading) = (0, Duration::ZERO);
    loop {
        let began = Instant::now();
        let message = match messages.next()? {
            None => break,
            Some(row) => {
                let message = parse::message(&row)?;
                if message.time_ns < time_ns {
                    return Err(row.refused(Some(0), "the time goes back, but rows must ascend".to_owned()));
                }
                message
            }
        };
        time_ns = message.time_ns;
        let Some(row) = book.next()? else { return Err(shorter(book, messages.file())) };
        let levels = parse::book_row(&row)?;
        reading += began.elapsed();
        session.row(&message, levels)?;
        if message.line % PROGRESS_ROWS == 0 {
            writeln!(out, "{} rows", message.line)?;
        }
    }
    if book.next()?.is_some() {
        return Err(shorter(messages, book.file()));
    }
    if messages.line() == 0 { Err(empty(messages)) } else { Ok(reading) }
}

fn shorter<R: Read>(rows: &Rows<R>, other: &str) -> ImportError {
    ImportError::Input {
        file: rows.file().to_owned(),
        line: Some(rows.line()),
        field: None,
        problem: format!("ends here, and has fewer rows than {other}"),
        advice: "copy or download the file again",
    }
}

fn empty<R: Read>(rows: &Rows<R>) -> ImportError {
    ImportError::Input {
        file: rows.file().to_owned(),
        line: None,
        field: None,
        problem: "has no rows".to_owned(),
        advice: "copy or download the file again",
    }
}
