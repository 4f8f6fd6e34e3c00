//! The way of replies back to who waits for them.
//!
//! A request waits for one. A session may have many commands under way: for all of them it has one queue, [`Replies`],
//! and its task is woken once for all that have come.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;
use papertape_pipeline::Ticket;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::tickets::Reply;

/// What became of a command that was handed in.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The venue has decided it.
    Decided(Reply),
    /// It came too late and was not carried out.
    Late,
    /// The venue stopped or failed with the command on its way.
    Unknown,
}

/// The replies to one session.
#[derive(Default)]
pub(crate) struct Replies {
    come: Mutex<Vec<(Ticket, Outcome)>>,
    task: AtomicWaker,
    /// Nobody waits any more for tickets up to this one.
    given_up: AtomicU64,
}

impl Replies {
    /// Takes what has come, in the order in which it did. For one task only.
    pub(crate) fn poll_take(&self, context: &Context<'_>, taken: &mut Vec<(Ticket, Outcome)>) -> Poll<()> {
        self.task.register(context.waker());
        let mut come = self.come.lock();
        if come.is_empty() {
            return Poll::Pending;
        }
        // What was taken before has been answered: the room changes hands.
        std::mem::swap(&mut *come, taken);
        Poll::Ready(())
    }

    /// Nobody waits any more for this ticket and those before it.
    pub(crate) fn give_up(&self, last: Ticket) {
        self.given_up.fetch_max(last.0, Ordering::Relaxed);
    }

    /// Nobody waits for anything any more, nor is woken.
    pub(crate) fn close(&self) {
        self.give_up(Ticket(u64::MAX));
        drop(self.task.take());
    }

    /// Where the reply to a command is expected.
    pub(super) fn place(self: &Arc<Self>, ticket: Ticket) -> Recipient {
        Recipient::Session(Place { ticket, replies: Arc::clone(self), is_taken: false })
    }

    fn push(&self, ticket: Ticket, outcome: Outcome) {
        self.come.lock().push((ticket, outcome));
        self.task.wake();
    }
}

/// Who waits for what becomes of a command. Whoever drops it without a word says that this is unknown.
pub(super) enum Recipient {
    /// A request.
    Request(oneshot::Sender<Outcome>),
    /// A session.
    Session(Place),
}

impl Recipient {
    /// Whoever does not wait any more has timed out or gone; the reply is in the views all the same.
    pub(super) fn send(self, outcome: Outcome) {
        match self {
            Recipient::Request(sender) => drop(sender.send(outcome)),
            Recipient::Session(mut place) => {
                place.is_taken = true;
                place.replies.push(place.ticket, outcome);
            }
        }
    }

    /// Whether nobody waits any more.
    pub(super) fn is_gone(&self) -> bool {
        match self {
            Recipient::Request(sender) => sender.is_closed(),
            Recipient::Session(place) => place.ticket.0 <= place.replies.given_up.load(Ordering::Relaxed),
        }
    }
}

/// The place of one reply in a session's queue.
pub(super) struct Place {
    ticket: Ticket,
    replies: Arc<Replies>,
    is_taken: bool,
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.is_taken {
            self.replies.push(self.ticket, Outcome::Unknown);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::task::noop_waker;

    use super::*;

    fn taken(replies: &Replies) -> Vec<(u64, bool)> {
        let (waker, mut taken) = (noop_waker(), Vec::new());
        let _ = replies.poll_take(&Context::from_waker(&waker), &mut taken);
        taken.iter().map(|(ticket, outcome)| (ticket.0, matches!(outcome, Outcome::Late))).collect()
    }

    #[test]
    fn every_place_is_taken_once_and_an_empty_one_says_that_it_is_unknown() {
        let replies = Arc::new(Replies::default());
        let [first, second, third] = [1, 2, 3].map(|ticket| replies.place(Ticket(ticket)));
        second.send(Outcome::Late);
        drop(first);
        assert_eq!(taken(&replies), [(2, true), (1, false)]);
        assert_eq!(taken(&replies), []);
        drop(third);
        assert_eq!(taken(&replies), [(3, false)]);
    }

    #[test]
    fn who_has_given_up_on_one_waits_for_those_after_it() {
        let replies = Arc::new(Replies::default());
        let [first, second] = [1, 2].map(|ticket| replies.place(Ticket(ticket)));
        replies.give_up(Ticket(1));
        assert!(first.is_gone() && !second.is_gone());
        replies.give_up(Ticket(u64::MAX));
        assert!(second.is_gone());
        let (sender, receiver) = oneshot::channel();
        let request = Recipient::Request(sender);
        assert!(!request.is_gone());
        drop(receiver);
        assert!(request.is_gone());
    }
}
