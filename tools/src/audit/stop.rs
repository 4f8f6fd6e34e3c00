//! What ends an audit before its end.

use std::io::{self, ErrorKind};

use papertape_pipeline::VenueError;

use crate::exit::{self, Failure, Outcome};

/// Why nothing more is written.
pub(crate) enum Stop {
    /// What was written to did not take it.
    Write(io::Error),
    /// Something was refused or failed.
    Failure(Failure),
}

/// What an audit gives: an exit code, or why it stopped.
pub(crate) type Ran = Result<u8, Stop>;

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Write(error)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Stop::Failure(failure)
    }
}

impl From<VenueError> for Stop {
    fn from(error: VenueError) -> Self {
        Stop::Failure(error.into())
    }
}

/// Whoever reads and goes away has seen enough: that is no failure.
pub(crate) fn outcome(ran: Ran) -> Outcome {
    match ran {
        Ok(code) => Ok(code),
        Err(Stop::Write(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(exit::OK),
        Err(Stop::Write(error)) => Err(Failure::io(error)),
        Err(Stop::Failure(failure)) => Err(failure),
    }
}
