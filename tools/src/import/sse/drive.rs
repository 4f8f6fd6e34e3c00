//! Sends a day's steps to the venue, and hands what comes back to the comparison.

use std::collections::{BTreeMap, HashMap};

use papertape_engine::{
    AccountId, AmendOrder, Amended, Command, Event, InstrumentId, OrderId, OrderKind, OrderRef, Phase, PlaceOrder,
    Price, Qty, Side, Symbol, TimeInForce, Trade,
};

use super::check::{Deleted, Paired, StockCheck};
use super::flow::{Files, Step, What};
use super::parse::{PRICE_DECIMALS, Stock, TradeRow};
use crate::import::ImportError;
use crate::import::accounts::{self, Accounts};
use crate::import::report::Differences;
use crate::import::venue::Venue;

/// The stocks on the venue.
pub(crate) struct Session<'a> {
    venue: &'a mut Venue,
    accounts: Accounts,
    files: Files<'a>,
    stocks: Vec<Listed<'a>>,
    /// The exchange's number of each order, by the venue's number, which has no gap. 0 is no order of any exchange.
    exchange_ids: Vec<u64>,
    differences: Differences,
}

/// What a day's comparison found.
pub(crate) struct Verdict {
    pub(crate) stocks: Vec<StockCheck>,
    pub(crate) differences: Differences,
}

/// One stock on the venue.
struct Listed<'a> {
    instrument: InstrumentId,
    trades: &'a [TradeRow],
    orders: HashMap<u64, Placed>,
    check: StockCheck,
}

/// An order as the venue knows it.
#[derive(Clone, Copy)]
struct Placed {
    order: OrderId,
    account: AccountId,
    /// Total quantity, filled part included.
    qty: Qty,
}

/// An order as it is to be placed.
struct NewOrder<'a> {
    id: u64,
    side: Side,
    price: Price,
    qty: Qty,
    trades: &'a [TradeRow],
}

impl<'a> Session<'a> {
    /// Lists the stocks, each at the start of its opening auction, and opens the accounts.
    pub(crate) fn open(
        venue: &'a mut Venue,
        stocks: &'a BTreeMap<Symbol, Stock>,
        files: Files<'a>,
    ) -> Result<Self, ImportError> {
        let quote = Symbol::new("CNY").expect("three letters are a symbol");
        let mut assets = vec![accounts::list_asset(venue, quote, PRICE_DECIMALS)?];
        let mut listed = Vec::new();
        for (symbol, stock) in stocks {
            let base = accounts::list_asset(venue, *symbol, 0)?;
            let instrument = accounts::list_share(venue, *symbol, (base, assets[0]), PRICE_DECIMALS, Phase::Auction)?;
            assets.push(base);
            let (trades, check) = (stock.trades.as_slice(), StockCheck::new(*symbol));
            listed.push(Listed { instrument, trades, orders: HashMap::with_capacity(stock.orders.len()), check });
        }
        let accounts = Accounts::open(venue, &assets)?;
        let exchange_ids = vec![0];
        Ok(Session { venue, accounts, files, stocks: listed, exchange_ids, differences: Differences::default() })
    }

    /// Sends one step of the stock with this place in the list.
    pub(crate) fn step(&mut self, stock: usize, step: &Step) -> Result<(), ImportError> {
        self.venue.set_time_ms(step.time_ms);
        let trades = self.stocks[stock].trades;
        let instrument = self.stocks[stock].instrument;
        match &step.action {
            What::SetPhase(phase) => self.set_phase(step, Command::SetPhase { instrument, phase: *phase }),
            What::Uncross { then, trades: rows } => self.uncross(stock, step, *then, &trades[rows.clone()]),
            What::Place { id, side, price, qty, trades: rows } => {
                let order = NewOrder { id: *id, side: *side, price: *price, qty: *qty, trades: &trades[rows.clone()] };
                self.place(stock, step, &order)
            }
            What::Cancel { id, side, price, qty } => {
                self.cancel(stock, step, *id, Deleted { side: *side, price: Some(*price), qty: *qty })
            }
            What::Reduce { id, side, price, qty } => {
                self.reduce(stock, step, *id, Deleted { side: *side, price: Some(*price), qty: *qty })
            }
        }
    }

    /// The day is over.
    pub(crate) fn finish(self) -> Verdict {
        Verdict { stocks: self.stocks.into_iter().map(|stock| stock.check).collect(), differences: self.differences }
    }

    fn set_phase(&mut self, step: &Step, command: Command) -> Result<(), ImportError> {
        let refusal = refusal(self.venue.apply(&command)?);
        if let Some(refusal) = refusal {
            let (file, line) = self.files.place(step.line);
            self.differences.add(file, line, "the next phase", refusal);
        }
        Ok(())
    }

