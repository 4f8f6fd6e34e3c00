//! Random cases on all processors.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// The seeds that are left for whoever draws the next one.
pub struct Seeds<'a> {
    next: &'a AtomicU64,
    end: u64,
}

impl Iterator for Seeds<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let seed = self.next.fetch_add(1, Ordering::Relaxed);
        (seed < self.end).then_some(seed)
    }
}

impl Drop for Seeds<'_> {
    /// Whoever fails leaves nothing to the others.
    fn drop(&mut self) {
        if thread::panicking() {
            self.next.store(self.end, Ordering::Relaxed);
        }
    }
}

/// Shares seeds out: there is a worker for each processor, and each draws seeds until there is none. Gives what each of
/// them made of its share; a panic of one is a panic here.
pub fn share_out<T: Send>(seeds: Range<u64>, work: impl Fn(Seeds<'_>) -> T + Sync) -> Vec<T> {
    let next = AtomicU64::new(seeds.start);
    let draw = || work(Seeds { next: &next, end: seeds.end });
    thread::scope(|scope| {
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(draw)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_seed_is_drawn_once() {
        let mut drawn: Vec<u64> = share_out(3..1_003, |seeds| seeds.collect::<Vec<_>>()).concat();
        drawn.sort_unstable();
        assert_eq!(drawn, (3..1_003).collect::<Vec<_>>());
    }

    #[test]
    fn a_panic_is_told_and_ends_the_rest() {
        let seen = AtomicU64::new(0);
        let work = |mut seeds: Seeds<'_>| {
            seeds.by_ref().for_each(|seed| {
                seen.fetch_add(1, Ordering::Relaxed);
                assert_ne!(seed, 7, "as it was meant to");
                thread::yield_now();
            });
        };
        assert!(std::panic::catch_unwind(|| share_out(0..u64::MAX - 64, work)).is_err());
        assert!(seen.load(Ordering::Relaxed) >= 8);
    }
}
