//! `papertape audit verify`: whether a journal is what was written.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use papertape_journal::{Tail, snapshot, verify};
use papertape_pipeline::{CheckpointsChecked, check_checkpoints};

use crate::exit::{self, Failure, Outcome};
use crate::replay::{existing, hex};

/// Which journal
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// The venue's data folder; it may be in use
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Replay it from the first record, too, and compare every checkpoint in it: state, what was told, sums of the accounts
    #[arg(long)]
    pub replay: bool,
}

pub(super) fn run(args: &VerifyArgs, out: &mut impl Write) -> Outcome {
    let dir = existing(&args.data)?;
    let report = verify(dir.journal()).map_err(|error| Failure::from(&error))?;
    let mut damaged = Vec::new();
    let snapshots = snapshot::list(dir.snapshots()).map_err(|error| Failure::from(&error))?;
    for (_, path) in &snapshots {
        if let Err(error) = snapshot::load(path) {
            damaged.push(error.to_string());
        }
    }
    let tail = match &report.tail {
        Tail::Clean => "ends cleanly".to_owned(),
        torn => format!("ends with what a crash left half written ({torn:?}); the next start cuts it off"),
    };
    let write = |out: &mut dyn Write| -> std::io::Result<()> {
        writeln!(out, "{} segments, {} records, {} bytes", report.segments, report.records, report.bytes)?;
        writeln!(out, "seq {} to {}", report.first_seq, report.last_seq)?;
        writeln!(out, "hash {}", hex(&report.tip_hash))?;
        writeln!(out, "journal verified; it {tail}")?;
        for error in &damaged {
            writeln!(out, "snapshot not usable: {error}")?;
        }
        writeln!(out, "{} of {} snapshots verified", snapshots.len() - damaged.len(), snapshots.len())
    };
    write(out).map_err(Failure::io)?;
    if args.replay {
        let CheckpointsChecked { checkpoints, last_seq, other_outputs } = check_checkpoints(&dir)?;
        writeln!(out, "{checkpoints} checkpoints are what a replay comes to, the last after record {last_seq}")
            .map_err(Failure::io)?;
        if other_outputs > 0 {
            writeln!(
                out,
                "{other_outputs} of them are of a program that told it otherwise: what was told was not compared"
            )
            .map_err(Failure::io)?;
        }
    }
    // A damaged snapshot costs time at the next start, and nothing else: the journal is whole.
    Ok(if damaged.is_empty() { exit::OK } else { exit::DIFFERENT })
}
