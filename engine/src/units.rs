//! Prices in ticks, quantities in lots, money in the smallest unit of an asset: three types that do not mix.
//!
//! `Price * Qty` is a [`Notional`]; only an instrument can turn a notional into an [`Amount`] of its quote asset,
//! because only it knows what one tick times one lot is worth. `Price + Qty` does not compile.
//!
//! ```compile_fail
//! use papertape_engine::{Price, Qty};
//! let nonsense = Price(1) + Qty(1);
//! ```

use std::fmt;
use std::ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign};

use wincode::{SchemaRead, SchemaWrite};

/// A price in ticks of its instrument, 1 to 2^64 - 1. Zero is no price: orders that name it are refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, SchemaRead, SchemaWrite)]
pub struct Price(pub u64);

/// A quantity in lots of its instrument, 0 to 2^64 - 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, SchemaRead, SchemaWrite)]
pub struct Qty(pub u64);

/// Ticks times lots. It has no asset until the instrument gives it one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Notional(pub u128);

/// Money: a count of the smallest unit of an asset. Signed, because differences and profits are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, SchemaRead, SchemaWrite)]
pub struct Amount(pub i128);

/// A rate in parts per million. Fees are rates; a negative one is a rebate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, SchemaRead, SchemaWrite)]
pub struct Ppm(pub i32);

/// One million: the denominator of [`Ppm`].
pub const PPM: i128 = 1_000_000;

impl Mul<Qty> for Price {
    type Output = Notional;

    /// Cannot overflow: two 64-bit factors fit 128 bits.
    #[inline]
    fn mul(self, qty: Qty) -> Notional {
        Notional(u128::from(self.0) * u128::from(qty.0))
    }
}

impl Add for Notional {
    type Output = Notional;
    #[inline]
    fn add(self, other: Notional) -> Notional {
        Notional(self.0 + other.0)
    }
}

impl Qty {
    /// No lots.
    pub const ZERO: Qty = Qty(0);

    /// Whether there is nothing of it.
    #[inline]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or `None` above 2^64 - 1 lots.
    #[inline]
    pub const fn checked_add(self, other: Qty) -> Option<Qty> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Qty(sum)),
            None => None,
        }
    }
}

impl Sub for Qty {
    type Output = Qty;
    #[inline]
    fn sub(self, other: Qty) -> Qty {
        Qty(self.0 - other.0)
    }
}

impl SubAssign for Qty {
    #[inline]
    fn sub_assign(&mut self, other: Qty) {
        self.0 -= other.0;
    }
}

impl Add for Qty {
    type Output = Qty;
    #[inline]
    fn add(self, other: Qty) -> Qty {
        Qty(self.0 + other.0)
    }
}

impl AddAssign for Qty {
    #[inline]
    fn add_assign(&mut self, other: Qty) {
        self.0 += other.0;
    }
}

impl Amount {
    /// No money.
    pub const ZERO: Amount = Amount(0);

    /// The most that one balance may hold, 10^32 units: times a rate in parts per million it still fits 128 bits.
    pub const MAX: Amount = Amount(100_000_000_000_000_000_000_000_000_000_000);

    /// The sum, or `None` if it leaves `-MAX ..= MAX`.
    #[inline]
    pub fn checked_add(self, other: Amount) -> Option<Amount> {
        self.0.checked_add(other.0).map(Amount).filter(|sum| sum.0.unsigned_abs() <= Amount::MAX.0.unsigned_abs())
    }

    /// The sum, or the edge of 128 bits that it would cross. For running totals that limit nothing.
    #[inline]
    pub fn saturating_add(self, other: Amount) -> Amount {
        Amount(self.0.saturating_add(other.0))
    }

    /// Whether it is below zero.
    #[inline]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
}

impl Add for Amount {
    type Output = Amount;
    #[inline]
    fn add(self, other: Amount) -> Amount {
        Amount(self.0 + other.0)
    }
}

impl AddAssign for Amount {
    #[inline]
    fn add_assign(&mut self, other: Amount) {
        self.0 += other.0;
    }
}

impl Sub for Amount {
    type Output = Amount;
    #[inline]
    fn sub(self, other: Amount) -> Amount {
        Amount(self.0 - other.0)
    }
}

impl SubAssign for Amount {
    #[inline]
    fn sub_assign(&mut self, other: Amount) {
        self.0 -= other.0;
    }
}

impl Neg for Amount {
    type Output = Amount;
    #[inline]
    fn neg(self) -> Amount {
        Amount(-self.0)
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Qty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notional_of_the_largest_price_and_quantity_fits() {
        assert_eq!((Price(u64::MAX) * Qty(u64::MAX)).0, u128::from(u64::MAX) * u128::from(u64::MAX));
    }

    #[test]
    fn amounts_stop_at_their_stated_limit() {
        assert_eq!(Amount::MAX.checked_add(Amount(1)), None);
        assert_eq!((-Amount::MAX).checked_add(Amount(-1)), None);
        assert_eq!(Amount::MAX.checked_add(Amount(-1)), Some(Amount(Amount::MAX.0 - 1)));
    }
}
