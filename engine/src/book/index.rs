//! Finds open orders by number: an open-addressing hash table that is as small as the open orders allow, because every
//! order that comes or goes touches it somewhere else, and what does not fit a cache is waited for.

use crate::ids::OrderId;

/// Places in the smallest table.
const LEAST: usize = 16;
/// Half of the places that 31 bits of a hash can tell apart.
const ORDERS_MAX: usize = 1 << 30;
/// 2^64 over the golden ratio: what is multiplied with it has its bits all over the place.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Where open orders are, by their numbers.
///
/// The table has a power of two of places, at least twice as many as orders, and doubles when there are more. Orders
/// whose numbers hash to the same place take the next free one; when an order leaves, those behind it move up, so that
/// the table never holds a trace of what is gone. A place keeps 31 bits of the hash and the location; the number itself
/// is at the location, and whoever asks says how to read it there.
#[derive(Clone, Debug)]
pub struct OrderIndex<L> {
    places: Vec<Place<L>>,
    /// Mixed into every number, see [`OrderIndex::hash`].
    key: u64,
    /// How far a 32-bit hash is shifted to give a place.
    shift: u32,
    orders: usize,
}

#[derive(Clone, Copy, Debug)]
struct Place<L> {
    /// The hash with its lowest bit set; zero in a free place.
    hash: u32,
    location: L,
}

impl<L: Copy + Default> Default for OrderIndex<L> {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

/// A number that nobody outside can know. What it is changes nothing but where in a table things lie.
#[expect(clippy::disallowed_types, reason = "no result depends on it")]
fn secret() -> u64 {
    std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0)
}

impl<L: Copy + Default> OrderIndex<L> {
    /// An empty index with room for this many orders before its table grows.
    pub fn with_capacity(orders: usize) -> Self {
        let places = (orders.min(ORDERS_MAX) * 2).max(LEAST).next_power_of_two();
        let free = Place { hash: 0, location: L::default() };
        Self { places: vec![free; places], key: secret(), shift: 32 - places.trailing_zeros(), orders: 0 }
    }

    /// 31 bits that say nothing of the number to whoever does not know the key. Numbers are public, and whoever knew
    /// which of them lie together could keep just those orders open, and slow down everybody.
    #[inline]
    fn hash(&self, id: OrderId) -> u32 {
        let product = (id.0 ^ self.key).wrapping_mul(GOLDEN);
        ((product ^ product >> 32).wrapping_mul(GOLDEN) >> 32) as u32 | 1
    }

    /// Whether one more order fits: there is room for 2^30.
    pub fn has_room(&self) -> bool {
        self.orders < ORDERS_MAX
    }

    /// Open orders in the index.
    pub fn len(&self) -> usize {
        self.orders
    }

    /// Whether no order is open.
    pub fn is_empty(&self) -> bool {
        self.orders == 0
    }

    /// The place of an order, or the free one where the search for it ends.
    #[inline]
    fn search(&self, id: OrderId, id_at: impl Fn(L) -> OrderId) -> (usize, bool) {
        let hash = self.hash(id);
        let mask = self.places.len() - 1;
        let mut at = (hash >> self.shift) as usize & mask;
        loop {
            let place = &self.places[at];
            if place.hash == 0 {
                return (at, false);
            }
            if place.hash == hash && id_at(place.location) == id {
                return (at, true);
            }
            at = (at + 1) & mask;
        }
    }

    /// The location of an open order. `id_at` reads the number of the order at a location that is in the index.
    #[inline]
    pub fn get(&self, id: OrderId, id_at: impl Fn(L) -> OrderId) -> Option<L> {
        let (at, found) = self.search(id, id_at);
        found.then(|| self.places[at].location)
    }

    /// Remembers where an order is that is not in the index. The caller has asked [`OrderIndex::has_room`].
    #[inline]
    pub fn insert(&mut self, id: OrderId, location: L) {
        if self.orders >= self.places.len() / 2 {
            self.grow();
        }
        self.orders += 1;
        self.put(Place { hash: self.hash(id), location });
    }

    #[inline]
    fn put(&mut self, place: Place<L>) {
        let mask = self.places.len() - 1;
        let mut at = (place.hash >> self.shift) as usize & mask;
        while self.places[at].hash != 0 {
            at = (at + 1) & mask;
        }
        self.places[at] = place;
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        assert!(self.has_room(), "whoever inserts has asked whether there is room");
        let free = Place { hash: 0, location: L::default() };
        let places = vec![free; self.places.len() * 2];
        self.shift -= 1;
        for place in std::mem::replace(&mut self.places, places) {
            if place.hash != 0 {
                self.put(place);
            }
        }
    }

