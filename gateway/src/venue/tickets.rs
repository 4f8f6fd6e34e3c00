//! Who waits for the answer to which command.

use std::collections::HashMap;

use papertape_engine::{AccountId, CancelCause, Cancelled, Event, OrderId, Reason};
use papertape_pipeline::Ticket;
use papertape_platform::OrderView;
use parking_lot::Mutex;
use tokio::sync::oneshot;

/// What a command led to. It is durable under the venue's level.
#[derive(Debug)]
pub struct Reply {
    /// The command's number.
    pub seq: u64,
    /// All of its events, in order.
    pub events: Vec<Event>,
    /// The orders that the command placed, changed or ended, exactly as they were after it.
    pub orders: Vec<OrderView>,
}

impl Reply {
    /// Why the command was refused, if it was.
    pub fn refusal(&self) -> Option<Reason> {
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
#[derive(Default)]
pub struct Tickets {
    waiting: Mutex<HashMap<Ticket, Waiting>>,
}

struct Waiting {
    events: Vec<Event>,
    sender: oneshot::Sender<Reply>,
}

impl Tickets {
    /// Most commands that wait at once.
    pub const WAITING_MAX: usize = 65_536;

    /// Begins to wait. Call it before the command is submitted, or the reply may come first. `None` when too many wait.
    pub fn expect(&self, ticket: Ticket) -> Option<oneshot::Receiver<Reply>> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.waiting.lock();
        if waiting.len() >= Self::WAITING_MAX {
            return None;
        }
        waiting.insert(ticket, Waiting { events: Vec::new(), sender });
        Some(receiver)
    }

    /// Waits no more.
    pub fn forget(&self, ticket: Ticket) {
        self.waiting.lock().remove(&ticket);
    }

    /// Takes one event of a command. After the last one gives all events and who waits for them.
    pub fn collect(&self, ticket: Ticket, event: Event, last: bool) -> Option<(Vec<Event>, oneshot::Sender<Reply>)> {
        let mut waiting = self.waiting.lock();
        waiting.get_mut(&ticket)?.events.push(event);
        if !last {
            return None;
        }
        waiting.remove(&ticket).map(|waiting| (waiting.events, waiting.sender))
    }
}
