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
    /// Accounts and groups that stand in their own way, with every mode.
    OwnSide,
    /// Levels of many orders that are shared out by size.
    Shares,
    /// Orders that wait for a price near the market, so that one sets off the next.
    Triggers,
    /// Orders that hang together.
    Lists,
    /// Icebergs, price bands, and limits on what an account may have and send.
    Limits,
}

/// A profile in numbers. Chances are in percent, weights are relative.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habits {
    /// Place, cancel, amend, cancel all, ledger, session, list, open account, set trade group; place a list, set a mark,
    /// a kill switch, a suspension.
    pub(super) weights: [u64; 13],
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
    /// An order waits for a trigger.
    pub(super) waits: u64,
    /// A limit order that stays is an iceberg.
    pub(super) icebergs: u64,
    /// An order has a minimum quantity; four times as often a sell is reduce-only.
    pub(super) rare: u64,
    /// An instrument has price bands; narrow ones among them.
    pub(super) banded: u64,
    /// An instrument limits what an account may have of it, or how many orders it sends.
    pub(super) limited: u64,
    /// A limit order does not stay.
    pub(super) immediate: u64,
    /// An order says what happens where it would trade with its own side.
    pub(super) modes: u64,
    /// An instrument has such a setting of its own.
    pub(super) defaults: u64,
    /// A level of an instrument is shared out by size.
    pub(super) by_size: u64,
    /// Prices lie next to the middle, so that few levels have many orders.
    pub(super) close: u64,
    /// Open orders beyond which more are cancelled than placed.
    pub(super) open_max: usize,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Profile; 11] = [
        Self::Trading,
        Self::Auctions,
        Self::Edges,
        Self::Names,
        Self::Ledger,
        Self::Listings,
        Self::OwnSide,
        Self::Shares,
        Self::Triggers,
        Self::Lists,
        Self::Limits,
    ];

    /// The profile of a seed's stream: a fifth of all are about trading in general.
    pub(super) fn of_seed(seed: u64) -> Self {
        match seed % 20 {
            0..=3 => Self::Trading,
            4 => Self::Limits,
            5 | 6 => Self::OwnSide,
            7 => Self::Shares,
            8 | 9 => Self::Auctions,
            10 => Self::Limits,
            11 | 12 => Self::Edges,
            13 => Self::Names,
            14 => Self::Ledger,
            15 => Self::Listings,
            16 | 17 => Self::Triggers,
            _ => Self::Lists,
        }
    }

    pub(super) fn habits(self) -> Habits {
        let trading = Habits {
            weights: [640, 120, 140, 4, 20, 14, 1, 1, 4, 40, 12, 1, 1],
            edge: 1,
            strange: 1,
            named: 30,
            names: 200,
            repeated: 2,
            busy: 0,
            waits: 12,
            icebergs: 8,
            rare: 6,
            banded: 30,
            limited: 15,
            immediate: 20,
            modes: 30,
            defaults: 30,
            by_size: 20,
            close: 0,
            open_max: 90,
        };
        match self {
            Self::Trading => trading,
            Self::Auctions => {
                Habits { weights: [680, 80, 130, 3, 10, 35, 1, 1, 1, 30, 8, 1, 1], immediate: 5, ..trading }
            }
            Self::Edges => {
                let weights = [530, 120, 180, 8, 80, 40, 10, 2, 4, 40, 15, 4, 4];
                Habits { weights, edge: 25, strange: 3, waits: 25, ..trading }
            }
            Self::Names => Habits {
                weights: [800, 90, 50, 2, 4, 4, 0, 0, 1, 50, 1, 0, 0],
                named: 95,
                names: 1_700,
                repeated: 8,
                busy: 85,
                immediate: 75,
                ..trading
            },
            Self::Ledger => Habits {
                weights: [250, 60, 50, 5, 600, 10, 1, 20, 1, 10, 2, 1, 6],
                edge: 4,
                repeated: 5,
                busy: 50,
                ..trading
            },
            Self::Listings => Habits {
                weights: [450, 100, 100, 5, 80, 30, 200, 30, 10, 20, 10, 6, 6],
                edge: 5,
                strange: 6,
                ..trading
            },
            Self::OwnSide => Habits {
                weights: [620, 60, 220, 2, 20, 10, 1, 1, 20, 40, 8, 1, 1],
                busy: 30,
                immediate: 40,
                modes: 70,
                defaults: 80,
                by_size: 35,
                close: 50,
                ..trading
            },
            Self::Shares => Habits {
                weights: [750, 60, 120, 2, 10, 8, 1, 1, 4, 15, 4, 1, 1],
                immediate: 30,
                by_size: 100,
                close: 80,
                open_max: 120,
                ..trading
            },
            Self::Triggers => Habits {
                weights: [780, 60, 60, 2, 10, 20, 1, 1, 6, 20, 40, 1, 1],
                waits: 50,
                immediate: 40,
                open_max: 110,
                ..trading
            },
            Self::Limits => Habits {
                weights: [640, 60, 240, 2, 20, 16, 1, 1, 6, 40, 12, 1, 1],
                busy: 30,
                icebergs: 35,
                rare: 12,
                banded: 80,
                limited: 75,
                by_size: 10,
                close: 25,
                immediate: 30,
                ..trading
            },
            Self::Lists => Habits {
                weights: [460, 90, 60, 3, 10, 20, 1, 1, 6, 340, 30, 1, 1],
                waits: 15,
                close: 30,
                immediate: 40,
                open_max: 110,
                ..trading
            },
        }
    }
}
