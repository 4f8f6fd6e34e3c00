//! Bars of a second: kept in memory alone, of the last hour, where something traded.

use std::collections::VecDeque;

use papertape_engine::Price;

use crate::candles::Candle;

/// How far back they are kept.
pub const SECONDS_KEPT_S: u64 = 3_600;

/// The bars of one instrument, oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Seconds {
    bars: VecDeque<Candle>,
}

impl Seconds {
    /// Takes in a trade. Venue time does not go back.
    pub(crate) fn push(&mut self, bar: Candle) {
        match self.bars.back_mut() {
            Some(last) if last.start_s >= bar.start_s => last.extend(&bar),
            _ => self.bars.push_back(bar),
        }
        while self.bars.front().is_some_and(|first| first.start_s + SECONDS_KEPT_S < bar.start_s) {
            self.bars.pop_front();
        }
    }

    /// The last second in which something traded.
    pub(crate) fn newest_s(&self) -> Option<u64> {
        self.bars.back().map(|bar| bar.start_s)
    }

    /// The first second that is known.
    pub(crate) fn first_s(&self) -> Option<u64> {
        self.bars.front().map(|bar| bar.start_s)
    }

    /// The bar of this second or, if nothing traded in it, a flat one at `close`.
    pub(crate) fn live(&self, second: u64, close: Price) -> Candle {
        let live = self.bars.back().filter(|bar| bar.start_s == second);
        live.copied().unwrap_or(Candle::flat(second, close))
    }

    /// The bars from `first_s` on, and the one before them.
    pub(crate) fn from(&self, first_s: u64) -> impl Iterator<Item = &Candle> {
        let begin = self.bars.partition_point(|bar| bar.start_s < first_s).saturating_sub(1);
        self.bars.range(begin..)
    }
}
