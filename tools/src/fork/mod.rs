//! `papertape fork`: a venue that goes on from any record of another one, as it was or with one command changed.

mod amend;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use papertape_engine::{Command, Event};
use papertape_journal::Reader;
use papertape_pipeline::{Boot, Core, Durability, Replay, Steps, VenueConfig, VenueDir};

use self::amend::Amendment;
use crate::exit::{self, Failure, Outcome};
use crate::replay::{existing, hex};

/// Makes a venue of its own out of the first records of another one
///
/// The commands are journalled again with their times, under a new deployment id, and the state that they come to is
/// compared with the origin's. The fork has no users and no secrets (docs/operations.md): `papertape serve` makes them.
#[derive(Args, Debug)]
pub struct ForkArgs {
    /// The origin's data folder; it may be in use
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// The last record of the origin that the fork has
    #[arg(long, value_name = "SEQ", value_parser = clap::value_parser!(u64).range(1..))]
    pub at: u64,
    /// The fork's data folder; it must not be there yet
    #[arg(long, value_name = "DIR2")]
    pub into: PathBuf,
    /// A JSON file that says which one command is left out or replaced, and by what (docs/operations.md)
    #[arg(long, value_name = "FILE")]
    pub amend: Option<PathBuf>,
    /// Bytes of a journal segment of the fork
    #[arg(long, value_name = "N", default_value_t = 64 << 20, value_parser = crate::serve::segment_bytes)]
    pub segment_bytes: u64,
}

/// What was copied.
struct Copied {
    origin: Steps,
    core: Core,
    commands: u64,
    amended: Option<String>,
}

/// Runs it.
pub fn run(args: &ForkArgs, out: &mut impl Write) -> Outcome {
    let origin = existing(&args.data)?;
    let amendment = args.amend.as_deref().map(Amendment::read).transpose()?;
    if let Some(amendment) = amendment.as_ref().filter(|amendment| amendment.seq > args.at) {
        let (seq, at) = (amendment.seq, args.at);
        return Err(Failure::refused(format!("record {seq} is to be amended, but the fork ends at {at}")));
    }
    require_new(&args.into)?;
    require_record(&origin, &args.data, args.at)?;
    // Under another name, so that what is there under its own is whole.
    let working = unfinished(&args.into)?;
    let forked = fork(args, &origin, amendment, &working, out);
    if !matches!(forked, Ok(exit::OK)) {
        // What failed is told; a rest that stays is refused the next time, with its name.
        let _ = std::fs::remove_dir_all(&working);
        return forked;
    }
    let renamed = std::fs::rename(&working, &args.into).and_then(|()| sync_parent(&args.into));
    renamed.map_err(|error| Failure::io(format!("cannot name {}: {error}", args.into.display())))?;
    Ok(exit::OK)
}

fn fork(
    args: &ForkArgs,
    origin: &VenueDir,
    amendment: Option<Amendment>,
    working: &Path,
    out: &mut impl Write,
) -> Outcome {
    let config =
        VenueConfig { durability: Durability::Process, segment_bytes: args.segment_bytes, ..VenueConfig::new(working) };
    let Copied { origin, mut core, commands, amended } = copy(&config, origin, args.at, amendment)?;
    let (hash, forked) = (origin.engine().state_hash(), core.engine().state_hash());
    core.snapshot(&config)?;
    core.close()?;
    let write = |out: &mut dyn Write| -> std::io::Result<()> {
        writeln!(out, "{commands} commands of {} records", args.at)?;
        writeln!(out, "origin seq {} state_hash {}", args.at, hex(&hash))?;
        writeln!(out, "fork             state_hash {}", hex(&forked))?;
        match &amended {
            Some(what) => writeln!(out, "amended: {what}"),
            None if hash == forked => writeln!(out, "equal; {} goes on from there", args.into.display()),
            None => writeln!(out, "DIFFERENT: nothing was forked"),
        }
    };
    write(out).map_err(Failure::io)?;
    Ok(if amended.is_some() || hash == forked { exit::OK } else { exit::DIFFERENT })
}

/// Journals the commands again. The origin's own state is made beside, by the replay.
fn copy(config: &VenueConfig, origin: &VenueDir, at: u64, amendment: Option<Amendment>) -> Result<Copied, Failure> {
    let mut core = Boot::lock(config.clone())?.recover(0, |_| {})?.into_core();
    let mut steps = Steps::open(&Replay { dir: origin.clone(), until: Some(at), skip_to: None })?;
    let (mut events, mut commands, mut amended) = (Vec::<Event>::new(), 0, None);
    while let Some(step) = steps.next()? {
        let seq = step.stamp.seq;
        let mut command: Option<Command> = step.command;
        if let Some(amendment) = amendment.as_ref().filter(|amendment| amendment.seq == seq) {
            let asked = step.command.ok_or_else(|| {
                Failure::refused(format!("record {seq} is the journal's own and not a command: it cannot be amended"))
            })?;
            // By the fork's names: they are those that the command met.
            let (new, words) = amendment.apply(core.engine(), &asked)?;
            (command, amended) = (new, Some(words));
        }
        if let Some(command) = command {
            events.clear();
            let done = core.apply(step.stamp.time_ns, &command, &mut events);
            done.map_err(|error| Failure::from(&error))?;
            commands += 1;
        }
    }
    Ok(Copied { origin: steps, core, commands, amended })
}

fn require_new(into: &Path) -> Result<(), Failure> {
    match std::fs::symlink_metadata(into) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::io(format!("cannot look at {}: {error}", into.display()))),
        Ok(_) => Err(Failure::refused(format!("{} is there already: a fork makes its own folder", into.display()))),
    }
}

fn require_record(origin: &VenueDir, data: &Path, at: u64) -> Result<(), Failure> {
    let read = |from| Reader::open(origin.journal(), from).map_err(|error| Failure::from(&error));
    if read(at)?.next().map_err(|error| Failure::from(&error))?.is_some() {
        return Ok(());
    }
    let (mut reader, mut last) = (read(1)?, 0);
    while let Some(record) = reader.next().map_err(|error| Failure::from(&error))? {
        last = record.seq;
    }
    Err(Failure::refused(format!("{}: the journal ends at record {last}, before {at}", data.display())))
}

/// The folder's name while it is not whole.
fn unfinished(into: &Path) -> Result<PathBuf, Failure> {
    let name = into.file_name().ok_or_else(|| Failure::refused(format!("{} names no folder", into.display())))?;
    let mut name = name.to_owned();
    name.push(".unfinished");
    let path = into.with_file_name(name);
    match std::fs::symlink_metadata(&path) {
        Err(_) => Ok(path),
        Ok(_) => {
            Err(Failure::refused(format!("{} is left of a fork that was not finished: remove it", path.display())))
        }
    }
}

/// Makes the name durable.
fn sync_parent(path: &Path) -> std::io::Result<()> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::File::open(parent)?.sync_all()
}
