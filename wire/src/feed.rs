//! Messages of the market data feed in their binary encoding: one a WebSocket message. Everything is little-endian, packed
//! without padding, in the order in which it stands here; prices are in ticks, quantities in lots. A price or a time of 0 is none.
//!
//! A message is a [`Header`] and a body, whose type the header names. A reader takes what it knows of the body and skips the
//! rest.

use crate::field::Field;

/// The version of these layouts.
pub const VERSION: u8 = 1;

/// Types of bodies.
pub mod kind {
    /// Public trades.
    pub const TRADES: u8 = 1;
    /// Best bid and ask.
    pub const L1: u8 = 2;
    /// Levels of a book.
    pub const BOOK: u8 = 3;
    /// Orders of a book.
    pub const L3: u8 = 4;
    /// The last day.
    pub const TICKER: u8 = 5;
    /// Bars.
    pub const CANDLES: u8 = 6;
    /// What a market's rules allow now.
    pub const STATUS: u8 = 7;
}

/// Declares a record of fields, in their order.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $( $(#[doc = $says:literal])* $field:ident : $type:ty, )* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub struct $name { $( $(#[doc = $says])* pub $field: $type, )* }

        impl $name {
            /// Its bytes.
            pub const SIZE: usize = 0 $( + <$type as Field>::SIZE )*;

            /// Its fields: offset, size, name.
            pub fn columns() -> Vec<(usize, usize, &'static str)> {
                let (mut columns, mut offset) = (Vec::new(), 0);
                $(
                    columns.push((offset, <$type as Field>::SIZE, stringify!($field)));
                    offset += <$type as Field>::SIZE;
                )*
                debug_assert_eq!(offset, Self::SIZE);
                columns
            }

            /// Appends it.
            pub fn put(&self, out: &mut Vec<u8>) {
                $( self.$field.put(out); )*
            }

            /// Takes it from the front of `bytes`.
            pub fn take(bytes: &mut &[u8]) -> Option<Self> {
                $(
                    let $field = <$type as Field>::get(bytes)?;
                    *bytes = bytes.get(<$type as Field>::SIZE..)?;
                )*
                Some(Self { $( $field, )* })
            }
        }
    };
}

record! {
    /// What every message begins with.
    Header {
        /// Type of the body, see [`kind`].
        kind: u8,
        /// [`VERSION`].
        version: u8,
        /// 1: a snapshot, which begins anew. 0: an update.
        snapshot: u8,
        /// Number of the bar length in `candles`, counted from 0 for `1s`; 0 elsewhere.
        interval: u8,
        /// The market, as the answer to the subscription names it.
        instrument: u32,
        /// Names the numbering.
        epoch: u64,
        /// Number in the channel.
        n: u64,
        /// Messages before it that were merged into it.
        conflated: u64,
    }
}

record! {
    /// The body of trades; `count` times [`Trade`] follow, oldest first.
    Trades {
        /// How many follow.
        count: u32,
        /// Trades before them that were left out, because the reader was slow.
        skipped: u64,
    }
}

record! {
    /// One trade.
    Trade {
        /// Number in the market.
        id: u64,
        /// Price.
        price: u64,
        /// Quantity.
        qty: u64,
        /// Venue time in nanoseconds since 1970.
        time_ns: u64,
        /// The side that took, as in [`crate::values::side`]; 0 in an auction.
        taker_side: u8,
    }
}

record! {
    /// The best prices. A side without orders has the price and the quantity 0.
    L1 {
        /// Last change of the book that is in it.
        update_id: u64,
        /// Venue time of the last change in nanoseconds since 1970; 0 in a snapshot.
        time_ns: u64,
        /// Best bid.
        bid_price: u64,
        /// Its quantity.
        bid_qty: u64,
        /// Best ask.
        ask_price: u64,
        /// Its quantity.
        ask_qty: u64,
    }
}

record! {
    /// Levels that changed, or all; `bids` and then `asks` times [`Level`] follow, best first.
    Book {
        /// First change that is in it; in a snapshot the same as the last.
        first_update_id: u64,
        /// Last change that is in it.
        last_update_id: u64,
        /// Venue time of the last change in nanoseconds since 1970; 0 in a snapshot.
        time_ns: u64,
        /// CRC-32 over the best ten levels afterwards: of each bid, then of each ask, the sixteen bytes of a [`Level`].
        checksum: u32,
        /// How many bids follow.
        bids: u32,
        /// How many asks follow.
        asks: u32,
    }
}

