//! The simulator's own resting orders: what was asked, what the venue said since.

use papertape_engine::{AccountId, ClientOrderId, Command, OrderId, OrderKind, OrderRef, PlaceOrder, Price, Qty, Side};
use rustc_hash::FxHashMap;

use super::grid::Grid;

/// Names an order before the venue has numbered it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Name(pub(super) u64);

/// One order that rests, or is on its way to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resting {
    pub(super) account: AccountId,
    /// The market's index in the crowd.
    pub(super) market: usize,
    pub(super) side: Side,
    pub(super) price: Price,
    pub(super) qty: Qty,
    pub(super) leaves: Qty,
    /// The venue's number, once it is known.
    pub(super) order: Option<OrderId>,
    /// The step of the last ask about it.
    pub(super) asked: u64,
}

/// All of them.
#[derive(Clone, Debug)]
pub(super) struct Orders {
    prefix: String,
    next: u64,
    resting: FxHashMap<Name, Resting>,
    by_order: FxHashMap<OrderId, Name>,
}

impl Orders {
    /// `run` tells this run's names from those of runs before.
    pub(super) fn new(run: u64) -> Self {
        let prefix = format!("sim{run:x}-");
        Self { prefix, next: 1, resting: FxHashMap::default(), by_order: FxHashMap::default() }
    }

    /// A new order, to be sent.
    pub(super) fn place(&mut self, grid: &Grid, resting: Resting, post_only: bool) -> (Name, Command) {
        let name = Name(self.next);
        self.next += 1;
        self.resting.insert(name, resting);
        let kind = OrderKind::Limit { price: resting.price, qty: resting.qty };
        let command = Command::Place(PlaceOrder {
            post_only,
            client_order_id: ClientOrderId::new(&format!("{}{}", self.prefix, name.0)),
            ..PlaceOrder::new(resting.account, grid.instrument, resting.side, kind)
        });
        (name, command)
    }

    pub(super) fn get(&self, name: Name) -> Option<&Resting> {
        self.resting.get(&name)
    }

    pub(super) fn get_mut(&mut self, name: Name) -> Option<&mut Resting> {
        self.resting.get_mut(&name)
    }

    /// The order that a client order id of this run names.
    pub(super) fn named(&self, id: Option<ClientOrderId>) -> Option<Name> {
        id?.as_str().strip_prefix(&self.prefix)?.parse().ok().map(Name)
    }

    pub(super) fn number(&mut self, name: Name, order: OrderId) {
        if let Some(resting) = self.resting.get_mut(&name) {
            resting.order = Some(order);
            self.by_order.insert(order, name);
        }
    }

    pub(super) fn by_order(&mut self, order: OrderId) -> Option<&mut Resting> {
        self.resting.get_mut(self.by_order.get(&order)?)
    }

    /// The order that a refused cancel or amend named.
    pub(super) fn by_ref(&self, order: OrderRef) -> Option<Name> {
        match order {
            OrderRef::Id(id) => self.by_order.get(&id).copied(),
            OrderRef::Client(id) => self.named(Some(id)),
        }
    }

    pub(super) fn end(&mut self, order: OrderId) {
        if let Some(name) = self.by_order.remove(&order) {
            self.resting.remove(&name);
        }
    }

    pub(super) fn forget(&mut self, name: Name) {
        if let Some(order) = self.resting.remove(&name).and_then(|resting| resting.order) {
            self.by_order.remove(&order);
        }
    }

    /// A command never reached the venue.
    pub(super) fn not_sent(&mut self, command: &Command) {
        if let Command::Place(place) = command
            && let Some(name) = self.named(place.client_order_id)
        {
            self.forget(name);
        }
    }

    pub(super) fn forget_market(&mut self, market: usize) {
        self.resting.retain(|_, resting| resting.market != market);
        let resting = &self.resting;
        self.by_order.retain(|_, name| resting.contains_key(name));
    }
}
