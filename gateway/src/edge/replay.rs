//! Requests that were seen: a signed one counts once while its time lasts.

use std::collections::BTreeSet;

use parking_lot::Mutex;
use rustc_hash::FxHashSet;

/// What a request is remembered by: half of the hash of what was signed and with which key.
pub(crate) type Mark = [u8; 16];

/// Requests that are remembered at once, some 100 bytes each.
const SEEN_MAX: usize = 262_144;

/// Requests that were seen, until their time is over.
#[derive(Default)]
pub(crate) struct Seen(Mutex<Table>);

#[derive(Default)]
struct Table {
    marks: FxHashSet<Mark>,
    by_end: BTreeSet<(u64, Mark)>,
}

/// Why a request is not let through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NotNew {
    /// It came before.
    Replayed,
    /// So many are remembered that it could not be told whether it comes again.
    Full,
}

impl Seen {
    /// Remembers a request until `end_ms`, unless it is known.
    pub(crate) fn take(&self, mark: Mark, end_ms: u64, now_ms: u64) -> Result<(), NotNew> {
        let mut table = self.0.lock();
        while let Some((end, old)) = table.by_end.first().copied().filter(|(end, _)| *end < now_ms) {
            table.by_end.remove(&(end, old));
            table.marks.remove(&old);
        }
        if table.marks.contains(&mark) {
            return Err(NotNew::Replayed);
        }
        if table.marks.len() >= SEEN_MAX {
            return Err(NotNew::Full);
        }
        table.marks.insert(mark);
        table.by_end.insert((end_ms, mark));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a2_attack_what_was_seen_counts_once_while_its_time_lasts() {
        let seen = Seen::default();
        assert_eq!(seen.take([1; 16], 100, 50), Ok(()));
        assert_eq!(seen.take([1; 16], 100, 100), Err(NotNew::Replayed));
        assert_eq!(seen.take([2; 16], 100, 100), Ok(()));
        // Later its timestamp is refused: it need not be known any more.
        assert_eq!(seen.take([3; 16], 200, 101), Ok(()));
        assert_eq!(seen.0.lock().marks.len(), 1);
    }

    #[test]
    fn a2_attack_a_full_table_lets_nothing_through() {
        let seen = Seen::default();
        let mark = |at: usize| {
            let mut mark = [0; 16];
            mark[..8].copy_from_slice(&at.to_le_bytes());
            mark
        };
        assert!((0..SEEN_MAX).all(|at| seen.take(mark(at), 10, 0).is_ok()));
        assert_eq!(seen.take(mark(SEEN_MAX), 10, 0), Err(NotNew::Full));
        assert_eq!(seen.take(mark(SEEN_MAX), 20, 11), Ok(()));
    }
}
