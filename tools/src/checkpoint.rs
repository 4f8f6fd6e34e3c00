//! `papertape checkpoint`: signed statements of how far the journal had come.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use papertape_journal::{DirLock, snapshot};
use papertape_pipeline::{Replay, VenueDir};
use papertape_witness::{
    Checkpoint, CheckpointError, Checkpoints, Flaw, check, check_keys, from_hex, sign_newest, to_hex,
};

use crate::exit::{self, Failure, Outcome};
use crate::replay::existing;

/// Signs how far the journal had come, and checks what was signed, without the venue
#[derive(Subcommand, Debug)]
pub enum CheckpointCommand {
    /// Checks every signature, that each continues the one before, and that the journal is what was signed
    Verify(VerifyArgs),
    /// Lists what was signed
    List(FolderArgs),
    /// Signs the last record of a venue that is stopped
    Sign(FolderArgs),
    /// Has a new key sign from now on; the old one signs that, and is kept aside under its number
    Rotate(FolderArgs),
    /// Prints the public keys, oldest first: who keeps the first one elsewhere can trust the rest
    Keys(FolderArgs),
}

/// Which venue.
#[derive(Args, Debug)]
pub struct FolderArgs {
    /// The venue's data folder
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
}

/// What to check.
#[derive(Args, Debug)]
pub struct VerifyArgs {
    #[command(flatten)]
    folder: FolderArgs,
    /// The public key that you trust, 64 hexadecimal digits; without it nobody but the folder vouches for its first key
    #[arg(long, value_name = "KEY", value_parser = key)]
    key: Option<Key>,
    /// Replay up to the last checkpoint, and compare the state at each too
    #[arg(long)]
    replay: bool,
}

#[derive(Clone, Copy, Debug)]
struct Key([u8; 32]);

fn key(text: &str) -> Result<Key, String> {
    from_hex(text).map(Key).ok_or_else(|| "a public key is 64 hexadecimal digits".to_owned())
}

impl From<CheckpointError> for Failure {
    fn from(error: CheckpointError) -> Self {
        let code = match &error {
            CheckpointError::Journal(error) => return Failure::from(error),
            error if error.is_corruption() => exit::CORRUPT,
            CheckpointError::Io { .. } | CheckpointError::Randomness(_) => exit::IO,
            _ => exit::REFUSED,
        };
        Failure::caused(code, &error)
    }
}

/// Runs it.
pub fn run(command: &CheckpointCommand, out: &mut impl Write) -> Outcome {
    match command {
        CheckpointCommand::Verify(args) => verify(args, out),
        CheckpointCommand::List(args) => list(&of(args)?, out),
        CheckpointCommand::Sign(args) => sign(args, out),
        CheckpointCommand::Rotate(args) => rotate(args, out),
        CheckpointCommand::Keys(args) => keys(&of(args)?, out),
    }
}

fn of(args: &FolderArgs) -> Result<Checkpoints, Failure> {
    existing(&args.data)?;
    Ok(Checkpoints::of(&args.data))
}

fn verify(args: &VerifyArgs, out: &mut impl Write) -> Outcome {
    let checkpoints = of(&args.folder)?;
    let keys = check_keys(&checkpoints.keys()?, args.key.map(|key| key.0))?;
    let signed = checkpoints.list()?;
    if signed.is_empty() {
        // Whoever took them away would otherwise be told that all is well.
        let dir = checkpoints.dir();
        return Err(Failure::new(exit::DIFFERENT, format!("there is no checkpoint in {}", dir.display())));
    }
    let checked = check(&checkpoints.journal(), &signed, &keys)?;
    let (count, last) = (checked.checkpoints, checked.last_seq);
    writeln!(out, "{count} checkpoints, the last at record {last}").map_err(Failure::io)?;
    if args.key.is_none() {
        writeln!(out, "no key was given: a folder that was made anew, keys included, would look the same")
            .map_err(Failure::io)?;
    }
    if args.replay {
        check_states(VenueDir::new(&args.folder.data), &signed)?;
        writeln!(out, "the state after each is the one that was signed").map_err(Failure::io)?;
    }
    Ok(exit::OK)
}

/// Replays the journal from its first record, and compares the state where one was signed.
fn check_states(dir: VenueDir, signed: &[(PathBuf, Checkpoint)]) -> Result<(), Failure> {
    let until = signed.last().map(|(_, checkpoint)| checkpoint.seq);
    let mut replaying = Replay { until, ..Replay::whole(dir) }.begin()?;
    for (path, Checkpoint { seq, state_hash, .. }) in signed {
        while replaying.replayed().last_seq < *seq && replaying.step(&mut |_| {})? {}
        let found = replaying.replayed().engine.state_hash();
        if found != *state_hash {
            let flaw = Flaw::State { signed: *state_hash, found };
            return Err(CheckpointError::False { path: path.clone(), flaw }.into());
        }
    }
    Ok(())
}

fn list(checkpoints: &Checkpoints, out: &mut impl Write) -> Outcome {
    for (_, checkpoint) in checkpoints.list()? {
        let (chain, state) = (to_hex(&checkpoint.chain_hash), to_hex(&checkpoint.state_hash));
        writeln!(out, "{} time_ns {} chain {chain} state {state}", checkpoint.seq, checkpoint.time_ns)
            .map_err(Failure::io)?;
    }
    Ok(exit::OK)
}

fn keys(checkpoints: &Checkpoints, out: &mut impl Write) -> Outcome {
    for (_, key) in checkpoints.keys()? {
        writeln!(out, "{} after record {}: {}", key.number, key.after_seq, to_hex(&key.public_key))
            .map_err(Failure::io)?;
    }
    Ok(exit::OK)
}

fn sign(args: &FolderArgs, out: &mut impl Write) -> Outcome {
    let dir = existing(&args.data)?;
    let _lock = DirLock::acquire(&args.data).map_err(|error| Failure::from(&error))?;
    let replayed = Replay { dir, until: None, skip_to: Some(u64::MAX) }.run(|_| {})?;
    let signed = sign_newest(&of(args)?, replayed.last_seq, replayed.engine.state_hash())?;
    match signed {
        Some(checkpoint) => writeln!(out, "signed record {}", checkpoint.seq),
        None => writeln!(out, "record {} is signed already", replayed.last_seq),
    }
    .map_err(Failure::io)?;
    Ok(exit::OK)
}

fn rotate(args: &FolderArgs, out: &mut impl Write) -> Outcome {
    let checkpoints = of(args)?;
    let _lock = DirLock::acquire(&args.data).map_err(|error| Failure::from(&error))?;
    let key = checkpoints.rotate()?;
    writeln!(out, "{} after record {}: {}", key.number, key.after_seq, to_hex(&key.public_key)).map_err(Failure::io)?;
    Ok(exit::OK)
}

/// Signs a snapshot's record, for a venue that runs.
pub(crate) fn witness(data: &std::path::Path, seq: u64, state_hash: [u8; 32]) {
    match sign_newest(&Checkpoints::of(data), seq, state_hash) {
        Ok(Some(checkpoint)) => tracing::info!(seq = checkpoint.seq, "checkpoint signed"),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "no checkpoint was signed; the venue goes on without it"),
    }
}

/// Signs the newest snapshot's record, for a venue that has stopped.
pub(crate) fn witness_newest(dir: &VenueDir) {
    match snapshot::newest_valid(dir.snapshots(), None).map(|newest| newest.snapshot) {
        Ok(Some(snapshot)) => witness(dir.path(), snapshot.seq, snapshot.state_hash),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "no checkpoint was signed"),
    }
}
