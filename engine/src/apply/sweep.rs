//! Trading against the other side.

use super::self_trade::{Prevention, prevent};
use super::{careful, pro_rata};
use crate::book::{Fill, Meet, OrderBook, Resting};
use crate::command::{SelfTradePrevention, Side};
use crate::engine::{Desk, Engine};
use crate::event::{Event, Trade, TradeParty};
use crate::ids::{InstrumentId, OrderId};
use crate::lists::News;
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
    /// How much of it may show where it rests, if not all.
    pub(super) display: Option<Qty>,
    /// What meeting its own side has done to it.
    pub(super) prevention: Prevention,
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
        let Self { markets, desk, scratch_level, .. } = self;
        let market = &mut markets[usize::from(instrument.0)];
        if market.clerk.needs_care() {
            return match market.clerk.is_pro_rata() {
                true => pro_rata::sweep(market, desk, taker, (limit, lots), scratch_level, events),
                false => careful::sweep(market, desk, taker, (limit, lots), events),
            };
        }
        // Which side it is decides much of every fill, so it is decided once.
        match taker.side {
            Side::Buy => sweep_from::<true, B>(market, desk, taker, (limit, lots), events),
            Side::Sell => sweep_from::<false, B>(market, desk, taker, (limit, lots), events),
        }
    }
}

#[inline]
fn sweep_from<const BUYS: bool, B: OrderBook>(
    Market { book, clerk, .. }: &mut Market<B>,
    desk: &mut Desk,
    taker: &mut Taker,
    (limit, lots): (Option<Price>, Qty),
    events: &mut Vec<Event>,
) {
    let side = if BUYS { Side::Buy } else { Side::Sell };
    book.sweep(side, limit, lots, |Fill { maker, qty }| {
        let maker = Resting { side: side.opposite(), ..maker };
        if is_self_trade(clerk, desk, taker, &maker) {
            return prevent(clerk, desk, taker, Fill { maker, qty }, events);
        }
        let anew = trade::<BUYS>(clerk, desk, taker, &maker, qty, events);
        if anew.is_zero() { Meet::Take } else { Meet::Refresh(anew) }
    });
}

/// Whether the taker's mode keeps it from trading with this order.
#[inline]
pub(super) fn is_self_trade(clerk: &Clerk, desk: &Desk, taker: &Taker, maker: &Resting) -> bool {
    let Terms { account, self_trade_prevention, .. } = taker.terms;
    let other = clerk.terms(maker.slot.0).account;
    self_trade_prevention != SelfTradePrevention::None && desk.groups.same_party(account, other)
}

/// The taker trades `qty` lots with a resting order, at its price. The book is the caller's: of an iceberg whose shown part
/// is gone, so many lots are to show anew.
#[inline(always)]
pub(super) fn trade<const BUYS: bool>(
    clerk: &mut Clerk,
    desk: &mut Desk,
    taker: &mut Taker,
    maker: &Resting,
    qty: Qty,
    events: &mut Vec<Event>,
) -> Qty {
    let side = if BUYS { Side::Buy } else { Side::Sell };
    let instrument = clerk.instrument_id;
    taker.leaves -= qty;
    let price = maker.price;
    let worth = clerk.worth(price, qty);
    let made = fill_resting(clerk, desk, (instrument, Role::Maker), maker, (&worth, qty));
    let Taker { order, leaves: leaves_qty, terms: Terms { account, holding, fees, .. }, .. } = taker;
    let fee = clerk.charge(side, Role::Taker, fees, &worth);
    let Desk { ledger, holdings, .. } = &mut *desk;
    clerk.settle((ledger, holdings), (side, *holding), &worth, (fee, Amount::ZERO));
    let took = TradeParty { order: *order, account: *account, leaves_qty: *leaves_qty, fee };
    let (buy, sell) = if BUYS { (took, made) } else { (made, took) };
    let (id, aggressor) = (clerk.next_trade(price), Some(side));
    events.push(Event::Trade(Trade { id, instrument, price, qty, aggressor, buy, sell }));
    next_part(clerk, maker, (qty, made.leaves_qty), events)
}

/// How much of an iceberg shows anew, if all that showed of it has been filled and it goes on.
#[inline]
pub(super) fn next_part(
    clerk: &mut Clerk,
    maker: &Resting,
    (qty, leaves_qty): (Qty, Qty),
    events: &mut Vec<Event>,
) -> Qty {
    if leaves_qty.is_zero() || qty < maker.leaves_qty {
        return Qty::ZERO;
    }
    refresh(clerk, maker, leaves_qty, events)
}

/// The next part of an iceberg comes to the tail of its level.
#[cold]
pub(super) fn refresh(clerk: &mut Clerk, maker: &Resting, leaves_qty: Qty, events: &mut Vec<Event>) -> Qty {
    let Resting { slot, id: order, side, price, .. } = *maker;
    let shown_qty = clerk.thaw(side, price, slot.0);
    let (account, instrument) = (clerk.terms(slot.0).account, clerk.instrument_id);
    events.push(Event::Rested { order, account, instrument, side, price, leaves_qty, shown_qty });
    shown_qty
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
    let maker = &clerk.whole(*maker);
    let Terms { account, holding, fees: before, name, time_in_force, linked, .. } = *clerk.terms(slot.0);
    let mut fees = before;
    let fee = clerk.charge(maker.side, role, &mut fees, worth);
    let freed = clerk.freed(maker, qty, worth, (&before, &fees));
    let Desk { ledger, holdings, .. } = &mut *desk;
    clerk.settle((ledger, holdings), (maker.side, holding), worth, (fee, freed));
    let leaves_qty = maker.leaves_qty - qty;
    if leaves_qty.is_zero() {
        clerk.leave(holdings, maker);
        desk.orders.remove_at(maker.id, Located { instrument, slot });
        desk.lifetimes.end(maker.id, instrument, time_in_force);
        desk.end_name(name);
    } else {
        clerk.terms_mut(slot.0).fees = fees;
    }
    desk.lists.tell_if(linked, maker.id, if leaves_qty.is_zero() { News::FilledWhole } else { News::Filled });
    TradeParty { order: maker.id, account, leaves_qty, fee }
}
