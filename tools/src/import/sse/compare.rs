//! Compares what the venue told of each step with what the exchange published.

use std::collections::BTreeMap;
use std::ops::Range;

use papertape_engine::{Amended, Event, OrderId, Qty, Symbol, Trade};

use super::check::{Deleted, Paired, StockCheck};
use super::drive::accepted;
use super::flow::{Files, Step, What};
use super::parse::{Stock, TradeRow};
use crate::import::report::Differences;

/// A day's comparison.
pub(crate) struct Comparison<'a> {
    files: Files<'a>,
    stocks: Vec<Compared<'a>>,
    /// The exchange's number of each order, by the venue's number, which has no gap. 0 is no order of any exchange.
    exchange_ids: Vec<u64>,
    /// The trades of the step at hand.
    told: Vec<Paired>,
    differences: Differences,
}

/// One stock.
struct Compared<'a> {
    trades: &'a [TradeRow],
    check: StockCheck,
}

/// What a day's comparison found.
pub(crate) struct Verdict {
    pub(crate) stocks: Vec<StockCheck>,
    pub(crate) differences: Differences,
}

impl<'a> Comparison<'a> {
    /// Nothing compared yet.
    pub(crate) fn new(stocks: &'a BTreeMap<Symbol, Stock>, files: Files<'a>) -> Self {
        let compared = stocks.iter().map(|(symbol, stock)| {
            let (trades, check) = (stock.trades.as_slice(), StockCheck::new(*symbol));
            Compared { trades, check }
        });
        let (exchange_ids, told, differences) = (vec![0], Vec::new(), Differences::default());
        Self { files, stocks: compared.collect(), exchange_ids, told, differences }
    }

    /// Compares one step of the stock with this place in the list.
    pub(crate) fn step(&mut self, stock: usize, step: &Step, events: &[Event]) {
        match &step.action {
            What::SetPhase(_) => self.phase(step, events),
            What::Uncross { trades, .. } => self.auction(stock, step, trades.clone(), events),
            What::Place { id, trades, .. } => self.order(stock, step, (*id, trades.clone()), events),
            What::Cancel { id, side, price, qty, .. } | What::Reduce { id, side, price, qty, .. } => {
                let expected = Deleted { side: *side, price: Some(*price), qty: *qty };
                self.withdrawal(stock, step, (*id, expected), events);
            }
        }
    }

    /// The day is over.
    pub(crate) fn finish(self) -> Verdict {
        Verdict { stocks: self.stocks.into_iter().map(|stock| stock.check).collect(), differences: self.differences }
    }

    fn phase(&mut self, step: &Step, events: &[Event]) {
        if let Some(refusal) = refusal(events) {
            let (file, line) = self.files.place(step.line);
            self.differences.add(file, line, "the next phase", refusal);
        }
    }

    fn auction(&mut self, stock: usize, step: &Step, rows: Range<usize>, events: &[Event]) {
        let price = events.iter().find_map(|event| match event {
            Event::Uncrossed { price, .. } => Some(*price),
            _ => None,
        });
        let place = self.files.place(step.line);
        match price {
            Some(price) => {
                let Compared { trades, check } = &self.stocks[stock];
                let expected = trades[rows.clone()].first().map(|trade| trade.price);
                check.auction_price(expected, price, place, &mut self.differences);
            }
            None => {
                let refusal = refusal(events).unwrap_or_default();
                self.differences.add(place.0, place.1, "the end of the auction", refusal);
            }
        }
        self.trades(stock, step, rows, events);
    }

    fn order(&mut self, stock: usize, step: &Step, (id, rows): (u64, Range<usize>), events: &[Event]) {
        if let Some(order) = accepted(events) {
            self.exchange_ids.resize(order.0 as usize, 0);
            self.exchange_ids.push(id);
        } else {
            let (file, line) = self.files.place(step.line);
            let expected = format!("order {id} to be accepted");
            self.differences.add(file, line, expected, refusal(events).unwrap_or_default());
        }
        self.trades(stock, step, rows, events);
    }

    fn trades(&mut self, stock: usize, step: &Step, rows: Range<usize>, events: &[Event]) {
        self.told.clear();
        self.told.extend(paired(events, &self.exchange_ids));
        let (place, Compared { trades, check }) = (self.files.place(step.line), &mut self.stocks[stock]);
        check.trades(&trades[rows], &self.told, place, self.files, &mut self.differences);
    }

    fn withdrawal(&mut self, stock: usize, step: &Step, (id, expected): (u64, Deleted), events: &[Event]) {
        let whole = matches!(step.action, What::Cancel { .. });
        let told = events.iter().find_map(|event| match event {
            Event::Cancelled(cancelled) if whole => Some(Deleted::from(cancelled)),
            Event::Amended(amended) if !whole => Some(reduced(amended)),
            _ => None,
        });
        let actual = told.ok_or_else(|| match events {
            [] => format!("there is no open order {id}"),
            _ => refusal(events).unwrap_or_default(),
        });
        let (place, check) = (self.files.place(step.line), &mut self.stocks[stock].check);
        check.cancel(expected, actual.as_ref().copied().map_err(String::as_str), place, &mut self.differences);
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
fn paired<'a>(events: &'a [Event], exchange_ids: &'a [u64]) -> impl Iterator<Item = Paired> + 'a {
    // Every order of the venue is one of ours.
    let number = |order: OrderId| exchange_ids.get(order.0 as usize).copied().unwrap_or_default();
    let told = move |Trade { aggressor, price, qty, buy, sell, .. }: &Trade| Paired {
        aggressor: *aggressor,
        price: *price,
        qty: *qty,
        buy: number(buy.order),
        sell: number(sell.order),
    };
    events.iter().filter_map(move |event| if let Event::Trade(trade) = event { Some(told(trade)) } else { None })
}
