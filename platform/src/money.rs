//! Exact texts of derived prices and quantities, and numbers for readers that want numbers.

use papertape_engine::{Amount, Instrument, Position, Qty, decimal};

/// `value / qty` as a price per whole base, rounded down to the quote asset's decimals; `None` for no quantity.
pub fn average_price_text(instrument: &Instrument, value: Amount, qty: Qty) -> Option<String> {
    let base_units = instrument.base_value(qty)?.0;
    let scale = 10_i128.checked_pow(u32::from(instrument.base.decimals))?;
    let price = mul_div(value.0, scale, base_units)?;
    Some(decimal::format(price, instrument.quote.decimals))
}

/// Average price paid per whole base of what is held, to the nearest unit of the quote asset's decimals.
pub fn position_price_text(instrument: &Instrument, position: &Position) -> String {
    let whole = Amount(10_i128.pow(u32::from(instrument.base.decimals)));
    decimal::format(position.paid_for(whole).0, instrument.quote.decimals)
}

/// The whole lots in an amount of base.
pub fn whole_lots(instrument: &Instrument, base: Amount) -> Qty {
    let lots = base.0.max(0) / instrument.spec.lot.0.max(1);
    Qty(u64::try_from(lots).unwrap_or(u64::MAX))
}

/// The nearest floating-point number to a decimal text, for the columns and answers that are numbers by contract.
pub fn number(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// `a * b / c` rounded down, or `None` if `c` is not positive or the product does not fit even after splitting.
fn mul_div(a: i128, b: i128, c: i128) -> Option<i128> {
    if c <= 0 {
        return None;
    }
    match a.checked_mul(b) {
        Some(product) => Some(product.div_euclid(c)),
        None => a.div_euclid(c).checked_mul(b)?.checked_add(a.rem_euclid(c).checked_mul(b)?.div_euclid(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::mul_div;

    #[test]
    fn a_product_beyond_128_bits_is_still_divided() {
        assert_eq!(mul_div(7, 10, 4), Some(17));
        assert_eq!(mul_div(i128::MAX / 4, 8, 8), Some(i128::MAX / 4));
        assert_eq!(mul_div(1, 1, 0), None);
    }
}
