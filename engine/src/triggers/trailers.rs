//! Orders that trail the best reference. Those with the same best are a group: when the reference gets better, all groups
//! that it passes become one, the smaller ones moving into the largest, and nobody else is touched.

use std::collections::{BTreeMap, BTreeSet};

use crate::command::{Side, Trail};
use crate::ids::OrderId;
use crate::units::Price;

/// Orders of one side that trail.
///
/// Prices are kept as keys of which the highest is the best on either side: a sell trails the highest reference, a buy
/// the lowest, and its keys are mirrored. An order fires when the reference's key comes down to its own firing key.
#[derive(Clone, Debug)]
pub(super) struct Trailers {
    side: Side,
    /// The group of each order.
    homes: BTreeMap<OrderId, u32>,
    groups: Vec<Group>,
    free: Vec<u32>,
    /// Groups by their best; no two have the same.
    by_best: BTreeMap<u64, u32>,
    /// Groups by the firing key of the order in them that fires first.
    by_firing: BTreeSet<(u64, u32)>,
}

/// Orders with the same best, the closest first.
#[derive(Clone, Debug, Default)]
struct Group {
    best: u64,
    by_ticks: BTreeSet<(u32, OrderId)>,
    by_points: BTreeSet<(u32, OrderId)>,
    /// As in the index; none if no order in it can ever fire.
    firing: Option<u64>,
}

impl Group {
    fn len(&self) -> usize {
        self.by_ticks.len() + self.by_points.len()
    }

    fn insert(&mut self, order: OrderId, trail: Trail) {
        match trail {
            Trail::Ticks(ticks) => self.by_ticks.insert((ticks, order)),
            Trail::BasisPoints(points) => self.by_points.insert((points, order)),
        };
    }

    fn remove(&mut self, order: OrderId, trail: Trail) {
        match trail {
            Trail::Ticks(ticks) => self.by_ticks.remove(&(ticks, order)),
            Trail::BasisPoints(points) => self.by_points.remove(&(points, order)),
        };
    }

    /// The closest order of either kind.
    fn closest(&self) -> impl Iterator<Item = (OrderId, Trail)> {
        let by_ticks = self.by_ticks.first().map(|(ticks, order)| (*order, Trail::Ticks(*ticks)));
        by_ticks.into_iter().chain(self.by_points.first().map(|(points, order)| (*order, Trail::BasisPoints(*points))))
    }
}

