//! The messages of channels in the fixed layout of `papertape-wire`.

mod private;

use papertape_engine::{Indicated, InstrumentId, Phase, Price, Purpose, Qty, Side};
use papertape_platform::{BookOrder, Interval, TapeRow, Ticker, Views};
use papertape_wire::feed::{self, Header, kind};
use papertape_wire::values;

use super::by_order::OrdersDelta;
use super::checksum::{self, Checksums};
use super::json::Position;
use super::update::{Bar, Body, BookDelta, L1, StatusView, Update};
use super::{BOOK_LEVELS, BOOK_ORDERS, TAPE_ROWS, Topic, bars};
use crate::translate::{Markets, time};

/// The type of a topic's messages; none, if it has no binary ones.
pub(super) const fn kind_of(topic: Topic) -> Option<u8> {
    match topic {
        Topic::Trades(_) => Some(kind::TRADES),
        Topic::L1(_) => Some(kind::L1),
        Topic::Book(_) => Some(kind::BOOK),
        Topic::L3(_) => Some(kind::L3),
        Topic::Ticker(_) => Some(kind::TICKER),
        Topic::Candles(..) => Some(kind::CANDLES),
        Topic::Status(_) => Some(kind::STATUS),
        Topic::Orders(_) => Some(kind::ORDERS),
        Topic::Balances(_) => Some(kind::BALANCES),
        Topic::Positions(_) => Some(kind::POSITIONS),
        _ => None,
    }
}

/// What a new listener gets first.
pub(super) fn snapshot(views: &Views, topic: Topic, at: Position) -> Option<Vec<u8>> {
    let mut out = begin(topic, at, 0, true)?;
    if topic.account().is_some() {
        return private::snapshot(views, topic, at, &mut out).then_some(out);
    }
    let (id, now) = (topic.instrument()?, time::now_ns());
    match topic {
        Topic::Trades(_) => {
            let mut rows = views.trades(id, TAPE_ROWS);
            rows.reverse();
            put_trades(&mut out, &rows, 0);
        }
        Topic::L1(_) => {
            let (update_id, best) = views.best(id)?;
            put_l1(&mut out, &L1 { update_id, time_ns: 0, best });
        }
        Topic::Book(_) => {
            let depth = views.depth(id, BOOK_LEVELS);
            let delta = unchanged(views, id, depth.update_id)?;
            put_book(&mut out, &delta, &depth.bids, &depth.asks);
        }
        Topic::L3(_) => {
            let orders = views.book_orders(id, BOOK_ORDERS);
            let delta = unchanged(views, id, orders.update_id)?;
            let added = [orders.bids, orders.asks].concat();
            put_l3(&mut out, &delta, &OrdersDelta { added, ..OrdersDelta::default() });
        }
        Topic::Ticker(_) => put_ticker(&mut out, &views.ticker(id, now), now),
        Topic::Candles(_, interval) => {
            let live = views.live_candle(id, interval, now).map(|candle| Bar { candle, closed: false });
            put_bars(&mut out, live.as_slice(), bars::last_trade(views, id));
        }
        Topic::Status(_) => put_status(&mut out, &StatusView::of(views, id)?),
        _ => return None,
    }
    Some(out)
}

/// A book as it is, as a change of nothing.
fn unchanged(views: &Views, id: InstrumentId, update_id: u64) -> Option<BookDelta> {
    let checksums = Checksums::of(views.instrument(id)?, &views.depth(id, checksum::LEVELS));
    Some(BookDelta { first: update_id, last: update_id, time_ns: 0, checksums })
}

/// One message.
pub(super) fn update(markets: &impl Markets, update: &Update) -> Option<Vec<u8>> {
    let mut out =
        begin(update.topic, Position { epoch: update.epoch, n: update.n, sequence: 0 }, update.conflated, false)?;
    match &update.body {
        Body::Trades(rows, skipped) => put_trades(&mut out, rows, *skipped),
        Body::L1(l1) => put_l1(&mut out, l1),
        Body::Book(delta, levels) => {
            let of = |wanted: Side| {
                let side = levels.iter().filter(move |((side, _), _)| *side == wanted);
                side.map(|((_, price), qty)| (*price, *qty)).collect::<Vec<_>>()
            };
            let mut bids = of(Side::Buy);
            bids.reverse();
            put_book(&mut out, delta, &bids, &of(Side::Sell));
        }
        Body::L3(delta, orders) => put_l3(&mut out, delta, orders),
        Body::Ticker(ticker, now) => put_ticker(&mut out, ticker, *now),
        Body::Candles(bars, last_trade) => put_bars(&mut out, bars, *last_trade),
        Body::Status(status) => put_status(&mut out, status),
        _ => return private::update(markets, update, &mut out).then_some(out),
    }
    Some(out)
}

fn begin(topic: Topic, at: Position, conflated: u64, snapshot: bool) -> Option<Vec<u8>> {
    let interval = match topic {
        Topic::Candles(_, interval) => Interval::ALL.iter().position(|other| *other == interval).unwrap_or(0),
        _ => 0,
    };
    let header = Header {
        kind: kind_of(topic)?,
        version: feed::VERSION,
        snapshot: u8::from(snapshot),
        interval: interval as u8,
        instrument: topic.instrument().map_or(0, |id| id.0.into()),
        epoch: at.epoch,
        n: at.n,
        conflated,
    };
    let mut out = Vec::with_capacity(128);
    header.put(&mut out);
    Some(out)
}

