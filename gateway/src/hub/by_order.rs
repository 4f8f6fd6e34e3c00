//! Changes of a book by order, folded into one delta: what a listener may apply at once, in this order: removals, new
//! quantities, additions.

use std::collections::{HashMap, HashSet};

use papertape_engine::{OrderId, Qty};
use papertape_platform::{BookOrder, BookOrderChange};

/// What happened to the orders of a book that show.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct OrdersDelta {
    /// They left; one may be among the added ones as well, at the tail of a level.
    pub removed: Vec<OrderId>,
    /// They show so much now, and kept their places.
    pub changed: Vec<(OrderId, Qty)>,
    /// They came to the tails of their levels, the first one first.
    pub added: Vec<BookOrder>,
}

impl OrdersDelta {
    /// The net effect of changes that follow each other.
    pub(super) fn of(changes: impl IntoIterator<Item = BookOrderChange>) -> Self {
        let mut folding = Folding::default();
        changes.into_iter().for_each(|change| folding.add(change));
        folding.finish()
    }

    /// The net effect of deltas that follow each other.
    pub(super) fn merged<'a>(deltas: impl IntoIterator<Item = &'a OrdersDelta>) -> Self {
        Self::of(deltas.into_iter().flat_map(|delta| {
            let removed = delta.removed.iter().map(|order| BookOrderChange::Removed(*order));
            let changed = delta.changed.iter().map(|(order, qty)| BookOrderChange::Reduced(*order, *qty));
            removed.chain(changed).chain(delta.added.iter().map(|order| BookOrderChange::Added(*order)))
        }))
    }

    /// About how many bytes of memory its lists take.
    pub(super) fn weight(&self) -> usize {
        let [removed, changed] = [size_of_val(&*self.removed), size_of_val(&*self.changed)];
        removed + changed + size_of_val(&*self.added)
    }
}

/// A delta that is being made.
#[derive(Default)]
struct Folding {
    removed: Vec<OrderId>,
    was_removed: HashSet<OrderId>,
    changed: HashMap<OrderId, Qty>,
    /// In the order in which they came; those that went again are empty.
    added: Vec<Option<BookOrder>>,
    place: HashMap<OrderId, usize>,
}

impl Folding {
    fn add(&mut self, change: BookOrderChange) {
        match change {
            BookOrderChange::Added(order) => {
                self.place.insert(order.order, self.added.len());
                self.added.push(Some(order));
            }
            BookOrderChange::Reduced(order, qty) => match self.place.get(&order) {
                Some(&place) => self.added[place].iter_mut().for_each(|added| added.qty = qty),
                None => {
                    self.changed.insert(order, qty);
                }
            },
            BookOrderChange::Removed(order) => match self.place.remove(&order) {
                Some(place) => self.added[place] = None,
                None => {
                    self.changed.remove(&order);
                    if self.was_removed.insert(order) {
                        self.removed.push(order);
                    }
                }
            },
        }
    }

    fn finish(self) -> OrdersDelta {
        let mut changed: Vec<_> = self.changed.into_iter().collect();
        changed.sort_unstable();
        OrdersDelta { removed: self.removed, changed, added: self.added.into_iter().flatten().collect() }
    }
}

#[cfg(test)]
mod tests {
    use papertape_engine::{Price, Side};

    use super::*;

    fn added(order: u64, qty: u64) -> BookOrder {
        BookOrder { order: OrderId(order), side: Side::Buy, price: Price(10), qty: Qty(qty) }
    }

    #[test]
    fn what_came_and_went_is_not_told_and_what_came_again_is_at_the_tail() {
        let [one, two, three] = [1, 2, 3].map(OrderId);
        let first = OrdersDelta::of([
            BookOrderChange::Added(added(1, 5)),
            BookOrderChange::Reduced(one, Qty(4)),
            BookOrderChange::Reduced(two, Qty(3)),
            BookOrderChange::Removed(three),
            BookOrderChange::Added(added(3, 9)),
        ]);
        assert_eq!(first.removed, [three]);
        assert_eq!(first.changed, [(two, Qty(3))]);
        assert_eq!(first.added, [added(1, 4), added(3, 9)]);
        let second = OrdersDelta::of([
            BookOrderChange::Removed(one),
            BookOrderChange::Removed(two),
            BookOrderChange::Removed(three),
            BookOrderChange::Added(added(3, 2)),
        ]);
        let both = OrdersDelta::merged([&first, &second]);
        assert_eq!(both, OrdersDelta { removed: vec![three, two], changed: vec![], added: vec![added(3, 2)] });
    }
}
