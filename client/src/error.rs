//! What goes wrong with a session.

use std::fmt;
use std::io;

use crate::machine::Broken;

/// Why a client cannot go on by itself.
#[derive(Debug)]
pub enum Error {
    /// The network failed, as often as it was tried.
    Network(io::Error),
    /// The venue or its bytes make another attempt useless.
    Session(Broken),
    /// The session is not open at this moment: nothing was sent.
    NotOpen,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Network(error) => write!(f, "the network: {error}"),
            Error::Session(broken) => broken.fmt(f),
            Error::NotOpen => f.write_str("the session is not open"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Network(error) => Some(error),
            Error::Session(broken) => Some(broken),
            Error::NotOpen => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::Network(error)
    }
}

impl From<Broken> for Error {
    fn from(broken: Broken) -> Self {
        Error::Session(broken)
    }
}
