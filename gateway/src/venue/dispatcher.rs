//! What hears the venue. Batch by batch: fold into the views, hand to the projector, answer who waits, and publish what
//! changed. Between batches it serves those who begin to listen, so that a snapshot and the changes after it join without
//! a gap.
//!
//! It has a thread of its own, or shares the one that writes to WebSockets: then whoever sends orders over one is answered
//! without another thread on the way.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use papertape_pipeline::{Client, DurableCursor, Outlook, Output, Subscriber};
use papertape_platform::{Change, Projector, Views};
use parking_lot::RwLock;
use tokio::sync::Notify;
use tokio::{task, time};

use super::ahead::{Ahead, ViewsAhead};
use super::level::When;
use super::replies::{Outcome, Recipient};
use super::tickets::{Pass, Reply, Tickets, Waiting, orders_of};
use crate::hub::{Hub, Numbered};

/// How long it sleeps at most when nothing happens: those who begin to listen wait no longer than this.
const IDLE: Duration = Duration::from_millis(2);

/// How old the read models may be while nobody listens and nobody waits for an answer: what is told meanwhile is folded at
/// once, and threads that have more to do are left their processor.
const REST: Duration = Duration::from_millis(1);

/// How long it looks for an answer on a shared thread before it sleeps: being woken takes about as long.
const LOOKS_FOR: Duration = Duration::from_micros(50);

/// Between two publications of what is told each second.
const SECOND: Duration = Duration::from_secs(1);

/// Most outputs of one batch: bounds how long readers of the views and new listeners wait.
const BATCH_MAX: usize = 4_096;

/// Outputs after which others may have the processor, where nobody waits for what is told (`papertape_pipeline::Portions`).
const PORTION: usize = 16;

/// Everything that it owns or shares.
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
    recipient: Recipient,
    reply: Reply,
    when: When,
}

impl Dispatcher {
    /// Runs on a thread of its own until `is_over` says so and nothing is left to hear.
    pub(crate) fn run(self, is_over: impl Fn() -> bool) {
        let mut work = Work::new(self);
        loop {
            match work.turn(is_over(), Instant::now()) {
                Turn::Over => return,
                Turn::Crowded => work.parts.hub.wait_for_room(),
                Turn::Quiet if work.is_waited_for() => work.parts.subscriber.wait(IDLE),
                Turn::Quiet | Turn::Heard => {}
            }
            if !work.is_waited_for() {
                work.parts.subscriber.rest(REST, || work.parts.tickets.are_waited_for());
            }
        }
    }

    /// The same as one of several tasks of the thread that writes to WebSockets.
    pub(crate) async fn share(self, is_over: impl Fn() -> bool) {
        let roused = Arc::new(Notify::new());
        let rouse = Arc::clone(&roused);
        self.subscriber.rouse_by(Box::new(move || rouse.notify_one()));
        let mut work = Work::new(self);
        let mut looks_until = Instant::now();
        loop {
            let now = Instant::now();
            // Of sessions on this thread, which leave that to this.
            if work.parts.client.has_entered() {
                work.parts.client.carry_out();
            }
            match work.turn(is_over(), now) {
                Turn::Over => return,
                Turn::Crowded => task::yield_now().await,
                Turn::Heard if work.is_waited_for() => {
                    looks_until = Instant::now() + LOOKS_FOR;
                    task::yield_now().await;
                }
                Turn::Quiet if work.parts.tickets.are_waited_for() && now < looks_until => {
                    // Who has the answer may be waiting for this processor.
                    std::thread::yield_now();
                    task::yield_now().await;
                }
                Turn::Quiet | Turn::Heard => {
                    work.sleep(&roused).await;
                    looks_until = Instant::now() + LOOKS_FOR;
                }
            }
        }
    }
}

/// What came of a turn.
enum Turn {
    /// Nothing: the thread that writes has to take something first.
    Crowded,
    /// Something was told.
    Heard,
    /// Nothing was told.
    Quiet,
    /// Nothing was told, and nothing will be.
    Over,
}

/// A dispatcher that runs, and what it keeps from turn to turn.
struct Work {
    parts: Dispatcher,
    ahead: Ahead,
    /// Answers that wait for the disk.
    held: VecDeque<Answer>,
    next_second: Instant,
    batch: Vec<Output>,
    answers: Vec<Answer>,
    fresh: Vec<Change>,
    changes: Vec<Numbered>,
}

impl Work {
    fn new(parts: Dispatcher) -> Self {
        let (ahead, next_second) = (Ahead::new(Arc::clone(&parts.ahead)), Instant::now() + SECOND);
        let (held, batch, answers) = (VecDeque::new(), Vec::new(), Vec::new());
        Self { parts, ahead, held, next_second, batch, answers, fresh: Vec::new(), changes: Vec::new() }
    }

