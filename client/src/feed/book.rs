//! A book as a client keeps it: levels, whose changes follow each other without a gap, and whose best ones are proven.

use std::collections::BTreeMap;
use std::fmt;

use super::message::{BookBody, Pair};

/// Levels of a side that the venue's checksum covers.
const CHECKED: usize = 10;

/// Digits after the point that a price may have.
const DECIMALS: u32 = 18;

/// One level of a side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Level {
    /// The price, as the venue wrote it.
    pub price: String,
    /// The quantity.
    pub qty: String,
}

/// A book by levels.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// By their prices in units of 10^-18.
    bids: BTreeMap<u128, Level>,
    asks: BTreeMap<u128, Level>,
    update_id: Option<u64>,
}

/// A book that is not the venue's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BookError {
    /// A change is missing.
    Gap {
        /// The last one that came.
        after: Option<u64>,
        /// The first one of the message.
        came: u64,
    },
    /// The best levels are not those of the venue.
    Checksum {
        /// What the venue says.
        theirs: u32,
        /// What ours comes to.
        ours: u32,
        /// The last change that is in it.
        update_id: u64,
    },
    /// A price that is no decimal.
    Price(String),
    /// A message that says nothing of a book.
    Empty,
}

impl fmt::Display for BookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BookError::Gap { after, came } => write!(f, "change {came} came after {after:?}"),
            BookError::Checksum { theirs, ours, update_id } => {
                write!(f, "after change {update_id} the book's checksum is {ours}, and the venue's {theirs}")
            }
            BookError::Price(price) => write!(f, "{price} is no price"),
            BookError::Empty => f.write_str("a message without a book"),
        }
    }
}

impl std::error::Error for BookError {}

impl Book {
    /// The last change that is in it; none before the first snapshot.
    pub fn update_id(&self) -> Option<u64> {
        self.update_id
    }

    /// Bids from the best one down.
    pub fn bids(&self) -> impl Iterator<Item = &Level> {
        self.bids.values().rev()
    }

    /// Asks from the best one up.
    pub fn asks(&self) -> impl Iterator<Item = &Level> {
        self.asks.values()
    }

    /// CRC-32 (IEEE 802.3) over the ten best levels of each side: `price:qty` of the bids with commas between, `|`, and the
    /// same of the asks.
    pub fn checksum(&self) -> u32 {
        let mut crc = crc32fast::Hasher::new();
        add(&mut crc, self.bids());
        crc.update(b"|");
        add(&mut crc, self.asks());
        crc.finalize()
    }

    /// Reads a message of the channel `book`, whole, as text.
    pub fn read(&mut self, message: &str) -> Result<(), BookError> {
        self.take(serde_json::from_str(message).map_err(|_| BookError::Empty)?)
    }

    pub(super) fn take(&mut self, body: BookBody) -> Result<(), BookError> {
        let last = match (body.update_id, body.first_update_id, body.last_update_id) {
            (Some(update_id), _, _) => {
                self.bids.clear();
                self.asks.clear();
                update_id
            }
            (None, Some(first), Some(last)) => {
                if self.update_id.is_none_or(|known| first != known + 1) {
                    return Err(BookError::Gap { after: self.update_id, came: first });
                }
                last
            }
            _ => return Err(BookError::Empty),
        };
        change(&mut self.bids, body.bids)?;
        change(&mut self.asks, body.asks)?;
        self.update_id = Some(last);
        match body.checksum {
            Some(theirs) if theirs != self.checksum() => {
                Err(BookError::Checksum { theirs, ours: self.checksum(), update_id: last })
            }
            _ => Ok(()),
        }
    }
}

fn change(side: &mut BTreeMap<u128, Level>, levels: Vec<Pair>) -> Result<(), BookError> {
    for (price, qty) in levels {
        let at = scaled(&price).ok_or_else(|| BookError::Price(price.clone()))?;
        // "0" and "0.000" alike take a level away.
        if qty.bytes().all(|digit| matches!(digit, b'0' | b'.')) {
            side.remove(&at);
        } else {
            side.insert(at, Level { price, qty });
        }
    }
    Ok(())
}

fn add<'a>(crc: &mut crc32fast::Hasher, levels: impl Iterator<Item = &'a Level>) {
    for (index, level) in levels.take(CHECKED).enumerate() {
        if index > 0 {
            crc.update(b",");
        }
        crc.update(level.price.as_bytes());
        crc.update(b":");
        crc.update(level.qty.as_bytes());
    }
}

/// A decimal in units of 10^-18.
fn scaled(decimal: &str) -> Option<u128> {
    let (whole, part) = decimal.split_once('.').unwrap_or((decimal, ""));
    let digits = u32::try_from(part.len()).ok().filter(|digits| *digits <= DECIMALS)?;
    let is_plain = !whole.is_empty() && whole.bytes().chain(part.bytes()).all(|digit| digit.is_ascii_digit());
    let whole: u128 = if is_plain { whole.parse().ok()? } else { return None };
    let part: u128 = if part.is_empty() { 0 } else { part.parse().ok()? };
    let part = part.checked_mul(10_u128.pow(DECIMALS - digits))?;
    whole.checked_mul(10_u128.pow(DECIMALS))?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices<'a>(levels: impl Iterator<Item = &'a Level>) -> Vec<&'a str> {
        levels.map(|level| level.price.as_str()).collect()
    }

    #[test]
    fn changes_follow_a_snapshot_and_levels_go_by_price_and_not_by_text() {
        let mut book = Book::default();
        book.read(r#"{"update_id":7,"bids":[["99.50","1"],["100.00","2"]],"asks":[["101.00","3"]]}"#).unwrap();
        assert_eq!(prices(book.bids()), ["100.00", "99.50"]);
        book.read(r#"{"first_update_id":8,"last_update_id":9,"bids":[["100.00","0"]],"asks":[["101.00","0.000"]]}"#)
            .unwrap();
        assert_eq!((prices(book.bids()), book.asks().count(), book.update_id()), (vec!["99.50"], 0, Some(9)));
        let late = book.read(r#"{"first_update_id":11,"last_update_id":11,"bids":[],"asks":[]}"#);
        assert_eq!(late, Err(BookError::Gap { after: Some(9), came: 11 }));
    }

    #[test]
    fn a_book_is_proven_by_the_venues_checksum() {
        let mut book = Book::default();
        // python3 -c 'import zlib; print(zlib.crc32(b"100.00:2,99.50:1|101.00:3"))'
        let snapshot = |checksum: u32| {
            format!(
                r#"{{"update_id":7,"checksum":{checksum},"bids":[["99.50","1"],["100.00","2"]],"asks":[["101.00","3"]]}}"#
            )
        };
        book.read(&snapshot(CRC)).unwrap();
        let wrong = book.read(&snapshot(1));
        assert_eq!(wrong, Err(BookError::Checksum { theirs: 1, ours: CRC, update_id: 7 }));
    }

    const CRC: u32 = 495_599_277;

    #[test]
    fn what_is_no_decimal_is_no_price() {
        for text in ["", "-1", "1.", ".5", "1e3", "1.0000000000000000001"] {
            assert_eq!(scaled(text), if text == "1." { Some(10_u128.pow(18)) } else { None }, "{text}");
        }
        assert_eq!(scaled("0.5"), Some(5 * 10_u128.pow(17)));
    }
}
