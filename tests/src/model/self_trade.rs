//! Who may not trade with whom, and what happens instead.

use papertape_engine::{
    AccountId, CancelCause, Cancelled, Event, PreventedParty, Qty, SelfTradePrevented, SelfTradePrevention,
};

use super::{Model, Order};

impl Model {
    /// Whether two accounts are one: the same, or of the same trade group.
    fn same_party(&self, one: AccountId, other: AccountId) -> bool {
        let group = |account: AccountId| self.groups[account.0 as usize];
        one == other || (group(one).is_some() && group(one) == group(other))
    }

    /// Whether `mode` keeps an order of `account` from trading with `maker`.
    pub(super) fn is_own(&self, account: AccountId, mode: SelfTradePrevention, maker: &Order) -> bool {
        mode != SelfTradePrevention::None && self.same_party(account, maker.account)
    }

    /// The taker does not trade with an order of its own side. Takes what both lose off `wanted`, and says whether the
    /// taker is over.
    pub(super) fn prevent(
        &mut self,
        taker: &mut Order,
        mut maker: Order,
        wanted: &mut u64,
        events: &mut Vec<Event>,
    ) -> bool {
        use SelfTradePrevention::{CancelBoth, CancelMaker, CancelTaker, Decrement};
        let mode = taker.self_trade_prevention;
        let qty = maker.front().min(*wanted);
        if mode == Decrement {
            // Neither was filled: the totals shrink too.
            for order in [&mut *taker, &mut maker] {
                order.qty -= qty;
                order.leaves -= qty;
                order.shown = order.shown.saturating_sub(qty);
            }
            *wanted -= qty;
            self.replace(maker);
        }
        let party =
            |order: &Order| PreventedParty { order: order.id, account: order.account, leaves_qty: Qty(order.leaves) };
        events.push(Event::SelfTradePrevented(SelfTradePrevented {
            instrument: taker.instrument,
            mode,
            price: maker.price,
            qty: Qty(qty),
            taker_side: taker.side,
            taker: party(taker),
            maker: party(&maker),
        }));
        if maker.leaves == 0 || matches!(mode, CancelMaker | CancelBoth) {
            self.end(maker.id, CancelCause::SelfTrade, events);
        } else if self.refresh(maker.id, events) {
            self.notes.push("iceberg refreshed by a decrement");
        }
        match mode {
            CancelTaker | CancelBoth => true,
            Decrement => taker.leaves == 0,
            SelfTradePrevention::None | CancelMaker => false,
        }
    }

    /// Tells that an order is over before it came to rest.
    pub(super) fn end_taker(&mut self, taker: &Order, cause: CancelCause, events: &mut Vec<Event>) {
        let Order { id: order, account, instrument, side, leaves, .. } = *taker;
        let (rested_at, leaves_qty, shown_qty) = (None, Qty(leaves), Qty(0));
        let ended = Cancelled { order, account, instrument, side, rested_at, leaves_qty, shown_qty, cause };
        events.push(Event::Cancelled(ended));
        self.heard_of_end(order, cause);
        self.end_name(order);
    }

    /// An open order keeps its place with other quantities, and holds less.
    fn replace(&mut self, order: Order) {
        let at = self.orders.iter().position(|other| other.id == order.id).expect("the order is open");
        self.orders[at] = order;
        self.touch(order.account, self.markets[usize::from(order.instrument.0)].paid_with(order.side));
    }
}
