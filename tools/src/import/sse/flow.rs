//! From published messages back to what participants sent.
//!
//! The exchange publishes an aggressive order as its trades first, and then only what they left of it as an add of the
//! same id; an aggressor that was filled whole has no add. So the order that was sent is its consecutive trades plus
//! the residual, and its limit is the residual's price or, when nothing was left, the worst trade's price, which is
//! the last one's.

use std::collections::HashMap;
use std::ops::Range;

use papertape_engine::{Phase, Price, Qty, Side};

use super::parse::{Action, OrderRow, Stock, TradeRow};
use crate::import::ImportError;

const fn time_ms(hour: u32, minute: u32) -> u32 {
    (hour * 60 + minute) * 60_000
}

/// The opening call auction ends.
const OPENING_ENDS_MS: u32 = time_ms(9, 25);
/// Continuous trading begins.
const CONTINUOUS_MS: u32 = time_ms(9, 30);
/// The closing call auction begins.
const CLOSING_MS: u32 = time_ms(14, 57);

/// Names a file and a line in messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Line {
    /// In the order file.
    Order(u64),
    /// In the trade file.
    Trade(u64),
}

/// What was sent, or decided by the exchange, and what it published about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum What {
    /// Another phase.
    SetPhase(Phase),
    /// The end of an auction, with the rows of its pairings.
    Uncross { then: Phase, trades: Range<usize> },
    /// A limit order, with the rows of the trades that it did at once.
    Place { id: u64, side: Side, price: Price, qty: Qty, trades: Range<usize> },
    /// The withdrawal of all that is left of an order, which the exchange says is `qty`. `order` is its number among
    /// the stock's placed orders, from 0, if it was placed.
    Cancel { order: Option<usize>, id: u64, side: Side, price: Price, qty: Qty },
    /// The withdrawal of a part: the order lives on.
    Reduce { order: Option<usize>, id: u64, side: Side, price: Price, qty: Qty },
}

/// One step of a stock's day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Step {
    /// Milliseconds of the day, never less than the step before.
    pub(crate) time_ms: u32,
    /// The row that it comes from; for an order with trades, the first of them.
    pub(crate) line: Line,
    /// What to do.
    pub(crate) action: What,
}

/// Rebuilds the steps of one stock. Refused are an order id that is placed twice, two messages with one number, and
/// messages in a phase in which there can be none.
pub(crate) fn rebuild(stock: &Stock, files: Files<'_>) -> Result<Vec<Step>, ImportError> {
    let mut rebuild = Rebuild {
        files,
        trades: &stock.trades,
        last_mention: last_mentions(stock),
        open: HashMap::with_capacity(stock.orders.len()),
        placed: 0,
        pending: None,
        period: Period::Opening,
        auction: None,
        steps: Vec::with_capacity(stock.orders.len() + stock.trades.len() / 2),
        time_ms: 0,
    };
    let (mut orders, mut trades) = (stock.orders.iter().peekable(), stock.trades.iter().enumerate().peekable());
    loop {
        match (orders.peek(), trades.peek()) {
            (Some(order), Some((_, trade))) if order.key == trade.key => {
                let problem = format!("channel {} seq {} is also in {}", trade.key.0, trade.key.1, files.orders);
                return Err(rebuild.refused(Line::Trade(trade.line), "seq", problem));
            }
            (Some(order), trade) if trade.is_none_or(|(_, trade)| order.key < trade.key) => {
                rebuild.order(order)?;
                orders.next();
            }
            (_, Some((at, trade))) => {
                rebuild.trade(*at, trade)?;
                trades.next();
            }
            (_, None) => break,
        }
    }
    rebuild.flush()?;
    rebuild.end();
    Ok(rebuild.steps)
}

/// Names of the two files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Files<'a> {
    /// Of the order file.
    pub(crate) orders: &'a str,
    /// Of the trade file.
    pub(crate) trades: &'a str,
}

impl<'a> Files<'a> {
    /// The file and the number of a line.
    pub(crate) fn place(self, line: Line) -> (&'a str, u64) {
        match line {
            Line::Order(line) => (self.orders, line),
            Line::Trade(line) => (self.trades, line),
        }
    }
}

/// Parts of the day, in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Period {
    Opening,
    Pause,
    Continuous,
    Closing,
    Closed,
}

