//! Bars: kept by the minute where something traded, rolled up and filled in when they are read.

use std::collections::VecDeque;

use papertape_engine::{Price, Qty};

use crate::seconds::Seconds;

/// Nanoseconds in a second.
const NS: u64 = 1_000_000_000;

/// Seconds in the base bar.
pub(crate) const MINUTE_S: u64 = 60;

const HOUR_S: u64 = 60 * MINUTE_S;

const DAY_S: u64 = 24 * HOUR_S;

/// How far back base bars are kept in memory: two days.
pub const CANDLES_KEPT_S: u64 = 2 * 24 * 3_600;

/// Length of a bar. Days and months are UTC's, weeks begin on Monday, and three days are counted from 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Interval {
    /// `1s`.
    Second1,
    /// `1m`.
    Minute1,
    /// `3m`.
    Minutes3,
    /// `5m`.
    Minutes5,
    /// `15m`.
    Minutes15,
    /// `30m`.
    Minutes30,
    /// `1h`.
    Hour1,
    /// `2h`.
    Hours2,
    /// `4h`.
    Hours4,
    /// `6h`.
    Hours6,
    /// `8h`.
    Hours8,
    /// `12h`.
    Hours12,
    /// `1d`.
    Day1,
    /// `3d`.
    Days3,
    /// `1w`.
    Week1,
    /// `1M`.
    Month1,
}

impl Interval {
    /// Every interval, shortest first.
    pub const ALL: [Interval; 16] = [
        Interval::Second1,
        Interval::Minute1,
        Interval::Minutes3,
        Interval::Minutes5,
        Interval::Minutes15,
        Interval::Minutes30,
        Interval::Hour1,
        Interval::Hours2,
        Interval::Hours4,
        Interval::Hours6,
        Interval::Hours8,
        Interval::Hours12,
        Interval::Day1,
        Interval::Days3,
        Interval::Week1,
        Interval::Month1,
    ];

    /// `1s` to `1M`.
    pub const fn name(self) -> &'static str {
        match self {
            Interval::Second1 => "1s",
            Interval::Minute1 => "1m",
            Interval::Minutes3 => "3m",
            Interval::Minutes5 => "5m",
            Interval::Minutes15 => "15m",
            Interval::Minutes30 => "30m",
            Interval::Hour1 => "1h",
            Interval::Hours2 => "2h",
            Interval::Hours4 => "4h",
            Interval::Hours6 => "6h",
            Interval::Hours8 => "8h",
            Interval::Hours12 => "12h",
            Interval::Day1 => "1d",
            Interval::Days3 => "3d",
            Interval::Week1 => "1w",
            Interval::Month1 => "1M",
        }
    }

    /// The inverse of [`Interval::name`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|interval| interval.name() == name)
    }

    /// Its length in seconds; of a month the longest.
    pub const fn seconds(self) -> u64 {
        match self {
            Interval::Second1 => 1,
            Interval::Minute1 => MINUTE_S,
            Interval::Minutes3 => 3 * MINUTE_S,
            Interval::Minutes5 => 5 * MINUTE_S,
            Interval::Minutes15 => 15 * MINUTE_S,
            Interval::Minutes30 => 30 * MINUTE_S,
            Interval::Hour1 => HOUR_S,
            Interval::Hours2 => 2 * HOUR_S,
            Interval::Hours4 => 4 * HOUR_S,
            Interval::Hours6 => 6 * HOUR_S,
            Interval::Hours8 => 8 * HOUR_S,
            Interval::Hours12 => 12 * HOUR_S,
            Interval::Day1 => DAY_S,
            Interval::Days3 => 3 * DAY_S,
            Interval::Week1 => 7 * DAY_S,
            Interval::Month1 => 31 * DAY_S,
        }
    }

    /// Start of the bar that holds this second. Before the first Monday of 1970 it is 0.
    pub const fn floor(self, second: u64) -> u64 {
        if matches!(self, Interval::Month1) {
            return first_of(month_of(second));
        }
        // 1970-01-01 was a Thursday, three days after a Monday.
        let shift = if matches!(self, Interval::Week1) { 3 * DAY_S } else { 0 };
        let shifted = second.saturating_add(shift);
        (shifted - shifted % self.seconds()).saturating_sub(shift)
    }

    /// Start of the bar after the one that holds this second.
    pub const fn next(self, second: u64) -> u64 {
        if matches!(self, Interval::Month1) {
            return first_of(month_of(second).saturating_add(1));
        }
        self.floor(second.saturating_add(self.seconds()))
    }

    /// Start of the bar so many bars before the one that holds this second.
    const fn back(self, second: u64, bars: u64) -> u64 {
        if matches!(self, Interval::Month1) {
            return first_of(month_of(second).saturating_sub(bars));
        }
        second.saturating_sub(self.seconds().saturating_mul(bars))
    }
}

