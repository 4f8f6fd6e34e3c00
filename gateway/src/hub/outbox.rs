//! What waits to be written to one connection: shared, pre-encoded frames in a queue with a limit.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// Messages that go out together, encoded once and shared by everybody who gets them.
pub(crate) type Frames = Arc<[Utf8Bytes]>;

/// The queue of one connection. The hub pushes, the connection's own task takes everything at once.
///
/// Limit: [`Outbox::BYTES_MAX`] bytes. When a push would exceed it, the queue is emptied and the connection ends with
/// [`End::TooSlow`]: a reader that lags so far is better served by a fresh snapshot.
#[derive(Default)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Frames>,
    bytes: usize,
    end: Option<End>,
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
            End::TooSlow => "too slow: subscribe again for a fresh snapshot",
            End::GoingAway => "the venue is stopping",
            End::Silent => "no pong in time",
            End::UnknownTicker => "unknown ticker",
            End::Revoked => "the session has ended: log in again",
        }
    }
}

impl Outbox {
    /// Most bytes that wait for one connection.
    pub(crate) const BYTES_MAX: usize = 1 << 20;

    /// Queues `frames` behind what waits. `false` if the connection is ending: it takes no more.
    pub(crate) fn push(&self, frames: Frames) -> bool {
        let bytes: usize = frames.iter().map(|frame| frame.as_str().len()).sum();
        let mut state = self.state.lock();
        if state.end.is_some() {
            return false;
        }
        state.bytes += bytes;
        if state.bytes > Self::BYTES_MAX {
            state.end(End::TooSlow);
        } else {
            state.waiting.push_back(frames);
        }
        let open = state.end.is_none();
        drop(state);
        self.changed.notify_one();
        open
    }

    /// Ends the connection; what still waits is not written. The first reason stays.
    pub(crate) fn end(&self, end: End) {
        let mut state = self.state.lock();
        if state.end.is_none() {
            state.end(end);
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Takes everything that waits, without waiting.
    pub(crate) fn take(&self) -> Result<VecDeque<Frames>, End> {
        let mut state = self.state.lock();
        state.bytes = 0;
        state.end.map_or_else(|| Ok(std::mem::take(&mut state.waiting)), Err)
    }

    /// Returns when something was pushed or the connection was ended since the last time. For one task only.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Returns when the connection was ended.
    pub(crate) async fn ended(&self) -> End {
        loop {
            if let Some(end) = self.state.lock().end {
                return end;
            }
            self.changed.notified().await;
        }
    }
}

impl State {
    fn end(&mut self, end: End) {
        self.end = Some(end);
        self.waiting.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(len: usize) -> Frames {
        Arc::from([Utf8Bytes::from("x".repeat(len))])
    }

    #[test]
    fn everything_waiting_is_taken_at_once_and_in_order() {
        let outbox = Outbox::default();
        assert!(outbox.push(frames(1)) && outbox.push(frames(2)));
        let lengths: Vec<_> = outbox.take().unwrap().iter().map(|frames| frames[0].len()).collect();
        assert_eq!(lengths, [1, 2]);
        assert!(outbox.take().unwrap().is_empty());
    }

    #[test]
    fn a_reader_that_lags_a_mebibyte_is_ended() {
        let outbox = Outbox::default();
        assert!(outbox.push(frames(Outbox::BYTES_MAX)));
        assert!(!outbox.push(frames(1)));
        assert_eq!(outbox.take(), Err(End::TooSlow));
        assert!(!outbox.push(frames(1)));
        outbox.end(End::GoingAway);
        assert_eq!(outbox.take(), Err(End::TooSlow));
    }
}
