//! The fast book: a [`Ladder`] a side, and the orders in a [`Slab`]. No allocation once it is warm.

use std::hint::select_unpredictable;

use super::ladder::{Ladder, QueueMut};
use super::slab::{Entry, NIL, Row, Slab};
use super::{Fill, Level, Meet, OrderBook, Resting, Slot};
use crate::command::Side;
use crate::ids::OrderId;
use crate::units::{Price, Qty};

/// Price levels in tables under bitmaps, orders in intrusive lists.
#[derive(Default, Clone, Debug)]
pub struct LadderBook {
    /// Bids and asks that show, then those that do not: see [`Row`].
    sides: [Ladder; 4],
    orders: Slab,
}

/// Bids are mirrored, so that the lowest key is the best price on both sides. Its own inverse, and no branch: which
/// side comes next is what a processor guesses worst.
#[inline]
fn mirror(side: Side, value: u64) -> u64 {
    value ^ (side as u64).wrapping_sub(1)
}

const _: () = assert!(Side::Buy as u64 == 0 && Side::Sell as u64 == 1);

impl LadderBook {
    /// An empty book whose memory is there already: for so many orders, and for levels near the market (8 MiB). Others
    /// take theirs from the system as they come to need it.
    pub fn with_capacity(orders: usize) -> Self {
        let mut book = Self { sides: Default::default(), orders: Slab::with_capacity(orders) };
        book.sides[..2].iter_mut().for_each(Ladder::touch);
        book
    }

    #[inline]
    fn ladder(&self, side: Side) -> &Ladder {
        &self.sides[side as usize]
    }

    /// The ladder of orders that do not show.
    #[inline]
    fn hidden(&self, side: Side) -> &Ladder {
        &self.sides[Row::hidden(side).index()]
    }

    #[inline]
    fn shown(slot: u32, entry: &Entry) -> Resting {
        let side = entry.side();
        let price = Price(mirror(side, entry.key));
        Resting { slot: Slot(slot), id: entry.id, side, price, leaves_qty: entry.leaves_qty }
    }

    /// Takes an order out of its queue, and its level out of use if it was the last. Whether it has neighbours is not
    /// asked before they are written to, because the answer cannot be guessed: who has none writes to [`NIL`].
    #[inline(always)]
    fn unlink(&mut self, slot: u32) {
        let (row, key, prev, next, leaves_qty) = self.orders.release(slot);
        let ladder = &mut self.sides[row.index()];
        if prev == NIL && next == NIL {
            // The queue is not even looked at: most orders are alone at their price when the market moves.
            return ladder.close(key);
        }
        let mut queue = ladder.queue_mut(key);
        queue.set_qty(queue.qty() - leaves_qty);
        *queue.head = select_unpredictable(prev == NIL, next, *queue.head);
        *queue.tail = select_unpredictable(next == NIL, prev, *queue.tail);
        self.orders.at_mut(prev).next = next;
        self.orders.at_mut(next).set_prev(prev);
    }

    /// The order at the head of a queue goes to its tail. Gives the new head.
    #[cold]
    fn to_tail(orders: &mut Slab, queue: &mut QueueMut<'_>, slot: u32) -> u32 {
        let (next, tail) = (orders.at(slot).next, *queue.tail);
        if next == NIL {
            return slot;
        }
        orders.at_mut(tail).next = slot;
        let entry = orders.at_mut(slot);
        entry.set_prev(tail);
        entry.next = NIL;
        *queue.tail = slot;
        next
    }

    #[inline(always)]
    fn rest_in(&mut self, row: Row, key: u64, qty: Qty, id: OrderId) -> Slot {
        let ladder = &mut self.sides[row.index()];
        let (fresh, mut queue) = ladder.open(key);
        if fresh {
            let slot = self.orders.insert(row, key, qty, id, NIL);
            (*queue.head, *queue.tail) = (slot, slot);
            queue.set_qty(qty);
            return Slot(slot);
        }
        let tail = *queue.tail;
        let slot = self.orders.insert(row, key, qty, id, tail);
        self.orders.at_mut(tail).next = slot;
        *queue.tail = slot;
        queue.set_qty(queue.qty() + qty);
        Slot(slot)
    }

    /// The best key of a side, shown or not, or the next one behind `after`.
    fn key_after(&self, side: Side, after: Option<u64>) -> Option<u64> {
        let next = |ladder: &Ladder| match after {
            None => ladder.best(),
            Some(key) => ladder.next(key),
        };
        [self.ladder(side), self.hidden(side)].into_iter().filter_map(next).min()
    }

