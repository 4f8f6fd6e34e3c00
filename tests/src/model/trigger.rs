//! Reference prices, and when a trigger is reached.

use papertape_engine::{InstrumentId, Price, Side, Trail, Trigger, TriggerKind, TriggerSource};

use super::Model;

/// A whole in basis points.
const WHOLE: u128 = 10_000;

impl Model {
    /// What an instrument's triggers look at, as it is now.
    pub(super) fn reference(&self, instrument: InstrumentId) -> Option<Price> {
        let market = &self.markets[usize::from(instrument.0)];
        match market.spec.trigger_source {
            TriggerSource::LastTrade => market.last_price,
            TriggerSource::Mark => market.mark,
            TriggerSource::Mid => self.middle(instrument),
        }
    }

    /// The middle between the best bid and the best ask that show, rounded down, if there are both.
    pub(super) fn middle(&self, instrument: InstrumentId) -> Option<Price> {
        let shown = |side| self.queue(instrument, side).into_iter().find(|order| !order.is_hidden());
        let best = |side| shown(side).map(|best| u128::from(best.price.0));
        let (bid, ask) = (best(Side::Buy)?, best(Side::Sell)?);
        Some(Price(((bid + ask) / 2) as u64))
    }

    /// Whether the reference of this moment has reached a trigger's price.
    pub(super) fn is_reached_now(&self, instrument: InstrumentId, side: Side, trigger: &Trigger) -> bool {
        self.reference(instrument).is_some_and(|reference| is_reached(trigger, side, reference))
    }
}

/// Whether a reference has reached a trigger's price. One that names none has nothing to reach.
pub(super) fn is_reached(trigger: &Trigger, side: Side, reference: Price) -> bool {
    let Some(price) = trigger.price else { return true };
    match (side, trigger.kind) {
        (Side::Buy, TriggerKind::Stop) | (Side::Sell, TriggerKind::TakeProfit) => reference >= price,
        (Side::Buy, TriggerKind::TakeProfit) | (Side::Sell, TriggerKind::Stop) => reference <= price,
    }
}

/// The better of two references for an order that trails: for a sell the higher one, for a buy the lower one.
pub(super) fn better(side: Side, one: Price, other: Price) -> Price {
    if side == Side::Sell { one.max(other) } else { one.min(other) }
}

/// Whether a reference has turned as far from the best one as the offset says.
pub(super) fn has_turned(trail: Trail, side: Side, best: Price, reference: Price) -> bool {
    match (side, turn(trail, side, best)) {
        (_, None) => false,
        (Side::Sell, Some(at)) => reference <= at,
        (Side::Buy, Some(at)) => reference >= at,
    }
}

/// The price at which an order that trails fires. `None` if there is no such price.
pub(super) fn turn(trail: Trail, side: Side, best: Price) -> Option<Price> {
    let best = u128::from(best.0);
    let at = match (trail, side) {
        (Trail::Ticks(ticks), Side::Sell) => best.checked_sub(ticks.into())?,
        (Trail::Ticks(ticks), Side::Buy) => best + u128::from(ticks),
        // 97.2 is 97 for a sell, and 97.2 is 98 for a buy.
        (Trail::BasisPoints(points), Side::Sell) => best * WHOLE.checked_sub(points.into())? / WHOLE,
        (Trail::BasisPoints(points), Side::Buy) => (best * (WHOLE + u128::from(points))).div_ceil(WHOLE),
    };
    u64::try_from(at).ok().filter(|at| *at > 0).map(Price)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_that_fires_is_rounded_away_from_the_best() {
        let points = |points, side, best| turn(Trail::BasisPoints(points), side, Price(best)).map(|at| at.0);
        assert_eq!(points(500, Side::Sell, 44_000), Some(41_800));
        assert_eq!(points(500, Side::Buy, 40_000), Some(42_000));
        assert_eq!(points(1, Side::Sell, 101), Some(100));
        assert_eq!(points(1, Side::Buy, 101), Some(102));
        assert_eq!(points(9_999, Side::Sell, 101), None);
        assert_eq!(points(9_999, Side::Buy, u64::MAX), None);
        let ticks = |ticks, side, best| turn(Trail::Ticks(ticks), side, Price(best)).map(|at| at.0);
        assert_eq!(ticks(5, Side::Sell, 6), Some(1));
        assert_eq!(ticks(5, Side::Sell, 5), None);
        assert_eq!(ticks(5, Side::Buy, u64::MAX - 5), Some(u64::MAX));
        assert_eq!(ticks(5, Side::Buy, u64::MAX - 4), None);
    }
}