    fn uncross(&mut self, stock: usize, step: &Step, then: Phase, expected: &[TradeRow]) -> Result<(), ImportError> {
        let listed = &mut self.stocks[stock];
        let command = Command::Uncross { instrument: listed.instrument, reference: None, then };
        let events = self.venue.apply(&command)?;
        let price = events.iter().find_map(|event| match event {
            Event::Uncrossed { price, .. } => Some(*price),
            _ => None,
        });
        let told = paired(events, &self.exchange_ids);
        let place = self.files.place(step.line);
        match (price, refusal(events)) {
            (Some(price), _) => {
                let expected = expected.first().map(|trade| trade.price);
                listed.check.auction_price(expected, price, place, &mut self.differences);
            }
            (None, refusal) => {
                self.differences.add(place.0, place.1, "the end of the auction", refusal.unwrap_or_default());
            }
        }
        listed.check.trades(expected, &told, place, self.files, &mut self.differences);
        Ok(())
    }

    fn place(&mut self, stock: usize, step: &Step, new: &NewOrder<'_>) -> Result<(), ImportError> {
        let listed = &mut self.stocks[stock];
        let account = self.accounts.of(new.id);
        let command = Command::Place(PlaceOrder {
            account,
            instrument: listed.instrument,
            side: new.side,
            kind: OrderKind::Limit { price: new.price, qty: new.qty },
            time_in_force: TimeInForce::Gtc,
            post_only: false,
            client_order_id: None,
        });
        let events = self.venue.apply(&command)?;
        let place = self.files.place(step.line);
        let accepted = events.iter().find_map(|event| match event {
            Event::Accepted(accepted) => Some(accepted.order),
            _ => None,
        });
        if let Some(order) = accepted {
            listed.orders.insert(new.id, Placed { order, account, qty: new.qty });
            self.exchange_ids.resize(order.0 as usize, 0);
            self.exchange_ids.push(new.id);
        } else {
            let expected = format!("order {} to be accepted", new.id);
            self.differences.add(place.0, place.1, expected, refusal(events).unwrap_or_default());
        }
        let told = paired(events, &self.exchange_ids);
        listed.check.trades(new.trades, &told, place, self.files, &mut self.differences);
        Ok(())
    }

    fn cancel(&mut self, stock: usize, step: &Step, id: u64, expected: Deleted) -> Result<(), ImportError> {
        let listed = &mut self.stocks[stock];
        let actual = match listed.orders.remove(&id) {
            None => Err(format!("there is no open order {id}")),
            Some(Placed { order, account, .. }) => {
                let events = self.venue.apply(&Command::Cancel { account, order: OrderRef::Id(order) })?;
                let cancelled = events.iter().find_map(|event| match event {
                    Event::Cancelled(cancelled) => Some(Deleted::from(cancelled)),
                    _ => None,
                });
                cancelled.ok_or_else(|| refusal(events).unwrap_or_default())
            }
        };
        let place = self.files.place(step.line);
        listed.check.cancel(expected, actual.as_ref().copied().map_err(String::as_str), place, &mut self.differences);
        Ok(())
    }

    fn reduce(&mut self, stock: usize, step: &Step, id: u64, expected: Deleted) -> Result<(), ImportError> {
        let listed = &mut self.stocks[stock];
        let actual = match listed.orders.get_mut(&id) {
            None => Err(format!("there is no open order {id}")),
            Some(placed) => {
                let qty = Qty(placed.qty.0.saturating_sub(expected.qty.0));
                let (account, order) = (placed.account, OrderRef::Id(placed.order));
                let events =
                    self.venue.apply(&Command::Amend(AmendOrder { account, order, price: None, qty: Some(qty) }))?;
                let amended = events.iter().find_map(|event| match event {
                    Event::Amended(amended) => Some(reduced(amended)),
                    _ => None,
                });
                if amended.is_some() {
                    placed.qty = qty;
                }
                amended.ok_or_else(|| refusal(events).unwrap_or_default())
            }
        };
        let place = self.files.place(step.line);
        listed.check.cancel(expected, actual.as_ref().copied().map_err(String::as_str), place, &mut self.differences);
        Ok(())
    }
}

fn reduced(amended: &Amended) -> Deleted {
    let qty = Qty(amended.old_leaves_qty.0.saturating_sub(amended.leaves_qty.0));
    Deleted { side: amended.side, price: Some(amended.price), qty }
}

/// The refusal among the events, in words.
fn refusal(events: &[Event]) -> Option<String> {
    events.iter().find_map(|event| match event {
        Event::Rejected { reason, .. } => Some(format!("it was refused: {reason}")),
        _ => None,
    })
}

/// The trades among the events, in the exchange's order numbers.
fn paired(events: &[Event], exchange_ids: &[u64]) -> Vec<Paired> {
    // Every order of the venue is one of ours.
    let number = |order: OrderId| exchange_ids.get(order.0 as usize).copied().unwrap_or_default();
    let told = |Trade { aggressor, price, qty, buy, sell, .. }: &Trade| Paired {
        aggressor: *aggressor,
        price: *price,
        qty: *qty,
        buy: number(buy.order),
        sell: number(sell.order),
    };
    events.iter().filter_map(|event| if let Event::Trade(trade) = event { Some(told(trade)) } else { None }).collect()
}
