//! The levels far from the market: a [`Trie`] that finds them, and their queues.

use super::queue::Words;
use super::trie::Trie;

/// Levels of any keys.
#[derive(Clone, Default, Debug)]
pub(super) struct Far {
    trie: Trie,
    queues: Vec<Words>,
    free: Vec<u32>,
}

impl Far {
    /// Levels in use.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.queues.len() - self.free.len()
    }

    pub(super) fn is_open(&self, key: u64) -> bool {
        self.trie.get(key).is_some()
    }

    /// The words of the queue of a level in use.
    pub(super) fn words(&self, key: u64) -> &Words {
        &self.queues[self.index(key)]
    }

    pub(super) fn words_mut(&mut self, key: u64) -> &mut Words {
        let index = self.index(key);
        &mut self.queues[index]
    }

    fn index(&self, key: u64) -> usize {
        self.trie.get(key).expect("the level is in use") as usize
    }

    /// Takes a level into use that is not.
    pub(super) fn open(&mut self, key: u64) {
        let index = self.free.pop().unwrap_or_else(|| {
            self.queues.push((0, 0, 0));
            self.free.reserve(self.queues.len());
            self.queues.len() as u32 - 1
        });
        self.trie.insert(key, index);
    }

    /// Ends the use of a level.
    pub(super) fn close(&mut self, key: u64) {
        self.free.push(self.index(key) as u32);
        self.trie.remove(key);
    }

    /// The lowest key in use.
    pub(super) fn first(&self) -> Option<u64> {
        self.trie.first()
    }

    /// The lowest key in use that is not below `key`.
    pub(super) fn ceiling(&self, key: u64) -> Option<u64> {
        self.trie.ceiling(key)
    }
}
