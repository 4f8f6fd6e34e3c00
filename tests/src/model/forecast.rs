//! What an order would do, found by going its way without touching anything.

use papertape_engine::{InstrumentId, OrderKind, PlaceOrder, Price, SelfTradePrevention, Side};

use super::place::reaches;
use super::{AMOUNT_MAX, Market, Model, Order};

/// What would become of an order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forecast {
    /// Lots that would trade.
    pub(super) traded: u64,
    /// Lots that it would lose together with orders of its own side.
    pub(super) prevented: u64,
    /// What the trades cost; `None` if no amount can say it.
    pub(super) cost: Option<i128>,
    /// Whether the budget ended it.
    pub(super) budget_spent: bool,
    /// Orders of its own side that it meets after its last trade: the price of the last one, and the most lots
    /// that it is still out for at any of them.
    pub(super) beyond: Option<(Price, u64)>,
    /// Whether an order of its own side would be met.
    pub(super) met_own: bool,
    /// Whether it would go on if what comes next lay within the bands.
    pub(super) outside: bool,
}

/// What an order is out for.
#[derive(Clone, Copy)]
enum Want {
    Lots(u64),
    Budget(i128),
}

impl Want {
    fn at(self, market: &Market, price: Price) -> u64 {
        match self {
            Self::Lots(lots) => lots,
            Self::Budget(left) => market.lots_for(left, price),
        }
    }

    fn less(&mut self, lots: u64, value: Option<i128>) {
        match self {
            Self::Lots(left) => *left -= lots,
            Self::Budget(left) => *left -= value.expect("the budget pays for it"),
        }
    }
}

impl Model {
    /// `budget` is what the order may spend without its fee; it counts for orders by quote amount only.
    pub(super) fn forecast(&self, order: &PlaceOrder, budget: i128) -> Forecast {
        use SelfTradePrevention::{CancelBoth, CancelMaker, CancelTaker, Decrement, None as Trade};
        let (limit, mut want) = match order.kind {
            OrderKind::Limit { price, qty } => (Some(price), Want::Lots(qty.0)),
            OrderKind::Market { qty } | OrderKind::MarketToLimit { qty } => (None, Want::Lots(qty.0)),
            OrderKind::MarketQuote { .. } => (None, Want::Budget(budget)),
        };
        let market = &self.markets[usize::from(order.instrument.0)];
        let mut forecast = Forecast {
            traded: 0,
            prevented: 0,
            cost: Some(0),
            budget_spent: false,
            beyond: None,
            met_own: false,
            outside: false,
        };
        let mut given = self.given(order.instrument, order.side.opposite());
        let mut met = self.met(order);
        while !met.is_empty() {
            let (maker, is_own) = met.remove(0);
            // What no order can count is left to the next one.
            let uncounted = u64::MAX - forecast.traded - forecast.prevented;
            let wanted = want.at(market, maker.price).min(uncounted);
            let out_of_reach = limit.is_some_and(|limit| !reaches(order.side, limit, maker.price));
            let is_done = matches!(want, Want::Lots(0)) || out_of_reach;
            // Whether what is left of a budget pays for anything there is not asked outside.
            if !is_done && !market.bands().let_take(order.side, maker.price) {
                forecast.outside = true;
                break;
            }
            if wanted == 0 || is_done {
                forecast.budget_spent = matches!(want, Want::Budget(_));
                break;
            }
            forecast.met_own |= is_own;
            // What is not covered by its position ends, and this one goes on.
            let uncovered = !is_own && !self.is_covered(&given, &maker);
            if uncovered {
                let most = forecast.beyond.map_or(wanted, |(_, most)| most.max(wanted));
                forecast.beyond = Some((maker.price, most));
                continue;
            }
            let lots = wanted.min(maker.front());
            let value = market.quote_value(maker.price, lots);
            match if is_own { market.mode_of(order) } else { Trade } {
                Trade => {
                    self.gave(&mut given, &maker, lots);
                    forecast.traded += lots;
                    forecast.beyond = None;
                    let sum = forecast.cost.zip(value).map(|(cost, value)| cost + value);
                    forecast.cost = sum.filter(|cost| *cost <= AMOUNT_MAX);
                }
                mode @ (CancelMaker | CancelTaker | CancelBoth) => {
                    let most = forecast.beyond.map_or(wanted, |(_, most)| most.max(wanted));
                    forecast.beyond = Some((maker.price, most));
                    if mode == CancelMaker {
                        continue;
                    }
                    break;
                }
                Decrement => forecast.prevented += lots,
            }
            want.less(lots, value);
            if lots < maker.front() {
                forecast.budget_spent = matches!(want, Want::Budget(_));
                break;
            }
            // The next part of an iceberg comes behind all others at its price.
            let left = Order { leaves: maker.leaves - lots, ..maker };
            if left.leaves > 0 {
                let shows = |other: &Order| other.price == maker.price && !other.is_hidden();
                let behind = met.iter().take_while(|(other, _)| shows(other)).count();
                met.insert(behind, (Order { shown: left.part(), ..left }, is_own));
            }
        }
        forecast
    }

    /// The orders of the other side in the order in which this one meets them, and whether they are its own. By size all
    /// of a level are met at once, and its own count first.
    fn met(&self, order: &PlaceOrder) -> Vec<(Order, bool)> {
        let market = &self.markets[usize::from(order.instrument.0)];
        let mode = market.mode_of(order);
        let levels = self.levels(order.instrument, order.side.opposite()).into_iter();
        let met = levels.flat_map(|level| {
            let mut level: Vec<(Order, bool)> =
                level.into_iter().map(|maker| (maker, self.is_own(order.account, mode, &maker))).collect();
            if market.pro_rata().is_some() {
                // The sort keeps the order of time among equals.
                level.sort_by_key(|(_, is_own)| !is_own);
            }
            level
        });
        met.collect()
    }

    /// The queue of a side, level by level.
    pub(super) fn levels(&self, instrument: InstrumentId, side: Side) -> Vec<Vec<Order>> {
        let queue = self.queue(instrument, side);
        queue.chunk_by(|one, next| one.price == next.price).map(<[Order]>::to_vec).collect()
    }
}
