//! Durations, counted by buckets.

use std::time::Duration;

use super::Counter;

/// Upper bounds of the buckets, in microseconds.
pub(super) const BOUNDS_US: [u64; 16] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000,
];

/// How many durations lay between which bounds.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    buckets: [Counter; BOUNDS_US.len() + 1],
    sum_ns: Counter,
}

impl Histogram {
    /// Counts one.
    pub(super) fn count(&self, took: Duration) {
        let micros = took.as_nanos().div_ceil(1_000);
        let bucket = BOUNDS_US.iter().take_while(|&&bound| micros > u128::from(bound)).count();
        self.buckets[bucket].add(1);
        self.sum_ns.add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }

    /// The buckets as they are, each without those before it, and the sum.
    pub(super) fn read(&self) -> ([u64; BOUNDS_US.len() + 1], Duration) {
        (std::array::from_fn(|bucket| self.buckets[bucket].get()), Duration::from_nanos(self.sum_ns.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        let histogram = Histogram::default();
        [50_000, 50_001, 5_000_000_001].into_iter().for_each(|ns| histogram.count(Duration::from_nanos(ns)));
        let (buckets, sum) = histogram.read();
        assert_eq!((buckets[0], buckets[1], buckets[16]), (1, 1, 1));
        assert_eq!(sum, Duration::from_nanos(5_000_100_002));
    }
}
