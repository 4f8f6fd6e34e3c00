//! The day of a flow, so that its times become the venue's.

/// Midnight of a day. The exchange's local clock is taken as if it were UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Day {
    /// Days since 1970-01-01.
    number: u64,
}

impl Day {
    /// Reads `YYYY-MM-DD` of 1970 to 2199; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let shape = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let part = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
        let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
        let valid = (1970..2200).contains(&year) && (1..=12).contains(&month) && day >= 1;
        if !shape || !valid || day > month_days(year, month) {
            return None;
        }
        let years = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum::<u64>();
        let months = (1..month).map(|month| month_days(year, month)).sum::<u64>();
        Some(Day { number: years + months + day - 1 })
    }

    /// Nanoseconds since 1970-01-01 at a time of this day, which is below 24 hours.
    pub(crate) fn time_ns(self, of_day_ns: u64) -> u64 {
        self.number * 86_400_000_000_000 + of_day_ns
    }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn month_days(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_counted_from_1970() {
        assert_eq!(Day::parse("1970-01-01"), Some(Day::default()));
        assert_eq!(Day::parse("2023-07-11").unwrap().time_ns(0), 1_689_033_600_000_000_000);
        assert_eq!(Day::parse("2012-02-29").unwrap().time_ns(1), 1_330_473_600_000_000_001);
        for bad in [
            "2023-7-11",
            "2023-02-29",
            "2023-13-01",
            "2023-00-01",
            "2023-01-00",
            "1969-12-31",
            "2023-01-0x",
            "+023-01-01",
        ] {
            assert_eq!(Day::parse(bad), None, "{bad}");
        }
    }
}
