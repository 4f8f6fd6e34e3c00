//! Public market data as messages.

use papertape_engine::{
    Allocation, AmendPriority, Amount, Bands, FeeTiers, Indicated, Instrument, Phase, PostOnlyRule, Price, ProRata,
    Purpose, Qty, Schedule, Stage,
};
use papertape_platform::{Candle, Depth, TapeRow, Ticker};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fees::{self, FeeTierMessage};
use super::number::{Number, without_trailing_zeros};
use super::requests::{SelfTradePreventionWord, SideWord};
use super::time;
use super::triggers::{TriggerAtEntryWord, TriggerSourceWord};

/// A price and the quantity at it, as decimals.
pub(crate) type Level = (String, String);

/// What an instrument's rules allow now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PhaseWord {
    /// Orders match as they come.
    Continuous,
    /// Limit orders are collected.
    Auction,
    /// Only cancels are accepted.
    Halted,
    /// The session is over.
    Closed,
}

impl From<Phase> for PhaseWord {
    fn from(phase: Phase) -> PhaseWord {
        match phase {
            Phase::Continuous => PhaseWord::Continuous,
            Phase::Auction => PhaseWord::Auction,
            Phase::Halted => PhaseWord::Halted,
            Phase::Closed => PhaseWord::Closed,
        }
    }
}

impl From<PhaseWord> for Phase {
    fn from(word: PhaseWord) -> Phase {
        match word {
            PhaseWord::Continuous => Phase::Continuous,
            PhaseWord::Auction => Phase::Auction,
            PhaseWord::Halted => Phase::Halted,
            PhaseWord::Closed => Phase::Closed,
        }
    }
}

/// What an auction is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AuctionWord {
    /// Nothing in particular.
    Intraday,
    /// It opens the session.
    Opening,
    /// It closes the session.
    Closing,
    /// An order would have traded outside a price band.
    Volatility,
}

impl From<AuctionWord> for Purpose {
    fn from(word: AuctionWord) -> Purpose {
        match word {
            AuctionWord::Intraday => Purpose::Intraday,
            AuctionWord::Opening => Purpose::Opening,
            AuctionWord::Closing => Purpose::Closing,
            AuctionWord::Volatility => Purpose::Volatility,
        }
    }
}

impl AuctionWord {
    pub(crate) fn of(stage: Stage) -> Option<Self> {
        let word = match stage.purpose {
            Purpose::Intraday => Self::Intraday,
            Purpose::Opening => Self::Opening,
            Purpose::Closing => Self::Closing,
            Purpose::Volatility => Self::Volatility,
        };
        (stage.phase == Phase::Auction).then_some(word)
    }
}

/// When a market's phases begin each day, in milliseconds since midnight UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub(crate) struct ScheduleMessage {
    /// The opening auction begins to collect.
    pub pre_open_ms: u64,
    /// It is uncrossed, and trading is continuous.
    pub open_ms: u64,
    /// The closing auction begins to collect.
    pub closing_ms: u64,
    /// It is uncrossed, and the market is closed.
    pub close_ms: u64,
}

impl From<Schedule> for ScheduleMessage {
    fn from(schedule: Schedule) -> Self {
        let Schedule { pre_open_ns, open_ns, closing_ns, close_ns } = schedule;
        let [pre_open_ms, open_ms, closing_ms, close_ms] =
            [pre_open_ns, open_ns, closing_ns, close_ns].map(time::millis);
        Self { pre_open_ms, open_ms, closing_ms, close_ms }
    }
}

/// A market and its rules.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"symbol": "BTC-USD", "base": "BTC", "quote": "USD", "tick_size": "0.01", "lot_size": "0.00001",
    "min_qty": "0.00001", "max_qty": "9000", "min_notional": "1", "max_position": null, "max_orders_per_second": null,
    "maker_fee_ppm": 1000, "taker_fee_ppm": 1000,
    "fee_tiers": [{"tier": 0, "min_volume": "0", "maker_fee_ppm": 1000, "taker_fee_ppm": 1000}], "self_trade_prevention": "cancel_maker", "allocation": {"type": "fifo"},
    "post_only_rule": "reject", "amend_priority": "keep_if_reduced", "bands": {"static_bps": null, "dynamic_bps": 500, "volatility_auction_ms": null},
    "trigger_source": "last_trade", "trigger_at_entry": "refuse", "phase": "continuous",
    "auction": null, "phase_ends_ms": null,
    "schedule": null}))]