/// Days from 1970-01-01 to the first of this month, which is counted from January 1970.
const fn days_before(month: u64) -> u64 {
    let (year, month) = (1970 + month / 12, month % 12);
    // Leap days before this year, less those before 1970.
    let leaps = (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 - 477;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    (year - 1970) * 365 + leaps + before[month as usize] + if is_leap && month >= 2 { 1 } else { 0 }
}

/// The month of a second, counted from January 1970.
const fn month_of(second: u64) -> u64 {
    // Dates are the same every 400 years.
    const CYCLE: u64 = 146_097;
    let (cycles, days) = (second / DAY_S / CYCLE, second / DAY_S % CYCLE);
    // No month is longer than 31 days, nor is any year longer than 366: this is early, by ten months at most.
    let mut month = days / 366 * 12 + days % 366 / 31;
    while days_before(month + 1) <= days {
        month += 1;
    }
    cycles * 400 * 12 + month
}

/// The first second of a month.
const fn first_of(month: u64) -> u64 {
    days_before(month).saturating_mul(DAY_S)
}

/// Intervals whose live bar may begin before what is kept in memory.
pub(crate) const BEYOND_MEMORY: [Interval; 3] = [Interval::Days3, Interval::Week1, Interval::Month1];

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
    pub fn of_trade(price: Price, qty: Qty, time_ns: u64) -> Self {
        let start_s = floor(time_ns / NS, MINUTE_S);
        Self { start_s, open: price, high: price, low: price, close: price, volume: qty }
    }

    /// Takes in a later bar of the same stretch. One in which nothing has traded so far has no open of its own: it gives way.
    pub fn extend(&mut self, later: &Candle) {
        if self.volume.is_zero() {
            *self = Candle { start_s: self.start_s, ..*later };
            return;
        }
        self.high = self.high.max(later.high);
        self.low = self.low.min(later.low);
        self.close = later.close;
        self.volume = self.volume.checked_add(later.volume).unwrap_or(Qty(u64::MAX));
    }

    /// A bar without a trade.
    pub const fn flat(start_s: u64, price: Price) -> Self {
        Self { start_s, open: price, high: price, low: price, close: price, volume: Qty::ZERO }
    }
}

/// Which bars of a chart are wanted: of those that begin at or after `from_s` and before `to_s`, the newest `limit`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    /// Their length.
    pub interval: Interval,
    /// No bar that begins before.
    pub from_s: u64,
    /// No bar that begins then or later.
    pub to_s: u64,
    /// At most so many.
    pub limit: usize,
}

impl Span {
    /// The newest bars, the live one included.
    pub const fn newest(interval: Interval, limit: usize) -> Self {
        Self { interval, from_s: 0, to_s: u64::MAX, limit }
    }

    /// Starts of the first and the last bar, if `newest_s` is the last second that there is.
    fn ends(&self, newest_s: u64) -> Option<(u64, u64)> {
        let last_s = self.interval.floor(self.to_s.checked_sub(1)?.min(newest_s));
        let from_s = self.from_s.max(self.interval.back(last_s, self.limit.checked_sub(1)? as u64));
        let floor_s = self.interval.floor(from_s);
        let first_s = if floor_s < from_s { self.interval.next(from_s) } else { floor_s };
        (first_s <= last_s).then_some((first_s, last_s))
    }
}

/// Rolls base bars up, which come in ascending order.
#[derive(Clone, Debug)]
pub(crate) struct Roll {
    interval: Interval,
    /// Where the bar begins that is being filled.
    at_s: u64,
    last_s: u64,
    limit: usize,
    before: Option<Price>,
    filling: Option<Candle>,
    bars: Vec<Candle>,
}

impl Roll {
    fn new(span: &Span, (first_s, last_s): (u64, u64)) -> Self {
        let (interval, limit) = (span.interval, span.limit);
        Self { interval, at_s: first_s, last_s, limit, before: None, filling: None, bars: Vec::new() }
    }

