//! Answers for sessions that do not wait for the disk: the read models once more, as they are ahead of what is durable,
//! for as long as somebody asks for them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use papertape_pipeline::{Output, Subscriber};
use papertape_platform::Views;
use parking_lot::RwLock;

use super::dispatcher::{Answer, answered};
use super::tickets::{Pass, Tickets};

/// How long they are kept after somebody asked for the last time: to begin anew costs a copy of all.
const KEPT: Duration = Duration::from_secs(300);

/// Most outputs that are folded at once: bounds how long whoever reads waits.
const PART_MAX: usize = 4_096;

/// The read models ahead of the others; none while nobody asks.
pub(crate) type ViewsAhead = Arc<RwLock<Option<Views>>>;

/// Folds them.
pub(super) struct Ahead {
    views: ViewsAhead,
    wanted_until: Option<Instant>,
    batch: Vec<Output>,
}

impl Ahead {
    pub(super) fn new(views: ViewsAhead) -> Self {
        Self { views, wanted_until: None, batch: Vec::new() }
    }

    /// Whether answers come from here.
    pub(super) fn is_running(&self) -> bool {
        self.wanted_until.is_some()
    }

    /// Begins, goes on or ends, as it is wanted. They begin as a copy of the others, and so only while both have seen the
    /// same; they end then too, so that no command's events are half here and half there.
    pub(super) fn proceed(
        &mut self,
        now: Instant,
        (subscriber, tickets, settled): (&mut Subscriber, &Tickets, &RwLock<Views>),
        answers: &mut Vec<Answer>,
    ) {
        if tickets.take_ahead_wanted() {
            if !self.is_running() && subscriber.is_level() {
                *self.views.write() = Some(settled.read().clone());
                subscriber.set_looks_ahead(true);
                self.wanted_until = Some(now + KEPT);
            }
            self.wanted_until = self.wanted_until.map(|_| now + KEPT);
        }
        if self.is_running() {
            self.fold(subscriber, tickets, answers);
        }
        if self.wanted_until.is_some_and(|until| until < now) && subscriber.is_level() {
            subscriber.set_looks_ahead(false);
            *self.views.write() = None;
            self.wanted_until = None;
        }
    }

    fn fold(&mut self, subscriber: &mut Subscriber, tickets: &Tickets, answers: &mut Vec<Answer>) {
        subscriber.poll_ahead(|output| self.batch.push(*output));
        let mut changes = Vec::new();
        for part in self.batch.chunks(PART_MAX) {
            let mut views = self.views.write();
            let Some(views) = views.as_mut() else { break };
            for output in part {
                views.fold(output, &mut changes);
                // Others are told of these when they are durable.
                changes.clear();
                answers.extend(answered(views, tickets, output, Pass::Ahead));
            }
        }
        self.batch.clear();
    }
}
