//! The uncross: one price for all, found by trying.

use papertape_engine::{Event, InstrumentId, OrderId, Phase, Price, Qty, Reason, Side};

use super::at_auction::market_orders;
use super::{Model, Order};

/// What would happen at one price.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial {
    pub(super) price: u64,
    /// Lots bid for at this price or a higher one.
    demand: u128,
    /// Lots offered at this price or a lower one.
    supply: u128,
}

impl Trial {
    pub(super) fn volume(&self) -> u128 {
        self.demand.min(self.supply)
    }

    /// What is left over at this price.
    pub(super) fn surplus(&self) -> Option<(Side, Qty)> {
        let side = if self.demand > self.supply { Side::Buy } else { Side::Sell };
        (self.imbalance() > 0).then(|| (side, count(self.imbalance())))
    }

    pub(super) fn imbalance(&self) -> u128 {
        self.demand.abs_diff(self.supply)
    }
}

impl Model {
    pub(super) fn uncross(
        &mut self,
        instrument: InstrumentId,
        reference: Option<Price>,
        then: Phase,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        if self.market(instrument)?.phase != Phase::Auction {
            return Err(Reason::NotInAuction);
        }
        self.uncross_now(instrument, reference, then, events);
        Ok(())
    }

    /// Trades what was collected at one price, and goes on in another phase.
    pub(super) fn uncross_now(
        &mut self,
        instrument: InstrumentId,
        reference: Option<Price>,
        then: Phase,
        events: &mut Vec<Event>,
    ) {
        let mut came = self.come_to_auction(instrument, events);
        self.end_uncovered_before_uncross(instrument, events);
        self.markets[usize::from(instrument.0)].indicated = None;
        let market = self.markets[usize::from(instrument.0)];
        let given = reference.filter(|price| price.0 > 0);
        let (bids, asks) = (self.queue(instrument, Side::Buy), self.queue(instrument, Side::Sell));
        let reference = given.or(market.last_price).map(|price| price.0);
        let decided = decide(&bids, &asks, reference, &market_orders(&came));
        let (mut price, mut volume, mut surplus) = (None, 0, None);
        if let Some(best) = decided {
            price = Some(Price(best.price));
            volume = best.volume();
            self.trade_all(instrument, Price(best.price), volume, events);
            let side = if best.demand > best.supply { Side::Buy } else { Side::Sell };
            let offset =
                self.offset_surplus((instrument, side), Price(best.price), best.imbalance(), &mut came, events);
            volume += offset;
            let left = best.imbalance() - offset;
            surplus = (left > 0).then(|| (side, count(left)));
            self.markets[usize::from(instrument.0)].session_price = price;
        }
        events.push(Event::Uncrossed { instrument, price, qty: count(volume), surplus });
        self.leave_auction(instrument, &came, events);
        self.enter_stage(instrument, then.into(), events);
    }

    /// The first bid trades with the first ask, until the volume is done. Both pay as makers, but get no rebate.
    pub(super) fn trade_all(&mut self, instrument: InstrumentId, price: Price, volume: u128, events: &mut Vec<Event>) {
        let mut left = volume;
        while left > 0 {
            let bid = self.queue(instrument, Side::Buy)[0];
            let ask = self.queue(instrument, Side::Sell)[0];
            if bid.is_hidden() || ask.is_hidden() {
                self.notes.push("hidden order traded in an uncross");
            }
            let qty = bid.front().min(ask.front()).min(count(left).0);
            left -= u128::from(qty);
            let buy = self.fill_open(bid.id, bid.fees.maker.max(0), price, qty);
            let sell = self.fill_open(ask.id, ask.fees.maker.max(0), price, qty);
            self.trade(instrument, price, qty, None, (buy, sell), events);
            for id in [bid.id, ask.id] {
                if self.refresh(id, events) {
                    self.notes.push("iceberg refreshed in an uncross");
                }
            }
        }
    }

    /// Whether the best bid reaches the best ask.
    pub(super) fn is_crossed(&self, instrument: InstrumentId) -> bool {
        let (bids, asks) = (self.queue(instrument, Side::Buy), self.queue(instrument, Side::Sell));
        bids.first().zip(asks.first()).is_some_and(|(bid, ask)| bid.price >= ask.price)
    }
}

/// A number of lots that an event can name.
pub(super) fn count(lots: u128) -> Qty {
    Qty(u64::try_from(lots).unwrap_or(u64::MAX))
}

