//! How the command ends: one table of exit codes, and one place that writes the complaint.

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use papertape_pipeline::VenueError;

/// Everything was as it should be.
pub const OK: u8 = 0;
/// The command ran, and what it compared is not equal.
pub const DIFFERENT: u8 = 1;
/// The input, an argument or a folder was refused; nothing was changed.
pub const REFUSED: u8 = 2;
/// The data is corrupt (`EX_DATAERR`).
pub const CORRUPT: u8 = 65;
/// A bug ended it (`EX_SOFTWARE`).
pub const BUG: u8 = 70;
/// The disk or the network failed (`EX_IOERR`).
pub const IO: u8 = 74;

/// Why the command did not do what it was asked for.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    message: String,
}

/// What a subcommand gives: an exit code, or a complaint with one.
pub type Outcome = Result<u8, Failure>;

impl Failure {
    /// A complaint that ends with `code`.
    pub fn new(code: u8, message: impl Display) -> Self {
        Self { code, message: message.to_string() }
    }

    /// A complaint about an error, with its causes where the error does not name them itself.
    pub fn caused(code: u8, error: &dyn Error) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let words = error.to_string();
            if !message.contains(&words) {
                message = format!("{message}: {words}");
            }
            cause = error.source();
        }
        Self { code, message }
    }

    /// The input or a folder was refused.
    pub fn refused(message: impl Display) -> Self {
        Self::new(REFUSED, message)
    }

    /// The disk or the network failed.
    pub fn io(message: impl Display) -> Self {
        Self::new(IO, message)
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        self.code
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<VenueError> for Failure {
    fn from(error: VenueError) -> Self {
        match &error {
            VenueError::Journal(error) => error.into(),
            VenueError::Command { .. }
            | VenueError::Snapshot { .. }
            | VenueError::SnapshotAhead { .. }
            | VenueError::Checkpoint { .. } => Self::caused(CORRUPT, &error),
            VenueError::Version { .. } | VenueError::NoVenue(_) => Self::caused(REFUSED, &error),
            VenueError::Io { .. } => Self::caused(IO, &error),
            VenueError::Failed(_) => Self::caused(BUG, &error),
        }
    }
}

impl From<&papertape_journal::Error> for Failure {
    fn from(error: &papertape_journal::Error) -> Self {
        use papertape_journal::Error;
        let code = match error {
            error if error.is_corruption() => CORRUPT,
            Error::Locked { .. }
            | Error::NetworkFileSystem { .. }
            | Error::Format { .. }
            | Error::SegmentBytes { .. }
            | Error::ReadOnly { .. } => REFUSED,
            _ => IO,
        };
        Self::caused(code, error)
    }
}

/// Ends the process: writes the complaint, if there is one.
pub fn end(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            // Where nobody reads the complaint, the exit code still tells.
            let _ = writeln!(io::stderr(), "papertape: {failure}");
            ExitCode::from(failure.code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_names_each_cause_once() {
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        let silent = papertape_platform::SecretsError::File { path: "jwt.key".into(), source: denied() };
        assert!(Failure::caused(REFUSED, &silent).to_string().ends_with("or made: permission denied"));
        let telling = VenueError::Io { op: "write", cause: denied() };
        assert_eq!(Failure::from(telling).to_string(), "cannot write: permission denied");
    }
}
