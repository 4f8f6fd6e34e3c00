//! An instrument's steps in floating point, for deciding what to quote. What is sent is ticks and lots.

use papertape_engine::{Amount, Instrument, InstrumentId, Price, Qty};

/// The steps and limits of one instrument.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    pub(super) instrument: InstrumentId,
    ticks_per_quote: f64,
    quote_per_tick_lot: f64,
    price_min: u64,
    price_max: u64,
    qty_min: u64,
    qty_max: u64,
    notional_min: f64,
}

impl Grid {
    /// `None` if a tick times a lot is too small to count with.
    pub(super) fn new(id: InstrumentId, instrument: &Instrument) -> Option<Self> {
        let spec = &instrument.spec;
        let whole = |amount: Amount| amount.0 as f64 / power_of_ten(instrument.quote.decimals);
        let quote_per_tick_lot = whole(instrument.quote_value(Price(1) * Qty(1))?);
        Some(Self {
            instrument: id,
            ticks_per_quote: power_of_ten(spec.price_decimals) / spec.tick_mantissa as f64,
            quote_per_tick_lot,
            price_min: spec.filters.price_min.0,
            price_max: spec.filters.price_max.0,
            qty_min: spec.filters.qty_min.0,
            qty_max: spec.filters.market_qty_max.0.min(spec.filters.qty_max.0),
            notional_min: whole(spec.filters.notional_min),
        })
    }

    /// A price in whole quote, in ticks and fractions of ticks.
    pub(super) fn ticks(&self, price: f64) -> f64 {
        price * self.ticks_per_quote
    }

    /// A price in ticks, in whole quote.
    pub(super) fn quote(&self, price: Price) -> f64 {
        price.0 as f64 / self.ticks_per_quote
    }

    /// The nearest price that the instrument allows.
    pub(super) fn price(&self, ticks: f64) -> Price {
        Price((ticks.round().max(1.0) as u64).clamp(self.price_min, self.price_max))
    }

    /// The lots that are worth `notional` at `ticks`, at least the least that the instrument allows.
    pub(super) fn lots(&self, notional: f64, ticks: f64) -> Qty {
        let lot_value = ticks * self.quote_per_tick_lot;
        let least = (self.notional_min * 1.1 / lot_value).ceil();
        let lots = (notional / lot_value).round().max(least) as u64;
        Qty(lots.clamp(self.qty_min, self.qty_max))
    }
}

fn power_of_ten(exponent: u8) -> f64 {
    (0..exponent).fold(1.0, |power, _| power * 10.0)
}
