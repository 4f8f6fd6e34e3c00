//! What an auction has collected, by price, with the price at which demand and supply meet. The meeting point moves with each
//! order by as many levels as the order covers, so that the price of an uncross is known at any time without a look at all
//! levels.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

use crate::command::Side;
use crate::units::{Price, Qty};

/// What an auction would trade, were it uncrossed now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Indicated {
    /// At which price.
    pub price: Price,
    /// How many lots.
    pub qty: Qty,
    /// The side on which orders at the price would be left over, and how many lots.
    pub surplus: Option<(Side, Qty)>,
}

/// The price of an uncross.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Clearing {
    pub(crate) price: Price,
    pub(crate) volume: u128,
    pub(crate) surplus: Option<(Side, u128)>,
}

impl Clearing {
    /// As events name it.
    pub(crate) fn told(&self) -> Indicated {
        let surplus = self.surplus.map(|(side, lots)| (side, saturate(lots)));
        Indicated { price: self.price, qty: saturate(self.volume), surplus }
    }
}

/// Lots at one price.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Level {
    /// By side.
    lots: [u128; 2],
    /// How many of them are market orders', which set no price.
    market: [u128; 2],
}

impl Level {
    fn of(&self, side: Side) -> u128 {
        self.lots[side as usize]
    }

    /// Whether nobody but market orders is here on this side.
    fn is_market(&self, side: Side) -> bool {
        let (lots, market) = (self.lots[side as usize], self.market[side as usize]);
        lots > 0 && lots == market
    }
}

/// Prices between which demand and supply do not change, at the place where they meet.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    low: Price,
    high: Price,
    demand: u128,
    supply: u128,
}

/// Demand and supply of one instrument while it collects.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interest {
    levels: BTreeMap<Price, Level>,
    /// The highest price with a level at which demand covers supply, or a price above it up to which it still does.
    pivot: Price,
    /// Lots bid for at the pivot or above, and offered there or below.
    demand: u128,
    supply: u128,
}

impl PartialEq for Interest {
    /// Where the pivot stands between two levels means nothing.
    fn eq(&self, other: &Self) -> bool {
        self.levels == other.levels
    }
}

impl Interest {
    /// So many lots more at a price, of a market order that may get none worse, or of limit orders.
    pub(crate) fn add(&mut self, side: Side, price: Price, lots: u128, is_market: bool) {
        let level = self.levels.entry(price).or_default();
        level.lots[side as usize] += lots;
        if is_market {
            level.market[side as usize] += lots;
        }
        match side {
            Side::Buy if price >= self.pivot => self.demand += lots,
            Side::Sell if price <= self.pivot => self.supply += lots,
            _ => {}
        }
        self.settle();
    }

    /// So many lots fewer.
    pub(crate) fn take(&mut self, side: Side, price: Price, lots: u128, is_market: bool) {
        let level = self.levels.get_mut(&price).expect("what leaves was added when it came");
        level.lots[side as usize] -= lots;
        if is_market {
            level.market[side as usize] -= lots;
        }
        if level.lots == [0, 0] {
            self.levels.remove(&price);
        }
        match side {
            Side::Buy if price >= self.pivot => self.demand -= lots,
            Side::Sell if price <= self.pivot => self.supply -= lots,
            _ => {}
        }
        self.settle();
    }

    fn level(&self, price: Price) -> Level {
        self.levels.get(&price).copied().unwrap_or_default()
    }

    fn before(&self, price: Price) -> Option<(Price, Level)> {
        self.levels.range(..price).next_back().map(|(price, level)| (*price, *level))
    }

    fn after(&self, price: Price) -> Option<(Price, Level)> {
        self.levels.range((Excluded(price), Unbounded)).next().map(|(price, level)| (*price, *level))
    }

    /// Moves the pivot to where it belongs.
    fn settle(&mut self) {
        while self.demand < self.supply {
            self.supply -= self.level(self.pivot).of(Side::Sell);
            // Below all levels demand is everything and supply nothing.
            let (price, level) = self.before(self.pivot).unwrap_or_default();
            self.pivot = price;
            self.demand += level.of(Side::Buy);
        }
        while let Some((price, level)) = self.after(self.pivot) {
            let demand = self.demand - self.level(self.pivot).of(Side::Buy);
            let supply = self.supply + level.of(Side::Sell);
            if demand < supply {
                return;
            }
            (self.pivot, self.demand, self.supply) = (price, demand, supply);
        }
    }