pub(crate) struct InstrumentMessage {
    /// Canonical symbol.
    pub symbol: String,
    /// What is bought and sold.
    pub base: String,
    /// What it is paid with.
    pub quote: String,
    /// Prices are multiples of it.
    pub tick_size: String,
    /// Quantities are multiples of it.
    pub lot_size: String,
    /// Smallest quantity of an order.
    pub min_qty: String,
    /// Largest quantity of an order.
    pub max_qty: String,
    /// Least value of an order, in quote.
    pub min_notional: String,
    /// MAX_POSITION: what an account may come to have of the base asset by buying, what is left of its open buy orders here
    /// counted as bought; null: no limit.
    pub max_position: Option<String>,
    /// Orders and amends of one account that are accepted in one second (`ORDER_RATE`); null: no limit.
    pub max_orders_per_second: Option<u32>,
    /// Fee of the order that rested, in parts per million; negative is a rebate.
    pub maker_fee_ppm: i32,
    /// Fee of the order that took, in parts per million.
    pub taker_fee_ppm: i32,
    /// The market's fee table: an account has the last tier whose volume it has traded in thirty days (`GET
    /// /api/v1/account/fees`). The first is what `maker_fee_ppm` and `taker_fee_ppm` say.
    pub fee_tiers: Vec<FeeTierMessage>,
    /// What happens to orders that say nothing of self-trade prevention.
    pub self_trade_prevention: SelfTradePreventionWord,
    /// How a taker's quantity is shared out among the orders at one price.
    pub allocation: AllocationMessage,
    /// What becomes of a post-only order that would trade at once.
    pub post_only_rule: PostOnlyWord,
    /// What an amend does to an order's place in its queue.
    pub amend_priority: AmendPriorityWord,
    /// Where no trade may be; null: there are no bands.
    pub bands: Option<BandsMessage>,
    /// The reference price at which triggers look.
    pub trigger_source: TriggerSourceWord,
    /// What becomes of an order whose trigger price has been reached already when it is placed.
    pub trigger_at_entry: TriggerAtEntryWord,
    /// What is allowed now.
    pub phase: PhaseWord,
    /// What the auction is for; null: the phase is none.
    pub auction: Option<AuctionWord>,
    /// When the phase ends by itself, in milliseconds since 1970; null: it does not. Continuous trading follows.
    pub phase_ends_ms: Option<u64>,
    /// Its day; null: it has none.
    pub schedule: Option<ScheduleMessage>,
}

/// What becomes of a post-only order that would trade at once: it is refused (`POST_ONLY_WOULD_TAKE`), or rests one tick
/// behind the best price of the other side.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PostOnlyWord {
    /// It is refused.
    Reject,
    /// It rests one tick behind.
    Reprice,
}

impl From<PostOnlyRule> for PostOnlyWord {
    fn from(rule: PostOnlyRule) -> PostOnlyWord {
        match rule {
            PostOnlyRule::Reject => PostOnlyWord::Reject,
            PostOnlyRule::Reprice => PostOnlyWord::Reprice,
        }
    }
}

impl From<PostOnlyWord> for PostOnlyRule {
    fn from(word: PostOnlyWord) -> PostOnlyRule {
        match word {
            PostOnlyWord::Reject => PostOnlyRule::Reject,
            PostOnlyWord::Reprice => PostOnlyRule::Reprice,
        }
    }
}

/// What an amend does to an order's place in its queue. `keep_if_reduced`: a smaller quantity at the same price keeps it,
/// anything else loses it. `lose`: every amend loses it. An iceberg always loses it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AmendPriorityWord {
    /// A smaller quantity at the same price keeps it.
    KeepIfReduced,
    /// Every amend loses it.
    Lose,
}

impl From<AmendPriority> for AmendPriorityWord {
    fn from(setting: AmendPriority) -> AmendPriorityWord {
        match setting {
            AmendPriority::KeepIfReduced => AmendPriorityWord::KeepIfReduced,
            AmendPriority::Lose => AmendPriorityWord::Lose,
        }
    }
}

