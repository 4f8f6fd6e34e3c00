//! Waking a thread only if it sleeps: a wake-up costs twenty microseconds, a look at a flag costs nothing.
//!
//! The sleeper says that it sleeps, and then looks once more whether there is work; whoever brings work brings it, and
//! then looks whether somebody sleeps. The fence on both sides makes one of the two see the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::time::Duration;

use crossbeam_utils::sync::{Parker, Unparker};

/// The sleeper's side.
pub(crate) struct Sleeper {
    parker: Parker,
    asleep: Arc<AtomicBool>,
}

/// The side of who brings work.
#[derive(Clone)]
pub(crate) struct Waker {
    unparker: Unparker,
    asleep: Arc<AtomicBool>,
}

pub(crate) fn sleeper() -> (Sleeper, Waker) {
    let parker = Parker::new();
    let asleep = Arc::new(AtomicBool::new(false));
    let waker = Waker { unparker: parker.unparker().clone(), asleep: Arc::clone(&asleep) };
    (Sleeper { parker, asleep }, waker)
}

impl Sleeper {
    /// Sleeps until woken or for `timeout`, unless `ready` already.
    pub(crate) fn sleep(&self, timeout: Duration, ready: impl Fn() -> bool) {
        self.asleep.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        if !ready() {
            self.parker.park_timeout(timeout);
        }
        self.asleep.store(false, Ordering::Relaxed);
    }
}

impl Waker {
    /// Wakes the sleeper if it sleeps. The work must have been made visible before.
    #[inline]
    pub(crate) fn wake(&self) {
        fence(Ordering::SeqCst);
        if self.asleep.load(Ordering::Relaxed) {
            self.unpark();
        }
    }

    #[cold]
    fn unpark(&self) {
        if self.asleep.swap(false, Ordering::Relaxed) {
            self.unparker.unpark();
        }
    }
}