impl Trailers {
    pub(super) fn new(side: Side) -> Self {
        let (homes, groups, free, by_best) = (BTreeMap::new(), Vec::new(), Vec::new(), BTreeMap::new());
        Self { side, homes, groups, free, by_best, by_firing: BTreeSet::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.homes.len()
    }

    /// A price as a key, and back.
    fn mirror(&self, price: u64) -> u64 {
        if self.side == Side::Sell { price } else { !price }
    }

    /// The key at which an order fires.
    fn firing(&self, best: u64, trail: Trail) -> Option<u64> {
        trail.fires_at(self.side, Price(self.mirror(best))).map(|price| self.mirror(price.0))
    }

    /// The best reference since an order began, if it trails.
    pub(super) fn best(&self, order: OrderId) -> Option<Price> {
        self.homes.get(&order).map(|group| Price(self.mirror(self.groups[*group as usize].best)))
    }

    /// Whether an order is in the group that it should be in.
    pub(super) fn knows(&self, order: OrderId, trail: Trail) -> bool {
        self.homes.get(&order).is_some_and(|group| match trail {
            Trail::Ticks(ticks) => self.groups[*group as usize].by_ticks.contains(&(ticks, order)),
            Trail::BasisPoints(points) => self.groups[*group as usize].by_points.contains(&(points, order)),
        })
    }

    /// An order begins to trail.
    pub(super) fn insert(&mut self, order: OrderId, trail: Trail, best: Price) {
        let best = self.mirror(best.0);
        let group = match self.by_best.get(&best) {
            Some(group) => *group,
            None => self.new_group(best),
        };
        self.homes.insert(order, group);
        self.groups[group as usize].insert(order, trail);
        self.index_firing(group);
    }

    /// Forgets an order, if it trails.
    pub(super) fn remove(&mut self, order: OrderId, trail: Trail) {
        let Some(group) = self.homes.remove(&order) else { return };
        self.groups[group as usize].remove(order, trail);
        self.index_firing(group);
    }

    /// Looks at a reference price: what it passes goes along, and what it has turned far enough from fires.
    pub(super) fn look(&mut self, reference: Price, fired: &mut Vec<(OrderId, Option<Price>)>) {
        let key = self.mirror(reference.0);
        if self.by_best.first_key_value().is_some_and(|(best, _)| *best < key) {
            self.go_along(key);
        }
        while let Some(&(_, group)) = self.by_firing.last().filter(|(firing, _)| *firing >= key) {
            self.fire(group, key, fired);
        }
    }

    /// All groups with a best below `key` become one whose best it is.
    fn go_along(&mut self, key: u64) {
        let better = self.by_best.split_off(&key);
        let mut passed: Vec<u32> = std::mem::replace(&mut self.by_best, better).into_values().collect();
        passed.extend(self.by_best.remove(&key));
        let largest = *passed.iter().max_by_key(|group| self.groups[**group as usize].len()).expect("one was passed");
        for group in passed.into_iter().filter(|group| *group != largest) {
            let Group { by_ticks, by_points, firing, .. } = std::mem::take(&mut self.groups[group as usize]);
            firing.map(|firing| self.by_firing.remove(&(firing, group)));
            self.free.push(group);
            for (_, order) in by_ticks.iter().chain(&by_points) {
                self.homes.insert(*order, largest);
            }
            self.groups[largest as usize].by_ticks.extend(by_ticks);
            self.groups[largest as usize].by_points.extend(by_points);
        }
        self.groups[largest as usize].best = key;
        self.by_best.insert(key, largest);
        self.index_firing(largest);
    }

    /// Fires the orders of a group whose firing key is not below `key`.
    fn fire(&mut self, group: u32, key: u64, fired: &mut Vec<(OrderId, Option<Price>)>) {
        let best = self.groups[group as usize].best;
        let next = |trailers: &Self| {
            let mut closest = trailers.groups[group as usize].closest();
            closest.find(|(_, trail)| trailers.firing(best, *trail).is_some_and(|firing| firing >= key))
        };
        while let Some((order, trail)) = next(self) {
            self.groups[group as usize].remove(order, trail);
            self.homes.remove(&order);
            fired.push((order, Some(Price(self.mirror(best)))));
        }
        self.index_firing(group);
    }

    fn new_group(&mut self, best: u64) -> u32 {
        let group = self.free.pop().unwrap_or_else(|| {
            self.groups.push(Group::default());
            self.groups.len() as u32 - 1
        });
        self.groups[group as usize].best = best;
        self.by_best.insert(best, group);
        group
    }

    /// Writes anew when a group fires first, or gives it up if it is empty.
    fn index_firing(&mut self, group: u32) {
        let entry = &self.groups[group as usize];
        let (best, before) = (entry.best, entry.firing);
        let firing = entry.closest().filter_map(|(_, trail)| self.firing(best, trail)).max();
        if before != firing {
            before.map(|before| self.by_firing.remove(&(before, group)));
            firing.map(|firing| self.by_firing.insert((firing, group)));
        }
        self.groups[group as usize].firing = firing;
        if self.groups[group as usize].len() == 0 {
            self.by_best.remove(&best);
            self.free.push(group);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What trails, in a plain list.
    #[derive(Default)]
    struct Plain(Vec<(OrderId, Trail, Price)>);

    impl Plain {
        fn look(&mut self, side: Side, reference: Price) -> Vec<OrderId> {
            let mut fired = Vec::new();
            self.0.retain_mut(|(order, trail, best)| {
                *best = if side == Side::Sell { reference.max(*best) } else { reference.min(*best) };
                let at = trail.fires_at(side, *best);
                let fires = at.is_some_and(|at| if side == Side::Sell { reference <= at } else { reference >= at });
                fired.extend(fires.then_some(*order));
                !fires
            });
            fired
        }
    }

    fn trails() -> impl Strategy<Value = Trail> {
        prop_oneof![
            (1_u32..30).prop_map(Trail::Ticks),
            (1_u32..2_000).prop_map(Trail::BasisPoints),
            Just(Trail::Ticks(u32::MAX)),
            Just(Trail::BasisPoints(Trail::BASIS_POINTS_MAX)),
        ]
    }

    fn prices() -> impl Strategy<Value = u64> {
        prop_oneof![20 => 900_u64..1_100, 1 => 1_u64..4, 1 => (u64::MAX - 3)..=u64::MAX]
    }

    proptest! {
        #[test]
        fn they_fire_as_a_plain_list_does(
            sells: bool, steps in prop::collection::vec((0_u8..8, trails(), prices(), any::<u64>()), 1..300),
        ) {
            let side = if sells { Side::Sell } else { Side::Buy };
            let (mut trailers, mut plain) = (Trailers::new(side), Plain::default());
            for (number, (step, trail, price, pick)) in (1..).zip(steps) {
                let price = Price(price);
                match step {
                    0..3 => {
                        trailers.insert(OrderId(number), trail, price);
                        plain.0.push((OrderId(number), trail, price));
                    }
                    3 if !plain.0.is_empty() => {
                        let (gone, trail, _) = plain.0.swap_remove(pick as usize % plain.0.len());
                        trailers.remove(gone, trail);
                    }
                    _ => {
                        let (mut fired, mut expected) = (Vec::new(), plain.look(side, price));
                        trailers.look(price, &mut fired);
                        fired.sort_unstable();
                        expected.sort_unstable();
                        let fired: Vec<OrderId> = fired.into_iter().map(|(order, _)| order).collect();
                        prop_assert_eq!(fired, expected);
                    }
                }
                prop_assert_eq!(trailers.len(), plain.0.len());
                for (order, trail, best) in &plain.0 {
                    prop_assert_eq!(trailers.best(*order), Some(*best));
                    prop_assert!(trailers.knows(*order, *trail));
                }
            }
        }
    }
}
