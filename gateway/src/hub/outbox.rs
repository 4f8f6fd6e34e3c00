//! What waits to be written to one connection: shared, encoded frames in a queue with a limit.
//!
//! What is public can be merged: of a reader that does not keep up the updates of a topic become one, the newest
//! ([`Outbox::CONFLATE_ABOVE`]). What is private, and answers, are not lost and not merged: where they do not fit
//! ([`Outbox::BYTES_MAX`]), the connection ends.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::Bytes;
use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use tokio::net::TcpStream;

use super::conflate;
use super::encoding::Encoding;
use super::topic::Topic;
use super::update::Update;

/// Slices that are handed to the system at once.
const SLICES_MAX: usize = 64;

/// Whole WebSocket frames.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frames {
    /// One after another.
    pub bytes: Bytes,
    /// How many.
    pub count: u64,
}

/// Updates of one topic that go out together, and their frames.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// The updates, oldest first.
    pub updates: Arc<[Arc<Update>]>,
    /// How they are encoded.
    pub encoding: Encoding,
    /// The same as bytes, shared by everybody who gets them.
    pub frames: Frames,
}

/// The queue of one connection. The fan-out pushes, the connection's own task takes; both write.
#[derive(Default)]
pub(crate) struct Outbox {
    /// None in tests of the queue alone.
    stream: Option<Arc<TcpStream>>,
    state: Mutex<State>,
    is_changed: AtomicBool,
    task: AtomicWaker,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Item>,
    /// Of the first item, bytes that are written already.
    written: usize,
    /// All that is still to be written.
    bytes: usize,
    /// Of that, what is not the beginning of a subscription.
    counted: usize,
    /// Bytes above which public updates are merged again.
    conflate_above: usize,
    /// Subscriptions that were asked for and have not begun yet.
    joining: usize,
    /// The socket took no more the last time.
    is_blocked: bool,
    /// Updates were queued since the last write.
    is_touched: bool,
    ending: Option<Ending>,
}

#[derive(Debug)]
pub(super) enum Item {
    /// Answers, and frames of the WebSocket's own.
    Frames(Frames),
    /// The first or last messages of a topic: what comes before and after it is not merged.
    Border(Topic, Frames),
    /// Updates.
    Told(Told),
}

impl Item {
    fn frames(&self) -> &Frames {
        match self {
            Item::Frames(frames) | Item::Border(_, frames) | Item::Told(Told { frames, .. }) => frames,
        }
    }

    fn len(&self) -> usize {
        self.frames().bytes.len()
    }
}

/// Why a connection is ended from our side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    /// The reader does not keep up: 1013, "try again later".
    TooSlow,
    /// The venue is stopping: 1001, "going away".
    GoingAway,
    /// Nothing was heard for too long: 1001.
    Silent,
    /// The symbol of `/ws/{ticker}` is not listed: 4404.
    UnknownTicker,
    /// The session that it was opened under has ended: 4401.
    Revoked,
}

/// An end, and the words that go with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Ending {
    /// Why.
    pub end: End,
    /// In words, at most 123 bytes.
    pub reason: String,
}

impl End {
    /// The close code (RFC 6455, 7.4).
    pub(crate) const fn code(self) -> u16 {
        match self {
            End::TooSlow => 1013,
            End::GoingAway | End::Silent => 1001,
            End::UnknownTicker => 4404,
            End::Revoked => 4401,
        }
    }

    /// The words that go with it.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            End::TooSlow => "too slow",
            End::GoingAway => "the venue is stopping",
            End::Silent => "no pong in time",
            End::UnknownTicker => "unknown ticker",
            End::Revoked => "the session has ended: log in again",
        }
    }
}

impl From<End> for Ending {
    fn from(end: End) -> Self {
        Self { end, reason: end.reason().to_owned() }
    }
}

/// What came of queueing updates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Telling {
    /// How many messages were merged for want of room.
    pub(super) merged: u64,
    /// Whether it is the first since the last write.
    pub(super) is_first: bool,
}

