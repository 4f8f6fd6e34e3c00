//! Numbers of the judge and of the venue, turned into each other without a float in between.

use papertape_engine::decimal::{self, DecimalError};
use papertape_engine::{Asset, Instrument, Price, Qty};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Exponents beyond this make a text that the venue does not read.
const EXPONENT_MAX: i32 = 64;

/// A JSON number, or a text that holds one, as plain decimal text: no exponent.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "Box<RawValue>")]
pub(crate) struct Number(String);

impl TryFrom<Box<RawValue>> for Number {
    type Error = String;

    fn try_from(raw: Box<RawValue>) -> Result<Self, String> {
        let text = raw.get().trim_matches('"');
        plain(text).map(Number).ok_or_else(|| format!("not a number: {text}"))
    }
}

impl Number {
    /// The price in ticks; with `snap` the nearest tick, from the middle the even one.
    pub(crate) fn price(&self, instrument: &Instrument, snap: bool) -> Result<Price, DecimalError> {
        if !snap {
            return instrument.parse_price(&self.0);
        }
        const FINEST: u8 = Asset::MAX_DECIMALS;
        let spec = &instrument.spec;
        let tick = i128::from(spec.tick_mantissa) * 10_i128.pow((FINEST - spec.price_decimals).into());
        let value = decimal::parse(&self.0, FINEST)?;
        let (below, rest) = (value.div_euclid(tick), value.rem_euclid(tick));
        let up = rest * 2 > tick || (rest * 2 == tick && below % 2 != 0);
        u64::try_from(below + i128::from(up)).map(Price).map_err(|_| DecimalError::TooLarge)
    }

    /// The quantity in lots.
    pub(crate) fn qty(&self, instrument: &Instrument) -> Result<Qty, DecimalError> {
        instrument.parse_qty(&self.0)
    }
}

/// Decimal text without zeros at its end.
pub(crate) fn canonical(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
}

/// Writes the exponent out.
fn plain(text: &str) -> Option<String> {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return Some(text.to_owned()) };
    let exponent: i32 = exponent.parse().ok().filter(|exponent: &i32| exponent.abs() <= EXPONENT_MAX)?;
    let (sign, digits) = mantissa.strip_prefix('-').map_or(("", mantissa), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut digits = format!("{whole}{fraction}");
    let mut point = whole.len() as i32 + exponent;
    while point < 1 {
        digits.insert(0, '0');
        point += 1;
    }
    while (digits.len() as i32) < point {
        digits.push('0');
    }
    let (whole, fraction) = digits.split_at_checked(point as usize)?;
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponent_moves_the_point_and_nothing_else() {
        for (text, expected) in [
            ("100.004", "100.004"),
            ("1e-05", "0.00001"),
            ("1.25e+1", "12.5"),
            ("1.25E3", "1250"),
            ("-2.5e0", "-2.5"),
            ("12e-1", "1.2"),
        ] {
            assert_eq!(plain(text).as_deref(), Some(expected), "{text}");
        }
        for refused in ["1e99", "1e", "1e1.5"] {
            assert_eq!(plain(refused), None, "{refused}");
        }
    }

    #[test]
    fn zeros_at_the_end_say_nothing() {
        for (text, expected) in [("100.00", "100"), ("0.250000000000", "0.25"), ("100", "100"), ("0.0", "0")] {
            assert_eq!(canonical(text), expected, "{text}");
        }
    }
}
