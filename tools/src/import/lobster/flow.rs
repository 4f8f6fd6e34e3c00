//! Which of the venue's orders stand for which of the exchange's.
//!
//! The files show five levels a side. What was in the book before the first row, and what is in a level that enters
//! the window from outside, is known only as the level's size: it is placed as one order that belongs to nobody, and
//! messages about orders that were never seen are about it.

use std::collections::{BTreeMap, HashMap};

use papertape_engine::{AccountId, OrderId, Price, Qty, Side};

use super::parse::ExchangeId;

/// Whose an order of the venue is: an order of the exchange, or the part of its level that nobody is known to own.
pub(crate) type Owner = Option<ExchangeId>;

/// An order of the venue. An order of the exchange can be several, see [`Window::own`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Piece {
    pub(crate) order: OrderId,
    pub(crate) account: AccountId,
    pub(crate) owner: Owner,
    /// Row in which it arrived: its age, also where it was placed anew since then.
    pub(crate) arrived: u64,
    /// Total quantity, filled part included.
    pub(crate) total: Qty,
    /// Open quantity.
    pub(crate) leaves: Qty,
}

/// What must be done to one piece to take from it: a new total, or the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Take {
    pub(crate) piece: Piece,
    /// The new total quantity; `None` ends the order.
    pub(crate) total: Option<Qty>,
}

/// The venue's orders inside the window, by level, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Window {
    sides: [BTreeMap<Price, Vec<Piece>>; 2],
    known: HashMap<ExchangeId, (Side, Price)>,
}

impl Window {
    /// Whose the order is that a message names: itself if it was seen at this place, else nobody's.
    pub(crate) fn own(&self, id: ExchangeId, side: Side, price: Price) -> Owner {
        (self.known.get(&id) == Some(&(side, price))).then_some(id)
    }

    /// Whether the order is in the window anywhere.
    pub(crate) fn knows(&self, id: ExchangeId) -> bool {
        self.known.contains_key(&id)
    }

    /// A new order went to the tail of its level.
    pub(crate) fn rest(&mut self, side: Side, price: Price, piece: Piece) {
        if let Some(id) = piece.owner {
            self.known.insert(id, (side, price));
        }
        self.sides[side as usize].entry(price).or_default().push(piece);
    }

    /// What the owner has at a level.
    pub(crate) fn open_qty(&self, owner: Owner, side: Side, price: Price) -> Qty {
        let pieces = self.sides[side as usize].get(&price).into_iter().flatten();
        pieces.filter(|piece| piece.owner == owner).fold(Qty::ZERO, |sum, piece| sum + piece.leaves)
    }

    /// Takes up to `qty` from what the owner has at a level, oldest first, and says what that means for the venue.
    pub(crate) fn take(&mut self, owner: Owner, side: Side, price: Price, qty: Qty) -> Vec<Take> {
        let (mut left, mut takes) = (qty, Vec::new());
        for piece in self.sides[side as usize].get_mut(&price).into_iter().flatten() {
            let part = piece.leaves.min(left);
            if piece.owner != owner || part.is_zero() {
                continue;
            }
            left -= part;
            piece.leaves -= part;
            piece.total -= part;
            let total = (!piece.leaves.is_zero()).then_some(piece.total);
            takes.push(Take { piece: *piece, total });
        }
        self.tidy(side, price, owner);
        takes
    }

    /// Whose the oldest order of a level is, if the level has any.
    pub(crate) fn oldest(&self, side: Side, price: Price) -> Option<Owner> {
        let pieces = self.sides[side as usize].get(&price)?;
        pieces.iter().min_by_key(|piece| piece.arrived).map(|piece| piece.owner)
    }

    /// An order of the venue traded: it, as it was before, if it is in the window.
    pub(crate) fn hit(&mut self, order: OrderId, side: Side, price: Price, qty: Qty) -> Option<Piece> {
        let pieces = self.sides[side as usize].get_mut(&price)?;
        let piece = pieces.iter_mut().find(|piece| piece.order == order)?;
        let before = *piece;
        piece.leaves = Qty(piece.leaves.0.saturating_sub(qty.0));
        self.tidy(side, price, before.owner);
        Some(before)
    }

