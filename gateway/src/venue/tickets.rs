//! Who waits for the answer to which command.

use std::sync::atomic::{AtomicBool, Ordering};

use papertape_engine::{AccountId, CancelCause, Cancelled, Event, OrderId, Reason};
use papertape_pipeline::{Output, Summons, Ticket};
use papertape_platform::OrderView;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use super::level::When;
use super::replies::{Outcome, Recipient};

/// What a command led to. It is as durable as whoever waits for it asked for.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The command's number.
    pub seq: u64,
    /// All of its events, in order.
    pub events: Vec<Event>,
    /// The orders that the command placed, changed or ended, exactly as they were after it.
    pub orders: Vec<OrderView>,
}

impl Reply {
    /// Why the command was refused, if it was.
    pub(crate) fn refusal(&self) -> Option<Reason> {
        self.events.iter().find_map(|event| match event {
            Event::Rejected { reason, .. } => Some(*reason),
            _ => None,
        })
    }
}

/// The orders that a command itself named or ended: not those that it traded with, nor those whose trigger it fired.
pub(super) fn orders_of(events: &[Event]) -> impl Iterator<Item = (AccountId, OrderId)> {
    events.iter().filter_map(|event| match event {
        Event::Accepted(accepted) => Some((accepted.terms.account, accepted.order)),
        Event::Repeated { account, order, .. } => Some((*account, *order)),
        Event::Amended(amended) => Some((amended.account, amended.order)),
        // Nor those that ended for a reason of their own: whose time was up just then, or that were in the way.
        Event::Cancelled(Cancelled {
            account,
            order,
            cause: CancelCause::User | CancelCause::KillSwitch | CancelCause::List,
            ..
        }) => Some((*account, *order)),
        _ => None,
    })
}

/// Commands that wait for their reply. Limit: [`Tickets::WAITING_MAX`]; beyond it new ones are `BUSY`.
pub(crate) struct Tickets {
    waiting: Mutex<FxHashMap<Ticket, Waiting>>,
    /// Who hears the replies.
    reader: Summons,
    /// The reader looks for them from the moment on that somebody waits, instead of being woken by what is told.
    looks: bool,
    /// Somebody waits for an answer ahead of what is durable.
    ahead_wanted: AtomicBool,
}

/// A command whose answer is waited for.
pub(super) struct Waiting {
    /// Its events, as far as they are known.
    pub events: Vec<Event>,
    /// What the answer waits for.
    pub when: When,
    /// Who waits.
    pub recipient: Recipient,
}

/// Who collects events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pass {
    /// Ahead of what may leave under the venue's level.
    Ahead,
    /// Behind one that collects ahead.
    Second,
    /// Alone.
    Only,
}

impl Tickets {
    /// Most commands that wait at once.
    pub(crate) const WAITING_MAX: usize = 65_536;

    /// Nobody waits so far; `reader` is who hears the replies, and `looks` whether it looks for them without being woken.
    pub(crate) fn new(reader: Summons, looks: bool) -> Self {
        Self { waiting: Mutex::default(), reader, looks, ahead_wanted: AtomicBool::default() }
    }

    /// Whether anybody waits.
    pub(super) fn are_waited_for(&self) -> bool {
        !self.waiting.lock().is_empty()
    }

    /// Has somebody wait. Call it before the command is submitted, or the reply may come first. Not when too many wait.
    pub(super) fn expect(&self, ticket: Ticket, when: When, recipient: Recipient) -> bool {
        let mut waiting = self.waiting.lock();
        if waiting.len() >= Self::WAITING_MAX {
            return false;
        }
        waiting.insert(ticket, Waiting { events: Vec::new(), when, recipient });
        drop(waiting);
        if when == When::Applied {
            self.ahead_wanted.store(true, Ordering::Release);
        }
        if self.looks {
            self.reader.rouse();
        } else {
            self.reader.call();
        }
        true
    }

    /// Tells who waits that the command came too late and was not carried out.
    pub(super) fn late(&self, ticket: Ticket) {
        let waiting = self.waiting.lock().remove(&ticket);
        waiting.into_iter().for_each(|waiting| waiting.recipient.send(Outcome::Late));
    }

    /// Waits no more.
    pub(super) fn forget(&self, ticket: Ticket) {
        let waiting = self.waiting.lock().remove(&ticket);
        drop(waiting);
    }

    /// Whether somebody has asked for an answer ahead of what is durable since the last time.
    pub(super) fn take_ahead_wanted(&self) -> bool {
        self.ahead_wanted.load(Ordering::Relaxed) && self.ahead_wanted.swap(false, Ordering::Acquire)
    }

    /// Takes one event of a command, if it is for this pass to take. After the last one gives all events and who waits
    /// for them.
    pub(super) fn collect(&self, output: &Output, pass: Pass) -> Option<Waiting> {
        let mut waiting = self.waiting.lock();
        let known = waiting.get_mut(&output.ticket)?;
        let is_ours = match pass {
            Pass::Ahead => known.when == When::Applied,
            Pass::Second => known.when != When::Applied,
            Pass::Only => true,
        };
        if !is_ours {
            return None;
        }
        known.events.push(output.event);
        if output.last { waiting.remove(&output.ticket) } else { None }
    }
}
