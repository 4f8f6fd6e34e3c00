//! Public messages.

use papertape_engine::{Instrument, InstrumentId, Price, Qty, Side};
use papertape_platform::{BookOrder, TapeRow, Ticker, Views};
use serde::Serialize;

use super::Position;
use crate::hub::by_order::OrdersDelta;
use crate::hub::checksum::{self, Checksums};
use crate::hub::update::{Bar, Body, BookDelta, L1, Levels, StatusView, Update};
use crate::hub::{BOOK_LEVELS, BOOK_ORDERS, TAPE_ROWS, Topic, bars};
use crate::translate::market::{
    self, AuctionWord, CandleMessage, IndicativeMessage, Level, PhaseWord, TickerMessage, TradeMessage,
};
use crate::translate::requests::SideWord;
use crate::translate::time;
use crate::ws::protocol::text;

/// A message of a market's channel.
#[derive(Serialize)]
struct Message<T> {
    channel: &'static str,
    symbol: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<&'static str>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch: Option<u64>,
    n: u64,
    #[serde(skip_serializing_if = "is_zero")]
    conflated: u64,
    #[serde(flatten)]
    data: T,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[derive(Serialize)]
struct Data<T> {
    data: T,
}

#[derive(Serialize)]
struct TradesData {
    #[serde(skip_serializing_if = "is_zero")]
    skipped: u64,
    data: Vec<TradeMessage>,
}

#[derive(Serialize)]
struct BestMessage {
    update_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_ms: Option<u64>,
    bid: Option<Level>,
    ask: Option<Level>,
}

#[derive(Serialize)]
struct BookSnapshot<T> {
    update_id: u64,
    checksum: u32,
    bids: Vec<T>,
    asks: Vec<T>,
}

#[derive(Serialize)]
struct BookUpdate<T> {
    first_update_id: u64,
    last_update_id: u64,
    time_ms: u64,
    checksum: u32,
    #[serde(flatten)]
    changes: T,
}

#[derive(Serialize)]
struct LevelsMessage {
    bids: Vec<Level>,
    asks: Vec<Level>,
}

/// Order, price and quantity.
type Queued = (String, String, String);

#[derive(Serialize)]
struct OrdersMessage {
    removed: Vec<String>,
    changed: Vec<(String, String)>,
    added: Vec<AddedMessage>,
}

#[derive(Serialize)]
struct AddedMessage {
    order_id: String,
    side: SideWord,
    price: String,
    qty: String,
}

#[derive(Serialize)]
struct BarsMessage {
    last_trade_id: u64,
    data: Vec<BarMessage>,
}

#[derive(Serialize)]
struct BarMessage {
    #[serde(flatten)]
    candle: CandleMessage,
    closed: bool,
}

#[derive(Serialize)]
struct StatusMessage {
    phase: PhaseWord,
    auction: Option<AuctionWord>,
    phase_ends_ms: Option<u64>,
    stopped: bool,
    indicative: Option<IndicativeMessage>,
}

#[derive(Serialize)]
struct MarketDataMessage {
    symbol: String,
    price: String,
    volume: String,
}

/// Puts a snapshot into its envelope.
fn first<T: Serialize>(instrument: &Instrument, topic: Topic, at: Position, data: T) -> String {
    let Position { epoch, n, .. } = at;
    envelope(instrument, topic, Message { kind: "snapshot", epoch: Some(epoch), n, ..Message::of(data) })
}

/// Puts an update into its envelope.
fn next<T: Serialize>(instrument: &Instrument, update: &Update, data: T) -> String {
    let Update { topic, n, conflated, .. } = *update;
    envelope(instrument, topic, Message { kind: "update", n, conflated, ..Message::of(data) })
}

fn envelope<T: Serialize>(instrument: &Instrument, topic: Topic, message: Message<T>) -> String {
    let interval = if let Topic::Candles(_, interval) = topic { Some(interval.name()) } else { None };
    let symbol = instrument.spec.symbol.to_string();
    text(&Message { channel: topic.channel(), symbol, interval, ..message })
}

impl<T> Message<T> {
    fn of(data: T) -> Self {
        Self { channel: "", symbol: String::new(), interval: None, kind: "", epoch: None, n: 0, conflated: 0, data }
    }
}

/// What a new listener of a market gets first.
pub(super) fn snapshot(views: &Views, topic: Topic, id: InstrumentId, at: Position) -> Option<String> {
    let (instrument, now) = (views.instrument(id)?, time::now_ns());
    let say = |data: Snapshot| Some(first(instrument, topic, at, data));
    match topic {
        Topic::Trades(_) => {
            let mut rows = views.trades(id, TAPE_ROWS);
            rows.reverse();
            say(Snapshot::Trades(Data { data: trades(instrument, &rows) }))
        }
        Topic::L1(_) => {
            let (update_id, best) = views.best(id)?;
            say(Snapshot::L1(best_message(instrument, &L1 { update_id, time_ns: 0, best })))
        }
        Topic::Book(_) => {
            let depth = views.depth(id, BOOK_LEVELS);
            let checksum = Checksums::of(instrument, &depth).text;
            let levels = |side: &[(Price, Qty)]| side.iter().map(|&(p, q)| market::level(instrument, p, q)).collect();
            let (bids, asks) = (levels(&depth.bids), levels(&depth.asks));
            say(Snapshot::Book(BookSnapshot { update_id: depth.update_id, checksum, bids, asks }))
        }
        Topic::L3(_) => {
            let orders = views.book_orders(id, BOOK_ORDERS);
            let checksum = Checksums::of(instrument, &views.depth(id, checksum::LEVELS)).text;
            let queue = |side: &[BookOrder]| side.iter().map(|order| queued(instrument, order)).collect();
            let (bids, asks) = (queue(&orders.bids), queue(&orders.asks));
            say(Snapshot::L3(BookSnapshot { update_id: orders.update_id, checksum, bids, asks }))
        }
        Topic::Ticker(_) => {
            say(Snapshot::Ticker(Data { data: market::ticker(instrument, &views.ticker(id, now), now) }))
        }
        Topic::Candles(_, interval) => {
            let live = views.live_candle(id, interval, now).map(|candle| Bar { candle, closed: false });
            let last_trade_id = bars::last_trade(views, id);
            say(Snapshot::Candles(bars_message(instrument, live.as_slice(), last_trade_id)))
        }
        Topic::Status(_) => say(Snapshot::Status(status_message(instrument, &StatusView::of(views, id)?))),
        Topic::Tile(_) => Some(text(&market::tile(instrument, &views.ticker(id, now), now))),
        Topic::MarketData(_) => {
            let ticker = views.ticker(id, now);
            Some(market_data(instrument, ticker.price?, ticker.volume_24h))
        }
        _ => None,
    }
}

/// One of the snapshots.
#[derive(Serialize)]
#[serde(untagged)]
enum Snapshot {
    Trades(Data<Vec<TradeMessage>>),
    L1(BestMessage),
    Book(BookSnapshot<Level>),
    L3(BookSnapshot<Queued>),
    Ticker(Data<TickerMessage>),
    Candles(BarsMessage),
    Status(StatusMessage),
}

/// One message of a market.
pub(super) fn update(instrument: &Instrument, update: &Update) -> Option<String> {
    let message = match &update.body {
        Body::Trades(rows, skipped) => {
            next(instrument, update, TradesData { skipped: *skipped, data: trades(instrument, rows) })
        }
        Body::L1(l1) => next(instrument, update, best_message(instrument, l1)),
        Body::Book(delta, levels) => next(instrument, update, book_update(delta, levels_message(instrument, levels))),
        Body::L3(delta, orders) => next(instrument, update, book_update(delta, orders_message(instrument, orders))),
        Body::Ticker(ticker, now) if matches!(update.topic, Topic::Tile(_)) => {
            text(&market::tile(instrument, ticker, *now))
        }
        Body::Ticker(ticker, now) => next(instrument, update, ticker_data(instrument, ticker, *now)),
        Body::Candles(bars, last_trade) => next(instrument, update, bars_message(instrument, bars, *last_trade)),
        Body::Status(status) => next(instrument, update, status_message(instrument, status)),
        Body::MarketData(price, volume) => market_data(instrument, *price, *volume),
        _ => return None,
    };
    Some(message)
}

fn trades(instrument: &Instrument, rows: &[TapeRow]) -> Vec<TradeMessage> {
    rows.iter().map(|row| market::trade(instrument, row)).collect()
}

fn ticker_data(instrument: &Instrument, ticker: &Ticker, now: u64) -> Data<TickerMessage> {
    Data { data: market::ticker(instrument, ticker, now) }
}

fn best_message(instrument: &Instrument, l1: &L1) -> BestMessage {
    let [bid, ask] = l1.best.map(|best| best.map(|(price, qty)| market::level(instrument, price, qty)));
    let time_ms = Some(l1.time_ns).filter(|ns| *ns > 0).map(time::millis);
    BestMessage { update_id: l1.update_id, time_ms, bid, ask }
}

fn book_update<T>(delta: &BookDelta, changes: T) -> BookUpdate<T> {
    BookUpdate {
        first_update_id: delta.first,
        last_update_id: delta.last,
        time_ms: time::millis(delta.time_ns),
        checksum: delta.checksums.text,
        changes,
    }
}

/// Bids from the highest price down, asks from the lowest up.
fn levels_message(instrument: &Instrument, levels: &Levels) -> LevelsMessage {
    let of = |wanted: Side| {
        let side = levels.iter().filter(move |((side, _), _)| *side == wanted);
        side.map(|((_, price), qty)| market::changed_level(instrument, *price, *qty))
    };
    let mut bids: Vec<_> = of(Side::Buy).collect();
    bids.reverse();
    LevelsMessage { bids, asks: of(Side::Sell).collect() }
}

fn queued(instrument: &Instrument, order: &BookOrder) -> Queued {
    (order.order.to_string(), instrument.format_price(order.price), instrument.format_qty(order.qty))
}

fn orders_message(instrument: &Instrument, orders: &OrdersDelta) -> OrdersMessage {
    let added = |order: &BookOrder| {
        let (order_id, price, qty) = queued(instrument, order);
        AddedMessage { order_id, side: order.side.into(), price, qty }
    };
    OrdersMessage {
        removed: orders.removed.iter().map(ToString::to_string).collect(),
        changed: orders.changed.iter().map(|(order, qty)| (order.to_string(), instrument.format_qty(*qty))).collect(),
        added: orders.added.iter().map(added).collect(),
    }
}

fn bars_message(instrument: &Instrument, bars: &[Bar], last_trade_id: u64) -> BarsMessage {
    let bar = |bar: &Bar| BarMessage { candle: market::candle(instrument, &bar.candle), closed: bar.closed };
    BarsMessage { last_trade_id, data: bars.iter().map(bar).collect() }
}

fn status_message(instrument: &Instrument, status: &StatusView) -> StatusMessage {
    StatusMessage {
        phase: status.stage.phase.into(),
        auction: AuctionWord::of(status.stage),
        phase_ends_ms: status.stage.until_ns.map(time::millis),
        stopped: status.is_stopped,
        indicative: status.indicated.map(|indicated| market::indicative(instrument, &indicated)),
    }
}

fn market_data(instrument: &Instrument, price: Price, volume: Qty) -> String {
    text(&MarketDataMessage {
        symbol: instrument.spec.symbol.to_string(),
        price: instrument.format_price(price),
        volume: instrument.format_qty(volume),
    })
}
