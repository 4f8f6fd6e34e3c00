//! What an order would trade, without touching anything.

use super::careful;
use super::self_trade::Party;
use std::collections::VecDeque;

use crate::book::{Level, OrderBook, Resting, crosses};
use crate::command::{SelfTradePrevention, Side};
use crate::engine::Desk;
use crate::instrument::Instrument;
use crate::market::Market;
use crate::units::{Amount, Price, Qty};

/// What a taker is out for.
#[derive(Clone, Copy)]
pub(super) enum Want {
    Lots(Qty),
    /// As many lots as this much quote pays for.
    Budget(Amount),
}

/// What a sweep would do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Lots that would trade.
    pub(super) lots: Qty,
    /// Lots that the taker would lose without a trade, see [`SelfTradePrevention::Decrement`].
    pub(super) prevented: Qty,
    /// Own orders that would be met after the last trade, see [`Reach`].
    pub(super) reach: Option<Reach>,
    /// What the trades would cost; `None` if it cannot be represented.
    pub(super) cost: Option<Amount>,
    /// Whether the budget ended it, and not the book.
    pub(super) budget_spent: bool,
    /// Whether there is more, beyond the limit.
    pub(super) cut: bool,
}

/// How far a taker gets beyond its last trade: own orders that it meets there end, or end it, though nothing trades. A
/// sweep for more lots than are planned, but not beyond this price, meets them and trades nothing else: up to here
/// everything of others has been traded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// The price of the last of them.
    pub(super) price: Price,
    /// How many lots the taker is still out for there.
    pub(super) lots: Qty,
}

/// Goes the way that the taker would go: level by level, and order by order only where it may meet its own side.
pub(super) fn plan<B: OrderBook>(
    (market, desk): (&Market<B>, &Desk),
    (side, party): (Side, Party),
    limit: Option<Price>,
    want: Want,
) -> Plan {
    let reaches = |price: Price| limit.is_none_or(|limit| crosses(side, limit, price));
    let mut planner = Planner::new(&market.clerk.instrument, want);
    if market.clerk.needs_care() && !market.clerk.is_pro_rata() {
        planner.carefully((market, desk), (side, party), reaches);
        return planner.plan;
    }
    if party.may_meet_itself(desk, market.clerk.instrument_id) {
        let own = |order: &Resting| desk.groups.same_party(party.account, market.clerk.terms(order.slot.0).account);
        planner.by_order(
            (market, side),
            reaches,
            |order| if own(order) { party.mode } else { SelfTradePrevention::None },
        );
        return planner.plan;
    }
    let mut at = market.book.level_after(side.opposite(), None);
    while let Some(level) = at.filter(|level| reaches(level.price) && !planner.ended) {
        planner.trade(level.price, with_reserve(market, side.opposite(), level));
        at = market.book.level_after(side.opposite(), Some(level.price));
    }
    planner.plan.cut = at.is_some() && !planner.ended;
    planner.plan
}

/// What a level has, shown or not; more than can be asked for is as good as the most.
fn with_reserve<B: OrderBook>(market: &Market<B>, side: Side, level: Level) -> Qty {
    if !market.clerk.has_icebergs() {
        return level.qty;
    }
    let all = u128::from(level.qty.0) + market.clerk.reserve_at(side, level.price);
    Qty(u64::try_from(all).unwrap_or(u64::MAX))
}

/// A plan in the making.
struct Planner<'a> {
    instrument: &'a Instrument,
    want: Want,
    plan: Plan,
    /// What the prevented lots would have cost: they use up a budget as trades do.
    prevented_cost: Amount,
    ended: bool,
}

impl<'a> Planner<'a> {
    fn new(instrument: &'a Instrument, want: Want) -> Self {
        let (lots, prevented, cost) = (Qty::ZERO, Qty::ZERO, Some(Amount::ZERO));
        let plan = Plan { lots, prevented, reach: None, cost, budget_spent: false, cut: false };
        Self { instrument, want, plan, prevented_cost: Amount::ZERO, ended: false }
    }

    /// `mode` says what happens at an order: `None` is a trade.
    fn by_order<B: OrderBook>(
        &mut self,
        (market, side): (&Market<B>, Side),
        reaches: impl Fn(Price) -> bool,
        mode: impl Fn(&Resting) -> SelfTradePrevention,
    ) {
        if market.clerk.has_icebergs() {
            return self.by_part((market, side), reaches, |order, _, _| mode(order));
        }
        if !market.clerk.is_pro_rata() {
            market.book.walk(side.opposite(), &mut |order| {
                let goes_on = reaches(order.price);
                if goes_on {
                    self.meet(&order, mode(&order));
                } else {
                    self.plan.cut = true;
                }
                goes_on && !self.ended
            });
            return;
        }
        // All orders of a level are met at once, its own before the others: one level after the other.
        let mut level: Vec<(Resting, SelfTradePrevention)> = Vec::new();
        market.book.walk(side.opposite(), &mut |order| {
            if level.first().is_some_and(|(first, _)| first.price != order.price) {
                self.meet_level(&mut level);
            }
            let goes_on = reaches(order.price) && !self.ended;
            if goes_on {
                level.push((order, mode(&order)));
            }
            self.plan.cut |= !goes_on && !self.ended;
            goes_on
        });
        self.meet_level(&mut level);
    }

