//! The call auction: one price for everybody. Most volume, then least imbalance, then the side of the surplus (a buy
//! surplus takes the higher price), then the price nearest to the reference: the order of rules that CME publishes
//! for its indicative opening price, and that Shanghai's auctions follow.

use super::sweep::{fill_resting, next_part};
use crate::book::OrderBook;
use crate::command::Side;
use crate::engine::Engine;
use crate::event::{Event, Trade};
use crate::ids::InstrumentId;
use crate::instrument::Phase;
use crate::market::{Market, Role};
use crate::reason::Reason;
use crate::units::{Price, Qty};

/// Prices between which demand and supply do not change.
#[derive(Clone, Copy, Debug)]
struct Segment {
    low: Price,
    high: Price,
    demand: u128,
    supply: u128,
}

impl Segment {
    fn volume(&self) -> u128 {
        self.demand.min(self.supply)
    }

    fn imbalance(&self) -> u128 {
        self.demand.abs_diff(self.supply)
    }
}

/// The price of an uncross.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Clearing {
    price: Price,
    volume: u128,
    surplus: Option<(Side, Qty)>,
}

impl<B: OrderBook> Engine<B> {
    pub(super) fn uncross(
        &mut self,
        instrument: InstrumentId,
        reference: Option<Price>,
        then: Phase,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        let market = self.market(instrument).ok_or(Reason::UnknownInstrument)?;
        if market.phase != Phase::Auction {
            return Err(Reason::NotInAuction);
        }
        if !market.clerk.closers.is_empty() {
            self.end_uncovered_before_uncross(instrument, events);
        }
        let Self { markets, desk, .. } = self;
        let market = &mut markets[usize::from(instrument.0)];
        // Zero is no price, here as in the journal's bytes: live and replayed commands must do the same.
        let reference = reference.filter(|price| price.0 > 0).or(market.clerk.last_price);
        let clearing = clear(market, reference);
        let mut left = clearing.map_or(0, |clearing| clearing.volume);
        let price = clearing.map(|clearing| clearing.price);
        while let Some(price) = price.filter(|_| left > 0) {
            let front = |side| market.book.front(side).expect("the volume was counted from resting orders");
            let (bid, ask) = (front(Side::Buy), front(Side::Sell));
            let qty = bid.leaves_qty.min(ask.leaves_qty).min(saturate(left));
            left -= u128::from(qty.0);
            let (role, worth) = ((instrument, Role::Auction), market.clerk.worth(price, qty));
            let buy = fill_resting(&mut market.clerk, desk, role, &bid, (&worth, qty));
            let sell = fill_resting(&mut market.clerk, desk, role, &ask, (&worth, qty));
            let id = market.clerk.next_trade(price);
            events.push(Event::Trade(Trade { id, instrument, price, qty, aggressor: None, buy, sell }));
            for (order, leaves_qty) in [(bid, buy.leaves_qty), (ask, sell.leaves_qty)] {
                let anew = next_part(&mut market.clerk, &order, (qty, leaves_qty), events);
                match anew.is_zero() {
                    true => market.book.take(order.slot, qty),
                    false => market.book.refresh(order.slot, anew),
                }
            }
        }
        market.clerk.session_price = price.or(market.clerk.session_price);
        assert!(!market.is_crossed(), "the price of most volume leaves nothing that could trade");
        let qty = saturate(clearing.map_or(0, |clearing| clearing.volume));
        let surplus = clearing.and_then(|clearing| clearing.surplus);
        events.push(Event::Uncrossed { instrument, price, qty, surplus });
        if market.phase != then {
            market.phase = then;
            events.push(Event::PhaseChanged { instrument, phase: then });
        }
        if then == Phase::Closed {
            self.end_session(instrument, events);
        }
        Ok(())
    }
}

/// A count that an event can name.
fn saturate(lots: u128) -> Qty {
    Qty(u64::try_from(lots).unwrap_or(u64::MAX))
}

