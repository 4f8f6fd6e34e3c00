//! Assets and instruments.

use papertape_engine::{
    Allocation, Asset, AssetId, Event, FeeAsset, FeeTiers, Filters, InstrumentId, InstrumentSpec, Price, ProRata,
    Purpose, Reason, TriggerSource,
};

use super::wide::multiply_divide;
use super::{AMOUNT_MAX, MILLION, Market, Model};

const DECIMALS_MAX: u8 = 18;
/// The widest band, in basis points.
const BAND_MAX: u32 = 9_999;
/// Numbers of assets, and of instruments.
const LISTED_MAX: usize = 1 << 16;

impl Model {
    pub(super) fn list_asset(&mut self, spec: Asset, events: &mut Vec<Event>) -> Result<(), Reason> {
        if self.assets.iter().any(|asset| asset.symbol == spec.symbol) {
            return Err(Reason::AlreadyListed);
        }
        if spec.decimals > DECIMALS_MAX {
            return Err(Reason::InvalidAsset);
        }
        if self.assets.len() == LISTED_MAX {
            return Err(Reason::TooManyListed);
        }
        events.push(Event::AssetListed { asset: AssetId(self.assets.len() as u16), spec });
        self.assets.push(spec);
        Ok(())
    }

    pub(super) fn list_instrument(&mut self, spec: InstrumentSpec, events: &mut Vec<Event>) -> Result<(), Reason> {
        if self.markets.iter().any(|market| market.spec.symbol == spec.symbol) {
            return Err(Reason::AlreadyListed);
        }
        if self.markets.len() == LISTED_MAX {
            return Err(Reason::TooManyListed);
        }
        let asset = |id: AssetId| self.assets.get(usize::from(id.0)).ok_or(Reason::InvalidAssets);
        let (base, quote) = (asset(spec.base)?, asset(spec.quote)?);
        if spec.base == spec.quote {
            return Err(Reason::InvalidAssets);
        }
        if spec.tick_mantissa == 0 || spec.lot.0 <= 0 || spec.price_decimals > DECIMALS_MAX {
            return Err(Reason::InvalidStep);
        }
        let unit = unit_value(&spec, base, quote).ok_or(Reason::InvalidGranularity)?;
        check_fees(&spec)?;
        check_filters(&spec.filters)?;
        if matches!(spec.allocation, Allocation::ProRata(ProRata { share_min, .. }) if share_min.0 == 0) {
            return Err(Reason::InvalidAllocation);
        }
        if spec.bands.static_points > BAND_MAX || spec.bands.dynamic_points > BAND_MAX {
            return Err(Reason::InvalidBands);
        }
        events.push(Event::InstrumentListed { instrument: InstrumentId(self.markets.len() as u16), spec });
        let (last_price, session_price, mark, top) = (None, None, None, [None; 2]);
        let (phase, purpose, until_ns, trades) = (spec.phase, Purpose::Intraday, None, 0);
        self.markets.push(Market {
            spec,
            unit,
            tiers: FeeTiers::NONE,
            phase,
            purpose,
            until_ns,
            schedule: None,
            step_ns: None,
            trades,
            last_price,
            session_price,
            pegged_to: [None; 2],
            mark,
            indicated: None,
            top,
        });
        Ok(())
    }

    /// The operator says what an instrument is worth.
    pub(super) fn set_mark(
        &mut self,
        instrument: InstrumentId,
        price: Price,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.market(instrument)?;
        if price.0 == 0 {
            return Err(Reason::PriceOutOfRange);
        }
        self.markets[usize::from(instrument.0)].mark = Some(price);
        events.push(Event::MarkSet { instrument, price });
        self.see(instrument, TriggerSource::Mark, price);
        Ok(())
    }
}

/// One tick times one lot in quote units: `lot / 10^base * tick / 10^price_decimals * 10^quote`. It must be a whole
/// number that 128 bits hold.
fn unit_value(spec: &InstrumentSpec, base: &Asset, quote: &Asset) -> Option<u128> {
    let up = u128::from(spec.tick_mantissa) * 10_u128.pow(quote.decimals.into());
    let down = 10_u128.pow(u32::from(base.decimals) + u32::from(spec.price_decimals));
    let (unit, rest) = multiply_divide(spec.lot.0.unsigned_abs(), up, down)?;
    (rest == 0).then_some(unit)
}

/// Within a whole either way; a rebate only in quote, and not above what the other side pays.
fn check_fees(spec: &InstrumentSpec) -> Result<(), Reason> {
    let (maker, taker) = (i128::from(spec.maker_fee.0), i128::from(spec.taker_fee.0));
    let within = (-MILLION..=MILLION).contains(&maker) && (-MILLION..=MILLION).contains(&taker);
    let rebate = maker < 0 || taker < 0;
    let payable = !rebate || (spec.fee_asset == FeeAsset::Quote && maker + taker >= 0);
    if within && payable { Ok(()) } else { Err(Reason::InvalidFees) }
}

fn check_filters(filters: &Filters) -> Result<(), Reason> {
    let positions = 0..=AMOUNT_MAX;
    let positive = filters.price_min.0 > 0 && filters.qty_min.0 > 0 && filters.notional_min.0 >= 0;
    let ordered = filters.price_min <= filters.price_max
        && filters.qty_min <= filters.qty_max
        && filters.qty_min <= filters.market_qty_max
        && filters.notional_min <= filters.notional_max
        && positions.contains(&filters.position_max.0);
    if positive && ordered && filters.notional_max.0 <= AMOUNT_MAX { Ok(()) } else { Err(Reason::InvalidFilters) }
}