    /// Forgets an order that is still at its location, and returns that.
    #[inline]
    pub fn remove(&mut self, id: OrderId, id_at: impl Fn(L) -> OrderId) -> Option<L> {
        let (at, found) = self.search(id, id_at);
        if !found {
            return None;
        }
        let location = self.places[at].location;
        self.close_gap(at);
        Some(location)
    }

    /// Forgets the order at a location, which is in the index, without reading its number there.
    #[inline]
    pub fn remove_at(&mut self, id: OrderId, location: L)
    where
        L: PartialEq,
    {
        let hash = self.hash(id);
        let mask = self.places.len() - 1;
        let mut at = (hash >> self.shift) as usize & mask;
        while self.places[at].hash != 0 {
            if self.places[at].hash == hash && self.places[at].location == location {
                return self.close_gap(at);
            }
            at = (at + 1) & mask;
        }
        debug_assert!(false, "order {id} is not in the index");
    }

    /// Frees a place, and moves up whoever behind it would not be found any more.
    #[inline]
    fn close_gap(&mut self, mut gap: usize) {
        self.orders -= 1;
        let mask = self.places.len() - 1;
        let mut at = (gap + 1) & mask;
        while self.places[at].hash != 0 {
            let home = (self.places[at].hash >> self.shift) as usize & mask;
            // It may move if the gap lies on its way from home.
            if (at.wrapping_sub(home) & mask) >= (at.wrapping_sub(gap) & mask) {
                self.places[gap] = self.places[at];
                gap = at;
            }
            at = (at + 1) & mask;
        }
        self.places[gap].hash = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_open_order_is_found_and_no_other(
            steps in prop::collection::vec((0_u64..400, any::<u16>(), any::<bool>()), 1..3_000),
        ) {
            // Locations are used again, last freed first, as in a book.
            let (mut slots, mut free, mut open) = (Vec::new(), Vec::new(), BTreeMap::new());
            let mut index = OrderIndex::<u32>::default();
            for (pick, spread, ends) in steps {
                let id = OrderId(if spread % 2 == 0 { pick } else { pick << (spread % 60) });
                let known = open.get(&id).copied();
                prop_assert_eq!(index.get(id, |slot| slots[slot as usize]), known);
                if ends {
                    prop_assert_eq!(index.remove(id, |slot| slots[slot as usize]), known);
                    free.extend(open.remove(&id));
                } else if known.is_none() {
                    let slot = free.pop().unwrap_or(slots.len() as u32);
                    slots.resize(slots.len().max(slot as usize + 1), OrderId(0));
                    slots[slot as usize] = id;
                    index.insert(id, slot);
                    open.insert(id, slot);
                }
                prop_assert_eq!(index.len(), open.len());
            }
            for (id, slot) in &open {
                prop_assert_eq!(index.get(*id, |slot| slots[slot as usize]), Some(*slot));
            }
        }
    }

    #[test]
    fn nobody_knows_which_numbers_lie_together() {
        // The numbers of one region of a table without a key: two tables agree on them as on any others.
        let keyless = OrderIndex { key: 0, ..OrderIndex::<u32>::default() };
        let region = |id: &u64| keyless.hash(OrderId(*id)) >> 28 == 0;
        let chosen: Vec<u64> = (1..160_000).filter(region).collect();
        let index = OrderIndex::<u32>::with_capacity(2 * chosen.len());
        let mut regions = [0_usize; 16];
        chosen.iter().for_each(|id| regions[(index.hash(OrderId(*id)) >> 28) as usize] += 1);
        assert!(regions.iter().all(|count| *count < chosen.len() / 8), "{regions:?}");
    }

    #[test]
    fn numbers_that_hash_alike_are_told_apart() {
        // The hash keeps the highest bits of a product: what it makes of small numbers differs in low bits only. So
        // small numbers, taken back through each of its steps.
        const INVERSE: u64 = 0xf1de_83e1_9937_733d;
        let mut index = OrderIndex::<usize>::default();
        let number = |n: u64| {
            let product = n.wrapping_mul(INVERSE);
            OrderId((product ^ product >> 32).wrapping_mul(INVERSE) ^ index.key)
        };
        let alike: Vec<OrderId> = (0..9).map(number).collect();
        assert!(alike.iter().all(|id| index.hash(*id) == index.hash(alike[0])));
        for (location, id) in alike.iter().enumerate() {
            index.insert(*id, location);
        }
        for gone in [4, 0, 8] {
            assert_eq!(index.remove(alike[gone], |location| alike[location]), Some(gone));
            assert_eq!(index.get(alike[gone], |location| alike[location]), None);
        }
        for left in [1, 2, 3, 5, 6, 7] {
            assert_eq!(index.get(alike[left], |location| alike[location]), Some(left));
        }
    }
}
