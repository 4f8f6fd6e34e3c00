//! Binary messages of the feed, read by their layouts and written out as the JSON that says the same.

use papertape_engine::{Amount, Asset, InstrumentId, Position, Price, Qty};
use papertape_platform::{Interval, Views, position_price_text};
use papertape_wire::feed::{
    self, AddedOrder, Bar, Book, Candles, ChangedOrder, Header, L1, L3, Level, Status, Trade, Trades, kind,
};
use serde_json::{Value, json};

use crate::truth::money;

const BUY: u8 = papertape_wire::values::side::BUY;

/// One message.
pub(super) fn decode(mut bytes: &[u8], views: &Views) -> Result<Value, String> {
    let header = Header::take(&mut bytes).ok_or("no header")?;
    if header.version != feed::VERSION {
        return Err(format!("{header:?} is of another version"));
    }
    if header.kind >= kind::ORDERS {
        return private(&header, bytes, views);
    }
    let instrument = views.instrument(InstrumentId(header.instrument as u16)).ok_or("no such market")?;
    let price = |ticks: u64| instrument.format_price(Price(ticks));
    let qty = |lots: u64| instrument.format_qty(Qty(lots));
    let level = |price_: u64, qty_: u64| {
        if qty_ == 0 { Value::Null } else { json!([price(price_), qty(qty_)]) }
    };
    let (channel, mut message) = match header.kind {
        kind::TRADES => {
            let head = Trades::take(&mut bytes).ok_or("short")?;
            let trades = list(&mut bytes, head.count, Trade::take)?;
            let trade = |trade: &Trade| {
                let (price, qty) = (price(trade.price), qty(trade.qty));
                json!({"id": trade.id, "price": price, "qty": qty, "time_ms": trade.time_ns / 1_000_000})
            };
            let data: Vec<_> = trades.iter().map(trade).collect();
            ("trades", json!({"skipped": head.skipped, "data": data}))
        }
        kind::L1 => {
            let best = L1::take(&mut bytes).ok_or("short")?;
            let (bid, ask) = (level(best.bid_price, best.bid_qty), level(best.ask_price, best.ask_qty));
            ("l1", json!({"update_id": best.update_id, "bid": bid, "ask": ask}))
        }
        kind::BOOK => {
            let head = Book::take(&mut bytes).ok_or("short")?;
            let changed = |level: Level| {
                let qty = if level.qty == 0 { "0".to_owned() } else { qty(level.qty) };
                json!([price(level.price), qty])
            };
            let sides = [head.bids, head.asks].map(|count| list(&mut bytes, count, Level::take));
            let [bids, asks] = sides.map(|side| side.map(|side| side.into_iter().map(changed).collect::<Vec<_>>()));
            let ids = ids(head.first_update_id, head.last_update_id);
            ("book", with(ids, json!({"checksum": head.checksum, "bids": bids?, "asks": asks?})))
        }
        kind::L3 => {
            let head = L3::take(&mut bytes).ok_or("short")?;
            let removed = list(&mut bytes, head.removed, |bytes| {
                let id = bytes.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))?;
                *bytes = bytes.get(8..)?;
                Some(id.to_string())
            })?;
            let changed = list(&mut bytes, head.changed, ChangedOrder::take)?;
            let changed: Vec<_> =
                changed.iter().map(|order| json!([order.order_id.to_string(), qty(order.qty)])).collect();
            let added = list(&mut bytes, head.added, AddedOrder::take)?;
            let ids = ids(head.first_update_id, head.last_update_id);
            let said = if header.snapshot == 1 {
                let queue = |buy: bool| {
                    let side = added.iter().filter(|order| (order.side == BUY) == buy);
                    let order =
                        |order: &AddedOrder| json!([order.order_id.to_string(), price(order.price), qty(order.qty)]);
                    side.map(order).collect::<Vec<_>>()
                };
                json!({"bids": queue(true), "asks": queue(false)})
            } else {
                let order = |order: &AddedOrder| {
                    let side = if order.side == BUY { "buy" } else { "sell" };
                    let (price, qty) = (price(order.price), qty(order.qty));
                    json!({"order_id": order.order_id.to_string(), "side": side, "price": price, "qty": qty})
                };
                json!({"removed": removed, "changed": changed, "added": added.iter().map(order).collect::<Vec<_>>()})
            };
            ("l3", with(with(ids, said), json!({"checksum": head.checksum})))
        }
        kind::CANDLES => {
            let head = Candles::take(&mut bytes).ok_or("short")?;
            let bars = list(&mut bytes, head.count, Bar::take)?;
            let bar = |bar: &Bar| {
                let [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map(price);
                json!({"time": bar.start_s, "open": open, "high": high, "low": low, "close": close,
                    "volume": qty(bar.volume), "closed": bar.closed == 1})
            };
            let interval = Interval::ALL[usize::from(header.interval)].name();
            let data: Vec<_> = bars.iter().map(bar).collect();
            ("candles", json!({"interval": interval, "last_trade_id": head.last_trade_id, "data": data}))
        }
        kind::STATUS => {
            let status = Status::take(&mut bytes).ok_or("short")?;
            let phase = ["continuous", "auction", "halted", "closed"][usize::from(status.phase) - 1];
            let auction = [Value::Null, json!("intraday"), json!("opening"), json!("closing"), json!("volatility")];
            let ends = Some(status.phase_ends_ns).filter(|ns| *ns != 0).map(|ns| ns / 1_000_000);
            let auction = &auction[usize::from(status.auction)];
            ("status", json!({"phase": phase, "auction": auction, "phase_ends_ms": ends}))
        }
        kind::TICKER => {
            feed::Ticker::take(&mut bytes).ok_or("short")?;
            ("ticker", json!({}))
        }
        other => return Err(format!("nobody knows the type {other}")),
    };
    if !bytes.is_empty() {
        return Err(format!("{} bytes too many in {header:?}", bytes.len()));
    }
    message = with(message, json!({"channel": channel, "symbol": instrument.spec.symbol.to_string()}));
    Ok(with(message, headed(&header)))
}