    fn turn(&mut self, over: bool, now: Instant) -> Turn {
        if !self.parts.hub.hand_over() {
            return Turn::Crowded;
        }
        let parts = &mut self.parts;
        parts.hub.serve_listeners(&parts.views.read());
        while let Some(ticket) = parts.client.take_late() {
            parts.tickets.late(ticket);
        }
        self.ahead.proceed(now, (&mut parts.subscriber, &parts.tickets, &parts.views), &mut self.answers);
        self.answers.drain(..).for_each(Answer::send);
        parts.subscriber.poll(|output| self.batch.push(*output));
        self.take_in();
        self.say_each_second(now);
        release(&mut self.held, &self.parts.durable);
        if !self.batch.is_empty() {
            self.batch.clear();
            return Turn::Heard;
        }
        // What had to wait, because those who write were busy.
        self.parts.hub.publish(&self.parts.views.read(), std::iter::empty());
        if over { Turn::Over } else { Turn::Quiet }
    }

    /// Takes in what was told, answers and publishes.
    fn take_in(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        let is_waited_for = self.is_waited_for();
        for part in batch.chunks(if is_waited_for { BATCH_MAX } else { PORTION }) {
            if !is_waited_for {
                std::thread::yield_now();
            }
            self.fold(part);
            part.iter().for_each(|output| self.parts.projector.push(output));
            self.held.extend(self.answers.extract_if(.., |answer| answer.when == When::Synced));
            self.answers.drain(..).for_each(Answer::send);
            self.parts.hub.publish(&self.parts.views.read(), self.changes.drain(..));
        }
        self.batch = batch;
    }

    /// One write lock for the whole part. A reply is made the moment its last event is folded, so that it shows its
    /// orders as they were then, whatever follows in the same part.
    fn fold(&mut self, part: &[Output]) {
        let pass = if self.ahead.is_running() { Pass::Second } else { Pass::Only };
        let mut views = self.parts.views.write();
        for output in part {
            views.fold(output, &mut self.fresh);
            self.parts.hub.number(output, self.fresh.drain(..), &mut self.changes);
            self.answers.extend(answered(&views, &self.parts.tickets, output, pass));
        }
    }

    fn say_each_second(&mut self, now: Instant) {
        if self.next_second <= now && self.parts.views.read().is_whole() {
            self.parts.hub.publish_each_second(&self.parts.views.read());
            self.next_second += SECOND;
        }
    }

    /// Whether anybody waits for what the venue tells, rather than for the read models to be of this moment.
    fn is_waited_for(&self) -> bool {
        self.parts.hub.is_heard() || self.parts.tickets.are_waited_for() || !self.held.is_empty()
    }

    /// Sleeps until there is something to hear, or until the next look; where nobody waits for it, whatever there is to hear.
    async fn sleep(&self, roused: &Notify) {
        // Where it ends makes no difference.
        let wait = async |most| drop(time::timeout(most, roused.notified()).await);
        if self.is_waited_for() {
            self.parts.subscriber.sleep_on(wait(IDLE)).await;
        } else {
            self.parts.subscriber.rest_on(wait(REST), || self.parts.tickets.are_waited_for()).await;
        }
    }
}

impl Answer {
    fn send(self) {
        self.recipient.send(Outcome::Decided(self.reply));
    }
}

/// The answer that is whole with this output, if somebody waits for it. `views` have just folded it.
pub(super) fn answered(views: &Views, tickets: &Tickets, output: &Output, pass: Pass) -> Option<Answer> {
    if output.ticket.0 == 0 {
        return None;
    }
    let Waiting { events, when, recipient } = tickets.collect(output, pass)?;
    let orders = orders_of(&events).filter_map(|(account, order)| views.order(account, order)).cloned().collect();
    Some(Answer { recipient, reply: Reply { seq: output.seq, events, orders }, when })
}

/// Sends what has waited for the disk. What will never be there is dropped, which tells who waits that the outcome is
/// unknown.
fn release(held: &mut VecDeque<Answer>, durable: &DurableCursor) {
    while let Some(first) = held.front() {
        // Whoever gave up waiting, as everybody does in the end, is not to fill the memory while the disk stands still.
        if first.recipient.is_gone() {
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
                let (sender, receiver) = tokio::sync::oneshot::channel();
                let (recipient, events, orders) = (Recipient::Request(sender), Vec::new(), Vec::new());
                (Answer { recipient, reply: Reply { seq, events, orders }, when: When::Synced }, receiver)
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
