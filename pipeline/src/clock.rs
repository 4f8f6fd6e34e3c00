//! The one place where time is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where a venue's time comes from: the machine, unless a test sets it.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicU64>>);

impl Clock {
    /// A clock that stands at zero until it is set. Whoever sets it also sends the ticks that are due: a venue with such a
    /// clock sends none by itself, so that nothing happens but what it is told.
    pub fn manual() -> Self {
        Self(Some(Arc::default()))
    }

    /// Sets a manual clock: every command that is handed in from now on has at least this time. That of the machine stays
    /// as it is.
    pub fn set(&self, time_ns: u64) {
        if let Some(time) = &self.0 {
            time.store(time_ns, Ordering::Release);
        }
    }

    #[inline]
    pub(crate) fn is_manual(&self) -> bool {
        self.0.is_some()
    }

    #[inline]
    pub(crate) fn now_ns(&self) -> u64 {
        self.or_as_set(0, now_ns)
    }

    /// The time of a command that was taken after the machine's clock was read.
    #[inline]
    pub(crate) fn of_command(&self, read_ns: u64) -> u64 {
        self.or_as_set(read_ns, || read_ns)
    }

    #[inline]
    fn or_as_set(&self, least_ns: u64, machine: impl FnOnce() -> u64) -> u64 {
        match &self.0 {
            None => machine(),
            Some(time) => time.load(Ordering::Acquire).max(least_ns),
        }
    }
}

/// Nanoseconds since 1970-01-01 UTC by the machine's clock; 0 before that. A stamp is never less than the one before,
/// whatever the clock does: see [`crate::Core`].
pub fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
