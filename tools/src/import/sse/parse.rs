//! Rows of the order and trade files of the Shanghai exchange, kept by stock.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use papertape_engine::{Price, Qty, Side, Symbol};

use crate::import::ImportError;
use crate::import::input::{self, Row, Rows};

/// Columns of the order file.
pub(crate) const ORDER_COLUMNS: &[&str] =
    &["stock", "channel", "seq", "time", "action", "side", "price", "qty", "order_id"];
/// Columns of the trade file.
pub(crate) const TRADE_COLUMNS: &[&str] =
    &["stock", "channel", "seq", "time", "aggressor", "price", "qty", "buy_id", "sell_id"];
/// Decimals of a price: the tick is 0.01.
pub(crate) const PRICE_DECIMALS: u8 = 2;
/// Most stocks in one import.
const STOCKS_MAX: usize = 4096;

/// Place of a message in its stock's flow: channel, then number in the channel.
pub(crate) type Key = (u32, u64);

/// What an order message says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Action {
    /// The order, or what its trades left of it, is in the book.
    Add,
    /// What was left of the order was withdrawn.
    Delete,
}

/// One row of the order file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct OrderRow {
    pub(crate) line: u64,
    pub(crate) key: Key,
    /// Milliseconds of the day.
    pub(crate) time_ms: u32,
    pub(crate) action: Action,
    pub(crate) side: Side,
    pub(crate) price: Price,
    pub(crate) qty: Qty,
    /// The exchange's number for the order.
    pub(crate) id: u64,
}

/// One row of the trade file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TradeRow {
    pub(crate) line: u64,
    pub(crate) key: Key,
    /// Milliseconds of the day.
    pub(crate) time_ms: u32,
    /// Who took; `None` in an auction.
    pub(crate) aggressor: Option<Side>,
    pub(crate) price: Price,
    pub(crate) qty: Qty,
    pub(crate) buy: u64,
    pub(crate) sell: u64,
}

impl TradeRow {
    /// The order on one side.
    pub(crate) fn order(&self, side: Side) -> u64 {
        if side == Side::Buy { self.buy } else { self.sell }
    }
}

/// The rows of one stock, each file's in ascending order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stock {
    pub(crate) orders: Vec<OrderRow>,
    pub(crate) trades: Vec<TradeRow>,
}

/// The stocks of two files, and the time that reading each of them took, together.
pub(crate) type Read = (BTreeMap<Symbol, Stock>, Duration);

