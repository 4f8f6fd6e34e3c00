//! How long syncs take: counted by whoever syncs, read by anybody. The writer never touches it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counts syncs by how long they took.
#[derive(Debug, Default)]
pub(crate) struct SyncCounts {
    /// Those within [`SyncTimes::BOUNDS_US`], and those beyond all.
    buckets: [AtomicU64; SyncTimes::BOUNDS_US.len() + 1],
    sum_ns: AtomicU64,
}

impl SyncCounts {
    pub(crate) fn count(&self, took: Duration) {
        let micros = took.as_nanos().div_ceil(1_000);
        let bucket = SyncTimes::BOUNDS_US.iter().take_while(|&&bound| micros > u128::from(bound)).count();
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        // 584 years of syncing.
        self.sum_ns.fetch_add(took.as_nanos() as u64, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> SyncTimes {
        let buckets = std::array::from_fn(|bucket| self.buckets[bucket].load(Ordering::Relaxed));
        SyncTimes { buckets, sum: Duration::from_nanos(self.sum_ns.load(Ordering::Relaxed)) }
    }
}

/// How many commits of the journal there were, and how long they took: the syncs of the segments that had unsynced
/// records, and of the watermark where there is one. Those that failed are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncTimes {
    /// How many took at most the bound of the same place and more than the one before; the last, more than all bounds.
    pub buckets: [u64; Self::BOUNDS_US.len() + 1],
    /// What all of them took together.
    pub sum: Duration,
}

impl SyncTimes {
    /// Upper bounds, in microseconds.
    pub const BOUNDS_US: [u64; 14] =
        [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_is_counted_in_the_first_bucket_that_covers_it() {
        let counts = SyncCounts::default();
        [0, 50, 51, 1_000_000, 1_000_001].into_iter().for_each(|us| counts.count(Duration::from_micros(us)));
        let times = counts.read();
        assert_eq!((times.buckets[0], times.buckets[1], times.buckets[13], times.buckets[14]), (2, 1, 1, 1));
        assert_eq!((times.buckets.iter().sum::<u64>(), times.sum), (5, Duration::from_micros(2_000_102)));
    }
}
