//! Reading the outbox: every event, in order, once it may leave.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use papertape_journal::{Durability, DurableCursor};

use crate::output::Output;
use crate::ring::RingReader;
use crate::wake::{Sleeper, Waker, sleeper};

/// One reader of all events. It must keep reading: a full outbox stops the core. Dropping it is fine.
///
/// What [`Subscriber::poll`] shows is acknowledged under the venue's level. Whoever also serves somebody that asked for
/// less looks ahead: see [`Subscriber::poll_ahead`].
pub struct Subscriber {
    reader: RingReader<Output>,
    ahead: Option<RingReader<Output>>,
    gate: Gate,
    sleeper: Sleeper,
    looks_ahead: Arc<AtomicBool>,
    summons: Summons,
}

/// How a subscriber is woken.
#[derive(Clone)]
pub(crate) struct Listener {
    summons: Summons,
    looks_ahead: Arc<AtomicBool>,
}

/// Ends the rest of a subscriber: see [`Subscriber::rest`].
#[derive(Clone)]
pub struct Summons {
    waker: Waker,
    /// It rests: what is told does not wake it.
    rests: Arc<AtomicBool>,
}

/// Up to where events may leave.
#[derive(Clone)]
pub(crate) enum Gate {
    /// As far as the core has come.
    Open,
    /// As far as the journal is durable under its level.
    Durable(DurableCursor),
}

impl Gate {
    pub(crate) fn new(durability: Durability, durable: DurableCursor) -> Self {
        if durability == Durability::Memory { Gate::Open } else { Gate::Durable(durable) }
    }

    /// The highest seq whose events may leave now.
    pub(crate) fn seq(&self) -> u64 {
        match self {
            Gate::Open => u64::MAX,
            Gate::Durable(durable) => durable.get(),
        }
    }
}

impl Subscriber {
    /// A subscriber on one reader or two, and the way to wake it.
    pub(crate) fn new(reader: RingReader<Output>, ahead: Option<RingReader<Output>>, gate: Gate) -> (Self, Listener) {
        let (sleeper, waker) = sleeper();
        let looks_ahead = Arc::new(AtomicBool::new(false));
        let summons = Summons { waker, rests: Arc::default() };
        let listener = Listener { summons: summons.clone(), looks_ahead: Arc::clone(&looks_ahead) };
        (Self { reader, ahead, gate, sleeper, looks_ahead, summons }, listener)
    }

    /// Shows all events that may leave and were not shown before, and says how many. Does not wait.
    pub fn poll(&mut self, mut show: impl FnMut(&Output)) -> usize {
        let seq = self.gate.seq();
        let shown = self.reader.read(|output| {
            let may_leave = output.seq <= seq;
            if may_leave {
                show(output);
            }
            may_leave
        });
        // Whoever does not look ahead is not to hold the core back by that.
        if !self.looks_ahead.load(Ordering::Relaxed)
            && let Some(ahead) = &mut self.ahead
        {
            ahead.skip_to(&self.reader);
        }
        shown
    }

    /// Shows all events that the core has told and that this has not shown before: what is journalled (under `memory` not
    /// even that), and may be lost. Does not wait. Whoever looks ahead must call it as it calls [`Subscriber::poll`];
    /// while nobody does, it passes over what the other has shown.
    pub fn poll_ahead(&mut self, mut show: impl FnMut(&Output)) -> usize {
        let Some(ahead) = &mut self.ahead else { return 0 };
        ahead.read(|output| {
            show(output);
            true
        })
    }

    /// Shows all events that the core has told and that were not shown before, whether they may leave or not: for whoever
    /// holds each back by itself, until [`Subscriber::may_leave`] covers it. It then uses neither of the other two. Shows at
    /// most so many at once, and does not wait.
    pub fn poll_told(&mut self, most: usize, mut show: impl FnMut(&Output)) -> usize {
        let told = self.ahead.as_mut().unwrap_or(&mut self.reader);
        let mut left = most;
        let shown = told.read(|output| {
            let has_room = left > 0;
            if has_room {
                show(output);
                left -= 1;
            }
            has_room
        });
        if let Some(ahead) = &self.ahead {
            self.reader.skip_to(ahead);
        }
        shown
    }

    /// The highest seq whose events may leave now under the venue's level.
    pub fn may_leave(&self) -> u64 {
        self.gate.seq()
    }

