//! Assets and markets that are to be listed.

use papertape_engine::decimal;
use papertape_engine::{
    Allocation, Amount, Asset, AssetId, Bands, FeeAsset, Filters, Instrument, InstrumentSpec, Ppm, ProRata, Qty,
    RuleBook, Symbol,
};
use papertape_platform::Views;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fields::{asset, nanos};
use crate::errors::Failure;
use crate::translate::commands::{price, qty};
use crate::translate::margin::{self, MarginAssetMessage};
use crate::translate::market::{AmendPriorityWord, PhaseWord, PostOnlyWord};
use crate::translate::number::Decimal;
use crate::translate::requests::SelfTradePreventionWord;
use crate::translate::triggers::{TriggerAtEntryWord, TriggerSourceWord};

/// A new asset.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"symbol": "GOLD", "decimals": 4}))]
pub(crate) struct AssetBody {
    /// Its code: 1 to 20 of `A-Z a-z 0-9 - . _`.
    pub symbol: String,
    /// Decimals of its smallest unit, 0 to 18 (`INVALID_ASSET`); they never change.
    pub decimals: u8,
}

impl AssetBody {
    /// The asset that it asks for.
    pub(crate) fn asset(&self) -> Result<Asset, Failure> {
        Ok(Asset { symbol: symbol(&self.symbol)?, decimals: self.decimals })
    }
}

/// An asset.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"asset_id": 5, "symbol": "GOLD", "decimals": 4, "margin_terms": null}))]
pub(crate) struct AssetMessage {
    /// Its number.
    pub asset_id: u16,
    /// Its code.
    pub symbol: String,
    /// Decimals of its smallest unit.
    pub decimals: u8,
    /// What it is to accounts that borrow; null: nothing.
    pub margin_terms: Option<MarginAssetMessage>,
}

/// An asset after a command.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AssetDone {
    /// The command's number in the journal.
    pub seq: u64,
    /// The asset as it is now.
    pub asset: AssetMessage,
}

/// An asset; `None` if it is not listed.
pub(crate) fn asset_message(views: &Views, id: AssetId) -> Option<AssetMessage> {
    let asset = views.asset(id)?;
    let terms = views.margin_terms().find(|(of, _)| *of == id);
    Some(AssetMessage {
        asset_id: id.0,
        symbol: asset.symbol.to_string(),
        decimals: asset.decimals,
        margin_terms: terms.and_then(|(id, terms)| margin::terms(views, id, &terms)),
    })
}

/// Whose rules a market follows as far as they are settings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RulesWord {
    /// Binance Spot's.
    Binance,
    /// Close to CME Globex.
    CmeLike,
    /// Close to Nasdaq's book.
    NasdaqLike,
}

impl From<RulesWord> for RuleBook {
    fn from(word: RulesWord) -> RuleBook {
        match word {
            RulesWord::Binance => RuleBook::Binance,
            RulesWord::CmeLike => RuleBook::CmeLike,
            RulesWord::NasdaqLike => RuleBook::NasdaqLike,
        }
    }
}

/// The asset in which fees are taken. `quote`: a buyer pays them on top. `received`: out of what is received, the base of a
/// buyer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FeeAssetWord {
    /// Always in quote.
    Quote,
    /// In the asset received.
    Received,
}

impl From<FeeAssetWord> for FeeAsset {
    fn from(word: FeeAssetWord) -> FeeAsset {
        match word {
            FeeAssetWord::Quote => FeeAsset::Quote,
            FeeAssetWord::Received => FeeAsset::Received,
        }
    }
}

impl From<FeeAsset> for FeeAssetWord {
    fn from(asset: FeeAsset) -> FeeAssetWord {
        match asset {
            FeeAsset::Quote => FeeAssetWord::Quote,
            FeeAsset::Received => FeeAssetWord::Received,
        }
    }
}

/// `fifo`: oldest first. `pro_rata`: by size.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AllocationWord {
    /// Oldest first.
    Fifo,
    /// By size.
    ProRata,
}