/// Reads both files whole, side by side. With `only`, other stocks are checked and left out. Where both files are bad
/// the complaint is about the orders.
pub(crate) fn read(orders: &Path, trades: &Path, only: Option<Symbol>) -> Result<Read, ImportError> {
    let read_orders = || {
        let started = Instant::now();
        let rows = Rows::with_header(input::name(orders), ORDER_COLUMNS, input::open(orders)?)?;
        read_rows(rows, only, order_row, |row| row.key).map(|rows| (rows, started.elapsed()))
    };
    let read_trades = || {
        let started = Instant::now();
        let rows = Rows::with_header(input::name(trades), TRADE_COLUMNS, input::open(trades)?)?;
        read_rows(rows, only, trade_row, |row| row.key).map(|rows| (rows, started.elapsed()))
    };
    let (order_rows, trade_rows) = std::thread::scope(|scope| {
        let trade_rows = scope.spawn(read_trades);
        (read_orders(), trade_rows.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let mut stocks: BTreeMap<Symbol, Stock> = BTreeMap::new();
    let ((order_rows, of_orders), (trade_rows, of_trades)) = (order_rows?, trade_rows?);
    for (symbol, rows) in order_rows {
        stocks.entry(symbol).or_default().orders = rows;
    }
    for (symbol, rows) in trade_rows {
        stocks.entry(symbol).or_default().trades = rows;
    }
    if let Some(only) = only {
        let names = stocks.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        stocks.retain(|symbol, _| *symbol == only);
        if stocks.is_empty() {
            return Err(nothing(orders, format!("has no row of stock {only}; it has {names}")));
        }
    }
    if stocks.is_empty() { Err(nothing(orders, "has no rows".to_owned())) } else { Ok((stocks, of_orders + of_trades)) }
}

fn nothing(orders: &Path, problem: String) -> ImportError {
    input::refused_file(orders, problem, "give a stock that the files have, or leave --stock out")
}

/// The rows of each stock. One that is left out has an empty list.
fn read_rows<R: io::Read, T: Copy>(
    mut rows: Rows<R>,
    only: Option<Symbol>,
    parse: fn(&Row<'_>) -> Result<T, ImportError>,
    key: fn(&T) -> Key,
) -> Result<BTreeMap<Symbol, Vec<T>>, ImportError> {
    let mut stocks: BTreeMap<Symbol, (Option<Key>, Vec<T>)> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let symbol = row.symbol(0)?;
        let parsed = parse(&row)?;
        let (last, list) = stocks.entry(symbol).or_default();
        let (now, before) = (key(&parsed), last.replace(key(&parsed)));
        if let Some(before) = before.filter(|before| *before >= now) {
            let problem = format!("channel {} seq {} comes after channel {} seq {}", now.0, now.1, before.0, before.1);
            return Err(row.refused(Some(2), format!("{problem}, but a stock's rows must ascend")));
        }
        if only.is_none_or(|only| only == symbol) {
            list.push(parsed);
        }
        if stocks.len() > STOCKS_MAX {
            return Err(row.refused(Some(0), format!("there are more than {STOCKS_MAX} stocks")));
        }
    }
    Ok(stocks.into_iter().map(|(symbol, (_, list))| (symbol, list)).collect())
}

fn order_row(row: &Row<'_>) -> Result<OrderRow, ImportError> {
    let action = match row.text(4)? {
        "A" => Action::Add,
        "D" => Action::Delete,
        text => return Err(row.bad(4, text, "neither A nor D")),
    };
    Ok(OrderRow {
        line: row.line,
        key: (row.number(1)?, row.number(2)?),
        time_ms: time_of_day(row, 3)?,
        action,
        side: row.side(5, "B", "S")?,
        price: row.price(6, PRICE_DECIMALS)?,
        qty: row.qty(7)?,
        id: row.number(8)?,
    })
}

fn trade_row(row: &Row<'_>) -> Result<TradeRow, ImportError> {
    let aggressor = match row.text(4)? {
        "N" => None,
        "B" => Some(Side::Buy),
        "S" => Some(Side::Sell),
        text => return Err(row.bad(4, text, "none of B, S and N")),
    };
    Ok(TradeRow {
        line: row.line,
        key: (row.number(1)?, row.number(2)?),
        time_ms: time_of_day(row, 3)?,
        aggressor,
        price: row.price(5, PRICE_DECIMALS)?,
        qty: row.qty(6)?,
        buy: row.number(7)?,
        sell: row.number(8)?,
    })
}

/// `HH:MM:SS.mmm` as milliseconds of the day.
fn time_of_day(row: &Row<'_>, column: usize) -> Result<u32, ImportError> {
    let text = row.text(column)?;
    let parsed = || -> Option<u32> {
        let shape = text.bytes().enumerate().all(|(at, byte)| match at {
            2 | 5 => byte == b':',
            8 => byte == b'.',
            _ => byte.is_ascii_digit(),
        });
        let part =
            |from: usize, to: usize, below: u32| text.get(from..to)?.parse().ok().filter(|value: &u32| *value < below);
        let minutes = part(0, 2, 24)? * 60 + part(3, 5, 60)?;
        let time = (minutes * 60 + part(6, 8, 60)?) * 1_000 + part(9, 12, 1_000)?;
        (shape && text.len() == 12).then_some(time)
    };
    parsed().ok_or_else(|| row.bad(column, text, "not a time of the form HH:MM:SS.mmm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(text: &str) -> Result<OrderRow, ImportError> {
        let mut rows = Rows::new("orders.csv".to_owned(), ORDER_COLUMNS, text.as_bytes());
        let row = rows.next()?.expect("the test gives one row");
        order_row(&row)
    }

    #[test]
    fn an_order_row_is_read_whole() {
        let row = order("600961,1,295,09:15:00.030,D,S,10.05,350400,29\n").unwrap();
        let time_ms = (9 * 3_600 + 15 * 60) * 1_000 + 30;
        let expected = OrderRow {
            line: 1,
            key: (1, 295),
            time_ms,
            action: Action::Delete,
            side: Side::Sell,
            price: Price(1_005),
            qty: Qty(350_400),
            id: 29,
        };
        assert_eq!(row, expected);
    }

    #[test]
    fn each_bad_field_is_named() {
        for (field, text) in [
            ("channel", "600961,x,295,09:15:00.030,A,S,10.05,100,29\n"),
            ("seq", "600961,1,-1,09:15:00.030,A,S,10.05,100,29\n"),
            ("time", "600961,1,295,9:15:00.030,A,S,10.05,100,29\n"),
            ("time", "600961,1,295,24:15:00.030,A,S,10.05,100,29\n"),
            ("time", "600961,1,295,09:15:00.0300,A,S,10.05,100,29\n"),
            ("action", "600961,1,295,09:15:00.030,X,S,10.05,100,29\n"),
            ("side", "600961,1,295,09:15:00.030,A,N,10.05,100,29\n"),
            ("price", "600961,1,295,09:15:00.030,A,S,10.055,100,29\n"),
            ("qty", "600961,1,295,09:15:00.030,A,S,10.05,0,29\n"),
            ("order_id", "600961,1,295,09:15:00.030,A,S,10.05,100,99999999999999999999\n"),
        ] {
            let error = order(text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("orders.csv, line 1, field {field}: ")), "{error}");
        }
    }
}
