//! Assets, and instruments that trade one asset for another.

use std::ops::RangeInclusive;

use ethnum::U256;
use wincode::{SchemaRead, SchemaWrite};

use crate::command::SelfTradePrevention;
use crate::decimal::{self, DecimalError, Scaled};
use crate::ids::{AssetId, Symbol};
use crate::units::{Amount, Notional, PPM, Ppm, Price, Qty};

/// Something that can be held: its code, and how many decimals its smallest unit has (0 to 18).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Asset {
    /// `USD`, `BTC`.
    pub symbol: Symbol,
    /// Decimals of the smallest unit: 8 for bitcoin.
    pub decimals: u8,
}

impl Asset {
    /// Most decimals that an asset may have.
    pub const MAX_DECIMALS: u8 = 18;

    /// Decimal text to money.
    pub fn parse(&self, text: &str) -> Result<Amount, DecimalError> {
        decimal::parse(text, self.decimals).map(Amount)
    }

    /// Money to decimal text, with all of the asset's decimals.
    pub fn format(&self, amount: Amount) -> String {
        self.scaled(amount).to_string()
    }

    /// Money with all of the asset's decimals.
    pub fn scaled(&self, amount: Amount) -> Scaled {
        Scaled::new(amount.0, self.decimals)
    }
}

/// What an instrument's rules allow at a given moment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, SchemaRead, SchemaWrite)]
pub enum Phase {
    /// Orders match as they come.
    Continuous,
    /// Limit orders are collected and rest, even crossed, until the uncross.
    Auction,
    /// Only cancels are accepted.
    Halted,
    /// Only cancels are accepted; the session is over.
    Closed,
}

/// What becomes of a post-only order that would trade at once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, SchemaRead, SchemaWrite)]
#[repr(u8)]
pub enum PostOnlyRule {
    /// It is refused (Binance Spot's LIMIT_MAKER).
    #[default]
    Reject = 0,
    /// It rests one tick behind the best price of the other side (Nasdaq's post-only orders).
    Reprice = 1,
}

impl PostOnlyRule {
    /// Both.
    pub const ALL: [PostOnlyRule; 2] = [Self::Reject, Self::Reprice];

    /// `reject` or `reprice`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Reprice => "reprice",
        }
    }
}

/// What an amend does to an order's place in its queue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, SchemaRead, SchemaWrite)]
#[repr(u8)]
pub enum AmendPriority {
    /// A smaller quantity at the same price keeps it, anything else loses it (Binance Spot's and CME's rule).
    #[default]
    KeepIfReduced = 0,
    /// Every amend loses it.
    Lose = 1,
}

impl AmendPriority {
    /// Both.
    pub const ALL: [AmendPriority; 2] = [Self::KeepIfReduced, Self::Lose];

    /// `keep_if_reduced` or `lose`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::KeepIfReduced => "keep_if_reduced",
            Self::Lose => "lose",
        }
    }
}

/// The settings of an instrument that make it follow the rules that a bot will meet elsewhere, as far as they are settings
/// here. Fees, filters, ticks and the static band stay as they are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RuleBook {
    /// Binance Spot's.
    Binance,
    /// Close to CME Globex: levels by time, self-match prevention that cancels the resting order, stops refused that are
    /// met already.
    CmeLike,
    /// Close to Nasdaq's book: post-only orders repriced, own orders decremented, triggers that fire at once.
    NasdaqLike,
}

impl RuleBook {
    /// All of them.
    pub const ALL: [RuleBook; 3] = [Self::Binance, Self::CmeLike, Self::NasdaqLike];

