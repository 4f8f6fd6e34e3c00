//! The names that clients give: to orders, and to ledger entries.

use papertape_engine::{AccountId, ClientOrderId, Command, Event, InstrumentId, OrderId, Reason, Reference};

use super::Model;

/// Names of ended orders that an account may not use again, until this many others have ended.
const ENDED_NAMES_MAX: usize = 1_024;
/// Ledger references that an account may not use again.
const REFERENCES_MAX: usize = 4_096;

/// A name, and the first order that had it. Those of ended orders stand in the order of their end.
#[derive(Clone, Debug)]
pub(super) struct Name {
    account: AccountId,
    id: ClientOrderId,
    order: OrderId,
    /// The order or list as it was sent, beside the list of names.
    body: Box<Command>,
    ended: bool,
}

/// A ledger reference, and the first entry that had it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    account: AccountId,
    reference: Reference,
    /// Beside the list, so that it is short to search.
    command: Box<Command>,
}

impl Model {
    fn name(&self, account: AccountId, id: ClientOrderId) -> Option<&Name> {
        self.names.iter().find(|name| name.account == account && name.id == id)
    }

    /// The order that has or had a name.
    pub(super) fn order_named(&self, account: AccountId, id: ClientOrderId) -> Option<OrderId> {
        self.name(account, id).map(|name| name.order)
    }

    /// The name that an order has or had.
    pub(super) fn name_of(&self, order: OrderId) -> Option<ClientOrderId> {
        self.names.iter().find(|name| name.order == order).map(|name| name.id)
    }

    /// Whether an order or a list was sent before: the same one is answered with the first order, another under its name
    /// is refused.
    pub(super) fn check_repeat(
        &self,
        (account, instrument): (AccountId, InstrumentId),
        name: Option<ClientOrderId>,
        body: &Command,
    ) -> Result<Option<Event>, Reason> {
        let Some(client_order_id) = name else { return Ok(None) };
        match self.name(account, client_order_id) {
            None => Ok(None),
            Some(name) if *name.body == *body => {
                Ok(Some(Event::Repeated { account, instrument, order: name.order, client_order_id }))
            }
            Some(_) => Err(Reason::DuplicateClientOrderId),
        }
    }

    /// An accepted order takes its name.
    pub(super) fn take_name(
        &mut self,
        account: AccountId,
        name: Option<ClientOrderId>,
        order: OrderId,
        body: &Command,
    ) {
        if let Some(id) = name {
            self.names.push(Name { account, id, order, body: Box::new(*body), ended: false });
        }
    }

    /// An order ended: its name becomes the last of the ended ones, and the oldest of too many is forgotten.
    pub(super) fn end_name(&mut self, order: OrderId) {
        let Some(at) = self.names.iter().position(|name| name.order == order) else { return };
        let name = Name { ended: true, ..self.names.remove(at) };
        let account = name.account;
        self.names.push(name);
        let is_ended = |other: &Name| other.ended && other.account == account;
        if self.names.iter().filter(|other| is_ended(other)).count() > ENDED_NAMES_MAX {
            let oldest = self.names.iter().position(is_ended).expect("more than one has ended");
            self.names.remove(oldest);
        }
    }

    /// Whether a ledger entry was made before: the same one is not made again, another under its reference is refused.
    pub(super) fn check_reference(
        &self,
        account: AccountId,
        reference: Reference,
        command: &Command,
    ) -> Result<Option<Event>, Reason> {
        match self.entries.iter().find(|entry| entry.account == account && entry.reference == reference) {
            None => Ok(None),
            Some(entry) if *entry.command == *command => Ok(Some(Event::EntryRepeated { account, reference })),
            Some(_) => Err(Reason::DuplicateReference),
        }
    }

    /// An entry was made: its reference is remembered, and the account's oldest of too many is forgotten.
    pub(super) fn take_reference(&mut self, account: AccountId, reference: Reference, command: &Command) {
        self.entries.push(Entry { account, reference, command: Box::new(*command) });
        let own = |entry: &Entry| entry.account == account;
        if self.entries.iter().filter(|entry| own(entry)).count() > REFERENCES_MAX {
            let oldest = self.entries.iter().position(own).expect("more than one is there");
            self.entries.remove(oldest);
        }
    }
}