/// How a taker's quantity is to be shared out among the orders at one price.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"type": "pro_rata", "top_max": "1", "share_min": "0.01", "leveling": true}))]
pub(crate) struct AllocationBody {
    /// By time or by size. What follows is for `pro_rata` only.
    #[serde(rename = "type")]
    pub kind: AllocationWord,
    /// The order that last bettered all others of its side trades first, up to this quantity; no such step unless said.
    #[serde(default)]
    pub top_max: Option<Decimal>,
    /// A share below this quantity is none; one lot unless said otherwise.
    #[serde(default)]
    pub share_min: Option<Decimal>,
    /// Whether orders without a share get one lot each, oldest first, before the rest goes by time; not unless said.
    #[serde(default)]
    pub leveling: Option<bool>,
}

/// Where no trade may be: see the bands of `GET /api/v1/instruments`.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"static_bps": 1000, "dynamic_bps": 500, "volatility_auction_ms": 300_000}))]
pub(crate) struct BandsBody {
    /// Around the last auction's price, or before one the session's first trade, in hundredths of a percent, at most 9999.
    #[serde(default)]
    pub static_bps: Option<u32>,
    /// Around the last trade before an order comes.
    #[serde(default)]
    pub dynamic_bps: Option<u32>,
    /// An order that would trade outside begins an auction of so many milliseconds; without it, it is cut.
    #[serde(default)]
    pub volatility_auction_ms: Option<u64>,
}

/// A new market. What is not named is without limit, or as the rule book says; it never changes but for fee table, phase,
/// schedule, mark and kill switch.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"symbol": "GOLD-USD", "base": "GOLD", "quote": "USD", "tick_size": "0.05", "lot_size": "0.001",
    "rules": "cme-like", "maker_fee_ppm": 1000, "taker_fee_ppm": 1000, "min_notional": "1"}))]
pub(crate) struct InstrumentBody {
    /// Its symbol: 1 to 20 of `A-Z a-z 0-9 - . _`.
    pub symbol: String,
    /// What is bought and sold: a listed asset.
    pub base: String,
    /// What it is paid with: another one.
    pub quote: String,
    /// Prices are multiples of it, in quote for one whole base, and are written with as many decimals as it is here.
    pub tick_size: Decimal,
    /// Quantities are multiples of it, in base. One tick times one lot must be a whole number of the quote's smallest unit
    /// (`INVALID_GRANULARITY`).
    pub lot_size: Decimal,
    /// Whose rules it follows; `binance` unless said otherwise. Settings that are named here count instead.
    #[serde(default)]
    pub rules: Option<RulesWord>,
    /// Fee of the order that rested, in parts per million, at most a million; negative is a rebate, which `taker_fee_ppm`
    /// must cover (`INVALID_FEES`).
    #[serde(default)]
    pub maker_fee_ppm: i32,
    /// Fee of the order that took.
    #[serde(default)]
    pub taker_fee_ppm: i32,
    /// The asset in which fees are taken; `quote` unless said otherwise.
    #[serde(default)]
    pub fee_asset: Option<FeeAssetWord>,
    /// Lowest limit price; one tick unless said otherwise.
    #[serde(default)]
    pub min_price: Option<Decimal>,
    /// Highest limit price.
    #[serde(default)]
    pub max_price: Option<Decimal>,
    /// Smallest quantity; one lot unless said otherwise.
    #[serde(default)]
    pub min_qty: Option<Decimal>,
    /// Largest quantity.
    #[serde(default)]
    pub max_qty: Option<Decimal>,
    /// Largest quantity of a market order.
    #[serde(default)]
    pub max_market_qty: Option<Decimal>,
    /// Least value of an order, in quote.
    #[serde(default)]
    pub min_notional: Option<Decimal>,
    /// Greatest value of an order, in quote.
    #[serde(default)]
    pub max_notional: Option<Decimal>,
    /// Open orders of one account.
    #[serde(default)]
    pub max_open_orders: Option<u32>,
    /// What an account may come to have of the base asset by buying.
    #[serde(default)]
    pub max_position: Option<Decimal>,
    /// Orders and amends of one account that are accepted in one second.
    #[serde(default)]
    pub max_orders_per_second: Option<u32>,
    /// What happens to orders that say nothing of self-trade prevention.
    #[serde(default)]
    pub self_trade_prevention: Option<SelfTradePreventionWord>,
    /// How a taker's quantity is shared out among the orders at one price.
    #[serde(default)]
    pub allocation: Option<AllocationBody>,
    /// What becomes of a post-only order that would trade at once.
    #[serde(default)]
    pub post_only_rule: Option<PostOnlyWord>,
    /// What an amend does to an order's place in its queue.
    #[serde(default)]
    pub amend_priority: Option<AmendPriorityWord>,
    /// Where no trade may be.
    #[serde(default)]
    pub bands: Option<BandsBody>,
    /// What triggers look at.
    #[serde(default)]
    pub trigger_source: Option<TriggerSourceWord>,
    /// What becomes of an order whose trigger price has been reached already.
    #[serde(default)]
    pub trigger_at_entry: Option<TriggerAtEntryWord>,
    /// The phase in which it begins; continuous trading unless said otherwise.
    #[serde(default)]
    pub phase: Option<PhaseWord>,
}

