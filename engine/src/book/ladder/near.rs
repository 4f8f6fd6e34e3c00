//! The levels near the market: a table of 64 x 64 x 64 neighbouring prices, and a bitmap of three floors over it. The
//! first level in use is at most three bit scans away, however far apart the levels are. A level that comes writes one word,
//! and the upper floors only if it is alone among its 64 neighbours; one that goes writes three words without a branch.
//!
//! The table's memory comes zeroed from the system, which backs it with pages only where levels have been in use.

use super::queue::Words;

const BITS: u32 = 6;
const MASK: usize = (1 << BITS) - 1;
/// Prices in the table.
pub(super) const SPAN: usize = 1 << (3 * BITS);

/// Levels of [`SPAN`] neighbouring keys.
#[derive(Clone, Debug)]
pub(super) struct Near {
    /// The key of the first level.
    base: u64,
    /// By place. A queue means something only where a level is in use.
    queues: Box<[Words; SPAN]>,
    /// Which levels are in use.
    low: Box<[u64; SPAN >> BITS]>,
    /// Which words of `low` are not zero.
    middle: [u64; 1 << BITS],
    /// Which words of `middle` are not zero.
    high: u64,
}

impl Default for Near {
    fn default() -> Self {
        Self { base: 0, queues: zeroed((0, 0, 0)), low: zeroed(0), middle: [0; 1 << BITS], high: 0 }
    }
}

/// Memory that comes zeroed from the system.
fn zeroed<T: Copy, const N: usize>(zero: T) -> Box<[T; N]> {
    let words: Box<[T]> = vec![zero; N].into_boxed_slice();
    words.try_into().unwrap_or_else(|_| unreachable!("it has N elements"))
}

#[inline]
fn bit(at: usize) -> u64 {
    1 << (at & MASK)
}

impl Near {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.high == 0
    }

    /// Levels in use. Counted over the whole bitmap.
    pub(super) fn len(&self) -> u64 {
        self.low.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// The place of a key in the table, if it lies there.
    #[inline]
    pub(super) fn place(&self, key: u64) -> Option<usize> {
        let place = key.wrapping_sub(self.base);
        (place < SPAN as u64).then_some(place as usize)
    }

    /// The words of the queue at a place.
    #[inline]
    pub(super) fn words(&self, place: usize) -> &Words {
        &self.queues[place]
    }

    #[inline]
    pub(super) fn words_mut(&mut self, place: usize) -> &mut Words {
        &mut self.queues[place]
    }

    /// Whether the level at a place is in use.
    #[inline]
    pub(super) fn is_open(&self, place: usize) -> bool {
        self.low[place >> BITS] & bit(place) != 0
    }

    /// Takes the level at a place into use, and says whether it was not.
    #[inline]
    pub(super) fn open(&mut self, place: usize) -> bool {
        let low = &mut self.low[place >> BITS];
        let before = *low;
        *low |= bit(place);
        if before == 0 {
            self.open_floors(place);
        }
        before & bit(place) == 0
    }

    /// None of its neighbours was in use.
    #[cold]
    fn open_floors(&mut self, place: usize) {
        self.middle[place >> (2 * BITS) & MASK] |= bit(place >> BITS);
        self.high |= bit(place >> (2 * BITS));
    }

    /// Ends the use of the level at a place, and gives the lowest key in use among its neighbours: those that share a word
    /// of the bitmap with it.
    #[inline]
    pub(super) fn close(&mut self, place: usize) -> Option<u64> {
        let low = &mut self.low[place >> BITS];
        *low &= !bit(place);
        let left = *low;
        let emptied = u64::from(left == 0);
        let middle = &mut self.middle[place >> (2 * BITS) & MASK];
        *middle &= !(emptied << (place >> BITS & MASK));
        let emptied = u64::from(*middle == 0);
        self.high &= !(emptied << (place >> (2 * BITS) & MASK));
        (left != 0).then(|| self.base + (place & !MASK | left.trailing_zeros() as usize) as u64)
    }

    /// The lowest key in use.
    #[inline]
    pub(super) fn first(&self) -> Option<u64> {
        if self.high == 0 {
            return None;
        }
        let high = self.high.trailing_zeros() as usize & MASK;
        let word = high << BITS | self.middle[high].trailing_zeros() as usize & MASK;
        Some(self.base + (word << BITS | self.low[word].trailing_zeros() as usize) as u64)
    }

    /// The lowest key in use that is not below `key`.
    pub(super) fn ceiling(&self, key: u64) -> Option<u64> {
        let from = key.saturating_sub(self.base);
        if from >= SPAN as u64 {
            return None;
        }
        let from = from as usize;
        let found = |word: usize, bits: u64| self.base + (word << BITS | bits.trailing_zeros() as usize) as u64;
        let word = from >> BITS;
        let bits = self.low[word] & u64::MAX << (from & MASK);
        if bits != 0 {
            return Some(found(word, bits));
        }
        let row = word >> BITS;
        let words = self.middle[row] & above(word & MASK);
        let word = if words != 0 {
            row << BITS | words.trailing_zeros() as usize
        } else {
            let rows = self.high & above(row);
            if rows == 0 {
                return None;
            }
            let row = rows.trailing_zeros() as usize;
            row << BITS | self.middle[row].trailing_zeros() as usize
        };
        Some(found(word, self.low[word]))
    }

    /// Takes all the memory that the table can come to need.
    pub(super) fn touch(&mut self) {
        // Words that are not known to be zero, or there would be nothing to write.
        let words = std::hint::black_box((0, 0, 0));
        self.queues.iter_mut().for_each(|queue| *queue = words);
    }

    /// Moves the empty table so that `key` comes to lie in its middle, and returns the keys that it now covers.
    pub(super) fn move_to(&mut self, key: u64) -> std::ops::RangeInclusive<u64> {
        debug_assert!(self.is_empty());
        let span = SPAN as u64;
        self.base = key.saturating_sub(span / 2).min(u64::MAX - (span - 1));
        self.base..=self.base + (span - 1)
    }
}

/// A mask of the bits above `at`.
fn above(at: usize) -> u64 {
    (u64::MAX << at) << 1
}