    /// As [`OrderBook::walk`], where some orders do not show.
    #[cold]
    fn walk_all(&self, side: Side, visit: &mut dyn FnMut(Resting) -> bool) {
        let mut at = self.key_after(side, None);
        while let Some(key) = at {
            for ladder in [self.ladder(side), self.hidden(side)] {
                if ladder.is_open(key) && !self.walk_queue(ladder.queue(key).head, visit) {
                    return;
                }
            }
            at = self.key_after(side, Some(key));
        }
    }

    /// Shows the orders of a queue from a slot on, as long as `visit` says to go on, and returns whether it did.
    fn walk_queue(&self, mut slot: u32, visit: &mut dyn FnMut(Resting) -> bool) -> bool {
        while slot != NIL {
            let entry = self.orders.at(slot);
            if !visit(Self::shown(slot, entry)) {
                return false;
            }
            slot = entry.next;
        }
        true
    }

    /// [`OrderBook::sweep`] after the first question has been answered: there is something to trade with.
    #[inline(never)]
    fn sweep_levels(&mut self, side: Side, bound: u64, mut qty: Qty, mut on_meet: impl FnMut(Fill) -> Meet) -> Qty {
        while !qty.is_zero()
            && let Some(key) = self.ladder(side).best_within(bound)
        {
            let stops;
            (qty, stops) = self.sweep_queue(side, key, qty, &mut on_meet);
            if stops {
                break;
            }
        }
        qty
    }

    /// Takes up to `qty` lots from the orders at one price, and returns what is left of it, and whether the taker stops.
    #[inline(always)]
    fn sweep_queue(
        &mut self,
        side: Side,
        key: u64,
        mut qty: Qty,
        on_meet: &mut impl FnMut(Fill) -> Meet,
    ) -> (Qty, bool) {
        let Self { sides, orders } = self;
        let ladder = &mut sides[side as usize];
        let price = Price(mirror(side, key));
        let mut queue = ladder.queue_mut(key);
        let (mut slot, mut level_qty, mut stops) = (*queue.head, queue.qty(), false);
        while !qty.is_zero() {
            let (entry, free) = orders.at_with_free(slot);
            let leaves_qty = entry.leaves_qty;
            let traded = qty.min(leaves_qty);
            let maker = Resting { slot: Slot(slot), id: entry.id, side, price, leaves_qty };
            match on_meet(Fill { maker, qty: traded }) {
                Meet::Take => {
                    qty -= traded;
                    level_qty -= traded;
                    if traded < leaves_qty {
                        entry.leaves_qty -= traded;
                        break;
                    }
                }
                Meet::Remove => level_qty -= leaves_qty,
                Meet::Refresh(anew) => {
                    qty -= traded;
                    level_qty = level_qty - traded + anew;
                    entry.leaves_qty = anew;
                    slot = Self::to_tail(orders, &mut queue, slot);
                    continue;
                }
                Meet::Stop => {
                    stops = true;
                    break;
                }
                Meet::RemoveAndStop => {
                    level_qty -= leaves_qty;
                    stops = true;
                }
            }
            let next = std::mem::replace(&mut entry.next, *free);
            entry.leaves_qty = Qty::ZERO;
            *free = slot;
            slot = next;
            if slot == NIL {
                ladder.close(key);
                return (qty, stops);
            }
            if stops {
                break;
            }
        }
        // Whoever is first now has nobody before it.
        orders.at_mut(slot).set_prev(NIL);
        *queue.head = slot;
        queue.set_qty(level_qty);
        (qty, stops)
    }
}

impl OrderBook for LadderBook {
    fn can_rest(&self, side: Side, price: Price, qty: Qty) -> bool {
        let ladder = self.ladder(side);
        let key = mirror(side, price.0);
        let sum_fits = !ladder.is_open(key) || ladder.queue(key).qty.checked_add(qty).is_some();
        sum_fits && self.orders.has_room()
    }

    #[inline(always)]
    fn rest(&mut self, side: Side, price: Price, qty: Qty, id: OrderId) -> Slot {
        self.rest_in(Row::shown(side), mirror(side, price.0), qty, id)
    }

    #[cold]
    #[inline(never)]
    fn rest_hidden(&mut self, side: Side, price: Price, qty: Qty, id: OrderId) -> Slot {
        self.rest_in(Row::hidden(side), mirror(side, price.0), qty, id)
    }
    #[inline]
    fn get(&self, slot: Slot) -> Option<Resting> {
        self.orders.get(slot).map(|entry| Self::shown(slot.0, entry))
    }

    #[inline]
    fn id_at(&self, slot: Slot) -> Option<OrderId> {
        self.orders.get(slot).map(|entry| entry.id)
    }

