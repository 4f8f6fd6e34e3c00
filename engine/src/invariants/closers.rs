//! Reduce-only orders.

use crate::book::OrderBook;
use crate::command::Side;
use crate::engine::Engine;
use crate::ids::InstrumentId;
use crate::units::Amount;

impl<B: OrderBook> Engine<B> {
    /// An account's reduce-only orders are for no more than its position, and all of them are indexed.
    pub(super) fn check_closers(&self) -> Result<(), String> {
        let mut count = 0;
        for (instrument, market) in (0..).map(InstrumentId).zip(&self.markets) {
            let mut marked = 0;
            for side in [Side::Buy, Side::Sell] {
                market.book.for_each(side, &mut |order| {
                    marked += usize::from(market.clerk.terms(order.slot.0).rare.is_reduce_only());
                });
            }
            let indexed = market.clerk.closers.iter().filter(|(account, side, order, slot)| {
                let terms = market.clerk.terms(slot.0);
                let here = market.book.get(*slot).is_some_and(|at| at.id == *order && at.side == *side);
                here && terms.account == *account && terms.rare.is_reduce_only()
            });
            if indexed.count() != marked || market.clerk.closers.iter().count() != marked {
                return Err(format!("{marked} orders of instrument {instrument} are reduce-only, others are indexed"));
            }
            count += marked;
            for (account, side) in market.clerk.closers.owners() {
                let row = self.desk.holdings.find(account, instrument);
                let has = row.map_or(Amount::ZERO, |row| self.desk.holdings.at(row).position.reducible(side));
                let bases = market.clerk.closers.of(account, side).map(|(_, slot)| {
                    let left = market.get(slot).map_or(crate::units::Qty::ZERO, |order| order.leaves_qty);
                    market.clerk.instrument.base_value(left).unwrap_or(Amount::MAX)
                });
                let sum = bases.fold(Amount::ZERO, Amount::saturating_add);
                if sum > has {
                    return Err(format!("reduce-only orders of account {account} are for {sum}, it has {has}"));
                }
            }
        }
        let pegged: usize = self.markets.iter().map(|market| market.clerk.pegs.numbers().count()).sum();
        let counted = self.desk.holdings.followers();
        if count + pegged == counted {
            Ok(())
        } else {
            Err(format!("{count} and {pegged} orders follow, not {counted}"))
        }
    }
}
