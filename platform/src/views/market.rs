//! What everybody may see of one instrument.

use std::collections::VecDeque;

use papertape_engine::{Indicated, Instrument, Price, Qty, Schedule, Side, Stage};

use super::change::TapeRow;
use super::depth::DepthFold;
use crate::candles::CandleSeries;

/// Trades that are kept of each instrument.
pub const TAPE_KEPT: usize = 1_000;

const DAY_S: u64 = 24 * 3_600;

/// The last 24 hours in a line. Whole minutes: the window begins at a bar.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ticker {
    /// Price of the last trade.
    pub price: Option<Price>,
    /// Price of the last trade before the window, or else of the first one in it.
    pub open_24h: Option<Price>,
    /// Highest price.
    pub high_24h: Option<Price>,
    /// Lowest price.
    pub low_24h: Option<Price>,
    /// Lots traded.
    pub volume_24h: Qty,
    /// What the operator says that it is worth.
    pub mark: Option<Price>,
    /// What the auction would trade now, if there is one.
    pub indicated: Option<Indicated>,
    /// Highest bid.
    pub best_bid: Option<(Price, Qty)>,
    /// Lowest ask.
    pub best_ask: Option<(Price, Qty)>,
}

impl Ticker {
    /// From `open_24h` to `price`, in percent.
    pub fn change_percentage(&self) -> Option<f64> {
        let (open, price) = (self.open_24h?.0 as f64, self.price?.0 as f64);
        (open > 0.0).then(|| (price - open) / open * 100.0)
    }

    /// Halfway between best bid and best ask, rounded down; `None` if a side is empty.
    pub fn mid(&self) -> Option<Price> {
        let (bid, ask) = (self.best_bid?.0, self.best_ask?.0);
        Some(Price(bid.0 / 2 + ask.0 / 2 + (bid.0 % 2 + ask.0 % 2) / 2))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Market {
    pub(super) instrument: Instrument,
    pub(super) stage: Stage,
    pub(super) schedule: Option<Schedule>,
    pub(super) depth: DepthFold,
    pub(super) tape: VecDeque<TapeRow>,
    pub(super) candles: CandleSeries,
    pub(super) last_price: Option<Price>,
    /// What the operator says that it is worth.
    pub(super) mark: Option<Price>,
    /// What the auction would trade now.
    pub(super) indicated: Option<Indicated>,
    /// Whether the current command has touched the book.
    pub(super) is_touched: bool,
}

impl Market {
    pub(super) fn new(instrument: Instrument, stage: Stage, update_id: u64) -> Self {
        Self {
            instrument,
            stage,
            schedule: None,
            depth: DepthFold::new(update_id),
            tape: VecDeque::new(),
            candles: CandleSeries::default(),
            last_price: None,
            mark: None,
            indicated: None,
            is_touched: false,
        }
    }

    pub(super) fn print(&mut self, row: TapeRow) {
        self.last_price = Some(row.price);
        self.candles.trade(row.price, row.qty, row.time_ns);
        self.tape.push_back(row);
        if self.tape.len() > TAPE_KEPT {
            self.tape.pop_front();
        }
    }

    pub(super) fn ticker(&self, now_ns: u64) -> Ticker {
        let price = self.last_price;
        let (before, window) = self.candles.window(DAY_S, now_ns);
        Ticker {
            price,
            open_24h: before.or(window.map(|bar| bar.open)).or(price),
            high_24h: window.map(|bar| bar.high).or(price),
            low_24h: window.map(|bar| bar.low).or(price),
            volume_24h: window.map_or(Qty::ZERO, |bar| bar.volume),
            mark: self.mark,
            indicated: self.indicated,
            best_bid: self.depth.best(Side::Buy),
            best_ask: self.depth.best(Side::Sell),
        }
    }
}
