//! Resting orders in one block of memory, linked into the queues of their levels by index.

use super::Slot;
use crate::command::Side;
use crate::ids::OrderId;
use crate::units::Qty;

/// No order. Its slot is there all the same, so that who writes to a neighbour need not ask whether there is one.
pub(super) const NIL: u32 = 0;
/// The bits of a slot.
const SLOT: u32 = u32::MAX >> 2;
const ROW_SHIFT: u32 = 30;

/// In which of a book's ladders an order is: its side's, or its side's for orders that do not show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Row(u32);

impl Row {
    /// Of orders that show.
    #[inline]
    pub(super) const fn shown(side: Side) -> Self {
        Self(side as u32)
    }

    /// Of orders that do not.
    pub(super) const fn hidden(side: Side) -> Self {
        Self(2 | side as u32)
    }

    #[inline]
    pub(super) const fn side(self) -> Side {
        if self.0 & 1 == 0 { Side::Buy } else { Side::Sell }
    }

    /// The ladder's place among four.
    #[inline]
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One order: two of them fill a cache line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// What is left; zero in a free slot.
    pub leaves_qty: Qty,
    /// The order's number.
    pub id: OrderId,
    /// Where its level is in the ladder of its side.
    pub key: u64,
    /// The order behind it in its level, or the next free slot.
    pub next: u32,
    /// The order before it in its level (30 bits), and the row (highest bits).
    prev_and_row: u32,
}

const _: () = assert!(size_of::<Entry>() == 32);

impl Entry {
    #[inline]
    pub(super) fn new(row: Row, key: u64, leaves_qty: Qty, id: OrderId, prev: u32) -> Self {
        Self { leaves_qty, id, key, next: NIL, prev_and_row: prev | row.0 << ROW_SHIFT }
    }

    #[inline]
    pub(super) fn row(&self) -> Row {
        Row(self.prev_and_row >> ROW_SHIFT)
    }

    #[inline]
    pub(super) fn side(&self) -> Side {
        self.row().side()
    }

    #[inline]
    pub(super) fn prev(&self) -> u32 {
        self.prev_and_row & SLOT
    }

    #[inline]
    pub(super) fn set_prev(&mut self, prev: u32) {
        self.prev_and_row = self.prev_and_row & !SLOT | prev;
    }
}

/// The slots, and a list of the free ones: last freed, first used, because it is still in the cache.
#[derive(Clone, Debug)]
pub(super) struct Slab {
    entries: Vec<Entry>,
    free: u32,
}

impl Default for Slab {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl Slab {
    /// A slab whose first slots are there already, their memory touched.
    pub(super) fn with_capacity(slots: usize) -> Self {
        let slots = slots.min(SLOT as usize) as u32;
        let entries = (0..=slots).map(|slot| {
            let mut entry = Entry::new(Row::shown(Side::Buy), 0, Qty::ZERO, OrderId(0), NIL);
            entry.next = if slot == slots { NIL } else { slot + 1 };
            entry
        });
        Self { entries: entries.collect(), free: if slots == 0 { NIL } else { 1 } }
    }

    /// Whether one more order fits under 30-bit indices.
    pub(super) fn has_room(&self) -> bool {
        self.free != NIL || self.entries.len() <= SLOT as usize
    }

    /// Puts an order into a free slot. Field by field: an entry that was put together first would be copied by a wide
    /// load, which would have to wait until the narrow writes have left the store buffer.
    #[inline]
    pub(super) fn insert(&mut self, row: Row, key: u64, leaves_qty: Qty, id: OrderId, prev: u32) -> u32 {
        let slot = self.free;
        if slot == NIL {
            return self.push(Entry::new(row, key, leaves_qty, id, prev));
        }
        let entry = &mut self.entries[slot as usize];
        self.free = entry.next;
        entry.leaves_qty = leaves_qty;
        entry.id = id;
        entry.key = key;
        entry.next = NIL;
        entry.prev_and_row = prev | row.0 << ROW_SHIFT;
        slot
    }

    #[cold]
    #[inline(never)]
    fn push(&mut self, entry: Entry) -> u32 {
        assert!(self.has_room(), "whoever inserts has asked whether there is room");
        self.entries.push(entry);
        self.entries.len() as u32 - 1
    }

    /// Frees a slot, and returns what was in it: row, key, links, and what was left.
    ///
    /// Fields of an entry are read one by one, never the entry as a whole: it was written a moment ago, and a wide load
    /// would have to wait until the narrow writes have left the store buffer.
    #[inline]
    pub(super) fn release(&mut self, slot: u32) -> (Row, u64, u32, u32, Qty) {
        let entry = &mut self.entries[slot as usize];
        let found = (entry.row(), entry.key, entry.prev(), entry.next, entry.leaves_qty);
        entry.leaves_qty = Qty::ZERO;
        entry.next = std::mem::replace(&mut self.free, slot);
        found
    }

    /// The order in a slot, and the head of the list of free slots.
    #[inline]
    pub(super) fn at_with_free(&mut self, slot: u32) -> (&mut Entry, &mut u32) {
        (&mut self.entries[slot as usize], &mut self.free)
    }

    /// The order in a slot, if one rests there.
    #[inline]
    pub(super) fn get(&self, slot: Slot) -> Option<&Entry> {
        self.entries.get(slot.0 as usize).filter(|entry| !entry.leaves_qty.is_zero())
    }

    #[inline]
    pub(super) fn at(&self, slot: u32) -> &Entry {
        &self.entries[slot as usize]
    }

    #[inline]
    pub(super) fn at_mut(&mut self, slot: u32) -> &mut Entry {
        &mut self.entries[slot as usize]
    }
}
