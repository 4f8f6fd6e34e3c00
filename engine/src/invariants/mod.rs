//! What is true after every command, in prose and in code. Tests check it after each; a restored snapshot is checked
//! once.

mod closers;
mod margin;
mod pegs;
mod tiers;
mod unseen;

use std::collections::BTreeMap;

use crate::apply::interest_of;
use crate::book::{OrderBook, Resting, Slot};
use crate::command::{Side, TimeInForce};
use crate::engine::Engine;
use crate::holdings::NO_SLOT;
use crate::ids::{AccountId, InstrumentId};
use crate::instrument::Phase;
use crate::ledger::Balance;
use crate::lifetimes::Turn;
use crate::market::{Iceberg, Market};
use crate::units::{Amount, Price, Qty};

impl<B: OrderBook> Engine<B> {
    /// Checks every invariant; the error names the one that is broken.
    ///
    /// 1. Per asset, all balances together are what was deposited or borrowed and not withdrawn or paid back; none is
    ///    negative.
    /// 2. What an account has held is what its open orders hold, exactly.
    /// 3. A book in continuous trading is not crossed.
    /// 4. Every resting order has something left, at most its total, and its level's quantity is the sum of its
    ///    orders'.
    /// 5. The index of orders and the accounts' lists name the orders of the books, all of them and no others.
    /// 6. Every order that waits is indexed by what it waits for, and nothing that it waits for has happened; every list
    ///    names orders that rest, wait or are pending, and no order is in two.
    /// 7. Every rebate that an order may get is covered by every fee that the other side may pay.
    /// 8. Only accounts that may borrow owe anything, or the venue itself.
    /// 9. An account's reduce-only orders in an instrument are for no more than its position there; all of them are indexed.
    /// 10. Pegged orders are within their limits, and where trading is continuous they have followed what they follow.
    pub fn check(&self) -> Result<(), String> {
        self.check_supply()?;
        self.check_debts()?;
        let mut held = vec![vec![Amount::ZERO; self.assets.len()]; self.account_count() as usize];
        let mut orders = 0;
        for (number, market) in self.markets.iter().enumerate() {
            let instrument = InstrumentId(number as u16);
            if market.phase == Phase::Continuous && market.is_crossed() {
                return Err(format!("instrument {instrument} is crossed in continuous trading"));
            }
            self.check_rates(instrument, market)?;
            for side in [Side::Buy, Side::Sell] {
                check_levels(market, side)?;
                Self::check_icebergs(market, side)?;
                let resting = resting_orders(market, side);
                orders += resting.len();
                for order in resting {
                    self.check_order(instrument, market, &order)?;
                    let asset = if side == Side::Buy {
                        market.clerk.instrument.spec.quote
                    } else {
                        market.clerk.instrument.spec.base
                    };
                    let account = market.clerk.terms(order.slot.0).account;
                    let sum = &mut held[account.0 as usize][usize::from(asset.0)];
                    let more = sum.checked_add(market.clerk.hold_of(&market.clerk.whole(order)));
                    *sum = more.ok_or_else(|| format!("account {account} holds more than there can be"))?;
                }
            }
        }
        self.check_closers()?;
        self.check_pegs()?;
        self.check_waiting(&mut held)?;
        self.check_order_lists()?;
        self.check_stages()?;
        if self.lifetimes_of_orders()? != self.desk.lifetimes.len() {
            return Err("orders that are not open have an end".to_owned());
        }
        if orders != self.desk.orders.len() {
            return Err(format!("{orders} orders rest and {} are indexed", self.desk.orders.len()));
        }
        self.check_held(&held)?;
        self.check_lists(orders)
    }

    /// A phase that ends by itself is indexed by its end, and nothing else is.
    fn check_stages(&self) -> Result<(), String> {
        let (mut ends, mut auctions) = (0, 0);
        for (instrument, market) in (0..).map(InstrumentId).zip(&self.markets) {
            let stage = market.stage();
            let known =
                stage.until_ns.is_none_or(|until_ns| self.desk.lifetimes.knows_turn(instrument, Turn::Ends, until_ns));
            let step = market.step_ns;
            let planned = step.is_none_or(|at_ns| self.desk.lifetimes.knows_turn(instrument, Turn::Scheduled, at_ns));
            if !stage.is_possible() || !known || !planned || !market.has_possible_schedule() {
                return Err(format!("instrument {instrument} is in a phase that cannot be or would not end"));
            }
            ends += usize::from(stage.until_ns.is_some()) + usize::from(step.is_some());
            let collects = stage.phase == Phase::Auction;
            let counted = market.collecting.as_ref().filter(|collecting| {
                let clearing = collecting.interest.clear(market.clerk.last_price);
                let indicated = clearing.map(|clearing| clearing.told());
                collecting.interest == interest_of(market) && collecting.indicated == indicated
            });
            if collects != counted.is_some() || (!collects && market.collecting.is_some()) {
                return Err(format!("instrument {instrument} does not count what it collects"));
            }
            auctions += u32::from(collects);
        }
        let counted = ends == self.desk.lifetimes.turns() && auctions == self.auctions;
        if counted { Ok(()) } else { Err("phases that are not would end or collect".to_owned()) }
    }

    fn check_supply(&self) -> Result<(), String> {
        for (asset, total) in self.assets.iter().zip(self.desk.ledger.totals().iter().enumerate()) {
            let (number, total) = total;
            let supply = self.desk.ledger.supply(crate::ids::AssetId(number as u16));
            if *total != supply {
                return Err(format!(
                    "{}: balances sum to {total}, deposits less withdrawals to {supply}",
                    asset.symbol
                ));
            }
        }
        Ok(())
    }