    /// `binance`, `cme-like` or `nasdaq-like`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Binance => "binance",
            Self::CmeLike => "cme-like",
            Self::NasdaqLike => "nasdaq-like",
        }
    }

    /// An instrument with these settings.
    pub const fn of(self, spec: InstrumentSpec) -> InstrumentSpec {
        let (self_trade_prevention, post_only, trigger_at_entry) = match self {
            Self::Binance | Self::CmeLike => {
                (SelfTradePrevention::CancelMaker, PostOnlyRule::Reject, TriggerAtEntry::Refuse)
            }
            Self::NasdaqLike => (SelfTradePrevention::Decrement, PostOnlyRule::Reprice, TriggerAtEntry::Fire),
        };
        // CME's market orders reach only so far from the last trade.
        let dynamic_points = match self {
            Self::CmeLike if spec.bands.dynamic_points == 0 => 500,
            _ => spec.bands.dynamic_points,
        };
        InstrumentSpec {
            self_trade_prevention,
            post_only,
            amend_priority: AmendPriority::KeepIfReduced,
            allocation: Allocation::Fifo,
            bands: Bands { dynamic_points, ..spec.bands },
            trigger_source: TriggerSource::LastTrade,
            trigger_at_entry,
            ..spec
        }
    }
}

/// What triggers look at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, SchemaRead, SchemaWrite)]
#[repr(u8)]
pub enum TriggerSource {
    /// The price of the last trade.
    #[default]
    LastTrade = 0,
    /// The mark price ([`crate::Command::SetMark`]).
    Mark = 1,
    /// The middle between best bid and best ask, rounded down to a tick, while there are both.
    Mid = 2,
}

impl TriggerSource {
    /// All sources.
    pub const ALL: [TriggerSource; 3] = [Self::LastTrade, Self::Mark, Self::Mid];

    /// `last_trade`, `mark` or `mid`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LastTrade => "last_trade",
            Self::Mark => "mark",
            Self::Mid => "mid",
        }
    }
}

/// What becomes of an order whose trigger price has been reached already when it is placed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, SchemaRead, SchemaWrite)]
#[repr(u8)]
pub enum TriggerAtEntry {
    /// It is refused (Binance Spot's rule).
    #[default]
    Refuse = 0,
    /// It fires at once.
    Fire = 1,
}

impl TriggerAtEntry {
    /// Both.
    pub const ALL: [TriggerAtEntry; 2] = [Self::Refuse, Self::Fire];

    /// `refuse` or `fire`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Fire => "fire",
        }
    }
}

/// The asset in which a fee is taken.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, SchemaRead, SchemaWrite)]
pub enum FeeAsset {
    /// Always in quote: a buyer pays it on top and holds exactly what was bought.
    Quote,
    /// In the asset received, as Binance Spot does: a buyer receives a little less base.
    Received,
}

/// How a taker's quantity is shared out among the orders at one price.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, SchemaRead, SchemaWrite)]
pub enum Allocation {
    /// Oldest first.
    #[default]
    Fifo,
    /// By size.
    ProRata(ProRata),
}

/// The steps of a pro-rata allocation in their order, as CME publishes them for its algorithms A, C, K and O (which
/// differ in the steps that they have): the top order, the shares, leveling, and the rest by time. If the taker takes
/// the whole level, everybody trades in the order of time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, SchemaRead, SchemaWrite)]
pub struct ProRata {
    /// The top order trades first, up to so many lots; zero is no such step. An order is the top order of its side from
    /// when it comes to rest at a better price than all others until it ends, is amended away from its place, or another
    /// order betters it.
    pub top_max: Qty,
    /// A share of fewer lots than this is none. At least 1; CME has 1 or 2.
    pub share_min: Qty,
    /// Whether orders that got no share get one lot each, oldest first, before the rest goes by time.
    pub leveling: bool,
}

