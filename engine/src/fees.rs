//! Fees, rounded towards the venue once an order and not once a fill, and the holds that cover them.

use wincode::{SchemaRead, SchemaWrite};

use crate::units::{Amount, PPM, Ppm};

/// The rates of one order, fixed when it is accepted, and what rounding has charged in advance.
#[derive(Clone, Copy, PartialEq, Eq, Debug, SchemaRead, SchemaWrite)]
pub(crate) struct FeeMeter {
    pub(crate) maker: Ppm,
    pub(crate) taker: Ppm,
    /// Charged so far beyond what is due, in millionths of a unit: less than one unit.
    prepaid: u32,
}

impl FeeMeter {
    pub(crate) const fn new(maker: Ppm, taker: Ppm) -> Self {
        Self { maker, taker, prepaid: 0 }
    }

    /// Whether these are the rates, and the rest is what rounding can leave.
    pub(crate) fn is_of(&self, maker: Ppm, taker: Ppm) -> bool {
        (self.maker, self.taker) == (maker, taker) && i128::from(self.prepaid) < PPM
    }

    /// The fee of one more fill worth `value`. After any number of fills, the sum of their fees is the sum of what is
    /// due, rounded up once.
    #[inline]
    pub(crate) fn charge(&mut self, rate: Ppm, value: Amount) -> Amount {
        let due = i128::from(rate.0) * value.0 - i128::from(self.prepaid);
        let fee = div_up(due);
        self.prepaid = (fee * PPM - due) as u32;
        Amount(fee)
    }

    /// The most that fills worth up to `value` can still cost.
    #[inline]
    pub(crate) fn worst(&self, value: Amount) -> Amount {
        let rate = i128::from(self.maker.0.max(self.taker.0).max(0));
        Amount(div_up(rate * value.0 - i128::from(self.prepaid)).max(0))
    }
}

/// Micro-units to units, rounded up. Nearly every fee fits 64 bits, where a division is a multiplication.
#[inline]
fn div_up(micro: i128) -> i128 {
    match i64::try_from(micro) {
        Ok(micro) => {
            const PPM: i64 = crate::units::PPM as i64;
            i128::from(micro.div_euclid(PPM) + i64::from(micro.rem_euclid(PPM) != 0))
        }
        Err(_) => div_up_wide(micro),
    }
}

#[cold]
fn div_up_wide(micro: i128) -> i128 {
    micro.div_euclid(PPM) + i128::from(micro.rem_euclid(PPM) != 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_hold_covers_every_way_to_fill(
            maker in -500_i32..=1_000_000, taker in 0_i32..=1_000_000,
            fills in prop::collection::vec((0_i128..2_000_000, any::<bool>()), 1..40),
        ) {
            let mut meter = FeeMeter::new(Ppm(maker), Ppm(taker));
            let mut left: i128 = fills.iter().map(|fill| fill.0).sum();
            let mut held = meter.worst(Amount(left));
            let (mut charged, mut due) = (0, 0);
            for (value, takes) in fills {
                let rate = if takes { meter.taker } else { meter.maker };
                let fee = meter.charge(rate, Amount(value));
                left -= value;
                charged += fee.0;
                due += i128::from(rate.0) * value;
                let next = meter.worst(Amount(left));
                prop_assert!(held.0 - next.0 >= fee.0, "held {held}, then {next}, fee {fee}");
                held = next;
            }
            prop_assert_eq!(charged, div_up(due));
        }
    }
}