/// How far a write came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Wrote {
    /// Nothing waits any more. So many frames went out.
    All(u64),
    /// The socket takes no more now.
    Blocked(u64),
}

impl Outbox {
    /// Most bytes that wait for one connection, beside the beginnings of subscriptions.
    pub(crate) const BYTES_MAX: usize = 1 << 20;

    /// Bytes above which public updates that wait are merged.
    pub(crate) const CONFLATE_ABOVE: usize = 64 << 10;

    /// Bytes above which nothing more is read from a client that does not take its answers.
    pub(crate) const UNREAD_ABOVE: usize = 64 << 10;

    /// Subscriptions of a connection that may be on their way to the hub: the snapshots of more would be too much.
    pub(crate) const JOINING_MAX: usize = 4;

    /// A queue in front of this socket.
    pub(crate) fn new(stream: Arc<TcpStream>) -> Self {
        Self { stream: Some(stream), ..Self::default() }
    }

    /// Queues an answer, or a frame of the WebSocket's own.
    pub(crate) fn push(&self, frames: Frames) {
        self.queue(Item::Frames(frames));
        self.call();
    }

    /// A subscription is on its way to the hub.
    pub(crate) fn expect_join(&self) {
        self.state.lock().joining += 1;
    }

    /// Queues the beginning of a subscription.
    pub(super) fn join(&self, topic: Topic, frames: Frames) {
        let mut state = self.state.lock();
        state.joining = state.joining.saturating_sub(1);
        drop(state);
        self.queue(Item::Border(topic, frames));
        self.call();
    }

    /// Queues the end of a subscription.
    pub(super) fn leave(&self, topic: Topic, frames: Frames) {
        self.queue(Item::Border(topic, frames));
        self.call();
    }

    /// Queues updates. The connection's task is not woken: who tells writes, with [`Outbox::write_unless_blocked`].
    pub(super) fn tell(&self, told: Told) -> Telling {
        let merged = self.queue(Item::Told(told));
        let is_first = !std::mem::replace(&mut self.state.lock().is_touched, true);
        Telling { merged, is_first }
    }

    fn queue(&self, item: Item) -> u64 {
        let mut state = self.state.lock();
        if state.ending.is_some() {
            return 0;
        }
        let len = item.len();
        state.bytes += len;
        state.counted += if matches!(item, Item::Border(..)) { 0 } else { len };
        state.waiting.push_back(item);
        let mut merged = 0;
        if state.counted > state.conflate_above.max(Self::CONFLATE_ABOVE) {
            merged = state.conflate();
        }
        if state.counted > Self::BYTES_MAX {
            state.end_too_slow();
        }
        merged
    }

    /// Ends the connection; what still waits is not written. The first reason stays.
    pub(crate) fn end(&self, end: End) {
        let mut state = self.state.lock();
        if state.ending.is_none() {
            state.end(end.into());
        }
        drop(state);
        self.call();
    }

    /// Queues the last frame of a connection that ends: only what is half written already goes before it.
    pub(crate) fn push_last(&self, frames: Frames) {
        let mut state = self.state.lock();
        state.bytes += frames.bytes.len();
        state.waiting.push_back(Item::Frames(frames));
    }

    /// Why the connection ends, if it does.
    pub(crate) fn ending(&self) -> Option<Ending> {
        self.state.lock().ending.clone()
    }

    /// Whether the client takes its answers, so that more may be read from it.
    pub(crate) fn may_read(&self) -> bool {
        let state = self.state.lock();
        state.bytes <= Self::UNREAD_ABOVE && state.joining < Self::JOINING_MAX
    }

    /// Writes what waits to the socket, as much as it takes.
    pub(crate) fn write(&self) -> io::Result<Wrote> {
        let Some(stream) = &self.stream else { return Ok(Wrote::All(0)) };
        self.state.lock().write(|slices| stream.try_write_vectored(slices))
    }

