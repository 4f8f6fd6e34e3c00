//! Time as text.

/// A time in nanoseconds since 1970 as `2023-07-11 09:25:00.000000001 UTC`.
pub fn utc(time_ns: u64) -> String {
    let [year, month, day, hour, minute, second, ns] = parts(time_ns);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{ns:09} UTC")
}

/// A time in nanoseconds since 1970 as `2023-07-11T09:25:00.000000001Z` (RFC 3339).
pub fn utc_iso(time_ns: u64) -> String {
    let [year, month, day, hour, minute, second, ns] = parts(time_ns);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ns:09}Z")
}

/// Year, month, day, hour, minute, second, nanosecond. The years of 64 bits of nanoseconds are those up to 2554.
fn parts(time_ns: u64) -> [u64; 7] {
    let (seconds, ns) = (time_ns / 1_000_000_000, time_ns % 1_000_000_000);
    let (mut days, of_day) = (seconds / 86_400, seconds % 86_400);
    let (mut year, mut month) = (1970, 1);
    while days >= year_days(year) {
        days -= year_days(year);
        year += 1;
    }
    while days >= month_days(year, month) {
        days -= month_days(year, month);
        month += 1;
    }
    [year, month, days + 1, of_day / 3_600, of_day / 60 % 60, of_day % 60, ns]
}

fn year_days(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn month_days(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        assert_eq!(utc(0), "1970-01-01 00:00:00.000000000 UTC");
        assert_eq!(utc(1_330_473_600_000_000_001), "2012-02-29 00:00:00.000000001 UTC");
        assert_eq!(utc_iso(1_689_067_500_000_000_000), "2023-07-11T09:25:00.000000000Z");
        assert_eq!(utc_iso(951_782_399_999_999_999), "2000-02-28T23:59:59.999999999Z");
        assert_eq!(utc(u64::MAX), "2554-07-21 23:34:33.709551615 UTC");
    }
}
