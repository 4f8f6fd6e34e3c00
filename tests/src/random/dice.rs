//! Numbers drawn from a seed.

use papertape_engine::Amount;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The same seed gives the same draws, on every machine.
#[derive(Clone)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The draws of a seed.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// 0 to `bound` - 1.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.any() % bound
    }

    /// True in so many of a hundred draws.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of these, each as likely.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// Any number of 128 bits.
    pub fn any_wide(&mut self) -> i128 {
        i128::from(self.any()) << 64 | i128::from(self.any())
    }

    /// Where a roll falls among weights.
    pub(super) fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut roll = self.below(weights.iter().sum());
        for (at, weight) in weights.iter().enumerate() {
            if roll < *weight {
                return at;
            }
            roll -= weight;
        }
        unreachable!("the roll is below the sum of the weights")
    }

    /// All over 64 bits, with a liking for edges.
    pub(super) fn wide(&mut self) -> u64 {
        match self.below(8) {
            0 => self.below(3),
            1 => u64::MAX - self.below(3),
            2 => (1_u64 << self.below(64)).wrapping_add(self.below(3)).wrapping_sub(1),
            3 => 10_u64.pow(self.below(20) as u32),
            4 => (1 << 63) - 1 + self.below(3),
            5 => self.any() >> self.below(64),
            _ => 1 + self.below(12),
        }
    }

    /// All over 128 bits, with a liking for edges, and for the greatest amount above all.
    pub(super) fn wider(&mut self) -> Amount {
        Amount(match self.below(8) {
            0 | 1 => Amount::MAX.0 + i128::from(self.below(3)) - 1,
            2 => self.pick(&[i128::MIN, i128::MIN + 1, -1, 0, 1, i128::MAX - 1, i128::MAX]),
            3 => self.any_wide() >> self.below(128),
            4 => 10_i128.pow(self.below(39) as u32),
            5 => Amount::MAX.0 >> self.below(30),
            _ => i128::from(self.wide()),
        })
    }
}
