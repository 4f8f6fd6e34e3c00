//! The state after a record as the operator sees it.

use papertape_engine::{
    AccountId, Asset, AssetId, AssetSum, Engine, Instrument, InstrumentId, OpenOrder, OrderKind, Price, Qty, Reason,
    Side, WaitingOrder,
};
use papertape_pipeline::Steps;
use serde::Serialize;
use utoipa::ToSchema;

use crate::errors::Failure;
use crate::translate::Markets;
use crate::translate::account::{BalanceMessage, balance};
use crate::translate::margin::DebtMessage;
use crate::translate::market::{Level, PhaseWord, level};
use crate::translate::orders::money;
use crate::translate::requests::SideWord;
use crate::translate::time;

/// Most levels of a side, and most orders of an account.
const LIMIT: usize = 1_000;

/// What is wanted besides the sums.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// A market's book.
    pub market: Option<InstrumentId>,
    /// An account.
    pub account: Option<AccountId>,
}

/// The state of the venue right after a record.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"seq": 90001, "time": "2026-01-31T12:00:00.000Z", "time_ms": 1769860800000_u64,
    "state_hash": "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262", "accounts": 8, "orders": 1042,
    "assets": [{"asset": "USD", "free": "99399.4", "held": "600", "total": "99999.4", "fees": "0.6", "owed": "0"}],
    "markets": [{"symbol": "BTC-USD", "phase": "continuous", "last_trade_id": 42, "last_price": "60000.01"}],
    "book": null, "account": null}))]
pub(crate) struct StateMessage {
    /// The record.
    seq: u64,
    /// Its time, RFC 3339 with milliseconds.
    time: String,
    /// The same in milliseconds since 1970.
    time_ms: u64,
    /// Hash of the whole state: 64 hexadecimal digits, as `papertape replay --until N --state-hash` gives it.
    state_hash: String,
    /// How many accounts there are, the venue's own included.
    accounts: u32,
    /// How many orders were accepted since the beginning: the number of the last one.
    orders: u64,
    /// What all accounts have together, asset by asset.
    assets: Vec<AssetSumMessage>,
    /// Each market's phase and last trade.
    markets: Vec<MarketStateMessage>,
    /// The book of the market that `symbol` names; null: none was named.
    book: Option<BookStateMessage>,
    /// The account that `account` names; null: none was named.
    account: Option<AccountStateMessage>,
}

/// What all accounts have of an asset.
#[derive(Serialize, ToSchema)]
pub(crate) struct AssetSumMessage {
    /// The asset.
    asset: String,
    /// Can be spent, by all accounts together, the venue's own included.
    free: String,
    /// Held by open orders.
    held: String,
    /// Both: deposits less withdrawals, and what is owed.
    total: String,
    /// What the venue's own account has of it: the fees that it took, less what it paid.
    fees: String,
    /// What accounts owe of it.
    owed: String,
}

/// A market after the record.
#[derive(Serialize, ToSchema)]
pub(crate) struct MarketStateMessage {
    /// The market.
    symbol: String,
    /// What its rules allowed.
    phase: PhaseWord,
    /// The number of its last trade; null: it had none.
    last_trade_id: Option<u64>,
    /// The price of that.
    last_price: Option<String>,
}

/// A book after the record, at most 1000 levels of each side.
#[derive(Serialize, ToSchema)]
pub(crate) struct BookStateMessage {
    /// The market.
    symbol: String,
    /// What its rules allowed.
    phase: PhaseWord,
    /// Price and quantity, highest price first.
    #[schema(value_type = Vec<Vec<String>>)]
    bids: Vec<Level>,
    /// Price and quantity, lowest price first.
    #[schema(value_type = Vec<Vec<String>>)]
    asks: Vec<Level>,
}

/// An account after the record.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountStateMessage {
    /// The account's number.
    account_id: u32,
    /// What it had of each asset.
    balances: Vec<BalanceMessage>,
    /// What it owed.
    debts: Vec<DebtMessage>,
    /// How many of its orders were open, waiting and pending ones included.
    open_orders: usize,
    /// They, by number, at most 1000.
    orders: Vec<OrderStateMessage>,
}

/// An open order after the record.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderStateMessage {
    /// The venue's number.
    order_id: String,
    /// The client's name for it.
    client_order_id: Option<String>,
    /// The list that it came in, by the number of its first order.
    list_id: Option<String>,
    /// The market.
    symbol: String,
    /// Buy or sell.
    side: SideWord,
    /// Whether it waits, and is in no book.
    waits: bool,
    /// Its limit; null: it has none yet.
    price: Option<String>,
    /// Total quantity in base, the filled part included; null: it is for a budget.
    qty: Option<String>,
    /// Budget in quote, of a market order by quote.
    quote_qty: Option<String>,
    /// What can still trade; null: it is for a budget.
    leaves_qty: Option<String>,
    /// How much of that showed.
    shown_qty: String,
}

impl Markets for Engine {
    fn instrument(&self, id: InstrumentId) -> Option<&Instrument> {
        self.instruments().nth(usize::from(id.0))
    }

    fn asset(&self, id: AssetId) -> Option<&Asset> {
        self.assets().get(usize::from(id.0))
    }
}

