//! Fan-out: each change is encoded once and shared by everybody who listens.
//!
//! The hub belongs to the dispatcher thread and has no locks; connections reach it through a bounded queue of
//! [`Request`]s and are reached through their [`Outbox`]es.
//!
//! - [`topic`]: what can be listened to. [`topics`], [`kept`]: its numbers, listeners and last updates.
//! - [`batch`], [`bars`], [`positions`]: what changed, as one update a topic. [`update`], [`by_order`], [`checksum`]: what an
//!   update says.
//! - [`json`]: its bytes.

mod bars;
mod batch;
mod by_order;
mod checksum;
mod json;
mod kept;
mod outbox;
mod positions;
mod topic;
mod topics;
mod update;

use std::sync::Arc;
use std::time::Instant;

use axum::extract::ws::Utf8Bytes;
use papertape_platform::{Change, Views};
use tokio::sync::mpsc;

use crate::metrics::Metrics;
use crate::translate::time;
use crate::ws::protocol::Answer;
use batch::Batch;
use json::Position;
pub(crate) use outbox::{End, Frames, Outbox};
pub(crate) use topic::{ConnectionId, Resume, Topic};
use topics::Topics;
use update::{Body, Update};

/// What a connection asks of the hub.
pub(crate) enum Request {
    /// Begin to listen: the confirmation, then what was missed or a snapshot, then every change after it.
    Listen {
        /// Who.
        connection: ConnectionId,
        /// Where to.
        outbox: Arc<Outbox>,
        /// What to.
        topic: Topic,
        /// From where on, if it was heard before.
        resume: Option<Resume>,
        /// Goes out first, with the numbering.
        confirmation: Option<Box<Answer>>,
    },
    /// Stop listening: after the confirmation nothing of the topic follows.
    Leave {
        /// Who.
        connection: ConnectionId,
        /// Where to.
        outbox: Arc<Outbox>,
        /// What to.
        topic: Topic,
        /// Goes out after the last message.
        confirmation: Utf8Bytes,
    },
    /// The connection is gone.
    Forget(ConnectionId),
}

/// Most requests that wait for the dispatcher; connections wait when it is full.
const REQUESTS_MAX: usize = 1_024;

/// Most requests that are served between two batches: new listeners must not hold back those who listen.
const SERVED_MAX: usize = 64;

/// Levels of a side in a book's snapshot.
pub(crate) const BOOK_LEVELS: usize = 1_000;

/// Orders of a side in a snapshot of the book by order.
pub(crate) const BOOK_ORDERS: usize = 5_000;

/// Trades in a tape's snapshot.
pub(crate) const TAPE_ROWS: usize = 100;

/// The listeners and their topics.
pub(crate) struct Hub {
    requests: mpsc::Receiver<Request>,
    topics: Topics,
    metrics: Arc<Metrics>,
}

impl Hub {
    /// A hub, and how connections reach it. Its numbering is named by the moment: microseconds since 1970, which JSON's
    /// numbers hold exactly.
    pub(crate) fn new(metrics: Arc<Metrics>) -> (Self, mpsc::Sender<Request>) {
        let (sender, requests) = mpsc::channel(REQUESTS_MAX);
        (Self { requests, topics: Topics::new(time::now_ns() / 1_000), metrics }, sender)
    }

    /// Serves those who begin or stop to listen. The views are those after the last published batch.
    pub(crate) fn serve_listeners(&mut self, views: &Views) {
        for _ in 0..SERVED_MAX {
            match self.requests.try_recv() {
                Ok(Request::Listen { connection, outbox, topic, resume, confirmation }) => {
                    self.listen(views, (connection, outbox), topic, resume, confirmation);
                }
                Ok(Request::Leave { connection, outbox, topic, confirmation }) => {
                    self.topics.leave(topic, connection);
                    outbox.push(Arc::from([confirmation]));
                }
                Ok(Request::Forget(connection)) => self.topics.forget(connection),
                Err(_) => return,
            }
        }
    }

    fn listen(
        &mut self,
        views: &Views,
        (connection, outbox): (ConnectionId, Arc<Outbox>),
        topic: Topic,
        resume: Option<Resume>,
        confirmation: Option<Box<Answer>>,
    ) {
        let begun = self.topics.listen(topic, connection, Arc::clone(&outbox), resume);
        bars::begin(views, &mut self.topics, topic, time::now_ns());
        positions::begin(views, &mut self.topics, topic);
        let (epoch, n) = (self.topics.epoch(), begun.n);
        let confirmation =
            confirmation.map(|answer| numbered(*answer, topic, begun.missed.is_some(), Position { epoch, n }));
        let first: Vec<_> = match &begun.missed {
            Some(missed) => {
                self.metrics.feed.resumed.add(1);
                missed.iter().filter_map(|update| json::update(views, update)).collect()
            }
            None => {
                self.metrics.feed.snapshots.add(1);
                json::snapshot(views, topic, Position { epoch, n }).into_iter().collect()
            }
        };
        outbox.push(confirmation.into_iter().chain(first).collect());
    }

    /// Publishes the changes of one batch: for each topic that is kept, one update with all of them; of own orders one
    /// each.
    pub(crate) fn publish(&mut self, views: &Views, changes: impl Iterator<Item = Change>) {
        let mut batch = Batch::default();
        changes.for_each(|change| batch.add(&self.topics, change));
        batch.say(views, &mut self.topics);
        self.send(views);
    }

    /// Publishes what is told each second, and forgets topics that nobody has heard for long.
    pub(crate) fn publish_each_second(&mut self, views: &Views) {
        let now = time::now_ns();
        for (instrument, _) in views.instruments() {
            for topic in [Topic::Ticker(instrument), Topic::Tile(instrument)] {
                if self.topics.is_kept(topic) {
                    self.topics.say(topic, Body::Ticker(views.ticker(instrument, now), now));
                }
            }
        }
        bars::say_over(views, &mut self.topics, now);
        positions::say_marks(views, &mut self.topics);
        self.send(views);
        self.topics.expire(Instant::now());
    }

    /// Encodes what was said, and gives the messages of each topic to its listeners at once.
    fn send(&mut self, views: &Views) {
        let said = self.topics.take_said();
        for of_topic in said.chunk_by(|one, next| one.topic == next.topic) {
            let frames: Frames = of_topic.iter().filter_map(|update| json::update(views, update)).collect();
            if let Some(Update { topic, .. }) = of_topic.first().map(|update| &**update) {
                self.topics.publish(*topic, &frames);
            }
        }
    }
}

/// The confirmation of a subscription, with where its numbering stands and whether it goes on where it was.
fn numbered(answer: Answer, topic: Topic, resumed: bool, at: Position) -> Utf8Bytes {
    let numbered = topic.is_numbered();
    let [epoch, n] = [at.epoch, at.n].map(|number| Some(number).filter(|_| numbered));
    Answer { epoch, n, resumed: Some(resumed).filter(|_| numbered), ..answer }.encode()
}
