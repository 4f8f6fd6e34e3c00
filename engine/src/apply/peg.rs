//! Pegged orders: the price that they come at, and how they follow.

use super::amend::NewTerms;
use super::place::{Coming, behind, check_limit, would_take};
use crate::book::OrderBook;
use crate::command::{OrderKind, PlaceOrder, Side};
use crate::engine::Engine;
use crate::event::Event;
use crate::ids::{InstrumentId, OrderId};
use crate::instrument::{Phase, PostOnlyRule};
use crate::market::Market;
use crate::pegs::{Pegged, References};
use crate::reason::Reason;
use crate::units::{Price, Qty};

impl<B: OrderBook> Engine<B> {
    /// An accepted pegged order is about to come to the book.
    #[cold]
    pub(super) fn hang(&mut self, coming: &Coming) {
        let PlaceOrder { instrument, peg: Some(peg), kind: OrderKind::Limit { price: limit, .. }, .. } = *coming.terms
        else {
            return;
        };
        let market = &mut self.markets[usize::from(instrument.0)];
        if market.clerk.pegs.is_empty() {
            market.clerk.pegs.references = market.peg_references();
        }
        market.clerk.pegs.insert(coming.order, Pegged { peg, limit });
        self.desk.holdings.add_peg(instrument);
    }

    /// A pegged order has come to the book: if it does not rest, it follows nothing; if it does, it holds for its limit.
    #[cold]
    pub(super) fn settle_peg(&mut self, instrument: InstrumentId, order: OrderId) {
        let located = self.find(order);
        if let Some(located) = located {
            let market = &self.markets[usize::from(instrument.0)];
            let resting = market.get(located.slot).expect("the index names open orders only");
            let terms = market.clerk.terms(located.slot.0);
            let here = market.clerk.worst_cost(resting.side, resting.price, resting.leaves_qty, &terms.fees);
            let beyond = market.clerk.hold_of(&resting) - here.expect("it was checked before it came");
            self.desk.change_held(terms.holding, resting.side, beyond);
        }
        let rests = located.is_some();
        let pegs = &mut self.markets[usize::from(instrument.0)].clerk.pegs;
        if !rests && pegs.get(order).is_some() {
            pegs.remove(order);
            self.desk.holdings.remove_peg(instrument);
        }
    }

    /// If what pegged orders follow has changed, the next of them follows. Says whether one did more than move: what that did
    /// comes first.
    #[cold]
    pub(super) fn follow_pegs(&mut self, events: &mut Vec<Event>) -> bool {
        for instrument in self.desk.holdings.pegged() {
            let market = &mut self.markets[usize::from(instrument.0)];
            if market.phase != Phase::Continuous {
                // Who was kept from following does when trading is continuous.
                if !market.clerk.pegs.due.is_empty() {
                    market.clerk.pegs.due.clear();
                    market.clerk.pegs.references = References::default();
                }
                continue;
            }
            let references = market.peg_references();
            if references != market.clerk.pegs.references {
                market.clerk.pegs.references = references;
                market.clerk.pegs.due = market.clerk.pegs.numbers().collect();
            }
            while let Some(order) = self.markets[usize::from(instrument.0)].clerk.pegs.due.pop_first() {
                let seen = events.len();
                let moved = self.follow(instrument, order, events);
                // Who only went to another price has changed nothing that anybody follows.
                let quiet = |event: &Event| matches!(event, Event::Amended(_) | Event::Rested { .. });
                if moved && !events[seen..].iter().all(quiet) {
                    return true;
                }
            }
        }
        false
    }

    /// A pegged order goes to where its peg says, at the tail of the level, and may take; if it can.
    fn follow(&mut self, instrument: InstrumentId, order: OrderId, events: &mut Vec<Event>) -> bool {
        let Some(located) = self.find(order) else { return false };
        let market = &self.markets[usize::from(instrument.0)];
        let resting = market.get(located.slot).expect("the index names open orders only");
        let terms = market.clerk.terms(located.slot.0);
        let pegged = market.clerk.pegs.get(order).expect("an order that is pegged follows something");
        let target = next_price(market, resting.side, &pegged, terms.post_only);
        let fits = |price: &Price| {
            let cost = market.clerk.worst_cost(resting.side, *price, resting.leaves_qty, &terms.fees);
            cost.is_some() && market.can_rest(resting.side, *price, resting.leaves_qty)
        };
        let Some(price) = target.filter(|price| *price != resting.price && fits(price)) else { return false };
        let new = NewTerms { price, qty: terms.qty, leaves: resting.leaves_qty };
        self.markets[usize::from(instrument.0)].clerk.pegs.moving = Some(order);
        self.requeue(located, &resting, &new, events);
        self.markets[usize::from(instrument.0)].clerk.pegs.moving = None;
        self.settle_peg(instrument, order);
        true
    }
}

/// The price at which a new pegged order comes.
#[cold]
pub(super) fn pegged_price<B: OrderBook>(
    market: &Market<B>,
    order: &PlaceOrder,
    (limit, qty): (Price, Qty),
) -> Result<Price, Reason> {
    let peg = order.peg.expect("only pegged orders are asked");
    if !market.clerk.pegs.has_room() {
        return Err(Reason::BookFull);
    }
    let target = Pegged { peg, limit }.target(order.side, market.peg_references());
    let price = target.ok_or(Reason::NoReferencePrice)?;
    check_limit(&market.clerk.instrument, price, qty)?;
    if order.post_only { behind(market, order.side, (price, qty)) } else { Ok(price) }
}

/// The price to which a pegged order follows, if it may go there: within the price filter and the static band, and not
/// where a post-only one would take.
fn next_price<B: OrderBook>(market: &Market<B>, side: Side, pegged: &Pegged, post_only: bool) -> Option<Price> {
    let mut price = pegged.target(side, market.clerk.pegs.references)?;
    let spec = &market.clerk.instrument.spec;
    if post_only && would_take(market, side, price) {
        let best = market.book.best_of_all(side.opposite()).filter(|_| spec.post_only == PostOnlyRule::Reprice)?;
        price = match side {
            Side::Buy => Price(best.0.checked_sub(1)?),
            Side::Sell => Price(best.0.checked_add(1)?),
        };
    }
    let allowed = (spec.filters.price_min..=spec.filters.price_max).contains(&price);
    (allowed && market.clerk.check_band(price).is_ok()).then_some(price)
}
