//! `papertape audit show`: records, and what each did.

use std::io::Write;

use clap::Args;
use papertape_engine::{Command, Event, InstrumentId};
use papertape_journal::{Epoch, Kind};
use papertape_pipeline::{Checkpoint, Step};

use super::range::Range;
use super::{Ran, Source, Stop, beyond};
use crate::exit;
use crate::replay::hex;
use crate::words::{Names, utc};

/// Which records
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// Which journal
    #[command(flatten)]
    pub source: Source,
    /// Which records: A..B (both included), A.., ..B or A
    #[arg(long, value_name = "A..B")]
    pub seq: Range,
    /// Tell balances and positions after each record too
    #[arg(long)]
    pub balances: bool,
}

pub(super) fn run(args: &ShowArgs, out: &mut impl Write) -> Ran {
    let Range { from, until } = args.seq;
    let mut steps = args.source.steps(from - 1, until)?;
    while let Some(step) = steps.next()? {
        if step.stamp.seq >= from {
            write_step(&step, args.balances, out)?;
        }
    }
    let wanted = until.unwrap_or(from);
    if steps.last_seq() < wanted {
        out.flush()?;
        return Err(beyond(&args.source.data, steps.last_seq(), wanted).into());
    }
    Ok(exit::OK)
}

fn write_step(step: &Step<'_>, balances: bool, out: &mut impl Write) -> Result<(), Stop> {
    let names = Names::of(step.engine);
    let asked = match &step.command {
        Some(command) => command_words(names, command, step.events),
        None => own_record(step.record.kind, step.record.payload),
    };
    writeln!(out, "{}  {}  {asked}", step.stamp.seq, utc(step.stamp.time_ns))?;
    let told = step.events.iter().enumerate();
    for (index, event) in told.filter(|(_, event)| balances || !is_balance(event)) {
        writeln!(out, "  {}.{index}  {}", step.stamp.seq, names.event(event))?;
    }
    Ok(())
}

/// A command in words. What an amend says is scaled by the order that it changed.
pub(super) fn command_words(names: Names<'_>, command: &Command, events: &[Event]) -> String {
    let at: Option<InstrumentId> = events.iter().find_map(|event| match event {
        Event::Amended(amended) => Some(amended.instrument),
        _ => None,
    });
    names.command_in(command, at)
}

pub(super) fn is_balance(event: &Event) -> bool {
    matches!(event, Event::Balance { .. } | Event::Position { .. })
}

/// A record that is the journal's own.
pub(super) fn own_record(kind: Kind, payload: &[u8]) -> String {
    match kind {
        Kind::EPOCH => match Epoch::decode(payload) {
            Some(epoch) if epoch.cut_bytes > 0 => format!(
                "(journal) opened for the {}. time, after record {}; {} bytes were cut off that a crash left",
                epoch.generation, epoch.last_good_seq, epoch.cut_bytes
            ),
            Some(epoch) => {
                format!("(journal) opened for the {}. time, after record {}", epoch.generation, epoch.last_good_seq)
            }
            None => "(journal) opened".to_owned(),
        },
        Kind::SEAL => "(journal) closed".to_owned(),
        Kind::CHECKPOINT => Checkpoint::decode(payload).map_or("(journal) checkpoint".to_owned(), |checkpoint| {
            let (seq, state) = (checkpoint.seq, hex(&checkpoint.state_hash));
            format!("(journal) checkpoint: after record {seq} the state was {state}")
        }),
        Kind::HEARTBEAT => "(journal) heartbeat: nothing was asked, and what came before is durable".to_owned(),
        Kind(other) => format!("(journal) record of kind {other:#06x}"),
    }
}