impl From<AmendPriorityWord> for AmendPriority {
    fn from(word: AmendPriorityWord) -> AmendPriority {
        match word {
            AmendPriorityWord::KeepIfReduced => AmendPriority::KeepIfReduced,
            AmendPriorityWord::Lose => AmendPriority::Lose,
        }
    }
}

/// Price bands: how far from a reference price, in hundredths of a percent. No order takes outside; what is left of one that
/// would is cancelled (`PRICE_BAND`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub(crate) struct BandsMessage {
    /// Around the last auction's price, or before one the session's first trade; limit prices outside are refused
    /// (`PRICE_OUT_OF_BAND`). Null: no such band.
    pub static_bps: Option<u32>,
    /// Around the last trade before an order comes. Null: no such band.
    pub dynamic_bps: Option<u32>,
    /// An order that would trade outside begins an auction of so many milliseconds, in which what is left of it takes part if
    /// it is a limit order that stays. Null: it is cut.
    pub volatility_auction_ms: Option<u64>,
}

impl BandsMessage {
    fn of(bands: Bands, auction_ns: u64) -> Option<Self> {
        let width = |points: u32| Some(points).filter(|points| *points > 0);
        let Bands { static_points, dynamic_points } = bands;
        let volatility_auction_ms = Some(auction_ns.div_ceil(1_000_000)).filter(|ms| *ms > 0);
        let (static_bps, dynamic_bps) = (width(static_points), width(dynamic_points));
        (bands != Bands::NONE).then_some(Self { static_bps, dynamic_bps, volatility_auction_ms })
    }
}

/// How a taker's quantity is shared out among the orders at one price.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum AllocationMessage {
    /// Oldest first.
    Fifo,
    /// By size, in these steps.
    ProRata {
        /// The order that last bettered all others of its side trades first, up to this quantity; zero: no such step.
        top_max: String,
        /// A share below this quantity is none.
        share_min: String,
        /// Whether orders without a share get one lot each, oldest first, before the rest goes by time.
        leveling: bool,
    },
}

fn allocation(instrument: &Instrument) -> AllocationMessage {
    match instrument.spec.allocation {
        Allocation::Fifo => AllocationMessage::Fifo,
        Allocation::ProRata(ProRata { top_max, share_min, leveling }) => {
            let (top_max, share_min) = (instrument.format_qty(top_max), instrument.format_qty(share_min));
            AllocationMessage::ProRata { top_max, share_min, leveling }
        }
    }
}

/// A market and its rules.
pub(crate) fn instrument(
    instrument: &Instrument,
    tiers: &FeeTiers,
    stage: Stage,
    schedule: Option<Schedule>,
) -> InstrumentMessage {
    let spec = &instrument.spec;
    InstrumentMessage {
        symbol: spec.symbol.to_string(),
        base: instrument.base.symbol.to_string(),
        quote: instrument.quote.symbol.to_string(),
        tick_size: instrument.format_price(Price(1)),
        lot_size: instrument.format_qty(Qty(1)),
        min_qty: instrument.format_qty(spec.filters.qty_min),
        max_qty: instrument.format_qty(spec.filters.qty_max),
        min_notional: without_trailing_zeros(&instrument.quote.format(spec.filters.notional_min)).to_owned(),
        max_position: Some(spec.filters.position_max)
            .filter(|most| *most < Amount::MAX)
            .map(|most| without_trailing_zeros(&instrument.base.format(most)).to_owned()),
        max_orders_per_second: Some(spec.filters.orders_per_second_max).filter(|most| *most < u32::MAX),
        maker_fee_ppm: spec.maker_fee.0,
        taker_fee_ppm: spec.taker_fee.0,
        fee_tiers: fees::table(instrument, tiers),
        self_trade_prevention: spec.self_trade_prevention.into(),
        allocation: allocation(instrument),
        post_only_rule: spec.post_only.into(),
        amend_priority: spec.amend_priority.into(),
        bands: BandsMessage::of(spec.bands, spec.volatility_auction_ns),
        trigger_source: spec.trigger_source.into(),
        trigger_at_entry: spec.trigger_at_entry.into(),
        phase: stage.phase.into(),
        auction: AuctionWord::of(stage),
        phase_ends_ms: stage.until_ns.map(time::millis),
        schedule: schedule.map(ScheduleMessage::from),
    }
}

