//! What can be listened to, and its names.

use papertape_engine::{AccountId, InstrumentId};
use papertape_platform::Interval;

use super::binary;

/// Something that can be listened to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Topic {
    /// Public trades of an instrument.
    Trades(InstrumentId),
    /// Its best bid and ask.
    L1(InstrumentId),
    /// Its order book by level.
    Book(InstrumentId),
    /// Its order book by order.
    L3(InstrumentId),
    /// Its ticker, each second.
    Ticker(InstrumentId),
    /// Its bars of one length.
    Candles(InstrumentId, Interval),
    /// Its phase, and what its auction would trade.
    Status(InstrumentId),
    /// The ticker in the plain shape.
    Tile(InstrumentId),
    /// Its last price and volume, as `market-data:<symbol>`.
    MarketData(InstrumentId),
    /// An account's own orders.
    Orders(AccountId),
    /// An account's own balances.
    Balances(AccountId),
    /// An account's own positions.
    Positions(AccountId),
    /// Where an account's orders stand, as `trade-events:<userId>`.
    TradeEvents(AccountId),
    /// What an account's positions made, as `position-updates:<userId>`.
    PositionUpdates(AccountId),
}

impl Topic {
    /// The channel's name, without what stands behind a colon.
    pub(super) const fn channel(self) -> &'static str {
        match self {
            Topic::Trades(_) => "trades",
            Topic::L1(_) => "l1",
            Topic::Book(_) => "book",
            Topic::L3(_) => "l3",
            Topic::Ticker(_) => "ticker",
            Topic::Candles(..) => "candles",
            Topic::Status(_) => "status",
            Topic::Tile(_) => "tile",
            Topic::MarketData(_) => "market-data",
            Topic::Orders(_) => "orders",
            Topic::Balances(_) => "balances",
            Topic::Positions(_) => "positions",
            Topic::TradeEvents(_) => "trade-events",
            Topic::PositionUpdates(_) => "position-updates",
        }
    }

    /// Whether there are binary messages of it.
    pub(crate) const fn has_binary(self) -> bool {
        binary::kind_of(self).is_some()
    }

    /// The instrument, of a public topic.
    pub(crate) const fn instrument(self) -> Option<InstrumentId> {
        match self {
            Topic::Trades(id)
            | Topic::L1(id)
            | Topic::Book(id)
            | Topic::L3(id)
            | Topic::Ticker(id)
            | Topic::Candles(id, _)
            | Topic::Status(id)
            | Topic::Tile(id)
            | Topic::MarketData(id) => Some(id),
            Topic::Orders(_)
            | Topic::Balances(_)
            | Topic::Positions(_)
            | Topic::TradeEvents(_)
            | Topic::PositionUpdates(_) => None,
        }
    }

    /// The account, of a private topic.
    pub(super) const fn account(self) -> Option<AccountId> {
        match self {
            Topic::Orders(account)
            | Topic::Balances(account)
            | Topic::Positions(account)
            | Topic::TradeEvents(account)
            | Topic::PositionUpdates(account) => Some(account),
            _ => None,
        }
    }

    /// Whether its messages say their number, so that a listener can come back to where it was.
    pub(super) const fn is_numbered(self) -> bool {
        !matches!(self, Topic::Tile(_) | Topic::MarketData(_) | Topic::TradeEvents(_) | Topic::PositionUpdates(_))
    }
}

/// Names a connection while the process runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct ConnectionId(pub u64);

/// Where a listener was when it lost its connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Resume {
    /// The numbering that it heard.
    pub epoch: u64,
    /// The number of the last message that it heard.
    pub n: u64,
}
