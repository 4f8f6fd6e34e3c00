//! What is told to whom: each change is encoded once an encoding and shared by everybody who listens.
//!
//! The hub belongs to the dispatcher and has no locks; connections reach it through a bounded queue of
//! [`Request`]s. What it has to say goes to the thread that writes ([`FanOut`]), in one queue with the beginnings of
//! subscriptions, so that a snapshot and the updates after it join without a gap.
//!
//! - `topic`: what can be listened to. `topics`, `kept`: its numbers, its listeners, its last updates.
//! - `numbers`: the venue's own numbers of what changed.
//! - `batch`, `bars`, `positions`: what changed, as one update a topic. `update`, `by_order`, `checksum`: what it says.
//! - `encoding`, `json`, `binary`: its bytes.
//! - `fan_out`, `outbox`, `conflate`: its way to the sockets, and what becomes of it if one is slow.

mod bars;
mod batch;
mod binary;
mod by_order;
mod checksum;
mod conflate;
mod encoding;
mod fan_out;
mod json;
mod kept;
mod numbers;
mod outbox;
mod positions;
mod topic;
mod topics;
mod update;

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Instant;

use papertape_pipeline::Output;
use papertape_platform::{Change, Told as Counted, Views};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::metrics::Metrics;
use crate::translate::time;
use crate::ws::frame;
use crate::ws::protocol::Answer;
use batch::Batch;
pub(crate) use encoding::{Encoding, text};
pub(crate) use fan_out::FanOut;
use fan_out::{Deliveries, Delivery};
use json::Position;
pub(crate) use numbers::Numbered;
use numbers::Numbers;
use outbox::Told;
pub(crate) use outbox::{End, Ending, Frames, Outbox, Wrote};
pub(crate) use topic::{ConnectionId, Resume, Topic};
use topics::{Begun, Topics};
use update::Body;

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
        /// How.
        encoding: Encoding,
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
        confirmation: Frames,
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

/// Changes that are put together at most while the thread that writes is busy; then the dispatcher waits for it.
const CHANGES_MAX: usize = 65_536;

/// The topics, and the way to those who listen.
pub(crate) struct Hub {
    requests: mpsc::Receiver<Request>,
    topics: Topics,
    numbers: Numbers,
    /// Changes that are still to be told, and how many.
    batch: Batch,
    changes: usize,
    deliveries: Deliveries,
    /// What there was no room for.
    undelivered: VecDeque<Delivery>,
    metrics: Arc<Metrics>,
}

impl Hub {
    /// A hub, how connections reach it, and the thread that will write for it. Its numbering is named by the moment:
    /// microseconds since 1970, which JSON's numbers hold exactly. `told` is how many private messages there were before.
    pub(crate) fn new(metrics: Arc<Metrics>, told: Counted) -> io::Result<(Self, mpsc::Sender<Request>, FanOut)> {
        let (sender, requests) = mpsc::channel(REQUESTS_MAX);
        let (fan_out, deliveries) = FanOut::new(Arc::clone(&metrics))?;
        let topics = Topics::new(time::now_ns() / 1_000);
        let (numbers, batch) = (Numbers::new(told), Batch::default());
        let undelivered = VecDeque::new();
        Ok((Self { requests, topics, numbers, batch, changes: 0, deliveries, undelivered, metrics }, sender, fan_out))
    }

    /// Numbers what an event changed. Every event of the venue comes here, each once and in order.
    pub(crate) fn number(
        &mut self,
        output: &Output,
        changes: impl Iterator<Item = Change>,
        numbered: &mut Vec<Numbered>,
    ) {
        self.numbers.note(output, changes, |change| numbered.push(change));
    }

    /// Serves those who begin or stop to listen. The views are those after the last published batch. In the middle of a
    /// command nobody is served: what it does to a book has no number yet.
    pub(crate) fn serve_listeners(&mut self, views: &Views) {
        if !views.is_whole() {
            return;
        }
        for _ in 0..SERVED_MAX {
            // Snapshots are large: no more of them than there is room for.
            if !self.undelivered.is_empty() {
                return;
            }
            let Ok(request) = self.requests.try_recv() else { return };
            // A snapshot has everything that was published: so must everybody else.
            self.flush(views);
            match request {
                Request::Listen { connection, outbox, topic, encoding, resume, confirmation } => {
                    self.listen(views, (connection, outbox), (topic, encoding), resume, confirmation);
                }
                Request::Leave { connection, outbox, topic, confirmation } => {
                    self.topics.leave(topic, connection);
                    self.deliver(Delivery::Leave { connection, outbox, topic, frames: confirmation });
                }
                Request::Forget(connection) => {
                    let topics = self.topics.forget(connection);
                    self.deliver(Delivery::Forget(connection, topics));
                }
            }
        }
    }

    fn listen(
        &mut self,
        views: &Views,
        (connection, outbox): (ConnectionId, Arc<Outbox>),
        (topic, encoding): (Topic, Encoding),
        resume: Option<Resume>,
        confirmation: Option<Box<Answer>>,
    ) {
        let market = topic.instrument().and_then(|id| views.instrument(id));
        let begun = self.topics.listen(topic, connection, encoding, resume, market);
        bars::begin(views, &mut self.topics, topic, time::now_ns());
        positions::begin(views, &mut self.topics, topic);
        let frames = self.beginning(views, (topic, encoding), &begun, confirmation);
        self.deliver(Delivery::Join { connection, outbox, topic, encoding, frames });
    }

