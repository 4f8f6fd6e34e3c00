//! What the operator sets of a market, and a market with all of its settings.

use papertape_engine::{
    Amount, Event, FeeTier, FeeTiers, Instrument, InstrumentId, KillScope, Phase, Ppm, Price, Purpose, Qty, Reason,
    Schedule, Stage,
};
use papertape_platform::Views;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fields::nanos;
use super::listing::FeeAssetWord;
use crate::errors::Failure;
use crate::translate::market::{self, AuctionWord, InstrumentMessage, PhaseWord};
use crate::translate::number::Decimal;
use crate::translate::orders::money;
use crate::translate::requests::SideWord;
use crate::translate::{commands, find};

/// The phase that a market is to be in.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"phase": "halted", "phase_ends_ms": 1_769_860_800_000_u64}))]
pub(crate) struct PhaseBody {
    /// Continuous trading, an auction, a halt, or the end of the session.
    pub phase: PhaseWord,
    /// What an auction is for; `intraday` unless said otherwise. Auctions only (`INVALID_PHASE`).
    #[serde(default)]
    pub auction: Option<AuctionWord>,
    /// When it ends by itself, in milliseconds since 1970, ahead of now: an auction is uncrossed then, a halt ends, and
    /// continuous trading follows. Auctions and halts only; without it they stay. One that is not ahead is refused, too
    /// (`INVALID_PHASE`).
    #[serde(default)]
    pub phase_ends_ms: Option<u64>,
}

impl PhaseBody {
    /// The phase with what belongs to it.
    pub(crate) fn stage(self) -> Result<Stage, Failure> {
        let until_ns = self.phase_ends_ms.map(|ms| nanos("phase_ends_ms", ms)).transpose()?;
        let purpose = self.auction.map_or(Purpose::Intraday, Purpose::from);
        Ok(Stage { phase: self.phase.into(), purpose, until_ns })
    }
}

/// A market's day, in milliseconds since midnight UTC, one time after the other (`INVALID_SCHEDULE`). The next of them
/// counts first: the phase stays as it is until then.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"pre_open_ms": 27_000_000, "open_ms": 28_800_000, "closing_ms": 59_400_000, "close_ms": 59_700_000}))]
pub(crate) struct ScheduleBody {
    /// The opening auction begins to collect, whatever the phase was.
    pub pre_open_ms: u64,
    /// It is uncrossed, and trading is continuous.
    pub open_ms: u64,
    /// The closing auction begins to collect, unless the market is halted or closed.
    pub closing_ms: u64,
    /// It is uncrossed, and the market is closed, whatever the phase was.
    pub close_ms: u64,
}

impl ScheduleBody {
    /// The schedule that it asks for.
    pub(crate) fn schedule(self) -> Result<Schedule, Failure> {
        Ok(Schedule {
            pre_open_ns: nanos("pre_open_ms", self.pre_open_ms)?,
            open_ns: nanos("open_ms", self.open_ms)?,
            closing_ns: nanos("closing_ms", self.closing_ms)?,
            close_ns: nanos("close_ms", self.close_ms)?,
        })
    }
}

/// How an auction ends.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reference_price": "60000.00", "then": "continuous"}))]
pub(crate) struct UncrossBody {
    /// Decides between prices that are equal by all else; the last trade's price unless said otherwise.
    #[serde(default)]
    pub reference_price: Option<Decimal>,
    /// What follows; continuous trading unless said otherwise.
    #[serde(default)]
    pub then: Option<PhaseWord>,
}

impl UncrossBody {
    /// The reference and what follows.
    pub(crate) fn terms(&self, instrument: &Instrument) -> Result<(Option<Price>, Phase), Failure> {
        let price = |text: &Decimal| commands::price("reference_price", instrument, text);
        let reference = self.reference_price.as_ref().map(price).transpose()?;
        Ok((reference, self.then.map_or(Phase::Continuous, Phase::from)))
    }
}

/// What a market is worth by the venue's own reckoning.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"price": "60000.00"}))]
pub(crate) struct MarkBody {
    /// The mark price, on the market's tick; not zero (`PRICE_OUT_OF_RANGE`).
    pub price: Decimal,
}

/// One tier of a fee table.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeeTierBody {
    /// Least volume of thirty days, in quote; positive, and above that of the tier before.
    pub min_volume: Decimal,
    /// Fee of the order that rested, in parts per million, at most a million; negative is a rebate, which the lowest fee of
    /// the other side must cover.
    pub maker_fee_ppm: i32,
    /// Fee of the order that took.
    pub taker_fee_ppm: i32,
}

/// A market's fee table above what it is listed with.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"tiers": [{"min_volume": "100000", "maker_fee_ppm": 800, "taker_fee_ppm": 900}]}))]
pub(crate) struct FeeTiersBody {
    /// From the second tier on; none takes the table away.
    #[schema(max_items = 8)]
    pub tiers: Vec<FeeTierBody>,
}