impl InstrumentBody {
    /// The market that it asks for.
    pub(crate) fn spec(&self, views: &Views) -> Result<InstrumentSpec, Failure> {
        let ((base, _), (quote, _)) = (asset(views, &self.base)?, asset(views, &self.quote)?);
        let mut spec = InstrumentSpec::new(symbol(&self.symbol)?, base, quote);
        spec = self.rules.map_or(RuleBook::Binance, RuleBook::from).of(spec);
        (spec.tick_mantissa, spec.price_decimals) = tick(&self.tick_size)?;
        spec.lot = money("lot_size", views, base, &self.lot_size)?;
        self.settings(&mut spec)?;
        // Of steps that cannot be no price and no quantity can be read: they are for the core to refuse.
        let Ok(instrument) = Instrument::new(spec, views.assets()) else { return Ok(spec) };
        spec.filters = self.filters(views, &instrument)?;
        if let Some(body) = &self.allocation {
            spec.allocation = allocation(&instrument, body)?;
        }
        spec.maker_fee = Ppm(self.maker_fee_ppm);
        spec.taker_fee = Ppm(self.taker_fee_ppm);
        if let Some(bands) = self.bands {
            let width = |points: Option<u32>| points.unwrap_or_default();
            let (static_points, dynamic_points) = (width(bands.static_bps), width(bands.dynamic_bps));
            spec.bands = Bands { static_points, dynamic_points };
        }
        Ok(spec)
    }

    /// Those that need no number of the market.
    fn settings(&self, spec: &mut InstrumentSpec) -> Result<(), Failure> {
        let InstrumentSpec { fee_asset, self_trade_prevention, post_only, amend_priority, phase, .. } = spec;
        set(fee_asset, self.fee_asset);
        set(self_trade_prevention, self.self_trade_prevention);
        set(post_only, self.post_only_rule);
        set(amend_priority, self.amend_priority);
        set(phase, self.phase);
        set(&mut spec.trigger_source, self.trigger_source);
        set(&mut spec.trigger_at_entry, self.trigger_at_entry);
        if let Some(ms) = self.bands.and_then(|bands| bands.volatility_auction_ms) {
            spec.volatility_auction_ns = nanos("bands.volatility_auction_ms", ms)?;
        }
        Ok(())
    }