    /// The first second of the first bar.
    pub(crate) fn first_s(&self) -> u64 {
        self.at_s
    }

    /// The first second after the last bar.
    pub(crate) fn end_s(&self) -> u64 {
        self.interval.next(self.last_s)
    }

    /// Takes the next base bar. One before the first bar gives the price from which bars without a trade are flat.
    pub(crate) fn take(&mut self, bar: &Candle) {
        let start_s = self.interval.floor(bar.start_s);
        if start_s < self.at_s {
            self.before = Some(bar.close);
        } else if start_s <= self.last_s {
            while self.at_s < start_s {
                self.close_bar();
            }
            self.filling.get_or_insert(Candle { start_s, volume: Qty::ZERO, ..*bar }).extend(bar);
        }
    }

    fn close_bar(&mut self) {
        let bar = self.filling.take().or(self.before.map(|price| Candle::flat(self.at_s, price)));
        self.at_s = self.interval.next(self.at_s);
        let Some(bar) = bar else { return };
        self.before = Some(bar.close);
        if self.bars.len() < self.limit {
            self.bars.push(bar);
        }
    }

    /// The bars, oldest first, up to the last one that is wanted.
    pub(crate) fn finish(mut self) -> Vec<Candle> {
        while self.at_s <= self.last_s {
            self.close_bar();
        }
        self.bars
    }
}

/// What of a chart is in memory.
#[derive(Clone, Debug)]
pub enum Chart {
    /// All that there is.
    Whole(Vec<Candle>),
    /// It begins before what is in memory: [`crate::History::chart`] has the rest.
    Begun(BegunChart),
}

/// A chart that begins before what is in memory.
#[derive(Clone, Debug)]
pub struct BegunChart {
    pub(crate) roll: Roll,
    /// Base bars from here on are in memory, if they are wanted.
    pub(crate) kept_from_s: u64,
    pub(crate) recent: Vec<Candle>,
}