/// Limits on single orders. Named after the filters of Binance Spot's `exchangeInfo`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, SchemaRead, SchemaWrite)]
pub struct Filters {
    /// PRICE_FILTER: lowest limit price.
    pub price_min: Price,
    /// PRICE_FILTER: highest limit price.
    pub price_max: Price,
    /// LOT_SIZE: smallest quantity.
    pub qty_min: Qty,
    /// LOT_SIZE: largest quantity.
    pub qty_max: Qty,
    /// MARKET_LOT_SIZE: largest quantity of a market order.
    pub market_qty_max: Qty,
    /// NOTIONAL: least value of a limit order, or budget of a market order, in quote.
    pub notional_min: Amount,
    /// NOTIONAL: greatest value of a limit order, or budget of a market order, in quote.
    pub notional_max: Amount,
    /// MAX_NUM_ORDERS: open orders of one account in this instrument.
    pub open_orders_max: u32,
    /// MAX_POSITION: what an account may come to have of the base asset by buying, its open buy orders here counted as
    /// filled.
    pub position_max: Amount,
    /// New orders and amends of one account in this instrument within one second of the stamps' time.
    pub orders_per_second_max: u32,
}

impl Filters {
    /// Filters that refuse nothing but what cannot be represented.
    pub const OPEN: Filters = Filters {
        price_min: Price(1),
        price_max: Price(u64::MAX),
        qty_min: Qty(1),
        qty_max: Qty(u64::MAX),
        market_qty_max: Qty(u64::MAX),
        notional_min: Amount::ZERO,
        notional_max: Amount::MAX,
        open_orders_max: u32::MAX,
        position_max: Amount::MAX,
        orders_per_second_max: u32::MAX,
    };
}

/// Price bands, in basis points around a reference price; zero is no band, 9,999 the widest. Without a reference there is
/// no band. They keep a buy from prices above and a sell from prices below, but not in an uncross, whose orders are within
/// the static band.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, SchemaRead, SchemaWrite)]
pub struct Bands {
    /// Around the price of the last uncross, or before one the first trade since the instrument was listed or closed.
    /// Limit prices outside are refused too.
    pub static_points: u32,
    /// Around the last trade before an order comes.
    pub dynamic_points: u32,
}

impl Bands {
    /// No bands.
    pub const NONE: Bands = Bands { static_points: 0, dynamic_points: 0 };

    /// The widest band.
    pub const POINTS_MAX: u32 = 9_999;

    /// The prices of a band: rounded to the inside.
    pub(crate) fn range(points: u32, reference: Option<Price>) -> RangeInclusive<Price> {
        let Some(reference) = reference.filter(|_| points > 0) else { return Price(0)..=Price(u64::MAX) };
        let (reference, points, whole) = (u128::from(reference.0), u128::from(points), 10_000);
        let low = (reference * (whole - points)).div_ceil(whole);
        let high = reference * (whole + points) / whole;
        Price(low as u64)..=Price(u64::try_from(high).unwrap_or(u64::MAX))
    }
}

/// A market: what is traded for what, in which steps, at which fees, within which limits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, SchemaRead, SchemaWrite)]
pub struct InstrumentSpec {
    /// `BTC-USD`. In a record it stands before the rest, as text.
    #[wincode(skip(default_val = Symbol::NONE))]
    pub symbol: Symbol,
    /// What is bought and sold.
    pub base: AssetId,
    /// What it is paid with.
    pub quote: AssetId,
    /// One tick is `tick_mantissa * 10^-price_decimals` quote per whole base: 5 and 2 make a tick of 0.05.
    pub tick_mantissa: u64,
    /// Decimals of a price.
    pub price_decimals: u8,
    /// One lot, in base units.
    pub lot: Amount,
    /// Fee of the order that rested. Negative is a rebate.
    pub maker_fee: Ppm,
    /// Fee of the order that took.
    pub taker_fee: Ppm,
    /// The asset in which fees are taken.
    pub fee_asset: FeeAsset,
    /// Limits on single orders.
    pub filters: Filters,
    /// What happens to orders that say nothing of self-trade prevention.
    pub self_trade_prevention: SelfTradePrevention,
    /// How a taker's quantity is shared out among the orders at one price.
    pub allocation: Allocation,
    /// What becomes of a post-only order that would trade at once.
    pub post_only: PostOnlyRule,
    /// What an amend does to an order's place in its queue.
    pub amend_priority: AmendPriority,
    /// Where no trade may be.
    pub bands: Bands,
    /// What happens when an order would trade outside its band: it is cut (zero), or a volatility auction begins and lasts so
    /// many nanoseconds.
    pub volatility_auction_ns: u64,
    /// What triggers look at.
    pub trigger_source: TriggerSource,
    /// What becomes of an order whose trigger price has been reached already.
    pub trigger_at_entry: TriggerAtEntry,
    /// The phase in which trading begins.
    pub phase: Phase,
}

