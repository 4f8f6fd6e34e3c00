//! What the simulated traders believe an asset is worth: a random walk whose restlessness comes and goes, with a jump
//! now and then, drawn very slowly back to where it began.

use super::random::Random;

/// Deviation of the relative change in one step of 50 ms; over a day some 2.5 %.
const CALM: f64 = 2.0e-5;

/// Probability of a jump in one step: once in a minute.
const JUMP: f64 = 1.0 / 1_200.0;

/// Part of the distance to the anchor that is taken back in one step: half of it in ten hours.
const PULL: f64 = 1.0e-6;

#[derive(Clone, Debug)]
pub(super) struct FairValue {
    price: f64,
    anchor: f64,
    deviation: f64,
    /// How much more restless than bitcoin.
    temper: f64,
}

impl FairValue {
    /// Begins at `price`, in whole quote.
    pub(super) fn new(price: f64, anchor: f64, temper: f64) -> Self {
        Self { price, anchor, deviation: CALM * temper, temper }
    }

    pub(super) fn price(&self) -> f64 {
        self.price
    }

    /// One step of 50 ms.
    pub(super) fn step(&mut self, random: &mut Random) {
        let calm = CALM * self.temper;
        let drawn = self.deviation + 0.01 * (calm - self.deviation) + 0.04 * calm * random.normal();
        self.deviation = drawn.clamp(0.4 * calm, 4.0 * calm);
        let jump = if random.chance(JUMP) { calm * random.normal() * 12.0 } else { 0.0 };
        let change = self.deviation * random.normal() + jump + PULL * (self.anchor / self.price - 1.0);
        self.price *= 1.0 + change.clamp(-0.01, 0.01);
    }
}
