//! Products of two 128-bit numbers, divided: the school's way, bit by bit.

/// `a * b` as its upper and lower 128 bits.
fn multiply(a: u128, b: u128) -> (u128, u128) {
    let (mut high, mut low) = (0_u128, 0_u128);
    for bit in (0..128).rev() {
        high = high << 1 | low >> 127;
        low <<= 1;
        if a >> bit & 1 == 1 {
            let (sum, carry) = low.overflowing_add(b);
            low = sum;
            high += u128::from(carry);
        }
    }
    (high, low)
}

/// `a * b / c` rounded down, and what is left over; `None` if the quotient needs more than 128 bits.
///
/// Panics if `c` is zero or above 2^127: no amount is.
pub(super) fn multiply_divide(a: u128, b: u128, c: u128) -> Option<(u128, u128)> {
    assert!((1..=1 << 127).contains(&c), "a divisor of {c}");
    if let Some(product) = a.checked_mul(b) {
        return Some((product / c, product % c));
    }
    let (high, low) = multiply(a, b);
    if high >= c {
        return None;
    }
    let (mut quotient, mut rest) = (0_u128, high);
    for bit in (0..128).rev() {
        rest = rest << 1 | (low >> bit & 1);
        quotient <<= 1;
        if rest >= c {
            rest -= c;
            quotient |= 1;
        }
    }
    Some((quotient, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_products_are_what_a_calculator_says() {
        for a in [0_u128, 1, 7, 10_u128.pow(18), u128::from(u64::MAX)] {
            for b in [0_u128, 1, 9, 10_u128.pow(17), u128::from(u64::MAX)] {
                for c in [1_u128, 2, 10, 10_u128.pow(20), 1 << 127] {
                    assert_eq!(multiply_divide(a, b, c), Some((a * b / c, a * b % c)), "{a} * {b} / {c}");
                }
            }
        }
    }

    #[test]
    fn large_products_keep_every_bit() {
        let most = u128::MAX;
        assert_eq!(multiply(most, most), (most - 1, 1));
        assert_eq!(multiply_divide(most, 1 << 127, 1 << 127), Some((most, 0)));
        assert_eq!(multiply_divide(most, 10, 11), Some((309_347_606_291_762_239_512_158_734_028_880_192_231, 9)));
        assert_eq!(multiply_divide(most, 2, 1), None);
    }
}
