//! Decimals as they come in JSON: a string, or a number read digit by digit. None ever passes through a float.

use std::borrow::Cow;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// A decimal from the wire, as text without an exponent: `"0.10"`, `0.10` and `1e-1` all keep their exact value.
#[derive(Clone, PartialEq, Eq, Debug, ToSchema)]
#[schema(value_type = String, example = "60000.50")]
pub(crate) struct Decimal(String);

/// Longest text that is looked at; the widest money has 39 digits.
const TEXT_MAX: usize = 64;

/// Largest shift of the decimal point that an exponent may ask for.
const EXPONENT_MAX: i32 = 40;

impl Decimal {
    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text: Cow<'_, str> = match raw.get().as_bytes().first() {
            Some(b'"') => serde_json::from_str::<String>(raw.get()).map_err(D::Error::custom)?.into(),
            Some(b'-' | b'0'..=b'9') => raw.get().into(),
            _ => return Err(D::Error::custom("expected a decimal number or a string of one")),
        };
        plain(&text).map(Self).ok_or_else(|| D::Error::custom("not a decimal number"))
    }
}

/// The same number without exponent; `None` if it is too long or its exponent too large to be money.
fn plain(text: &str) -> Option<String> {
    if text.len() > TEXT_MAX {
        return None;
    }
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else { return Some(text.to_owned()) };
    let exponent: i32 = exponent.parse().ok().filter(|exponent: &i32| exponent.abs() <= EXPONENT_MAX)?;
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let all = format!("{whole}{fraction}");
    let point = i32::try_from(whole.len()).ok()? + exponent;
    let shifted = if point <= 0 {
        format!("0.{}{all}", "0".repeat(point.unsigned_abs() as usize))
    } else if point as usize >= all.len() {
        format!("{all}{}", "0".repeat(point as usize - all.len()))
    } else {
        format!("{}.{}", &all[..point as usize], &all[point as usize..])
    };
    Some(format!("{sign}{shifted}"))
}

/// A decimal that is written as a JSON number, digit by digit. Only the plain shapes do this.
#[derive(Clone, PartialEq, Eq, Debug, ToSchema)]
#[schema(value_type = f64, example = 60000.5)]
pub(crate) struct Number(String);

impl Number {
    /// From decimal text as `decimal::format` writes it; zeros at the end are dropped.
    pub(crate) fn new(text: &str) -> Self {
        Self(without_trailing_zeros(text).to_owned())
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.clone()).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

/// `1.500` as `1.5`, `3.0` as `3`.
pub(crate) fn without_trailing_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t4_numbers_and_strings_are_read_exactly() {
        for (json, text) in [
            ("\"0.10\"", "0.10"),
            ("0.1", "0.1"),
            ("123456789012345678.123456789", "123456789012345678.123456789"),
            ("1e-05", "0.00001"),
            ("1.25E2", "125"),
            ("1.25e+1", "12.5"),
            ("-2e0", "-2"),
            ("3", "3"),
        ] {
            let decimal: Decimal = serde_json::from_str(json).unwrap();
            assert_eq!(decimal.as_str(), text, "{json}");
        }
    }

    #[test]
    fn q1_what_is_no_decimal_is_refused() {
        for json in ["true", "null", "[1]", "{}", "1e999", "1e-41", "\"1e\"", "\"e5\"", "NaN"] {
            assert!(serde_json::from_str::<Decimal>(json).is_err(), "{json}");
        }
        assert!(serde_json::from_str::<Decimal>(&"9".repeat(65)).is_err());
    }

    #[test]
    fn t5_numbers_are_written_exactly() {
        let text = |number: &str| serde_json::to_string(&Number::new(number)).unwrap();
        assert_eq!(text("60000.50"), "60000.5");
        assert_eq!(text("3.00000000"), "3");
        assert_eq!(text("100"), "100");
        assert_eq!(text("0.000000000000000001"), "0.000000000000000001");
    }
}
