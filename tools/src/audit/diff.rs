//! `papertape audit diff`: two journals to the first difference.
//!
//! What is compared are commands, what they told, and the states that they come to. Records of a journal's own (its
//! openings, closings, heartbeats) are passed over, and commands are counted instead: two runs of the same commands are
//! equal however often each was started, and a fork equals its origin as far as it was copied.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use papertape_engine::{Command, Engine, Event, Stamp};
use papertape_pipeline::{Replay, Steps};

use super::{Ran, Stop};
use crate::exit;
use crate::replay::{existing, hex};
use crate::words::{Names, utc};

/// Which two journals
#[derive(Args, Debug)]
pub struct DiffArgs {
    /// A venue's data folder; it may be in use
    #[arg(value_name = "DIR1")]
    pub left: PathBuf,
    /// Another one
    #[arg(value_name = "DIR2")]
    pub right: PathBuf,
    /// Do not compare the times of the records
    #[arg(long)]
    pub ignore_times: bool,
    /// Compare the hashes of the states after so many commands, and at the end
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub hash_every: u64,
}

/// One of the two.
struct Side<'a> {
    path: &'a Path,
    steps: Steps,
    /// Records of the journal's own that were passed over.
    own: u64,
}

/// A command and what it told.
struct Done {
    stamp: Stamp,
    command: Command,
    events: Vec<Event>,
}

impl<'a> Side<'a> {
    fn open(path: &'a Path) -> Result<Self, Stop> {
        let steps = Steps::open(&Replay::whole(existing(path)?))?;
        Ok(Self { path, steps, own: 0 })
    }

    /// The next command into `done`; gives whether there is one.
    fn next(&mut self, done: &mut Done) -> Result<bool, Stop> {
        while let Some(step) = self.steps.next()? {
            let Some(command) = step.command else {
                self.own += 1;
                continue;
            };
            (done.stamp, done.command) = (step.stamp, command);
            done.events.clear();
            done.events.extend_from_slice(step.events);
            return Ok(true);
        }
        Ok(false)
    }

    fn engine(&self) -> &Engine {
        self.steps.engine()
    }

    /// What it has to say about its side of a difference.
    fn tell(&self, done: &Done, out: &mut impl Write) -> std::io::Result<()> {
        let Done { stamp, command, events } = done;
        let names = Names::of(self.engine());
        let asked = super::show::command_words(names, command, events);
        writeln!(out, "{}\n  record {}  {}  {asked}", self.path.display(), stamp.seq, utc(stamp.time_ns))
    }

    fn tell_event(&self, done: &Done, index: usize, out: &mut impl Write) -> std::io::Result<()> {
        let names = Names::of(self.engine());
        match done.events.get(index) {
            Some(event) => writeln!(out, "  {}.{index}  {}", done.stamp.seq, names.event(event)),
            None => writeln!(out, "  {}.{index}  nothing more", done.stamp.seq),
        }
    }
}

pub(super) fn run(args: &DiffArgs, out: &mut impl Write) -> Ran {
    let (mut left, mut right) = (Side::open(&args.left)?, Side::open(&args.right)?);
    let nothing = || Done { stamp: Stamp::default(), command: Command::Tick, events: Vec::new() };
    let (mut here, mut there) = (nothing(), nothing());
    let (mut commands, mut same_until) = (0, 0);
    loop {
        let more = (left.next(&mut here)?, right.next(&mut there)?);
        match more {
            (true, true) => commands += 1,
            (false, false) => break,
            (true, false) => return prefix(commands, &right, &left, out),
            (false, true) => return prefix(commands, &left, &right, out),
        }
        if let Some(what) = difference(&here, &there, args.ignore_times) {
            writeln!(out, "the first difference is in command {commands}: {}", what.words())?;
            for (side, done) in [(&left, &here), (&right, &there)] {
                side.tell(done, out)?;
                if let Difference::Event(index) = what {
                    side.tell_event(done, index, out)?;
                }
            }
            return Ok(exit::DIFFERENT);
        }
        if commands % args.hash_every == 0 {
            if !same_state((same_until, commands), &left, &right, out)? {
                return Ok(exit::DIFFERENT);
            }
            same_until = commands;
        }
    }
    if !same_state((same_until, commands), &left, &right, out)? {
        return Ok(exit::DIFFERENT);
    }
    let hash = hex(&left.engine().state_hash());
    writeln!(out, "equal: {commands} commands, all that they told, and the state {hash}")?;
    for side in [&left, &right] {
        let (path, last, own) = (side.path.display(), side.steps.last_seq(), side.own);
        writeln!(out, "{path}: {last} records, {own} of them the journal's own")?;
    }
    Ok(exit::OK)
}

/// What two commands differ in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Difference {
    Command,
    Time,
    Event(usize),
}

impl Difference {
    fn words(self) -> String {
        match self {
            Difference::Command => "what was asked".to_owned(),
            Difference::Time => "when it was asked".to_owned(),
            Difference::Event(index) => format!("event {index} of what it told"),
        }
    }
}

fn difference(here: &Done, there: &Done, ignore_times: bool) -> Option<Difference> {
    if here.command != there.command {
        return Some(Difference::Command);
    }
    if here.stamp.time_ns != there.stamp.time_ns && !ignore_times {
        return Some(Difference::Time);
    }
    let events = here.events.len().max(there.events.len());
    (0..events).find(|index| here.events.get(*index) != there.events.get(*index)).map(Difference::Event)
}

/// Compares the states after so many commands; they were equal after so many before.
fn same_state(
    (before, commands): (u64, u64),
    left: &Side<'_>,
    right: &Side<'_>,
    out: &mut impl Write,
) -> Result<bool, Stop> {
    let hashes = [left, right].map(|side| hex(&side.engine().state_hash()));
    if hashes[0] == hashes[1] {
        return Ok(true);
    }
    writeln!(
        out,
        "after {commands} equal commands that told the same, the states differ; after {before} they were equal:"
    )?;
    for (side, hash) in [left, right].iter().zip(hashes) {
        writeln!(out, "{}\n  record {}  state {hash}", side.path.display(), side.steps.last_seq())?;
    }
    Ok(false)
}

/// One journal ends where the other goes on.
fn prefix(commands: u64, short: &Side<'_>, long: &Side<'_>, out: &mut impl Write) -> Ran {
    writeln!(out, "equal as far as both go: {commands} commands, and all that they told")?;
    let last = short.steps.last_seq();
    writeln!(out, "{} ends there, at its record {last}", short.path.display())?;
    writeln!(out, "{} goes on, with its record {}", long.path.display(), long.steps.last_seq())?;
    Ok(exit::OK)
}