    /// The level left the window: its orders are forgotten.
    pub(crate) fn forget(&mut self, side: Side, price: Price) -> Vec<Piece> {
        let pieces = self.sides[side as usize].remove(&price).unwrap_or_default();
        for id in pieces.iter().filter_map(|piece| piece.owner) {
            self.known.remove(&id);
        }
        pieces
    }

    /// Drops what has nothing left.
    fn tidy(&mut self, side: Side, price: Price, owner: Owner) {
        let Some(pieces) = self.sides[side as usize].get_mut(&price) else { return };
        pieces.retain(|piece| !piece.leaves.is_zero());
        if let Some(id) = owner.filter(|_| pieces.iter().all(|piece| piece.owner != owner)) {
            self.known.remove(&id);
        }
        if pieces.is_empty() {
            self.sides[side as usize].remove(&price);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: (Side, Price) = (Side::Buy, Price(100));

    fn piece(order: u64, owner: Owner, leaves: u64) -> Piece {
        Piece {
            order: OrderId(order),
            account: AccountId(1),
            owner,
            arrived: order,
            total: Qty(leaves),
            leaves: Qty(leaves),
        }
    }

    fn window() -> Window {
        let mut window = Window::default();
        window.rest(AT.0, AT.1, piece(1, None, 50));
        window.rest(AT.0, AT.1, piece(2, Some(77), 10));
        window
    }

    #[test]
    fn a_message_about_an_order_that_was_never_seen_is_about_the_rest_of_its_level() {
        let mut window = window();
        assert_eq!(window.own(77, AT.0, AT.1), Some(77));
        assert_eq!(window.own(78, AT.0, AT.1), None);
        assert_eq!(window.own(77, Side::Sell, AT.1), None);
        let takes = window.take(None, AT.0, AT.1, Qty(20));
        assert_eq!(
            takes.iter().map(|take| (take.piece.order, take.total)).collect::<Vec<_>>(),
            [(OrderId(1), Some(Qty(30)))]
        );
    }

    #[test]
    fn the_new_total_counts_what_was_filled() {
        let mut window = window();
        assert_eq!(window.hit(OrderId(2), AT.0, AT.1, Qty(4)), Some(piece(2, Some(77), 10)));
        assert_eq!(window.open_qty(Some(77), AT.0, AT.1), Qty(6));
        let takes = window.take(Some(77), AT.0, AT.1, Qty(1));
        assert_eq!(takes[0].total, Some(Qty(9)));
        let takes = window.take(Some(77), AT.0, AT.1, Qty(5));
        assert_eq!(takes[0].total, None);
        assert!(!window.knows(77));
    }

    #[test]
    fn an_order_that_was_placed_anew_keeps_its_age() {
        let mut window = Window::default();
        window.rest(AT.0, AT.1, piece(5, Some(77), 10));
        window.rest(AT.0, AT.1, Piece { arrived: 1, ..piece(6, None, 10) });
        assert_eq!(window.oldest(AT.0, AT.1), Some(None));
        assert_eq!(window.oldest(Side::Sell, AT.1), None);
    }

    #[test]
    fn no_more_is_taken_than_there_is() {
        let mut window = window();
        let takes = window.take(Some(77), AT.0, AT.1, Qty(11));
        assert_eq!((takes.len(), takes[0].total), (1, None));
        assert!(window.take(Some(77), AT.0, AT.1, Qty(1)).is_empty());
    }

    #[test]
    fn a_level_that_leaves_the_window_takes_its_orders_along() {
        let mut window = window();
        assert_eq!(window.forget(AT.0, AT.1).len(), 2);
        assert!(!window.knows(77));
        assert!(window.forget(AT.0, AT.1).is_empty());
    }
}
