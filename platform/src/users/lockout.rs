//! Guessing passwords is slowed down, and the owner is not locked out.
//!
//! Two counts, in memory. One is of a login from an address: after a few wrong passwords that address waits longer and
//! longer for that login. The other is of a login from everywhere, for guesses that come from many addresses: after more
//! wrong passwords all addresses wait from which the user has never logged in. Those that the user has used before are not
//! counted there: whoever guesses from elsewhere cannot keep the owner out.
//!
//! Of IPv6 the first 64 bits count as one address, as for every other limit.
//!
//! A try counts as wrong before the password is looked at, and is taken back when it was right: a hundred tries at once are
//! a hundred tries. A login that nobody has is treated alike.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::network::site_of;

/// Wrong passwords of a login from one address that cost no waiting.
pub const FREE_TRIES: u32 = 5;

/// Wrong passwords of a login from everywhere before strange addresses wait.
pub const FREE_TRIES_EVERYWHERE: u32 = 20;

/// Longest wait of one address, and of all strange ones.
const WAIT_MAX: Duration = Duration::from_secs(900);
const WAIT_EVERYWHERE_MAX: Duration = Duration::from_secs(60);

/// Wrong passwords are forgotten after this long without another one.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(3_600);

/// Most logins and pairs that are remembered. When full, those are forgotten for whom nobody waits.
const ENTRIES_MAX: usize = 65_536;

#[derive(Clone, Copy, Debug)]
struct Count {
    tries: u32,
    last: Instant,
}

/// A login, and where it is tried from.
type Pair = (String, Option<IpAddr>);

fn pair_of(login: &str, ip: Option<IpAddr>) -> Pair {
    (login.to_owned(), ip.map(site_of))
}

#[derive(Debug, Default)]
struct Counts {
    by_pair: HashMap<Pair, Count>,
    by_login: HashMap<String, Count>,
}

/// Who has to wait.
#[derive(Debug, Default)]
pub(super) struct Lockout(Mutex<Counts>);

impl Lockout {
    /// Counts a try, or tells how long to wait: then it is none. `is_known` is whether the login's user has logged in from
    /// the address before.
    pub(super) fn begin(&self, login: &str, ip: Option<IpAddr>, is_known: bool, now: Instant) -> Result<(), Duration> {
        let mut counts = self.0.lock();
        let (pair, everywhere) = (pair_of(login, ip), login.to_owned());
        let of_pair = live(counts.by_pair.get(&pair), now);
        let of_login = live(counts.by_login.get(&everywhere), now);
        let mut wait = remaining(of_pair, FREE_TRIES, WAIT_MAX, now);
        if !is_known {
            wait = wait.max(remaining(of_login, FREE_TRIES_EVERYWHERE, WAIT_EVERYWHERE_MAX, now));
        }
        if !wait.is_zero() {
            return Err(wait);
        }
        make_room(&mut counts.by_pair, now)?;
        make_room(&mut counts.by_login, now)?;
        counts
            .by_pair
            .insert(pair, Count { tries: of_pair.map_or(1, |count| count.tries.saturating_add(1)), last: now });
        if !is_known {
            let tries = of_login.map_or(1, |count| count.tries.saturating_add(1));
            counts.by_login.insert(everywhere, Count { tries, last: now });
        }
        Ok(())
    }

    /// The password was right.
    pub(super) fn succeeded(&self, login: &str, ip: Option<IpAddr>) {
        let mut counts = self.0.lock();
        counts.by_pair.remove(&pair_of(login, ip));
        if let Some(count) = counts.by_login.get_mut(login) {
            count.tries = count.tries.saturating_sub(1);
        }
    }

    /// Nobody could look at the password: the try was none.
    pub(super) fn take_back(&self, login: &str, ip: Option<IpAddr>) {
        let mut counts = self.0.lock();
        if let Some(count) = counts.by_pair.get_mut(&pair_of(login, ip)) {
            count.tries = count.tries.saturating_sub(1);
        }
        if let Some(count) = counts.by_login.get_mut(login) {
            count.tries = count.tries.saturating_sub(1);
        }
    }
}

