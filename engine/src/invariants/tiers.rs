//! Fee rates of open orders.

use crate::book::OrderBook;
use crate::engine::Engine;
use crate::fee_tiers::covered;
use crate::ids::InstrumentId;
use crate::market::Market;
use crate::units::Ppm;

impl<B: OrderBook> Engine<B> {
    /// Whatever trades with whatever, also with an order that comes, a rebate is paid for.
    pub(super) fn check_rates(&self, instrument: InstrumentId, market: &Market<B>) -> Result<(), String> {
        let (clerk, (maker, taker)) = (&market.clerk, self.lowest_rates(instrument, market));
        let coming = clerk.fee_tiers.lowest(&clerk.instrument.spec);
        let lowest: (Ppm, Ppm) = (maker.min(coming.0), taker.min(coming.1));
        if covered(lowest, clerk.instrument.spec.fee_asset) {
            return Ok(());
        }
        Err(format!("instrument {instrument} has rebates that nobody pays for: {lowest:?}"))
    }
}
