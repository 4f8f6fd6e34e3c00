//! Keeping an account, or a trade group, from trading with itself.

use super::sweep::{Taker, refresh};
use crate::book::{Fill, Meet};
use crate::command::SelfTradePrevention;
use crate::engine::Desk;
use crate::event::{Cancelled, Event, PreventedParty, SelfTradePrevented};
use crate::ids::{AccountId, InstrumentId};
use crate::lists::News;
use crate::market::Clerk;
use crate::orders::Located;
use crate::reason::CancelCause;
use crate::units::Qty;

/// Who comes, and what is to happen where it meets its own side.
#[derive(Clone, Copy)]
pub(super) struct Party {
    pub(super) account: AccountId,
    pub(super) mode: SelfTradePrevention,
}

impl Party {
    /// Whether an order of its own side could be in the way. May say yes where there is none.
    pub(super) fn may_meet_itself(self, desk: &Desk, instrument: InstrumentId) -> bool {
        let has_orders = || {
            let holding = desk.holdings.find(self.account, instrument);
            holding.is_some_and(|row| desk.holdings.at(row).open_orders > 0)
        };
        self.mode != SelfTradePrevention::None && (desk.groups.of(self.account).is_some() || has_orders())
    }
}

/// What a prevented match does to the taker.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Prevention {
    /// It went on, or nothing was prevented.
    GoesOn,
    /// It has ended: cancelled, or decremented to nothing.
    Ended,
}

/// The taker would trade with an order of its own side: tells it, and does to the resting order what the taker's mode
/// says. What the book is to do is the answer.
#[cold]
#[inline(never)]
pub(super) fn prevent(
    clerk: &mut Clerk,
    desk: &mut Desk,
    taker: &mut Taker,
    Fill { maker, qty }: Fill,
    events: &mut Vec<Event>,
) -> Meet {
    let mode = taker.terms.self_trade_prevention;
    let decremented = if mode == SelfTradePrevention::Decrement { qty } else { Qty::ZERO };
    taker.leaves -= decremented;
    taker.terms.qty -= decremented;
    // The book shows a part of an iceberg only.
    let whole = clerk.whole(maker);
    let (maker_leaves, left_here) = (whole.leaves_qty - decremented, maker.leaves_qty - decremented);
    let shown_qty = clerk.shown_of(maker.slot.0, left_here);
    let account = clerk.terms(maker.slot.0).account;
    events.push(Event::SelfTradePrevented(SelfTradePrevented {
        instrument: clerk.instrument_id,
        mode,
        price: maker.price,
        qty,
        taker_side: taker.side,
        taker: PreventedParty { order: taker.order, account: taker.terms.account, leaves_qty: taker.leaves },
        maker: PreventedParty { order: maker.id, account, leaves_qty: maker_leaves },
    }));
    let ends = matches!(mode, SelfTradePrevention::CancelMaker | SelfTradePrevention::CancelBoth);
    let left = if ends { Qty::ZERO } else { maker_leaves };
    let mut refreshed = Qty::ZERO;
    if left < whole.leaves_qty {
        let terms = *clerk.terms(maker.slot.0);
        let before = clerk.hold_of(&whole);
        let after = clerk.hold_of(&crate::book::Resting { leaves_qty: left, ..maker });
        desk.ledger.change(desk.holdings.at(terms.holding).hold_row(maker.side), before - after, after - before);
        clerk.terms_mut(maker.slot.0).qty -= decremented;
        if left.is_zero() {
            let located = Located { instrument: clerk.instrument_id, slot: maker.slot };
            clerk.leave(&mut desk.holdings, &maker);
            desk.orders.remove_at(maker.id, located);
            desk.lifetimes.end(maker.id, clerk.instrument_id, terms.time_in_force);
            desk.end_name(terms.name);
            desk.lists.tell_if(terms.linked, maker.id, News::Ended);
            events.push(Event::Cancelled(Cancelled {
                order: maker.id,
                account,
                instrument: clerk.instrument_id,
                side: maker.side,
                rested_at: Some(maker.price),
                leaves_qty: maker_leaves,
                shown_qty,
                cause: CancelCause::SelfTrade,
            }));
        } else if left_here.is_zero() {
            refreshed = refresh(clerk, &whole, maker_leaves, events);
        }
    }
    // Only what was decremented can be at its end here: a budget goes on when the lots that were planned are gone.
    let nothing_left = mode == SelfTradePrevention::Decrement && taker.leaves.is_zero();
    if matches!(mode, SelfTradePrevention::CancelTaker | SelfTradePrevention::CancelBoth) || nothing_left {
        taker.prevention = Prevention::Ended;
    }
    match mode {
        SelfTradePrevention::Decrement if !refreshed.is_zero() => Meet::Refresh(refreshed),
        SelfTradePrevention::None | SelfTradePrevention::Decrement => Meet::Take,
        SelfTradePrevention::CancelTaker => Meet::Stop,
        SelfTradePrevention::CancelMaker => Meet::Remove,
        SelfTradePrevention::CancelBoth => Meet::RemoveAndStop,
    }
}