fn live(count: Option<&Count>, now: Instant) -> Option<Count> {
    count.copied().filter(|count| now.saturating_duration_since(count.last) < FORGOTTEN_AFTER)
}

/// One second after the first try that is not free, then twice as long each time.
fn remaining(count: Option<Count>, free: u32, most: Duration, now: Instant) -> Duration {
    let Some(count) = count.filter(|count| count.tries >= free) else { return Duration::ZERO };
    let seconds = 1_u64.checked_shl(count.tries - free).unwrap_or(u64::MAX);
    let wait = Duration::from_secs(seconds).min(most);
    wait.saturating_sub(now.saturating_duration_since(count.last))
}

fn make_room<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, Count>, now: Instant) -> Result<(), Duration> {
    if counts.len() < ENTRIES_MAX {
        return Ok(());
    }
    counts.retain(|_, count| now.saturating_duration_since(count.last) < WAIT_MAX);
    if counts.len() < ENTRIES_MAX { Ok(()) } else { Err(WAIT_EVERYWHERE_MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn from(last: u8) -> Option<IpAddr> {
        Some(Ipv4Addr::new(10, 0, 0, last).into())
    }

    #[test]
    fn u18_an_address_waits_longer_with_each_wrong_password() {
        let (lockout, start) = (Lockout::default(), Instant::now());
        for _ in 0..FREE_TRIES {
            assert_eq!(lockout.begin("ada", from(1), false, start), Ok(()));
        }
        let mut now = start;
        for seconds in [1, 2, 4, 8] {
            assert_eq!(lockout.begin("ada", from(1), false, now), Err(Duration::from_secs(seconds)));
            now += Duration::from_secs(seconds);
            assert_eq!(lockout.begin("ada", from(1), false, now), Ok(()));
        }
        assert_eq!(lockout.begin("ada", from(2), false, now), Ok(()), "another address");
        assert_eq!(lockout.begin("eve", from(1), false, now), Ok(()), "another login");
        lockout.succeeded("ada", from(1));
        assert_eq!(lockout.begin("ada", from(1), false, now), Ok(()), "the right password ends it");
    }

    #[test]
    fn u18_guesses_from_everywhere_do_not_lock_the_owner_out() {
        let (lockout, now) = (Lockout::default(), Instant::now());
        for last in 0..FREE_TRIES_EVERYWHERE {
            assert_eq!(lockout.begin("ada", from(last as u8), false, now), Ok(()));
        }
        assert_eq!(lockout.begin("ada", from(200), false, now), Err(Duration::from_secs(1)));
        assert_eq!(lockout.begin("ada", from(201), true, now), Ok(()), "the owner's address");
        assert_eq!(lockout.begin("ada", from(200), false, now + FORGOTTEN_AFTER), Ok(()));
    }

    #[test]
    fn u18_attack_a_site_of_ipv6_is_one_address() {
        let (lockout, now) = (Lockout::default(), Instant::now());
        let from = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        for host in 0..FREE_TRIES {
            assert_eq!(lockout.begin("ada", from(&format!("2001:db8::{host}")), false, now), Ok(()));
        }
        assert_eq!(lockout.begin("ada", from("2001:db8::ffff:1"), false, now), Err(Duration::from_secs(1)));
        assert_eq!(lockout.begin("ada", from("2001:db8:0:1::1"), false, now), Ok(()), "another site");
        lockout.take_back("ada", from("2001:db8::abcd"));
        assert_eq!(lockout.begin("ada", from("2001:db8::1"), false, now), Ok(()));
        lockout.succeeded("ada", from("2001:db8::2"));
        for host in 0..FREE_TRIES {
            assert_eq!(lockout.begin("ada", from(&format!("2001:db8::{host}")), true, now), Ok(()));
        }
    }

    #[test]
    fn u18_what_nobody_looked_at_is_no_try() {
        let (lockout, now) = (Lockout::default(), Instant::now());
        for _ in 0..100 {
            assert_eq!(lockout.begin("ada", from(1), false, now), Ok(()));
            lockout.take_back("ada", from(1));
        }
    }
}
