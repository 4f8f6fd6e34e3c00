//! How fast an account may send: a bucket that fills by itself, as one number.

/// So many a second, and at most one second's worth at once. 0: no limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    per_second: u32,
    /// When the bucket would be full again, in nanoseconds of the caller's clock.
    full_at: u64,
}

const SECOND: u64 = 1_000_000_000;

impl Bucket {
    pub(super) fn new(per_second: u32) -> Self {
        Self { per_second, full_at: 0 }
    }

    /// How long one takes to fill.
    fn step(&self) -> u64 {
        SECOND / u64::from(self.per_second.max(1))
    }

    /// Takes so many, or none; if there are not enough, gives after how many nanoseconds there are. More than fit in at once
    /// are as many as fit.
    pub(super) fn take(&mut self, count: u32, now: u64) -> Result<(), u64> {
        if self.per_second == 0 {
            return Ok(());
        }
        let step = self.step().saturating_mul(u64::from(count.min(self.per_second)));
        let taken = self.full_at.max(now).saturating_add(step);
        match taken.checked_sub(now.saturating_add(SECOND)) {
            None | Some(0) => {
                self.full_at = taken;
                Ok(())
            }
            Some(wait) => Err(wait),
        }
    }

    /// How many there are.
    pub(super) fn left(&self, now: u64) -> u32 {
        let missing = self.full_at.saturating_sub(now) / self.step();
        self.per_second.saturating_sub(u32::try_from(missing).unwrap_or(u32::MAX))
    }

    /// Whether nothing is missing.
    pub(super) fn is_full(&self, now: u64) -> bool {
        self.full_at <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_s_worth_at_once_and_then_as_it_fills() {
        let mut bucket = Bucket::new(4);
        assert_eq!(bucket.left(10), 4);
        assert!((0..4).all(|_| bucket.take(1, 10).is_ok()));
        assert_eq!((bucket.take(1, 10), bucket.left(10), bucket.is_full(10)), (Err(SECOND / 4), 0, false));
        assert_eq!(bucket.take(1, 10 + SECOND / 4), Ok(()));
        assert!(bucket.take(1, 10 + SECOND / 4).is_err());
        assert_eq!((bucket.left(10 + 2 * SECOND), bucket.is_full(10 + 2 * SECOND)), (4, true));
        assert!(bucket.take(3, 10 + 2 * SECOND).is_ok() && bucket.take(2, 10 + 2 * SECOND).is_err());
        assert_eq!(bucket.left(10 + 2 * SECOND), 1, "what cannot be taken whole is not taken");
        assert!(Bucket::new(1).take(3, 0).is_ok());
        let mut open = Bucket::new(0);
        assert!((0..10_000).all(|_| open.take(1, 0).is_ok()));
    }
}
