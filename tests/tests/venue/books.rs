//! The fast book against the reference book: the same engine over both must tell the same events.

use std::collections::{BTreeMap, BTreeSet};

use papertape_engine::{CancelCause, Command, Engine, Event, LadderBook, OrderBook, Reason, ReferenceBook, Stamp};
use papertape_tests::{Stream, StreamOptions, cases, listings};

const COMMANDS: usize = 10_000;

pub(crate) fn step<B: OrderBook>(engine: &mut Engine<B>, seq: u64, command: &Command) -> Vec<Event> {
    let mut events = Vec::new();
    engine.apply(Stamp { seq, time_ns: seq }, command, &mut events);
    assert!(!events.is_empty(), "seq {seq}: no event for {command:?}");
    events
}

pub(crate) fn commands(seed: u64) -> impl Iterator<Item = (u64, Command)> {
    let options = StreamOptions { width: 3 + seed * 17 % 60, ..StreamOptions::default() };
    let stream = Stream::new(seed, options).take(COMMANDS);
    (1_u64..).zip(listings().into_iter().chain(stream))
}

#[test]
fn the_fast_book_tells_what_the_reference_book_tells() {
    let mut told = Told::default();
    for seed in 0..cases() {
        let (mut fast, mut reference) = (Engine::<LadderBook>::default(), Engine::<ReferenceBook>::default());
        for (seq, command) in commands(seed) {
            let (left, right) = (step(&mut fast, seq, &command), step(&mut reference, seq, &command));
            assert_eq!(left, right, "seed {seed}, seq {seq}: {command:?}");
            told.add(&left);
        }
        assert_eq!(fast.state_hash(), reference.state_hash(), "seed {seed}");
    }
    if cases() >= 8 {
        told.check_complete();
    }
}

/// What occurred: a comparison in which nothing happens would pass too.
#[derive(Default)]
pub(crate) struct Told {
    events: BTreeMap<String, usize>,
    reasons: BTreeSet<Reason>,
    causes: BTreeSet<CancelCause>,
}

impl Told {
    pub(crate) fn add(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::Rejected { reason, .. } => drop(self.reasons.insert(*reason)),
                Event::Cancelled(cancelled) => drop(self.causes.insert(cancelled.cause)),
                _ => {}
            }
            let shown = format!("{event:?}");
            let kind = shown.chars().take_while(|char| char.is_alphanumeric()).collect();
            *self.events.entry(kind).or_default() += 1;
        }
    }

    fn check_complete(&self) {
        let events = "Accepted AccountOpened Amended AssetListed Balance Cancelled CancelledAll Deposited EntryRepeated \
                      FeeTiersSet Indicated InstrumentListed KillSwitchSet MarkSet PhaseChanged Position Rejected Released Repeated Rested \
                      ScheduleSet SelfTradePrevented SuspensionSet Trade TradeGroupSet Transferred Triggered Uncrossed Withdrawn";
        assert_eq!(self.events.keys().map(String::as_str).collect::<Vec<_>>().join(" "), events);
        for (event, least) in [("Trade", 1_000), ("Amended", 400), ("Cancelled", 2_000), ("Uncrossed", 20)] {
            assert!(self.events[event] >= least, "{event}: {} of {least}", self.events[event]);
        }
        let missing =
            CancelCause::ALL.iter().filter(|cause| !self.causes.contains(cause) && !RARE_CAUSES.contains(cause));
        assert_eq!(missing.collect::<Vec<_>>(), [] as [&CancelCause; 0]);
        let missing = Reason::ALL.iter().filter(|reason| !self.reasons.contains(reason) && !RARE.contains(reason));
        assert_eq!(missing.collect::<Vec<_>>(), [] as [&Reason; 0]);
    }

    pub(crate) fn check_rare(&self) {
        // Sixty-five thousand listings, or four billion accounts, are too many for a test, and no day passes in one.
        let missing = RARE.iter().filter(|reason| !self.reasons.contains(reason));
        assert_eq!(missing.collect::<Vec<_>>(), [&Reason::TooManyListed, &Reason::RebateNotCovered]);
    }
}

