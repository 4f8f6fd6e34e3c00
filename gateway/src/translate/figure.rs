//! What messages have as text and the venue as numbers: it becomes text when its message is written, and not before.

use std::fmt;

use papertape_engine::decimal::Scaled;
use papertape_engine::{Amount, Asset, Instrument, Price, Qty};
use serde::{Serialize, Serializer};

use super::number::without_trailing_zeros;
use super::time;

/// A decimal, as a string in JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Figure {
    /// With all of its decimals.
    Whole(Scaled),
    /// Without zeros at the end.
    Short(Scaled),
}

impl Figure {
    /// A price of a market.
    pub(crate) fn price(instrument: &Instrument, price: Price) -> Self {
        Self::Whole(instrument.scaled_price(price))
    }

    /// A quantity of a market.
    pub(crate) fn qty(instrument: &Instrument, qty: Qty) -> Self {
        Self::Whole(instrument.scaled_qty(qty))
    }

    /// Money.
    pub(crate) fn money(asset: &Asset, amount: Amount) -> Self {
        Self::Short(asset.scaled(amount))
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Whole(number) => serializer.serialize_str(number.text().as_str()),
            Self::Short(number) => serializer.serialize_str(without_trailing_zeros(number.text().as_str())),
        }
    }
}

/// What is shown as it names itself: numbers of orders, symbols.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Shown<T>(pub(crate) T);

impl<T: fmt::Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A moment in nanoseconds since 1970, as RFC 3339 in JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Moment(pub(crate) u64);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(time::text(self.0).as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(value: &impl Serialize) -> String {
        serde_json::to_string(value).unwrap()
    }

    #[test]
    fn t5_numbers_become_text_when_they_are_written() {
        let number = Scaled::new(-12_500, 4);
        assert_eq!(
            (json(&Figure::Whole(number)), json(&Figure::Short(number))),
            ("\"-1.2500\"".into(), "\"-1.25\"".into())
        );
        assert_eq!(json(&Figure::Short(Scaled::new(300, 2))), "\"3\"");
        assert_eq!(json(&Figure::Short(Scaled::new(300, 0))), "\"300\"");
        assert_eq!(json(&Shown(papertape_engine::OrderId(1_042))), "\"1042\"");
        assert_eq!(json(&Moment(1_123_999_999)), "\"1970-01-01T00:00:01.123Z\"");
    }
}
