//! A checksum over the best levels of a book, by which a client proves its own.
//!
//! CRC-32 (IEEE 802.3, as zlib has it) over at most [`LEVELS`] levels a side, best first. There are two, because a client
//! has the numbers either as text or as integers; which bytes they are over is in `docs/protocol-ws.md`.

use papertape_engine::{Instrument, Price, Qty};
use papertape_platform::Depth;

/// Levels of a side that it covers.
pub(crate) const LEVELS: usize = 10;

/// The checksums of one book.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Checksums {
    /// Over the decimals of JSON: `price:qty` of each bid, with commas between, `|`, and the same of the asks.
    pub text: u32,
    /// Over the integers of the binary encoding: of each bid price and quantity, eight bytes each, then of each ask.
    pub binary: u32,
}

impl Checksums {
    /// Of a book that has at least its best levels here.
    pub(super) fn of(instrument: &Instrument, depth: &Depth) -> Self {
        let [bids, asks] = [&depth.bids, &depth.asks].map(|side| &side[..side.len().min(LEVELS)]);
        let (mut text, mut binary) = (crc32fast::Hasher::new(), crc32fast::Hasher::new());
        add_text(&mut text, instrument, bids);
        text.update(b"|");
        add_text(&mut text, instrument, asks);
        for (price, qty) in bids.iter().chain(asks) {
            binary.update(&price.0.to_le_bytes());
            binary.update(&qty.0.to_le_bytes());
        }
        Self { text: text.finalize(), binary: binary.finalize() }
    }
}

fn add_text(crc: &mut crc32fast::Hasher, instrument: &Instrument, levels: &[(Price, Qty)]) {
    for (index, (price, qty)) in levels.iter().enumerate() {
        if index > 0 {
            crc.update(b",");
        }
        crc.update(instrument.format_price(*price).as_bytes());
        crc.update(b":");
        crc.update(instrument.format_qty(*qty).as_bytes());
    }
}
