//! Trading against the other side: first what would trade, without touching anything, then the trades.

use crate::book::{Fill, OrderBook, Resting, crosses};
use crate::command::Side;
use crate::engine::{Desk, Engine};
use crate::event::{Event, Trade, TradeParty};
use crate::ids::{InstrumentId, OrderId};
use crate::market::{Clerk, Market, Role, Terms, Worth};
use crate::orders::Located;
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
                market.clerk.instrument.affordable(budget - spent, level.price).min(Qty(u64::MAX) - plan.lots)
            }
        };
        let lots = level.qty.min(wanted);
        let value = market.clerk.instrument.quote_value(level.price * lots);
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
        // Which side it is decides much of every fill, so it is decided once.
        match taker.side {
            Side::Buy => self.sweep_from::<true>(instrument, taker, (limit, lots), events),
            Side::Sell => self.sweep_from::<false>(instrument, taker, (limit, lots), events),
        }
    }

    #[inline]
    fn sweep_from<const BUYS: bool>(
        &mut self,
        instrument: InstrumentId,
        taker: &mut Taker,
        (limit, lots): (Option<Price>, Qty),
        events: &mut Vec<Event>,
    ) {
        let side = if BUYS { Side::Buy } else { Side::Sell };
        let Self { markets, desk, .. } = self;
        let Market { book, clerk, .. } = &mut markets[usize::from(instrument.0)];
        book.sweep(side, limit, lots, |Fill { maker, qty }| {
            let maker = Resting { side: side.opposite(), ..maker };
            taker.leaves -= qty;
            let price = maker.price;
            let worth = clerk.worth(price, qty);
            let made = fill_resting(clerk, desk, (instrument, Role::Maker), &maker, (&worth, qty));
            let Taker { order, leaves: leaves_qty, terms: Terms { account, holding, fees, .. }, .. } = taker;
            let fee = clerk.charge(side, Role::Taker, fees, &worth);
            let Desk { ledger, holdings, .. } = &mut *desk;
            clerk.settle((ledger, holdings), (side, *holding), &worth, (fee, Amount::ZERO));
            let took = TradeParty { order: *order, account: *account, leaves_qty: *leaves_qty, fee };
            let (buy, sell) = if BUYS { (took, made) } else { (made, took) };
            let (id, aggressor) = (clerk.next_trade(price), Some(side));
            events.push(Event::Trade(Trade { id, instrument, price, qty, aggressor, buy, sell }));
        });
    }
}

/// Everything that a fill changes for a resting order but the book: hold, money, position; and the order's end, if
/// nothing is left of it.
#[inline(always)]
pub(super) fn fill_resting(
    clerk: &mut Clerk,
    desk: &mut Desk,
    (instrument, role): (InstrumentId, Role),
    maker: &Resting,
    (worth, qty): (&Worth, Qty),
) -> TradeParty {
    let slot = maker.slot;
    let Terms { account, holding, fees: before, name, .. } = *clerk.terms(slot.0);
    let mut fees = before;
    let fee = clerk.charge(maker.side, role, &mut fees, worth);
    let freed = clerk.freed(maker, qty, worth, (&before, &fees));
    let Desk { ledger, holdings, .. } = &mut *desk;
    clerk.settle((ledger, holdings), (maker.side, holding), worth, (fee, freed));
    let leaves_qty = maker.leaves_qty - qty;
    if leaves_qty.is_zero() {
        clerk.forget(holdings, slot.0);
        desk.orders.remove_at(maker.id, Located { instrument, slot });
        desk.end_name(name);
    } else {
        clerk.terms_mut(slot.0).fees = fees;
    }
    TradeParty { order: maker.id, account, leaves_qty, fee }
}
