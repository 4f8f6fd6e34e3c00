//! Commands of one session that are with the venue. They are answered out of one queue: whoever sends fifty thousand a
//! second has no task, no timer and no channel for each of them.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use papertape_engine::Command;
use papertape_pipeline::Ticket;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::answers::{of_order, refused};
use super::protocol::{Answer, Ask};
use crate::app::App;
use crate::errors::Failure;
use crate::hub::Frames;
use crate::venue::level::{Asker, Level};
use crate::venue::orders;
use crate::venue::replies::{Outcome, Replies};
use crate::venue::{Desk, tickets::Reply};

/// How often it looks for commands that have waited too long.
const LOOKS_EVERY: Duration = Duration::from_secs(1);

/// An answer that is made somewhere else.
pub(super) type Later = Pin<Box<dyn Future<Output = Frames> + Send>>;

/// What became of a command.
pub(super) enum Answered {
    /// The message.
    Now(Frames),
    /// It is about an order that only the database has.
    Later(Later),
}

/// Those that wait, oldest first.
pub(super) struct Entered {
    replies: Arc<Replies>,
    waiting: VecDeque<Waiting>,
    come: Vec<(Ticket, Outcome)>,
    look: Interval,
}

struct Waiting {
    ticket: Ticket,
    /// As the client has named it.
    op: String,
    id: Option<String>,
    level: Level,
    begun: Instant,
}

impl Entered {
    /// None so far.
    pub(super) fn new() -> Self {
        let mut look = interval(LOOKS_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { replies: Arc::default(), waiting: VecDeque::new(), come: Vec::new(), look }
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Hands a command in. One that is not taken leaves what was asked as it is.
    pub(super) fn enter(&mut self, app: &App, asker: Asker, command: Command, ask: &mut Ask) -> Result<(), Failure> {
        let ticket = app.desk.enter_for(asker, command, &self.replies)?;
        let (op, id) = (std::mem::take(&mut ask.op), ask.id.take());
        self.waiting.push_back(Waiting { ticket, op, id, level: asker.level, begun: Instant::now() });
        Ok(())
    }

    /// Ready if something was answered. For one task only, inside of a runtime.
    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
        app: &Arc<App>,
        mut tell: impl FnMut(Answered),
    ) -> Poll<()> {
        let mut is_ready = Poll::Pending;
        while self.replies.poll_take(context, &mut self.come).is_ready() {
            let mut come = std::mem::take(&mut self.come);
            for (ticket, outcome) in come.drain(..) {
                if let Some(waiting) = self.take(ticket) {
                    tell(waiting.answered(app, outcome));
                    is_ready = Poll::Ready(());
                }
            }
            self.come = come;
        }
        while !self.waiting.is_empty() && self.look.poll_tick(context).is_ready() {
            while let Some(waiting) = self.take_overdue() {
                app.desk.forget(waiting.ticket, &self.replies);
                tell(waiting.answered(app, Outcome::Unknown));
                is_ready = Poll::Ready(());
            }
        }
        is_ready
    }

    /// The one with this ticket: mostly the oldest.
    fn take(&mut self, ticket: Ticket) -> Option<Waiting> {
        let at = self.waiting.iter().position(|waiting| waiting.ticket == ticket)?;
        self.waiting.remove(at)
    }

    fn take_overdue(&mut self) -> Option<Waiting> {
        self.waiting.pop_front_if(|oldest| oldest.begun.elapsed() >= Desk::PATIENCE)
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.replies.close();
    }
}

impl Waiting {
    fn answered(self, app: &Arc<App>, outcome: Outcome) -> Answered {
        match app.desk.settled(outcome, self.begun) {
            Ok(reply) if orders::is_elsewhere(&reply) => Answered::Later(self.later(Arc::clone(app), reply)),
            Ok(reply) => Answered::Now(self.frame(app, orders::one(app, &reply))),
            Err(failure) => Answered::Now(self.frame(app, Err(failure))),
        }
    }

    fn later(self, app: Arc<App>, reply: Reply) -> Later {
        Box::pin(async move {
            let done = orders::looked_up(&app, reply).await;
            self.frame(&app, done)
        })
    }

    fn frame(self, app: &App, done: Result<orders::Done, Failure>) -> Frames {
        let (op, id) = (Some(self.op), self.id);
        let answer = match done {
            Ok(done) => Answer { op, id, ..of_order(self.level, done) },
            Err(failure) => refused(app, Answer { op, id, ..Answer::default() }, &failure),
        };
        answer.frame()
    }
}
