//! Messages of the market data feed in their binary encoding: one a WebSocket message. Everything is little-endian, packed
//! without padding, in the order in which it stands here; prices are in ticks, quantities in lots, amounts in the smallest
//! unit of their asset. A price or a time of 0 is none.
//!
//! A message is a [`Header`] and a body, whose type the header names. A reader takes what it knows of the body and skips the
//! rest.

use crate::field::{Field, Name, Text};
use crate::terms::Terms;

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
    /// An account's orders.
    pub const ORDERS: u8 = 8;
    /// Its balances.
    pub const BALANCES: u8 = 9;
    /// Its positions.
    pub const POSITIONS: u8 = 10;
}

/// What happened to an order.
pub mod event {
    /// It was accepted.
    pub const ACCEPTED: u8 = 1;
    /// Something was refused.
    pub const REJECTED: u8 = 2;
    /// It comes, out of a list or for its auction.
    pub const RELEASED: u8 = 3;
    /// Its trigger fired.
    pub const TRIGGERED: u8 = 4;
    /// It rests.
    pub const RESTED: u8 = 5;
    /// It traded.
    pub const TRADE: u8 = 6;
    /// It would have traded with its own side.
    pub const SELF_TRADE_PREVENTED: u8 = 7;
    /// It ended before it was filled whole, or its budget is spent.
    pub const CANCELLED: u8 = 8;
    /// It has other terms.
    pub const AMENDED: u8 = 9;
}

/// Where an order stands; as in [`crate::values::status`], and two more.
pub mod status {
    /// All of it traded.
    pub const FILLED: u8 = 5;
    /// Ended before that.
    pub const CANCELLED: u8 = 6;
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

            /// Shows its fields by name.
            pub fn show(&self, out: &mut dyn FnMut(&'static str, String)) {
                $( self.$field.show(stringify!($field), out); )*
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

record! {
    /// Something that happened to an order, or all that are open; `count` times [`Order`] follow.
    Orders {
        /// The command that it is of; in a snapshot the last one that is in it.
        seq: u64,
        /// Number of the account's message, as binary order entry tells it.
        sequence: u64,
        /// What happened: 1 accepted, 2 rejected, 3 released, 4 triggered, 5 rested, 6 trade, 7 self_trade_prevented, 8 cancelled, 9 amended; 0 in a snapshot.
        event: u8,
        /// Of a trade: 1 maker, 2 taker, 3 auction; 0 otherwise.
        liquidity: u8,
        /// Of a refusal: its code, as in binary order entry; 0 otherwise.
        code: u16,
        /// Of a trade: its number; 0 otherwise.
        trade_id: u64,
        /// Of a trade or a prevented one: at which price.
        price: u64,
        /// Of a trade or a prevented one: how much.
        qty: u64,
        /// Of a trade: what it cost, signed, in the order's `fee_asset`; negative is a rebate.
        fee: i128,
        /// Of a prevented trade: the other order.
        other_order_id: u64,
        /// Of a refusal: the name of the refused order; zeros if it has none.
        client_order_id: Text<36>,
        /// How many follow: in an update one, or none if a refusal names no order.
        count: u32,
    }
}

record! {
    /// An order as it is then.
    Order {
        /// Its number.
        order_id: u64,
        /// The list that it came in; 0: none.
        list_id: u64,
        /// The client's name for it.
        client_order_id: Text<36>,
        /// Its terms: the fields `price` to `flags` of `PlaceOrder` of binary order entry.
        terms: Terms,
        /// Of a pegged order: the limit beyond which it does not follow.
        peg_limit: u64,
        /// What can still trade.
        leaves_qty: u64,
        /// What has traded.
        filled_qty: u64,
        /// Its value, signed, in quote.
        filled_quote: i128,
        /// What it lost where it would have traded with its own side.
        prevented_qty: u64,
        /// Fees so far, signed, in `fee_asset`.
        fee: i128,
        /// Number of the asset of its fees.
        fee_asset: u16,
        /// The reference price that fired its trigger.
        triggered_price: u64,
        /// When it was accepted, in nanoseconds since 1970.
        created_ns: u64,
        /// When it last changed.
        updated_ns: u64,
        /// The command that last changed it.
        seq: u64,
        /// Why it was cancelled: a cause of binary order entry; 0: it was not.
        cause: u16,
        /// 1 pending, 2 waiting, 3 new, 4 partially filled, 5 filled, 6 cancelled.
        status: u8,
    }
}

record! {
    /// Balances that changed, or all; `count` times [`AssetBalance`] follow.
    Balances {
        /// The last command that is in it.
        seq: u64,
        /// How many follow.
        count: u32,
    }
}

record! {
    /// What there is of one asset.
    AssetBalance {
        /// The asset's symbol.
        asset: Name,
        /// Its number.
        asset_id: u16,
        /// Decimals of its smallest unit.
        decimals: u8,
        /// What can be spent, signed.
        free: i128,
        /// What open orders hold, signed.
        held: i128,
    }
}

record! {
    /// Positions that changed, or all; `count` times [`Position`] follow.
    Positions {
        /// The last command that is in it.
        seq: u64,
        /// How many follow.
        count: u32,
    }
}

record! {
    /// What was bought in one market, and what came of it. The average price paid is `cost / basis`.
    Position {
        /// The market's number.
        instrument: u16,
        /// Bought and still held, signed, in base.
        qty: i128,
        /// What was paid for `basis`, signed, in quote.
        cost: i128,
        /// What was held after the last buy, signed, in base.
        basis: i128,
        /// Profit of what was sold, signed, in quote.
        realized: i128,
        /// Fees paid in quote, signed, less rebates.
        fees_quote: i128,
        /// The last trade's price.
        mark_price: u64,
        /// Profit if it were sold at that, signed, in quote; 0 where there is no such price.
        unrealized: i128,
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
            Orders::SIZE,
            Order::SIZE,
            Balances::SIZE,
            AssetBalance::SIZE,
            Positions::SIZE,
            Position::SIZE,
        ];
        assert_eq!(sizes, [32, 12, 33, 48, 36, 16, 40, 16, 25, 88, 12, 49, 36, 108, 235, 12, 55, 12, 106]);
    }
}
