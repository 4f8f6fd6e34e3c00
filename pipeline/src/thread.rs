//! The core's thread, and how others carry out commands in its place.
//!
//! On few processors every thread on the way of an order costs more than what it does: it has to be woken, and to wait for a
//! processor. There the core is lent ([`crate::VenueConfig::lends_core`]): whoever hands in commands and goes on to wait for
//! what comes of them takes the [`Seat`], if nobody has it, and carries them out. Whoever does not get it need not wait: who
//! has it looks into the inbox once more when he has left it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_queue::ArrayQueue;
use crossbeam_utils::CachePadded;

use crate::client::Submission;
use crate::core::Core;
use crate::seat::{Patience, Seat};
use crate::shared::Shared;
use crate::wake::{Sleeper, Waker};

/// How long the thread looks at an empty inbox before it sleeps: about what two wake-ups cost.
const SPIN: Duration = Duration::from_micros(50);
/// Empty looks before it lets others have the processor between two looks.
const SPINS: u32 = 64;
/// The longest sleep, and so the longest silence of a healthy core.
pub(crate) const NAP: Duration = Duration::from_millis(100);

/// No order's time is up, ever.
const NEVER: u64 = u64::MAX;

/// Where the seat is while nobody has it.
pub(crate) struct Chair {
    /// Nothing, when all is over.
    seat: CachePadded<Mutex<Option<Seat>>>,
    lends: bool,
    /// Until when the thread may sleep. Stored by who has the seat.
    sleeps_until_ns: AtomicU64,
    inbox: Arc<ArrayQueue<Submission>>,
    shared: Arc<Shared>,
}

impl Chair {
    pub(crate) fn new(seat: Seat, lends: bool, inbox: Arc<ArrayQueue<Submission>>, shared: Arc<Shared>) -> Self {
        let seat = CachePadded::new(Mutex::new(Some(seat)));
        Self { seat, lends, sleeps_until_ns: AtomicU64::new(NEVER), inbox, shared }
    }

    /// Whether others than the core's thread may take the seat.
    pub(crate) fn lends(&self) -> bool {
        self.lends
    }

    /// Carries out what was handed in, or has the core's thread do it.
    #[inline]
    pub(crate) fn carry_out(&self, thread: &Waker) {
        if !self.lends || self.carry_out_here() {
            thread.wake();
        }
    }

    /// Carries out some of what was handed in, unless somebody else has the seat. Gives whether anything is left for the
    /// core's thread.
    fn carry_out_here(&self) -> bool {
        // Whoever has the seat sees what was handed in, or this sees that he has left it.
        fence(Ordering::SeqCst);
        let Ok(mut place) = self.seat.try_lock() else { return false };
        let worked = catch_unwind(AssertUnwindSafe(|| place.as_mut().is_some_and(|seat| self.lend(seat))));
        let is_left = worked.unwrap_or_else(|_| {
            self.shared.fail(PANICKED.to_owned());
            *place = None;
            true
        });
        drop(place);
        fence(Ordering::SeqCst);
        is_left || !self.inbox.is_empty()
    }

    /// Carries out some of what was handed in. Gives whether the core's thread has something to do before it meant to.
    fn lend(&self, seat: &mut Seat) -> bool {
        if !seat.is_over() {
            seat.batch(Patience::Leaves);
        }
        let due_ns = if seat.is_over() || seat.has_untold() { 0 } else { seat.next_expiry().unwrap_or(NEVER) };
        let is_sooner = due_ns < self.sleeps_until_ns.load(Ordering::Relaxed);
        if is_sooner {
            self.sleeps_until_ns.store(due_ns, Ordering::Relaxed);
        }
        is_sooner
    }

    fn lock(&self) -> MutexGuard<'_, Option<Seat>> {
        // After a panic the venue has failed, which is the first thing that is looked at.
        self.seat.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The core's thread.
pub(crate) struct CoreThread {
    pub(crate) chair: Arc<Chair>,
    pub(crate) sleeper: Sleeper,
}

/// What the thread does next.
enum Next {
    /// Rests.
    Rest(Rest),
    /// Ends.
    End,
}

/// When the thread has something to do again, if nothing comes.
struct Rest {
    /// When there was something last.
    idle_since: Instant,
    /// After so long.
    most: Duration,
    /// When the venue's clock says this.
    until_ns: u64,
}

impl CoreThread {
    /// Runs until the venue is closed and the inbox is empty, or the journal fails. Gives the core back.
    pub(crate) fn run(self) -> Option<Core> {
        let shared = &self.chair.shared;
        let guard = PanicGuard(&self.chair);
        loop {
            let mut place = self.chair.lock();
            let next = place.as_mut().map_or(Next::End, |seat| self.work(seat));
            match next {
                Next::Rest(rest) => {
                    drop(place);
                    self.rest(&rest);
                }
                Next::End => {
                    let core = place.take().map(Seat::into_core);
                    std::mem::forget(guard);
                    core.iter().filter(|_| !shared.is_failed()).for_each(|core| shared.store_hash(core));
                    shared.end();
                    return core;
                }
            }
        }
    }

    /// Works until there is nothing to do, and a moment longer.
    fn work(&self, seat: &mut Seat) -> Next {
        let mut looks = 0;
        while !seat.is_over() {
            let taken = seat.batch(Patience::Waits);
            seat.do_chores();
            if taken > 0 {
                looks = 0;
            } else if self.chair.shared.is_closed() && seat.is_done() {
                return Next::End;
            } else if looks < SPINS && !self.chair.lends {
                looks += 1;
                std::hint::spin_loop();
            } else {
                return Next::Rest(self.plan(seat));
            }
        }
        Next::End
    }

    /// Until when it may rest: whoever has the seat meanwhile may find that it is sooner.
    fn plan(&self, seat: &mut Seat) -> Rest {
        self.chair.shared.beat();
        seat.note_quiet();
        let next_expiry = seat.next_expiry();
        let until_ns = next_expiry.unwrap_or(NEVER);
        self.chair.sleeps_until_ns.store(until_ns, Ordering::Relaxed);
        Rest { idle_since: seat.idle_since(), most: next_expiry.map_or(NAP, |ns| NAP.min(seat.until(ns))), until_ns }
    }

    /// Looks for a while, without the seat, and then sleeps.
    fn rest(&self, rest: &Rest) {
        let Chair { inbox, shared, sleeps_until_ns, .. } = &*self.chair;
        let is_sooner = || sleeps_until_ns.load(Ordering::Relaxed) != rest.until_ns;
        let is_asked = || shared.wants_hash() || shared.has_stated() || shared.is_closed();
        let is_wanted = || !inbox.is_empty() || is_asked() || is_sooner();
        while rest.idle_since.elapsed() < SPIN.min(rest.most) {
            if is_wanted() {
                return;
            }
            // Who has the next command may be waiting for this processor.
            std::thread::yield_now();
        }
        self.sleeper.sleep(rest.most, is_wanted);
    }
}

/// A panic of the core is a bug, and the state may be half changed: nobody is served any more.
const PANICKED: &str = "the core met a state that cannot be, and stopped";

/// Says so, and lets go of the core, when its thread panics.
struct PanicGuard<'a>(&'a Chair);

impl Drop for PanicGuard<'_> {
    fn drop(&mut self) {
        self.0.shared.fail(PANICKED.to_owned());
        drop(self.0.lock().take());
    }
}
