//! What occurred: a comparison in which nothing happens would pass too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use papertape_engine::{AccountId, CancelCause, ClientOrderId, Command, Event, Reason, Reference, SelfTradePrevention};

use super::situations::SITUATIONS;
use crate::random::Profile;

/// Counts of everything that has a name, by group and name.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    counts: BTreeMap<(&'static str, &'static str), u64>,
    /// Commands in all streams.
    pub commands: u64,
    /// Whole streams.
    pub streams: u64,
    open_orders_max: usize,
    /// Names and references of the stream that runs.
    names: BTreeSet<(AccountId, ClientOrderId)>,
    references: BTreeSet<(AccountId, Reference)>,
}

impl Coverage {
    /// How often something occurred.
    pub fn count(&self, group: &'static str, name: &'static str) -> u64 {
        self.counts.get(&(group, name)).copied().unwrap_or(0)
    }

    /// Adds what another counted.
    pub fn merge(&mut self, other: &Coverage) {
        for (key, count) in &other.counts {
            *self.counts.entry(*key).or_default() += count;
        }
        self.commands += other.commands;
        self.streams += other.streams;
        self.open_orders_max = self.open_orders_max.max(other.open_orders_max);
    }

    /// Whatever should have occurred at least `floor` times and did not; of situations, reasons and causes a
    /// two-hundredth of it is enough. More listings than can be numbered are too many for a test.
    pub fn missing(&self, floor: u64) -> Vec<String> {
        let rare = floor.div_ceil(200);
        let commands = COMMANDS.iter().map(|name| ("command", *name, floor));
        // Few lose more than they have.
        let least = |name: &str| if name == "BadDebt" { rare } else { floor };
        let events = EVENTS.iter().map(|name| ("event", *name, least(name)));
        let situations = SITUATIONS.iter().map(|name| ("situation", *name, rare));
        let modes = SelfTradePrevention::ALL.iter().filter(|mode| **mode != SelfTradePrevention::None);
        let modes = modes.map(|mode| ("prevented by", mode.name(), rare));
        let causes = CancelCause::ALL.iter().map(|cause| ("cause", cause.name(), rare));
        let reasons = Reason::ALL.iter().filter(|reason| **reason != Reason::TooManyListed);
        let reasons = reasons.map(|reason| ("reason", reason.name(), rare));
        let wanted = commands.chain(events).chain(situations).chain(modes).chain(causes).chain(reasons);
        let lacking = wanted.filter(|(group, name, least)| self.count(group, name) < *least);
        lacking.map(|(group, name, least)| format!("{group} {name}: {} of {least}", self.count(group, name))).collect()
    }

    pub(super) fn stream(&mut self, profile: Profile) {
        self.streams += 1;
        self.names.clear();
        self.references.clear();
        let name = match profile {
            Profile::Trading => "trading",
            Profile::Auctions => "auctions",
            Profile::Edges => "edges",
            Profile::Names => "names",
            Profile::Ledger => "ledger",
            Profile::Listings => "listings",
            Profile::OwnSide => "own side",
            Profile::Shares => "shares",
            Profile::Triggers => "triggers",
            Profile::Lists => "lists",
            Profile::Limits => "limits",
        };
        self.note("streams of", name);
    }

    pub(super) fn restored(&mut self, with_reserves: bool) {
        self.note("situation", "restored from a snapshot");
        if with_reserves {
            self.note("situation", "iceberg restored from a snapshot");
        }
    }

    /// What events do not show.
    pub(super) fn noted(&mut self, notes: &[&'static str]) {
        notes.iter().for_each(|note| self.note("situation", note));
    }

    pub(super) fn open_orders(&mut self, count: usize) {
        self.open_orders_max = self.open_orders_max.max(count);
    }

    pub(super) fn add(&mut self, command: &Command, events: &[Event]) {
        self.commands += 1;
        self.note("command", command_name(command));
        for event in events {
            self.note("event", event_name(event));
            match event {
                Event::Rejected { reason, .. } => self.note("reason", reason.name()),
                Event::Cancelled(cancelled) => self.note("cause", cancelled.cause.name()),
                Event::SelfTradePrevented(prevented) => self.prevented(command, prevented),
                Event::Accepted(accepted) => {
                    let terms = &accepted.terms;
                    let named = terms.client_order_id.map(|name| (terms.account, name));
                    if named.is_some_and(|named| !self.names.insert(named)) {
                        self.note("situation", NAME_AGAIN);
                    }
                }
                Event::Deposited { account, reference, .. }
                | Event::Withdrawn { account, reference, .. }
                | Event::Transferred { from: account, reference, .. }
                    if !self.references.insert((*account, *reference)) =>
                {
                    self.note("situation", REFERENCE_AGAIN);
                }
                _ => {}
            }
        }
        self.situations(command, events);
    }

    pub(super) fn note(&mut self, group: &'static str, name: &'static str) {
        *self.counts.entry((group, name)).or_default() += 1;
    }
}

/// These two take longer streams than most.
const NAME_AGAIN: &str = "name used again";
const REFERENCE_AGAIN: &str = "reference used again";

macro_rules! names {
    ($(#[$doc:meta])* $list:ident $function:ident($type:ident) $($variant:ident)*) => {
        const $list: &[&str] = &[$(stringify!($variant)),*];

        const fn $function(of: &$type) -> &'static str {
            match of {
                $($type::$variant { .. } => stringify!($variant),)*
            }
        }
    };
}

names! { COMMANDS command_name(Command)
    Place Cancel Amend CancelAll ListAsset ListInstrument OpenAccount SetTradeGroup Deposit Withdraw Transfer
    SetPhase SetSchedule Uncross Tick PlaceList SetMark SetKillSwitch SetSuspended SetFeeTiers
    SetMarginTerms SetMarginAccount Borrow Repay
}

names! { EVENTS event_name(Event)
    Accepted Rested Trade SelfTradePrevented Cancelled Amended Repeated Rejected CancelledAll AssetListed
    InstrumentListed AccountOpened TradeGroupSet Deposited Withdrawn Transferred EntryRepeated PhaseChanged
    Uncrossed Ticked Balance Position Released Triggered MarkSet KillSwitchSet SuspensionSet FeeTiersSet
    VolumeChanged MarginTermsSet MarginAccountSet Borrowed Repaid LiquidationBegun LiquidationEnded BadDebt
    Indicated ScheduleSet
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut group = "";
        for ((of, name), count) in &self.counts {
            if *of != group {
                group = of;
                writeln!(f, "  {group}")?;
            }
            writeln!(f, "    {count:>12} {name}")?;
        }
        writeln!(f, "  at most {} open orders at a time", self.open_orders_max)
    }
}
