//! Finds open orders by number without a search: a table in which each number has its place.

use std::collections::BTreeMap;

use crate::ids::OrderId;

const LEAST: usize = 1 << 10;

/// Where open orders are, by their numbers.
///
/// The table has a power of two of places, and a number's lowest bits name its place, so numbers given in sequence do
/// not meet until the table has gone round; an older order that is still open then moves to a map. What the table says
/// of an order that has ended stays there and is not believed: whoever asks says how to read the number of the order
/// that is at a location now. So ending an order costs nothing here, as long as the map is empty.
///
/// The table doubles when the map holds half as many orders as it has places, and never shrinks: at most four places
/// for each open order, or what was asked for at the beginning.
#[derive(Clone, Debug)]
pub struct OrderIndex<L> {
    table: Vec<L>,
    displaced: BTreeMap<OrderId, L>,
}

impl<L: Copy + Default> Default for OrderIndex<L> {
    fn default() -> Self {
        Self::with_capacity(LEAST)
    }
}

impl<L: Copy + Default> OrderIndex<L> {
    /// An empty index with at least this many places.
    pub fn with_capacity(places: usize) -> Self {
        Self { table: vec![L::default(); places.max(LEAST).next_power_of_two()], displaced: BTreeMap::new() }
    }

    #[inline]
    fn place(&self, id: OrderId) -> usize {
        id.0 as usize & (self.table.len() - 1)
    }

    /// The location of an open order. `order_at` reads the number of the order that is at a location now.
    #[inline]
    pub fn find(&self, id: OrderId, order_at: impl Fn(L) -> Option<OrderId>) -> Option<L> {
        let location = self.table[self.place(id)];
        if order_at(location) == Some(id) {
            return Some(location);
        }
        if self.displaced.is_empty() { None } else { self.find_displaced(id) }
    }

    #[cold]
    #[inline(never)]
    fn find_displaced(&self, id: OrderId) -> Option<L> {
        self.displaced.get(&id).copied()
    }

    /// Remembers where an order is.
    #[inline]
    pub fn insert(&mut self, id: OrderId, location: L, order_at: impl Fn(L) -> Option<OrderId>) {
        let place = self.place(id);
        let before = std::mem::replace(&mut self.table[place], location);
        // A location that the table had for an ended order may hold an order from another place by now.
        if let Some(other) = order_at(before).filter(|other| *other != id && self.place(*other) == place) {
            self.displace(other, before, order_at);
        }
    }

    #[cold]
    #[inline(never)]
    fn displace(&mut self, id: OrderId, location: L, order_at: impl Fn(L) -> Option<OrderId>) {
        self.displaced.insert(id, location);
        if self.displaced.len() > self.table.len() / 2 {
            self.grow(order_at);
        }
    }

    fn grow(&mut self, order_at: impl Fn(L) -> Option<OrderId>) {
        let places = self.table.len() * 2;
        let small = std::mem::replace(&mut self.table, vec![L::default(); places]);
        for (place, location) in small.iter().enumerate() {
            if let Some(id) = order_at(*location).filter(|id| id.0 as usize & (small.len() - 1) == place) {
                let place = self.place(id);
                self.table[place] = *location;
            }
        }
    }

    /// Forgets an order that has ended.
    #[inline]
    pub fn remove(&mut self, id: OrderId) {
        if !self.displaced.is_empty() {
            self.remove_displaced(id);
        }
    }

    #[cold]
    #[inline(never)]
    fn remove_displaced(&mut self, id: OrderId) {
        self.displaced.remove(&id);
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
            steps in prop::collection::vec((0_u64..40_000, 0_u64..30, any::<bool>()), 1..6_000),
        ) {
            // Slots are used again, last freed first, as in a book.
            let mut slots: Vec<Option<OrderId>> = vec![None];
            let mut free = Vec::new();
            let mut open = BTreeMap::new();
            let mut index = OrderIndex::<u32>::default();
            let (mut next, mut displaced) = (0, 0);
            for (pick, jump, ends) in steps {
                let victim = open.range(OrderId(pick)..).next().map(|(id, slot)| (*id, *slot));
                if let Some((id, slot)) = victim.filter(|_| ends) {
                    open.remove(&id);
                    slots[slot as usize] = None;
                    index.remove(id);
                    free.push(slot);
                } else {
                    next += 1 + jump * jump;
                    let slot = free.pop().unwrap_or(slots.len() as u32);
                    slots.resize(slots.len().max(slot as usize + 1), None);
                    slots[slot as usize] = Some(OrderId(next));
                    index.insert(OrderId(next), slot, |slot| slots[slot as usize]);
                    open.insert(OrderId(next), slot);
                }
                displaced = displaced.max(index.displaced.len());
                let found = index.find(OrderId(pick), |slot| slots[slot as usize]);
                prop_assert_eq!(found, open.get(&OrderId(pick)).copied());
            }
            for (id, slot) in &open {
                prop_assert_eq!(index.find(*id, |slot| slots[slot as usize]), Some(*slot));
            }
            prop_assert!(displaced > 0 || open.len() < 600, "the map was never needed: {} open", open.len());
        }
    }
}
