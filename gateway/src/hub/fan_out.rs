//! The thread that writes to WebSockets. It walks the listeners of what was told once, and writes to each connection at
//! most once a batch; what a socket does not take at once its own task writes when it does.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::mpsc;

use super::encoding::Encoding;
use super::outbox::{Frames, Outbox, Told};
use super::topic::{ConnectionId, Topic};
use crate::metrics::Metrics;

/// Batches that wait for the thread; the dispatcher makes larger ones while it is full.
const DELIVERIES_MAX: usize = 64;

/// Connections that are written to before others of the thread's tasks have their turn: answers to orders go before the
/// rest of a large fan-out.
const WALKED_AT_ONCE: usize = 32;

/// What the hub hands over.
pub(super) enum Delivery {
    /// Somebody begins to listen, with these frames first.
    Join {
        /// Who.
        connection: ConnectionId,
        /// Where to.
        outbox: Arc<Outbox>,
        /// What to.
        topic: Topic,
        /// How.
        encoding: Encoding,
        /// The confirmation, and the snapshot or what was missed.
        frames: Frames,
    },
    /// Somebody stops to listen, after these frames.
    Leave {
        /// Who.
        connection: ConnectionId,
        /// Where to.
        outbox: Arc<Outbox>,
        /// What to.
        topic: Topic,
        /// The confirmation.
        frames: Frames,
    },
    /// A connection is gone, and listened to these.
    Forget(ConnectionId, Vec<Topic>),
    /// What was told.
    Told(Vec<Told>),
}

/// How the hub reaches the thread.
pub(super) type Deliveries = mpsc::Sender<Delivery>;

/// The thread, before it runs: connections may be given to it already.
pub(crate) struct FanOut {
    runtime: Runtime,
    walk: Walk,
}

impl FanOut {
    /// A thread, and the way to it.
    pub(super) fn new(metrics: Arc<Metrics>) -> io::Result<(Self, Deliveries)> {
        let (sender, deliveries) = mpsc::channel(DELIVERIES_MAX);
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let walk = Walk { deliveries, listeners: HashMap::new(), gathered: Vec::new(), metrics };
        Ok((Self { runtime, walk }, sender))
    }

    /// Where connections run.
    pub(crate) fn runtime(&self) -> &Handle {
        self.runtime.handle()
    }

    /// Starts it, and what shares it. It ends when that is over and the hub has gone.
    pub(crate) fn start<S: Future<Output = ()>>(
        self,
        sharing: impl FnOnce() -> S + Send + 'static,
    ) -> io::Result<JoinHandle<()>> {
        let Self { runtime, walk } = self;
        let both = async move || {
            tokio::join!(walk.run(), sharing());
        };
        std::thread::Builder::new().name("feed".into()).spawn(move || runtime.block_on(both()))
    }
}

/// Who listens to what, by encoding.
type Listeners = HashMap<Topic, [Vec<(ConnectionId, Arc<Outbox>)>; Encoding::ALL.len()]>;

struct Walk {
    deliveries: mpsc::Receiver<Delivery>,
    listeners: Listeners,
    /// What was told and has not been given to its listeners.
    gathered: Vec<Told>,
    metrics: Arc<Metrics>,
}

impl Walk {
    async fn run(mut self) {
        let mut touched = Vec::new();
        while let Some(delivery) = self.deliveries.recv().await {
            self.take(delivery, &mut touched);
            // What came meanwhile goes out in the same write.
            while let Ok(delivery) = self.deliveries.try_recv() {
                self.take(delivery, &mut touched);
            }
            self.spread(&mut touched);
            self.write(&mut touched).await;
        }
    }

    fn take(&mut self, delivery: Delivery, touched: &mut Vec<Arc<Outbox>>) {
        // Whoever comes or goes does so between what was told before and after it.
        if !matches!(delivery, Delivery::Told(_)) {
            self.spread(touched);
        }
        match delivery {
            Delivery::Join { connection, outbox, topic, encoding, frames } => {
                outbox.join(topic, frames);
                self.listeners.entry(topic).or_default()[encoding.index()].push((connection, outbox));
            }
            Delivery::Leave { connection, outbox, topic, frames } => {
                self.remove(connection, topic);
                outbox.leave(topic, frames);
            }
            Delivery::Forget(connection, topics) => {
                topics.into_iter().for_each(|topic| self.remove(connection, topic));
            }
            Delivery::Told(told) => self.gathered.extend(told),
        }
    }

    /// Gives what was gathered to its listeners: of each topic all at once, as one piece of bytes.
    fn spread(&mut self, touched: &mut Vec<Arc<Outbox>>) {
        if self.gathered.is_empty() {
            return;
        }
        let mut pieces: Vec<Vec<Told>> = Vec::new();
        let mut place: HashMap<(Topic, Encoding), usize> = HashMap::new();
        for told in self.gathered.drain(..) {
            let Some(topic) = told.updates.first().map(|update| update.topic) else { continue };
            match place.entry((topic, told.encoding)) {
                Entry::Occupied(at) => pieces[*at.get()].push(told),
                Entry::Vacant(at) => {
                    at.insert(pieces.len());
                    pieces.push(vec![told]);
                }
            }
        }
        pieces.into_iter().filter_map(joined).for_each(|told| self.tell(&told, touched));
    }

    fn tell(&self, told: &Told, touched: &mut Vec<Arc<Outbox>>) {
        let topic = told.updates.first().map(|update| update.topic);
        let Some(listeners) = topic.and_then(|topic| self.listeners.get(&topic)) else { return };
        let mut conflated = 0;
        for (_, outbox) in &listeners[told.encoding.index()] {
            let telling = outbox.tell(told.clone());
            conflated += telling.merged;
            if telling.is_first {
                touched.push(Arc::clone(outbox));
            }
        }
        self.metrics.feed.conflated.add(conflated);
    }

    async fn write(&self, touched: &mut Vec<Arc<Outbox>>) {
        let mut sent = 0;
        for (index, outbox) in touched.drain(..).enumerate() {
            sent += outbox.write_unless_blocked();
            if index % WALKED_AT_ONCE == WALKED_AT_ONCE - 1 {
                tokio::task::yield_now().await;
            }
        }
        self.metrics.sent.add(sent);
    }

    fn remove(&mut self, connection: ConnectionId, topic: Topic) {
        let Some(listeners) = self.listeners.get_mut(&topic) else { return };
        listeners.iter_mut().for_each(|of_encoding| of_encoding.retain(|(id, _)| *id != connection));
        if listeners.iter().all(Vec::is_empty) {
            self.listeners.remove(&topic);
        }
    }
}

/// What was told of one topic one after the other, as if at once.
fn joined(mut parts: Vec<Told>) -> Option<Told> {
    if parts.len() < 2 {
        return parts.pop();
    }
    let encoding = parts.first()?.encoding;
    let updates = parts.iter().flat_map(|part| part.updates.iter().cloned()).collect();
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.frames.bytes.len()).sum());
    parts.iter().for_each(|part| bytes.extend_from_slice(&part.frames.bytes));
    let count = parts.iter().map(|part| part.frames.count).sum();
    Some(Told { updates, encoding, frames: Frames { bytes: bytes.into(), count } })
}

#[cfg(test)]
#[path = "fan_out_tests.rs"]
mod tests;
