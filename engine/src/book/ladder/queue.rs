//! The orders at one price.

use crate::units::Qty;

/// A queue of orders.
///
/// Its two links are one word from the beginning: written as halves and read back as a whole they would have to wait
/// until the halves have left the processor's store buffer.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Queue {
    links: u64,
    /// Sum of what is left of its orders.
    pub qty: Qty,
}

const HEAD: u64 = u32::MAX as u64;

impl Queue {
    /// From the oldest order's slot to the youngest one's.
    #[inline]
    pub(in super::super) fn new(head: u32, tail: u32, qty: Qty) -> Self {
        Self { links: u64::from(head) | u64::from(tail) << 32, qty }
    }

    /// The oldest order's slot.
    #[inline]
    pub(in super::super) fn head(self) -> u32 {
        self.links as u32
    }

    /// The youngest order's slot.
    #[inline]
    pub(in super::super) fn tail(self) -> u32 {
        (self.links >> 32) as u32
    }

    #[inline]
    pub(in super::super) fn set_head(&mut self, head: u32) {
        self.links = self.links & !HEAD | u64::from(head);
    }

    #[inline]
    pub(in super::super) fn set_tail(&mut self, tail: u32) {
        self.links = self.links & HEAD | u64::from(tail) << 32;
    }

    /// As tables keep it: plain words, because a table of zero words costs no memory until it is used.
    #[inline]
    pub(super) fn to_words(self) -> [u64; 2] {
        [self.links, self.qty.0]
    }

    #[inline]
    pub(super) fn from_words([links, qty]: [u64; 2]) -> Self {
        Self { links, qty: Qty(qty) }
    }
}