impl FeeTiersBody {
    /// The table that it asks for.
    pub(crate) fn table(&self, instrument: &Instrument) -> Result<FeeTiers, Failure> {
        let row = |(at, tier): (usize, &FeeTierBody)| {
            let volume = instrument.quote.parse(tier.min_volume.as_str());
            let volume_min = volume.map_err(|error| Failure::field(&format!("tiers[{at}].min_volume"), error))?;
            Ok(FeeTier { volume_min, maker_fee: Ppm(tier.maker_fee_ppm), taker_fee: Ppm(tier.taker_fee_ppm) })
        };
        let rows: Vec<FeeTier> = self.tiers.iter().enumerate().map(row).collect::<Result<_, Failure>>()?;
        FeeTiers::new(&rows).ok_or_else(|| Failure::field("tiers", format_args!("at most {}", FeeTiers::MAX)))
    }
}

/// A market with all of its settings.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AdminInstrumentMessage {
    #[serde(flatten)]
    pub public: InstrumentMessage,
    /// Its number.
    pub instrument_id: u16,
    /// Lowest limit price.
    pub min_price: String,
    /// Highest limit price; null: no limit.
    pub max_price: Option<String>,
    /// Largest quantity of a market order, in base; null: as of every order.
    pub max_market_qty: Option<String>,
    /// Greatest value of an order, in quote; null: no limit.
    pub max_notional: Option<String>,
    /// Open orders of one account; null: no limit.
    pub max_open_orders: Option<u32>,
    /// The asset in which fees are taken.
    pub fee_asset: FeeAssetWord,
    /// The mark price; null: none was set.
    pub mark_price: Option<String>,
    /// Price of the last trade; null: there was none.
    pub last_price: Option<String>,
    /// Whether its kill switch is engaged.
    pub kill_switch: bool,
}

/// A market after a command.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct InstrumentDone {
    /// The command's number in the journal.
    pub seq: u64,
    /// How many orders ended by it.
    pub orders_ended: usize,
    /// The market as it is now.
    pub instrument: AdminInstrumentMessage,
}

/// What an uncross came to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct UncrossDone {
    /// The command's number in the journal.
    pub seq: u64,
    /// The price; null: nothing could trade.
    pub price: Option<String>,
    /// What was traded, in base.
    pub qty: String,
    /// The side on which orders at the price were left over; null: none.
    pub imbalance_side: Option<SideWord>,
    /// How much of them, in base.
    pub imbalance_qty: String,
    /// How many orders ended before they were filled.
    pub orders_ended: usize,
    /// The market as it is now.
    pub instrument: AdminInstrumentMessage,
}

/// A market with all of its settings.
pub(crate) fn message(views: &Views, id: InstrumentId) -> Result<AdminInstrumentMessage, Failure> {
    let instrument = views.instrument(id).ok_or(Reason::UnknownInstrument)?;
    let stage = views.stage(id).ok_or(Reason::UnknownInstrument)?;
    let filters = &instrument.spec.filters;
    let price = |price: Price| instrument.format_price(price);
    let qty = |qty: Qty| instrument.format_qty(qty);
    Ok(AdminInstrumentMessage {
        public: market::instrument(instrument, &views.fee_tiers(id), stage, views.schedule(id)),
        instrument_id: id.0,
        min_price: price(filters.price_min),
        max_price: Some(filters.price_max).filter(|most| most.0 < u64::MAX).map(price),
        max_market_qty: Some(filters.market_qty_max).filter(|most| most.0 < u64::MAX).map(qty),
        max_notional: Some(filters.notional_max)
            .filter(|most| *most < Amount::MAX)
            .map(|most| money(&instrument.quote, most)),
        max_open_orders: Some(filters.open_orders_max).filter(|most| *most < u32::MAX),
        fee_asset: instrument.spec.fee_asset.into(),
        mark_price: views.mark(id).map(price),
        last_price: views.last_price(id).map(price),
        kill_switch: views.is_killed(KillScope::Instrument(id)),
    })
}

/// The market that a path names.
pub(crate) fn named(views: &Views, symbol: &str) -> Result<AdminInstrumentMessage, Failure> {
    message(views, find(views, symbol)?.0)
}

/// What the events of an uncross say; nothing traded if they do not.
pub(crate) fn uncrossed(events: &[Event]) -> (Option<Price>, Qty, Option<(papertape_engine::Side, Qty)>) {
    let told = events.iter().find_map(|event| match event {
        Event::Uncrossed { price, qty, surplus, .. } => Some((*price, *qty, *surplus)),
        _ => None,
    });
    told.unwrap_or((None, Qty::ZERO, None))
}
