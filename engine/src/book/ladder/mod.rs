//! One side's price levels. Any 64-bit price has its place, the next best level is a few bit scans away, and no
//! operation walks over empty prices.
//!
//! Levels are keyed so that the lowest key is the best price on either side (bids are mirrored by their caller). Those
//! near the market are in a flat table ([`Near`]), the others in a tree ([`Far`]): each level is in one of the two. When
//! many levels come into use at another place, the table moves there, and what it costs to carry levels over has been
//! paid for by then.

mod far;
mod near;
mod queue;
mod trie;

use far::Far;
use near::Near;
use queue::Words;
pub(super) use queue::{Queue, QueueMut};

/// Votes that it takes to move the table, for each level that is in it.
const MOVE_COST: u64 = 4;
/// After how many votes it is asked whether the table is to move.
const MOVE_EVERY: u64 = 64;

/// The levels of one side. Its size is a power of two, so that a side is found by a shift: what a message waits for first
/// is the best price of its other side.
#[derive(Clone, Debug)]
#[repr(align(1024))]
pub(super) struct Ladder {
    /// The lowest key in use; the highest there is when nothing rests.
    best: u64,
    near: Near,
    far: Far,
    /// Where the table would move, and the votes for it: a level that comes into use outside of the table votes for
    /// its own place, or against another's.
    candidate: u64,
    votes: u64,
}

impl Default for Ladder {
    fn default() -> Self {
        Self { best: u64::MAX, near: Near::default(), far: Far::default(), candidate: 0, votes: 0 }
    }
}

impl Ladder {
    /// Takes all the memory that the table of near levels can come to need.
    pub(super) fn touch(&mut self) {
        self.near.touch();
    }

    /// The lowest key in use.
    #[inline]
    pub(super) fn best(&self) -> Option<u64> {
        self.best_within(u64::MAX)
    }

    /// The lowest key in use, if it is not above `bound`.
    #[inline]
    pub(super) fn best_within(&self, bound: u64) -> Option<u64> {
        // The highest key is also what `best` says of an empty ladder.
        if self.best > bound || (self.best == u64::MAX && self.is_empty()) { None } else { Some(self.best) }
    }

    #[cold]
    fn is_empty(&self) -> bool {
        self.near.is_empty() && self.far.len() == 0
    }

    /// The queue of a level in use.
    #[inline]
    pub(super) fn queue(&self, key: u64) -> Queue {
        match self.near.place(key) {
            Some(place) => Queue::from(*self.near.words(place)),
            None => self.far_queue(key),
        }
    }

    #[cold]
    fn far_queue(&self, key: u64) -> Queue {
        Queue::from(*self.far.words(key))
    }