    /// The confirmation, and what was missed or a snapshot.
    fn beginning(
        &self,
        views: &Views,
        (topic, encoding): (Topic, Encoding),
        begun: &Begun,
        confirmation: Option<Box<Answer>>,
    ) -> Frames {
        let sequence = topic.account().map_or(0, |account| self.numbers.last(account));
        let at = Position { epoch: self.topics.epoch(), n: begun.n, sequence };
        let (mut bytes, mut count) = (Vec::new(), 0);
        if let Some(answer) = confirmation {
            numbered(*answer, topic, begun.missed.is_some(), at).write(&mut bytes);
            count += 1;
        }
        if let Some(missed) = &begun.missed {
            self.metrics.feed.resumed.add(1);
            let missed = encoding::frames(encoding, views, missed.iter().map(|update| &**update));
            bytes.extend_from_slice(&missed.bytes);
            return Frames { bytes: bytes.into(), count: count + missed.count };
        }
        self.metrics.feed.snapshots.add(1);
        match encoding {
            Encoding::Json => {
                let snapshot = json::snapshot(views, topic, at);
                count += u64::from(snapshot.is_some());
                snapshot.iter().for_each(|snapshot| frame::write_text(&mut bytes, snapshot.as_bytes()));
            }
            Encoding::Binary => {
                let snapshot = binary::snapshot(views, topic, at);
                count += u64::from(snapshot.is_some());
                snapshot.iter().for_each(|snapshot| frame::write_binary(&mut bytes, snapshot));
            }
        }
        Frames { bytes: bytes.into(), count }
    }

    /// Publishes changes: for each topic that is kept, one update with all of them; of own orders one each. While the thread
    /// that writes is behind, or a command is not over, they wait here and become one batch with the next ones.
    pub(crate) fn publish(&mut self, views: &Views, changes: impl Iterator<Item = Numbered>) {
        for change in changes {
            self.changes += 1;
            self.batch.add(&self.topics, change);
        }
        let may_wait = self.deliveries.capacity() == 0 && self.changes < CHANGES_MAX;
        if !may_wait && views.is_whole() {
            self.flush(views);
        }
    }

    /// Whether anybody listens, or did a moment ago.
    pub(crate) fn is_heard(&self) -> bool {
        self.topics.all().next().is_some()
    }

    /// Publishes what waits.
    pub(crate) fn flush(&mut self, views: &Views) {
        if self.changes > 0 {
            self.changes = 0;
            self.topics.stand_at(views.seq());
            std::mem::take(&mut self.batch).say(views, &mut self.topics);
            self.send(views);
        }
    }

    /// Publishes what is told each second, and forgets topics that nobody has heard for long. Not in the middle of a command.
    pub(crate) fn publish_each_second(&mut self, views: &Views) {
        self.flush(views);
        self.topics.stand_at(views.seq());
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

    /// Encodes what was said, for each encoding that is heard.
    fn send(&mut self, views: &Views) {
        let said = self.topics.take_said();
        let mut told = Vec::new();
        for of_topic in said.chunk_by(|one, next| one.topic == next.topic) {
            let Some(topic) = of_topic.first().map(|update| update.topic) else { continue };
            let updates: Arc<[_]> = Arc::from(of_topic);
            for encoding in Encoding::ALL.into_iter().filter(|encoding| self.topics.is_heard(topic, *encoding)) {
                let frames = encoding::frames(encoding, views, of_topic.iter().map(|update| &**update));
                told.push(Told { updates: Arc::clone(&updates), encoding, frames });
            }
        }
        if !told.is_empty() {
            self.deliver(Delivery::Told(told));
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        self.undelivered.push_back(delivery);
        self.hand_over();
    }

    /// Hands over what there was no room for; whether nothing is left of it. Whoever calls the hub lets the thread that
    /// writes take some before he brings more. When it has gone, so have all connections.
    pub(crate) fn hand_over(&mut self) -> bool {
        while let Some(delivery) = self.undelivered.pop_front() {
            if let Err(TrySendError::Full(delivery)) = self.deliveries.try_send(delivery) {
                self.undelivered.push_front(delivery);
                return false;
            }
        }
        true
    }

    /// Waits until the thread that writes has taken what was left over. Not on that thread.
    pub(crate) fn wait_for_room(&mut self) {
        while let Some(delivery) = self.undelivered.pop_front() {
            let _ = self.deliveries.blocking_send(delivery);
        }
    }
}

/// The confirmation of a subscription, with where its numbering stands and whether it goes on where it was.
fn numbered(answer: Answer, topic: Topic, resumed: bool, at: Position) -> Answer {
    let numbered = topic.is_numbered();
    let [epoch, n] = [at.epoch, at.n].map(|number| Some(number).filter(|_| numbered));
    Answer { epoch, n, resumed: Some(resumed).filter(|_| numbered), ..answer }
}