/// The price of most volume, then of least imbalance. Of prices that are equal in both: the highest if all of them
/// leave buyers over, the lowest if all of them leave sellers over, else the one nearest to the reference; without a
/// reference the one in the middle, rounded down.
///
/// Some orders are market orders: their limits are the worst that they may get, and set no price. Where the highest price of
/// those left would be only such bids', or the lowest only such asks', it is as if no side were left over; and without a
/// reference, where one end is only theirs and the other not, the other end.
pub(super) fn decide(bids: &[Order], asks: &[Order], reference: Option<u64>, market: &[OrderId]) -> Option<Trial> {
    let trial = |price: u64| {
        let lots = |orders: &[Order], trades: &dyn Fn(u64) -> bool| {
            orders.iter().filter(|order| trades(order.price.0)).map(|order| u128::from(order.leaves)).sum()
        };
        Trial { price, demand: lots(bids, &|limit| limit >= price), supply: lots(asks, &|limit| limit <= price) }
    };
    // Demand and supply change at limits only: between two of them every price is as good as their neighbours.
    let limits = bids.iter().chain(asks).map(|order| order.price.0);
    let mut prices: Vec<u64> =
        limits.flat_map(|limit| [limit - 1, limit, limit.saturating_add(1)]).chain(reference).collect();
    prices.sort_unstable();
    prices.dedup();
    let trials: Vec<Trial> = prices.into_iter().map(trial).collect();
    let volume = trials.iter().map(Trial::volume).max().filter(|volume| *volume > 0)?;
    let most = || trials.iter().filter(move |trial| trial.volume() == volume);
    let imbalance = most().map(Trial::imbalance).min()?;
    let tied: Vec<Trial> = most().filter(|trial| trial.imbalance() == imbalance).copied().collect();
    let (lowest, highest) = (*tied.first()?, *tied.last()?);
    let theirs = |orders: &[Order], price: u64| {
        let mut there = orders.iter().filter(|order| order.price.0 == price).peekable();
        there.peek().is_some() && there.all(|order| market.contains(&order.id))
    };
    let (low_is_theirs, high_is_theirs) = (theirs(asks, lowest.price), theirs(bids, highest.price));
    if tied.iter().all(|trial| trial.demand > trial.supply) && !high_is_theirs {
        return Some(highest);
    }
    if tied.iter().all(|trial| trial.demand < trial.supply) && !low_is_theirs {
        return Some(lowest);
    }
    match reference {
        Some(reference) => tied.into_iter().min_by_key(|trial| trial.price.abs_diff(reference)),
        None if high_is_theirs && !low_is_theirs => Some(lowest),
        None if low_is_theirs && !high_is_theirs => Some(highest),
        None => Some(trial(lowest.price + (highest.price - lowest.price) / 2)),
    }
}

#[cfg(test)]
mod tests {
    use papertape_engine::AccountId;

    use super::super::fee::Fees;
    use super::*;

    fn orders(side: Side, levels: &[(u64, u64)]) -> Vec<Order> {
        let order = |(price, leaves): &(u64, u64)| Order {
            id: OrderId(1),
            account: AccountId(1),
            instrument: InstrumentId(0),
            side,
            price: Price(*price),
            qty: *leaves,
            leaves: *leaves,
            display: None,
            shown: *leaves,
            arrival: 0,
            time_in_force: papertape_engine::TimeInForce::Gtc,
            post_only: false,
            reduce_only: false,
            peg: None,
            self_trade_prevention: papertape_engine::SelfTradePrevention::None,
            fees: Fees::default(),
        };
        levels.iter().map(order).collect()
    }

    /// The rule word for word, over every price there is.
    fn by_trying_all(bids: &[(u64, u64)], asks: &[(u64, u64)], reference: u64) -> Option<u64> {
        let sum = |levels: &[(u64, u64)], trades: &dyn Fn(u64) -> bool| -> i64 {
            levels.iter().filter(|level| trades(level.0)).map(|level| level.1 as i64).sum()
        };
        let all = (0..20).map(|price| {
            let (demand, supply) = (sum(bids, &|limit| limit >= price), sum(asks, &|limit| limit <= price));
            (price, demand.min(supply), demand - supply)
        });
        let all: Vec<(u64, i64, i64)> = all.collect();
        let volume = all.iter().map(|trial| trial.1).max().filter(|volume| *volume > 0)?;
        let most: Vec<_> = all.into_iter().filter(|trial| trial.1 == volume).collect();
        let least = most.iter().map(|trial| trial.2.abs()).min()?;
        let tied: Vec<_> = most.into_iter().filter(|trial| trial.2.abs() == least).collect();
        let price = if tied.iter().all(|trial| trial.2 > 0) {
            tied.last()?.0
        } else if tied.iter().all(|trial| trial.2 < 0) {
            tied.first()?.0
        } else {
            tied.iter().min_by_key(|trial| trial.0.abs_diff(reference))?.0
        };
        Some(price)
    }

    #[test]
    fn the_prices_that_are_tried_are_all_that_matter() {
        let mut crossed = 0;
        for case in 0..200_000_u64 {
            let mixed = case.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let part = |n: u32| mixed.rotate_left(n * 7) >> 32;
            let level = |n: u32| (1 + part(n) % 16, 1 + part(n + 1) % 4);
            let (bids, asks) = ([level(0), level(2), level(4)], [level(1), level(3), level(5)]);
            let reference = part(6) % 20;
            let decided = decide(&orders(Side::Buy, &bids), &orders(Side::Sell, &asks), Some(reference), &[]);
            let price = decided.map(|trial| trial.price);
            assert_eq!(price, by_trying_all(&bids, &asks, reference), "{bids:?} {asks:?} near {reference}");
            crossed += u64::from(price.is_some());
        }
        assert!(crossed > 100_000, "only {crossed} of the books are crossed");
    }
}
