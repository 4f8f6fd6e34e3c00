//! Finds open orders whose numbers were given one after the other: the latest numbers in a ring, where neighbours lie
//! side by side and nothing is hashed; those that outlive it in an [`OrderIndex`].

use super::{OrderIndex, Slot};
use crate::ids::OrderId;

/// Places in the ring. Most orders end before so many others have come.
const RECENT: usize = 1 << 18;
/// The ring moves on by so many numbers at once.
const STEP: u64 = 64;
/// What an [`OrderIndex`] has room for, less what may still fall out of the ring.
const OLDER_MAX: usize = (1 << 30) - RECENT;

/// Where an order can be, as a word.
pub trait Location: Copy + Default + PartialEq {
    /// Never zero.
    fn to_word(self) -> u64;

    /// Back again.
    fn from_word(word: u64) -> Self;
}

impl Location for Slot {
    #[inline]
    fn to_word(self) -> u64 {
        u64::from(self.0) + 1
    }

    #[inline]
    fn from_word(word: u64) -> Self {
        Slot((word - 1) as u32)
    }
}

/// Where open orders are, by numbers that are mostly given in sequence. Any other number has its place too, as in an
/// [`OrderIndex`].
///
/// The ring covers the next few numbers and a quarter of a million before them. An order that falls out of it goes to the table.
/// The ring's memory comes zeroed from the system, which backs it with pages only where orders have been.
#[derive(Clone, Debug)]
pub struct SequenceIndex<L> {
    /// Words of locations by number, zero where no order is open.
    recent: Box<[u64; RECENT]>,
    /// The highest number that the ring covers.
    last: u64,
    older: OrderIndex<L>,
    orders: usize,
}

impl<L: Location> Default for SequenceIndex<L> {
    fn default() -> Self {
        let recent = vec![0; RECENT].into_boxed_slice().try_into().expect("it has the right length");
        Self { recent, last: STEP - 1, older: OrderIndex::default(), orders: 0 }
    }
}

impl<L: Location> SequenceIndex<L> {
    /// Touches the ring's memory, so that the first orders need not wait for it.
    pub fn touch(&mut self) {
        self.recent.iter_mut().for_each(|word| *word = std::hint::black_box(*word));
    }

    /// Whether one more order fits: there is room for 2^30 - 2^18, and those of the last 2^18 numbers.
    pub fn has_room(&self) -> bool {
        self.older.len() < OLDER_MAX
    }

    /// Open orders in the index.
    pub fn len(&self) -> usize {
        self.orders
    }

