//! What each account has in each instrument: its position, and its open orders from the oldest to the youngest.

use std::collections::BTreeMap;

use ethnum::U256;

use crate::command::Side;
use crate::event::Position;
use crate::ids::{AccountId, InstrumentId};
use crate::ledger::BalanceRow;
use crate::touched::Touched;
use crate::units::Amount;

/// No order.
pub(crate) const NO_SLOT: u32 = u32::MAX;

/// Names a holding without a search. Rows are never removed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct HoldingRow(u32);

impl HoldingRow {
    /// No row.
    pub(crate) const NONE: Self = Self(u32::MAX);
}

/// One account's stake in one instrument.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holding {
    pub(crate) account: AccountId,
    pub(crate) instrument: InstrumentId,
    /// The account's balance in what is traded here.
    pub(crate) base: BalanceRow,
    /// And in what it is paid with.
    pub(crate) quote: BalanceRow,
    pub(crate) position: Position,
    pub(crate) open_orders: u32,
    /// Orders that wait for a trigger or for the list's first order.
    pub(crate) waiting: u32,
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
    touched: Touched<HoldingRow>,
    /// How many reduce-only orders rest, over all accounts, and how many are pegged.
    followers: usize,
    /// How many pegged orders there are, by instrument.
    pegged: BTreeMap<InstrumentId, usize>,
}

impl Holdings {
    /// Whether any order follows something: a position, or a price.
    #[inline]
    pub(crate) fn has_followers(&self) -> bool {
        self.followers > 0
    }

    /// The instruments in which orders are pegged.
    pub(crate) fn pegged(&self) -> Vec<InstrumentId> {
        self.pegged.keys().copied().collect()
    }

    pub(crate) fn add_closer(&mut self) {
        self.followers += 1;
    }

    pub(crate) fn remove_closer(&mut self) {
        self.followers -= 1;
    }

    /// How many orders follow something.
    pub(crate) fn followers(&self) -> usize {
        self.followers
    }

    pub(crate) fn add_peg(&mut self, instrument: InstrumentId) {
        *self.pegged.entry(instrument).or_default() += 1;
        self.followers += 1;
    }

    pub(crate) fn remove_peg(&mut self, instrument: InstrumentId) {
        let count = self.pegged.get_mut(&instrument).expect("it was counted when it came");
        *count -= 1;
        self.followers -= 1;
        if *count == 0 {
            self.pegged.remove(&instrument);
        }
    }

    pub(crate) fn add_account(&mut self) {
        self.by_account.push(Vec::new());
    }

    /// The row of the account's stake in an instrument, if it ever had one.
    #[inline]
    pub(crate) fn find(&self, account: AccountId, instrument: InstrumentId) -> Option<HoldingRow> {
        let rows = &self.by_account[account.0 as usize];
        let at = rows.binary_search_by_key(&instrument, |row| row.0).ok()?;
        Some(rows[at].1)
    }

    /// The `n`th of the account's stakes, in the order of the instruments.
    pub(crate) fn nth(&self, account: AccountId, n: usize) -> Option<&Holding> {
        self.by_account.get(account.0 as usize)?.get(n).map(|(_, row)| self.at(*row))
    }

