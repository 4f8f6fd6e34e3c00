//! The names that clients give: order names and ledger references, each remembered long enough to make a repeat
//! harmless.

use std::collections::VecDeque;

use crate::command::Reference;
use crate::ids::{AccountId, ClientOrderId, InstrumentId, OrderId};
use crate::maps::TextMap;

/// Names of ended orders that are remembered, per account. Older ones may be used again.
pub(crate) const ENDED_NAMES_MAX: usize = 1_024;
/// Ledger references that are remembered, per account.
pub(crate) const REFERENCES_MAX: usize = 4_096;

/// Names an order name without a search.
pub(crate) type NameSlot = u32;
/// The order has no name.
pub(crate) const NO_NAME: NameSlot = u32::MAX;

/// An order's name, and what it stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrderName {
    pub(crate) account: AccountId,
    pub(crate) id: ClientOrderId,
    pub(crate) order: OrderId,
    pub(crate) instrument: InstrumentId,
    /// Of the command that used the name first.
    pub(crate) fingerprint: u64,
}

/// Order names: those of live orders, and of each account's last [`ENDED_NAMES_MAX`] ended ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct OrderNames {
    slots: Vec<OrderName>,
    free: Vec<NameSlot>,
    by_name: TextMap<(AccountId, ClientOrderId), NameSlot>,
    ended: Vec<VecDeque<NameSlot>>,
}

impl OrderNames {
    pub(crate) fn add_account(&mut self) {
        self.ended.push(VecDeque::new());
    }

    pub(crate) fn find(&self, account: AccountId, id: ClientOrderId) -> Option<&OrderName> {
        self.by_name.get(&(account, id)).map(|slot| self.at(*slot))
    }

    pub(crate) fn at(&self, slot: NameSlot) -> &OrderName {
        &self.slots[slot as usize]
    }

    /// Takes a name that is not in use.
    pub(crate) fn insert(&mut self, name: OrderName) -> NameSlot {
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = name;
                slot
            }
            None => {
                self.slots.push(name);
                self.slots.len() as NameSlot - 1
            }
        };
        self.by_name.insert((name.account, name.id), slot);
        slot
    }

    /// The order ended: its name is remembered until enough others have ended.
    pub(crate) fn end(&mut self, slot: NameSlot) {
        let ended = &mut self.ended[self.slots[slot as usize].account.0 as usize];
        ended.push_back(slot);
        if ended.len() > ENDED_NAMES_MAX {
            let oldest = ended.pop_front().expect("more than one is there");
            let name = self.slots[oldest as usize];
            self.by_name.remove(&(name.account, name.id));
            self.free.push(oldest);
        }
    }

    /// Names of the account's ended orders that are remembered, oldest first.
    pub(crate) fn ended(&self, account: AccountId) -> impl Iterator<Item = &OrderName> {
        self.ended[account.0 as usize].iter().map(|slot| self.at(*slot))
    }
}

/// Ledger references: each account's last [`REFERENCES_MAX`].
#[derive(Clone, Debug, Default)]
pub(crate) struct References {
    seen: TextMap<(AccountId, Reference), u64>,
    order: Vec<VecDeque<Reference>>,
}

impl References {
    pub(crate) fn add_account(&mut self) {
        self.order.push(VecDeque::new());
    }

    /// The fingerprint of the command that used the reference first.
    pub(crate) fn find(&self, account: AccountId, reference: Reference) -> Option<u64> {
        self.seen.get(&(account, reference)).copied()
    }

    pub(crate) fn insert(&mut self, account: AccountId, reference: Reference, fingerprint: u64) {
        let order = &mut self.order[account.0 as usize];
        self.seen.insert((account, reference), fingerprint);
        order.push_back(reference);
        if order.len() > REFERENCES_MAX {
            let oldest = order.pop_front().expect("more than one is there");
            self.seen.remove(&(account, oldest));
        }
    }

    /// The account's references and their fingerprints, oldest first.
    pub(crate) fn of(&self, account: AccountId) -> impl Iterator<Item = (Reference, u64)> {
        let order = self.order[account.0 as usize].iter();
        order.map(move |reference| (*reference, self.seen[&(account, *reference)]))
    }
}
