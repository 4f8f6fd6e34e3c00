//! The orders at one price.

use crate::units::Qty;

/// A queue of orders.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Queue {
    /// The oldest order's slot.
    pub head: u32,
    /// The youngest order's slot.
    pub tail: u32,
    /// Sum of what is left of its orders.
    pub qty: Qty,
}

impl Queue {
    /// As tables keep it: plain words, because a table of zero words costs no memory until it is used.
    #[inline]
    pub(super) fn to_words(self) -> [u64; 2] {
        [u64::from(self.head) | u64::from(self.tail) << 32, self.qty.0]
    }

    #[inline]
    pub(super) fn from_words([links, qty]: [u64; 2]) -> Self {
        Self { head: links as u32, tail: (links >> 32) as u32, qty: Qty(qty) }
    }
}