    /// The row of a holding, made if it is the first time: with the rows of its balances in base and quote.
    pub(crate) fn row(
        &mut self,
        account: AccountId,
        instrument: InstrumentId,
        balances: impl FnOnce() -> (BalanceRow, BalanceRow),
    ) -> HoldingRow {
        let rows = &mut self.by_account[account.0 as usize];
        match rows.binary_search_by_key(&instrument, |row| row.0) {
            Ok(at) => rows[at].1,
            Err(at) => {
                let row = HoldingRow(self.rows.len() as u32);
                rows.insert(at, (instrument, row));
                let position = Position::default();
                let (base, quote) = balances();
                let (first, last, touched) = (NO_SLOT, NO_SLOT, false);
                let (open_orders, waiting) = (0, 0);
                let holding =
                    Holding { account, instrument, base, quote, position, open_orders, waiting, first, last, touched };
                self.rows.push(holding);
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
        self.touched.note(row, !std::mem::replace(&mut entry.touched, true));
        &mut entry.position
    }

    /// Shows each position that changed since the last call, once, in the order of first change.
    pub(crate) fn drain_touched(&mut self, mut show: impl FnMut(&Holding)) {
        for row in self.touched.drain() {
            let entry = &mut self.rows[row.0 as usize];
            entry.touched = false;
            show(entry);
        }
    }
}

impl Holding {
    /// The balance in which an order on this side holds.
    pub(crate) fn hold_row(&self, side: Side) -> BalanceRow {
        match side {
            Side::Buy => self.quote,
            Side::Sell => self.base,
        }
    }
}

impl Position {
    /// Takes in `base` units (net of a fee in base) that cost `cost` in quote.
    pub(crate) fn buy(&mut self, base: Amount, cost: Amount) {
        self.cost = self.paid_for(self.qty).saturating_add(cost);
        // What was bought here and then taken away is not subtracted: over the years the sum may reach the edge.
        self.qty = self.qty.saturating_add(base);
        self.basis = self.qty;
    }

    /// Gives away `base` units for `proceeds`. What was not bought here has no price that a profit could be over.
    pub(crate) fn sell(&mut self, base: Amount, proceeds: Amount) {
        let matched = base.min(self.qty);
        if matched > Amount::ZERO {
            let profit = mul_div(proceeds, matched, base) - self.paid_for(matched);
            self.realized = self.realized.saturating_add(profit);
            self.qty -= matched;
        }
        if self.qty == Amount::ZERO {
            (self.cost, self.basis) = (Amount::ZERO, Amount::ZERO);
        }
    }

    /// What this much of the position cost, to the nearest unit of quote.
    pub fn paid_for(&self, base: Amount) -> Amount {
        if self.basis == Amount::ZERO { Amount::ZERO } else { mul_div(self.cost, base, self.basis) }
    }
}

/// `a * b / c` of amounts that are not negative, to the nearest unit, in 256 bits where 128 do not do.
fn mul_div(a: Amount, b: Amount, c: Amount) -> Amount {
    if b == c {
        return a;
    }
    let (a, b, c) = (a.0.unsigned_abs(), b.0.unsigned_abs(), c.0.unsigned_abs());
    let narrow = a.checked_mul(b).and_then(|product| product.checked_add(c / 2)).map(|sum| sum / c);
    let wide = || (U256::from(a) * U256::from(b) + U256::from(c / 2)) / U256::from(c);
    let quotient = narrow.or_else(|| u128::try_from(wide()).ok());
    Amount(quotient.and_then(|quotient| i128::try_from(quotient).ok()).unwrap_or(i128::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sells_leave_the_average_price_as_it_is() {
        let mut position = Position::default();
        position.buy(Amount(3_000), Amount(300));
        position.buy(Amount(4_000), Amount(401));
        assert_eq!((position.cost, position.basis), (Amount(701), Amount(7_000)));
        position.sell(Amount(1_000), Amount(110));
        assert_eq!((position.cost, position.basis), (Amount(701), Amount(7_000)));
        assert_eq!((position.qty, position.realized), (Amount(6_000), Amount(10)));
        position.buy(Amount(1_000), Amount(100));
        // 701 * 6 / 7 is 600.86.
        assert_eq!((position.cost, position.basis), (Amount(701), Amount(7_000)));
    }

    #[test]
    fn selling_what_was_deposited_makes_no_profit_and_no_short() {
        let mut position = Position::default();
        position.buy(Amount(1_000), Amount(100));
        position.sell(Amount(4_000), Amount(480));
        let rest = Position { realized: Amount(20), ..Position::default() };
        assert_eq!(position, rest);
    }

    #[test]
    fn the_largest_amounts_do_not_overflow() {
        let mut position = Position::default();
        position.buy(Amount(1), Amount::MAX);
        position.buy(Amount(1), Amount::MAX);
        assert_eq!(position.paid_for(Amount(1)), Amount::MAX);
        position.sell(Amount(2), Amount::MAX);
        assert_eq!(position.realized, -Amount::MAX);
    }

    #[test]
    fn a_quantity_or_a_cost_beyond_its_width_stays_at_the_edge() {
        let edge = Amount(i128::MAX - 1);
        let mut position = Position { qty: edge, cost: edge, basis: edge, ..Position::default() };
        position.buy(Amount::MAX, Amount::MAX);
        assert_eq!((position.qty, position.cost), (Amount(i128::MAX), Amount(i128::MAX)));
        let mut dear = Position { qty: edge, cost: edge, basis: Amount(1), ..Position::default() };
        dear.buy(Amount(1), Amount(1));
        assert_eq!(dear.cost, Amount(i128::MAX));
    }
}