    /// Whether no order is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    fn place(id: u64) -> usize {
        id as usize & (RECENT - 1)
    }

    /// Whether the ring covers a number. One that is far ahead is far behind in these terms.
    #[inline]
    fn is_recent(&self, id: OrderId) -> bool {
        self.last.wrapping_sub(id.0) < RECENT as u64
    }

    /// The location of an open order. `id_at` reads the number of the order at a location that is in the index.
    #[inline]
    pub fn get(&self, id: OrderId, id_at: impl Fn(L) -> OrderId) -> Option<L> {
        if !self.is_recent(id) {
            return self.older.get(id, id_at);
        }
        let word = self.recent[Self::place(id.0)];
        (word != 0).then(|| L::from_word(word))
    }

    /// Remembers where an order is that is not in the index. The caller has asked [`SequenceIndex::has_room`].
    #[inline]
    pub fn insert(&mut self, id: OrderId, location: L) {
        self.orders += 1;
        if !self.is_recent(id) {
            return self.insert_elsewhere(id, location);
        }
        self.recent[Self::place(id.0)] = location.to_word();
    }

    #[cold]
    #[inline(never)]
    fn insert_elsewhere(&mut self, id: OrderId, location: L) {
        if id.0 < self.last {
            return self.older.insert(id, location);
        }
        self.advance(id.0 | (STEP - 1));
        self.recent[Self::place(id.0)] = location.to_word();
    }

    /// Moves the ring on to a higher number, the last of its group of [`STEP`].
    fn advance(&mut self, to: u64) {
        // After a whole turn the ring is empty, however far it is still to go.
        let groups = ((to - self.last) / STEP).min(RECENT as u64 / STEP);
        for group in 0..groups {
            self.clear_group(self.last + 1 + group * STEP);
        }
        self.last = to;
    }

    /// Makes room for the group that begins with a number. Nearly always none of those that were there is open.
    fn clear_group(&mut self, first: u64) {
        let at = Self::place(first);
        let words = &mut self.recent[at..at + STEP as usize];
        if words.iter().fold(0, |all, word| all | word) == 0 {
            return;
        }
        for (id, word) in (first.wrapping_sub(RECENT as u64)..).zip(words) {
            let word = std::mem::take(word);
            if word != 0 {
                self.older.insert(OrderId(id), L::from_word(word));
            }
        }
    }

    /// Forgets an order that is still at its location, and returns that.
    #[inline]
    pub fn remove(&mut self, id: OrderId, id_at: impl Fn(L) -> OrderId) -> Option<L> {
        let found = if self.is_recent(id) {
            let word = std::mem::take(&mut self.recent[Self::place(id.0)]);
            (word != 0).then(|| L::from_word(word))
        } else {
            self.older.remove(id, id_at)
        };
        self.orders -= usize::from(found.is_some());
        found
    }

    /// Forgets the order at a location, which is in the index, without reading its number there.
    #[inline]
    pub fn remove_at(&mut self, id: OrderId, location: L) {
        self.orders -= 1;
        if self.is_recent(id) {
            self.recent[Self::place(id.0)] = 0;
        } else {
            self.older.remove_at(id, location);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// What an index is compared with, and the book that its locations are in.
    #[derive(Default)]
    struct Model {
        open: BTreeMap<OrderId, Slot>,
        slots: Vec<OrderId>,
        free: Vec<u32>,
        index: SequenceIndex<Slot>,
    }

    impl Model {
        fn insert(&mut self, id: OrderId) {
            let slot = self.free.pop().unwrap_or(self.slots.len() as u32);
            self.slots.resize(self.slots.len().max(slot as usize + 1), OrderId(0));
            self.slots[slot as usize] = id;
            self.index.insert(id, Slot(slot));
            self.open.insert(id, Slot(slot));
        }

        fn remove(&mut self, id: OrderId, by_location: bool) {
            let known = self.open.remove(&id);
            let id_at = |slot: Slot| self.slots[slot.0 as usize];
            match known {
                Some(slot) if by_location => self.index.remove_at(id, slot),
                _ => assert_eq!(self.index.remove(id, id_at), known),
            }
            self.free.extend(known.map(|slot| slot.0));
        }

        fn get(&self, id: OrderId) -> Option<Slot> {
            self.index.get(id, |slot| self.slots[slot.0 as usize])
        }

        fn check(&self) {
            assert_eq!(self.index.len(), self.open.len());
            for (id, slot) in &self.open {
                assert_eq!(self.get(*id), Some(*slot), "{id}");
            }
        }
    }

    proptest! {
        #[test]
        fn every_open_order_is_found_and_no_other(
            steps in prop::collection::vec((0_u8..8, any::<u32>()), 1..2_000),
        ) {
            let (mut model, mut newest) = (Model::default(), 0_u64);
            for (step, pick) in steps {
                let some = OrderId(u64::from(pick) % (newest + 20));
                match step {
                    0..4 => {
                        newest += 1;
                        model.insert(OrderId(newest));
                    }
                    // An amended order comes back under its old number; a restored venue skips numbers.
                    4 if model.get(some).is_none() => {
                        newest = newest.max(some.0);
                        model.insert(some);
                    }
                    5 if pick % 50 == 0 => {
                        newest += u64::from(pick >> 12);
                        model.insert(OrderId(newest + 1));
                        newest += 1;
                    }
                    _ => model.remove(some, pick % 2 == 0),
                }
                prop_assert_eq!(model.get(some), model.open.get(&some).copied());
            }
            model.check();
        }
    }

    #[test]
    fn orders_that_outlive_the_ring_are_found() {
        let mut model = Model::default();
        for id in 1..=3 * RECENT as u64 {
            model.insert(OrderId(id));
            if id % 3 != 0 {
                model.remove(OrderId(id), id % 2 == 0);
            }
        }
        assert!(!model.index.older.is_empty());
        model.check();
        assert_eq!(model.get(OrderId(1)), None);
        assert_eq!(model.get(OrderId(u64::MAX)), None, "a number far ahead is not one far behind");
    }

    #[test]
    fn a_gap_of_any_width_is_crossed_in_one_turn() {
        let mut model = Model::default();
        for id in [1, 2, 1 << 20, 1 << 60, u64::MAX - 1, u64::MAX] {
            model.insert(OrderId(id));
            model.check();
        }
    }
}
