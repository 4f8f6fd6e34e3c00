//! Why a journal was not read to where it was to be.

use std::fmt;

use papertape_engine::OrderId;
use papertape_pipeline::VenueError;

/// What ended a reading before its end.
#[derive(Debug)]
pub enum Unread {
    /// Whoever asked wanted no more of it.
    Stopped,
    /// The journal accepted no order of this number up to the record.
    NoOrder {
        /// The order.
        order: OrderId,
        /// The last record that was read.
        seq: u64,
    },
    /// The journal ends before the record.
    Ends {
        /// The last record that it has.
        last: u64,
        /// The one that was wanted.
        wanted: u64,
    },
    /// The journal cannot be read.
    Venue(VenueError),
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unread::Stopped => f.write_str("the reading was stopped"),
            Unread::NoOrder { order, seq } => write!(f, "there is no order {order} up to record {seq}"),
            Unread::Ends { last, wanted } => write!(f, "the journal ends at record {last}, before {wanted}"),
            Unread::Venue(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Unread {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Unread::Venue(error) => error.source(),
            _ => None,
        }
    }
}

impl From<VenueError> for Unread {
    fn from(error: VenueError) -> Self {
        Unread::Venue(error)
    }
}
