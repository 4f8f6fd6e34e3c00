//! Taking where some orders that rest may only reduce a position, or do not show: order by order, and each is asked before it
//! trades.

use super::self_trade::{Prevention, prevent};
use super::sweep::{Taker, is_self_trade, trade};
use crate::book::{Fill, Meet, OrderBook, Resting, crosses};
use crate::closers::Leftovers;
use crate::command::Side;
use crate::engine::Desk;
use crate::event::{Cancelled, Event};
use crate::ids::AccountId;
use crate::lists::News;
use crate::market::{Clerk, Market, Terms};
use crate::orders::Located;
use crate::reason::CancelCause;
use crate::units::{Amount, Price, Qty};

/// Trades up to `lots` at `limit` or better: best price first, oldest first. An order that may only reduce a position and
/// is for more than is left of it ends instead.
#[cold]
#[inline(never)]
pub(super) fn sweep<B: OrderBook>(
    market: &mut Market<B>,
    desk: &mut Desk,
    taker: &mut Taker,
    (limit, mut lots): (Option<Price>, Qty),
    events: &mut Vec<Event>,
) {
    let side = taker.side.opposite();
    let mut leftovers = before(&market.clerk, desk, taker.terms.account, side);
    while !lots.is_zero()
        && taker.prevention == Prevention::GoesOn
        && let Some(maker) = market.book.front(side)
        && limit.is_none_or(|limit| crosses(taker.side, limit, maker.price))
    {
        let qty = lots.min(maker.leaves_qty);
        let Market { clerk, book, .. } = &mut *market;
        let meet = if is_self_trade(clerk, desk, taker, &maker) {
            prevent(clerk, desk, taker, Fill { maker, qty }, events)
        } else if !lets_trade((clerk, desk), &mut leftovers, &maker, (clerk.whole(maker).leaves_qty, qty)) {
            end_met(clerk, desk, &maker, CancelCause::ReduceOnly, events);
            Meet::Remove
        } else {
            let anew = match taker.side {
                Side::Buy => trade::<true>(clerk, desk, taker, &maker, qty, events),
                Side::Sell => trade::<false>(clerk, desk, taker, &maker, qty, events),
            };
            if anew.is_zero() { Meet::Take } else { Meet::Refresh(anew) }
        };
        match meet {
            Meet::Take => book.take(maker.slot, qty),
            Meet::Refresh(anew) => book.refresh(maker.slot, anew),
            Meet::Remove | Meet::RemoveAndStop => drop(book.remove(maker.slot)),
            Meet::Stop => {}
        }
        match meet {
            Meet::Take | Meet::Refresh(_) => lots -= qty,
            Meet::Remove => {}
            Meet::Stop | Meet::RemoveAndStop => return,
        }
    }
}

/// What is left of positions when an order comes. Its own account's is asked before it gets anything.
pub(super) fn before(clerk: &Clerk, desk: &Desk, taker: AccountId, side: Side) -> Leftovers {
    let mut leftovers = Leftovers::default();
    if clerk.closers.has(taker, side) {
        leftovers.of(taker, || had(clerk, desk, taker, side));
    }
    leftovers
}

/// Whether an order may trade, as far as a position decides it. If it may, so many lots are gone from the position.
/// `whole` is all that is left of it.
pub(super) fn lets_trade(
    (clerk, desk): (&Clerk, &Desk),
    leftovers: &mut Leftovers,
    maker: &Resting,
    (whole, qty): (Qty, Qty),
) -> bool {
    let Terms { account, rare, .. } = *clerk.terms(maker.slot.0);
    if !rare.is_reduce_only() && !clerk.closers.has(account, maker.side) {
        return true;
    }
    let base = |lots| clerk.instrument.base_value(lots).expect("an accepted order's base value was checked");
    let left = leftovers.of(account, || had(clerk, desk, account, maker.side));
    if rare.is_reduce_only() && base(whole) > *left {
        return false;
    }
    *left = (*left - base(qty)).max(Amount::ZERO);
    true
}

fn had(clerk: &Clerk, desk: &Desk, account: AccountId, side: Side) -> Amount {
    let holding = desk.holdings.find(account, clerk.instrument_id);
    holding.map_or(Amount::ZERO, |row| desk.holdings.at(row).position.reducible(side))
}

/// Ends a resting order that is met, but for the book, which is the caller's.
fn end_met(clerk: &mut Clerk, desk: &mut Desk, maker: &Resting, cause: CancelCause, events: &mut Vec<Event>) {
    let Resting { slot, id: order, side, price, leaves_qty, .. } = *maker;
    let shown_qty = clerk.shown_of(slot.0, leaves_qty);
    let whole = clerk.whole(*maker);
    let held = clerk.hold_of(&whole);
    let Terms { account, holding, name, linked, time_in_force, .. } = *clerk.terms(slot.0);
    let instrument = clerk.instrument_id;
    desk.change_held(holding, side, -held);
    clerk.leave(&mut desk.holdings, maker);
    desk.orders.remove_at(order, Located { instrument, slot });
    desk.lifetimes.end(order, instrument, time_in_force);
    desk.end_name(name);
    desk.lists.tell_if(linked, order, News::Ended);
    let (rested_at, leaves_qty) = (Some(price), whole.leaves_qty);
    events.push(Event::Cancelled(Cancelled {
        order,
        account,
        instrument,
        side,
        rested_at,
        leaves_qty,
        shown_qty,
        cause,
    }));
}
