//! `papertape audit`: whether a journal is what was written, and what it says.

mod account;
mod admin_log;
mod diff;
mod export;
mod order;
mod range;
mod repair;
mod show;
mod stop;
mod verify;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use papertape_pipeline::{Replay, Steps, VenueDir};

use crate::exit::{Failure, Outcome};
use crate::replay::existing;

pub use account::AccountArgs;
pub use admin_log::AdminLogArgs;
pub use diff::DiffArgs;
pub use export::{ExportArgs, ExportFormat, What};
pub use order::OrderArgs;
pub use range::Range;
pub use repair::RepairArgs;
pub use show::ShowArgs;
pub use verify::VerifyArgs;

pub(crate) use stop::{Ran, Stop};

/// Checks a journal, and tells what it says, without the venue
#[derive(Subcommand, Debug)]
pub enum AuditCommand {
    /// Verify every byte of the journal: headers, checksums, numbers without a gap, the hash chain over segments
    Verify(VerifyArgs),
    /// Tell records, and what each did, in words
    Show(ShowArgs),
    /// Tell the life of an order in words
    Order(OrderArgs),
    /// Tell the statement of an account, with running balances, and compare them with the replayed state
    Account(AccountArgs),
    /// Compare two journals, command by command and event by event, to the first difference
    Diff(DiffArgs),
    /// Say what is lost if a corrupt journal is cut, and cut it if that is accepted
    Repair(RepairArgs),
    /// Write records or events as JSON lines or CSV
    Export(ExportArgs),
    /// Verify the log of administrators: every row hashed again, and bound to the one before it
    AdminLog(AdminLogArgs),
}

/// Where the journal is
#[derive(Args, Clone, Debug)]
pub struct Source {
    /// The venue's data folder; it may be in use
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Replay from the first record, whatever snapshots there are
    #[arg(long)]
    pub no_snapshot: bool,
}

/// How a story is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum StoryFormat {
    /// Sentences for people
    #[default]
    Text,
    /// One JSON document, with decimals as text
    Json,
}

impl Source {
    /// The folder, if it holds a journal of this program's.
    fn dir(&self) -> Result<VenueDir, Failure> {
        existing(&self.data)
    }

    /// A replay that may begin from a snapshot up to a record, and ends after another.
    fn steps(&self, skip_to: u64, until: Option<u64>) -> Result<Steps, Failure> {
        let skip_to = Some(skip_to).filter(|skip_to| *skip_to > 0 && !self.no_snapshot);
        Ok(Steps::open(&Replay { dir: self.dir()?, until, skip_to })?)
    }
}

/// Runs it.
pub fn run(command: &AuditCommand, out: &mut impl Write) -> Outcome {
    let ran = match command {
        AuditCommand::Verify(args) => return verify::run(args, out),
        AuditCommand::AdminLog(args) => return admin_log::run(args, out),
        AuditCommand::Show(args) => show::run(args, out),
        AuditCommand::Order(args) => order::run(args, out),
        AuditCommand::Account(args) => account::run(args, out),
        AuditCommand::Diff(args) => diff::run(args, out),
        AuditCommand::Repair(args) => repair::run(args, out),
        AuditCommand::Export(args) => export::run(args, out),
    };
    stop::outcome(ran)
}

/// The complaint about a record that the journal does not have.
fn beyond(path: &Path, last_seq: u64, wanted: u64) -> Failure {
    Failure::refused(format!("{}: the journal ends at record {last_seq}, before {wanted}", path.display()))
}
