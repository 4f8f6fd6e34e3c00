//! The topics that are kept: their numbers, their last updates, and who listens.
//!
//! A topic begins with its first listener. Without listeners it is kept, numbered and buffered, for another
//! [`UNHEARD_KEPT`]; then it is dropped, and costs nothing. Numbers never come again: one that begins anew begins above all
//! that were dropped, so that whoever resumes with an old number gets a snapshot.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use papertape_engine::{Instrument, InstrumentId};
use papertape_platform::{BestLevels, Candle, PositionView};

use super::encoding::Encoding;
use super::kept::Kept;
use super::numbers::Mark;
use super::topic::{ConnectionId, Resume, Topic};
use super::update::{Body, Update};

/// How long a topic goes on after its last listener left.
pub(crate) const UNHEARD_KEPT: Duration = Duration::from_secs(60);

/// Most bytes that the updates of all topics take, about. Beyond it a topic that says something forgets what it said
/// before, and topics that nobody hears are dropped.
pub(crate) const BYTES_MAX: usize = 64 << 20;

/// The topics and their listeners.
pub(super) struct Topics {
    /// Names this numbering: another one at each start.
    epoch: u64,
    topics: HashMap<Topic, State>,
    topics_of: HashMap<ConnectionId, Vec<(Topic, Encoding)>>,
    markets: HashMap<InstrumentId, Arc<Instrument>>,
    /// The highest number of a topic that was dropped.
    dropped_n: u64,
    bytes: usize,
    /// The last command that is in what is said now.
    seq: u64,
    /// What was said and is still to be published.
    said: Vec<Arc<Update>>,
}

/// One topic.
#[derive(Default)]
struct State {
    /// Number of the last update.
    n: u64,
    kept: Kept,
    /// Listeners, by encoding.
    listeners: [usize; Encoding::ALL.len()],
    unheard_since: Option<Instant>,
    memo: Memo,
}

/// What was told last, where what is told next depends on it.
#[derive(Default)]
pub(super) enum Memo {
    /// It does not.
    #[default]
    None,
    /// The best prices.
    L1(BestLevels),
    /// The live bar.
    Live(Candle),
    /// All positions.
    Positions(Vec<PositionView>),
}

/// How a listener begins.
pub(super) struct Begun {
    /// Number of the topic's last update.
    pub(super) n: u64,
    /// What it has missed, if that is known.
    pub(super) missed: Option<Vec<Arc<Update>>>,
}

impl Topics {
    /// None yet, with a numbering of this name.
    pub(super) fn new(epoch: u64) -> Self {
        Self {
            epoch,
            topics: HashMap::new(),
            topics_of: HashMap::new(),
            markets: HashMap::new(),
            dropped_n: 0,
            bytes: 0,
            seq: 0,
            said: Vec::new(),
        }
    }

    /// The name of the numbering.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Adds a listener. Listening twice is listening once.
    pub(super) fn listen(
        &mut self,
        topic: Topic,
        connection: ConnectionId,
        encoding: Encoding,
        resume: Option<Resume>,
        market: Option<&Instrument>,
    ) -> Begun {
        // One above, so that the last number of a dropped topic is not taken for one of this.
        let first_n = self.dropped_n + 1;
        let state = self.topics.entry(topic).or_insert_with(|| State { n: first_n, ..State::default() });
        state.unheard_since = None;
        let topics = self.topics_of.entry(connection).or_default();
        if topics.iter().all(|(known, _)| *known != topic) {
            topics.push((topic, encoding));
            state.listeners[encoding.index()] += 1;
        }
        if let Some((id, market)) = topic.instrument().zip(market) {
            self.markets.entry(id).or_insert_with(|| Arc::new(market.clone()));
        }
        let resume = resume.filter(|resume| resume.epoch == self.epoch && topic.is_numbered());
        Begun { n: state.n, missed: resume.and_then(|resume| state.kept.after(resume.n, state.n)) }
    }

    /// Removes a listener from one topic.
    pub(super) fn leave(&mut self, topic: Topic, connection: ConnectionId) {
        let Some(topics) = self.topics_of.get_mut(&connection) else { return };
        let Some(place) = topics.iter().position(|(known, _)| *known == topic) else { return };
        let (_, encoding) = topics.swap_remove(place);
        self.remove(topic, encoding);
    }

    /// Forgets a connection; the topics that it listened to.
    pub(super) fn forget(&mut self, connection: ConnectionId) -> Vec<Topic> {
        let topics = self.topics_of.remove(&connection).unwrap_or_default();
        topics.iter().for_each(|(topic, encoding)| self.remove(*topic, *encoding));
        topics.into_iter().map(|(topic, _)| topic).collect()
    }

    fn remove(&mut self, topic: Topic, encoding: Encoding) {
        let Some(state) = self.topics.get_mut(&topic) else { return };
        state.listeners[encoding.index()] -= 1;
        if state.listeners.iter().all(|count| *count == 0) {
            state.unheard_since = Some(Instant::now());
            if !topic.is_numbered() {
                self.drop_topic(topic);
            }
        }
    }

    fn drop_topic(&mut self, topic: Topic) {
        if let Some(state) = self.topics.remove(&topic) {
            self.dropped_n = self.dropped_n.max(state.n);
            self.bytes -= state.kept.bytes();
        }
    }

