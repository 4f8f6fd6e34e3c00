//! The terms of an order, as clients ask for them and as the venue tells them.

use crate::field::Field;
use crate::layout::{Column, Cut, Rows};

macro_rules! terms {
    ($( $field:ident : $type:ty, $unit:literal, $null:literal, $meaning:literal; )*) => {
        /// How much, at which price, for how long, and under which conditions. Prices are in ticks and quantities in lots of the
        /// instrument, whose frame says what those are worth.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct Terms { $( #[doc = $meaning] pub $field: $type, )* }

        impl Field for Terms {
            const SIZE: usize = 0 $( + <$type as Field>::SIZE )*;

            fn put(&self, out: &mut Vec<u8>) {
                $( self.$field.put(out); )*
            }

            #[inline]
            fn get(bytes: &[u8]) -> Option<Self> {
                let mut cut = Cut(bytes);
                Some(Self { $( $field: cut.take::<$type>()?, )* })
            }

            fn columns(column: Column, out: &mut Vec<Column>) {
                let mut rows = Rows { offset: column.offset, rows: Vec::new() };
                $( rows.add::<$type>(stringify!($field), stringify!($type), [$unit, $null, $meaning]); )*
                out.append(&mut rows.rows);
            }

            fn show(&self, _: &'static str, out: &mut dyn FnMut(&'static str, String)) {
                $( self.$field.show(stringify!($field), out); )*
            }
        }
    };
}

terms! {
    price: u64, "ticks", "0", "Limit price; limit orders only.";
    qty: u64, "lots", "0", "Quantity; all but market orders by amount.";
    budget: i128, "quote units", "0", "What to spend or receive at most; market orders by amount only.";
    display_qty: u64, "lots", "2^64-1", "An iceberg shows at most so much; 0 is a hidden order.";
    min_qty: u64, "lots", "0", "At least so much trades at entry, or nothing.";
    trigger_price: u64, "ticks", "0", "The price that a trigger waits for.";
    expires_ns: u64, "ns since 1970", "0", "When a gtd order ends.";
    trail: u32, "as trail_kind says", "0", "How far the reference must turn.";
    peg_offset: i32, "ticks", "0", "Added to what a peg follows.";
    instrument: u16, "", "", "The instrument's number.";
    side: u8, "", "", "1 buy, 2 sell.";
    order_type: u8, "", "", "1 limit, 2 market, 3 market by amount, 4 market-to-limit.";
    time_in_force: u8, "", "0", "1 gtc, 2 ioc, 3 fok, 4 day, 5 gtd, 6 at_open, 7 at_close; 0: ioc for market orders, gtc for the others.";
    self_trade: u8, "", "0", "1 none, 2 cancel_taker, 3 cancel_maker, 4 cancel_both, 5 decrement; 0: the market's.";
    trigger_kind: u8, "", "0", "1 stop, 2 take_profit.";
    trail_kind: u8, "", "0", "1 ticks, 2 basis points.";
    peg_to: u8, "", "0", "1 primary, 2 market, 3 mid.";
    flags: u8, "", "0", "Bits: 1 post_only, 2 reduce_only, 4 imbalance_only. Others are refused.";
}

impl Terms {
    /// No display quantity: all of the order shows.
    pub const SHOWS_ALL: u64 = u64::MAX;
}

/// Nothing asked for: not an order yet.
impl Default for Terms {
    fn default() -> Self {
        Self {
            price: 0,
            qty: 0,
            budget: 0,
            display_qty: Self::SHOWS_ALL,
            min_qty: 0,
            trigger_price: 0,
            expires_ns: 0,
            trail: 0,
            peg_offset: 0,
            instrument: 0,
            side: 0,
            order_type: 0,
            time_in_force: 0,
            self_trade: 0,
            trigger_kind: 0,
            trail_kind: 0,
            peg_to: 0,
            flags: 0,
        }
    }
}