    #[inline]
    fn best(&self, side: Side) -> Option<Price> {
        self.ladder(side).best().map(|key| Price(mirror(side, key)))
    }

    fn front(&self, side: Side) -> Option<Resting> {
        let (shown, hidden) = (self.ladder(side), self.hidden(side));
        let (best, other) = (shown.best(), hidden.best());
        let slot = match (best, other) {
            (Some(key), Some(other)) if other < key => hidden.queue(other).head,
            (None, Some(other)) => hidden.queue(other).head,
            (best, _) => shown.queue(best?).head,
        };
        Some(Self::shown(slot, self.orders.at(slot)))
    }

    #[inline(always)]
    fn sweep(&mut self, taker: Side, limit: Option<Price>, qty: Qty, on_meet: impl FnMut(Fill) -> Meet) -> Qty {
        let side = taker.opposite();
        let bound = limit.map_or(u64::MAX, |limit| mirror(side, limit.0));
        match self.ladder(side).best_within(bound) {
            None => qty,
            Some(_) => self.sweep_levels(side, bound, qty, on_meet),
        }
    }

    #[inline]
    fn take(&mut self, slot: Slot, qty: Qty) {
        let entry = self.orders.at_mut(slot.0);
        if qty == entry.leaves_qty {
            return self.unlink(slot.0);
        }
        entry.leaves_qty -= qty;
        let (key, ladder) = (entry.key, &mut self.sides[entry.row().index()]);
        let mut queue = ladder.queue_mut(key);
        queue.set_qty(queue.qty() - qty);
    }

    fn refresh(&mut self, slot: Slot, qty: Qty) {
        let entry = self.orders.at_mut(slot.0);
        let (key, leaves_qty) = (entry.key, std::mem::replace(&mut entry.leaves_qty, qty));
        let ladder = &mut self.sides[entry.row().index()];
        let mut queue = ladder.queue_mut(key);
        debug_assert_eq!(*queue.head, slot.0, "only the first order of a level is filled");
        queue.set_qty(queue.qty() - leaves_qty + qty);
        let head = Self::to_tail(&mut self.orders, &mut queue, slot.0);
        *queue.head = head;
        self.orders.at_mut(head).set_prev(NIL);
    }

    #[inline(always)]
    fn remove(&mut self, slot: Slot) -> Option<Resting> {
        let order = self.get(slot)?;
        self.unlink(slot.0);
        Some(order)
    }

    fn level(&self, side: Side, price: Price) -> Option<Level> {
        let ladder = self.ladder(side);
        let key = mirror(side, price.0);
        ladder.is_open(key).then(|| Level { price, qty: ladder.queue(key).qty })
    }

    fn unseen_at(&self, side: Side, price: Price) -> Qty {
        let ladder = self.hidden(side);
        let key = mirror(side, price.0);
        if ladder.is_open(key) { ladder.queue(key).qty } else { Qty::ZERO }
    }

    fn level_after(&self, side: Side, after: Option<Price>) -> Option<Level> {
        let ladder = self.ladder(side);
        let key = match after {
            None => ladder.best()?,
            Some(price) => ladder.next(mirror(side, price.0))?,
        };
        Some(Level { price: Price(mirror(side, key)), qty: ladder.queue(key).qty })
    }

    fn walk_level(&self, side: Side, price: Price, visit: &mut dyn FnMut(Resting) -> bool) {
        let key = mirror(side, price.0);
        for ladder in [self.ladder(side), self.hidden(side)] {
            if ladder.is_open(key) && !self.walk_queue(ladder.queue(key).head, visit) {
                return;
            }
        }
    }

    fn walk(&self, side: Side, visit: &mut dyn FnMut(Resting) -> bool) {
        if self.hidden(side).best().is_some() {
            return self.walk_all(side, visit);
        }
        let ladder = self.ladder(side);
        let mut at = ladder.best();
        while let Some(key) = at.filter(|key| self.walk_queue(ladder.queue(*key).head, visit)) {
            at = ladder.next(key);
        }
    }

    fn best_of_all(&self, side: Side) -> Option<Price> {
        self.key_after(side, None).map(|key| Price(mirror(side, key)))
    }

    fn level_of_all_after(&self, side: Side, after: Option<Price>) -> Option<Level> {
        let key = self.key_after(side, after.map(|price| mirror(side, price.0)))?;
        let ladders = [self.ladder(side), self.hidden(side)].into_iter().filter(|ladder| ladder.is_open(key));
        let qty = ladders.fold(Qty::ZERO, |sum, ladder| sum + ladder.queue(key).qty);
        Some(Level { price: Price(mirror(side, key)), qty })
    }
}
