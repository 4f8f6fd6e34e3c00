//! The one thread that hears the venue. Batch by batch: fold into the views, hand to the projector, answer who waits,
//! and publish what changed. Between batches it serves those who begin to listen, so that a snapshot and the changes
//! after it join without a gap.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use papertape_pipeline::{Client, DurableCursor, Outlook, Output, Subscriber};
use papertape_platform::{Change, Projector, Views};
use parking_lot::RwLock;
use tokio::sync::oneshot;

use super::ahead::{Ahead, ViewsAhead};
use super::level::When;
use super::tickets::{Pass, Reply, Tickets, Waiting, orders_of};
use crate::hub::{Hub, Numbered};

/// How long the thread sleeps at most when nothing happens: those who begin to listen wait no longer than this.
const IDLE: Duration = Duration::from_millis(2);

/// How old the read models may be while nobody listens and nobody waits for an answer: what is told meanwhile is folded at
/// once, and threads that have more to do are left their processor.
const REST: Duration = Duration::from_millis(1);

/// Between two publications of what is told each second.
const SECOND: Duration = Duration::from_secs(1);

/// Most outputs of one batch: bounds how long readers of the views and new listeners wait.
const BATCH_MAX: usize = 4_096;

/// Everything the thread owns or shares.
pub(crate) struct Dispatcher {
    /// What the venue tells, durable, and what is ahead of that.
    pub subscriber: Subscriber,
    /// Folded here, read by everybody.
    pub views: Arc<RwLock<Views>>,
    /// The same for those who do not wait for the disk.
    pub ahead: ViewsAhead,
    /// Where commands went in: those that came too late come back.
    pub client: Client,
    /// How far the journal is on the disk.
    pub durable: DurableCursor,
    /// Writes to the database.
    pub projector: Projector,
    /// Who waits for replies.
    pub tickets: Arc<Tickets>,
    /// Who listens.
    pub hub: Hub,
}

/// A reply, who waits for it, and what it waits for.
pub(super) struct Answer {
    sender: oneshot::Sender<Option<Reply>>,
    reply: Reply,
    when: When,
}

impl Dispatcher {
    /// Runs until `is_over` says so and nothing is left to hear.
    pub(crate) fn run(mut self, is_over: impl Fn() -> bool) {
        let (mut batch, mut answers) = (Vec::new(), Vec::new());
        let (mut fresh, mut changes) = (Vec::new(), Vec::new());
        let (mut ahead, mut held) = (Ahead::new(Arc::clone(&self.ahead)), VecDeque::new());
        let mut next_second = Instant::now() + SECOND;
        loop {
            self.hub.serve_listeners(&self.views.read());
            let over = is_over();
            while let Some(ticket) = self.client.take_late() {
                self.tickets.late(ticket);
            }
            ahead.proceed(&mut self.subscriber, &self.tickets, &self.views, &mut answers);
            answers.drain(..).for_each(Answer::send);
            self.subscriber.poll(|output| batch.push(*output));
            for part in batch.chunks(BATCH_MAX) {
                let pass = if ahead.is_running() { Pass::Second } else { Pass::Only };
                self.fold(part, pass, (&mut fresh, &mut changes), &mut answers);
                part.iter().for_each(|output| self.projector.push(output));
                held.extend(answers.extract_if(.., |answer| answer.when == When::Synced));
                answers.drain(..).for_each(Answer::send);
                self.hub.publish(&self.views.read(), changes.drain(..));
            }
            if next_second <= Instant::now() && self.views.read().is_whole() {
                self.hub.publish_each_second(&self.views.read());
                next_second += SECOND;
            }
            release(&mut held, &self.durable);
            if batch.is_empty() {
                // What had to wait, because those who write were busy.
                self.hub.publish(&self.views.read(), std::iter::empty());
                if over {
                    return;
                }
                if self.is_waited_for() || !held.is_empty() {
                    self.subscriber.wait(IDLE);
                }
            }
            if !self.is_waited_for() && held.is_empty() {
                self.subscriber.rest(REST, || self.tickets.are_waited_for());
            }
            batch.clear();
        }
    }

    /// Whether anybody waits for what the venue tells, rather than for the read models to be of this moment.
    fn is_waited_for(&self) -> bool {
        self.hub.is_heard() || self.tickets.are_waited_for()
    }

    /// One write lock for the whole part. A reply is made the moment its last event is folded, so that it shows its
    /// orders as they were then, whatever follows in the same part.
    fn fold(
        &mut self,
        part: &[Output],
        pass: Pass,
        (fresh, changes): (&mut Vec<Change>, &mut Vec<Numbered>),
        answers: &mut Vec<Answer>,
    ) {
        let mut views = self.views.write();
        for output in part {
            views.fold(output, fresh);
            self.hub.number(output, fresh.drain(..), changes);
            answers.extend(answered(&views, &self.tickets, output, pass));
        }
    }
}

impl Answer {
    /// Whoever does not wait any more has timed out or gone; the reply is in the views all the same.
    fn send(self) {
        let _ = self.sender.send(Some(self.reply));
    }
}

/// The answer that is whole with this output, if somebody waits for it. `views` have just folded it.
pub(super) fn answered(views: &Views, tickets: &Tickets, output: &Output, pass: Pass) -> Option<Answer> {
    if output.ticket.0 == 0 {
        return None;
    }
    let Waiting { events, when, sender } = tickets.collect(output, pass)?;
    let orders = orders_of(&events).filter_map(|(account, order)| views.order(account, order)).cloned().collect();
    Some(Answer { sender, reply: Reply { seq: output.seq, events, orders }, when })
}

/// Sends what has waited for the disk. What will never be there is dropped, which tells who waits that the outcome is
/// unknown.
fn release(held: &mut VecDeque<Answer>, durable: &DurableCursor) {
    while let Some(first) = held.front() {
        // Whoever gave up waiting, as everybody does in the end, is not to fill the memory while the disk stands still.
        if first.sender.is_closed() {
            held.pop_front();
            continue;
        }
        let outlook = durable.ask(first.reply.seq);
        if outlook == Outlook::Coming {
            // One sync for all that wait.
            if let Some(last) = held.back() {
                durable.ask(last.reply.seq);
            }
            return;
        }
        let answer = held.pop_front();
        if outlook == Outlook::Synced {
            answer.into_iter().for_each(Answer::send);
        }
    }
}

#[cfg(test)]
mod tests {
    use papertape_pipeline::{Boot, Durability, VenueConfig};

    use super::*;

    #[test]
    fn who_has_gone_is_held_no_longer() {
        let dir = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        let config = VenueConfig { durability: Durability::Process, ..VenueConfig::new(dir.path()) };
        let boot = Boot::open(config).unwrap_or_else(|error| panic!("{error}"));
        // Nothing that was asked for has come so far.
        let (answers, receivers): (VecDeque<_>, Vec<_>) = (1_000..1_003)
            .map(|seq| {
                let (sender, receiver) = oneshot::channel();
                let reply = Reply { seq, events: Vec::new(), orders: Vec::new() };
                (Answer { sender, reply, when: When::Synced }, receiver)
            })
            .unzip();
        let mut held = answers;
        release(&mut held, &boot.durable());
        assert_eq!(held.len(), 3);
        drop(receivers.into_iter().take(2).collect::<Vec<_>>());
        release(&mut held, &boot.durable());
        assert!(held.is_empty(), "all receivers are gone");
    }
}