record! {
    /// One level; quantity 0: it is gone.
    Level {
        /// Price.
        price: u64,
        /// Quantity.
        qty: u64,
    }
}

record! {
    /// Orders that changed, or all: `removed` times an order's number (u64), `changed` times [`ChangedOrder`], `added` times
    /// [`AddedOrder`] follow.
    L3 {
        /// As of [`Book`].
        first_update_id: u64,
        /// As of [`Book`].
        last_update_id: u64,
        /// As of [`Book`].
        time_ns: u64,
        /// As of [`Book`], of the levels that the orders make.
        checksum: u32,
        /// How many numbers of orders that are gone follow.
        removed: u32,
        /// How many orders with another quantity follow.
        changed: u32,
        /// How many orders that came to the ends of their queues follow.
        added: u32,
    }
}

record! {
    /// An order with another quantity, in its place.
    ChangedOrder {
        /// Its number.
        order_id: u64,
        /// What shows of it.
        qty: u64,
    }
}

record! {
    /// An order at the end of the queue of its price.
    AddedOrder {
        /// Its number.
        order_id: u64,
        /// Price.
        price: u64,
        /// What shows of it.
        qty: u64,
        /// As in [`crate::values::side`].
        side: u8,
    }
}

record! {
    /// The last day. Prices that are not known are 0.
    Ticker {
        /// When it was computed, in nanoseconds since 1970.
        time_ns: u64,
        /// Last price.
        price: u64,
        /// Price 24 hours ago.
        open_24h: u64,
        /// Highest price.
        high_24h: u64,
        /// Lowest price.
        low_24h: u64,
        /// Quantity traded.
        volume_24h: u64,
        /// Mark price.
        mark_price: u64,
        /// Best bid.
        bid_price: u64,
        /// Best ask.
        ask_price: u64,
        /// What the auction would trade at; 0 if there is none.
        indicative_price: u64,
        /// How much.
        indicative_qty: u64,
    }
}

record! {
    /// Bars; `count` times [`Bar`] follow, oldest first.
    Candles {
        /// How many follow.
        count: u32,
        /// The last trade that is in them; 0: there was none.
        last_trade_id: u64,
    }
}

record! {
    /// One bar.
    Bar {
        /// First second, since 1970.
        start_s: u64,
        /// First price.
        open: u64,
        /// Highest price.
        high: u64,
        /// Lowest price.
        low: u64,
        /// Last price.
        close: u64,
        /// Quantity traded.
        volume: u64,
        /// 1: its time is over.
        closed: u8,
    }
}

record! {
    /// What a market's rules allow now.
    Status {
        /// 1 continuous, 2 auction, 3 halted, 4 closed.
        phase: u8,
        /// What the auction is for: 1 intraday, 2 opening, 3 closing, 4 volatility; 0: the phase is none.
        auction: u8,
        /// 1: a kill switch stops trading.
        stopped: u8,
        /// The side on which the auction would leave orders over, as in [`crate::values::side`]; 0: none.
        imbalance_side: u8,
        /// When the phase ends by itself, in nanoseconds since 1970; 0: it does not.
        phase_ends_ns: u64,
        /// What the auction would trade at; 0 if there is none.
        indicative_price: u64,
        /// How much.
        indicative_qty: u64,
        /// What it would leave over at the price.
        imbalance_qty: u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_its_fields_without_padding() {
        let level = Level { price: 0x0102_0304, qty: 5 };
        let mut bytes = Vec::new();
        level.put(&mut bytes);
        assert_eq!(bytes, [4, 3, 2, 1, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]);
        let mut rest = &bytes[..];
        assert_eq!((Level::take(&mut rest), rest), (Some(level), &[][..]));
        assert_eq!(Level::take(&mut &bytes[1..]), None);
        assert_eq!(Level::columns(), [(0, 8, "price"), (8, 8, "qty")]);
    }

    #[test]
    fn sizes_stay() {
        let sizes = [
            Header::SIZE,
            Trades::SIZE,
            Trade::SIZE,
            L1::SIZE,
            Book::SIZE,
            Level::SIZE,
            L3::SIZE,
            ChangedOrder::SIZE,
            AddedOrder::SIZE,
            Ticker::SIZE,
            Candles::SIZE,
            Bar::SIZE,
            Status::SIZE,
        ];
        assert_eq!(sizes, [32, 12, 33, 48, 36, 16, 40, 16, 25, 88, 12, 49, 36]);
    }
}
