//! Binary messages of the feed, read as a client reads them.

use papertape_wire::feed::{
    AddedOrder, AssetBalance, Balances, Bar, Book, Candles, ChangedOrder, Header, L1, L3, Level, Order, Orders,
    Position, Positions, Status, Ticker, Trade, Trades, VERSION, kind,
};

use crate::inputs;
use crate::mutator::Mutator;

/// Takes as many as a message says there are: each takes bytes, so that a count cannot keep anybody busy.
fn all<T>(bytes: &mut &[u8], count: u32, take: fn(&mut &[u8]) -> Option<T>) -> Option<usize> {
    let mut read = 0;
    for _ in 0..count {
        let before = bytes.len();
        take(bytes)?;
        assert!(bytes.len() < before);
        read += 1;
    }
    Some(read)
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u64::from_le_bytes(*number))
}

/// A whole message: how many records it has.
fn read(mut bytes: &[u8]) -> Option<usize> {
    let bytes = &mut bytes;
    let header = Header::take(bytes)?;
    match header.kind {
        kind::TRADES => {
            let head = Trades::take(bytes)?;
            all(bytes, head.count, Trade::take)
        }
        kind::L1 => L1::take(bytes).map(|_| 1),
        kind::BOOK => {
            let head = Book::take(bytes)?;
            Some(all(bytes, head.bids, Level::take)? + all(bytes, head.asks, Level::take)?)
        }
        kind::L3 => {
            let head = L3::take(bytes)?;
            let gone = all(bytes, head.removed, number)? + all(bytes, head.changed, ChangedOrder::take)?;
            Some(gone + all(bytes, head.added, AddedOrder::take)?)
        }
        kind::TICKER => Ticker::take(bytes).map(|_| 1),
        kind::CANDLES => {
            let head = Candles::take(bytes)?;
            all(bytes, head.count, Bar::take)
        }
        kind::STATUS => Status::take(bytes).map(|_| 1),
        kind::ORDERS => {
            let head = Orders::take(bytes)?;
            all(bytes, head.count, Order::take)
        }
        kind::BALANCES => {
            let head = Balances::take(bytes)?;
            all(bytes, head.count, AssetBalance::take)
        }
        kind::POSITIONS => {
            let head = Positions::take(bytes)?;
            all(bytes, head.count, Position::take)
        }
        _ => None,
    }
}

fn message(kind: u8, body: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    Header { kind, version: VERSION, n: 7, epoch: 1_790_000_000_000_000, ..Header::default() }.put(&mut out);
    body(&mut out);
    out
}

fn samples() -> Vec<Vec<u8>> {
    let (level, bar) = (Level { price: 5, qty: 6 }, Bar { start_s: 60, open: 1, ..Bar::default() });
    vec![
        message(kind::TRADES, |out| {
            Trades { count: 2, skipped: 0 }.put(out);
            (1..3).for_each(|id| Trade { id, price: 5, qty: 6, time_ns: 7, taker_side: 1 }.put(out));
        }),
        message(kind::L1, |out| L1 { update_id: 4, bid_price: 5, ..L1::default() }.put(out)),
        message(kind::BOOK, |out| {
            Book { first_update_id: 3, last_update_id: 4, bids: 2, asks: 1, ..Book::default() }.put(out);
            (0..3).for_each(|_| level.put(out));
        }),
        message(kind::L3, |out| {
            L3 { first_update_id: 3, last_update_id: 4, removed: 1, changed: 1, added: 1, ..L3::default() }.put(out);
            out.extend_from_slice(&9_u64.to_le_bytes());
            ChangedOrder { order_id: 8, qty: 2 }.put(out);
            AddedOrder { order_id: 10, price: 5, qty: 1, side: 1 }.put(out);
        }),
        message(kind::TICKER, |out| Ticker { price: 5, ..Ticker::default() }.put(out)),
        message(kind::CANDLES, |out| {
            Candles { count: 2, last_trade_id: 9 }.put(out);
            (0..2).for_each(|_| bar.put(out));
        }),
        message(kind::STATUS, |out| Status { phase: 1, ..Status::default() }.put(out)),
        message(kind::ORDERS, |out| {
            Orders { seq: 9, sequence: 3, event: 1, count: 1, ..Orders::default() }.put(out);
            Order { order_id: 12, leaves_qty: 5, status: 3, ..Order::default() }.put(out);
        }),
        message(kind::BALANCES, |out| {
            Balances { seq: 9, count: 2 }.put(out);
            (0..2).for_each(|asset_id| AssetBalance { asset_id, free: -1, ..AssetBalance::default() }.put(out));
        }),
        message(kind::POSITIONS, |out| {
            Positions { seq: 9, count: 1 }.put(out);
            Position { qty: 7, cost: 8, basis: 9, ..Position::default() }.put(out);
        }),
    ]
}

#[test]
fn binary_messages_of_the_feed() {
    let mut mutator = Mutator::new(samples(), &[]);
    assert!(samples().iter().all(|sample| read(sample).is_some()));
    let read = (0..inputs()).filter(|_| read(&mutator.input()).is_some()).count() as u64;
    assert!(read > inputs() / 10 && read < inputs(), "{read} of {} were read", inputs());
}
