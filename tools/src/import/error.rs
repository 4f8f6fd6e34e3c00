//! Why an import stopped: the place, what is wrong there, and what to do.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// An import that could not be done. Nothing of it is left behind.
#[derive(Debug)]
pub enum ImportError {
    /// The input is not what the format says.
    Input {
        /// The file, with the member's name where it is an archive.
        file: String,
        /// The row, counted from 1, a header included.
        line: Option<u64>,
        /// The column.
        field: Option<&'static str>,
        /// What is wrong.
        problem: String,
        /// What to do about it.
        advice: &'static str,
    },
    /// The folder for the journal cannot be used.
    Folder {
        /// The folder.
        dir: PathBuf,
        /// What is wrong.
        problem: String,
        /// What to do about it.
        advice: &'static str,
    },
    /// The journal or the engine failed.
    Venue {
        /// What it says.
        problem: String,
    },
    /// The report could not be written.
    Output(io::Error),
}

impl ImportError {
    /// The exit status that stands for it: 2, so that it differs from the 1 of a comparison that found differences.
    pub const EXIT_CODE: u8 = 2;
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImportError::Input { file, line, field, problem, advice } => {
                f.write_str(file)?;
                if let Some(line) = line {
                    write!(f, ", line {line}")?;
                }
                if let Some(field) = field {
                    write!(f, ", field {field}")?;
                }
                write!(f, ": {problem}; {advice}")
            }
            ImportError::Folder { dir, problem, advice } => write!(f, "{}: {problem}; {advice}", dir.display()),
            ImportError::Venue { problem } => write!(f, "the venue stopped: {problem}"),
            ImportError::Output(error) => write!(f, "the report cannot be written: {error}"),
        }
    }
}

impl std::error::Error for ImportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ImportError::Output(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for ImportError {
    /// Reports are the only thing that is written without a place of its own.
    fn from(error: io::Error) -> Self {
        ImportError::Output(error)
    }
}
