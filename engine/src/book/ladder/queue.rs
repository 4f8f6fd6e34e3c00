//! The orders at one price.

use crate::units::Qty;

/// A queue as tables keep it: the oldest order's slot, the youngest one's, and the sum of what is left of its orders.
/// A plain tuple, because a table of zeros comes zeroed from the system and costs no memory until it is used.
pub(super) type Words = (u32, u32, u64);

/// A queue.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Queue {
    /// The oldest order's slot.
    pub head: u32,
    /// Sum of what is left of its orders.
    pub qty: Qty,
}

impl From<Words> for Queue {
    #[inline]
    fn from((head, _, qty): Words) -> Self {
        Self { head, qty: Qty(qty) }
    }
}

/// A queue in its table. What is written is what is read back later, half a word or a whole one: a wider load would have
/// to wait until the narrow writes have left the processor's store buffer.
pub(in super::super) struct QueueMut<'a> {
    /// The oldest order's slot.
    pub head: &'a mut u32,
    /// The youngest order's slot.
    pub tail: &'a mut u32,
    qty: &'a mut u64,
}

impl<'a> From<&'a mut Words> for QueueMut<'a> {
    #[inline]
    fn from((head, tail, qty): &'a mut Words) -> Self {
        Self { head, tail, qty }
    }
}

impl QueueMut<'_> {
    /// Sum of what is left of its orders.
    #[inline]
    pub(in super::super) fn qty(&self) -> Qty {
        Qty(*self.qty)
    }

    #[inline]
    pub(in super::super) fn set_qty(&mut self, qty: Qty) {
        *self.qty = qty.0;
    }
}
