//! Bars: kept by the minute where something traded, rolled up and filled in when they are read.

use std::collections::VecDeque;

use papertape_engine::{Price, Qty};

/// Nanoseconds in a second.
const NS: u64 = 1_000_000_000;

/// Seconds in the base bar.
pub(crate) const MINUTE_S: u64 = 60;

/// How far back base bars are kept in memory: two days.
pub const CANDLES_KEPT_S: u64 = 2 * 24 * 3_600;

/// Length of a bar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Interval {
    /// `1m`.
    Minute1,
    /// `5m`.
    Minutes5,
    /// `15m`.
    Minutes15,
    /// `1h`.
    Hour1,
}

impl Interval {
    /// Every interval.
    pub const ALL: [Interval; 4] = [Interval::Minute1, Interval::Minutes5, Interval::Minutes15, Interval::Hour1];

    /// `1m`, `5m`, `15m` or `1h`.
    pub const fn name(self) -> &'static str {
        match self {
            Interval::Minute1 => "1m",
            Interval::Minutes5 => "5m",
            Interval::Minutes15 => "15m",
            Interval::Hour1 => "1h",
        }
    }

    /// The inverse of [`Interval::name`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|interval| interval.name() == name)
    }

    /// Its length in seconds.
    pub const fn seconds(self) -> u64 {
        match self {
            Interval::Minute1 => MINUTE_S,
            Interval::Minutes5 => 5 * MINUTE_S,
            Interval::Minutes15 => 15 * MINUTE_S,
            Interval::Hour1 => 60 * MINUTE_S,
        }
    }
}

/// One bar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Candle {
    /// First second, since 1970-01-01 UTC; a multiple of the interval.
    pub start_s: u64,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
    /// Lots traded. Zero in a flat bar, whose prices are the close before. Stops at 2^64 - 1.
    pub volume: Qty,
}

impl Candle {
    /// The base bar that holds a single trade.
    pub(crate) fn of_trade(price: Price, qty: Qty, time_ns: u64) -> Self {
        let start_s = floor(time_ns / NS, MINUTE_S);
        Self { start_s, open: price, high: price, low: price, close: price, volume: qty }
    }

    /// Takes in a later bar of the same stretch.
    pub(crate) fn extend(&mut self, later: &Candle) {
        self.high = self.high.max(later.high);
        self.low = self.low.min(later.low);
        self.close = later.close;
        self.volume = self.volume.checked_add(later.volume).unwrap_or(Qty(u64::MAX));
    }

    const fn flat(start_s: u64, price: Price) -> Self {
        Self { start_s, open: price, high: price, low: price, close: price, volume: Qty::ZERO }
    }
}

/// The base bars of one instrument, oldest first, without those where nothing traded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CandleSeries {
    bars: VecDeque<Candle>,
}

impl CandleSeries {
    /// Takes bars in ascending order.
    pub fn from_bars(bars: impl IntoIterator<Item = Candle>) -> Self {
        let mut series = Self::default();
        for bar in bars {
            series.push(bar);
        }
        series
    }

    /// Takes in a trade. Venue time does not go back.
    pub fn trade(&mut self, price: Price, qty: Qty, time_ns: u64) {
        self.push(Candle::of_trade(price, qty, time_ns));
    }

    fn push(&mut self, bar: Candle) {
        match self.bars.back_mut() {
            Some(last) if last.start_s >= bar.start_s => last.extend(&bar),
            _ => self.bars.push_back(bar),
        }
        while self.bars.front().is_some_and(|first| first.start_s + CANDLES_KEPT_S < bar.start_s) {
            self.bars.pop_front();
        }
    }

    /// The last `limit` bars up to `now_ns`, oldest first; the last one is live. Bars without a trade are flat at the
    /// close before; there are none before the first trade that is known.
    pub fn rolled(&self, interval: Interval, limit: usize, now_ns: u64) -> Vec<Candle> {
        let (Some(first), Some(last)) = (self.bars.front(), self.bars.back()) else {
            return Vec::new();
        };
        let step = interval.seconds();
        let end_s = floor((now_ns / NS).max(last.start_s), step);
        let span_s = step.saturating_mul(limit.saturating_sub(1) as u64);
        let start_s = floor(first.start_s, step).max(end_s.saturating_sub(span_s));
        let mut before = self.close_before(start_s).unwrap_or(first.open);
        let mut next = self.bars.partition_point(|bar| bar.start_s < start_s);
        let mut rolled = Vec::new();
        let mut at_s = start_s;
        while at_s <= end_s && rolled.len() < limit {
            let mut merged: Option<Candle> = None;
            while let Some(bar) = self.bars.get(next).filter(|bar| bar.start_s < at_s + step) {
                merged.get_or_insert(Candle { start_s: at_s, volume: Qty::ZERO, ..*bar }).extend(bar);
                next += 1;
            }
            let bar = merged.unwrap_or(Candle::flat(at_s, before));
            before = bar.close;
            rolled.push(bar);
            at_s += step;
        }
        rolled
    }

    /// The bars that begin within the last `window_s` seconds, as one; and the close before them, if it is known.
    pub fn window(&self, window_s: u64, now_ns: u64) -> (Option<Price>, Option<Candle>) {
        let from_s = (now_ns / NS).saturating_sub(window_s);
        let begin = self.bars.partition_point(|bar| bar.start_s < from_s);
        let mut bars = self.bars.range(begin..);
        let whole = bars.next().map(|first| {
            let mut whole = *first;
            bars.for_each(|bar| whole.extend(bar));
            whole
        });
        (self.close_before(from_s), whole)
    }

    /// The base bars, oldest first.
    pub fn bars(&self) -> impl Iterator<Item = &Candle> {
        self.bars.iter()
    }

    fn close_before(&self, start_s: u64) -> Option<Price> {
        let before = self.bars.partition_point(|bar| bar.start_s < start_s).checked_sub(1)?;
        Some(self.bars.get(before)?.close)
    }
}

const fn floor(seconds: u64, step: u64) -> u64 {
    seconds - seconds % step
}
