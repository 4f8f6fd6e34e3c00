//! Finding an open order by its number or name, and ending it.

use crate::book::{OrderBook, Resting, Slot};
use crate::clients::{NO_NAME, NameSlot};
use crate::command::OrderRef;
use crate::engine::{Desk, Engine};
use crate::ids::{AccountId, ClientOrderId, InstrumentId, OrderId};
use crate::market::Terms;
use crate::reason::Reason;

/// Where an open order is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Located {
    pub(crate) instrument: InstrumentId,
    pub(crate) slot: Slot,
}

impl Desk {
    /// The name in a slot, if the order has one.
    pub(crate) fn name(&self, slot: NameSlot) -> Option<ClientOrderId> {
        (slot != NO_NAME).then(|| self.names.at(slot).id)
    }

    /// An order that rested or never did is over: its name is kept for a while, its number is not.
    pub(crate) fn end_order(&mut self, order: OrderId, name: NameSlot) {
        self.orders.remove(&order);
        if name != NO_NAME {
            self.names.end(name);
        }
    }
}

impl<B: OrderBook> Engine<B> {
    /// An account's open order. Another account's is not found, exactly as if it did not exist.
    pub(crate) fn locate(&self, account: AccountId, order: OrderRef) -> Result<(Located, Resting), Reason> {
        self.check_account(account)?;
        let id = match order {
            OrderRef::Id(id) => id,
            OrderRef::Client(id) => self.desk.names.find(account, id).ok_or(Reason::UnknownOrder)?.order,
        };
        let located = *self.desk.orders.get(&id).ok_or(Reason::UnknownOrder)?;
        let market = &self.markets[usize::from(located.instrument.0)];
        let resting = market.book.get(located.slot).expect("the index names open orders only");
        assert_eq!(resting.id, id, "the index and the book name the same order");
        let owned = market.terms(located.slot.0).account == account;
        if owned { Ok((located, resting)) } else { Err(Reason::UnknownOrder) }
    }

    /// Takes an open order out of the book and frees its hold. Its number and name are the caller's to end.
    pub(crate) fn pull(&mut self, located: Located, resting: &Resting) -> Terms {
        let Desk { ledger, holdings, .. } = &mut self.desk;
        let market = &mut self.markets[usize::from(located.instrument.0)];
        let held = market.hold_of(resting);
        market.book.remove(located.slot).expect("the caller has just found it");
        let terms = market.forget(holdings, located.slot.0);
        let row = crate::market::Market::<B>::hold_row(resting.side, &terms);
        ledger.change(row, held, -held);
        terms
    }
}
