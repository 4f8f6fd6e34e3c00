//! Requests that were seen: a signed one counts once while its time lasts.

use std::collections::BTreeMap;

use papertape_platform::UserId;
use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};

/// What a request is remembered by: half of the hash of what was signed and with which key.
pub(crate) type Mark = [u8; 16];

/// Requests that are remembered at once, some 100 bytes each.
const SEEN_MAX: usize = 1 << 20;

/// Those of one user: whoever fills a table shuts out nobody else.
const SEEN_OF_USER_MAX: u32 = 65_536;

/// Requests that were seen, until their time is over.
#[derive(Default)]
pub(crate) struct Seen(Mutex<Table>);

#[derive(Default)]
struct Table {
    marks: FxHashSet<Mark>,
    by_end: BTreeMap<(u64, Mark), UserId>,
    of_user: FxHashMap<UserId, u32>,
    /// It never goes back, whatever the machine's clock does: what was forgotten must stay too late.
    now_ms: u64,
}

/// Why a request is not let through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NotNew {
    /// It came before.
    Replayed,
    /// Its time is over.
    Over,
    /// So many of this user's are remembered that another one is not.
    TooMany,
    /// So many are remembered that it could not be told whether it comes again.
    Full,
}

impl Seen {
    /// Remembers a user's request until `end_ms`, unless it is known.
    pub(crate) fn take(&self, user: UserId, mark: Mark, end_ms: u64, now_ms: u64) -> Result<(), NotNew> {
        let mut table = self.0.lock();
        table.forget_before(now_ms);
        if end_ms < table.now_ms {
            return Err(NotNew::Over);
        }
        if table.marks.contains(&mark) {
            return Err(NotNew::Replayed);
        }
        if table.of_user.get(&user).is_some_and(|count| *count >= SEEN_OF_USER_MAX) {
            return Err(NotNew::TooMany);
        }
        if table.marks.len() >= SEEN_MAX {
            return Err(NotNew::Full);
        }
        table.marks.insert(mark);
        table.by_end.insert((end_ms, mark), user);
        *table.of_user.entry(user).or_default() += 1;
        Ok(())
    }
}

impl Table {
    fn forget_before(&mut self, now_ms: u64) {
        self.now_ms = self.now_ms.max(now_ms);
        while let Some(first) = self.by_end.first_entry().filter(|first| first.key().0 < self.now_ms) {
            let ((_, mark), user) = first.remove_entry();
            self.marks.remove(&mark);
            if let Some(count) = self.of_user.get_mut(&user) {
                *count -= 1;
                if *count == 0 {
                    self.of_user.remove(&user);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: UserId = UserId(1);

    fn mark(at: u32) -> Mark {
        let mut mark = [0; 16];
        mark[..4].copy_from_slice(&at.to_le_bytes());
        mark
    }

    #[test]
    fn a2_attack_what_was_seen_counts_once_while_its_time_lasts() {
        let seen = Seen::default();
        assert_eq!(seen.take(ADA, mark(1), 100, 50), Ok(()));
        assert_eq!(seen.take(ADA, mark(1), 100, 100), Err(NotNew::Replayed));
        assert_eq!(seen.take(ADA, mark(2), 100, 100), Ok(()));
        // Later its timestamp is refused: it need not be known any more.
        assert_eq!(seen.take(ADA, mark(3), 200, 101), Ok(()));
        assert_eq!(seen.0.lock().marks.len(), 1);
        assert_eq!(seen.take(ADA, mark(1), 100, 50), Err(NotNew::Over), "also where the clock was put back");
    }

    #[test]
    fn a2_attack_who_fills_the_table_shuts_out_nobody_else() {
        let seen = Seen::default();
        assert!((0..SEEN_OF_USER_MAX).all(|at| seen.take(ADA, mark(at), 10, 0).is_ok()));
        assert_eq!(seen.take(ADA, mark(SEEN_OF_USER_MAX), 10, 0), Err(NotNew::TooMany));
        assert_eq!(seen.take(UserId(2), mark(SEEN_OF_USER_MAX), 10, 0), Ok(()));
        assert_eq!(seen.take(ADA, mark(SEEN_OF_USER_MAX + 1), 20, 11), Ok(()), "when their time is over");
        assert_eq!(seen.0.lock().of_user.len(), 1);
    }

    #[test]
    fn a2_attack_a_full_table_lets_nothing_through() {
        let seen = Seen::default();
        let user = |at: u32| UserId((at / SEEN_OF_USER_MAX).into());
        assert!((0..SEEN_MAX as u32).all(|at| seen.take(user(at), mark(at), 10, 0).is_ok()));
        assert_eq!(seen.take(UserId(99), mark(u32::MAX), 10, 0), Err(NotNew::Full));
        assert_eq!(seen.take(UserId(99), mark(u32::MAX), 20, 11), Ok(()));
    }
}
