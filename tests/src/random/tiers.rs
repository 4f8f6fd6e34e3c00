//! Fee tables, and days that pass.

use papertape_engine::{Amount, Command, FeeAsset, FeeTier, FeeTiers, Ppm};

use super::flow::Flow;

const DAY_NS: u64 = 24 * 3_600 * 1_000_000_000;

impl Flow {
    /// Mostly a table that can be, now and then none, or one that cannot.
    pub(super) fn fee_tiers(&mut self) -> Command {
        let place = self.somewhere();
        let instrument = if self.strange() { self.instrument() } else { place.instrument };
        let spec = self.specs.get(usize::from(place.instrument.0)).copied();
        let (maker, taker) = spec.map_or((0, 0), |spec| (spec.maker_fee.0, spec.taker_fee.0));
        let in_quote = spec.is_none_or(|spec| spec.fee_asset == FeeAsset::Quote);
        // What a few ordinary orders are worth, and more with each tier.
        let order = place.unit.saturating_mul(i128::from(place.middle)).saturating_mul(i128::from(place.lots));
        let mut least = order.min(Amount::MAX.0) / self.dice.pick(&[1_000, 10, 2, 1]) + 1;
        let (mut tiers, count) = (Vec::new(), self.dice.below(6));
        for _ in 0..count {
            let maker_fee = self.dice.pick(&[maker, maker / 2, maker / 3, 0, -taker / 2, -taker, 1_000]);
            let taker_fee = self.dice.pick(&[taker, taker, taker / 2, taker / 3, 0, -maker / 2, 1_000]);
            let (maker_fee, taker_fee) = if in_quote || self.dice.chance(5) {
                (maker_fee, taker_fee)
            } else {
                (maker_fee.abs(), taker_fee.abs())
            };
            let volume_min = if self.edge() { self.dice.wider() } else { Amount(least) };
            tiers.push(FeeTier { volume_min, maker_fee: Ppm(maker_fee), taker_fee: Ppm(taker_fee) });
            least = least.saturating_mul(i128::from(self.dice.pick(&[1_u64, 2, 3, 10, 30])));
            least += i128::from(self.dice.chance(90));
        }
        Command::SetFeeTiers { instrument, tiers: FeeTiers::new(&tiers).expect("a few") }
    }

    /// Where there are fee tables a day passes now and then, or several.
    pub(super) fn days(&mut self) -> Option<u64> {
        if !self.tiered || !self.dice.chance(2) {
            return None;
        }
        Some(self.dice.pick(&[1, 1, 1, 1, 2, 7, 29, 30, 31, 70]) * DAY_NS)
    }
}