/// The state at which a replay stands. What was not listed or open then is refused as unknown.
pub(crate) fn message(steps: &Steps, wanted: Wanted) -> Result<StateMessage, Failure> {
    let (engine, time_ns) = (steps.engine(), steps.last_time_ns());
    let book = wanted.market.map(|market| book(engine, market).ok_or(Reason::UnknownInstrument)).transpose()?;
    let is_open = |account: &AccountId| account.0 < engine.account_count();
    let known =
        wanted.account.map(|account| Some(account).filter(is_open).ok_or(Reason::UnknownAccount)).transpose()?;
    let markets = numbers(engine).filter_map(|id| market(engine, id));
    Ok(StateMessage {
        seq: steps.last_seq(),
        time: time::rfc3339(time_ns),
        time_ms: time::millis(time_ns),
        state_hash: engine.state_hash().iter().map(|byte| format!("{byte:02x}")).collect(),
        accounts: engine.account_count(),
        orders: engine.order_count(),
        assets: sums(engine),
        markets: markets.collect(),
        book,
        account: known.map(|account| account_message(engine, account)),
    })
}

fn numbers(engine: &Engine) -> impl Iterator<Item = InstrumentId> {
    (0..).map(InstrumentId).take(engine.instruments().len())
}

fn sums(engine: &Engine) -> Vec<AssetSumMessage> {
    let message = |(asset, sum): (&Asset, AssetSum)| AssetSumMessage {
        asset: asset.symbol.to_string(),
        free: money(asset, sum.free),
        held: money(asset, sum.held),
        total: money(asset, sum.total()),
        fees: money(asset, sum.fees),
        owed: money(asset, sum.owed),
    };
    engine.assets().iter().zip(engine.sums()).map(message).collect()
}

fn market(engine: &Engine, id: InstrumentId) -> Option<MarketStateMessage> {
    let (instrument, phase) = (engine.instrument(id)?, engine.phase(id)?);
    let last = engine.last_trade(id);
    Some(MarketStateMessage {
        symbol: instrument.spec.symbol.to_string(),
        phase: phase.into(),
        last_trade_id: last.map(|(trade, _)| trade.0),
        last_price: last.map(|(_, price)| instrument.format_price(price)),
    })
}

fn book(engine: &Engine, id: InstrumentId) -> Option<BookStateMessage> {
    let (instrument, phase) = (engine.instrument(id)?, engine.phase(id)?);
    let side = |side| {
        let levels = engine.depth(id, side, LIMIT).into_iter();
        levels.map(|(price, qty)| level(instrument, price, qty)).collect()
    };
    let symbol = instrument.spec.symbol.to_string();
    Some(BookStateMessage { symbol, phase: phase.into(), bids: side(Side::Buy), asks: side(Side::Sell) })
}

fn account_message(engine: &Engine, account: AccountId) -> AccountStateMessage {
    let balances = engine.balances(account).into_iter();
    let debts = engine.debts(account).into_iter().filter_map(|(asset, debt)| {
        let asset = engine.asset(asset)?;
        Some(DebtMessage { asset: asset.symbol.to_string(), amount: money(asset, debt) })
    });
    let (open_orders, orders) = orders(engine, account);
    AccountStateMessage {
        account_id: account.0,
        balances: balances.filter_map(|(asset, of)| balance(engine, asset, of.free, of.held)).collect(),
        debts: debts.collect(),
        open_orders,
        orders,
    }
}

/// How many there are, and the first of them.
fn orders(engine: &Engine, account: AccountId) -> (usize, Vec<OrderStateMessage>) {
    let mut orders = Vec::new();
    for (id, instrument) in numbers(engine).zip(engine.instruments()) {
        let resting = [Side::Buy, Side::Sell].into_iter().flat_map(|side| engine.open_orders(id, side));
        let resting = resting.filter(|order| order.account == account);
        orders.extend(resting.map(|order| (order.order, resting_message(instrument, &order))));
        let waiting = engine.waiting_orders(id).into_iter().filter(|order| order.terms.account == account);
        orders.extend(waiting.map(|order| (order.order, waiting_message(instrument, &order))));
    }
    orders.sort_by_key(|(order, _)| *order);
    (orders.len(), orders.into_iter().take(LIMIT).map(|(_, message)| message).collect())
}

fn resting_message(instrument: &Instrument, order: &OpenOrder) -> OrderStateMessage {
    let (price, qty) = (|price: Price| instrument.format_price(price), |qty: Qty| instrument.format_qty(qty));
    OrderStateMessage {
        order_id: order.order.to_string(),
        client_order_id: order.client_order_id.map(|name| name.to_string()),
        list_id: order.list.map(|list| list.to_string()),
        symbol: instrument.spec.symbol.to_string(),
        side: order.side.into(),
        waits: false,
        price: Some(price(order.price)),
        qty: Some(qty(order.qty)),
        quote_qty: None,
        leaves_qty: Some(qty(order.leaves_qty)),
        shown_qty: qty(order.shown_qty),
    }
}

fn waiting_message(instrument: &Instrument, order: &WaitingOrder) -> OrderStateMessage {
    let terms = &order.terms;
    let (price, budget) = match terms.kind {
        OrderKind::Limit { price, .. } => (Some(instrument.format_price(price)), None),
        OrderKind::MarketQuote { budget } => (None, Some(money(&instrument.quote, budget))),
        OrderKind::Market { .. } | OrderKind::MarketToLimit { .. } => (None, None),
    };
    let qty = terms.kind.qty().map(|qty| instrument.format_qty(qty));
    OrderStateMessage {
        order_id: order.order.to_string(),
        client_order_id: terms.client_order_id.map(|name| name.to_string()),
        list_id: order.list.map(|list| list.to_string()),
        symbol: instrument.spec.symbol.to_string(),
        side: terms.side.into(),
        waits: true,
        price,
        leaves_qty: qty.clone(),
        qty,
        quote_qty: budget,
        shown_qty: instrument.format_qty(Qty::ZERO),
    }
}
