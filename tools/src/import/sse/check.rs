//! The engine's events beside the exchange's rows.

use std::fmt;

use papertape_engine::{Cancelled, Price, Qty, Side, Symbol, decimal};

use super::flow::Files;
use super::parse::{PRICE_DECIMALS, TradeRow};
use crate::import::report::{Differences, Tally};

/// What one stock's comparison found.
#[derive(Debug)]
pub(crate) struct StockCheck {
    symbol: Symbol,
    continuous: Tally,
    auction: Tally,
    cancels: Tally,
}

/// A trade as the engine told it, in the exchange's order numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Paired {
    pub(crate) aggressor: Option<Side>,
    pub(crate) price: Price,
    pub(crate) qty: Qty,
    pub(crate) buy: u64,
    pub(crate) sell: u64,
}

impl From<&TradeRow> for Paired {
    fn from(row: &TradeRow) -> Self {
        Paired { aggressor: row.aggressor, price: row.price, qty: row.qty, buy: row.buy, sell: row.sell }
    }
}

impl fmt::Display for Paired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (price, qty) = (text(self.price), self.qty);
        match self.aggressor {
            None => write!(f, "auction trade {qty} at {price} of buy order {} with sell order {}", self.buy, self.sell),
            Some(Side::Buy) => write!(f, "buy trade {qty} at {price} with resting order {}", self.sell),
            Some(Side::Sell) => write!(f, "sell trade {qty} at {price} with resting order {}", self.buy),
        }
    }
}

impl StockCheck {
    /// Nothing compared yet.
    pub(crate) fn new(symbol: Symbol) -> Self {
        StockCheck { symbol, continuous: Tally::default(), auction: Tally::default(), cancels: Tally::default() }
    }

    /// Compares the trades of one command, in order. `line` is the trade file's line for a trade that the exchange
    /// does not have.
    pub(crate) fn trades(
        &mut self,
        expected: &[TradeRow],
        actual: &[Paired],
        unexpected_at: (&str, u64),
        files: Files<'_>,
        differences: &mut Differences,
    ) {
        for at in 0..expected.len().max(actual.len()) {
            let (row, told) = (expected.get(at), actual.get(at));
            let published = row.map(Paired::from);
            let auction = published.as_ref().or(told).is_some_and(|trade| trade.aggressor.is_none());
            let tally = if auction { &mut self.auction } else { &mut self.continuous };
            let equal = published.as_ref() == told;
            tally.count(equal);
            if equal {
                continue;
            }
            let (file, line) = row.map_or(unexpected_at, |row| (files.trades, row.line));
            differences.add(file, line, or_none(published.as_ref()), or_none(told));
        }
    }

    /// Compares the price of an auction.
    pub(crate) fn auction_price(
        &self,
        expected: Option<Price>,
        actual: Option<Price>,
        (file, line): (&str, u64),
        differences: &mut Differences,
    ) {
        if expected != actual {
            let shown = |price: Option<Price>| {
                price.map_or("no auction price".to_owned(), |price| format!("auction price {}", text(price)))
            };
            differences.add(file, line, shown(expected), shown(actual));
        }
    }

    /// Compares the end of an order with its delete row. `actual` says what happened instead, if it did not end.
    pub(crate) fn cancel(
        &mut self,
        expected: Deleted,
        actual: Result<Deleted, &str>,
        (file, line): (&str, u64),
        differences: &mut Differences,
    ) {
        let equal = actual == Ok(expected);
        self.cancels.count(equal);
        if !equal {
            let actual = actual.map_or_else(ToOwned::to_owned, |deleted| deleted.to_string());
            differences.add(file, line, expected, actual);
        }
    }

    /// The closing line where nothing is compared.
    pub(crate) fn summary(&self) -> String {
        let StockCheck { symbol, continuous, auction, cancels } = self;
        let (continuous, auction, cancels) = (continuous.total, auction.total, cancels.total);
        format!("{symbol} continuous {continuous} auction {auction} cancels {cancels}, not compared (see --check)")
    }

    /// The closing line of a comparison.
    pub(crate) fn verdict(&self) -> String {
        let StockCheck { symbol, continuous, auction, cancels } = self;
        format!("{symbol} continuous {continuous} auction {auction} cancels {cancels}")
    }
}

/// What was taken from the book.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Deleted {
    pub(crate) side: Side,
    pub(crate) price: Option<Price>,
    pub(crate) qty: Qty,
}

impl From<&Cancelled> for Deleted {
    fn from(event: &Cancelled) -> Self {
        Deleted { side: event.side, price: event.rested_at, qty: event.leaves_qty }
    }
}

impl fmt::Display for Deleted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let price = self.price.map_or("no price".to_owned(), text);
        write!(f, "withdrawal of {} at {price} from a {} order", self.qty, self.side.name())
    }
}

fn or_none(trade: Option<&Paired>) -> String {
    trade.map_or("no trade".to_owned(), ToString::to_string)
}

fn text(price: Price) -> String {
    decimal::format(price.0.into(), PRICE_DECIMALS)
}
