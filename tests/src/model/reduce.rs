//! Orders that may only reduce a position, and orders that must trade so many lots at once.

use papertape_engine::{
    AccountId, Allocation, CancelCause, Event, InstrumentId, OrderId, PlaceOrder, Price, Qty, Reason, Side, TimeInForce,
};

use super::place::{reaches, stays};
use super::{Market, Model, Order};

/// What positions had when an order came, and what accounts have given since.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    had: Vec<(AccountId, i128)>,
    gave: Vec<(AccountId, i128)>,
}

impl Model {
    /// What orders on a side could reduce: who sells, what was bought here and is still held; who buys, what is owed.
    fn reducible(&self, instrument: InstrumentId, account: AccountId, side: Side) -> i128 {
        let position = self.positions.get(&(account, instrument));
        let has = position.map_or(0, |position| position.qty.0);
        if side == Side::Buy { (-has).max(0) } else { has.max(0) }
    }

    /// An account's reduce-only orders on a side, by number.
    fn closers(&self, instrument: InstrumentId, account: AccountId, side: Side) -> Vec<Order> {
        let meant = |order: &&Order| {
            order.reduce_only && (order.instrument, order.account, order.side) == (instrument, account, side)
        };
        let mut closers: Vec<Order> = self.orders.iter().filter(meant).copied().collect();
        closers.sort_by_key(|order| order.id);
        closers
    }

    fn base_of(&self, order: &Order) -> i128 {
        let market = &self.markets[usize::from(order.instrument.0)];
        market.base_value(order.leaves).expect("checked before the order was accepted")
    }

    /// What a position leaves for one more reduce-only order.
    fn room(&self, (instrument, account, side): (InstrumentId, AccountId, Side), except: Option<OrderId>) -> i128 {
        let others = self.closers(instrument, account, side);
        let others = others.iter().filter(|order| Some(order.id) != except);
        let taken: i128 = others.map(|order| self.base_of(order)).sum();
        (self.reducible(instrument, account, side) - taken).max(0)
    }

    /// How many of its lots an order may trade. One that stays must be covered whole.
    pub(super) fn may_trade(&self, market: &Market, order: &PlaceOrder, qty: u64) -> Result<u64, Reason> {
        if !order.reduce_only {
            return Ok(qty);
        }
        let room = self.room((order.instrument, order.account, order.side), None);
        let lots = u64::try_from(room / market.spec.lot.0).unwrap_or(u64::MAX).min(qty);
        if lots == 0 || (stays(order.time_in_force) && lots < qty) { Err(Reason::ReduceOnly) } else { Ok(lots) }
    }

    /// The same of an amend.
    pub(super) fn check_reduces(&self, order: &Order) -> Result<(), Reason> {
        let room = self.room((order.instrument, order.account, order.side), Some(order.id));
        if order.reduce_only && self.base_of(order) > room { Err(Reason::ReduceOnly) } else { Ok(()) }
    }

    /// Positions as an order finds them.
    pub(super) fn given(&self, instrument: InstrumentId, side: Side) -> Given {
        let accounts = (0..self.openings.len()).map(|account| AccountId(account as u32));
        let had = accounts.map(|account| (account, self.reducible(instrument, account, side))).collect();
        Given { had, gave: Vec::new() }
    }

    /// Whether an order that is met is still covered. One that is not ends and does not trade.
    pub(super) fn is_covered(&self, given: &Given, maker: &Order) -> bool {
        let of = |sums: &[(AccountId, i128)]| -> i128 {
            sums.iter().filter(|(account, _)| *account == maker.account).map(|(_, sum)| sum).sum()
        };
        !maker.reduce_only || self.base_of(maker) <= (of(&given.had) - of(&given.gave)).max(0)
    }

    /// A maker has traded.
    pub(super) fn gave(&self, given: &mut Given, maker: &Order, lots: u64) {
        given.gave.push((maker.account, self.base_of(&Order { leaves: lots, ..*maker })));
    }

    /// Positions have fallen by trades: reduce-only orders that they no longer cover end, the latest accepted first.
    pub(super) fn end_uncovered(&mut self, events: &mut Vec<Event>) {
        for (instrument, account, side) in std::mem::take(&mut self.fallen) {
            if self.end_beyond((instrument, account, side), 0, events) {
                self.notes.push("reduce-only ended by a smaller position");
            }
        }
    }

    fn end_beyond(
        &mut self,
        (instrument, account, side): (InstrumentId, AccountId, Side),
        beside: i128,
        events: &mut Vec<Event>,
    ) -> bool {
        let left = (self.reducible(instrument, account, side) - beside).max(0);
        let mut some = false;
        loop {
            let closers = self.closers(instrument, account, side);
            let sum: i128 = closers.iter().map(|order| self.base_of(order)).sum();
            let Some(latest) = closers.last().filter(|_| sum > left) else { return some };
            self.end(latest.id, CancelCause::ReduceOnly, events);
            some = true;
        }
    }

    /// Before an uncross: a position must cover an account's reduce-only orders together with whatever else of the account
    /// could trade on that side.
    pub(super) fn end_uncovered_before_uncross(&mut self, instrument: InstrumentId, events: &mut Vec<Event>) {
        for account in (0..self.openings.len()).map(|account| AccountId(account as u32)) {
            for side in [Side::Buy, Side::Sell] {
                let best = self.queue(instrument, side.opposite()).first().map(|order| order.price);
                let could = |price: Price| best.is_some_and(|best| reaches(side, price, best));
                let others = self.queue(instrument, side).into_iter();
                let others =
                    others.filter(|order| order.account == account && !order.reduce_only && could(order.price));
                let beside: i128 = others.map(|order| self.base_of(&order)).sum();
                if self.end_beyond((instrument, account, side), beside, events) {
                    self.notes.push("reduce-only ended before an uncross");
                }
            }
        }
    }
}

impl Market {
    /// What reduce-only orders and orders with a minimum must be.
    pub(super) fn check_attributes(&self, order: &PlaceOrder) -> Result<(), Reason> {
        let qty = order.kind.qty();
        if order.reduce_only && (qty.is_none() || self.spec.allocation != Allocation::Fifo) {
            return Err(Reason::InvalidReduceOnly);
        }
        let Qty(least) = order.min_qty;
        let is_possible = qty.is_some_and(|qty| least <= qty.0);
        if least > 0 && (!is_possible || order.post_only || order.time_in_force == TimeInForce::Fok) {
            return Err(Reason::InvalidMinQty);
        }
        self.check_peg(order)?;
        // Those that wait for an auction are not asked here.
        if order.imbalance_only { Err(Reason::InvalidImbalanceOnly) } else { Ok(()) }
    }
}