impl InstrumentSpec {
    /// A market with the usual rules: ticks of one quote per whole base, lots of one base unit, no fees, no limits or bands,
    /// levels that go by time, continuous trading. Triggers look at the last trade, and one whose price has been reached
    /// already is refused. Where an order would trade with its own side, the one that rests is
    /// cancelled.
    pub const fn new(symbol: Symbol, base: AssetId, quote: AssetId) -> Self {
        Self {
            symbol,
            base,
            quote,
            tick_mantissa: 1,
            price_decimals: 0,
            lot: Amount(1),
            maker_fee: Ppm(0),
            taker_fee: Ppm(0),
            fee_asset: FeeAsset::Quote,
            filters: Filters::OPEN,
            self_trade_prevention: SelfTradePrevention::CancelMaker,
            allocation: Allocation::Fifo,
            post_only: PostOnlyRule::Reject,
            amend_priority: AmendPriority::KeepIfReduced,
            bands: Bands::NONE,
            volatility_auction_ns: 0,
            trigger_source: TriggerSource::LastTrade,
            trigger_at_entry: TriggerAtEntry::Refuse,
            phase: Phase::Continuous,
        }
    }
}

/// Why an instrument cannot be listed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SpecError {
    /// Base or quote is not listed, or they are the same.
    Assets,
    /// The tick or the lot is zero or negative.
    Step,
    /// One tick times one lot is not a whole number of quote units, or one beyond 128 bits.
    Granularity,
    /// A fee beyond ±100 %, a rebate that the other side's fee does not cover, or a rebate in the asset received.
    Fees,
    /// A minimum above its maximum, or a minimum of zero price or quantity.
    Filters,
    /// A least share of zero lots.
    Allocation,
    /// A band wider than 9,999 basis points.
    Bands,
}

/// An instrument that was checked, with the conversions derived once.
#[derive(Clone, Debug)]
pub struct Instrument {
    /// As listed.
    pub spec: InstrumentSpec,
    /// The base asset.
    pub base: Asset,
    /// The quote asset.
    pub quote: Asset,
    /// Quote units for one tick times one lot.
    quote_per_tick_lot: u128,
}

impl Instrument {
    /// Checks a specification against the listed assets.
    pub fn new(spec: InstrumentSpec, assets: &[Asset]) -> Result<Self, SpecError> {
        let asset = |id: AssetId| assets.get(usize::from(id.0)).copied().ok_or(SpecError::Assets);
        let (base, quote) = (asset(spec.base)?, asset(spec.quote)?);
        if spec.base == spec.quote {
            return Err(SpecError::Assets);
        }
        if spec.tick_mantissa == 0 || spec.lot.0 <= 0 || spec.price_decimals > Asset::MAX_DECIMALS {
            return Err(SpecError::Step);
        }
        let quote_per_tick_lot = quote_per_tick_lot(&spec, base, quote).ok_or(SpecError::Granularity)?;
        check_fees(&spec)?;
        check_filters(&spec.filters)?;
        if matches!(spec.allocation, Allocation::ProRata(ProRata { share_min: Qty(0), .. })) {
            return Err(SpecError::Allocation);
        }
        if spec.bands.static_points > Bands::POINTS_MAX || spec.bands.dynamic_points > Bands::POINTS_MAX {
            return Err(SpecError::Bands);
        }
        Ok(Self { spec, base, quote, quote_per_tick_lot })
    }

