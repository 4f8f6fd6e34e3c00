//! `papertape audit repair`: what is lost if a corrupt journal is cut; and the cut, if somebody accepts that.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use papertape_journal::repair::{self, Loss};
use papertape_journal::{DirLock, Identity, Options, Tail, snapshot, verify};
use papertape_pipeline::{VenueDir, now_ns};

use super::{Ran, Stop};
use crate::exit::{self, Failure};
use crate::replay::existing;

/// Which journal, and what may be lost
#[derive(Args, Debug)]
pub struct RepairArgs {
    /// The venue's data folder; nobody may be using it
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Cut everything after this record, the last good one; without it nothing is changed
    #[arg(long, value_name = "SEQ")]
    pub accept_loss: Option<u64>,
}

pub(super) fn run(args: &RepairArgs, out: &mut impl Write) -> Ran {
    let dir = existing(&args.data)?;
    // Held to the end: what is told is what would be cut.
    let lock = DirLock::acquire(dir.path()).map_err(|error| Failure::from(&error))?;
    let error = match verify(dir.journal()) {
        Ok(report) => {
            let tail = match report.tail {
                Tail::Clean => "it is whole",
                Tail::Torn { .. } => "the next start cuts what a crash left half written by itself",
            };
            writeln!(out, "nothing to repair: {} records, and {tail}", report.records)?;
            return Ok(exit::OK);
        }
        Err(error) if error.is_corruption() => error,
        Err(error) => return Err(Failure::from(&error).into()),
    };
    let loss = repair::loss(dir.journal()).map_err(|other| {
        let why = "nothing of it can be kept: restore it from a copy";
        Failure::new(exit::CORRUPT, format!("{error}; {other}; {why}"))
    })?;
    let snapshots = snapshots_after(&dir, loss.last_good_seq)?;
    tell(&error.to_string(), &loss, &snapshots, out)?;
    if loss.files.is_empty() && loss.durable_seq <= loss.last_good_seq {
        let why = "every record can be read, and a cut would not mend it: restore the file from a copy";
        return Err(Failure::new(exit::CORRUPT, why).into());
    }
    let Some(accepted) = args.accept_loss else {
        writeln!(
            out,
            "nothing was changed; restore the journal from a copy, or cut it with --accept-loss {}",
            loss.last_good_seq
        )?;
        return Ok(exit::CORRUPT);
    };
    if accepted != loss.last_good_seq {
        let last = loss.last_good_seq;
        let message =
            format!("--accept-loss names {accepted}, but the last good record is {last}: nothing was changed");
        return Err(Failure::refused(message).into());
    }
    cut(&dir, lock, &loss, snapshots, out)
}

fn cut(dir: &VenueDir, lock: DirLock, loss: &Loss, snapshots: Vec<PathBuf>, out: &mut impl Write) -> Ran {
    // Segments from now on may have another size: they say it themselves.
    let options = Options { segment_bytes: segment_bytes(loss)?, ..Options::default() };
    let identity = Identity { now_ns: now_ns(), ..Identity::default() };
    let tail =
        repair::cut_after(lock, dir.journal(), options, identity, loss).map_err(|error| Failure::from(&error))?;
    for copy in &tail.quarantine {
        writeln!(out, "kept in {}", copy.display())?;
    }
    let quarantine = dir.journal().path().join("quarantine");
    for path in snapshots {
        let Some(name) = path.file_name() else { continue };
        let kept = quarantine.join(name);
        let moved = std::fs::create_dir_all(&quarantine).and_then(|()| std::fs::rename(&path, &kept));
        moved.map_err(|error| Failure::io(format!("cannot move {}: {error}", path.display())))?;
        writeln!(out, "kept in {}", kept.display())?;
    }
    let report = verify(dir.journal()).map_err(|error| Failure::from(&error))?;
    writeln!(out, "cut {} bytes after record {}; the journal is whole again", tail.bytes, tail.last_good_seq)?;
    writeln!(
        out,
        "{} records now, the last two are its opening, which says what was cut, and its closing",
        report.records
    )?;
    Ok(exit::OK)
}

/// What is wrong, and what a cut would lose.
fn tell(error: &str, loss: &Loss, snapshots: &[PathBuf], out: &mut impl Write) -> Result<(), Stop> {
    let last = loss.last_good_seq;
    writeln!(out, "damaged: {error}")?;
    writeln!(out, "records 1 to {last} are good, up to offset {} of {}", loss.offset, loss.segment.display())?;
    for (path, from, to) in &loss.files {
        writeln!(out, "to be cut: {} from {from} to {to}", path.display())?;
    }
    for path in snapshots {
        writeln!(out, "to be put away: {}, a state after records that would be gone", path.display())?;
    }
    if let Some(path) = snapshots.iter().rfind(|path| snapshot::load(path).is_ok()) {
        let path = path.display();
        writeln!(
            out,
            "{path} is whole: the venue starts from it without the damaged record, and a cut takes that away"
        )?;
    }
    match loss.seqs {
        Some((low, high)) => {
            writeln!(
                out,
                "to be lost: everything after record {last}; {} intact records of it, {low} to {high}",
                loss.records
            )?;
        }
        None => writeln!(out, "to be lost: everything after record {last}; no intact record of it")?,
    }
    if loss.durable_seq > last {
        let (from, to) = (last + 1, loss.durable_seq);
        writeln!(out, "records {from} to {to} were durable: they were acknowledged, or may have been")?;
    }
    writeln!(out, "a database (platform.db) that knows records after {last} has to be restored or put away too")?;
    Ok(())
}

/// States after records that would be gone: with them the venue would not start.
fn snapshots_after(dir: &VenueDir, seq: u64) -> Result<Vec<PathBuf>, Failure> {
    let all = snapshot::list(dir.snapshots()).map_err(|error| Failure::from(&error))?;
    Ok(all.into_iter().filter(|(of, _)| *of > seq).map(|(_, path)| path).collect())
}

/// The size of the segments that there are.
fn segment_bytes(loss: &Loss) -> Result<u64, Failure> {
    let length = std::fs::metadata(&loss.segment).map(|file| file.len());
    length.map_err(|error| Failure::io(format!("cannot look at {}: {error}", loss.segment.display())))
}
