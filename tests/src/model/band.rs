//! Price bands: between which prices an order may take.

use papertape_engine::{Event, OrderId, Price, Side};

use super::{Market, Model, Order};

/// A whole in basis points.
const WHOLE: u128 = 10_000;

/// From the lowest to the highest price; none without a reference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Band(Option<(u128, u128)>);

impl Band {
    /// So many points around a reference, rounded to the inside.
    fn around(points: u32, reference: Option<Price>) -> Self {
        let Some(reference) = reference.filter(|_| points > 0) else { return Self(None) };
        let (reference, points) = (u128::from(reference.0), u128::from(points));
        let low = (reference * (WHOLE - points)).div_ceil(WHOLE);
        Self(Some((low, reference * (WHOLE + points) / WHOLE)))
    }

    /// Whether an order on this side may take at a price: no buy above, no sell below.
    fn lets_take(self, side: Side, price: Price) -> bool {
        self.0.is_none_or(|(low, high)| match side {
            Side::Buy => u128::from(price.0) <= high,
            Side::Sell => u128::from(price.0) >= low,
        })
    }

    fn holds(self, price: Price) -> bool {
        self.0.is_none_or(|(low, high)| (low..=high).contains(&u128::from(price.0)))
    }
}

/// Both bands of an instrument, as they are when an order comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Bands {
    stat: Band,
    dynamic: Band,
}

impl Bands {
    pub(super) fn let_take(&self, side: Side, price: Price) -> bool {
        self.stat.lets_take(side, price) && self.dynamic.lets_take(side, price)
    }
}

impl Market {
    /// Where an order that comes now may take.
    pub(super) fn bands(&self) -> Bands {
        let widths = self.spec.bands;
        Bands {
            stat: Band::around(widths.static_points, self.session_price),
            dynamic: Band::around(widths.dynamic_points, self.last_price),
        }
    }

    /// The static band as it would be around a price.
    pub(super) fn static_band_around(&self, reference: Option<Price>) -> Option<(u128, u128)> {
        Band::around(self.spec.bands.static_points, reference).0
    }

    /// Whether a limit may be this price.
    pub(super) fn limit_is_in_band(&self, price: Price) -> bool {
        self.bands().stat.holds(price)
    }
}

impl Model {
    /// A part of an iceberg that shows has been filled, and something is left: the next part comes to the tail.
    pub(super) fn refresh(&mut self, id: OrderId, events: &mut Vec<Event>) -> bool {
        let Some(at) = self.orders.iter().position(|order| order.id == id) else { return false };
        if self.orders[at].front() > 0 {
            return false;
        }
        let order = self.orders.remove(at);
        let order = Order { shown: order.part(), ..order };
        self.orders.push(order);
        events.push(order.rested());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_is_rounded_to_the_inside() {
        let band = |points, reference| Band::around(points, Some(Price(reference))).0;
        assert_eq!(band(500, 1_000), Some((950, 1_050)));
        assert_eq!(band(500, 1_010), Some((960, 1_060)));
        assert_eq!(band(1, 101), Some((101, 101)));
        assert_eq!(band(9_999, 1), Some((1, 1)));
        assert_eq!(band(0, 101), None);
        assert_eq!(Band::around(500, None).0, None);
        assert!(Band::around(9_999, Some(Price(u64::MAX))).holds(Price(u64::MAX)));
    }
}