    /// Drops the topics that nobody has heard for long, and sooner if all of them take too much.
    pub(super) fn expire(&mut self, now: Instant) {
        let kept = if self.bytes > BYTES_MAX { Duration::ZERO } else { UNHEARD_KEPT };
        let is_over = |state: &State| state.unheard_since.is_some_and(|since| now.duration_since(since) >= kept);
        let over: Vec<_> = self.topics.iter().filter(|(_, state)| is_over(state)).map(|(topic, _)| *topic).collect();
        over.into_iter().for_each(|topic| self.drop_topic(topic));
    }

    /// Whether what happens to it has to be told or kept.
    pub(super) fn is_kept(&self, topic: Topic) -> bool {
        self.topics.contains_key(&topic)
    }

    /// Those that are kept.
    pub(super) fn all(&self) -> impl Iterator<Item = Topic> {
        self.topics.keys().copied()
    }

    /// What a topic told last.
    pub(super) fn memo(&mut self, topic: Topic) -> Option<&mut Memo> {
        self.topics.get_mut(&topic).map(|state| &mut state.memo)
    }

    /// What is said from here on has everything up to this command.
    pub(super) fn stand_at(&mut self, seq: u64) {
        self.seq = seq;
    }

    /// Numbers an update of a topic, keeps it, and puts it with those to be published. Nothing, if the topic is not kept.
    pub(super) fn say(&mut self, topic: Topic, body: Body) {
        self.say_at(topic, Mark { seq: self.seq, sequence: 0 }, body);
    }

    /// The same of something that stands elsewhere in the venue's numbering.
    pub(super) fn say_at(&mut self, topic: Topic, mark: Mark, body: Body) {
        let Some(state) = self.topics.get_mut(&topic) else { return };
        state.n += 1;
        let market = topic.instrument().and_then(|id| self.markets.get(&id).cloned());
        let update = Arc::new(Update { topic, epoch: self.epoch, n: state.n, conflated: 0, mark, market, body });
        if topic.is_numbered() {
            let before = state.kept.bytes();
            if self.bytes > BYTES_MAX {
                state.kept.clear();
            }
            state.kept.push(Arc::clone(&update));
            self.bytes = self.bytes + state.kept.bytes() - before;
        }
        if state.listeners.iter().any(|count| *count > 0) {
            self.said.push(update);
        }
    }

    /// What was said since the last time and somebody listens to, in order.
    pub(super) fn take_said(&mut self) -> Vec<Arc<Update>> {
        std::mem::take(&mut self.said)
    }

    /// Whether anybody listens in this encoding.
    pub(super) fn is_heard(&self, topic: Topic, encoding: Encoding) -> bool {
        self.topics.get(&topic).is_some_and(|state| state.listeners[encoding.index()] > 0)
    }
}

#[cfg(test)]
mod tests {
    use papertape_engine::{Price, Qty};

    use super::*;

    const TOPIC: Topic = Topic::Trades(InstrumentId(0));

    fn say(topics: &mut Topics) -> u64 {
        topics.say(TOPIC, Body::MarketData(Price(1), Qty(1)));
        topics.topics[&TOPIC].n
    }

    fn listen(topics: &mut Topics, connection: u64, resume: Option<Resume>) -> Begun {
        topics.listen(TOPIC, ConnectionId(connection), Encoding::Json, resume, None)
    }

    #[test]
    fn listening_twice_is_listening_once() {
        let mut topics = Topics::new(7);
        listen(&mut topics, 1, None);
        listen(&mut topics, 1, None);
        assert!(topics.is_heard(TOPIC, Encoding::Json) && !topics.is_heard(TOPIC, Encoding::Binary));
        assert_eq!(topics.forget(ConnectionId(1)), [TOPIC]);
        assert!(topics.is_kept(TOPIC) && !topics.is_heard(TOPIC, Encoding::Json));
        say(&mut topics);
        assert!(topics.take_said().is_empty(), "nobody hears it");
    }

    #[test]
    fn who_comes_back_in_time_gets_what_it_missed() {
        let mut topics = Topics::new(7);
        let begun = listen(&mut topics, 1, None);
        assert!(begun.missed.is_none());
        let heard = say(&mut topics);
        topics.forget(ConnectionId(1));
        let missed = say(&mut topics);
        topics.expire(Instant::now());
        let back = listen(&mut topics, 2, Some(Resume { epoch: 7, n: heard }));
        let numbers = back.missed.unwrap().iter().map(|update| update.n).collect::<Vec<_>>();
        assert_eq!((back.n, numbers), (missed, vec![missed]));
        assert!(listen(&mut topics, 3, Some(Resume { epoch: 6, n: heard })).missed.is_none());
        assert!(listen(&mut topics, 4, Some(Resume { epoch: 7, n: missed + 1 })).missed.is_none());
    }

    #[test]
    fn a_topic_that_was_dropped_never_has_the_same_numbers_again() {
        let mut topics = Topics::new(7);
        listen(&mut topics, 1, None);
        let heard = say(&mut topics);
        topics.leave(TOPIC, ConnectionId(1));
        topics.expire(Instant::now() + UNHEARD_KEPT);
        assert!(!topics.is_kept(TOPIC));
        let back = listen(&mut topics, 2, Some(Resume { epoch: 7, n: heard }));
        assert!(back.missed.is_none(), "what happened meanwhile is not known");
        assert!(back.n > heard);
    }
}
