//! A bounded count of attempts, by address or by account: a token bucket for each, in a table of limited size. What a
//! request used of each is told in its answer (`meters`).

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::Instant;

use papertape_engine::AccountId;
use papertape_platform::site_of;
use parking_lot::Mutex;

use super::meters::{Meters, Usage};
use crate::errors::Failure;

/// How many, in how long, and what it is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Policy {
    /// As the headers say it.
    pub name: &'static str,
    /// So many, and at most so many at once; 0: no limit.
    pub quota: u32,
    /// In so many seconds.
    pub window_s: u32,
}

/// Whose attempts are counted together.
pub(crate) trait Counted: Copy + Eq + Hash {
    /// Says to whom it happened that there were too many.
    const SENTENCE: &'static str;

    /// As whose attempt it counts.
    fn counted(self) -> Self {
        self
    }
}

/// Of a site's addresses each host may have as many as it likes.
impl Counted for IpAddr {
    const SENTENCE: &'static str = "Too many requests from this address.";

    fn counted(self) -> Self {
        site_of(self)
    }
}

impl Counted for AccountId {
    const SENTENCE: &'static str = "Too many orders, amends or cancels of this account.";
}

/// Allows as many as its policy says, of one address or one account.
pub(crate) struct RateLimit<K = IpAddr> {
    policy: Policy,
    buckets: Mutex<HashMap<K, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

/// Addresses or accounts that are remembered at once. When full, those whose bucket has refilled are forgotten; if none
/// has, new ones are refused for a while rather than let through uncounted.
const KEYS_MAX: usize = 65_536;

impl<K: Counted> RateLimit<K> {
    /// At most this many a minute; 0 means no limit.
    pub(crate) fn per_minute(name: &'static str, quota: u32) -> Self {
        Self { policy: Policy { name, quota, window_s: 60 }, buckets: Mutex::default() }
    }

    /// At most this many a second; 0 means no limit.
    pub(crate) fn per_second(name: &'static str, quota: u32) -> Self {
        Self { policy: Policy { name, quota, window_s: 1 }, buckets: Mutex::default() }
    }

    /// Whether an attempt at `now` would be refused. Counts nothing.
    pub(crate) fn is_used_up(&self, key: K, now: Instant) -> bool {
        let buckets = self.buckets.lock();
        self.policy.quota > 0
            && buckets.get(&key.counted()).is_some_and(|bucket| bucket.at(now, self.policy).tokens < 1.0)
    }

    /// Counts one attempt at `now`; refuses with 429 when there have been as many as there may be.
    pub(crate) fn check(&self, key: K, now: Instant) -> Result<(), Failure> {
        if self.policy.quota == 0 {
            return Ok(());
        }
        let (usage, taken) = self.take(key, now);
        Meters::note(usage);
        taken.map_err(|seconds| Failure { detail: K::SENTENCE.into(), ..Failure::rate_limited(seconds) })
    }

    /// The same for what no answer tells: whether there was one.
    pub(crate) fn takes(&self, key: K, now: Instant) -> bool {
        self.policy.quota == 0 || self.take(key, now).1.is_ok()
    }

    /// What is left afterwards, and in how many seconds there is one again, if there was none.
    fn take(&self, key: K, now: Instant) -> (Usage, Result<(), u32>) {
        let (policy, key, mut buckets) = (self.policy, key.counted(), self.buckets.lock());
        let full = f64::from(policy.quota);
        if buckets.len() >= KEYS_MAX && !buckets.contains_key(&key) {
            buckets.retain(|_, bucket| bucket.at(now, policy).tokens < full);
            if buckets.len() >= KEYS_MAX {
                return (Usage { policy, remaining: 0, full_in_s: policy.window_s }, Err(policy.window_s));
            }
        }
        let bucket = buckets.entry(key).or_insert(Bucket { tokens: full, filled_at: now });
        *bucket = bucket.at(now, policy);
        let second = full / f64::from(policy.window_s);
        let taken = if bucket.tokens < 1.0 {
            Err(((1.0 - bucket.tokens) / second).ceil() as u32)
        } else {
            bucket.tokens -= 1.0;
            Ok(())
        };
        let full_in_s = ((full - bucket.tokens) / second).ceil() as u32;
        (Usage { policy, remaining: bucket.tokens as u32, full_in_s }, taken)
    }
}

impl Bucket {
    /// The bucket as it stands at `now`.
    fn at(self, now: Instant, policy: Policy) -> Self {
        let (passed, full) = (now.saturating_duration_since(self.filled_at).as_secs_f64(), f64::from(policy.quota));
        Self { tokens: (self.tokens + passed * full / f64::from(policy.window_s)).min(full), filled_at: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use std::time::Duration;

    #[test]
    fn q4_an_address_gets_its_share_and_then_waits() {
        let limit = RateLimit::per_minute("tries", 10);
        let (start, here) = (Instant::now(), IpAddr::from(Ipv4Addr::LOCALHOST));
        for left in (0..10).rev() {
            let (usage, taken) = limit.take(here, start);
            assert_eq!((usage.remaining, usage.full_in_s, taken), (left, 6 * (10 - left), Ok(())));
        }
        let refused = limit.check(here, start).unwrap_err();
        assert_eq!((refused.status.as_u16(), refused.retry_after), (429, Some(6)));
        assert!(limit.is_used_up(here, start) && !limit.is_used_up(here, start + Duration::from_secs(7)));
        assert!(limit.check(IpAddr::from(Ipv4Addr::new(10, 0, 0, 1)), start).is_ok());
        assert!(limit.check(here, start + Duration::from_secs(7)).is_ok());
    }

    #[test]
    fn q4_an_account_gets_its_share_of_each_second() {
        let limit = RateLimit::per_second("orders", 4);
        let (start, mine) = (Instant::now(), AccountId(7));
        assert!((0..4).all(|_| limit.check(mine, start).is_ok()));
        let refused = limit.check(mine, start).unwrap_err();
        assert_eq!((refused.retry_after, refused.detail.as_ref()), (Some(1), AccountId::SENTENCE));
        assert!(limit.check(AccountId(8), start).is_ok());
        assert!(limit.check(mine, start + Duration::from_millis(250)).is_ok());
    }

    #[test]
    fn zero_means_no_limit() {
        let limit = RateLimit::per_minute("tries", 0);
        assert!((0..1_000).all(|_| limit.check(IpAddr::from(Ipv4Addr::LOCALHOST), Instant::now()).is_ok()));
    }
}
