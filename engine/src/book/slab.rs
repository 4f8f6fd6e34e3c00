//! Resting orders in one block of memory, linked into the queues of their levels by index.

use super::Handle;
use crate::command::Side;
use crate::ids::OrderId;
use crate::units::Qty;

/// No order, no slot.
pub(super) const NIL: u32 = u32::MAX;

/// One order: two of them fill a cache line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// What is left; zero in a free slot.
    pub leaves_qty: Qty,
    /// The order's number.
    pub id: OrderId,
    /// The order behind it in its level, or the next free slot.
    pub next: u32,
    /// The order before it in its level.
    pub prev: u32,
    /// Its level in the ladder of its side.
    pub level: u32,
    /// Which use of the slot (31 bits), and the side (lowest bit).
    tag: u32,
}

const _: () = assert!(size_of::<Slot>() == 32);

impl Slot {
    pub(super) fn side(&self) -> Side {
        if self.tag & 1 == 0 { Side::Buy } else { Side::Sell }
    }

    pub(super) fn generation(&self) -> u32 {
        self.tag >> 1
    }
}

/// The slots, and a list of the free ones: last freed, first used, because it is still in the cache.
#[derive(Clone, Debug)]
pub(super) struct Slab {
    slots: Vec<Slot>,
    free: u32,
}

impl Default for Slab {
    fn default() -> Self {
        Self { slots: Vec::new(), free: NIL }
    }
}

impl Slab {
    /// Whether one more order fits under 32-bit indices.
    pub(super) fn has_room(&self) -> bool {
        self.free != NIL || self.slots.len() < NIL as usize
    }

    pub(super) fn insert(&mut self, side: Side, qty: Qty, id: OrderId, level: u32) -> Handle {
        let slot = self.free;
        if slot == NIL {
            let slot = self.slots.len() as u32;
            self.slots.push(Slot { leaves_qty: qty, id, next: NIL, prev: NIL, level, tag: side as u32 });
            return Handle { slot, generation: 0 };
        }
        let entry = &mut self.slots[slot as usize];
        self.free = entry.next;
        let generation = entry.generation();
        *entry = Slot { leaves_qty: qty, id, next: NIL, prev: NIL, level, tag: generation << 1 | side as u32 };
        Handle { slot, generation }
    }

    /// Frees a slot. Its generation moves on, so that handles to it go stale.
    pub(super) fn free(&mut self, slot: u32) {
        let entry = &mut self.slots[slot as usize];
        let generation = (entry.generation() + 1) & (u32::MAX >> 1);
        entry.leaves_qty = Qty::ZERO;
        entry.tag = generation << 1;
        entry.next = self.free;
        self.free = slot;
    }

    pub(super) fn get(&self, handle: Handle) -> Option<&Slot> {
        let slot = self.slots.get(handle.slot as usize)?;
        (slot.generation() == handle.generation && !slot.leaves_qty.is_zero()).then_some(slot)
    }

    pub(super) fn is_taken(&self, slot: u32) -> bool {
        self.slots.get(slot as usize).is_some_and(|slot| !slot.leaves_qty.is_zero())
    }

    #[inline]
    pub(super) fn at(&self, slot: u32) -> &Slot {
        &self.slots[slot as usize]
    }

    #[inline]
    pub(super) fn at_mut(&mut self, slot: u32) -> &mut Slot {
        &mut self.slots[slot as usize]
    }
}
