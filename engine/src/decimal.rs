//! Decimal text to scaled integers and back, exactly. The only place where text becomes a number of money.

use std::fmt;

/// Why a text is not a number at the wanted scale.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecimalError {
    /// Not of the form `-?digits(.digits)?`.
    Malformed,
    /// More decimals than the scale has, and they are not zeros.
    TooPrecise {
        /// Decimals that the scale has.
        decimals: u8,
    },
    /// Beyond 128 bits.
    TooLarge,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecimalError::Malformed => write!(f, "not a decimal number"),
            DecimalError::TooPrecise { decimals } => write!(f, "more than {decimals} decimals"),
            DecimalError::TooLarge => write!(f, "number too large"),
        }
    }
}

impl std::error::Error for DecimalError {}

/// Reads `text` as a count of `10^-decimals`: `parse("1.25", 4)` is `12500`. Takes no exponent, no sign but `-`, no
/// digit separators, and no more than 64 characters; trailing zeros beyond the scale are allowed.
pub fn parse(text: &str, decimals: u8) -> Result<i128, DecimalError> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let bare_point = digits.contains('.') && fraction.is_empty();
    if text.len() > 64 || whole.is_empty() || bare_point || !all_digits(whole) || !all_digits(fraction) {
        return Err(DecimalError::Malformed);
    }
    let scale = usize::from(decimals);
    let (kept, cut) = fraction.split_at(fraction.len().min(scale));
    if cut.bytes().any(|byte| byte != b'0') {
        return Err(DecimalError::TooPrecise { decimals });
    }
    let padding = std::iter::repeat_n(b'0', scale - kept.len());
    let value = whole
        .bytes()
        .chain(kept.bytes())
        .chain(padding)
        .try_fold(0_i128, |value, digit| value.checked_mul(10)?.checked_add(i128::from(digit - b'0')));
    value.map(|value| if negative { -value } else { value }).ok_or(DecimalError::TooLarge)
}

/// Writes a count of `10^-decimals` with exactly that many decimals: `format(12500, 4)` is `1.2500`.
pub fn format(value: i128, decimals: u8) -> String {
    Scaled::new(value, decimals).to_string()
}

/// As [`format()`], of a number that may be twice as large.
pub fn format_unsigned(value: u128, decimals: u8) -> String {
    Scaled::unsigned(value, decimals).to_string()
}

/// A count of `10^-decimals` that becomes text when somebody writes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scaled {
    is_negative: bool,
    value: u128,
    decimals: u8,
}

/// A number's text, without memory of its own.
#[derive(Clone, Debug)]
pub struct Text {
    bytes: [u8; TEXT_MAX],
    begin: usize,
}

/// A sign, a digit before the point and as many after it as eight bits count to; more than 128 bits have.
const TEXT_MAX: usize = 258;

impl Scaled {
    /// `Scaled::new(12500, 4)` is `1.2500`.
    pub fn new(value: i128, decimals: u8) -> Self {
        Self { is_negative: value < 0, value: value.unsigned_abs(), decimals }
    }

    /// One that may be twice as large.
    pub fn unsigned(value: u128, decimals: u8) -> Self {
        Self { is_negative: false, value, decimals }
    }

    /// Its text, with all of its decimals.
    pub fn text(self) -> Text {
        let mut text = Text { bytes: [0; TEXT_MAX], begin: TEXT_MAX };
        let (scale, mut place) = (usize::from(self.decimals), 0);
        let mut put = |digit: u8| {
            if place == scale && scale > 0 {
                text.put(b'.');
            }
            text.put(b'0' + digit);
            place += 1;
            place <= scale
        };
        let mut high = self.value;
        while high > u128::from(u64::MAX) {
            put((high % 10) as u8);
            high /= 10;
        }
        // Which is divided a good deal faster.
        let mut low = high as u64;
        while put((low % 10) as u8) || low > 9 {
            low /= 10;
        }
        if self.is_negative {
            text.put(b'-');
        }
        text
    }
}

impl Text {
    fn put(&mut self, byte: u8) {
        self.begin -= 1;
        self.bytes[self.begin] = byte;
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[self.begin..]).expect("only ASCII is put into it")
    }
}

impl fmt::Display for Scaled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text().as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_number_are_the_same_value() {
        for (text, decimals, value) in
            [("0", 0, 0), ("1.25", 4, 12_500), ("-0.01", 2, -1), ("007", 1, 70), ("1.500", 1, 15), ("3.0", 0, 3)]
        {
            assert_eq!(parse(text, decimals), Ok(value), "{text}");
        }
        assert_eq!(format(12_500, 4), "1.2500");
        assert_eq!(format(-1, 2), "-0.01");
        assert_eq!(format(5, 0), "5");
        assert_eq!(format(0, 3), "0.000");
        assert_eq!(format!("{:>8}|", Scaled::new(-15, 1)), "    -1.5|");
    }

    #[test]
    fn a_number_is_written_as_the_standard_library_writes_its_digits() {
        let powers = (0..39).map(|power| 10_u128.pow(power));
        let edges = [0, 1, 9, u64::MAX.into(), u128::from(u64::MAX) + 1, i128::MAX.unsigned_abs(), u128::MAX];
        for value in powers.flat_map(|power| [power - 1, power, power + 1, power.saturating_mul(7)]).chain(edges) {
            for decimals in [0, 1, 2, 8, 18, 19, 20, 38, 39, 40, 255] {
                let scale = usize::from(decimals);
                let digits = format!("{value:0>width$}", width = scale + 1);
                let (whole, fraction) = digits.split_at(digits.len() - scale);
                let expected = if scale == 0 { whole.to_owned() } else { format!("{whole}.{fraction}") };
                assert_eq!(format_unsigned(value, decimals), expected);
            }
        }
        assert_eq!(format(i128::MIN, 0), i128::MIN.to_string());
    }

    #[test]
    fn bad_text_is_refused() {
        for text in ["", ".", "1.", ".5", "+1", "1e5", "1,000", " 1", "NaN", "--1", "-", "1.2.3", "١"] {
            assert_eq!(parse(text, 2), Err(DecimalError::Malformed), "{text:?}");
        }
        assert_eq!(parse("0.001", 2), Err(DecimalError::TooPrecise { decimals: 2 }));
        assert_eq!(parse(&"9".repeat(40), 0), Err(DecimalError::TooLarge));
        assert_eq!(parse(&"9".repeat(65), 0), Err(DecimalError::Malformed));
    }

    #[test]
    fn every_value_survives_the_round_trip() {
        for value in [0, 1, -1, 99, -100, i128::MAX, i128::MIN + 1] {
            for decimals in [0, 1, 8, 18] {
                assert_eq!(parse(&format(value, decimals), decimals), Ok(value));
            }
        }
    }
}