    /// How many open orders end by themselves; each must be in the index.
    fn lifetimes_of_orders(&self) -> Result<usize, String> {
        let mut count = 0;
        for (instrument, market) in (0..).map(InstrumentId).zip(&self.markets) {
            for order in [Side::Buy, Side::Sell].into_iter().flat_map(|side| resting_orders(market, side)) {
                let time_in_force = market.clerk.terms(order.slot.0).time_in_force;
                let ends = time_in_force != TimeInForce::Gtc;
                if ends && !self.desk.lifetimes.knows(order.id, instrument, time_in_force) {
                    return Err(format!("order {} would not end by itself", order.id));
                }
                count += usize::from(ends);
            }
            for (order, waiting) in market.triggers.iter() {
                let time_in_force = waiting.terms.time_in_force;
                let ends = matches!(time_in_force, TimeInForce::Day | TimeInForce::Gtd { .. });
                if ends && !self.desk.lifetimes.knows(order, instrument, time_in_force) {
                    return Err(format!("order {order} would not end by itself"));
                }
                count += usize::from(ends);
            }
        }
        Ok(count)
    }

    fn check_held(&self, held: &[Vec<Amount>]) -> Result<(), String> {
        for (account, sums) in held.iter().enumerate() {
            let mut balances = vec![Balance::default(); sums.len()];
            for (asset, balance) in self.desk.ledger.balances(AccountId(account as u32)) {
                balances[usize::from(asset.0)] = balance;
            }
            for (balance, sum) in balances.iter().zip(sums) {
                if balance.held != *sum || balance.free.is_negative() {
                    return Err(format!("account {account} has {balance:?}, its orders hold {sum}"));
                }
            }
        }
        Ok(())
    }

    /// What does not show is what its orders do not show, and each shows something.
    fn check_icebergs(market: &Market<B>, side: Side) -> Result<(), String> {
        let mut reserves = BTreeMap::<Price, u128>::new();
        for order in resting_orders(market, side) {
            let terms = market.clerk.terms(order.slot.0);
            let iceberg = market.clerk.iceberg(order.slot.0);
            if terms.rare.is_iceberg() != iceberg.is_some() {
                return Err(format!("order {} does not know that it is an iceberg", order.id));
            }
            let Some(Iceberg { display, reserve }) = iceberg else { continue };
            if order.leaves_qty > display || display.is_zero() || terms.rare.is_hidden() {
                return Err(format!("order {} shows {} of {display}", order.id, order.leaves_qty));
            }
            *reserves.entry(order.price).or_default() += u128::from(reserve.0);
        }
        let hidden = |side| {
            resting_orders(market, side).into_iter().filter(|order| market.clerk.terms(order.slot.0).rare.is_hidden())
        };
        if hidden(Side::Buy).chain(hidden(Side::Sell)).count() != market.clerk.hidden {
            return Err(format!("{} hidden orders are counted, others rest", market.clerk.hidden));
        }
        reserves.retain(|_, reserve| *reserve > 0);
        let same = reserves == *market.clerk.reserves(side);
        if same { Ok(()) } else { Err(format!("the reserves of {} are not its orders'", side.name())) }
    }

    fn check_order(&self, instrument: InstrumentId, market: &Market<B>, order: &Resting) -> Result<(), String> {
        let order = &market.clerk.whole(*order);
        let terms = market.clerk.terms(order.slot.0);
        if order.leaves_qty.is_zero() || order.leaves_qty > terms.qty {
            return Err(format!("order {} has {} of {} left", order.id, order.leaves_qty, terms.qty));
        }
        match self.find(order.id) {
            Some(located) if located.instrument == instrument && located.slot == order.slot => Ok(()),
            other => Err(format!("order {} rests in {instrument}, the index says {other:?}", order.id)),
        }
    }

    fn check_lists(&self, orders: usize) -> Result<(), String> {
        let mut listed = 0;
        for account in (0..self.account_count()).map(AccountId) {
            let holdings = (0..).map_while(|n| self.desk.holdings.nth(account, n));
            for holding in holdings {
                let market = &self.markets[usize::from(holding.instrument.0)];
                let (mut count, mut slot, mut before) = (0, holding.first, NO_SLOT);
                while slot != NO_SLOT {
                    let terms = market.clerk.terms(slot);
                    if terms.account != account || terms.older != before || market.book.get(Slot(slot)).is_none() {
                        return Err(format!("account {account} lists slot {slot}, which is not its order"));
                    }
                    count += 1;
                    (before, slot) = (slot, terms.younger);
                }
                if count != holding.open_orders || before != holding.last {
                    return Err(format!("account {account} lists {count} orders and counts {}", holding.open_orders));
                }
                listed += count as usize;
            }
        }
        if listed == orders { Ok(()) } else { Err(format!("{orders} orders rest and accounts list {listed}")) }
    }
}

fn resting_orders<B: OrderBook>(market: &Market<B>, side: Side) -> Vec<Resting> {
    let mut orders = Vec::new();
    market.book.for_each(side, &mut |order| orders.push(order));
    orders
}

fn check_levels<B: OrderBook>(market: &Market<B>, side: Side) -> Result<(), String> {
    let mut orders = resting_orders(market, side).into_iter().peekable();
    let mut at = market.book.level_of_all_after(side, None);
    while let Some(level) = at {
        let mut sum = Qty::ZERO;
        while let Some(order) = orders.next_if(|order| order.price == level.price) {
            sum += order.leaves_qty;
        }
        if sum != level.qty {
            return Err(format!("level {} says {}, its orders sum to {sum}", level.price, level.qty));
        }
        at = market.book.level_of_all_after(side, Some(level.price));
    }
    if let Some(order) = orders.next() {
        return Err(format!("order {} rests at {}, which is no level", order.id, order.price));
    }
    Ok(())
}
