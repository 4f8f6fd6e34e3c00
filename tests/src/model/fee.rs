//! What an order owes: the exact sum over its fills, rounded up once towards the venue.

use papertape_engine::InstrumentSpec;

use super::MILLION;

/// An order's rates, what is due so far and what was charged.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fees {
    pub(super) maker: i128,
    pub(super) taker: i128,
    due: Exact,
    charged: i128,
}

/// Whole units and millionths of one (0 to 999,999).
#[derive(Clone, Copy, Debug, Default)]
struct Exact {
    units: i128,
    millionths: i128,
}

impl Exact {
    fn plus(self, millionths: i128) -> Self {
        let sum = self.millionths + millionths;
        Self { units: self.units + sum.div_euclid(MILLION), millionths: sum.rem_euclid(MILLION) }
    }

    fn rounded_up(self) -> i128 {
        if self.millionths > 0 { self.units + 1 } else { self.units }
    }
}

impl Fees {
    /// Nothing is due yet.
    pub(super) fn new(spec: &InstrumentSpec) -> Self {
        let (maker, taker) = (spec.maker_fee.0.into(), spec.taker_fee.0.into());
        Self { maker, taker, due: Exact::default(), charged: 0 }
    }

    /// The fee of one more fill of this value: what brings the charges up to what is due.
    pub(super) fn charge(&mut self, rate: i128, value: i128) -> i128 {
        self.due = self.due.plus(rate * value);
        let fee = self.due.rounded_up() - self.charged;
        self.charged += fee;
        fee
    }

    /// What an order that only takes is charged for fills of this value, before it was charged anything.
    pub(super) fn taken(mut self, value: i128) -> i128 {
        self.charge(self.taker, value)
    }

    /// The most that fills of up to this value can still be charged.
    pub(super) fn most(&self, value: i128) -> i128 {
        let rate = self.maker.max(self.taker).max(0);
        (self.due.plus(rate * value).rounded_up() - self.charged).max(0)
    }
}
