//! Messages and book rows of a LOBSTER archive of level 5.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use papertape_engine::{Price, Qty, Side, Symbol};
use zip::ZipArchive;

use crate::import::ImportError;
use crate::import::day::Day;
use crate::import::input::{self, PRICE_MAX, QTY_MAX, Row};

/// Columns of the message file, which has no header.
pub(crate) const MESSAGE_COLUMNS: &[&str] = &["time", "type", "order_id", "size", "price", "direction"];
/// Columns of the book file, which has no header.
#[rustfmt::skip]
pub(crate) const BOOK_COLUMNS: &[&str] = &[
    "ask_price_1", "ask_size_1", "bid_price_1", "bid_size_1", "ask_price_2", "ask_size_2", "bid_price_2", "bid_size_2",
    "ask_price_3", "ask_size_3", "bid_price_3", "bid_size_3", "ask_price_4", "ask_size_4", "bid_price_4", "bid_size_4",
    "ask_price_5", "ask_size_5", "bid_price_5", "bid_size_5",
];
/// Levels of a side in the book file: the window.
pub(crate) const LEVELS: usize = 5;
/// Decimals of a price: files have prices times 10,000.
pub(crate) const PRICE_DECIMALS: u8 = 4;
/// Price of a level that does not exist, positive for asks, with size 0.
const NO_LEVEL: i64 = 9_999_999_999;

/// An order's number at the exchange.
pub(crate) type ExchangeId = u64;

/// Size and place of what a message is about. The side is that of the order that rests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Resting {
    pub(crate) id: ExchangeId,
    pub(crate) side: Side,
    pub(crate) price: Price,
    pub(crate) size: Qty,
}

/// What a message says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// 1: a new order rests.
    Add(Resting),
    /// 2: a part of an order was withdrawn.
    Reduce(Resting),
    /// 3: all that was left of an order was withdrawn.
    Delete(Resting),
    /// 4: an order in the book traded.
    Execute(Resting),
    /// 5 and 6: a trade with a hidden order, or of an auction. The book does not change.
    Unseen,
    /// 7: trading is halted, or resumes. The book does not change.
    Halt,
}

/// One row of the message file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Message {
    pub(crate) line: u64,
    /// Nanoseconds of the day.
    pub(crate) time_ns: u64,
    pub(crate) kind: Kind,
}

/// One side of the book: prices and sizes, best first, at most [`LEVELS`].
pub(crate) type Levels = Vec<(Price, Qty)>;

/// One row of the book file: what is seen after the message of the same row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct BookRow {
    pub(crate) bids: Levels,
    pub(crate) asks: Levels,
}

impl BookRow {
    /// One side.
    pub(crate) fn side(&self, side: Side) -> &Levels {
        if side == Side::Buy { &self.bids } else { &self.asks }
    }
}

/// The two members of an archive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Members {
    pub(crate) symbol: Symbol,
    /// The day, if the names tell it.
    pub(crate) day: Day,
    pub(crate) messages: String,
    pub(crate) book: String,
}

/// Opens the archive.
pub(crate) fn archive(path: &Path) -> Result<ZipArchive<File>, ImportError> {
    ZipArchive::new(input::open_plain(path)?).map_err(|error| {
        let problem = format!("is not a whole zip archive ({error})");
        input::refused_file(path, problem, "copy or download the file again")
    })
}

/// Finds the two members by their names, `SYMBOL_…_message_5.csv` and `SYMBOL_…_orderbook_5.csv`.
pub(crate) fn members(path: &Path, archive: &ZipArchive<File>) -> Result<Members, ImportError> {
    let find = |ending: &str| {
        let mut names = archive.file_names().flatten().filter(|name| name.ends_with(ending));
        let refused = |count: &str| {
            let problem = format!("has {count} member whose name ends with {ending}");
            input::refused_file(path, problem, "give the archive of one stock and day, of level 5, as LOBSTER packs it")
        };
        match (names.next(), names.next()) {
            (Some(name), None) => Ok(name.into_owned()),
            (None, _) => Err(refused("no")),
            (Some(_), Some(_)) => Err(refused("more than one")),
        }
    };
    let (messages, book) = (find("_message_5.csv")?, find("_orderbook_5.csv")?);
    let mut parts = messages.rsplit('/').next().unwrap_or_default().split('_');
    let (start, day) = (parts.next().unwrap_or_default(), parts.next().and_then(Day::parse).unwrap_or_default());
    let symbol = Symbol::new(start).ok_or_else(|| {
        let problem = format!("the name of member {messages} does not begin with a symbol");
        input::refused_file(path, problem, "keep the names that LOBSTER gives its files")
    })?;
    Ok(Members { symbol, day, messages, book })
}

/// Opens a member for reading.
pub(crate) fn member<'a>(
    path: &Path,
    archive: &'a mut ZipArchive<File>,
    name: &str,
) -> Result<impl Read + use<'a>, ImportError> {
    archive.by_name(name).map_err(|error| {
        let problem = format!("member {name} cannot be opened ({error})");
        input::refused_file(path, problem, "copy or download the file again")
    })
}