fn headed(header: &Header) -> Value {
    let kind = if header.snapshot == 1 { "snapshot" } else { "update" };
    json!({"type": kind, "epoch": header.epoch, "n": header.n, "conflated": header.conflated})
}

/// A message about an account; of its orders what is compared after every command.
fn private(header: &Header, mut bytes: &[u8], views: &Views) -> Result<Value, String> {
    let bytes = &mut bytes;
    let (channel, message) = match header.kind {
        kind::ORDERS => {
            let head = feed::Orders::take(bytes).ok_or("short")?;
            let orders = list(bytes, head.count, feed::Order::take)?;
            let mut orders: Vec<_> = orders.iter().map(|order| short(order, views)).collect::<Result<_, _>>()?;
            let event = EVENTS[usize::from(head.event)];
            let is_one = header.snapshot == 0;
            let data = if is_one { orders.pop().unwrap_or(Value::Null) } else { json!(orders) };
            ("orders", json!({"seq": head.seq, "sequence": head.sequence, "event": event, "data": data}))
        }
        kind::BALANCES => {
            let head = feed::Balances::take(bytes).ok_or("short")?;
            let balances = list(bytes, head.count, feed::AssetBalance::take)?;
            let data: Vec<_> = balances.iter().map(balance).collect();
            ("balances", json!({"seq": head.seq, "data": data}))
        }
        kind::POSITIONS => {
            let head = feed::Positions::take(bytes).ok_or("short")?;
            let positions = list(bytes, head.count, feed::Position::take)?;
            let data: Result<Vec<_>, String> = positions.iter().map(|each| position(each, views)).collect();
            ("positions", json!({"seq": head.seq, "data": data?}))
        }
        other => return Err(format!("nobody knows the type {other}")),
    };
    if !bytes.is_empty() {
        return Err(format!("{} bytes too many in {header:?}", bytes.len()));
    }
    Ok(with(with(message, json!({"channel": channel})), headed(header)))
}

/// By their numbers.
const EVENTS: [&str; 10] = [
    "",
    "accepted",
    "rejected",
    "released",
    "triggered",
    "rested",
    "trade",
    "self_trade_prevented",
    "cancelled",
    "amended",
];

const STATUSES: [&str; 7] = ["", "pending_new", "waiting", "new", "partially_filled", "filled", "cancelled"];

fn short(order: &feed::Order, views: &Views) -> Result<Value, String> {
    let instrument = views.instrument(InstrumentId(order.terms.instrument)).ok_or("no such market")?;
    let status = STATUSES.get(usize::from(order.status)).ok_or("no such status")?;
    let leaves = instrument.format_qty(Qty(order.leaves_qty));
    Ok(json!({"order_id": order.order_id.to_string(), "status": status, "leaves_qty": leaves}))
}

fn balance(balance: &feed::AssetBalance) -> Value {
    let name = balance.asset.as_str().unwrap();
    let asset = Asset { symbol: papertape_engine::Symbol::new(name).unwrap(), decimals: balance.decimals };
    let text = |amount: i128| money(&asset, Amount(amount));
    let total = balance.free + balance.held;
    json!({"asset": name, "free": text(balance.free), "held": text(balance.held), "total": text(total)})
}

fn position(told: &feed::Position, views: &Views) -> Result<Value, String> {
    let instrument = views.instrument(InstrumentId(told.instrument)).ok_or("no such market")?;
    let [qty, cost, basis, realized, fees_quote] =
        [told.qty, told.cost, told.basis, told.realized, told.fees_quote].map(Amount);
    let position = Position { qty, cost, basis, realized, fees_quote, fees_base: Amount::ZERO };
    Ok(crate::truth::position_as_text(instrument, &position, &position_price_text(instrument, &position)))
}

fn ids(first: u64, last: u64) -> Value {
    json!({"first_update_id": first, "last_update_id": last, "update_id": last})
}

fn with(mut message: Value, more: Value) -> Value {
    message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    message
}

fn list<T>(bytes: &mut &[u8], count: u32, take: impl Fn(&mut &[u8]) -> Option<T>) -> Result<Vec<T>, String> {
    (0..count).map(|_| take(bytes).ok_or_else(|| "the list is too short".to_owned())).collect()
}