    /// The same, unless the socket took no more the last time: then its task waits for it. Wakes the task if anything is
    /// left, or the connection is over.
    pub(super) fn write_unless_blocked(&self) -> u64 {
        let Some(stream) = &self.stream else { return 0 };
        let mut state = self.state.lock();
        state.is_touched = false;
        if state.is_blocked && state.ending.is_none() {
            return 0;
        }
        let wrote = match state.ending {
            None => state.write(|slices| stream.try_write_vectored(slices)),
            Some(_) => Ok(Wrote::Blocked(0)),
        };
        drop(state);
        match wrote {
            Ok(Wrote::All(frames)) => frames,
            Ok(Wrote::Blocked(frames)) => {
                self.call();
                frames
            }
            Err(_) => {
                self.call();
                0
            }
        }
    }

    /// Ready if something was pushed or the connection was ended since the last time. For one task only.
    pub(crate) fn poll_changed(&self, context: &Context<'_>) -> Poll<()> {
        self.task.register(context.waker());
        if self.is_changed.swap(false, Ordering::AcqRel) { Poll::Ready(()) } else { Poll::Pending }
    }

    fn call(&self) {
        self.is_changed.store(true, Ordering::Release);
        self.task.wake();
    }
}

impl State {
    /// Merges the public updates that wait.
    fn conflate(&mut self) -> u64 {
        let begun = usize::from(self.written > 0);
        let before = self.waiting.len();
        let (waiting, merged) = conflate::conflate(std::mem::take(&mut self.waiting), begun);
        self.waiting = waiting;
        debug_assert!(self.waiting.len() <= before);
        let sum = |counts: fn(&Item) -> bool| -> usize {
            self.waiting.iter().filter(|item| counts(item)).map(Item::len).sum()
        };
        let counted = sum(|item| !matches!(item, Item::Border(..)));
        self.bytes = sum(|_| true) - self.written;
        self.counted = counted;
        self.conflate_above = counted.saturating_mul(2);
        merged
    }