/// Reads a row of the message file.
pub(crate) fn message(row: &Row<'_>) -> Result<Message, ImportError> {
    let time_ns = row.seconds_of_day(0)?;
    let kind = match row.text(1)? {
        "1" => Kind::Add(resting(row)?),
        "2" => Kind::Reduce(resting(row)?),
        "3" => Kind::Delete(resting(row)?),
        "4" => Kind::Execute(resting(row)?),
        "5" | "6" => Kind::Unseen,
        "7" => Kind::Halt,
        text => return Err(row.bad(1, text, "not a type of 1 to 7")),
    };
    Ok(Message { line: row.line, time_ns, kind })
}

fn resting(row: &Row<'_>) -> Result<Resting, ImportError> {
    let side = row.side(5, "1", "-1")?;
    Ok(Resting { id: row.number(2)?, size: row.qty(3)?, price: row.price(4, 0)?, side })
}

/// Reads a row of the book file. Refused are levels that do not get worse, and a crossed book.
pub(crate) fn book_row(row: &Row<'_>) -> Result<BookRow, ImportError> {
    let levels = BookRow { asks: levels(row, 0, Side::Sell)?, bids: levels(row, 2, Side::Buy)? };
    match (levels.bids.first(), levels.asks.first()) {
        (Some(bid), Some(ask)) if bid.0 >= ask.0 => {
            Err(row.refused(Some(2), "the best bid crosses the best ask".into()))
        }
        _ => Ok(levels),
    }
}

fn levels(row: &Row<'_>, first: usize, side: Side) -> Result<Levels, ImportError> {
    let mut levels = Levels::with_capacity(LEVELS);
    for column in (0..LEVELS).map(|level| first + 4 * level) {
        let price: i64 = row.number(column)?;
        let size: u64 = row.number(column + 1)?;
        if size == 0 && price.abs() == NO_LEVEL {
            break;
        }
        if !(1..=QTY_MAX).contains(&size) {
            return Err(row.bad(column + 1, row.text(column + 1)?, "not a quantity of 1 to 10^10"));
        }
        let price = u64::try_from(price).ok().filter(|price| (1..=PRICE_MAX).contains(price));
        let price = Price(price.ok_or_else(|| row.bad(column, row.text(column).unwrap_or_default(), "not a price"))?);
        let worse = levels.last().is_none_or(|(before, _)| match side {
            Side::Buy => price < *before,
            Side::Sell => price > *before,
        });
        if !worse {
            return Err(row.bad(column, row.text(column)?, "not worse than the level before"));
        }
        levels.push((price, Qty(size)));
    }
    Ok(levels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::input::Rows;

    fn read<T>(
        columns: &'static [&'static str],
        text: &str,
        parse: fn(&Row<'_>) -> Result<T, ImportError>,
    ) -> Result<T, ImportError> {
        let mut rows = Rows::new("f".to_owned(), columns, text.as_bytes());
        parse(&rows.next()?.expect("the test gives one row"))
    }

    #[test]
    fn a_message_is_read_whole() {
        let text = "34200.18960767,1,11885113,21,2238100,1\n";
        let resting = Resting { id: 11_885_113, side: Side::Buy, price: Price(2_238_100), size: Qty(21) };
        let expected = Message { line: 1, time_ns: 34_200_189_607_670, kind: Kind::Add(resting) };
        assert_eq!(read(MESSAGE_COLUMNS, text, message).unwrap(), expected);
        let halt = read(MESSAGE_COLUMNS, "34200.1,7,0,0,-1,-1\n", message).unwrap();
        assert_eq!(halt.kind, Kind::Halt);
    }

    #[test]
    fn a_side_with_fewer_levels_ends_where_the_file_says_so() {
        let empty = ",9999999999,0,-9999999999,0".repeat(4);
        let row = read(BOOK_COLUMNS, &format!("1010,5,1000,7{empty}\n"), book_row).unwrap();
        assert_eq!(row, BookRow { asks: vec![(Price(1_010), Qty(5))], bids: vec![(Price(1_000), Qty(7))] });
    }

    #[test]
    fn each_bad_field_is_named() {
        for (field, text) in [
            ("time", "x,1,1,1,1,1\n"),
            ("time", "86400.0,1,1,1,1,1\n"),
            ("type", "1.0,8,1,1,1,1\n"),
            ("order_id", "1.0,1,x,1,1,1\n"),
            ("size", "1.0,1,1,0,1,1\n"),
            ("price", "1.0,1,1,1,0,1\n"),
            ("direction", "1.0,1,1,1,1,0\n"),
        ] {
            let error = read(MESSAGE_COLUMNS, text, message).unwrap_err().to_string();
            assert!(error.starts_with(&format!("f, line 1, field {field}: ")), "{error}");
        }
        let empty = ",9999999999,0,-9999999999,0".repeat(3);
        for (field, text) in [
            ("ask_price_2", "1010,5,1000,7,1010,5,999,1"),
            ("bid_price_2", "1010,5,1000,7,1011,5,1000,1"),
            ("bid_price_1", "1000,5,1000,7,1011,5,999,1"),
            ("ask_size_1", "1000,0,1000,7,1011,5,999,1"),
        ] {
            let error = read(BOOK_COLUMNS, &format!("{text}{empty}\n"), book_row).unwrap_err().to_string();
            assert!(error.starts_with(&format!("f, line 1, field {field}: ")), "{error}");
        }
    }
}