/// The base bars of one instrument, oldest first, without those where nothing traded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CandleSeries {
    bars: VecDeque<Candle>,
    seconds: Seconds,
    /// Whether there were bars before the first one.
    has_older: bool,
    /// Of each interval that is longer than the memory, the part of a bar that is older than it.
    begun: [Option<Candle>; BEYOND_MEMORY.len()],
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

    /// The same, where others came before that are not in it.
    pub fn with_older(self, has_older: bool) -> Self {
        Self { has_older: self.has_older || has_older, ..self }
    }

    /// Takes in a trade. Venue time does not go back.
    pub fn trade(&mut self, price: Price, qty: Qty, time_ns: u64) {
        self.push(Candle::of_trade(price, qty, time_ns));
        self.remember(price, qty, time_ns);
    }

    /// Takes in a trade whose base bar is here already.
    pub(crate) fn remember(&mut self, price: Price, qty: Qty, time_ns: u64) {
        self.seconds.push(Candle { start_s: time_ns / NS, ..Candle::of_trade(price, qty, time_ns) });
    }

    pub(crate) fn push(&mut self, bar: Candle) {
        match self.bars.back_mut() {
            Some(last) if last.start_s >= bar.start_s => last.extend(&bar),
            _ => self.bars.push_back(bar),
        }
        while self.bars.front().is_some_and(|first| first.start_s + CANDLES_KEPT_S < bar.start_s) {
            let gone = self.bars.pop_front();
            gone.iter().for_each(|gone| self.forget(gone));
        }
    }

    /// Takes in a base bar that is older than what is kept, in ascending order.
    pub(crate) fn forget(&mut self, gone: &Candle) {
        self.has_older = true;
        for (interval, begun) in BEYOND_MEMORY.iter().zip(&mut self.begun) {
            let start_s = interval.floor(gone.start_s);
            match begun {
                Some(begun) if begun.start_s == start_s => begun.extend(gone),
                _ => *begun = Some(Candle { start_s, ..*gone }),
            }
        }
    }

    /// The live bar at `now_ns`: flat if nothing has traded in it, `None` before the first trade that is known.
    pub fn live(&self, interval: Interval, now_ns: u64) -> Option<Candle> {
        if interval == Interval::Second1 {
            return Some(self.seconds.live(self.newest_second(now_ns)?, self.bars.back()?.close));
        }
        let start_s = interval.floor(self.newest_s(now_ns)?);
        let of_this = |begun: &&Candle| begun.start_s == start_s;
        let place = BEYOND_MEMORY.iter().position(|beyond| *beyond == interval);
        let begun = place.and_then(|place| self.begun[place].as_ref()).filter(of_this).copied();
        let from = self.bars.partition_point(|bar| bar.start_s < start_s);
        let live = self.bars.range(from..).fold(begun, |live, bar| match live {
            None => Some(Candle { start_s, ..*bar }),
            Some(mut live) => {
                live.extend(bar);
                Some(live)
            }
        });
        live.or_else(|| self.close_before(start_s).map(|price| Candle::flat(start_s, price)))
    }

    /// The last `limit` bars up to `now_ns` of those that are known here, oldest first; the last one is live. Bars without
    /// a trade are flat at the close before; there are none before the first trade that is known.
    pub fn rolled(&self, interval: Interval, limit: usize, now_ns: u64) -> Vec<Candle> {
        match self.chart(&Span::newest(interval, limit), now_ns) {
            Chart::Whole(bars) => bars,
            Chart::Begun(BegunChart { mut roll, recent, .. }) => {
                recent.iter().for_each(|bar| roll.take(bar));
                roll.finish()
            }
        }
    }

    /// The bars of a span up to `now_ns`, as [`CandleSeries::rolled`] gives them.
    pub fn chart(&self, span: &Span, now_ns: u64) -> Chart {
        if span.interval == Interval::Second1 {
            return Chart::Whole(self.chart_of_seconds(span, now_ns).unwrap_or_default());
        }
        let (Some(first), Some(newest_s)) = (self.bars.front(), self.newest_s(now_ns)) else {
            return Chart::Whole(Vec::new());
        };
        let Some((first_s, last_s)) = span.ends(newest_s) else { return Chart::Whole(Vec::new()) };
        let mut roll = Roll::new(span, (first_s, last_s));
        // The bar before the first one is taken as well, for its close.
        let begin = self.bars.partition_point(|bar| bar.start_s < first_s).saturating_sub(1);
        let wanted = self.bars.range(begin..).take_while(|bar| bar.start_s < span.interval.next(last_s));
        if self.has_older && first_s < first.start_s {
            let recent = wanted.copied().collect();
            return Chart::Begun(BegunChart { roll, kept_from_s: first.start_s, recent });
        }
        wanted.for_each(|bar| roll.take(bar));
        Chart::Whole(roll.finish())
    }

    /// Bars of a second: those of the last hour, and none before the first of them.
    fn chart_of_seconds(&self, span: &Span, now_ns: u64) -> Option<Vec<Candle>> {
        let (first_s, last_s) = span.ends(self.newest_second(now_ns)?)?;
        let first_s = first_s.max(self.seconds.first_s()?);
        if first_s > last_s {
            return None;
        }
        let mut roll = Roll::new(span, (first_s, last_s));
        self.seconds.from(first_s).for_each(|bar| roll.take(bar));
        Some(roll.finish())
    }

    /// Now, or the second of the last trade if the clock lags behind it.
    fn newest_second(&self, now_ns: u64) -> Option<u64> {
        Some((now_ns / NS).max(self.seconds.newest_s().or(self.bars.back().map(|bar| bar.start_s))?))
    }

    /// The last second that has a bar: now, or the last trade's if the clock lags behind it.
    pub fn newest_s(&self, now_ns: u64) -> Option<u64> {
        Some((now_ns / NS).max(self.bars.back()?.start_s))
    }

    /// Start of the newest bar before a second, and whether it is certain that there is one: else it is older than what is
    /// known here.
    pub fn bar_before(&self, interval: Interval, second: u64, now_ns: u64) -> Option<(u64, bool)> {
        if interval == Interval::Second1 {
            let before_s = second.checked_sub(1)?.min(self.newest_second(now_ns)?);
            return (self.seconds.first_s()? <= before_s).then_some((before_s, true));
        }
        let before_s = second.checked_sub(1)?.min(self.newest_s(now_ns)?);
        let start_s = interval.floor(before_s);
        let is_known = self.bars.front()?.start_s < interval.next(start_s);
        (is_known || self.has_older).then_some((start_s, is_known))
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
