//! What an instrument's orders cost accounts that trade much.

use wincode::{SchemaRead, SchemaWrite};

use crate::instrument::{FeeAsset, InstrumentSpec};
use crate::units::{Amount, PPM, Ppm};

/// The fees of accounts that have traded at least so much.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, SchemaRead, SchemaWrite)]
pub struct FeeTier {
    /// Least volume of the thirty days before today, in quote: 1 to 10^32.
    pub volume_min: Amount,
    /// Fee of the order that rested. Negative is a rebate.
    pub maker_fee: Ppm,
    /// Fee of the order that took.
    pub taker_fee: Ppm,
}

/// An instrument's fee table: up to [`FeeTiers::MAX`] tiers above what it is listed with, which is tier 0. An account has
/// the last tier whose volume it has traded in all instruments that are paid with the same asset.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FeeTiers {
    count: u8,
    volumes: [Amount; FeeTiers::MAX],
    rates: [(Ppm, Ppm); FeeTiers::MAX],
}

/// Why a fee table is none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FeeTiersError {
    /// A volume is not above the one before, or beyond what can be.
    Volumes,
    /// A fee beyond ±100 %, a rebate that the lowest of the other side's fees does not cover, or one in the asset received.
    Fees,
}

impl Default for FeeTiers {
    fn default() -> Self {
        Self::NONE
    }
}

impl FeeTiers {
    /// Most tiers above the first.
    pub const MAX: usize = 8;

    /// Everybody pays what the instrument is listed with.
    pub const NONE: FeeTiers =
        FeeTiers { count: 0, volumes: [Amount::ZERO; Self::MAX], rates: [(Ppm(0), Ppm(0)); Self::MAX] };

    /// A table of these tiers, as they are; `None` if there are more than [`FeeTiers::MAX`].
    pub fn new(tiers: &[FeeTier]) -> Option<Self> {
        let mut table = Self::NONE;
        for (at, tier) in tiers.iter().enumerate() {
            *table.volumes.get_mut(at)? = tier.volume_min;
            table.rates[at] = (tier.maker_fee, tier.taker_fee);
            table.count += 1;
        }
        Some(table)
    }

    /// Whether it has no tiers.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The tiers above the first, by volume.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = FeeTier> {
        let rows = self.volumes.iter().zip(&self.rates).take(self.count.into());
        rows.map(|(volume_min, &(maker_fee, taker_fee))| FeeTier { volume_min: *volume_min, maker_fee, taker_fee })
    }

    /// The tier of an account with this volume: 0 is what the instrument is listed with.
    pub fn tier_of(&self, volume: Amount) -> u8 {
        let reached = self.volumes[..usize::from(self.count)].iter().take_while(|least| **least <= volume);
        reached.count() as u8
    }

    /// Maker's and taker's fee of a tier, in an instrument that is listed with `spec`.
    pub fn rates(&self, tier: u8, spec: &InstrumentSpec) -> (Ppm, Ppm) {
        let above = usize::from(tier).checked_sub(1).and_then(|at| self.rates[..usize::from(self.count)].get(at));
        above.copied().unwrap_or((spec.maker_fee, spec.taker_fee))
    }

    /// The lowest maker's and the lowest taker's fee of all tiers.
    pub(crate) fn lowest(&self, spec: &InstrumentSpec) -> (Ppm, Ppm) {
        let all = self.rates[..usize::from(self.count)].iter();
        all.fold((spec.maker_fee, spec.taker_fee), |low, fees| (low.0.min(fees.0), low.1.min(fees.1)))
    }

    /// Checks the table for an instrument.
    pub fn check(&self, spec: &InstrumentSpec) -> Result<(), FeeTiersError> {
        let mut least = Amount::ZERO;
        for tier in self.iter() {
            if tier.volume_min <= least || tier.volume_min > Amount::MAX {
                return Err(FeeTiersError::Volumes);
            }
            least = tier.volume_min;
        }
        let in_range = |fee: Ppm| i128::from(fee.0).abs() <= PPM;
        let sound = self.iter().all(|tier| in_range(tier.maker_fee) && in_range(tier.taker_fee));
        if sound && covered(self.lowest(spec), spec.fee_asset) { Ok(()) } else { Err(FeeTiersError::Fees) }
    }
}

/// Whether the lowest of one side's fees pays for the highest of the other side's rebates, which is in the same asset.
pub(crate) fn covered((maker, taker): (Ppm, Ppm), fee_asset: FeeAsset) -> bool {
    let sum = i64::from(maker.0) + i64::from(taker.0);
    sum >= 0 && (fee_asset == FeeAsset::Quote || (maker.0 >= 0 && taker.0 >= 0))
}
