//! A day of an instrument: at which times of day its phases begin.

use wincode::{SchemaRead, SchemaWrite};

/// Nanoseconds of a day.
pub(crate) const DAY_NS: u64 = 86_400_000_000_000;

/// Times of day, in nanoseconds since midnight UTC, one after the other. Each day, by the stamps' time: the opening auction
/// begins to collect, is uncrossed into continuous trading, the closing auction begins to collect, is uncrossed, and the
/// instrument is closed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, SchemaRead, SchemaWrite)]
pub struct Schedule {
    /// The opening auction begins, whatever the phase was.
    pub pre_open_ns: u64,
    /// It is uncrossed, and trading is continuous. Whoever is in no auction then stays as he is.
    pub open_ns: u64,
    /// The closing auction begins, unless the instrument is halted or closed.
    pub closing_ns: u64,
    /// It is uncrossed, and the instrument is closed, whatever the phase was.
    pub close_ns: u64,
}

/// What a schedule does next.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Step {
    PreOpen,
    Open,
    Closing,
    Close,
}

impl Schedule {
    /// Whether its times are times of one day in their order.
    pub(crate) const fn is_possible(&self) -> bool {
        self.pre_open_ns < self.open_ns
            && self.open_ns < self.closing_ns
            && self.closing_ns < self.close_ns
            && self.close_ns < DAY_NS
    }

    const fn steps(&self) -> [(u64, Step); 4] {
        [
            (self.pre_open_ns, Step::PreOpen),
            (self.open_ns, Step::Open),
            (self.closing_ns, Step::Closing),
            (self.close_ns, Step::Close),
        ]
    }

    /// The time of the first step after a time.
    pub(crate) fn next_ns(&self, after_ns: u64) -> Option<u64> {
        let midnight_ns = after_ns - after_ns % DAY_NS;
        let of_day = |midnight_ns: u64| {
            let times = self.steps().map(|(time_ns, _)| midnight_ns.checked_add(time_ns));
            times.into_iter().flatten().find(|time_ns| *time_ns > after_ns)
        };
        of_day(midnight_ns).or_else(|| midnight_ns.checked_add(DAY_NS).and_then(of_day))
    }

    /// What is to be done at a time.
    pub(crate) fn step_at(&self, time_ns: u64) -> Option<Step> {
        self.steps().into_iter().find(|(of_day, _)| *of_day == time_ns % DAY_NS).map(|(_, step)| step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_step_is_today_or_tomorrow() {
        let day = Schedule { pre_open_ns: 10, open_ns: 20, closing_ns: 30, close_ns: 40 };
        assert!(day.is_possible());
        assert_eq!(day.next_ns(0), Some(10));
        assert_eq!(day.next_ns(10), Some(20));
        assert_eq!(day.next_ns(40), Some(DAY_NS + 10));
        assert_eq!(day.next_ns(3 * DAY_NS + 25), Some(3 * DAY_NS + 30));
        assert_eq!(day.next_ns(u64::MAX), None);
        assert_eq!(day.step_at(DAY_NS + 40), Some(Step::Close));
        assert_eq!(day.step_at(41), None);
        assert!(!Schedule { close_ns: DAY_NS, ..day }.is_possible());
    }
}