    /// Whether [`Subscriber::poll_ahead`] has shown or passed over exactly what [`Subscriber::poll`] has shown.
    pub fn is_level(&self) -> bool {
        self.ahead.as_ref().is_none_or(|ahead| ahead.position() == self.reader.position())
    }

    /// Whether it looks ahead: then it is woken as soon as there is something. At first it does not.
    pub fn set_looks_ahead(&mut self, looks_ahead: bool) {
        self.looks_ahead.store(looks_ahead, Ordering::SeqCst);
    }

    /// Has `rouse` called, from another thread, when there is something to poll while this sleeps in
    /// [`Subscriber::sleep_by`].
    pub fn rouse_by(&self, rouse: Box<dyn Fn() + Send + Sync>) {
        self.sleeper.rouse_by(rouse);
    }

    /// Sleeps by a way of the caller's own, from which [`Subscriber::rouse_by`] wakes it, unless there is something to poll.
    pub fn sleep_by<T: Default>(&self, sleep: impl FnOnce() -> T) -> T {
        self.sleeper.sleep_by(|| self.is_ready(), sleep)
    }

    /// Sleeps by a future of the caller's own, from which [`Subscriber::rouse_by`] wakes it, unless there is something to
    /// poll.
    pub async fn sleep_on(&self, sleep: impl Future<Output = ()>) {
        self.sleeper.sleep_on(|| self.is_ready(), sleep).await;
    }

    /// Waits until there is something to poll, at most for `timeout`. May come back early.
    pub fn wait(&self, timeout: Duration) {
        self.sleeper.sleep(timeout, || self.is_ready());
    }

    /// What others call when they begin to wait for something that this is to hear.
    pub fn summons(&self) -> Summons {
        self.summons.clone()
    }

    /// Sleeps for this long whatever is told, and hears it all at once then: for times when nobody waits for it. Who begins
    /// to wait enters himself where `is_waited_for` looks, and then summons, which ends it at once; so does a full outbox.
    pub fn rest(&self, time: Duration, is_waited_for: impl Fn() -> bool) {
        let rests = &self.summons.rests;
        rests.store(true, Ordering::SeqCst);
        if !is_waited_for() {
            self.sleeper.sleep(time, || !rests.load(Ordering::SeqCst));
        }
        rests.store(false, Ordering::SeqCst);
    }

    /// The same by a future of the caller's own, from which [`Subscriber::rouse_by`] wakes it.
    pub async fn rest_on(&self, sleep: impl Future<Output = ()>, is_waited_for: impl Fn() -> bool) {
        let rests = &self.summons.rests;
        rests.store(true, Ordering::SeqCst);
        if !is_waited_for() {
            self.sleeper.sleep_on(|| !rests.load(Ordering::SeqCst), sleep).await;
        }
        rests.store(false, Ordering::SeqCst);
    }

    fn is_ready(&self) -> bool {
        let looks_ahead = self.looks_ahead.load(Ordering::Relaxed);
        let told = || self.ahead.as_ref().is_some_and(|ahead| ahead.peek().is_some());
        self.reader.peek().is_some_and(|output| output.seq <= self.gate.seq()) || looks_ahead && told()
    }
}

impl Listener {
    /// Wakes the subscriber, if what was told may leave or it looks ahead, unless it rests. Between what made it so and this
    /// there must be a full fence.
    #[inline]
    pub(crate) fn tell(&self, may_leave: bool) {
        let is_heard = may_leave || self.looks_ahead.load(Ordering::Relaxed);
        if is_heard && !self.summons.rests.load(Ordering::Relaxed) {
            self.summons.waker.wake();
        }
    }

    /// Wakes it even if it rests: the outbox is full.
    pub(crate) fn press(&self) {
        self.summons.rouse();
    }
}

impl Summons {
    /// Ends the rest, if there is one. Costs nothing else.
    #[inline]
    pub fn call(&self) {
        if self.rests.load(Ordering::SeqCst) {
            self.end();
        }
    }

    /// Ends a sleep as well, so that it begins to look. Costs a fence and a load where it is awake.
    #[inline]
    pub fn rouse(&self) {
        self.call();
        self.waker.wake();
    }

    #[cold]
    fn end(&self) {
        self.rests.store(false, Ordering::SeqCst);
        self.waker.wake();
    }
}
