//! What each account has in each instrument: its position, and its open orders from the oldest to the youngest.

use ethnum::U256;

use crate::event::Position;
use crate::ids::{AccountId, InstrumentId};
use crate::units::Amount;

/// No order.
pub(crate) const NO_SLOT: u32 = u32::MAX;

/// Names a holding without a search. Rows are never removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct HoldingRow(u32);

/// One account's stake in one instrument.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holding {
    pub(crate) account: AccountId,
    pub(crate) instrument: InstrumentId,
    pub(crate) position: Position,
    pub(crate) open_orders: u32,
    /// Oldest open order's slot in the book; the list goes on in [`crate::market::Terms`].
    pub(crate) first: u32,
    /// Youngest open order's slot.
    pub(crate) last: u32,
    touched: bool,
}

/// All holdings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holdings {
    rows: Vec<Holding>,
    /// Rows of each account, by instrument.
    by_account: Vec<Vec<(InstrumentId, HoldingRow)>>,
    touched: Vec<HoldingRow>,
}

impl Holdings {
    pub(crate) fn add_account(&mut self) {
        self.by_account.push(Vec::new());
    }

    /// The account's stake in an instrument, if it ever had one.
    pub(crate) fn find(&self, account: AccountId, instrument: InstrumentId) -> Option<&Holding> {
        let rows = &self.by_account[account.0 as usize];
        let at = rows.binary_search_by_key(&instrument, |row| row.0).ok()?;
        Some(self.at(rows[at].1))
    }

    /// The `n`th of the account's stakes, in the order of the instruments.
    pub(crate) fn nth(&self, account: AccountId, n: usize) -> Option<&Holding> {
        self.by_account.get(account.0 as usize)?.get(n).map(|(_, row)| self.at(*row))
    }

    /// The row of a holding, made if it is the first time.
    pub(crate) fn row(&mut self, account: AccountId, instrument: InstrumentId) -> HoldingRow {
        let rows = &mut self.by_account[account.0 as usize];
        match rows.binary_search_by_key(&instrument, |row| row.0) {
            Ok(at) => rows[at].1,
            Err(at) => {
                let row = HoldingRow(self.rows.len() as u32);
                rows.insert(at, (instrument, row));
                let position = Position::default();
                let (first, last) = (NO_SLOT, NO_SLOT);
                self.rows.push(Holding { account, instrument, position, open_orders: 0, first, last, touched: false });
                row
            }
        }
    }

    #[inline]
    pub(crate) fn at(&self, row: HoldingRow) -> &Holding {
        &self.rows[row.0 as usize]
    }

    #[inline]
    pub(crate) fn at_mut(&mut self, row: HoldingRow) -> &mut Holding {
        &mut self.rows[row.0 as usize]
    }

    /// The position, to be changed; the change will be told.
    #[inline]
    pub(crate) fn touch(&mut self, row: HoldingRow) -> &mut Position {
        let entry = &mut self.rows[row.0 as usize];
        if !entry.touched {
            entry.touched = true;
            self.touched.push(row);
        }
        &mut entry.position
    }

    /// Shows each position that changed since the last call, once, in the order of first change.
    pub(crate) fn drain_touched(&mut self, mut show: impl FnMut(&Holding)) {
        for row in self.touched.drain(..) {
            let entry = &mut self.rows[row.0 as usize];
            entry.touched = false;
            show(entry);
        }
    }
}

impl Position {
    /// Takes in `base` units (net of a fee in base) that cost `cost` in quote; one lot is `lot` base units.
    pub(crate) fn buy(&mut self, base: Amount, cost: Amount, lot: Amount) {
        // What was bought here and then taken away is not subtracted: over the years the sum may reach the edge.
        let total = self.qty.saturating_add(base);
        if total.0 > 0 {
            let paid_before = (self.average_q16, self.qty.0 as u128);
            self.average_q16 = mean(paid_before, ((cost.0 as u128) << 16, lot.0 as u128), total.0 as u128);
        }
        self.qty = total;
    }

    /// Gives away `base` units for `proceeds`. What was not bought here has no price that a profit could be over.
    pub(crate) fn sell(&mut self, base: Amount, proceeds: Amount, lot: Amount) {
        let matched = base.0.min(self.qty.0);
        if matched > 0 {
            let received = mul_div(proceeds.0 as u128, matched as u128, base.0 as u128);
            let paid = mul_div(self.average_q16, matched as u128, lot.0 as u128) >> 16;
            self.realized = self.realized.saturating_add(Amount(received as i128 - paid as i128));
            self.qty -= Amount(matched);
        }
        if self.qty == Amount::ZERO {
            self.average_q16 = 0;
        }
    }
}

/// `a * b / c`, in 256 bits where 128 do not do.
fn mul_div(a: u128, b: u128, c: u128) -> u128 {
    match a.checked_mul(b) {
        _ if b == c => a,
        Some(product) => product / c,
        None => saturate(U256::from(a) * U256::from(b) / U256::from(c)),
    }
}

/// `(a.0 * a.1 + b.0 * b.1) / c`, in 256 bits where 128 do not do.
fn mean(a: (u128, u128), b: (u128, u128), c: u128) -> u128 {
    let narrow = a.0.checked_mul(a.1).and_then(|left| left.checked_add(b.0.checked_mul(b.1)?));
    let wide = || U256::from(a.0) * U256::from(a.1) + U256::from(b.0) * U256::from(b.1);
    narrow.map_or_else(|| saturate(wide() / U256::from(c)), |sum| sum / c)
}

fn saturate(value: U256) -> u128 {
    u128::try_from(value).unwrap_or(u128::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOT: Amount = Amount(1_000);

    #[test]
    fn sells_leave_the_average_price_as_it_is() {
        let mut position = Position::default();
        position.buy(Amount(3_000), Amount(300), LOT);
        position.buy(Amount(2_000), Amount(202), LOT);
        let average = position.average_q16;
        assert_eq!(average, (502 << 16) / 5);
        position.sell(Amount(1_000), Amount(110), LOT);
        assert_eq!((position.average_q16, position.qty, position.realized), (average, Amount(4_000), Amount(10)));
    }

    #[test]
    fn selling_what_was_deposited_makes_no_profit_and_no_short() {
        let mut position = Position::default();
        position.buy(Amount(1_000), Amount(100), LOT);
        position.sell(Amount(4_000), Amount(480), LOT);
        assert_eq!((position.qty, position.realized, position.average_q16), (Amount::ZERO, Amount(20), 0));
    }

    #[test]
    fn an_average_or_a_quantity_beyond_its_width_stays_at_the_edge() {
        let mut position = Position::default();
        // All but one unit of the base went as a fee: what is left cost 10^32 a unit, and a lot is 10^18 units.
        position.buy(Amount(1), Amount::MAX, Amount(1_000_000_000_000_000_000));
        assert_eq!(position.average_q16, u128::MAX);
        position.qty = Amount(i128::MAX - 1);
        position.buy(Amount::MAX, Amount(1), Amount(1));
        assert_eq!(position.qty, Amount(i128::MAX));
    }

    #[test]
    fn the_largest_amounts_do_not_overflow() {
        let mut position = Position::default();
        position.buy(Amount(1), Amount::MAX, Amount(1));
        position.buy(Amount(1), Amount::MAX, Amount(1));
        assert_eq!(position.average_q16, (Amount::MAX.0 as u128) << 16);
        position.sell(Amount(2), Amount::MAX, Amount(1));
        assert_eq!(position.realized, -Amount::MAX);
    }
}
