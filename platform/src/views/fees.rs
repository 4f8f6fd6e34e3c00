//! What an account's orders cost.

use papertape_engine::{Amount, FeeTier, FeeTiers, Instrument, Ppm};

/// An account's fees in one instrument, from what it has traded in the thirty days before today.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FeesView {
    /// Its tier; 0 is what the instrument is listed with.
    pub tier: u8,
    /// What it has traded in all instruments that are paid with the same asset; zero where nobody counts.
    pub volume: Amount,
    /// Rate of its orders that rest.
    pub maker_fee: Ppm,
    /// Rate of its orders that take.
    pub taker_fee: Ppm,
    /// What comes with more volume.
    pub next: Option<FeeTier>,
}

impl FeesView {
    pub(super) fn new(instrument: &Instrument, tiers: &FeeTiers, volume: Amount) -> Self {
        let tier = tiers.tier_of(volume);
        let (maker_fee, taker_fee) = tiers.rates(tier, &instrument.spec);
        Self { tier, volume, maker_fee, taker_fee, next: tiers.iter().nth(tier.into()) }
    }
}
