//! What a fold changed, for those who tell others.

use papertape_engine::{
    AccountId, Amount, AssetId, ClientOrderId, InstrumentId, OrderId, OrderRef, Price, Qty, Reason, Side, TradeId,
};

use super::depth::{BookOrderChange, LevelChange};
use crate::order::OrderView;

/// One change of the read models.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// Levels of a book have new sizes. One for each command that changed the book.
    Depth {
        /// Where.
        instrument: InstrumentId,
        /// One more than the last id of the change before.
        first_update_id: u64,
        /// The id of the book after this change.
        last_update_id: u64,
        /// Venue time of the command in nanoseconds.
        time_ns: u64,
        /// New sizes, absolute; zero: the level is gone.
        levels: Vec<LevelChange>,
        /// What happened to orders that show, in order.
        orders: Vec<BookOrderChange>,
    },
    /// A public trade.
    Trade(TapeRow),
    /// Something happened to an order of a user.
    Order {
        /// Whose.
        account: AccountId,
        /// The order afterwards.
        order: Box<OrderView>,
        /// What happened.
        event: OrderEvent,
    },
    /// A user's command was refused. Where a cancel or amend of an open order was, `order` is that order.
    Rejected {
        /// Whose.
        account: AccountId,
        /// Where, if the command named it.
        instrument: Option<InstrumentId>,
        /// The client's name for the refused order, if given.
        client_order_id: Option<ClientOrderId>,
        /// The order that a refused cancel or amend named.
        order: Option<OrderRef>,
        /// Why.
        reason: Reason,
    },
    /// A balance of a user.
    Balance {
        /// Whose.
        account: AccountId,
        /// Which asset.
        asset: AssetId,
        /// Can be spent.
        free: Amount,
        /// Held by open orders.
        held: Amount,
    },
    /// A position of a user.
    Position {
        /// Whose.
        account: AccountId,
        /// Where.
        instrument: InstrumentId,
    },
    /// An instrument is in another phase, its auction would trade something else, or its trading was stopped or released.
    Status {
        /// Where.
        instrument: InstrumentId,
    },
    /// An instrument was listed.
    Listed {
        /// Its number.
        instrument: InstrumentId,
    },
}

/// What happened to an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrderEvent {
    /// It was accepted.
    Accepted,
    /// It was pending in a list and comes now, or begins to wait for its trigger.
    Released,
    /// Its trigger fired, and it comes to the book.
    Triggered,
    /// It rests at a price that the venue chose: a market-to-limit order, or a post-only order that would have taken.
    Rested,
    /// It traded.
    Trade {
        /// The trade's number in the instrument.
        trade_id: TradeId,
        /// At which price.
        price: Price,
        /// How many lots.
        qty: Qty,
        /// Fee of this order; negative is a rebate.
        fee: Amount,
        /// The fee's asset.
        fee_asset: AssetId,
        /// How it came about.
        liquidity: Liquidity,
    },
    /// It ended before it was filled whole; or its budget was spent, then its status is `Filled`.
    Cancelled,
    /// It would have traded with an order of its own account or trade group. If that ended it, [`OrderEvent::Cancelled`]
    /// follows.
    SelfTradePrevented {
        /// At this price.
        price: Price,
        /// So many lots.
        qty: Qty,
        /// With this order.
        other: OrderId,
    },
    /// It has new terms.
    Amended,
}

/// A party's part in a trade.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Liquidity {
    /// The order rested.
    Maker,
    /// The order took.
    Taker,
    /// Both were collected and traded in an auction.
    Auction,
}

impl Liquidity {
    /// The part of the party on `side` when `aggressor` took.
    pub fn of(side: Side, aggressor: Option<Side>) -> Self {
        match aggressor {
            None => Liquidity::Auction,
            Some(taker) if taker == side => Liquidity::Taker,
            Some(_) => Liquidity::Maker,
        }
    }

    /// `maker`, `taker` or `auction`.
    pub const fn name(self) -> &'static str {
        match self {
            Liquidity::Maker => "maker",
            Liquidity::Taker => "taker",
            Liquidity::Auction => "auction",
        }
    }
}

/// A public trade.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TapeRow {
    /// Where.
    pub instrument: InstrumentId,
    /// Its number in the instrument.
    pub id: TradeId,
    /// At which price.
    pub price: Price,
    /// How many lots.
    pub qty: Qty,
    /// The side that took; `None` in an auction.
    pub taker_side: Option<Side>,
    /// Venue time in nanoseconds.
    pub time_ns: u64,
}
