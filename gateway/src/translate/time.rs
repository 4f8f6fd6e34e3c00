//! Time as it is written on the wire: RFC 3339 in UTC with milliseconds, beside integers.

/// Nanoseconds of a millisecond.
pub(crate) const NS_PER_MS: u64 = 1_000_000;

/// Milliseconds since 1970.
pub(crate) fn millis(time_ns: u64) -> u64 {
    time_ns / NS_PER_MS
}

/// `2026-01-31T23:59:59.123Z`.
pub(crate) fn rfc3339(time_ns: u64) -> String {
    text(time_ns).as_str().to_owned()
}

/// The text of a moment, without memory of its own.
pub(crate) struct Rfc3339([u8; 24]);

impl Rfc3339 {
    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits and signs are ASCII")
    }
}

/// As [`rfc3339`]. Each message has some of these: no general formatting. (The last moment is in 2554.)
pub(crate) fn text(time_ns: u64) -> Rfc3339 {
    let ms = millis(time_ns);
    let (seconds, ms) = (ms / 1_000, ms % 1_000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let mut text = *b"0000-00-00T00:00:00.000Z";
    for (number, digits, from) in
        [(year, 4, 0), (month, 2, 5), (day, 2, 8), (hour, 2, 11), (minute, 2, 14), (second, 2, 17), (ms, 3, 20)]
    {
        let mut rest = number;
        for place in text[from..from + digits].iter_mut().rev() {
            *place = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
    }
    Rfc3339(text)
}

/// Year, month and day of a day counted from 1970-01-01, by Howard Hinnant's `civil_from_days`: years begin in March,
/// so that the leap day is the last day of a year, and 400 years are 146,097 days.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

/// The venue's clock at the edge: nanoseconds since 1970. Only for what the venue's own stamps do not cover.
pub(crate) fn now_ns() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_leap_days_are_written_as_the_calendar_says() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399, "2000-02-28T23:59:59.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_709_164_800, "2024-02-29T00:00:00.000Z"),
            (1_798_761_599, "2026-12-31T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(rfc3339(seconds * 1_000_000_000), text);
        }
        assert_eq!(rfc3339(1_123_999_999), "1970-01-01T00:00:01.123Z");
    }
}
