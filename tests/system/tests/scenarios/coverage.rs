//! What all scenarios together show.

use std::collections::BTreeSet;

use papertape_engine::{CancelCause, Event, Reason};
use papertape_tests::scenario::Answer;

/// Sixty-five thousand listings, or four billion accounts, are too many for a file.
const TOO_LONG: [Reason; 1] = [Reason::TooManyListed];

/// Kinds of events, by the first word of their debug text.
const EVENTS: [&str; 37] = [
    "Accepted",
    "AccountOpened",
    "Amended",
    "AssetListed",
    "BadDebt",
    "Balance",
    "Borrowed",
    "Cancelled",
    "CancelledAll",
    "Deposited",
    "EntryRepeated",
    "FeeTiersSet",
    "Indicated",
    "InstrumentListed",
    "KillSwitchSet",
    "LiquidationBegun",
    "LiquidationEnded",
    "MarginAccountSet",
    "MarginTermsSet",
    "MarkSet",
    "PhaseChanged",
    "Position",
    "Rejected",
    "Released",
    "Repaid",
    "Repeated",
    "Rested",
    "ScheduleSet",
    "SelfTradePrevented",
    "SuspensionSet",
    "Trade",
    "TradeGroupSet",
    "Transferred",
    "Triggered",
    "Uncrossed",
    "VolumeChanged",
    "Withdrawn",
];

/// Reasons, causes and kinds of events that were told.
#[derive(Default)]
pub(crate) struct Coverage {
    reasons: BTreeSet<Reason>,
    causes: BTreeSet<CancelCause>,
    events: BTreeSet<String>,
}

impl Coverage {
    /// Adds what others show.
    pub(crate) fn merge(&mut self, other: Coverage) {
        self.reasons.extend(other.reasons);
        self.causes.extend(other.causes);
        self.events.extend(other.events);
    }

    pub(crate) fn add(&mut self, answer: &Answer) {
        for event in answer.done.iter().flatten().flat_map(|done| &done.events) {
            match event {
                Event::Rejected { reason, .. } => drop(self.reasons.insert(*reason)),
                Event::Cancelled(cancelled) => drop(self.causes.insert(cancelled.cause)),
                _ => {}
            }
            let shown = format!("{event:?}");
            self.events.insert(shown.chars().take_while(|char| char.is_alphanumeric()).collect());
        }
    }

    /// Names of what was never told.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let reasons = Reason::ALL.iter().filter(|reason| !self.reasons.contains(reason) && !TOO_LONG.contains(reason));
        let causes = CancelCause::ALL.iter().filter(|cause| !self.causes.contains(cause));
        let events = EVENTS.into_iter().filter(|event| !self.events.contains(*event));
        reasons.map(|reason| reason.name()).chain(causes.map(|cause| cause.name())).chain(events).collect()
    }
}