    /// The quote value of a notional, or `None` above [`Amount::MAX`].
    #[inline]
    pub fn quote_value(&self, notional: Notional) -> Option<Amount> {
        within_limit(product(notional.0, self.quote_per_tick_lot)?)
    }

    /// The base units of a quantity, or `None` above [`Amount::MAX`].
    #[inline]
    pub fn base_value(&self, qty: Qty) -> Option<Amount> {
        within_limit(product(qty.0.into(), self.spec.lot.0 as u128)?)
    }

    /// The most lots at `price` that `budget` pays for.
    #[inline]
    pub fn affordable(&self, budget: Amount, price: Price) -> Qty {
        let unit = u128::from(price.0).checked_mul(self.quote_per_tick_lot);
        let lots = unit.filter(|unit| *unit > 0).map_or(0, |unit| budget.0.max(0) as u128 / unit);
        Qty(u64::try_from(lots).unwrap_or(u64::MAX))
    }

    /// The part of a quote budget that is left for the trade itself when a taker's fee at this rate comes out of it too.
    pub fn budget_before_fee(&self, budget: Amount, taker_fee: Ppm) -> Amount {
        let rate = taker_fee.0.max(0);
        if self.spec.fee_asset == FeeAsset::Received || rate == 0 {
            return budget;
        }
        let whole = PPM + i128::from(rate);
        // Split so that the product stays within 128 bits for every representable budget.
        Amount(budget.0 / whole * PPM + budget.0 % whole * PPM / whole)
    }

    /// Decimal text to ticks. Text that is not on the grid, or not positive, is refused.
    pub fn parse_price(&self, text: &str) -> Result<Price, DecimalError> {
        let off_grid = DecimalError::TooPrecise { decimals: self.spec.price_decimals };
        let mantissa = decimal::parse(text, self.spec.price_decimals)?;
        let tick = i128::from(self.spec.tick_mantissa);
        if mantissa % tick != 0 {
            return Err(off_grid);
        }
        u64::try_from(mantissa / tick).map(Price).map_err(|_| DecimalError::TooLarge)
    }

    /// Ticks to decimal text.
    pub fn format_price(&self, price: Price) -> String {
        self.scaled_price(price).to_string()
    }

    /// A price with its decimals.
    pub fn scaled_price(&self, price: Price) -> Scaled {
        Scaled::unsigned(u128::from(price.0) * u128::from(self.spec.tick_mantissa), self.spec.price_decimals)
    }

    /// Decimal text to lots. Text that is not a whole number of lots, or is negative, is refused.
    pub fn parse_qty(&self, text: &str) -> Result<Qty, DecimalError> {
        let units = self.base.parse(text)?;
        if units.0 % self.spec.lot.0 != 0 {
            return Err(DecimalError::TooPrecise { decimals: self.qty_decimals() });
        }
        u64::try_from(units.0 / self.spec.lot.0).map(Qty).map_err(|_| DecimalError::TooLarge)
    }

    /// Lots to decimal text, without decimals that no lot can have. What 128 bits of base units do not hold, such as a
    /// filter that limits nothing, shows as the most that they do.
    pub fn format_qty(&self, qty: Qty) -> String {
        self.scaled_qty(qty).to_string()
    }

    /// A quantity with its decimals, as [`Instrument::format_qty`] shows it.
    pub fn scaled_qty(&self, qty: Qty) -> Scaled {
        let decimals = self.qty_decimals();
        let spare = u32::from(self.base.decimals - decimals);
        let units = i128::from(qty.0).saturating_mul(self.spec.lot.0);
        Scaled::new(shorter(units, spare), decimals)
    }

    /// Decimals that a quantity can have: those of the base asset that one lot does not fill with zeros.
    pub fn qty_decimals(&self) -> u8 {
        let (mut lot, mut decimals) = (self.spec.lot.0, self.base.decimals);
        while decimals > 0 && shorter(lot, 1) * 10 == lot {
            lot = shorter(lot, 1);
            decimals -= 1;
        }
        decimals
    }
}