    fn write(&mut self, mut write: impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>) -> io::Result<Wrote> {
        let mut frames = 0;
        while !self.waiting.is_empty() {
            let wrote = {
                let mut slices = [IoSlice::new(&[]); SLICES_MAX];
                let mut used = 0;
                for (slice, item) in slices.iter_mut().zip(&self.waiting) {
                    let skip = if used == 0 { self.written } else { 0 };
                    *slice = IoSlice::new(item.frames().bytes.get(skip..).unwrap_or_default());
                    used += 1;
                }
                write(slices.get(..used).unwrap_or_default())
            };
            match wrote {
                Ok(bytes) => frames += self.advance(bytes),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.is_blocked = true;
                    return Ok(Wrote::Blocked(frames));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.is_blocked = false;
        self.conflate_above = 0;
        self.waiting = VecDeque::new();
        Ok(Wrote::All(frames))
    }

    /// Forgets what was written; gives how many frames are out whole.
    fn advance(&mut self, bytes: usize) -> u64 {
        self.bytes = self.bytes.saturating_sub(bytes);
        self.written += bytes;
        let mut frames = 0;
        while let Some(first) = self.waiting.front()
            && first.len() <= self.written
        {
            let len = first.len();
            // Of a connection that ends nothing is counted any more.
            self.counted = self.counted.saturating_sub(if matches!(first, Item::Border(..)) { 0 } else { len });
            self.written -= len;
            frames += first.frames().count;
            self.waiting.pop_front();
        }
        frames
    }

    /// The reader is too slow for what may not be lost: it is told which private messages it has.
    fn end_too_slow(&mut self) {
        let mut reason = End::TooSlow.reason().to_owned();
        let mut known = Vec::new();
        for item in &self.waiting {
            if let Item::Told(told) = item
                && let Some(update) = told.updates.first()
                && update.topic.instrument().is_none()
                && !known.contains(&update.topic)
            {
                known.push(update.topic);
                reason.push_str(&format!("; {} {}", update.topic.channel(), update.n - 1));
            }
        }
        self.end(Ending { end: End::TooSlow, reason });
    }

    /// What is half written stays, so that a last frame can follow it.
    fn end(&mut self, ending: Ending) {
        self.ending = Some(ending);
        self.waiting.truncate(usize::from(self.written > 0));
        self.bytes = self.waiting.iter().map(Item::len).sum::<usize>() - self.written;
        self.counted = 0;
    }
}

#[cfg(test)]
mod tests {
    use papertape_engine::{AccountId, OrderId};
    use papertape_platform::OrderStatus;

    use super::super::numbers::Mark;
    use super::super::update::Body;
    use super::*;

    fn frames(len: usize) -> Frames {
        Frames { bytes: vec![0; len].into(), count: 1 }
    }

    fn private(n: u64, len: usize) -> Told {
        let body = Body::TradeEvent(OrderId(1), OrderStatus::New);
        let update = Update {
            topic: Topic::Orders(AccountId(1)),
            epoch: 7,
            n,
            conflated: 0,
            mark: Mark::default(),
            market: None,
            body,
        };
        Told { updates: Arc::from([Arc::new(update)]), encoding: Encoding::Json, frames: frames(len) }
    }

    #[test]
    fn everything_waiting_is_written_at_once_and_in_order_and_goes_on_where_it_stopped() {
        let outbox = Outbox::default();
        (1..=3).for_each(|len| outbox.push(frames(len)));
        let mut state = outbox.state.lock();
        let mut room = [4, 0].into_iter();
        let wrote = state.write(|slices| {
            assert!(slices.iter().map(|slice| slice.len()).sum::<usize>() >= 2);
            room.next().filter(|room| *room > 0).ok_or_else(|| io::ErrorKind::WouldBlock.into())
        });
        assert_eq!((wrote.unwrap(), state.bytes), (Wrote::Blocked(2), 2));
        let wrote = state.write(|slices| {
            assert_eq!(slices.iter().map(|slice| slice.len()).collect::<Vec<_>>(), [2]);
            Ok(2)
        });
        assert_eq!((wrote.unwrap(), state.bytes, state.counted), (Wrote::All(1), 0, 0));
    }

    #[test]
    fn a_reader_that_lags_a_mebibyte_of_its_own_is_ended_with_the_last_number_it_has() {
        let outbox = Outbox::default();
        for n in 8..10 {
            outbox.tell(private(n, Outbox::BYTES_MAX / 2));
        }
        assert_eq!(outbox.ending(), None);
        outbox.tell(private(10, 1));
        let ending = outbox.ending().unwrap();
        assert_eq!((ending.end, ending.reason.as_str()), (End::TooSlow, "too slow; orders 7"));
        outbox.end(End::GoingAway);
        assert_eq!(outbox.ending().unwrap().end, End::TooSlow);
    }

    #[test]
    fn what_is_half_written_goes_before_the_last_frame_and_nothing_else_does() {
        let outbox = Outbox::default();
        (0..3).for_each(|_| outbox.push(frames(10)));
        let mut room = [4_usize, 0].into_iter();
        let wrote = outbox
            .state
            .lock()
            .write(|_| room.next().filter(|room| *room > 0).ok_or_else(|| io::ErrorKind::WouldBlock.into()));
        assert_eq!(wrote.unwrap(), Wrote::Blocked(0));
        outbox.end(End::GoingAway);
        outbox.push(frames(50));
        outbox.push_last(frames(3));
        let wrote = outbox.state.lock().write(|slices| Ok(slices.iter().map(|slice| slice.len()).sum()));
        assert_eq!(wrote.unwrap(), Wrote::All(2));
        assert_eq!(outbox.state.lock().bytes, 0);
    }

    #[test]
    fn snapshots_are_beside_the_limit_but_stop_the_reading() {
        let outbox = Outbox::default();
        outbox.expect_join();
        outbox.join(Topic::Orders(AccountId(1)), frames(2 * Outbox::BYTES_MAX));
        assert_eq!((outbox.ending(), outbox.may_read()), (None, false));
        (0..Outbox::JOINING_MAX).for_each(|_| Outbox::default().expect_join());
        let other = Outbox::default();
        (0..Outbox::JOINING_MAX).for_each(|_| other.expect_join());
        assert!(!other.may_read());
    }
}
