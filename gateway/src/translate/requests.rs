//! The bodies that clients send. REST and WebSocket read the same types; unknown fields are refused.

use papertape_engine::{SelfTradePrevention, Side, TimeInForce};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::number::Decimal;
use super::pegs::PegBody;
use super::triggers::TriggerBody;

/// `buy` or `sell`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SideWord {
    /// Bids.
    Buy,
    /// Asks.
    Sell,
}

impl From<SideWord> for Side {
    fn from(word: SideWord) -> Side {
        match word {
            SideWord::Buy => Side::Buy,
            SideWord::Sell => Side::Sell,
        }
    }
}

impl From<Side> for SideWord {
    fn from(side: Side) -> SideWord {
        match side {
            Side::Buy => SideWord::Buy,
            Side::Sell => SideWord::Sell,
        }
    }
}

/// `limit`: at `price` or better. `market`: at whatever the book offers. `market_to_limit`: a limit order at the best
/// price that the other side has when it comes; what cannot trade there at once rests there, and if the other side is
/// empty it is cancelled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KindWord {
    /// At `price` or better.
    Limit,
    /// At whatever the book offers.
    Market,
    /// At the best price of the other side, where its remainder rests.
    MarketToLimit,
}

/// `gtc`, `ioc`, `fok`, `day`, `gtd`, `at_open` or `at_close`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TimeInForceWord {
    /// Until it is filled or cancelled.
    Gtc,
    /// What cannot trade at once is cancelled.
    Ioc,
    /// All of it at once, or nothing.
    Fok,
    /// Until the market closes.
    Day,
    /// Until `expires_at_ms`.
    Gtd,
    /// It waits, in no book, for the opening auction; what that leaves of it is cancelled (`AUCTION_REMAINDER`).
    AtOpen,
    /// The same for the closing auction.
    AtClose,
}

impl From<TimeInForce> for TimeInForceWord {
    fn from(time_in_force: TimeInForce) -> TimeInForceWord {
        match time_in_force {
            TimeInForce::Gtc => TimeInForceWord::Gtc,
            TimeInForce::Ioc => TimeInForceWord::Ioc,
            TimeInForce::Fok => TimeInForceWord::Fok,
            TimeInForce::Day => TimeInForceWord::Day,
            TimeInForce::Gtd { .. } => TimeInForceWord::Gtd,
            TimeInForce::AtOpen => TimeInForceWord::AtOpen,
            TimeInForce::AtClose => TimeInForceWord::AtClose,
        }
    }
}

/// What happens when an order would trade with one of its own account or trade group: the mode of the order that comes
/// decides. `none`: they trade. `cancel_taker`: what is left of the order that comes is cancelled. `cancel_maker`: the
/// order that rests is cancelled. `cancel_both`: both are. `decrement`: both lose the quantity that would have traded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SelfTradePreventionWord {
    /// They trade.
    None,
    /// The order that comes ends.
    CancelTaker,
    /// The order that rests ends.
    CancelMaker,
    /// Both end.
    CancelBoth,
    /// Both lose the quantity that would have traded.
    Decrement,
}

impl From<SelfTradePreventionWord> for SelfTradePrevention {
    fn from(word: SelfTradePreventionWord) -> SelfTradePrevention {
        match word {
            SelfTradePreventionWord::None => SelfTradePrevention::None,
            SelfTradePreventionWord::CancelTaker => SelfTradePrevention::CancelTaker,
            SelfTradePreventionWord::CancelMaker => SelfTradePrevention::CancelMaker,
            SelfTradePreventionWord::CancelBoth => SelfTradePrevention::CancelBoth,
            SelfTradePreventionWord::Decrement => SelfTradePrevention::Decrement,
        }
    }
}

impl From<SelfTradePrevention> for SelfTradePreventionWord {
    fn from(mode: SelfTradePrevention) -> SelfTradePreventionWord {
        match mode {
            SelfTradePrevention::None => SelfTradePreventionWord::None,
            SelfTradePrevention::CancelTaker => SelfTradePreventionWord::CancelTaker,
            SelfTradePrevention::CancelMaker => SelfTradePreventionWord::CancelMaker,
            SelfTradePrevention::CancelBoth => SelfTradePreventionWord::CancelBoth,
            SelfTradePrevention::Decrement => SelfTradePreventionWord::Decrement,
        }
    }
}

/// A new order. Decimals are strings; exact JSON numbers are taken too.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": "60000.00", "qty": "0.01",
    "client_order_id": "mine-1"}))]