/// An aggressive order whose messages are still coming.
struct Pending {
    id: u64,
    side: Side,
    qty: Qty,
    price: Price,
    trades: Range<usize>,
    time_ms: u32,
    line: u64,
}

/// What the messages so far say of an order.
#[derive(Clone, Copy, Default)]
struct Open {
    /// Its number among the placed ones, if it was placed.
    order: Option<usize>,
    left: Qty,
}

/// The key of the last message that names an order.
fn last_mentions(stock: &Stock) -> HashMap<u64, super::parse::Key> {
    let mut last = HashMap::with_capacity(stock.orders.len());
    let of_orders = stock.orders.iter().map(|order| (order.id, order.key));
    let of_trades = stock.trades.iter().flat_map(|trade| [(trade.buy, trade.key), (trade.sell, trade.key)]);
    for (id, key) in of_orders.chain(of_trades) {
        let known = last.entry(id).or_insert(key);
        *known = key.max(*known);
    }
    last
}

struct Rebuild<'a> {
    files: Files<'a>,
    trades: &'a [TradeRow],
    last_mention: HashMap<u64, super::parse::Key>,
    /// What is left of each order that was placed, by the exchange's messages alone. Ended orders stay with nothing,
    /// so that an id that is used twice is seen.
    open: HashMap<u64, Open>,
    /// Orders placed so far.
    placed: usize,
    pending: Option<Pending>,
    period: Period,
    /// Rows of the auction that is being uncrossed, and its time.
    auction: Option<(Range<usize>, u32)>,
    steps: Vec<Step>,
    time_ms: u32,
}

