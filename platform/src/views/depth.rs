//! One instrument's book by price level, with update ids that have no gaps. Only what shows: the reserve of an iceberg and
//! hidden orders never come here.

use std::collections::BTreeMap;

use papertape_engine::{Price, Qty, Side};

/// The new size of a level; zero: it is gone.
pub type LevelChange = (Side, Price, Qty);

/// The levels of a book, best first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Depth {
    /// Buyers, highest price first.
    pub bids: Vec<(Price, Qty)>,
    /// Sellers, lowest price first.
    pub asks: Vec<(Price, Qty)>,
    /// Number of the last change that is in it.
    pub update_id: u64,
}

/// The levels, and which of them the current command has touched.
#[derive(Clone, Debug, Default)]
pub(super) struct DepthFold {
    bids: BTreeMap<Price, Qty>,
    asks: BTreeMap<Price, Qty>,
    update_id: u64,
    touched: Vec<(Side, Price)>,
}

impl DepthFold {
    /// An empty book whose next change has the number `update_id + 1`.
    pub(super) fn new(update_id: u64) -> Self {
        Self { update_id, ..Self::default() }
    }

    pub(super) fn add(&mut self, side: Side, price: Price, qty: Qty) {
        // Nothing of a hidden order shows.
        if qty.is_zero() {
            return;
        }
        let level = self.side_mut(side).entry(price).or_default();
        *level = level.checked_add(qty).unwrap_or(Qty(u64::MAX));
        self.touch(side, price);
    }

    pub(super) fn remove(&mut self, side: Side, price: Price, qty: Qty) {
        // An order that was decremented to nothing is told to end when its lots, and perhaps its level, are gone already.
        if qty.is_zero() {
            return;
        }
        let levels = self.side_mut(side);
        let Some(level) = levels.get_mut(&price) else {
            debug_assert!(false, "{qty} lots leave the level {price}, which is not there");
            return;
        };
        debug_assert!(*level >= qty, "{qty} lots leave the level {price}, which has {level}");
        *level = Qty(level.0.saturating_sub(qty.0));
        if level.is_zero() {
            levels.remove(&price);
        }
        self.touch(side, price);
    }

    /// Ends the command: the new size of each touched level (zero: gone) under the next update id; `None` if nothing
    /// was touched.
    pub(super) fn close(&mut self) -> Option<(u64, Vec<LevelChange>)> {
        if self.touched.is_empty() {
            return None;
        }
        self.update_id += 1;
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        let sized = touched.iter().map(|&(side, price)| (side, price, self.qty_at(side, price))).collect();
        touched.clear();
        self.touched = touched;
        Some((self.update_id, sized))
    }

    pub(super) fn best(&self, side: Side) -> Option<(Price, Qty)> {
        let level = match side {
            Side::Buy => self.bids.last_key_value(),
            Side::Sell => self.asks.first_key_value(),
        };
        level.map(|(price, qty)| (*price, *qty))
    }

    pub(super) fn snapshot(&self, limit: usize) -> Depth {
        Depth {
            bids: self.bids.iter().rev().take(limit).map(|(price, qty)| (*price, *qty)).collect(),
            asks: self.asks.iter().take(limit).map(|(price, qty)| (*price, *qty)).collect(),
            update_id: self.update_id,
        }
    }

    fn qty_at(&self, side: Side, price: Price) -> Qty {
        self.side(side).get(&price).copied().unwrap_or_default()
    }

    /// A command mostly touches the same level several times in a row.
    fn touch(&mut self, side: Side, price: Price) {
        if self.touched.last() != Some(&(side, price)) {
            self.touched.push((side, price));
        }
    }

    fn side(&self, side: Side) -> &BTreeMap<Price, Qty> {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut BTreeMap<Price, Qty> {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn update_ids_have_no_gaps_and_emptied_levels_are_told() {
        let mut depth = DepthFold::new(7);
        assert_eq!(depth.close(), None);
        depth.add(Side::Buy, Price(10), Qty(5));
        depth.add(Side::Buy, Price(10), Qty(1));
        assert_eq!(depth.close(), Some((8, vec![(Side::Buy, Price(10), Qty(6))])));
        assert_eq!(depth.close(), None);
        depth.remove(Side::Buy, Price(10), Qty(6));
        depth.add(Side::Sell, Price(11), Qty(2));
        assert_eq!(depth.close(), Some((9, vec![(Side::Buy, Price(10), Qty(0)), (Side::Sell, Price(11), Qty(2))])));
        assert_eq!(depth.best(Side::Buy), None);
        assert_eq!(depth.snapshot(5).asks, [(Price(11), Qty(2))]);
    }
}