/// The one price, if the book is crossed at all.
fn clear<B: OrderBook>(market: &Market<B>, reference: Option<Price>) -> Option<Clearing> {
    let (bid, ask) = (market.book.best_of_all(Side::Buy)?, market.book.best_of_all(Side::Sell)?);
    if bid < ask {
        return None;
    }
    let segments = segments(&crossed(market, Side::Buy, ask), &crossed(market, Side::Sell, bid));
    let volume = segments.iter().map(Segment::volume).max()?;
    let most = || segments.iter().filter(move |segment| segment.volume() == volume);
    let imbalance = most().map(Segment::imbalance).min()?;
    let tied: Vec<&Segment> = most().filter(|segment| segment.imbalance() == imbalance).collect();
    let (low, high) = (tied.first()?.low, tied.last()?.high);
    let price = if tied.iter().all(|segment| segment.demand > segment.supply) {
        high
    } else if tied.iter().all(|segment| segment.demand < segment.supply) {
        low
    } else {
        reference.map_or(Price(low.0 + (high.0 - low.0) / 2), |reference| reference.clamp(low, high))
    };
    let at = segments.iter().find(|segment| segment.low <= price && price <= segment.high)?;
    let side = if at.demand > at.supply { Side::Buy } else { Side::Sell };
    let surplus = (at.imbalance() > 0).then(|| (side, saturate(at.imbalance())));
    Some(Clearing { price, volume, surplus })
}

/// The levels of a side that could trade at `worst` (the other side's best price), in ascending order of price.
fn crossed<B: OrderBook>(market: &Market<B>, side: Side, worst: Price) -> Vec<(Price, u128)> {
    let mut levels = Vec::new();
    let mut at = market.book.level_of_all_after(side, None);
    while let Some(level) = at.filter(|level| crate::book::crosses(side, level.price, worst)) {
        // An uncross counts what does not show too.
        levels.push((level.price, u128::from(level.qty.0) + market.clerk.reserve_at(side, level.price)));
        at = market.book.level_of_all_after(side, Some(level.price));
    }
    if side == Side::Buy {
        levels.reverse();
    }
    levels
}

/// Cuts the range in which orders cross into prices of orders, and the gaps between them.
fn segments(bids: &[(Price, u128)], asks: &[(Price, u128)]) -> Vec<Segment> {
    let mut prices: Vec<Price> = bids.iter().chain(asks).map(|level| level.0).collect();
    prices.sort_unstable();
    prices.dedup();
    let mut demand: u128 = bids.iter().map(|level| level.1).sum();
    let mut supply = 0_u128;
    let (mut bids, mut asks) = (bids.iter().peekable(), asks.iter().peekable());
    let mut segments: Vec<Segment> = Vec::with_capacity(prices.len() * 2);
    for price in prices {
        if let Some(before) = segments.last().filter(|before| before.high.0 + 1 < price.0) {
            let (low, high) = (Price(before.high.0 + 1), Price(price.0 - 1));
            segments.push(Segment { low, high, demand, supply });
        }
        supply += asks.next_if(|level| level.0 == price).map_or(0, |level| level.1);
        segments.push(Segment { low: price, high: price, demand, supply });
        // Buyers at this price do not pay the next one.
        demand -= bids.next_if(|level| level.0 == price).map_or(0, |level| level.1);
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::ReferenceBook;
    use crate::ids::{AssetId, OrderId, Symbol};
    use crate::instrument::{Asset, Instrument, InstrumentSpec};
    use crate::ledger::Ledger;

    fn market(bids: &[(u64, u64)], asks: &[(u64, u64)]) -> Market<ReferenceBook> {
        let assets = ["A", "B"].map(|symbol| Asset { symbol: Symbol::new(symbol).unwrap(), decimals: 0 });
        let spec = InstrumentSpec {
            phase: Phase::Auction,
            ..InstrumentSpec::new(Symbol::new("A-B").unwrap(), AssetId(0), AssetId(1))
        };
        let mut ledger = Ledger::default();
        ledger.add_account();
        let mut market =
            Market::<ReferenceBook>::new(InstrumentId(0), Instrument::new(spec, &assets).unwrap(), &mut ledger);
        for (side, orders) in [(Side::Buy, bids), (Side::Sell, asks)] {
            for (price, qty) in orders {
                market.book.rest(side, Price(*price), Qty(*qty), OrderId(1));
            }
        }
        market
    }

    fn price(bids: &[(u64, u64)], asks: &[(u64, u64)], reference: Option<u64>) -> Option<u64> {
        clear(&market(bids, asks), reference.map(Price)).map(|clearing| clearing.price.0)
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
}