/// `units` without so many of its last digits, at most 18. Nearly all fit 64 bits, which are divided a good deal faster.
#[inline]
fn shorter(units: i128, digits: u32) -> i128 {
    match u64::try_from(units) {
        Ok(units) => i128::from(units / 10_u64.pow(digits)),
        Err(_) => units / 10_i128.pow(digits),
    }
}

/// A product, if it fits. Nearly all factors fit 64 bits, and then it does.
#[inline]
fn product(a: u128, b: u128) -> Option<u128> {
    match (u64::try_from(a), u64::try_from(b)) {
        (Ok(a), Ok(b)) => Some(u128::from(a) * u128::from(b)),
        _ => a.checked_mul(b),
    }
}

#[inline]
fn within_limit(units: u128) -> Option<Amount> {
    (units <= Amount::MAX.0 as u128).then_some(Amount(units as i128))
}

/// `tick * lot` in quote units, if it is a whole number of at least one that 128 bits hold.
fn quote_per_tick_lot(spec: &InstrumentSpec, base: Asset, quote: Asset) -> Option<u128> {
    let lot = u128::try_from(spec.lot.0).ok()?;
    // Before the division it may be wider: a thousand tokens of 18 decimals, priced in another of 18, are 10^39.
    let tick = u128::from(spec.tick_mantissa) * 10_u128.pow(quote.decimals.into());
    let numerator = U256::from(lot) * U256::from(tick);
    let denominator = U256::from(10_u128.pow(u32::from(base.decimals) + u32::from(spec.price_decimals)));
    let whole = numerator % denominator == 0 && numerator > 0;
    u128::try_from(numerator / denominator).ok().filter(|_| whole)
}

fn check_fees(spec: &InstrumentSpec) -> Result<(), SpecError> {
    let (maker, taker) = (i128::from(spec.maker_fee.0), i128::from(spec.taker_fee.0));
    let in_range = maker.abs() <= PPM && taker.abs() <= PPM;
    // A rebate is paid out of the other side's fee, so it must be covered by it and be in the same asset.
    let covered = maker + taker >= 0 && (spec.fee_asset == FeeAsset::Quote || (maker >= 0 && taker >= 0));
    if in_range && covered { Ok(()) } else { Err(SpecError::Fees) }
}