/// What this stream does not come to: it lists nothing after the opening, and has not enough of anything to fill a
/// level or an asset, nobody counts its orders, and nobody borrows. The hostile stream does.
const RARE: [Reason; 24] = [
    Reason::InvalidPhase,
    Reason::AlreadyListed,
    Reason::InvalidAsset,
    Reason::InvalidAssets,
    Reason::InvalidStep,
    Reason::InvalidGranularity,
    Reason::InvalidFees,
    Reason::InvalidFilters,
    Reason::InvalidAllocation,
    Reason::InvalidBands,
    Reason::TooManyListed,
    Reason::BalanceTooLarge,
    Reason::BookFull,
    Reason::OrderRate,
    Reason::InvalidFeeTiers,
    Reason::RebateNotCovered,
    Reason::InvalidMarginTerms,
    Reason::NotAMarginAccount,
    Reason::NotBorrowable,
    Reason::BorrowLimit,
    Reason::NothingBorrowed,
    Reason::InsufficientMargin,
    Reason::AccountOwes,
    Reason::InvalidSchedule,
];

/// What this stream hardly comes to when an order's turn comes; the streams beside the model do.
const RARE_CAUSES: [CancelCause; 4] =
    [CancelCause::InsufficientFunds, CancelCause::NoRoom, CancelCause::OutsideLimits, CancelCause::Liquidation];

#[test]
fn every_invariant_holds_after_every_command() {
    for seed in 100..100 + cases() {
        let mut engine = Engine::new();
        for (seq, command) in commands(seed).take(2_500) {
            step(&mut engine, seq, &command);
            engine.check().unwrap_or_else(|broken| panic!("seed {seed}, seq {seq}, {command:?}: {broken}"));
        }
    }
}

#[test]
fn a_refused_command_leaves_the_state_as_it_was() {
    for seed in 200..200 + cases() {
        let mut engine = Engine::new();
        let mut refused = 0;
        for (seq, command) in commands(seed).take(1_500) {
            let (before, is_due) = (engine.state_hash(), engine.next_expiry().is_some_and(|next_ns| next_ns <= seq));
            let events = step(&mut engine, seq, &command);
            if let [Event::Rejected { reason, .. }] = events[..]
                && !is_due
            {
                refused += 1;
                assert_eq!(engine.state_hash(), before, "seed {seed}, seq {seq}: {reason:?} for {command:?}");
            }
        }
        assert!(refused > 100, "seed {seed}: only {refused} refusals");
    }
}

#[test]
fn a_restored_engine_goes_on_like_the_one_that_was_saved() {
    for seed in 300..300 + cases() {
        let mut live = Engine::new();
        let all: Vec<(u64, Command)> = commands(seed).collect();
        let (before, after) = all.split_at(all.len() * (1 + seed as usize % 5) / 6);
        for (seq, command) in before {
            step(&mut live, *seq, command);
        }
        let mut restored = Engine::<LadderBook>::restore(&live.snapshot()).unwrap();
        assert_eq!(restored.state_hash(), live.state_hash(), "seed {seed}");
        for (seq, command) in after {
            assert_eq!(step(&mut restored, *seq, command), step(&mut live, *seq, command), "seed {seed}, seq {seq}");
        }
        assert_eq!(restored.state_hash(), live.state_hash(), "seed {seed}");
    }
}

#[test]
pub(crate) fn commands_survive_the_way_through_bytes() {
    let mut bytes = Vec::new();
    for (seq, command) in commands(400) {
        bytes.clear();
        let kind = command.encode(&mut bytes);
        let most = if matches!(command, Command::PlaceList(_)) { 192 } else { 128 };
        assert!(bytes.len() <= most || kind >= 32, "hot commands are short");
        assert_eq!(Command::decode(kind, &bytes), Ok(command), "seq {seq}");
        for cut in 0..bytes.len() {
            assert!(Command::decode(kind, &bytes[..cut]).is_err(), "{cut} of {} bytes: {command:?}", bytes.len());
        }
    }
}

#[test]
fn any_bytes_give_a_command_or_an_error() {
    use rand_chacha::rand_core::{Rng, SeedableRng};
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(7);
    let mut bytes = [0_u8; 600];
    for round in 0..200_000_u64 {
        rng.fill_bytes(&mut bytes);
        let (kind, len) = (rng.next_u64() % 46, rng.next_u64() % 600);
        let len = if round % 2 == 0 { len % 80 } else { len };
        if let Ok(command) = Command::decode(kind as u16, &bytes[..len as usize]) {
            let mut again = Vec::new();
            assert_eq!(command.encode(&mut again), kind as u16);
        }
    }
}