    /// The one price, if anything can trade.
    pub(crate) fn clear(&self, reference: Option<Price>) -> Option<Clearing> {
        let (bought, sold) = (self.covered()?, self.uncovered());
        // Below the meeting point the volume is the supply, above it is the demand.
        let volume_above = sold.map_or(0, |stretch| stretch.demand);
        let volume = bought.supply.max(volume_above);
        if volume == 0 {
            return None;
        }
        let imbalances = (bought.demand - bought.supply, sold.map_or(0, |stretch| stretch.supply - stretch.demand));
        let order = volume_above.cmp(&bought.supply).then(imbalances.0.cmp(&imbalances.1));
        let (low, high) = match (order, sold) {
            (Ordering::Less, _) | (_, None) => (bought.low, bought.high),
            (Ordering::Greater, Some(sold)) => (sold.low, sold.high),
            (Ordering::Equal, Some(sold)) => (bought.low, sold.high),
        };
        let (low_is_market, high_is_market) =
            (self.level(low).is_market(Side::Sell), self.level(high).is_market(Side::Buy));
        // Without a reference: the end that somebody has set, or the middle.
        let nearest = || match (reference, low_is_market, high_is_market) {
            (Some(reference), ..) => reference.clamp(low, high),
            (None, false, true) => low,
            (None, true, false) => high,
            (None, ..) => Price(low.0 + (high.0 - low.0) / 2),
        };
        let price = match order {
            Ordering::Less if imbalances.0 > 0 && !high_is_market => high,
            Ordering::Greater if !low_is_market => low,
            _ => nearest(),
        };
        let at = sold.filter(|sold| price >= sold.low).unwrap_or(bought);
        let side = if at.demand > at.supply { Side::Buy } else { Side::Sell };
        let imbalance = at.demand.abs_diff(at.supply);
        Some(Clearing { price, volume, surplus: (imbalance > 0).then_some((side, imbalance)) })
    }

    /// The highest prices at which demand covers supply.
    fn covered(&self) -> Option<Stretch> {
        let here = self.level(self.pivot);
        let next = self.after(self.pivot).map(|(price, _)| price);
        let demand = self.demand - here.of(Side::Buy);
        let gap = next.filter(|next| self.pivot.0 + 1 < next.0 && demand >= self.supply);
        let (high, demand) = match gap {
            Some(next) => (Price(next.0 - 1), demand),
            None => (self.pivot, self.demand),
        };
        let mut low = if gap.is_some() && here.of(Side::Buy) > 0 { Price(self.pivot.0 + 1) } else { self.pivot };
        if low == self.pivot && here.of(Side::Sell) == 0 {
            // Nobody offers here: the prices down to the next level are as good.
            low = match self.before(self.pivot) {
                Some((price, level)) if level.of(Side::Buy) == 0 => price,
                Some((price, _)) => Price(price.0 + 1),
                None => low,
            };
        }
        (!self.levels.is_empty()).then_some(Stretch { low, high, demand, supply: self.supply })
    }

    /// The lowest prices at which it does not.
    fn uncovered(&self) -> Option<Stretch> {
        let (next, level) = self.after(self.pivot)?;
        let demand = self.demand - self.level(self.pivot).of(Side::Buy);
        if self.pivot.0 + 1 < next.0 && demand < self.supply {
            let high = if level.of(Side::Sell) == 0 { next } else { Price(next.0 - 1) };
            return Some(Stretch { low: Price(self.pivot.0 + 1), high, demand, supply: self.supply });
        }
        let high = match self.after(next) {
            Some((price, level)) if self.level(next).of(Side::Buy) == 0 => {
                if level.of(Side::Sell) == 0 {
                    price
                } else {
                    Price(price.0 - 1)
                }
            }
            _ => next,
        };
        Some(Stretch { low: next, high, demand, supply: self.supply + level.of(Side::Sell) })
    }
}

