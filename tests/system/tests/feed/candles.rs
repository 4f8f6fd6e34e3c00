//! A client's bars of one market.

use std::collections::{BTreeMap, BTreeSet};

use papertape_engine::{Price, Qty};
use papertape_platform::{Interval, TapeRow};
use serde_json::Value;

use crate::truth::Truth;

/// The bars that were told, and how far the trades had come.
#[derive(Default)]
pub(super) struct Bars {
    bars: BTreeMap<u64, Value>,
    last_trade: u64,
}

impl Bars {
    /// Takes in a snapshot or an update. Each bar in it, and each bar that a trade since the last message changed, is what
    /// the trades up to the one that the message names make of it.
    pub(super) fn take(&mut self, symbol: &str, message: &Value, truth: &mut Truth) -> Result<(), String> {
        let interval = message["interval"].as_str().and_then(Interval::parse).ok_or("without an interval")?;
        let last = message["last_trade_id"].as_u64().ok_or("without the last trade")?;
        if message["type"] == "snapshot" {
            (self.last_trade, self.bars) = (last, BTreeMap::new());
        } else if last < self.last_trade {
            return Err(format!("{symbol}: {message} comes after trade {}", self.last_trade));
        }
        let mut changed = BTreeSet::new();
        for bar in message["data"].as_array().unwrap() {
            let start_s = bar["time"].as_u64().unwrap();
            changed.insert(start_s);
            self.bars.insert(start_s, bar.clone());
        }
        let rows = truth.trades_up_to(symbol, last).to_vec();
        // Of a reader that was slow only the newest bars are told.
        if message["conflated"].as_u64().unwrap_or(0) == 0 {
            let news = rows.iter().rev().take_while(|row| row.id.0 > self.last_trade);
            changed.extend(news.map(|row| interval.floor(row.time_ns / 1_000_000_000)));
        }
        self.last_trade = last;
        changed.into_iter().try_for_each(|start_s| self.check(symbol, interval, start_s, &rows, truth))
    }

    fn check(
        &self,
        symbol: &str,
        interval: Interval,
        start_s: u64,
        rows: &[TapeRow],
        truth: &Truth,
    ) -> Result<(), String> {
        let bar = self.bars.get(&start_s).ok_or_else(|| format!("{symbol}: a trade's bar {start_s} is not told"))?;
        let second = |row: &TapeRow| row.time_ns / 1_000_000_000;
        let begin = rows.partition_point(|row| second(row) < start_s);
        let end = rows.partition_point(|row| second(row) < interval.next(start_s));
        let within = &rows[begin..end];
        // A bar without a trade is flat at the close before.
        let close = rows[..end].last().ok_or_else(|| format!("{symbol}: {bar}, and nothing has traded"))?.price;
        let open = within.first().map_or(close, |row| row.price);
        let prices = || within.iter().map(|row| row.price);
        let (high, low) = (prices().max().unwrap_or(close), prices().min().unwrap_or(close));
        let volume = Qty(within.iter().fold(0, |sum, row| row.qty.0.saturating_add(sum)));
        let price = |price: Price| truth.text(symbol, price, volume).0;
        let whole = [
            ("open", price(open)),
            ("high", price(high)),
            ("low", price(low)),
            ("close", price(close)),
            ("volume", truth.text(symbol, close, volume).1),
        ];
        match whole.iter().find(|(field, is)| bar[*field] != **is) {
            None => Ok(()),
            Some((field, is)) => Err(format!("{symbol}: {field} of {bar} is {is}")),
        }
    }

    /// The bar that begins then.
    pub(super) fn get(&self, start_s: u64) -> Option<&Value> {
        self.bars.get(&start_s)
    }
}