fn check_filters(filters: &Filters) -> Result<(), SpecError> {
    let ordered = filters.price_min.0 >= 1
        && filters.price_min <= filters.price_max
        && filters.qty_min.0 >= 1
        && filters.qty_min <= filters.qty_max
        && filters.market_qty_max >= filters.qty_min
        && filters.notional_min >= Amount::ZERO
        && filters.notional_min <= filters.notional_max
        && filters.notional_max <= Amount::MAX
        && (Amount::ZERO..=Amount::MAX).contains(&filters.position_max);
    if ordered { Ok(()) } else { Err(SpecError::Filters) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assets() -> [Asset; 2] {
        [
            Asset { symbol: Symbol::new("BTC").unwrap(), decimals: 8 },
            Asset { symbol: Symbol::new("USD").unwrap(), decimals: 8 },
        ]
    }

    fn spec() -> InstrumentSpec {
        InstrumentSpec {
            tick_mantissa: 5,
            price_decimals: 2,
            lot: Amount(1_000),
            maker_fee: Ppm(-100),
            taker_fee: Ppm(1_000),
            ..InstrumentSpec::new(Symbol::new("BTC-USD").unwrap(), AssetId(0), AssetId(1))
        }
    }

    #[test]
    fn text_is_read_on_the_grid_only() {
        let instrument = Instrument::new(spec(), &assets()).unwrap();
        assert_eq!(instrument.parse_price("60000.05"), Ok(Price(1_200_001)));
        assert!(instrument.parse_price("60000.01").is_err());
        assert!(instrument.parse_price("-1").is_err());
        assert_eq!(instrument.format_price(Price(1_200_001)), "60000.05");
        assert_eq!(instrument.parse_qty("1.00001"), Ok(Qty(100_001)));
        assert!(instrument.parse_qty("0.000001").is_err());
        assert_eq!(instrument.format_qty(Qty(100_001)), "1.00001");
    }

    #[test]
    fn the_largest_prices_and_quantities_have_a_text() {
        let assets = ["A", "B"].map(|symbol| Asset { symbol: Symbol::new(symbol).unwrap(), decimals: 18 });
        let tick_mantissa = 10_u64.pow(19);
        let steep = InstrumentSpec { tick_mantissa, price_decimals: 18, lot: Amount(1), ..spec() };
        let steep = Instrument::new(steep, &assets).unwrap();
        assert_eq!(steep.format_price(Price(u64::MAX)), "184467440737095516150.000000000000000000");
        let coarse = InstrumentSpec { tick_mantissa: 1, lot: Amount(10_i128.pow(20)), ..spec() };
        let coarse = Instrument::new(coarse, &assets).unwrap();
        assert_eq!(coarse.format_qty(Qty(3)), "300");
        assert_eq!(coarse.format_qty(Qty(u64::MAX)), "170141183460469231731");
    }

    #[test]
    fn one_tick_times_one_lot_is_worth_whole_units() {
        let instrument = Instrument::new(spec(), &assets()).unwrap();
        // 0.05 USD * 0.00001 BTC = 0.0000005 USD = 50 units of 10^-8.
        assert_eq!(instrument.quote_value(Price(1) * Qty(1)), Some(Amount(50)));
        assert_eq!(instrument.quote_value(Price(u64::MAX) * Qty(u64::MAX)), None);
        let coarse = [assets()[0], Asset { decimals: 2, ..assets()[1] }];
        assert_eq!(Instrument::new(spec(), &coarse).unwrap_err(), SpecError::Granularity);
    }

    #[test]
    fn large_lots_of_fine_units_are_worth_what_they_are_worth() {
        let assets = ["A", "B"].map(|symbol| Asset { symbol: Symbol::new(symbol).unwrap(), decimals: 18 });
        let tokens = InstrumentSpec { tick_mantissa: 1, price_decimals: 8, lot: Amount(10_i128.pow(21)), ..spec() };
        let instrument = Instrument::new(tokens, &assets).unwrap();
        // 0.00000001 * 1,000 tokens = 0.00001, of 18 decimals.
        assert_eq!(instrument.quote_value(Price(1) * Qty(1)), Some(Amount(10_i128.pow(13))));
        let endless = InstrumentSpec { price_decimals: 0, lot: Amount(i128::MAX), ..tokens };
        assert_eq!(
            Instrument::new(endless, &[Asset { decimals: 0, ..assets[0] }, assets[1]]).unwrap_err(),
            SpecError::Granularity
        );
    }

    #[test]
    fn a_rebate_above_the_other_sides_fee_is_refused() {
        let greedy = InstrumentSpec { maker_fee: Ppm(-1_001), ..spec() };
        assert_eq!(Instrument::new(greedy, &assets()).unwrap_err(), SpecError::Fees);
        let received = InstrumentSpec { fee_asset: FeeAsset::Received, ..spec() };
        assert_eq!(Instrument::new(received, &assets()).unwrap_err(), SpecError::Fees);
    }

    #[test]
    fn a_budget_covers_the_trade_and_its_fee() {
        let instrument = Instrument::new(spec(), &assets()).unwrap();
        for budget in [0, 1, 999, 1_000_999, 1_001_000, Amount::MAX.0] {
            let net = instrument.budget_before_fee(Amount(budget), Ppm(1_000)).0;
            let fee = net / PPM * 1_000 + (net % PPM * 1_000 + PPM - 1) / PPM;
            assert!(net + fee <= budget, "{budget}: {net} + {fee}");
        }
    }
}
