//! Where prints go: counted and hashed while the clock runs, kept whole for a comparison.

use crate::message::Print;

/// Takes prints in order.
pub trait Prints {
    /// One more.
    fn print(&mut self, print: Print);
}

impl Prints for Vec<Print> {
    fn print(&mut self, print: Print) {
        self.push(print);
    }
}

/// Count, total quantity, and a hash over maker, taker, price and quantity of every print in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// Sum of the lots.
    pub qty: u64,
    /// Differs when anything differs, or comes in another order.
    pub hash: u64,
}

impl Prints for Tally {
    #[inline]
    fn print(&mut self, print: Print) {
        // Without overflow checks: what counts must weigh as little as it can on what is measured.
        self.count = self.count.wrapping_add(1);
        self.qty = self.qty.wrapping_add(print.qty.0);
        let word =
            print.maker ^ print.taker.rotate_left(20) ^ print.price.0.rotate_left(40) ^ print.qty.0.rotate_left(52);
        self.hash = (self.hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Tally {
    /// Of a list.
    pub fn of(prints: &[Print]) -> Self {
        let mut tally = Tally::default();
        prints.iter().for_each(|print| tally.print(*print));
        tally
    }
}

#[cfg(test)]
mod tests {
    use papertape_engine::{Price, Qty};

    use super::*;

    #[test]
    fn a_tally_sees_every_field_and_the_order() {
        let print = |maker, taker, price, qty| Print { book: 0, maker, taker, price: Price(price), qty: Qty(qty) };
        let (one, two) = (print(1, 2, 100, 7), print(3, 4, 101, 8));
        let both = Tally::of(&[one, two]);
        assert_eq!((both.count, both.qty), (2, 15));
        for other in [[two, one], [print(5, 2, 100, 7), two], [print(1, 5, 100, 7), two], [print(1, 2, 99, 7), two]] {
            assert_ne!(Tally::of(&other).hash, both.hash, "{other:?}");
        }
        assert_ne!(Tally::of(&[print(1, 2, 100, 8), print(3, 4, 101, 7)]).hash, both.hash);
    }
}