    /// The queue of a level in use, to be changed in its place.
    #[inline]
    pub(super) fn queue_mut(&mut self, key: u64) -> QueueMut<'_> {
        QueueMut::from(match self.near.place(key) {
            Some(place) => self.near.words_mut(place),
            None => self.far_words(key),
        })
    }

    #[cold]
    fn far_words(&mut self, key: u64) -> &mut Words {
        self.far.words_mut(key)
    }

    /// Whether the level at `key` is in use.
    #[inline]
    pub(super) fn is_open(&self, key: u64) -> bool {
        match self.near.place(key) {
            Some(place) => self.near.is_open(place),
            None => self.far.is_open(key),
        }
    }

    /// Takes the level at `key` into use, and says whether it was not: its queue then means nothing, and is the caller's to
    /// write.
    #[inline]
    pub(super) fn open(&mut self, key: u64) -> (bool, QueueMut<'_>) {
        self.best = self.best.min(key);
        match self.near.place(key) {
            Some(place) => (self.near.open(place), QueueMut::from(self.near.words_mut(place))),
            None => (self.open_far(key), self.queue_mut(key)),
        }
    }

    #[cold]
    fn open_far(&mut self, key: u64) -> bool {
        if self.far.is_open(key) {
            return false;
        }
        self.vote(key);
        // To count the table's levels is work for many, so it is done for every so many.
        let due = || self.votes.is_multiple_of(MOVE_EVERY) && self.votes >= MOVE_COST * self.near.len();
        if self.near.is_empty() || (self.candidate.abs_diff(key) < near::SPAN as u64 / 2 && due()) {
            self.move_table(key);
            let place = self.near.place(key).expect("the table has moved there");
            return self.near.open(place);
        }
        self.far.open(key);
        true
    }

    /// The place that most levels agree on stays the candidate.
    fn vote(&mut self, key: u64) {
        if self.votes == 0 {
            self.candidate = key;
        }
        if self.candidate.abs_diff(key) < near::SPAN as u64 / 2 {
            self.votes += 1;
        } else {
            self.votes -= 1;
        }
    }

    /// Moves the table over `key`.
    fn move_table(&mut self, key: u64) {
        self.votes = 0;
        while let Some(key) = self.near.first() {
            let place = self.near.place(key).expect("it was found there");
            self.far.open(key);
            *self.far.words_mut(key) = *self.near.words(place);
            self.near.close(place);
        }
        let covered = self.near.move_to(key);
        while let Some(key) = self.far.ceiling(*covered.start()).filter(|key| key <= covered.end()) {
            let place = self.near.place(key).expect("the table covers it");
            self.near.open(place);
            *self.near.words_mut(place) = *self.far.words(key);
            self.far.close(key);
        }
    }

    /// Gives up the level at `key` after its last order left.
    #[inline]
    pub(super) fn close(&mut self, key: u64) {
        let neighbour = match self.near.place(key) {
            Some(place) => self.near.close(place),
            None => {
                self.far.close(key);
                None
            }
        };
        if key == self.best {
            let next = neighbour.filter(|_| self.far.len() == 0);
            self.best = next.unwrap_or_else(|| self.lowest());
        }
    }

    #[inline]
    fn lowest(&self) -> u64 {
        let near = self.near.first().unwrap_or(u64::MAX);
        if self.far.len() == 0 { near } else { near.min(self.lowest_far()) }
    }

    #[cold]
    fn lowest_far(&self) -> u64 {
        self.far.first().unwrap_or(u64::MAX)
    }

    /// The lowest key in use that is above `key`.
    pub(super) fn next(&self, key: u64) -> Option<u64> {
        let from = key.checked_add(1)?;
        self.near.ceiling(from).into_iter().chain(self.far.ceiling(from)).min()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn keys() -> impl Strategy<Value = u64> {
        prop_oneof![
            4 => 0_u64..200,
            4 => (0_u64..2_000).prop_map(|offset| 6_000_000 + offset),
            4 => (0_u64..200_000).prop_map(|offset| 7_000_000 + offset * 7),
            1 => any::<u64>(),
            1 => (0_u64..3).prop_map(|offset| u64::MAX - offset),
            1 => (0_u32..64).prop_map(|bit| 1 << bit),
        ]
    }

    proptest! {
        #[test]
        fn the_ladder_is_a_sorted_set_of_queues(steps in prop::collection::vec((keys(), 0..5_u8), 1..1_500)) {
            let mut ladder = Ladder::default();
            let mut model = BTreeSet::new();
            for (key, step) in steps {
                if step < 3 {
                    let (fresh, mut queue) = ladder.open(key);
                    queue.set_qty(crate::units::Qty(key));
                    prop_assert_eq!(fresh, model.insert(key));
                } else if let Some(&victim) = model.range(key..).next() {
                    ladder.close(victim);
                    model.remove(&victim);
                }
                prop_assert_eq!(ladder.best(), model.first().copied());
                prop_assert_eq!(ladder.is_open(key), model.contains(&key));
                let above = key.checked_add(1).and_then(|next| model.range(next..).next().copied());
                prop_assert_eq!(ladder.next(key), above);
            }
            let walked: Vec<u64> = std::iter::successors(ladder.best(), |key| ladder.next(*key)).collect();
            prop_assert!(walked.iter().all(|key| ladder.queue(*key).qty.0 == *key));
            prop_assert_eq!(walked, model.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_table_moves_where_the_many_are() {
        let mut ladder = Ladder::default();
        ladder.open(5);
        for level in 0..63 {
            ladder.open(1_000_000_000 + level);
        }
        ladder.open(1 << 50);
        ladder.open(1_000_000_100);
        ladder.open(1_000_000_101);
        assert!(ladder.near.place(1_000_000_000).is_some());
    }

    #[test]
    fn the_table_follows_the_market() {
        let mut ladder = Ladder::default();
        ladder.open(5);
        for level in 0..200 {
            ladder.open(1_000_000_000 + level);
        }
        assert!(ladder.near.place(1_000_000_000).is_some(), "the market is there now");
        assert_eq!(ladder.far.len(), 1, "the old order has become the far one");
        assert_eq!(ladder.best(), Some(5));
        ladder.close(5);
        assert_eq!(ladder.best(), Some(1_000_000_000));
        assert_eq!(ladder.far.len(), 0);
    }
}
