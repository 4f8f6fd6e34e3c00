//! Who listens to what.

use std::collections::HashMap;
use std::sync::Arc;

use papertape_engine::{AccountId, InstrumentId};

use super::outbox::{Frames, Outbox};

/// Something that can be listened to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Topic {
    /// Public trades of an instrument.
    Trades(InstrumentId),
    /// Its order book.
    Book(InstrumentId),
    /// Its ticker, each second.
    Ticker(InstrumentId),
    /// The same in the plain shape.
    Tile(InstrumentId),
    /// An account's own orders.
    Orders(AccountId),
    /// An account's own balances.
    Balances(AccountId),
}

/// Names a connection while the process runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct ConnectionId(pub u64);

/// The listeners of every topic. A topic without listeners costs nothing.
#[derive(Default)]
pub(super) struct Topics {
    listeners: HashMap<Topic, Listeners>,
    topics_of: HashMap<ConnectionId, Vec<Topic>>,
}

#[derive(Default)]
struct Listeners {
    /// Number of the last update.
    n: u64,
    outboxes: Vec<(ConnectionId, Arc<Outbox>)>,
}

impl Topics {
    /// Adds a listener. Listening twice is listening once.
    pub(super) fn listen(&mut self, topic: Topic, connection: ConnectionId, outbox: Arc<Outbox>) {
        let listeners = self.listeners.entry(topic).or_default();
        if listeners.outboxes.iter().all(|(id, _)| *id != connection) {
            listeners.outboxes.push((connection, outbox));
            self.topics_of.entry(connection).or_default().push(topic);
        }
    }

    /// Removes a listener from one topic.
    pub(super) fn leave(&mut self, topic: Topic, connection: ConnectionId) {
        if let Some(topics) = self.topics_of.get_mut(&connection) {
            topics.retain(|other| *other != topic);
        }
        self.remove(topic, connection);
    }

    /// Forgets a connection.
    pub(super) fn forget(&mut self, connection: ConnectionId) {
        for topic in self.topics_of.remove(&connection).unwrap_or_default() {
            self.remove(topic, connection);
        }
    }

    fn remove(&mut self, topic: Topic, connection: ConnectionId) {
        if let Some(listeners) = self.listeners.get_mut(&topic) {
            listeners.outboxes.retain(|(id, _)| *id != connection);
            if listeners.outboxes.is_empty() {
                self.listeners.remove(&topic);
            }
        }
    }

    /// Whether anybody listens.
    pub(super) fn is_heard(&self, topic: Topic) -> bool {
        self.listeners.contains_key(&topic)
    }

    /// The number of the topic's last update; 0 before the first.
    pub(super) fn last_n(&self, topic: Topic) -> u64 {
        self.listeners.get(&topic).map_or(0, |listeners| listeners.n)
    }

    /// The number for the topic's next update.
    pub(super) fn next_n(&mut self, topic: Topic) -> u64 {
        self.listeners.get_mut(&topic).map_or(0, |listeners| {
            listeners.n += 1;
            listeners.n
        })
    }

    /// Gives the same frames to every listener. One whose outbox is full or ended hears no more.
    pub(super) fn publish(&mut self, topic: Topic, frames: &Frames) {
        let Some(listeners) = self.listeners.get(&topic) else { return };
        let deaf: Vec<_> = listeners
            .outboxes
            .iter()
            .filter(|(_, outbox)| !outbox.push(Arc::clone(frames)))
            .map(|(connection, _)| *connection)
            .collect();
        deaf.into_iter().for_each(|connection| self.forget(connection));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: Topic = Topic::Trades(InstrumentId(0));

    fn frames(text: &str) -> Frames {
        Arc::from([text.to_owned().into()])
    }

    #[test]
    fn t6_a_slow_listener_is_forgotten_and_the_others_hear_on() {
        let (mut topics, slow, quick) = (Topics::default(), Arc::<Outbox>::default(), Arc::<Outbox>::default());
        topics.listen(TOPIC, ConnectionId(1), Arc::clone(&slow));
        topics.listen(TOPIC, ConnectionId(2), Arc::clone(&quick));
        for _ in 0..3 {
            topics.publish(TOPIC, &frames(&"x".repeat(Outbox::BYTES_MAX / 2)));
            assert_eq!(quick.take().unwrap().len(), 1);
        }
        assert!(slow.take().is_err());
        assert!(topics.is_heard(TOPIC));
    }

    #[test]
    fn updates_are_numbered_densely_and_a_silent_topic_is_dropped() {
        let mut topics = Topics::default();
        topics.listen(TOPIC, ConnectionId(1), Arc::default());
        topics.listen(TOPIC, ConnectionId(1), Arc::default());
        assert_eq!((topics.next_n(TOPIC), topics.next_n(TOPIC), topics.last_n(TOPIC)), (1, 2, 2));
        topics.leave(TOPIC, ConnectionId(1));
        assert!(!topics.is_heard(TOPIC));
    }
}