pub(crate) struct OrderBody {
    /// The market: `BTC-USD`, `BTCUSD`, `BTC/USD`, `BTC_USD`, or a bare base for its USD market.
    pub symbol: String,
    /// Buy or sell.
    pub side: SideWord,
    /// Limit, market or market-to-limit.
    #[serde(rename = "type")]
    pub kind: KindWord,
    /// How long it stays: for a market order `ioc` unless said otherwise, for the others `gtc`. An order with a trigger
    /// waits as long as it would stay; one that is `ioc` or `fok` waits until it is cancelled.
    #[serde(default)]
    pub time_in_force: Option<TimeInForceWord>,
    /// When a `gtd` order ends, in milliseconds since 1970, ahead of now: from then on it does not trade.
    #[serde(default)]
    pub expires_at_ms: Option<u64>,
    /// Limit price, on the instrument's tick; limit orders only.
    #[serde(default)]
    pub price: Option<Decimal>,
    /// Quantity in base, a whole number of lots.
    #[serde(default)]
    pub qty: Option<Decimal>,
    /// Instead of `qty`, for a market order without a trigger: what to spend or receive at most, in quote.
    #[serde(default)]
    pub quote_qty: Option<Decimal>,
    /// Never let the order take: one that would trade at once is refused, or rests one tick behind the best price of the
    /// other side, as the market's `post_only_rule` says.
    #[serde(default)]
    pub post_only: bool,
    /// An iceberg: at most so much of what rests of it shows in the book, the rest is its reserve. A whole number of lots,
    /// less than `qty`; zero is a hidden order, of which nothing shows, and which trades behind those that do. When the part that shows has been filled, the next comes to the end of its price's queue. Limit
    /// orders that stay only, in markets that allocate by time; not in lists.
    #[serde(default)]
    pub display_qty: Option<Decimal>,
    /// At least so much trades when the order comes, or it is cancelled and nothing does; `qty` is all or none. What is left
    /// then is an order like any other. Not for orders by `quote_qty`, post-only or `fok`; not in lists.
    #[serde(default)]
    pub min_qty: Option<Decimal>,
    /// The order may only reduce your position in the market. One that stays is refused if it is for more than the position,
    /// less your other open reduce-only orders, and is cancelled when the position falls below it; one that does not trades
    /// as much as it may. Not for orders by `quote_qty`, in markets that allocate by size, or in lists.
    #[serde(default)]
    pub reduce_only: bool,
    /// An order that waits for the opening or closing auction and only offsets what that leaves over: it sets no price and is not
    /// counted by `indicative`, comes at the auction's price if its limit allows it, and trades with the surplus of the other side; what is left of
    /// it is cancelled (`AUCTION_REMAINDER`). Limit orders that are `at_open` or `at_close` only; not in lists.
    #[serde(default)]
    pub imbalance_only: bool,
    /// A pegged order: its price follows another, and `price` is the limit beyond which it does not. Each move goes to the end
    /// of the queue of its price. It holds funds for its limit, and cannot be amended. Limit orders that stay only, without a
    /// trigger or a minimum, in markets that allocate by time; not in lists.
    #[serde(default)]
    pub peg: Option<PegBody>,
    /// What it waits for. Until then it is in no book and shows in no depth, and holds the funds that it may need.
    #[serde(default)]
    pub trigger: Option<TriggerBody>,
    /// What happens where it would trade with an order of your own account or trade group; the market's
    /// `self_trade_prevention` unless said otherwise.
    #[serde(default)]
    pub self_trade_prevention: Option<SelfTradePreventionWord>,
    /// Your own name for it: 1 to 36 of `A-Z a-z 0-9 . : / _ -`. Sending the same order again with the same name
    /// gives the first order back.
    #[serde(default)]
    pub client_order_id: Option<String>,
}

/// New terms of a resting order; what is not named stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"price": "59950.00"}))]
pub(crate) struct AmendBody {
    /// New limit price.
    #[serde(default)]
    pub price: Option<Decimal>,
    /// New total quantity, filled part included.
    #[serde(default)]
    pub qty: Option<Decimal>,
}

/// Which order is meant, and its new terms: `order.amend` on the WebSocket.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AmendParams {
    /// The venue's number.
    #[serde(default)]
    pub order_id: Option<String>,
    /// Or the client's name.
    #[serde(default)]
    pub client_order_id: Option<String>,
    /// New limit price.
    #[serde(default)]
    pub price: Option<Decimal>,
    /// New total quantity, filled part included.
    #[serde(default)]
    pub qty: Option<Decimal>,
}

/// Which order is meant: `order.cancel` on the WebSocket.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelParams {
    /// The venue's number.
    #[serde(default)]
    pub order_id: Option<String>,
    /// Or the client's name.
    #[serde(default)]
    pub client_order_id: Option<String>,
}

/// Which orders are meant: `order.cancel_all` on the WebSocket.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelAllParams {
    /// Only in this market.
    #[serde(default)]
    pub symbol: Option<String>,
    /// Only on this side.
    #[serde(default)]
    pub side: Option<SideWord>,
}

/// Whether one's own trading is stopped.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"engaged": true}))]
pub(crate) struct KillSwitchBody {
    /// `true` ends all open orders and refuses new ones; `false` allows trading again.
    pub engaged: bool,
}

/// A trade at this price or better, now or not at all.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"symbol": "BTC-USD", "trade_type": "BUY", "quantity": 0.01, "price": 60000}))]
pub(crate) struct TradeBody {
    /// The market.
    pub symbol: String,
    /// `BUY` or `SELL`.
    pub trade_type: String,
    /// In base; a number or a decimal string.
    #[schema(value_type = f64)]
    pub quantity: Decimal,
    /// The worst price; a number or a decimal string.
    #[schema(value_type = f64)]
    pub price: Decimal,
}
