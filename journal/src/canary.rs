//! Checks that can be left out, to see that their absence is noticed. Only in builds with the feature `canary`.

use std::sync::atomic::{AtomicU8, Ordering};

/// A check that a journal cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Canary {
    /// None is left out.
    None,
    /// Each record names the checksum of the one before.
    PreviousRecord,
    /// A record counts as durable after a sync has covered it.
    SyncBeforeAcknowledging,
    /// What is cut off a torn journal is zeroed.
    ZeroAfterCut,
}

static LEFT_OUT: AtomicU8 = AtomicU8::new(0);

impl Canary {
    /// Leaves it out in the whole process from now on, and no other.
    pub fn leave_out(self) {
        LEFT_OUT.store(self as u8, Ordering::SeqCst);
    }

    pub(crate) fn is_left_out(self) -> bool {
        LEFT_OUT.load(Ordering::SeqCst) == self as u8
    }
}