    fn filters(&self, views: &Views, instrument: &Instrument) -> Result<Filters, Failure> {
        let mut filters = Filters::OPEN;
        let in_ticks = |field: &str, text: &Decimal| price(field, instrument, text);
        let in_lots = |field: &str, text: &Decimal| qty(field, instrument, text);
        let in_quote = |field: &str, text: &Decimal| money(field, views, instrument.spec.quote, text);
        let in_base = |field: &str, text: &Decimal| money(field, views, instrument.spec.base, text);
        read(&mut filters.price_min, "min_price", &self.min_price, in_ticks)?;
        read(&mut filters.price_max, "max_price", &self.max_price, in_ticks)?;
        read(&mut filters.qty_min, "min_qty", &self.min_qty, in_lots)?;
        read(&mut filters.qty_max, "max_qty", &self.max_qty, in_lots)?;
        read(&mut filters.market_qty_max, "max_market_qty", &self.max_market_qty, in_lots)?;
        read(&mut filters.notional_min, "min_notional", &self.min_notional, in_quote)?;
        read(&mut filters.notional_max, "max_notional", &self.max_notional, in_quote)?;
        read(&mut filters.position_max, "max_position", &self.max_position, in_base)?;
        set(&mut filters.open_orders_max, self.max_open_orders);
        set(&mut filters.orders_per_second_max, self.max_orders_per_second);
        Ok(filters)
    }
}

/// Takes what is named.
fn set<T, W: Into<T>>(setting: &mut T, named: Option<W>) {
    if let Some(value) = named {
        *setting = value.into();
    }
}

/// Reads what is named.
fn read<T>(
    setting: &mut T,
    field: &str,
    named: &Option<Decimal>,
    parse: impl Fn(&str, &Decimal) -> Result<T, Failure>,
) -> Result<(), Failure> {
    if let Some(text) = named {
        *setting = parse(field, text)?;
    }
    Ok(())
}

fn symbol(text: &str) -> Result<Symbol, Failure> {
    Symbol::new(text).ok_or_else(|| Failure::field("symbol", "must be 1 to 20 of A-Z a-z 0-9 - . _"))
}

fn money(field: &str, views: &Views, id: AssetId, text: &Decimal) -> Result<Amount, Failure> {
    let asset = views.asset(id).ok_or(papertape_engine::Reason::UnknownAsset)?;
    asset.parse(text.as_str()).map_err(|error| Failure::field(field, error))
}

/// Mantissa and decimals of a tick, as it is written: `0.05` is 5 with 2 decimals, `0.10` is 10 with 2.
fn tick(text: &Decimal) -> Result<(u64, u8), Failure> {
    let refused = || Failure::field("tick_size", "must be a positive decimal with at most 18 decimals");
    let fraction = text.as_str().split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let decimals =
        u8::try_from(fraction).ok().filter(|decimals| *decimals <= Asset::MAX_DECIMALS).ok_or_else(refused)?;
    let mantissa = decimal::parse(text.as_str(), decimals).map_err(|error| Failure::field("tick_size", error))?;
    u64::try_from(mantissa).map(|mantissa| (mantissa, decimals)).map_err(|_| refused())
}

fn allocation(instrument: &Instrument, body: &AllocationBody) -> Result<Allocation, Failure> {
    let AllocationBody { kind, top_max, share_min, leveling } = body;
    if *kind == AllocationWord::Fifo {
        let more = top_max.is_some() || share_min.is_some() || leveling.is_some();
        return if more { Err(Failure::field("allocation", "fifo has no steps")) } else { Ok(Allocation::Fifo) };
    }
    let lots = |field: &str, text: &Decimal| qty(field, instrument, text);
    let mut steps = ProRata { top_max: Qty::ZERO, share_min: Qty(1), leveling: leveling.unwrap_or_default() };
    read(&mut steps.top_max, "allocation.top_max", top_max, lots)?;
    read(&mut steps.share_min, "allocation.share_min", share_min, lots)?;
    Ok(Allocation::ProRata(steps))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_tick(json: &str) -> Result<(u64, u8), Failure> {
        tick(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn a_tick_keeps_its_decimals() {
        assert_eq!(read_tick(r#""0.05""#), Ok((5, 2)));
        assert_eq!(read_tick(r#""0.10""#), Ok((10, 2)));
        assert_eq!(read_tick("25"), Ok((25, 0)));
        assert_eq!(read_tick(r#""0""#), Ok((0, 0)));
        for refused in [r#""-1""#, r#""0.0000000000000000001""#, r#""99999999999999999999""#, r#""x""#] {
            assert!(read_tick(refused).is_err(), "{refused}");
        }
    }
}
