//! One message of each type, with values that tell its fields apart.

use papertape_wire::feed::*;
use papertape_wire::{Terms, Text, values};

/// A message, and what it says: the name of each record, and its fields.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) meaning: Vec<(&'static str, Vec<(&'static str, String)>)>,
    /// Whether each record is what its bytes give.
    pub(crate) is_read: bool,
}

/// Puts a record after the others.
macro_rules! put {
    ($sample:ident, $record:ident, $value:expr) => {{
        let (record, begun): ($record, _) = ($value, $sample.bytes.len());
        record.put(&mut $sample.bytes);
        $sample.is_read &= $record::take(&mut &$sample.bytes[begun..]) == Some(record);
        let mut fields = Vec::new();
        record.show(&mut |name, value| fields.push((name, value)));
        $sample.meaning.push((stringify!($record), fields));
    }};
}

/// A header, and records one after the other.
macro_rules! message {
    ($name:literal, $head:expr, $( $record:ident $fields:tt ),* $(,)?) => {{
        let mut sample = Sample { name: $name, bytes: Vec::new(), meaning: Vec::new(), is_read: true };
        put!(sample, Header, $head);
        $( put!(sample, $record, $record $fields); )*
        sample
    }};
}

const EPOCH: u64 = 1_790_000_000_000_000;
const TIME: u64 = 1_790_000_000_000_000_000;

/// More than a hundred bits, either sign.
const LARGE: i128 = 100_000_000_000_000_000_000_000_000_000_001;

fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

fn head(kind: u8, n: u64) -> Header {
    Header { kind, version: VERSION, instrument: 3, epoch: EPOCH, n, ..Header::default() }
}

/// Of an account, not of a market.
fn own(kind: u8, n: u64) -> Header {
    Header { instrument: 0, ..head(kind, n) }
}

fn terms() -> Terms {
    let (side, order_type, time_in_force) = (values::side::SELL, values::order_type::LIMIT, values::time_in_force::GTC);
    Terms { price: 6_000_000, qty: 1_000, instrument: 3, side, order_type, time_in_force, ..Terms::default() }
}

pub(crate) fn market() -> Vec<Sample> {
    vec![
        message!(
            "trades",
            Header { conflated: 2, ..head(kind::TRADES, 41) },
            Trades { count: 2, skipped: 5 },
            Trade { id: 7, price: 101, qty: 11, time_ns: TIME + 1, taker_side: values::side::BUY },
            Trade { id: 8, price: 102, qty: 12, time_ns: TIME + 2, taker_side: 0 },
        ),
        message!(
            "l1_without_asks",
            head(kind::L1, 42),
            L1 { update_id: 9, time_ns: TIME, bid_price: 100, bid_qty: 20, ask_price: 0, ask_qty: 0 },
        ),
        message!(
            "book",
            head(kind::BOOK, 43),
            Book { first_update_id: 10, last_update_id: 12, time_ns: TIME, checksum: 0xdead_beef, bids: 1, asks: 2 },
            Level { price: 100, qty: 21 },
            Level { price: 101, qty: 0 },
            Level { price: 102, qty: 23 },
        ),
        message!(
            "l3_snapshot",
            Header { snapshot: 1, ..head(kind::L3, 44) },
            L3 { first_update_id: 12, last_update_id: 12, time_ns: 0, checksum: 77, removed: 0, changed: 1, added: 1 },
            ChangedOrder { order_id: 501, qty: 5 },
            AddedOrder { order_id: 502, price: 100, qty: 6, side: values::side::BUY },
        ),
        message!(
            "ticker",
            head(kind::TICKER, 45),
            Ticker {
                time_ns: TIME,
                price: 100,
                open_24h: 90,
                high_24h: 110,
                low_24h: 80,
                volume_24h: 5_000,
                mark_price: 99,
                bid_price: 98,
                ask_price: 101,
                indicative_price: 97,
                indicative_qty: 50,
            }
        ),
        message!(
            "candles",
            Header { interval: 4, ..head(kind::CANDLES, 46) },
            Candles { count: 1, last_trade_id: 8 },
            Bar { start_s: 1_790_000_040, open: 1, high: 4, low: 2, close: 3, volume: 55, closed: 1 },
        ),
        message!(
            "status",
            head(kind::STATUS, 47),
            Status {
                phase: 2,
                auction: 4,
                stopped: 1,
                imbalance_side: values::side::SELL,
                phase_ends_ns: TIME,
                indicative_price: 100,
                indicative_qty: 30,
                imbalance_qty: 3,
            }
        ),
    ]
}

pub(crate) fn private() -> Vec<Sample> {
    vec![
        message!(
            "orders_trade",
            own(kind::ORDERS, 48),
            Orders {
                seq: 900,
                sequence: 33,
                event: event::TRADE,
                liquidity: 2,
                code: 0,
                trade_id: 8,
                price: 6_000_000,
                qty: 400,
                fee: -LARGE,
                other_order_id: 0,
                client_order_id: Text::NONE,
                count: 1,
            },
            Order {
                order_id: 502,
                list_id: 60,
                client_order_id: text("my-order-1"),
                terms: terms(),
                peg_limit: 0,
                leaves_qty: 600,
                filled_qty: 400,
                filled_quote: LARGE,
                prevented_qty: 1,
                fee: -LARGE,
                fee_asset: 2,
                triggered_price: 5,
                created_ns: TIME,
                updated_ns: TIME + 1,
                seq: 899,
                cause: 0,
                status: 4,
            },
        ),
        message!(
            "orders_rejected",
            own(kind::ORDERS, 49),
            Orders {
                seq: 901,
                event: event::REJECTED,
                code: 20,
                client_order_id: text("my-order-2"),
                sequence: 34,
                liquidity: 0,
                trade_id: 0,
                price: 0,
                qty: 0,
                fee: 0,
                other_order_id: 0,
                count: 0,
            }
        ),
        message!(
            "balances",
            Header { snapshot: 1, ..own(kind::BALANCES, 50) },
            Balances { seq: 902, count: 1 },
            AssetBalance { asset: text("USD"), asset_id: 1, decimals: 2, free: LARGE, held: -3 },
        ),
        message!(
            "positions",
            own(kind::POSITIONS, 51),
            Positions { seq: 903, count: 1 },
            Position {
                instrument: 3,
                qty: 5,
                cost: -6,
                basis: 7,
                realized: -8,
                fees_quote: 9,
                mark_price: 100,
                unrealized: -LARGE,
            },
        ),
    ]
}
