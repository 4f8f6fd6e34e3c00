//! A bounded count of attempts per address: a token bucket for each, in a table of limited size.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::errors::Failure;

/// Allows `per_minute` attempts a minute from one address, at most that many at once.
pub(crate) struct RateLimit {
    per_minute: u32,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

/// Addresses that are remembered at once. When full, those whose bucket has refilled are forgotten; if none has, new
/// addresses are refused for a while rather than let through uncounted.
const ADDRESSES_MAX: usize = 65_536;

impl RateLimit {
    /// At most this many a minute from one address; 0 means no limit.
    pub(crate) fn per_minute(per_minute: u32) -> Self {
        Self { per_minute, buckets: Mutex::default() }
    }

    /// Whether an attempt at `now` would be refused. Counts nothing.
    pub(crate) fn is_used_up(&self, address: IpAddr, now: Instant) -> bool {
        let full = f64::from(self.per_minute);
        let buckets = self.buckets.lock();
        self.per_minute > 0 && buckets.get(&address).is_some_and(|bucket| bucket.at(now, full).tokens < 1.0)
    }

    /// Counts one attempt at `now`; refuses with 429 when the address has used its share.
    pub(crate) fn check(&self, address: IpAddr, now: Instant) -> Result<(), Failure> {
        if self.per_minute == 0 {
            return Ok(());
        }
        let full = f64::from(self.per_minute);
        let mut buckets = self.buckets.lock();
        if buckets.len() >= ADDRESSES_MAX && !buckets.contains_key(&address) {
            buckets.retain(|_, bucket| bucket.at(now, full).tokens < full);
            if buckets.len() >= ADDRESSES_MAX {
                return Err(Failure::rate_limited(60));
            }
        }
        let bucket = buckets.entry(address).or_insert(Bucket { tokens: full, filled_at: now });
        *bucket = bucket.at(now, full);
        if bucket.tokens < 1.0 {
            let seconds = ((1.0 - bucket.tokens) * 60.0 / full).ceil();
            return Err(Failure::rate_limited(seconds as u32));
        }
        bucket.tokens -= 1.0;
        Ok(())
    }
}

impl Bucket {
    /// The bucket as it stands at `now`.
    fn at(self, now: Instant, full: f64) -> Self {
        let passed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        Self { tokens: (self.tokens + passed * full / Duration::from_secs(60).as_secs_f64()).min(full), filled_at: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn an_address_gets_its_share_and_then_waits() {
        let limit = RateLimit::per_minute(10);
        let (start, here) = (Instant::now(), IpAddr::from(Ipv4Addr::LOCALHOST));
        for _ in 0..10 {
            assert!(limit.check(here, start).is_ok());
        }
        let refused = limit.check(here, start).unwrap_err();
        assert_eq!((refused.status.as_u16(), refused.retry_after), (429, Some(6)));
        assert!(limit.is_used_up(here, start) && !limit.is_used_up(here, start + Duration::from_secs(7)));
        assert!(limit.check(IpAddr::from(Ipv4Addr::new(10, 0, 0, 1)), start).is_ok());
        assert!(limit.check(here, start + Duration::from_secs(7)).is_ok());
    }

    #[test]
    fn zero_means_no_limit() {
        let limit = RateLimit::per_minute(0);
        assert!((0..1_000).all(|_| limit.check(IpAddr::from(Ipv4Addr::LOCALHOST), Instant::now()).is_ok()));
    }
}