/// One level.
pub(crate) fn level(instrument: &Instrument, price: Price, qty: Qty) -> Level {
    (instrument.format_price(price), instrument.format_qty(qty))
}

/// One level that changed; the quantity of one that is gone is `"0"`, whatever the decimals of the market.
pub(crate) fn changed_level(instrument: &Instrument, price: Price, qty: Qty) -> Level {
    let (price, qty_text) = level(instrument, price, qty);
    (price, if qty.is_zero() { "0".to_owned() } else { qty_text })
}

/// The best levels of a book.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"symbol": "BTC-USD", "bids": [["59999.99", "0.5"]], "asks": [["60000.01", "0.25"]],
    "update_id": 4711}))]
pub(crate) struct DepthMessage {
    /// The market.
    pub symbol: String,
    /// Price and quantity, highest price first.
    #[schema(value_type = Vec<Vec<String>>)]
    pub bids: Vec<Level>,
    /// Price and quantity, lowest price first.
    #[schema(value_type = Vec<Vec<String>>)]
    pub asks: Vec<Level>,
    /// The last change that is in it.
    pub update_id: u64,
}

/// The best levels of a book.
pub(crate) fn depth(instrument: &Instrument, depth: &Depth) -> DepthMessage {
    let levels = |side: &[(Price, Qty)]| side.iter().map(|&(price, qty)| level(instrument, price, qty)).collect();
    DepthMessage {
        symbol: instrument.spec.symbol.to_string(),
        bids: levels(&depth.bids),
        asks: levels(&depth.asks),
        update_id: depth.update_id,
    }
}

/// A public trade.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": 42, "price": "60000.01", "qty": "0.01", "quote_qty": "600.0001", "taker_side": "buy",
    "time": "2026-01-31T12:00:00.000Z", "time_ms": 1769860800000_u64}))]
pub(crate) struct TradeMessage {
    /// Number in the market, from 1.
    pub id: u64,
    /// Price.
    pub price: String,
    /// Quantity in base.
    pub qty: String,
    /// Value in quote.
    pub quote_qty: String,
    /// The side that took; null in an auction.
    pub taker_side: Option<SideWord>,
    /// When, RFC 3339 with milliseconds.
    pub time: String,
    /// When, in milliseconds since 1970.
    pub time_ms: u64,
}

/// A public trade.
pub(crate) fn trade(instrument: &Instrument, row: &TapeRow) -> TradeMessage {
    let value = instrument.quote_value(row.price * row.qty).unwrap_or_default();
    TradeMessage {
        id: row.id.0,
        price: instrument.format_price(row.price),
        qty: instrument.format_qty(row.qty),
        quote_qty: without_trailing_zeros(&instrument.quote.format(value)).to_owned(),
        taker_side: row.taker_side.map(SideWord::from),
        time: time::rfc3339(row.time_ns),
        time_ms: time::millis(row.time_ns),
    }
}

/// One bar of a chart.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"time": 1769860800, "open": "60000.00", "high": "60010.00", "low": "59990.00",
    "close": "60005.00", "volume": "12.5"}))]
pub(crate) struct CandleMessage {
    /// Start of the bar in seconds since 1970.
    pub time: u64,
    /// First price.
    pub open: String,
    /// Highest price.
    pub high: String,
    /// Lowest price.
    pub low: String,
    /// Last price.
    pub close: String,
    /// Traded quantity in base.
    pub volume: String,
}

/// What a market did in the last day, and where it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TickerMessage {
    /// Last price.
    pub price: Option<String>,
    /// Price 24 hours ago.
    pub open_24h: Option<String>,
    /// Highest price of 24 hours.
    pub high_24h: Option<String>,
    /// Lowest price of 24 hours.
    pub low_24h: Option<String>,
    /// Traded quantity of 24 hours, in base.
    pub volume_24h: String,
    /// Change since `open_24h`, in percent.
    pub change_percentage: Option<Number>,
    /// Mark price that the operator has set: the reference of triggers where `trigger_source` is `mark`.
    pub mark_price: Option<String>,
    /// What the auction would trade now; null: there is none, or nothing would trade.
    pub indicative: Option<IndicativeMessage>,
    /// Best bid.
    pub bid: Option<String>,
    /// Best ask.
    pub ask: Option<String>,
    /// When it was computed, in milliseconds since 1970.
    pub time_ms: u64,
}