impl Rebuild<'_> {
    fn order(&mut self, order: &OrderRow) -> Result<(), ImportError> {
        let line = Line::Order(order.line);
        if let (Some(pending), Action::Add) = (&mut self.pending, order.action)
            && pending.id == order.id
            && pending.side == order.side
        {
            pending.qty += order.qty;
            pending.price = order.price;
            return self.flush();
        }
        self.flush()?;
        self.enter(order.time_ms, line);
        if matches!(self.period, Period::Pause | Period::Closed) {
            let problem = "there is no order message between the opening auction and 09:30, nor after the close";
            return Err(self.refused(line, "time", problem.to_owned()));
        }
        match order.action {
            Action::Add => self.place(line, order.id, order.side, order.price, order.qty, 0..0),
            Action::Delete => {
                self.delete(order);
                Ok(())
            }
        }
    }

    /// A delete takes what is left, and its order is never named again; if it is, a part was taken.
    fn delete(&mut self, order: &OrderRow) {
        let OrderRow { id, side, price, qty, .. } = *order;
        let open = self.open.entry(id).or_default();
        let partial = qty < open.left && self.last_mention.get(&id).is_some_and(|last| *last > order.key);
        open.left = if partial { open.left - qty } else { Qty::ZERO };
        let (line, order) = (Line::Order(order.line), open.order);
        self.push(
            line,
            if partial {
                What::Reduce { order, id, side, price, qty }
            } else {
                What::Cancel { order, id, side, price, qty }
            },
        );
    }

    fn trade(&mut self, at: usize, trade: &TradeRow) -> Result<(), ImportError> {
        match trade.aggressor {
            Some(side) => self.continuous_trade(at, trade, side),
            None => self.auction_trade(at, trade),
        }
    }

    fn continuous_trade(&mut self, at: usize, trade: &TradeRow, side: Side) -> Result<(), ImportError> {
        let id = trade.order(side);
        if self.pending.as_ref().is_some_and(|pending| (pending.id, pending.side) != (id, side)) {
            self.flush()?;
        }
        if let Some(pending) = &mut self.pending {
            pending.qty += trade.qty;
            pending.price = trade.price;
            pending.trades.end = at + 1;
        } else {
            self.enter(trade.time_ms, Line::Trade(trade.line));
            if self.period != Period::Continuous {
                let problem = "outside of continuous trading only auction trades (N) happen".to_owned();
                return Err(self.refused(Line::Trade(trade.line), "aggressor", problem));
            }
            let (qty, price, time_ms, line) = (trade.qty, trade.price, self.time_ms, trade.line);
            self.pending = Some(Pending { id, side, qty, price, trades: at..at + 1, time_ms, line });
        }
        self.fill(trade.order(side.opposite()), trade.qty);
        Ok(())
    }

    fn auction_trade(&mut self, at: usize, trade: &TradeRow) -> Result<(), ImportError> {
        self.flush()?;
        if let Some((rows, _)) = &mut self.auction {
            rows.end = at + 1;
        } else if matches!(self.period, Period::Opening | Period::Closing) {
            self.time_ms = self.time_ms.max(trade.time_ms);
            self.auction = Some((at..at + 1, self.time_ms));
        } else {
            let problem = "an auction trade (N) happens only at the end of an auction".to_owned();
            return Err(self.refused(Line::Trade(trade.line), "aggressor", problem));
        }
        self.fill(trade.buy, trade.qty);
        self.fill(trade.sell, trade.qty);
        Ok(())
    }

    /// Goes on to the period of `time_ms`, through each between.
    fn enter(&mut self, time_ms: u32, line: Line) {
        self.close_auction();
        if self.period == Period::Opening && time_ms >= OPENING_ENDS_MS {
            self.auction = Some((0..0, OPENING_ENDS_MS));
            self.close_auction();
        }
        if self.period == Period::Pause && time_ms >= CONTINUOUS_MS {
            self.go(CONTINUOUS_MS, line, Period::Continuous, Phase::Continuous);
        }
        if self.period == Period::Continuous && time_ms >= CLOSING_MS {
            self.go(CLOSING_MS, line, Period::Closing, Phase::Auction);
        }
        self.time_ms = self.time_ms.max(time_ms);
    }

    fn go(&mut self, time_ms: u32, line: Line, period: Period, phase: Phase) {
        self.time_ms = self.time_ms.max(time_ms);
        self.period = period;
        self.push(line, What::SetPhase(phase));
    }

    /// The flow is over: an auction that is still collecting ends, with or without trades.
    fn end(&mut self) {
        if matches!(self.period, Period::Opening | Period::Closing) && self.auction.is_none() {
            self.auction = Some((0..0, self.time_ms));
        }
        self.close_auction();
    }

    /// Ends the auction whose pairings were read.
    fn close_auction(&mut self) {
        let Some((trades, time_ms)) = self.auction.take() else { return };
        let opening = self.period == Period::Opening;
        let (period, then) = if opening { (Period::Pause, Phase::Halted) } else { (Period::Closed, Phase::Closed) };
        self.period = period;
        self.time_ms = self.time_ms.max(time_ms);
        let line = self.trades.get(trades.start).filter(|_| !trades.is_empty()).map_or(1, |trade| trade.line);
        self.push(Line::Trade(line), What::Uncross { then, trades });
    }

    /// The pending order is complete.
    fn flush(&mut self) -> Result<(), ImportError> {
        let Some(Pending { id, side, qty, price, trades, time_ms, line }) = self.pending.take() else {
            return Ok(());
        };
        self.time_ms = self.time_ms.max(time_ms);
        let traded = self.trades[trades.clone()].iter().fold(Qty::ZERO, |sum, trade| sum + trade.qty);
        self.place(Line::Trade(line), id, side, price, qty, trades)?;
        self.fill(id, traded);
        Ok(())
    }

    fn place(
        &mut self,
        line: Line,
        id: u64,
        side: Side,
        price: Price,
        qty: Qty,
        trades: Range<usize>,
    ) -> Result<(), ImportError> {
        let order = Some(self.placed);
        if self.open.insert(id, Open { order, left: qty }).is_some() {
            let field = if matches!(line, Line::Order(_)) { "order_id" } else { "aggressor" };
            return Err(self.refused(line, field, format!("order {id} was placed before; an id is used once")));
        }
        self.placed += 1;
        self.push(line, What::Place { id, side, price, qty, trades });
        Ok(())
    }

    /// An order traded. Trades of orders that are not there, or too large, are left for the comparison to tell.
    fn fill(&mut self, id: u64, qty: Qty) {
        if let Some(Open { left, .. }) = self.open.get_mut(&id) {
            *left = Qty(left.0.saturating_sub(qty.0));
        }
    }

    fn push(&mut self, line: Line, action: What) {
        self.steps.push(Step { time_ms: self.time_ms, line, action });
    }

    fn refused(&self, line: Line, field: &'static str, problem: String) -> ImportError {
        let (file, line) = self.files.place(line);
        let advice = "check that both files are whole and of the same day";
        ImportError::Input { file: file.to_owned(), line: Some(line), field: Some(field), problem, advice }
    }
}

#[cfg(test)]
mod tests;
