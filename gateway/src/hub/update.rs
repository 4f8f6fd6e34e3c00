//! What is told, before it becomes bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use papertape_engine::{
    Amount, AssetId, Indicated, Instrument, InstrumentId, KillScope, OrderId, Price, Qty, Side, Stage,
};
use papertape_platform::{BestLevels, Candle, Change, OrderStatus, OrderView, PositionView, TapeRow, Ticker, Views};

use super::Topic;
use super::by_order::OrdersDelta;
use super::checksum::Checksums;
use super::numbers::Mark;

/// One message of a topic, still to be encoded.
#[derive(Debug)]
pub(crate) struct Update {
    /// Of what.
    pub topic: Topic,
    /// Names the numbering.
    pub epoch: u64,
    /// Its number in the topic.
    pub n: u64,
    /// How many messages before it were merged into it.
    pub conflated: u64,
    /// Where it stands in the venue's numbering.
    pub mark: Mark,
    /// The market of a public topic.
    pub market: Option<Arc<Instrument>>,
    /// What it says.
    pub body: Body,
}

/// Levels of a book that changed, with their new sizes; zero: gone.
pub(crate) type Levels = BTreeMap<(Side, Price), Qty>;

/// What a message says.
#[derive(Debug)]
pub(crate) enum Body {
    /// Public trades, oldest first, and how many before them were left out.
    Trades(Vec<TapeRow>, u64),
    /// The best prices.
    L1(L1),
    /// Levels that changed.
    Book(BookDelta, Levels),
    /// Orders that changed.
    L3(BookDelta, OrdersDelta),
    /// The last day, at a moment in nanoseconds since 1970.
    Ticker(Ticker, u64),
    /// Bars that changed, oldest first, and the number of the last trade that is in them.
    Candles(Vec<Bar>, u64),
    /// What the instrument's rules allow.
    Status(StatusView),
    /// Last price, and lots of 24 hours.
    MarketData(Price, Qty),
    /// Something that happened to an order, or a refusal; and the order that a refused command named, as it was then.
    Order(Box<Change>, Option<Box<OrderView>>),
    /// Balances that changed: free and held.
    Balances(BTreeMap<AssetId, (Amount, Amount)>),
    /// Positions that changed.
    Positions(Vec<PositionView>),
    /// Where an order stands.
    TradeEvent(OrderId, OrderStatus),
    /// What a position made.
    PositionUpdate(InstrumentId, Amount),
}

/// Best bid and ask, as of a change of the book.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct L1 {
    /// The book's last change that is in it.
    pub update_id: u64,
    /// Venue time of the last change in nanoseconds.
    pub time_ns: u64,
    /// Both sides.
    pub best: BestLevels,
}

/// Which changes of a book are in a message, and what it looks like afterwards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct BookDelta {
    /// The first change that is in it.
    pub first: u64,
    /// The last one.
    pub last: u64,
    /// Venue time of the last one in nanoseconds.
    pub time_ns: u64,
    /// Over the best levels after the last one.
    pub checksums: Checksums,
}

/// A bar, and whether it is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Bar {
    /// The bar.
    pub candle: Candle,
    /// Whether its time has passed.
    pub closed: bool,
}

/// What an instrument's rules allow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct StatusView {
    /// Its phase.
    pub stage: Stage,
    /// Whether the operator has stopped trading in it, or everywhere.
    pub is_stopped: bool,
    /// What its auction would trade now.
    pub indicated: Option<Indicated>,
}

impl StatusView {
    /// What it is now; `None` if there is no such instrument.
    pub(super) fn of(views: &Views, id: InstrumentId) -> Option<Self> {
        let is_stopped = views.is_killed(KillScope::Venue) || views.is_killed(KillScope::Instrument(id));
        Some(Self { stage: views.stage(id)?, is_stopped, indicated: views.indicated(id) })
    }
}

impl Update {
    /// About how many bytes of memory it takes.
    pub(super) fn weight(&self) -> usize {
        let beside = match &self.body {
            Body::Trades(rows, _) => size_of_val(rows.as_slice()),
            Body::Book(_, levels) => levels.len() * size_of::<((Side, Price), Qty)>() * 2,
            Body::L3(_, orders) => orders.weight(),
            Body::Candles(bars, _) => size_of_val(bars.as_slice()),
            Body::Order(change, _) => match &**change {
                Change::Order { order, .. } => size_of_val(&**change) + size_of_val(&**order),
                other => size_of_val(other),
            },
            Body::Balances(balances) => balances.len() * size_of::<(AssetId, (Amount, Amount))>() * 2,
            Body::Positions(positions) => size_of_val(positions.as_slice()),
            _ => 0,
        };
        size_of::<Self>() + beside
    }
}
