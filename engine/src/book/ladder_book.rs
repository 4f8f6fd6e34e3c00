//! The fast book: a [`Ladder`] a side, and the orders in a [`Slab`]. No allocation once the block has grown.

use super::ladder::Ladder;
use super::slab::{NIL, Slab};
use super::{Handle, Level, OrderBook, Resting};
use crate::command::Side;
use crate::ids::OrderId;
use crate::units::{Price, Qty};

/// Price levels in a bitmap trie, orders in intrusive lists.
#[derive(Default, Clone, Debug)]
pub struct LadderBook {
    sides: [Ladder; 2],
    orders: Slab,
}

/// Bids are mirrored, so that the lowest key is the best price on both sides. Its own inverse.
#[inline]
fn mirror(side: Side, value: u64) -> u64 {
    match side {
        Side::Buy => !value,
        Side::Sell => value,
    }
}

impl LadderBook {
    #[inline]
    fn ladder(&self, side: Side) -> &Ladder {
        &self.sides[side as usize]
    }

    #[inline]
    fn ladder_mut(&mut self, side: Side) -> &mut Ladder {
        &mut self.sides[side as usize]
    }

    fn resting(&self, slot: u32) -> Resting {
        let entry = self.orders.at(slot);
        let side = entry.side();
        Resting {
            handle: Handle { slot, generation: entry.generation() },
            id: entry.id,
            side,
            price: Price(mirror(side, self.ladder(side).key(entry.level))),
            leaves_qty: entry.leaves_qty,
        }
    }

    /// Takes an order out of its queue, and its level out of use if it was the last.
    fn unlink(&mut self, slot: u32) {
        let (side, level, prev, next) = {
            let entry = self.orders.at(slot);
            (entry.side(), entry.level, entry.prev, entry.next)
        };
        if prev != NIL {
            self.orders.at_mut(prev).next = next;
        }
        if next != NIL {
            self.orders.at_mut(next).prev = prev;
        }
        let ladder = &mut self.sides[side as usize];
        if prev == NIL && next == NIL {
            ladder.close(level);
        } else {
            let queue = ladder.queue_mut(level);
            if prev == NIL {
                queue.head = next;
            }
            if next == NIL {
                queue.tail = prev;
            }
        }
        self.orders.free(slot);
    }
}

impl OrderBook for LadderBook {
    fn can_rest(&self, side: Side, price: Price, qty: Qty) -> bool {
        let ladder = self.ladder(side);
        let level = ladder.find(mirror(side, price.0));
        let sum_fits = level.is_none_or(|level| ladder.queue(level).qty.checked_add(qty).is_some());
        sum_fits && self.orders.has_room() && ladder.has_room()
    }

    fn rest(&mut self, side: Side, price: Price, qty: Qty, id: OrderId) -> Handle {
        let level = self.ladder_mut(side).open(mirror(side, price.0));
        let handle = self.orders.insert(side, qty, id, level);
        let queue = self.sides[side as usize].queue_mut(level);
        queue.qty += qty;
        let before = std::mem::replace(&mut queue.tail, handle.slot);
        if before == NIL {
            queue.head = handle.slot;
        } else {
            self.orders.at_mut(before).next = handle.slot;
            self.orders.at_mut(handle.slot).prev = before;
        }
        handle
    }

    fn get(&self, handle: Handle) -> Option<Resting> {
        self.orders.get(handle).map(|_| self.resting(handle.slot))
    }

    fn at_slot(&self, slot: u32) -> Option<Resting> {
        self.orders.is_taken(slot).then(|| self.resting(slot))
    }

    fn best(&self, side: Side) -> Option<Price> {
        self.ladder(side).best().map(|(key, _)| Price(mirror(side, key)))
    }

    fn front(&self, side: Side) -> Option<Resting> {
        let (_, level) = self.ladder(side).best()?;
        Some(self.resting(self.ladder(side).queue(level).head))
    }

    fn take(&mut self, handle: Handle, qty: Qty) {
        let entry = self.orders.at_mut(handle.slot);
        debug_assert!(entry.generation() == handle.generation);
        entry.leaves_qty -= qty;
        let (side, level, emptied) = (entry.side(), entry.level, entry.leaves_qty.is_zero());
        self.ladder_mut(side).queue_mut(level).qty -= qty;
        if emptied {
            self.unlink(handle.slot);
        }
    }

    fn remove(&mut self, handle: Handle) -> Option<Resting> {
        let order = self.get(handle)?;
        let level = self.orders.at(handle.slot).level;
        self.ladder_mut(order.side).queue_mut(level).qty -= order.leaves_qty;
        self.unlink(handle.slot);
        Some(order)
    }

    fn level_after(&self, side: Side, after: Option<Price>) -> Option<Level> {
        let ladder = self.ladder(side);
        let (key, level) = match after {
            None => ladder.best()?,
            Some(price) => ladder.next(mirror(side, price.0))?,
        };
        Some(Level { price: Price(mirror(side, key)), qty: ladder.queue(level).qty })
    }

    fn for_each(&self, side: Side, visit: &mut dyn FnMut(Resting)) {
        let ladder = self.ladder(side);
        let mut at = ladder.best();
        while let Some((key, level)) = at {
            let mut slot = ladder.queue(level).head;
            while slot != NIL {
                visit(self.resting(slot));
                slot = self.orders.at(slot).next;
            }
            at = ladder.next(key);
        }
    }
}
