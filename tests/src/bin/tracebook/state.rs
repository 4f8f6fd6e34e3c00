//! What rests, as the judge wants to see it, and the hash of that.

use std::fmt::Write;

use papertape_engine::{Instrument, OpenOrder};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::number::canonical;

/// Every book that was ever spoken of, by symbol. The fields stand in the order of their names here and below, because
/// the hash is over the compact JSON with sorted keys.
#[derive(Debug, Serialize)]
pub(crate) struct State {
    pub(crate) books: Vec<Book>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Book {
    /// In the order in which they would trade.
    pub(crate) asks: Vec<RestingOrder>,
    /// In the order in which they would trade.
    pub(crate) bids: Vec<RestingOrder>,
    pub(crate) symbol: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct RestingOrder {
    order_id: u64,
    order_type: &'static str,
    owner: i64,
    price: String,
    remaining_quantity: String,
}

impl RestingOrder {
    /// An open order under the judge's names.
    pub(crate) fn new(open: &OpenOrder, instrument: &Instrument, order_id: u64, owner: i64) -> Self {
        Self {
            order_id,
            order_type: "LIMIT",
            owner,
            price: canonical(&instrument.format_price(open.price)),
            remaining_quantity: canonical(&instrument.format_qty(open.leaves_qty)),
        }
    }
}

impl State {
    /// How many orders rest.
    pub(crate) fn order_count(&self) -> usize {
        self.books.iter().map(|book| book.bids.len() + book.asks.len()).sum()
    }

    /// SHA-256 of the state's JSON, in hexadecimal.
    pub(crate) fn hash(&self) -> String {
        let json = serde_json::to_vec(self).expect("text and numbers have a JSON form");
        Sha256::digest(json).iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("a string takes everything");
            hex
        })
    }
}