/// A count that an event can name.
pub(crate) fn saturate(lots: u128) -> Qty {
    Qty(u64::try_from(lots).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn interest(bids: &[(u64, u64)], asks: &[(u64, u64)]) -> Interest {
        let mut interest = Interest::default();
        for (side, orders) in [(Side::Buy, bids), (Side::Sell, asks)] {
            orders.iter().for_each(|(price, lots)| interest.add(side, Price(*price), (*lots).into(), false));
        }
        interest
    }

    fn price(bids: &[(u64, u64)], asks: &[(u64, u64)], reference: Option<u64>) -> Option<u64> {
        interest(bids, asks).clear(reference.map(Price)).map(|clearing| clearing.price.0)
    }

    #[test]
    fn most_volume_decides_first() {
        assert_eq!(price(&[(12, 10), (10, 90)], &[(9, 50), (11, 50)], None), Some(10));
    }

    #[test]
    fn least_imbalance_decides_between_equal_volumes() {
        assert_eq!(price(&[(10, 30)], &[(8, 20), (10, 5)], None), Some(10));
        assert_eq!(price(&[(10, 100), (8, 50)], &[(8, 100), (10, 50)], None), Some(9));
    }

    #[test]
    fn the_surplus_decides_between_equal_imbalances() {
        assert_eq!(price(&[(10, 30)], &[(8, 20)], Some(8)), Some(10));
        assert_eq!(price(&[(10, 20)], &[(8, 30)], Some(10)), Some(8));
    }

    #[test]
    fn the_reference_decides_between_prices_without_surplus() {
        let (bids, asks) = ([(10, 20)], [(6, 20)]);
        assert_eq!(price(&bids, &asks, Some(9)), Some(9));
        assert_eq!(price(&bids, &asks, Some(3)), Some(6));
        assert_eq!(price(&bids, &asks, Some(99)), Some(10));
        assert_eq!(price(&bids, &asks, None), Some(8));
        assert_eq!(price(&[(5, 20)], &asks, None), None);
    }

    #[test]
    fn market_orders_set_no_price() {
        let mut interest = interest(&[], &[(100, 5)]);
        interest.add(Side::Buy, Price(1_000), 9, true);
        assert_eq!(interest.clear(None).unwrap().price, Price(100));
        assert_eq!(interest.clear(Some(Price(103))).unwrap().price, Price(103));
        interest.take(Side::Buy, Price(1_000), 4, true);
        assert_eq!(interest.clear(None).unwrap().price, Price(100));
    }

    /// Price and surplus, found by trying every price.
    fn tried(orders: &[(Side, u64, u64)], reference: u64) -> Option<(u64, i64)> {
        let at = |price: u64| {
            let sum = |side: Side| {
                let there = orders.iter().filter(|order| match side {
                    Side::Buy => order.0 == side && order.1 >= price,
                    Side::Sell => order.0 == side && order.1 <= price,
                });
                there.map(|order| order.2 as i64).sum::<i64>()
            };
            (price, sum(Side::Buy), sum(Side::Sell))
        };
        let all: Vec<_> = (0..30).map(at).collect();
        let volume = all.iter().map(|(_, bid, ask)| *bid.min(ask)).max().filter(|volume| *volume > 0)?;
        let most: Vec<_> = all.into_iter().filter(|(_, bid, ask)| *bid.min(ask) == volume).collect();
        let least = most.iter().map(|(_, bid, ask)| (bid - ask).abs()).min()?;
        let tied: Vec<_> = most.into_iter().filter(|(_, bid, ask)| (bid - ask).abs() == least).collect();
        let one = if tied.iter().all(|(_, bid, ask)| bid > ask) {
            tied.last()?
        } else if tied.iter().all(|(_, bid, ask)| bid < ask) {
            tied.first()?
        } else {
            tied.iter().min_by_key(|trial| trial.0.abs_diff(reference))?
        };
        Some((one.0, one.1 - one.2))
    }

    proptest! {
        #[test]
        fn the_pivot_finds_what_trying_finds(
            steps in prop::collection::vec((any::<bool>(), 1_u64..24, 1_u64..6, any::<u64>()), 1..60),
            reference in 0_u64..30,
        ) {
            let (mut interest, mut orders) = (Interest::default(), Vec::new());
            for (buys, price, lots, pick) in steps {
                let side = if buys { Side::Buy } else { Side::Sell };
                if pick % 3 == 0 && !orders.is_empty() {
                    let (side, price, lots): (Side, u64, u64) = orders.swap_remove(pick as usize / 3 % orders.len());
                    interest.take(side, Price(price), lots.into(), false);
                } else {
                    orders.push((side, price, lots));
                    interest.add(side, Price(price), lots.into(), false);
                }
                let found = interest.clear(Some(Price(reference))).map(|clearing| {
                    let surplus = clearing.surplus.map_or(0, |(side, qty)| {
                        if side == Side::Buy { qty as i64 } else { -(qty as i64) }
                    });
                    (clearing.price.0, surplus)
                });
                prop_assert_eq!(found, tried(&orders, reference), "{:?}", orders);
            }
        }
    }
}
