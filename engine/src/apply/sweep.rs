//! Trading against the other side: first what would trade, without touching anything, then the trades.

use crate::book::{OrderBook, crosses};
use crate::command::Side;
use crate::engine::{Desk, Engine};
use crate::event::{Event, Trade, TradeParty};
use crate::ids::{InstrumentId, OrderId};
use crate::market::{Market, Role, Terms};
use crate::units::{Amount, Price, Qty};

/// An order that takes.
pub(super) struct Taker {
    pub(super) order: OrderId,
    pub(super) side: Side,
    pub(super) terms: Terms,
    /// What is left of it.
    pub(super) leaves: Qty,
}

/// What a taker is out for.
#[derive(Clone, Copy)]
pub(super) enum Want {
    Lots(Qty),
    /// As many lots as this much quote pays for.
    Budget(Amount),
}

/// What a sweep would trade.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) lots: Qty,
    /// `None` if it cannot be represented.
    pub(super) cost: Option<Amount>,
    /// Whether the budget ended it, and not the book.
    pub(super) budget_spent: bool,
}

/// Walks the levels that the taker would walk.
pub(super) fn plan<B: OrderBook>(market: &Market<B>, side: Side, limit: Option<Price>, want: Want) -> Plan {
    let mut plan = Plan { lots: Qty::ZERO, cost: Some(Amount::ZERO), budget_spent: false };
    let mut at = market.book.level_after(side.opposite(), None);
    while let Some(level) = at.filter(|level| limit.is_none_or(|limit| crosses(side, limit, level.price))) {
        let wanted = match want {
            Want::Lots(lots) => lots - plan.lots,
            Want::Budget(budget) => {
                let spent = plan.cost.unwrap_or(budget);
                // More than can be counted in one order is left to the next one.
                market.instrument.affordable(budget - spent, level.price).min(Qty(u64::MAX) - plan.lots)
            }
        };
        let lots = level.qty.min(wanted);
        let value = market.instrument.quote_value(level.price * lots);
        plan.cost = plan.cost.zip(value).and_then(|(cost, value)| cost.checked_add(value));
        plan.lots += lots;
        if lots < level.qty || plan.cost.is_none() {
            plan.budget_spent = matches!(want, Want::Budget(_));
            break;
        }
        at = market.book.level_after(side.opposite(), Some(level.price));
    }
    plan
}

impl<B: OrderBook> Engine<B> {
    /// Trades up to `lots` at `limit` or better: best price first, oldest first, at the maker's price.
    pub(super) fn sweep(
        &mut self,
        instrument: InstrumentId,
        taker: &mut Taker,
        limit: Option<Price>,
        lots: Qty,
        events: &mut Vec<Event>,
    ) {
        let Self { markets, desk, .. } = self;
        let market = &mut markets[usize::from(instrument.0)];
        let mut wanted = lots;
        while !wanted.is_zero() {
            let Some(maker) = market.book.front(taker.side.opposite()) else { break };
            if limit.is_some_and(|limit| !crosses(taker.side, limit, maker.price)) {
                break;
            }
            let qty = wanted.min(maker.leaves_qty);
            wanted -= qty;
            taker.leaves -= qty;
            let made = fill_resting(market, desk, (maker.side, Role::Maker), qty, maker.price);
            let Desk { ledger, holdings, .. } = &mut *desk;
            let roles = (taker.side, Role::Taker, &mut taker.terms);
            let fee = market.settle((ledger, holdings), roles, (maker.price, qty), None);
            let took = TradeParty { order: taker.order, account: taker.terms.account, leaves_qty: taker.leaves, fee };
            let (buy, sell) = if taker.side == Side::Buy { (took, made) } else { (made, took) };
            let aggressor = Some(taker.side);
            let (id, price) = (market.next_trade(maker.price), maker.price);
            events.push(Event::Trade(Trade { id, instrument, price, qty, aggressor, buy, sell }));
        }
    }
}

/// Fills the order at the front of a side: book, hold, money, position; ends the order if nothing is left.
pub(super) fn fill_resting<B: OrderBook>(
    market: &mut Market<B>,
    desk: &mut Desk,
    (side, role): (Side, Role),
    qty: Qty,
    price: Price,
) -> TradeParty {
    let maker = market.book.front(side).expect("the caller has just seen it");
    let slot = maker.slot.0;
    let mut terms = *market.terms(slot);
    let Desk { ledger, holdings, .. } = &mut *desk;
    let fee = market.settle((ledger, holdings), (side, role, &mut terms), (price, qty), Some(maker));
    market.terms_mut(slot).fees = terms.fees;
    market.book.take(maker.slot, qty);
    let leaves_qty = maker.leaves_qty - qty;
    if leaves_qty.is_zero() {
        market.forget(holdings, slot);
        desk.end_order(maker.id, terms.name);
    }
    TradeParty { order: maker.id, account: terms.account, leaves_qty, fee }
}
