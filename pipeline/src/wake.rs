//! Waking a thread only if it sleeps: a wake-up costs twenty microseconds, a look at a flag costs nothing.
//!
//! The sleeper says that it sleeps, and then looks once more whether there is work; whoever brings work brings it, and
//! then looks whether somebody sleeps. The fence on both sides makes one of the two see the other.

use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crossbeam_utils::sync::{Parker, Unparker};

/// The sleeper's side.
pub(crate) struct Sleeper {
    parker: Parker,
    asleep: Arc<AtomicBool>,
    rouse: Rouse,
}

/// Wakes a sleeper that sleeps somewhere else than here.
type Rouse = Arc<OnceLock<Box<dyn Fn() + Send + Sync>>>;

/// The side of who brings work.
#[derive(Clone)]
pub(crate) struct Waker {
    unparker: Unparker,
    asleep: Arc<AtomicBool>,
    rouse: Rouse,
}

pub(crate) fn sleeper() -> (Sleeper, Waker) {
    let parker = Parker::new();
    let asleep = Arc::new(AtomicBool::new(false));
    let rouse = Rouse::default();
    let waker = Waker { unparker: parker.unparker().clone(), asleep: Arc::clone(&asleep), rouse: Arc::clone(&rouse) };
    (Sleeper { parker, asleep, rouse }, waker)
}

impl Sleeper {
    /// Sleeps until woken or for `timeout`, unless `ready` already.
    pub(crate) fn sleep(&self, timeout: Duration, ready: impl Fn() -> bool) {
        self.sleep_by(ready, || self.parker.park_timeout(timeout));
    }

    /// Sleeps by a way of the caller's own, from which what was given to [`Sleeper::rouse_by`] wakes it, unless `ready`
    /// already.
    pub(crate) fn sleep_by<T: Default>(&self, ready: impl Fn() -> bool, sleep: impl FnOnce() -> T) -> T {
        self.asleep.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        let slept = if ready() { T::default() } else { sleep() };
        self.asleep.store(false, Ordering::Relaxed);
        slept
    }

    /// The same for a future that sleeps.
    pub(crate) async fn sleep_on(&self, ready: impl Fn() -> bool, sleep: impl Future<Output = ()>) {
        self.asleep.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        if !ready() {
            sleep.await;
        }
        self.asleep.store(false, Ordering::Relaxed);
    }

    /// Whoever brings work calls this instead of ending the sleep itself. A second one is ignored.
    pub(crate) fn rouse_by(&self, rouse: Box<dyn Fn() + Send + Sync>) {
        let _ = self.rouse.set(rouse);
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
            match self.rouse.get() {
                Some(rouse) => rouse(),
                None => self.unparker.unpark(),
            }
        }
    }
}
