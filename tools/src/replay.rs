//! `papertape replay`: from the journal to the state it describes.

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use papertape_pipeline::{Replay, VenueDir, VenueError};

use crate::exit::{self, Failure, Outcome};

/// Replays a venue's journal and says what it comes to
#[derive(Args, Debug)]
pub struct ReplayArgs {
    /// The venue's data folder; it may be in use
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Stop after this record of the journal
    #[arg(long, value_name = "SEQ")]
    pub until: Option<u64>,
    /// Print nothing but the hash of the state: 64 hexadecimal digits
    #[arg(long)]
    pub state_hash: bool,
    /// Print every event, one a line, with the number of its record and its index
    #[arg(long, conflicts_with = "state_hash")]
    pub events: bool,
    /// Begin from the newest usable snapshot instead of the first record
    #[arg(long, conflicts_with = "events")]
    pub from_snapshot: bool,
}

/// Runs it.
pub fn run(args: &ReplayArgs, out: &mut impl Write) -> Outcome {
    let dir = existing(&args.data)?;
    let skip_to = args.from_snapshot.then_some(u64::MAX);
    let begun = Instant::now();
    let (mut events, mut broken) = (0_u64, None);
    let replayed = Replay { dir, until: args.until, skip_to }.run(|output| {
        events += 1;
        if args.events && broken.is_none() {
            broken = writeln!(out, "{}.{} {:?}", output.seq, output.index, output.event).err();
        }
    })?;
    if let Some(error) = broken {
        // Whoever read the events has seen enough.
        return if error.kind() == ErrorKind::BrokenPipe { Ok(exit::OK) } else { Err(Failure::io(error)) };
    }
    if let Some(until) = args.until.filter(|until| *until > replayed.last_seq) {
        return Err(Failure::refused(format!("the journal ends at record {}, before {until}", replayed.last_seq)));
    }
    let hash = hex(&replayed.engine.state_hash());
    let written = if args.state_hash {
        writeln!(out, "{hash}")
    } else {
        let seconds = begun.elapsed().as_secs_f64();
        writeln!(out, "records {} to {}, {events} events", replayed.last_seq - replayed.records + 1, replayed.last_seq)
            .and_then(|()| writeln!(out, "{:.0} records per second", replayed.records as f64 / seconds))
            .and_then(|()| writeln!(out, "seq {} state_hash {hash}", replayed.last_seq))
    };
    written.map_err(Failure::io)?;
    Ok(exit::OK)
}

/// A folder that holds a venue's journal.
pub(crate) fn existing(data: &std::path::Path) -> Result<VenueDir, Failure> {
    let dir = VenueDir::new(data);
    if !dir.journal().path().is_dir() {
        return Err(VenueError::NoVenue(data.to_owned()).into());
    }
    dir.check_version()?;
    Ok(dir)
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