fn put_trades(out: &mut Vec<u8>, rows: &[TapeRow], skipped: u64) {
    feed::Trades { count: count(rows), skipped }.put(out);
    for row in rows {
        let taker_side = row.taker_side.map_or(0, side);
        feed::Trade { id: row.id.0, price: row.price.0, qty: row.qty.0, time_ns: row.time_ns, taker_side }.put(out);
    }
}

fn put_l1(out: &mut Vec<u8>, l1: &L1) {
    let [(bid_price, bid_qty), (ask_price, ask_qty)] =
        l1.best.map(|best| best.map_or((0, 0), |(price, qty)| (price.0, qty.0)));
    feed::L1 { update_id: l1.update_id, time_ns: l1.time_ns, bid_price, bid_qty, ask_price, ask_qty }.put(out);
}

fn put_book(out: &mut Vec<u8>, delta: &BookDelta, bids: &[(Price, Qty)], asks: &[(Price, Qty)]) {
    let head = feed::Book {
        first_update_id: delta.first,
        last_update_id: delta.last,
        time_ns: delta.time_ns,
        checksum: delta.checksums.binary,
        bids: count(bids),
        asks: count(asks),
    };
    head.put(out);
    bids.iter().chain(asks).for_each(|(price, qty)| feed::Level { price: price.0, qty: qty.0 }.put(out));
}

fn put_l3(out: &mut Vec<u8>, delta: &BookDelta, orders: &OrdersDelta) {
    let head = feed::L3 {
        first_update_id: delta.first,
        last_update_id: delta.last,
        time_ns: delta.time_ns,
        checksum: delta.checksums.binary,
        removed: count(&orders.removed),
        changed: count(&orders.changed),
        added: count(&orders.added),
    };
    head.put(out);
    orders.removed.iter().for_each(|order| out.extend_from_slice(&order.0.to_le_bytes()));
    for (order, qty) in &orders.changed {
        feed::ChangedOrder { order_id: order.0, qty: qty.0 }.put(out);
    }
    for BookOrder { order, side: of, price, qty } in &orders.added {
        feed::AddedOrder { order_id: order.0, price: price.0, qty: qty.0, side: side(*of) }.put(out);
    }
}

fn put_ticker(out: &mut Vec<u8>, ticker: &Ticker, now: u64) {
    let price = |price: Option<Price>| price.map_or(0, |price| price.0);
    let message = feed::Ticker {
        time_ns: now,
        price: price(ticker.price),
        open_24h: price(ticker.open_24h),
        high_24h: price(ticker.high_24h),
        low_24h: price(ticker.low_24h),
        volume_24h: ticker.volume_24h.0,
        mark_price: price(ticker.mark),
        bid_price: price(ticker.best_bid.map(|(price, _)| price)),
        ask_price: price(ticker.best_ask.map(|(price, _)| price)),
        indicative_price: price(ticker.indicated.map(|indicated| indicated.price)),
        indicative_qty: ticker.indicated.map_or(0, |indicated| indicated.qty.0),
    };
    message.put(out);
}

fn put_bars(out: &mut Vec<u8>, bars: &[Bar], last_trade: u64) {
    feed::Candles { count: count(bars), last_trade_id: last_trade }.put(out);
    for Bar { candle, closed } in bars {
        let bar = feed::Bar {
            start_s: candle.start_s,
            open: candle.open.0,
            high: candle.high.0,
            low: candle.low.0,
            close: candle.close.0,
            volume: candle.volume.0,
            closed: u8::from(*closed),
        };
        bar.put(out);
    }
}

fn put_status(out: &mut Vec<u8>, status: &StatusView) {
    let auction = match status.stage.purpose {
        Purpose::Intraday => 1,
        Purpose::Opening => 2,
        Purpose::Closing => 3,
        Purpose::Volatility => 4,
    };
    let phase = match status.stage.phase {
        Phase::Continuous => 1,
        Phase::Auction => 2,
        Phase::Halted => 3,
        Phase::Closed => 4,
    };
    let (indicative_price, indicative_qty) =
        status.indicated.map_or((0, 0), |Indicated { price, qty, .. }| (price.0, qty.0));
    let surplus = status.indicated.and_then(|indicated| indicated.surplus);
    let message = feed::Status {
        phase,
        auction: if status.stage.phase == Phase::Auction { auction } else { 0 },
        stopped: u8::from(status.is_stopped),
        imbalance_side: surplus.map_or(0, |(of, _)| side(of)),
        phase_ends_ns: status.stage.until_ns.unwrap_or(0),
        indicative_price,
        indicative_qty,
        imbalance_qty: surplus.map_or(0, |(_, qty)| qty.0),
    };
    message.put(out);
}

const fn side(side: Side) -> u8 {
    match side {
        Side::Buy => values::side::BUY,
        Side::Sell => values::side::SELL,
    }
}

fn count<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}
