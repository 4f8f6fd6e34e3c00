//! Fee tiers: setting an instrument's table, counting what accounts trade, and the rates with which an order begins.

use crate::book::OrderBook;
use crate::command::Side;
use crate::engine::Engine;
use crate::event::{Event, Trade};
use crate::fee_tiers::{FeeTiers, FeeTiersError, covered};
use crate::fees::FeeMeter;
use crate::ids::{AccountId, InstrumentId};
use crate::market::Market;
use crate::reason::Reason;
use crate::units::Ppm;

impl<B: OrderBook> Engine<B> {
    /// Gives an instrument another fee table. Orders keep the rates with which they were accepted.
    pub(super) fn set_fee_tiers(
        &mut self,
        instrument: InstrumentId,
        tiers: &FeeTiers,
        time_ns: u64,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        let market = self.market(instrument).ok_or(Reason::UnknownInstrument)?;
        let spec = &market.clerk.instrument.spec;
        tiers.check(spec).map_err(|error| match error {
            FeeTiersError::Volumes => Reason::InvalidFeeTiers,
            FeeTiersError::Fees => Reason::InvalidFees,
        })?;
        let quote = spec.quote;
        let lowest = lower(tiers.lowest(spec), self.lowest_rates(instrument, market));
        if !covered(lowest, spec.fee_asset) {
            return Err(Reason::RebateNotCovered);
        }
        self.markets[usize::from(instrument.0)].clerk.fee_tiers = *tiers;
        if !tiers.is_empty() {
            self.desk.volumes.begin(quote, time_ns);
        }
        events.push(Event::FeeTiersSet { instrument, tiers: *tiers });
        Ok(())
    }

    /// The lowest maker's and the lowest taker's rate of all orders of an instrument; the highest there can be, without any.
    pub(crate) fn lowest_rates(&self, instrument: InstrumentId, market: &Market<B>) -> (Ppm, Ppm) {
        let mut lowest = (Ppm(i32::MAX), Ppm(i32::MAX));
        let mut see = |fees: &FeeMeter| lowest = lower(lowest, (fees.maker, fees.taker));
        for side in [Side::Buy, Side::Sell] {
            market.book.for_each(side, &mut |resting| see(&market.clerk.terms(resting.slot.0).fees));
        }
        market.triggers.iter().for_each(|(_, waiting)| see(&waiting.fees));
        let pending = self.desk.lists.all_pending().filter(|(at, _)| *at == instrument);
        pending.for_each(|(_, pending)| see(&pending.fees));
        lowest
    }

    /// The meter of a new order: the rates of its account's tier.
    #[inline]
    pub(super) fn meter(&self, market: &Market<B>, account: AccountId) -> FeeMeter {
        let spec = &market.clerk.instrument.spec;
        if market.clerk.fee_tiers.is_empty() {
            return FeeMeter::new(spec.maker_fee, spec.taker_fee);
        }
        self.meter_of_tier(market, account)
    }

    #[cold]
    fn meter_of_tier(&self, market: &Market<B>, account: AccountId) -> FeeMeter {
        let (tiers, spec) = (&market.clerk.fee_tiers, &market.clerk.instrument.spec);
        let (maker, taker) = tiers.rates(tiers.tier_of(self.desk.volumes.of(account, spec.quote)), spec);
        FeeMeter::new(maker, taker)
    }

    /// Midnight has passed: volumes are those of the thirty days before the new one.
    #[cold]
    #[inline(never)]
    pub(crate) fn begin_day(&mut self, time_ns: u64, events: &mut Vec<Event>) {
        self.desk.volumes.begin_day(time_ns, |account, asset, volume| {
            events.push(Event::VolumeChanged { account, asset, volume });
        });
    }

    /// Counts what a command has traded, for both sides.
    #[cold]
    #[inline(never)]
    pub(crate) fn count_volumes(&mut self, events: &[Event]) {
        for event in events {
            let Event::Trade(Trade { instrument, price, qty, buy, sell, .. }) = *event else { continue };
            let of = &self.markets[usize::from(instrument.0)].clerk.instrument;
            let quote = of.spec.quote;
            if self.desk.volumes.counts(quote) {
                let value = of.quote_value(price * qty).expect("it has been settled");
                self.desk.volumes.count(buy.account, quote, value);
                self.desk.volumes.count(sell.account, quote, value);
            }
        }
    }
}

/// The lower rate of each role.
fn lower(one: (Ppm, Ppm), other: (Ppm, Ppm)) -> (Ppm, Ppm) {
    (one.0.min(other.0), one.1.min(other.1))
}
