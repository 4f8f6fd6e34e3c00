//! Finding an open order by its number or name, and ending it.

use crate::book::{Location, OrderBook, Resting, Slot};
use crate::clients::{NO_NAME, NameSlot};
use crate::command::{OrderRef, PlaceOrder, Side};
use crate::engine::{Desk, Engine};
use crate::holdings::HoldingRow;
use crate::ids::{AccountId, ClientOrderId, InstrumentId, OrderId};
use crate::market::Terms;
use crate::reason::Reason;
use crate::units::{Amount, Qty};

/// Where an open order is.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Located {
    pub(crate) instrument: InstrumentId,
    pub(crate) slot: Slot,
}

/// What was known of an order that has left the book.
#[derive(Clone, Copy)]
pub(crate) struct Pulled {
    pub(crate) terms: Terms,
    /// How much of it showed.
    pub(crate) shown_qty: Qty,
    /// How much of it was allowed to show, if not all.
    pub(crate) display: Option<Qty>,
}

impl Location for Located {
    #[inline]
    fn to_word(self) -> u64 {
        u64::from(self.instrument.0) << 32 | self.slot.to_word()
    }

    #[inline]
    fn from_word(word: u64) -> Self {
        Located { instrument: InstrumentId((word >> 32) as u16), slot: Slot::from_word(word & u64::from(u32::MAX)) }
    }
}

impl Desk {
    /// The name in a slot, if the order has one.
    pub(crate) fn name(&self, slot: NameSlot) -> Option<ClientOrderId> {
        (slot != NO_NAME).then(|| self.names.at(slot).id)
    }

    /// Holds so much more for an order on this side, or less.
    pub(crate) fn change_held(&mut self, holding: HoldingRow, side: Side, by: Amount) {
        if by != Amount::ZERO {
            let row = self.holdings.at(holding).hold_row(side);
            self.ledger.change(row, -by, by);
        }
    }

    /// An order is over: its name is kept for a while.
    pub(crate) fn end_name(&mut self, name: NameSlot) {
        if name != NO_NAME {
            self.names.end(name);
        }
    }
}

impl<B: OrderBook> Engine<B> {
    /// An account's open order. Another account's is not found, exactly as if it did not exist.
    #[inline(always)]
    pub(crate) fn locate(&self, account: AccountId, order: OrderRef) -> Result<Located, Reason> {
        self.check_account(account)?;
        let id = match order {
            OrderRef::Id(id) => id,
            OrderRef::Client(id) => self.desk.names.find(account, id).ok_or(Reason::UnknownOrder)?.order,
        };
        let located = self.find(id).ok_or(Reason::UnknownOrder)?;
        let market = &self.markets[usize::from(located.instrument.0)];
        assert_eq!(market.book.id_at(located.slot), Some(id), "the index and the book name the same order");
        let owned = market.clerk.terms(located.slot.0).account == account;
        if owned { Ok(located) } else { Err(Reason::UnknownOrder) }
    }

    /// An open order that has been found.
    #[inline(always)]
    pub(crate) fn resting(&self, located: Located) -> Resting {
        let market = &self.markets[usize::from(located.instrument.0)];
        market.get(located.slot).expect("the index names open orders only")
    }

    /// An account's order that waits, or is pending in a list: its number and terms.
    #[cold]
    pub(crate) fn locate_unseen(&self, account: AccountId, order: OrderRef) -> Result<(OrderId, PlaceOrder), Reason> {
        let id = match order {
            OrderRef::Id(id) => id,
            OrderRef::Client(id) => self.desk.names.find(account, id).ok_or(Reason::UnknownOrder)?.order,
        };
        let waiting = self.desk.waiting.instrument(id).and_then(|instrument| {
            self.markets[usize::from(instrument.0)].triggers.get(id).map(|waiting| waiting.terms)
        });
        let terms = waiting.or_else(|| self.desk.lists.pending(id).map(|(_, pending)| pending.terms));
        terms.filter(|terms| terms.account == account).map(|terms| (id, terms)).ok_or(Reason::UnknownOrder)
    }

    /// Where the order with this number is, if it is open.
    #[inline]
    pub(crate) fn find(&self, id: OrderId) -> Option<Located> {
        let id_at = |located: Located| self.markets[usize::from(located.instrument.0)].book.id_at(located.slot);
        self.desk.orders.get(id, |located| id_at(located).expect("the index names open orders only"))
    }

    /// Takes an open order out of the book and the index, and frees its hold. Its name is the caller's to end.
    #[inline(always)]
    pub(crate) fn pull(&mut self, located: Located, resting: &Resting) -> Pulled {
        let Desk { ledger, holdings, orders, lifetimes, .. } = &mut self.desk;
        let market = &mut self.markets[usize::from(located.instrument.0)];
        let held = market.clerk.hold_of(resting);
        let shown_qty = market.book.remove(located.slot).expect("the caller has just found it").leaves_qty;
        orders.remove_at(resting.id, located);
        let terms = *market.clerk.terms(located.slot.0);
        let (display, shown_qty) = match terms.rare.is_any() {
            false => (None, shown_qty),
            true => (market.clerk.display(located.slot.0), market.clerk.shown_of(located.slot.0, shown_qty)),
        };
        lifetimes.end(resting.id, located.instrument, terms.time_in_force);
        market.clerk.leave(holdings, resting);
        let row = holdings.at(terms.holding).hold_row(resting.side);
        ledger.change(row, held, -held);
        Pulled { terms, shown_qty, display }
    }
}
