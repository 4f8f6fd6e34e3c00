//! What a connection waits for that comes seldom: it is asked when it has called, and not at each turn.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use crate::app::{App, Course};

/// Between two pings.
const PING_EVERY: Duration = Duration::from_secs(20);

/// What has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rare {
    /// It is time for a ping.
    Ping,
    /// The venue is as far as was waited for.
    Course,
}

/// Waits for it.
pub(super) struct Seldom {
    bell: Arc<Bell>,
    ping: Interval,
    course: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Seldom {
    /// For the next ping, and for the venue's drain.
    pub(super) fn new(app: &App) -> Self {
        let mut ping = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { bell: Arc::default(), ping, course: Box::pin(reached(app.stopping.clone(), Course::Drains)) }
    }

    /// Waits for the venue to be so far.
    pub(super) fn wait_for(&mut self, app: &App, course: Course) {
        self.course = Box::pin(reached(app.stopping.clone(), course));
        self.bell.is_silent.store(false, Ordering::Release);
    }

    /// What has come, if anything has. After [`Rare::Course`] another course is waited for before this is asked again.
    pub(super) fn poll(&mut self, context: &Context<'_>) -> Poll<Rare> {
        self.bell.task.register(context.waker());
        if self.bell.is_silent.swap(true, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let waker = Waker::from(Arc::clone(&self.bell));
        let mut inner = Context::from_waker(&waker);
        let come = match self.ping.poll_tick(&mut inner) {
            Poll::Ready(_) => Poll::Ready(Rare::Ping),
            Poll::Pending => self.course.as_mut().poll(&mut inner).map(|()| Rare::Course),
        };
        if come.is_ready() {
            // Whoever has come is asked again, and so are those after it.
            self.bell.is_silent.store(false, Ordering::Release);
        }
        come
    }
}

/// Wakes the task, and remembers it. It has rung to begin with: nobody knows so far that somebody waits.
#[derive(Default)]
struct Bell {
    is_silent: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.is_silent.store(false, Ordering::Release);
        self.task.wake();
    }
}

/// Completes when the venue is so far. The sender is as old as the application: if it is gone, so is the venue.
async fn reached(mut stopping: watch::Receiver<Course>, course: Course) {
    let _ = stopping.wait_for(|now| *now >= course).await;
}