/// A ticker and its market.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MarketTickerMessage {
    /// The market.
    pub symbol: String,
    /// Its ticker.
    #[serde(flatten)]
    pub ticker: TickerMessage,
}

/// What an auction would trade, were it uncrossed now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct IndicativeMessage {
    /// At which price.
    pub price: String,
    /// How much, in base.
    pub qty: String,
    /// The side on which orders at the price would be left over; null: none.
    pub imbalance_side: Option<SideWord>,
    /// How much of them, in base.
    pub imbalance_qty: String,
}

/// The plain tile: numbers, each second.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TileMessage {
    /// The market.
    pub symbol: String,
    /// Last price; before the first trade the middle of the book, or null.
    pub price: Option<Number>,
    /// Traded quantity of 24 hours, in base.
    pub volume: Number,
    /// Change over 24 hours, in percent.
    pub change_percentage: Number,
    /// When, RFC 3339.
    pub timestamp: String,
}

/// A bar.
pub(crate) fn candle(instrument: &Instrument, candle: &Candle) -> CandleMessage {
    CandleMessage {
        time: candle.start_s,
        open: instrument.format_price(candle.open),
        high: instrument.format_price(candle.high),
        low: instrument.format_price(candle.low),
        close: instrument.format_price(candle.close),
        volume: instrument.format_qty(candle.volume),
    }
}

/// A ticker at `now_ns`.
pub(crate) fn ticker(instrument: &Instrument, ticker: &Ticker, now_ns: u64) -> TickerMessage {
    let price = |price: Option<Price>| price.map(|price| instrument.format_price(price));
    TickerMessage {
        price: price(ticker.price),
        open_24h: price(ticker.open_24h),
        high_24h: price(ticker.high_24h),
        low_24h: price(ticker.low_24h),
        volume_24h: instrument.format_qty(ticker.volume_24h),
        change_percentage: change(ticker),
        mark_price: price(ticker.mark),
        indicative: ticker.indicated.map(|indicated| indicative(instrument, &indicated)),
        bid: price(ticker.best_bid.map(|(price, _)| price)),
        ask: price(ticker.best_ask.map(|(price, _)| price)),
        time_ms: time::millis(now_ns),
    }
}

/// What an auction would trade.
pub(crate) fn indicative(instrument: &Instrument, indicated: &Indicated) -> IndicativeMessage {
    let Indicated { price, qty, surplus } = *indicated;
    IndicativeMessage {
        price: instrument.format_price(price),
        qty: instrument.format_qty(qty),
        imbalance_side: surplus.map(|(side, _)| side.into()),
        imbalance_qty: instrument.format_qty(surplus.map_or(Qty::ZERO, |(_, qty)| qty)),
    }
}

/// A tile at `now_ns`.
pub(crate) fn tile(instrument: &Instrument, ticker: &Ticker, now_ns: u64) -> TileMessage {
    let number = |price: Price| Number::new(&instrument.format_price(price));
    TileMessage {
        symbol: instrument.spec.symbol.to_string(),
        price: ticker.price.or(ticker.mid()).map(number),
        volume: Number::new(&instrument.format_qty(ticker.volume_24h)),
        change_percentage: change(ticker).unwrap_or_else(|| Number::new("0")),
        timestamp: time::rfc3339(now_ns),
    }
}

/// Percent with two decimals.
pub(crate) fn change(ticker: &Ticker) -> Option<Number> {
    let percent = ticker.change_percentage().filter(|percent| percent.is_finite())?;
    Some(Number::new(&two_decimals(percent)))
}

/// A fall too small to show is no fall: adding zero takes the sign from a zero.
fn two_decimals(percent: f64) -> String {
    format!("{:.2}", (percent * 100.0).round() / 100.0 + 0.0)
}

#[cfg(test)]
mod tests {
    use super::two_decimals;

    #[test]
    fn a_change_too_small_to_show_has_no_sign() {
        assert_eq!(two_decimals(-0.001), "0.00");
        assert_eq!(two_decimals(-0.006), "-0.01");
        assert_eq!(two_decimals(12.345_6), "12.35");
    }
}
