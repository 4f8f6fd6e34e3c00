//! The orders of a list, as clients ask for them.

use crate::field::Field;
use crate::layout::{Column, Cut, Rows};

macro_rules! legs {
    ($( $field:ident : $type:ty, $unit:literal, $null:literal, $meaning:literal; )*) => {
        /// One order of a list: what a single order has, but for what the list says of all of them.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub struct Leg { $( #[doc = $meaning] pub $field: $type, )* }

        /// The order of a list in this place, counted from 1.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub struct LegAt<const PLACE: usize>(pub Leg);

        impl<const PLACE: usize> LegAt<PLACE> {
            /// Its fields, named by the place.
            fn rows(out: &mut Rows) {
                $(
                    let name = match PLACE {
                        1 => concat!(stringify!($field), "_1"),
                        2 => concat!(stringify!($field), "_2"),
                        _ => concat!(stringify!($field), "_3"),
                    };
                    out.add::<$type>(name, stringify!($type), [$unit, $null, $meaning]);
                )*
            }
        }

        impl<const PLACE: usize> Field for LegAt<PLACE> {
            const SIZE: usize = 0 $( + <$type as Field>::SIZE )*;

            fn put(&self, out: &mut Vec<u8>) {
                $( self.0.$field.put(out); )*
            }

            fn get(bytes: &[u8]) -> Option<Self> {
                let mut cut = Cut(bytes);
                Some(Self(Leg { $( $field: cut.take::<$type>()?, )* }))
            }

            fn columns(column: Column, out: &mut Vec<Column>) {
                let mut rows = Rows { offset: column.offset, rows: Vec::new() };
                Self::rows(&mut rows);
                out.append(&mut rows.rows);
            }

            fn show(&self, _: &'static str, out: &mut dyn FnMut(&'static str, String)) {
                let mut columns = Rows { offset: 0, rows: Vec::new() };
                Self::rows(&mut columns);
                let values = [ $( self.0.$field.to_string(), )* ];
                columns.rows.iter().zip(values).for_each(|(column, value)| out(column.name, value));
            }
        }
    };
}

legs! {
    price: u64, "ticks", "0", "Limit price; limit orders only.";
    qty: u64, "lots", "0", "Quantity; all but market orders by amount.";
    budget: i128, "quote units", "0", "What to spend or receive at most; market orders by amount only.";
    trigger_price: u64, "ticks", "0", "The price that a trigger waits for.";
    expires_ns: u64, "ns since 1970", "0", "When a gtd order ends.";
    trail: u32, "as trail_kind says", "0", "How far the reference must turn.";
    side: u8, "", "0", "1 buy, 2 sell; 0: the list has no such order.";
    order_type: u8, "", "0", "1 limit, 2 market, 3 market by amount, 4 market-to-limit.";
    time_in_force: u8, "", "0", "1 gtc, 2 ioc, 3 fok, 4 day, 5 gtd; 0: ioc for market orders, gtc for the others.";
    trigger_kind: u8, "", "0", "1 stop, 2 take_profit.";
    trail_kind: u8, "", "0", "1 ticks, 2 basis points.";
    flags: u8, "", "0", "Bits: 1 post_only. Others are refused.";
}
