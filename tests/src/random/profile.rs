//! Kinds of streams: which commands come how often, and how strange they are.

/// What a stream is mostly about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Profile {
    /// Continuous trading with a little of everything.
    Trading,
    /// Books that are collected and uncrossed again and again.
    Auctions,
    /// Numbers from the edges of 64 and 128 bits.
    Edges,
    /// One busy client who names every order and repeats himself.
    Names,
    /// Money in, out and across, with references that come back.
    Ledger,
    /// Assets, instruments and accounts are listed while others trade.
    Listings,
}

/// A profile in numbers. Chances are in percent, weights are relative.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habits {
    /// Place, cancel, amend, cancel all, ledger, session, list, open account.
    pub(super) weights: [u64; 8],
    /// A number is drawn from all over its type.
    pub(super) edge: u64,
    /// An account, asset or instrument is one that hardly exists.
    pub(super) strange: u64,
    /// An order has a name.
    pub(super) named: u64,
    /// How many names there are.
    pub(super) names: u64,
    /// An order is one that was sent before.
    pub(super) repeated: u64,
    /// The first account is meant.
    pub(super) busy: u64,
    /// A limit order does not stay.
    pub(super) immediate: u64,
    /// Open orders beyond which more are cancelled than placed.
    pub(super) open_max: usize,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Profile; 6] =
        [Self::Trading, Self::Auctions, Self::Edges, Self::Names, Self::Ledger, Self::Listings];

    /// The profile of a seed's stream: half of all trade.
    pub(super) fn of_seed(seed: u64) -> Self {
        match seed % 16 {
            0..=7 => Self::Trading,
            8..=10 => Self::Auctions,
            11 | 12 => Self::Edges,
            13 => Self::Names,
            14 => Self::Ledger,
            _ => Self::Listings,
        }
    }

    pub(super) fn habits(self) -> Habits {
        let trading = Habits {
            weights: [680, 120, 140, 4, 20, 14, 1, 1],
            edge: 1,
            strange: 1,
            named: 30,
            names: 200,
            repeated: 2,
            busy: 0,
            immediate: 20,
            open_max: 90,
        };
        match self {
            Self::Trading => trading,
            Self::Auctions => Habits { weights: [700, 80, 130, 3, 10, 35, 1, 1], immediate: 5, ..trading },
            Self::Edges => Habits { weights: [550, 120, 180, 8, 80, 40, 10, 2], edge: 25, strange: 3, ..trading },
            Self::Names => Habits {
                weights: [850, 90, 50, 2, 4, 4, 0, 0],
                named: 95,
                names: 1_700,
                repeated: 8,
                busy: 85,
                immediate: 75,
                ..trading
            },
            Self::Ledger => {
                Habits { weights: [250, 60, 50, 5, 600, 10, 1, 20], edge: 4, repeated: 5, busy: 50, ..trading }
            }
            Self::Listings => Habits { weights: [450, 100, 100, 5, 80, 30, 200, 30], edge: 5, strange: 6, ..trading },
        }
    }
}
