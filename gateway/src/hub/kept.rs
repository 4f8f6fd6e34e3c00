//! The last updates of one topic, so that a listener that was away gets what it missed.

use std::collections::VecDeque;
use std::sync::Arc;

use super::update::Update;

/// Most updates that are kept of one topic.
pub(crate) const UPDATES_MAX: usize = 1_024;

/// Most bytes that they take, about.
pub(crate) const BYTES_MAX: usize = 256 << 10;

/// Updates with numbers that follow each other, the last one being the topic's last.
#[derive(Debug, Default)]
pub(super) struct Kept {
    updates: VecDeque<(Arc<Update>, usize)>,
    bytes: usize,
}

impl Kept {
    /// Keeps one more; the oldest go for it where it would be too much.
    pub(super) fn push(&mut self, update: Arc<Update>) {
        let weight = update.weight();
        self.bytes += weight;
        self.updates.push_back((update, weight));
        while self.updates.len() > UPDATES_MAX || self.bytes > BYTES_MAX {
            self.drop_oldest();
        }
    }

    /// All updates after number `n`, if none of them is gone. `last` is the number of the last one.
    pub(super) fn after(&self, n: u64, last: u64) -> Option<Vec<Arc<Update>>> {
        let missed = usize::try_from(last.checked_sub(n)?).ok()?;
        let from = self.updates.len().checked_sub(missed)?;
        Some(self.updates.range(from..).map(|(update, _)| Arc::clone(update)).collect())
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many bytes it takes, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn drop_oldest(&mut self) {
        if let Some((_, weight)) = self.updates.pop_front() {
            self.bytes -= weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use papertape_engine::{InstrumentId, Price, Qty};

    use super::super::Topic;
    use super::super::numbers::Mark;
    use super::super::update::Body;
    use super::*;

    fn update(n: u64) -> Arc<Update> {
        let topic = Topic::MarketData(InstrumentId(0));
        let body = Body::MarketData(Price(1), Qty(1));
        Arc::new(Update { topic, epoch: 7, n, conflated: 0, mark: Mark::default(), market: None, body })
    }

    #[test]
    fn what_was_missed_is_whole_or_not_at_all() {
        let (mut kept, last) = (Kept::default(), UPDATES_MAX as u64 + 10);
        (1..=last).for_each(|n| kept.push(update(n)));
        let numbers = |n| kept.after(n, last).map(|missed| missed.iter().map(|update| update.n).collect::<Vec<_>>());
        assert_eq!(numbers(last - 2), Some(vec![last - 1, last]));
        assert_eq!(numbers(last), Some(vec![]));
        assert_eq!(numbers(last + 1), None, "nobody has heard what was not told yet");
        assert_eq!(numbers(10).map(|missed| missed.len()), Some(UPDATES_MAX));
        assert_eq!(numbers(9), None, "the first of them is gone");
    }
}
