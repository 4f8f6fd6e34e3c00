//! The one thread that hears the venue. Batch by batch: fold into the views, hand to the projector, answer who waits,
//! and publish what changed. Between batches it serves those who begin to listen, so that a snapshot and the changes
//! after it join without a gap.

use std::sync::Arc;
use std::time::{Duration, Instant};

use papertape_pipeline::{Output, Subscriber};
use papertape_platform::{Change, Projector, Views};
use parking_lot::RwLock;
use tokio::sync::oneshot;

use super::tickets::{Reply, Tickets, orders_of};
use crate::hub::Hub;

/// How long the thread sleeps at most when nothing happens: those who begin to listen wait no longer than this.
const IDLE: Duration = Duration::from_millis(2);

/// Between two tickers.
const TICKER_EVERY: Duration = Duration::from_secs(1);

/// Most outputs of one batch: bounds how long readers of the views and new listeners wait.
const BATCH_MAX: usize = 4_096;

/// Everything the thread owns or shares.
pub(crate) struct Dispatcher {
    /// What the venue tells, durable.
    pub subscriber: Subscriber,
    /// Folded here, read by everybody.
    pub views: Arc<RwLock<Views>>,
    /// Writes to the database.
    pub projector: Projector,
    /// Who waits for replies.
    pub tickets: Arc<Tickets>,
    /// Who listens.
    pub hub: Hub,
}

/// A reply and who waits for it.
type Answer = (oneshot::Sender<Reply>, Reply);

impl Dispatcher {
    /// Runs until `is_over` says so and nothing is left to hear.
    pub(crate) fn run(mut self, is_over: impl Fn() -> bool) {
        let (mut batch, mut changes, mut answers) = (Vec::new(), Vec::new(), Vec::new());
        let mut next_ticker = Instant::now() + TICKER_EVERY;
        loop {
            self.hub.serve_listeners(&self.views.read());
            let over = is_over();
            self.subscriber.poll(|output| batch.push(*output));
            for part in batch.chunks(BATCH_MAX) {
                self.fold(part, &mut changes, &mut answers);
                part.iter().for_each(|output| self.projector.push(output));
                answers.drain(..).for_each(answer);
                self.hub.publish(&self.views.read(), &changes);
                changes.clear();
            }
            if next_ticker <= Instant::now() {
                self.hub.publish_tickers(&self.views.read());
                next_ticker += TICKER_EVERY;
            }
            if batch.is_empty() {
                if over {
                    return;
                }
                self.subscriber.wait(IDLE);
            }
            batch.clear();
        }
    }

    /// One write lock for the whole part. A reply is made the moment its last event is folded, so that it shows its
    /// orders as they were then, whatever follows in the same part.
    fn fold(&self, part: &[Output], changes: &mut Vec<Change>, answers: &mut Vec<Answer>) {
        let mut views = self.views.write();
        for output in part {
            views.fold(output, changes);
            if output.ticket.0 == 0 {
                continue;
            }
            if let Some((events, sender)) = self.tickets.collect(output.ticket, output.event, output.last) {
                let named = orders_of(&events).filter_map(|(account, order)| views.order(account, order));
                let orders = named.cloned().collect();
                answers.push((sender, Reply { seq: output.seq, events, orders }));
            }
        }
    }
}

/// Whoever does not wait any more has timed out or gone; the reply is in the views all the same.
fn answer((sender, reply): Answer) {
    let _ = sender.send(reply);
}