    /// Order by order, where some may only reduce a position: those that are for more than is left of it are met as own
    /// orders are that end.
    #[cold]
    fn carefully<B: OrderBook>(
        &mut self,
        (market, desk): (&Market<B>, &Desk),
        (side, party): (Side, Party),
        reaches: impl Fn(Price) -> bool,
    ) {
        let mut leftovers = careful::before(&market.clerk, desk, party.account, side.opposite());
        self.by_part((market, side), reaches, |order, whole, qty| {
            let own = desk.groups.same_party(party.account, market.clerk.terms(order.slot.0).account);
            match own && party.mode != SelfTradePrevention::None {
                true => party.mode,
                false if careful::lets_trade((&market.clerk, desk), &mut leftovers, order, (whole, qty)) => {
                    SelfTradePrevention::None
                }
                false => SelfTradePrevention::CancelMaker,
            }
        });
    }

    /// Order by order, where icebergs come again with their next parts after the others of their level. `mode` is asked with
    /// what is left of an order, and how much of what shows is wanted.
    fn by_part<B: OrderBook>(
        &mut self,
        (market, side): (&Market<B>, Side),
        reaches: impl Fn(Price) -> bool,
        mut mode: impl FnMut(&Resting, Qty, Qty) -> SelfTradePrevention,
    ) {
        let mut at = market.book.level_of_all_after(side.opposite(), None);
        while let Some(level) = at.filter(|level| reaches(level.price) && !self.ended) {
            // The next part of an iceberg comes behind those that show, and before those that do not.
            let (mut queue, mut hidden) = (VecDeque::new(), VecDeque::new());
            market.book.walk_level(side.opposite(), level.price, &mut |order| {
                let iceberg = market.clerk.iceberg(order.slot.0);
                let shows = !market.clerk.terms(order.slot.0).rare.is_hidden();
                let queue = if shows { &mut queue } else { &mut hidden };
                queue.push_back((order, iceberg.map_or((Qty::ZERO, Qty::ZERO), |ice| (ice.display, ice.reserve))));
                true
            });
            while let Some((order, (display, reserve))) =
                queue.pop_front().or_else(|| hidden.pop_front()).filter(|_| !self.ended)
            {
                let wanted = order.leaves_qty.min(self.wanted(order.price));
                if wanted.is_zero() {
                    self.end_if(true);
                    continue;
                }
                let mode = mode(&order, order.leaves_qty + reserve, wanted);
                self.meet(&order, mode);
                let next = display.min(reserve);
                if !next.is_zero() && matches!(mode, SelfTradePrevention::None | SelfTradePrevention::Decrement) {
                    queue.push_back((Resting { leaves_qty: next, ..order }, (display, reserve - next)));
                }
            }
            at = market.book.level_of_all_after(side.opposite(), Some(level.price));
        }
        self.plan.cut = at.is_some() && !self.ended;
    }

    fn meet_level(&mut self, level: &mut Vec<(Resting, SelfTradePrevention)>) {
        let is_own = |mode: SelfTradePrevention| mode != SelfTradePrevention::None;
        let own = level.iter().filter(|(_, mode)| is_own(*mode));
        for (order, mode) in own.chain(level.iter().filter(|(_, mode)| !is_own(*mode))) {
            if !self.ended {
                self.meet(order, *mode);
            }
        }
        level.clear();
    }

    fn meet(&mut self, order: &Resting, mode: SelfTradePrevention) {
        match mode {
            SelfTradePrevention::None => self.trade(order.price, order.leaves_qty),
            SelfTradePrevention::CancelMaker => self.reach(order.price),
            SelfTradePrevention::CancelTaker | SelfTradePrevention::CancelBoth => {
                self.reach(order.price);
                self.ended = true;
            }
            SelfTradePrevention::Decrement => self.prevent(order.price, order.leaves_qty),
        }
    }

    /// An own order that is met, if anything is still wanted at its price.
    fn reach(&mut self, price: Price) {
        let wanted = self.wanted(price);
        if wanted.is_zero() {
            return self.end_if(true);
        }
        let lots = self.plan.reach.map_or(wanted, |reach| reach.lots.max(wanted));
        self.plan.reach = Some(Reach { price, lots });
    }

    fn trade(&mut self, price: Price, qty: Qty) {
        let lots = qty.min(self.wanted(price));
        if !lots.is_zero() {
            self.plan.reach = None;
        }
        self.plan.lots += lots;
        let value = self.instrument.quote_value(price * lots);
        self.plan.cost = self.plan.cost.zip(value).and_then(|(cost, value)| cost.checked_add(value));
        self.end_if(lots < qty || self.plan.cost.is_none());
    }

    fn prevent(&mut self, price: Price, qty: Qty) {
        let lots = qty.min(self.wanted(price));
        self.plan.prevented += lots;
        let value = self.instrument.quote_value(price * lots);
        // Only a budget is used up by it, and what a budget pays for can be represented.
        if let (Want::Budget(_), Some(value)) = (self.want, value) {
            self.prevented_cost += value;
        }
        self.end_if(lots < qty);
    }

    fn end_if(&mut self, ends: bool) {
        if ends {
            self.ended = true;
            self.plan.budget_spent = matches!(self.want, Want::Budget(_));
        }
    }

    /// How many lots at this price are still wanted.
    fn wanted(&self, price: Price) -> Qty {
        let taken = self.plan.lots + self.plan.prevented;
        match self.want {
            Want::Lots(lots) => lots - taken,
            Want::Budget(budget) => {
                let spent = self.plan.cost.and_then(|cost| cost.checked_add(self.prevented_cost)).unwrap_or(budget);
                // More than can be counted in one order is left to the next one.
                self.instrument.affordable(budget - spent, price).min(Qty(u64::MAX) - taken)
            }
        }
    }
}
