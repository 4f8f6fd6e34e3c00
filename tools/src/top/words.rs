//! Numbers as they are read at a glance.

/// A rate or a count: `0`, `7.3`, `412`, `12.4k`, `3.18M`.
pub(super) fn number(value: f64) -> String {
    let (scaled, unit) = match value.abs() {
        1e9.. => (value / 1e9, "G"),
        1e6.. => (value / 1e6, "M"),
        1e4.. => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let decimals = match scaled.abs() {
        _ if scaled.fract() == 0.0 && unit.is_empty() => 0,
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    format!("{scaled:.decimals$}{unit}")
}

/// A whole number with its thousands apart.
pub(super) fn whole(value: f64) -> String {
    let digits = format!("{value:.0}");
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |digits| ("-", digits));
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{sign}{text}")
}

/// A time in seconds: `62us`, `1.50ms`, `2.10s`.
pub(super) fn time(seconds: Option<f64>) -> String {
    match seconds {
        None => "-".to_owned(),
        Some(seconds) if seconds < 0.001 => format!("{:.0}us", seconds * 1e6),
        Some(seconds) if seconds < 1.0 => format!("{:.2}ms", seconds * 1e3),
        Some(seconds) => format!("{seconds:.2}s"),
    }
}

/// A long time in seconds: `42s`, `7m 12s`, `3h 05m`, `2d 4h`.
pub(super) fn long(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{}h {:02}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{}d {}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// How full something is: a bar of so many characters.
pub(super) fn bar(value: f64, capacity: f64, width: usize) -> String {
    let share = if capacity > 0.0 { (value / capacity).clamp(0.0, 1.0) } else { 0.0 };
    // What is not empty shows.
    let full = ((share * width as f64).round() as usize).max(usize::from(value > 0.0)).min(width);
    format!("[{}{}]", "#".repeat(full), ".".repeat(width - full))
}

/// A character a bucket, the higher the more lay in it.
pub(super) fn profile(shares: &[f64]) -> String {
    const STEPS: [char; 8] = ['.', ':', '-', '=', '+', '*', '#', '@'];
    let most = shares.iter().copied().fold(0.0, f64::max);
    let of = |share: f64| match share {
        0.0 => ' ',
        share => STEPS[((share / most * 8.0).ceil() as usize).clamp(1, 8) - 1],
    };
    shares.iter().map(|share| of(*share)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!([0.0, 7.25, 412.0, 12_430.0, 3_180_000.0].map(number), ["0", "7.25", "412", "12.4k", "3.18M"]);
        assert_eq!([0.0, 999.0, 1_000.0, 1_234_567.0].map(whole), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([None, Some(62e-6), Some(0.0015), Some(2.1)].map(time), ["-", "62us", "1.50ms", "2.10s"]);
        assert_eq!([42.0, 432.0, 11_100.0, 187_200.0].map(long), ["42s", "7m 12s", "3h 05m", "2d 4h"]);
    }

    #[test]
    fn what_is_not_empty_shows() {
        assert_eq!((bar(0.0, 10.0, 4), bar(0.1, 10.0, 4), bar(99.0, 10.0, 4)).0, "[....]");
        assert_eq!((bar(0.1, 10.0, 4), bar(99.0, 10.0, 4)), ("[#...]".to_owned(), "[####]".to_owned()));
        assert_eq!(profile(&[0.0, 1.0, 8.0]), " .@");
    }
}
