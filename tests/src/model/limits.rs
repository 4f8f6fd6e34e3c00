//! What an account may have and send: the position limit and the order rate. And what post-only orders and icebergs are
//! asked.

use papertape_engine::{
    AccountId, Allocation, InstrumentId, OrderId, OrderKind, PlaceOrder, PostOnlyRule, Price, Qty, Reason, Side,
};

use super::place::stays;
use super::{AMOUNT_MAX, Market, Model};

const NS_IN_A_SECOND: u64 = 1_000_000_000;
/// In how many parts an iceberg shows at most.
const PARTS_MAX: u64 = 100;

impl Model {
    /// That a buy of so many lots leaves the account with no more than it may have. `instead_of` is an order that it
    /// replaces.
    pub(super) fn check_position(
        &self,
        account: AccountId,
        market: &Market,
        instrument: InstrumentId,
        side: Side,
        lots: u64,
        instead_of: Option<OrderId>,
    ) -> Result<(), Reason> {
        let most = market.spec.filters.position_max.0;
        // The greatest balance there is limits nothing, and nothing limits what buys a debt back.
        if side == Side::Sell || most == AMOUNT_MAX || self.buying_back == Some(account) {
            return Ok(());
        }
        let has = self.total(account, market.spec.base);
        let counts = |order: &&super::Order| {
            (order.account, order.instrument, order.side) == (account, instrument, Side::Buy)
                && Some(order.id) != instead_of
        };
        let open = self.orders.iter().filter(counts).map(|order| market.units(order.leaves)).sum::<i128>();
        if has + open + market.units(lots) <= most { Ok(()) } else { Err(Reason::PositionLimit) }
    }

    /// That an account may send so many more orders to an instrument within this second.
    pub(super) fn check_rate(
        &self,
        account: AccountId,
        instrument: InstrumentId,
        market: &Market,
        more: usize,
    ) -> Result<(), Reason> {
        let sent = (account, instrument, self.now_ns / NS_IN_A_SECOND);
        let count = self.rated.iter().filter(|other| **other == sent).count();
        let most = market.spec.filters.orders_per_second_max as usize;
        if count + more <= most { Ok(()) } else { Err(Reason::OrderRate) }
    }

    /// An order or an amend was accepted.
    pub(super) fn rate(&mut self, account: AccountId, instrument: InstrumentId) {
        let second = self.now_ns / NS_IN_A_SECOND;
        // What an account sent in another second never counts again.
        self.rated.retain(|(of, place, other)| (*of, *place) != (account, instrument) || *other == second);
        self.rated.push((account, instrument, second));
    }

    /// The price that a limit order has: a post-only order that would take gets another one, or is refused.
    pub(super) fn price_of(
        &self,
        market: &Market,
        (instrument, side, post_only): (InstrumentId, Side, bool),
        price: Price,
        qty: u64,
    ) -> Result<Price, Reason> {
        if !post_only || !self.would_take(instrument, side, price) {
            return Ok(price);
        }
        if market.spec.post_only == PostOnlyRule::Reject {
            return Err(Reason::PostOnlyWouldTake);
        }
        let best = self.queue(instrument, side.opposite())[0].price;
        let before = match side {
            Side::Buy => best.0.checked_sub(1),
            Side::Sell => best.0.checked_add(1),
        };
        let before = before.map(Price).filter(|before| market.check_limit(*before, qty).is_ok());
        before.ok_or(Reason::PostOnlyWouldTake)
    }
}

impl Market {
    /// Base units of lots of which it is known that there are such.
    fn units(&self, lots: u64) -> i128 {
        self.base_value(lots).expect("checked before")
    }

    /// What an iceberg must be, and what a hidden order, which shows nothing.
    pub(super) fn check_display(&self, order: &PlaceOrder) -> Result<(), Reason> {
        let Some(Qty(display)) = order.display_qty else { return Ok(()) };
        let stays = matches!(order.kind, OrderKind::Limit { .. }) && stays(order.time_in_force);
        let is_part =
            display == 0 || order.kind.qty().is_some_and(|qty| display < qty.0 && has_few_parts(display, qty.0));
        let by_time = self.spec.allocation == Allocation::Fifo;
        if stays && is_part && by_time { Ok(()) } else { Err(Reason::InvalidDisplay) }
    }
}

/// Whether so many lots show in few enough parts.
pub(super) fn has_few_parts(display: u64, lots: u64) -> bool {
    u128::from(lots) <= u128::from(display) * u128::from(PARTS_MAX)
}
