//! Pegged orders.

use crate::book::OrderBook;
use crate::command::Side;
use crate::engine::Engine;
use crate::ids::InstrumentId;
use crate::instrument::Phase;
use crate::pegs::References;

impl<B: OrderBook> Engine<B> {
    /// Every pegged order is known to be one and within its limit, and nobody has still to follow.
    pub(super) fn check_pegs(&self) -> Result<(), String> {
        let mut pegged = Vec::new();
        for (instrument, market) in (0..).map(InstrumentId).zip(&self.markets) {
            let pegs = &market.clerk.pegs;
            let mut marked = Vec::new();
            for side in [Side::Buy, Side::Sell] {
                market.book.for_each(side, &mut |order| {
                    if market.clerk.terms(order.slot.0).rare.is_pegged() {
                        let within = pegs.get(order.id).is_some_and(|known| match side {
                            Side::Buy => order.price <= known.limit,
                            Side::Sell => order.price >= known.limit,
                        });
                        marked.push((order.id, within));
                    }
                });
            }
            marked.sort_unstable();
            if marked.iter().any(|(_, within)| !within) || !marked.iter().map(|(order, _)| *order).eq(pegs.numbers()) {
                return Err(format!("orders of instrument {instrument} are pegged, others are known to be"));
            }
            pegged.extend((!pegs.is_empty()).then_some(instrument));
            let expected = if pegs.is_empty() { References::default() } else { market.peg_references() };
            let looks = market.phase == Phase::Continuous || pegs.is_empty();
            if !pegs.due.is_empty() || pegs.moving.is_some() || (looks && pegs.references != expected) {
                return Err(format!("pegged orders of instrument {instrument} have not followed"));
            }
        }
        if pegged == self.desk.holdings.pegged() {
            Ok(())
        } else {
            Err("other instruments have pegged orders".to_owned())
        }
    }
}
