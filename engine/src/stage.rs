//! Where an instrument is in its day: its phase, what an auction is for, and when the phase ends by itself.

use wincode::{SchemaRead, SchemaWrite};

use crate::instrument::Phase;

/// What an auction is for. It says which orders wait for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, SchemaRead, SchemaWrite)]
#[repr(u8)]
pub enum Purpose {
    /// None in particular.
    #[default]
    Intraday = 0,
    /// It opens the session: while it collects, the instrument is in its pre-open phase.
    Opening = 1,
    /// It closes the session.
    Closing = 2,
    /// An order would have traded outside a price band.
    Volatility = 3,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Purpose; 4] = [Self::Intraday, Self::Opening, Self::Closing, Self::Volatility];

    /// `intraday`, `opening`, `closing` or `volatility`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Intraday => "intraday",
            Self::Opening => "opening",
            Self::Closing => "closing",
            Self::Volatility => "volatility",
        }
    }
}

/// A phase with what belongs to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, SchemaRead, SchemaWrite)]
pub struct Stage {
    /// What an instrument's rules allow.
    pub phase: Phase,
    /// What the auction is for; [`Purpose::Intraday`] in every other phase.
    pub purpose: Purpose,
    /// When it ends by itself, in nanoseconds since 1970: only an auction or a halt does. An auction is uncrossed then, and so
    /// is a halt whose book is crossed; continuous trading follows.
    pub until_ns: Option<u64>,
}

impl From<Phase> for Stage {
    fn from(phase: Phase) -> Self {
        Self { phase, purpose: Purpose::Intraday, until_ns: None }
    }
}

impl Stage {
    /// Whether there can be such a stage.
    pub(crate) fn is_possible(self) -> bool {
        let purpose = self.phase == Phase::Auction || self.purpose == Purpose::Intraday;
        let ends = matches!(self.phase, Phase::Auction | Phase::Halted);
        purpose && (ends || self.until_ns.is_none())
    }
}
