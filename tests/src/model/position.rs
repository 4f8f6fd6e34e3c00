//! Positions: what was bought here, what it cost, and what its sale brought.

use papertape_engine::{Amount, Position};

use super::wide::multiply_divide;

/// `base` units arrived that cost `cost`: the average over what is held and what came.
pub(super) fn buy(position: &mut Position, base: i128, cost: i128) {
    let before = paid_for(position, position.qty.0);
    position.cost = Amount(before.saturating_add(cost));
    position.qty = Amount(position.qty.0.saturating_add(base));
    position.basis = position.qty;
}

/// `base` units left and brought `proceeds`. Only what was bought here makes a profit; the average stays.
pub(super) fn sell(position: &mut Position, base: i128, proceeds: i128) {
    let matched = base.min(position.qty.0);
    if matched > 0 {
        let profit = share(proceeds, matched, base) - paid_for(position, matched);
        position.realized = Amount(position.realized.0.saturating_add(profit));
        position.qty = Amount(position.qty.0 - matched);
    }
    if position.qty.0 == 0 {
        (position.cost, position.basis) = (Amount(0), Amount(0));
    }
}

pub(super) fn add_fees(position: &mut Position, base: i128, quote: i128) {
    position.fees_base = Amount(position.fees_base.0.saturating_add(base));
    position.fees_quote = Amount(position.fees_quote.0.saturating_add(quote));
}

/// What a part of the position cost, at the average.
fn paid_for(position: &Position, base: i128) -> i128 {
    if position.basis.0 == 0 { 0 } else { share(position.cost.0, base, position.basis.0) }
}

/// `whole * part / of` to the nearest unit, a half upwards; the edge of 128 bits if it lies beyond.
fn share(whole: i128, part: i128, of: i128) -> i128 {
    let divided = multiply_divide(whole.unsigned_abs(), part.unsigned_abs(), of.unsigned_abs());
    let Some((quotient, rest)) = divided else { return i128::MAX };
    let nearest = if rest >= of.unsigned_abs() - rest { quotient.checked_add(1) } else { Some(quotient) };
    nearest.and_then(|nearest| i128::try_from(nearest).ok()).unwrap_or(i128::MAX)
}
