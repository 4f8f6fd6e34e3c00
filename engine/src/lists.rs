//! Orders that hang together: what is left to do when one of them is filled, fires or ends.

use std::collections::{BTreeMap, VecDeque};

use crate::command::PlaceOrder;
use crate::fees::FeeMeter;
use crate::ids::{InstrumentId, OrderId};

/// An order that comes when another has been filled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pending {
    pub(crate) order: OrderId,
    /// As accepted, with the self-trade prevention that applies.
    pub(crate) terms: PlaceOrder,
    pub(crate) fees: FeeMeter,
}

/// A list, by what it is now.
#[derive(Clone, Debug)]
pub(crate) enum List {
    /// One cancels the other; both rest or wait.
    Oco([OrderId; 2]),
    /// The working order is in the book, the others (one, or a pair) are to come.
    Opening { working: OrderId, pending: Vec<Pending> },
}

/// What happened to an order of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum News {
    /// Some of it was filled.
    Filled,
    /// The last of it was filled.
    FilledWhole,
    /// Its trigger fired.
    Fired,
    /// It ended otherwise.
    Ended,
}

/// All lists that still have something to do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lists {
    /// By the number of the first order.
    lists: BTreeMap<OrderId, (InstrumentId, List)>,
    /// The list of each order.
    of_order: BTreeMap<OrderId, OrderId>,
    /// What happened to their orders and has not been looked at. Empty between commands.
    news: VecDeque<(OrderId, News)>,
}

impl Lists {
    pub(crate) fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// The list of an order, by its number.
    pub(crate) fn of(&self, order: OrderId) -> Option<OrderId> {
        self.of_order.get(&order).copied()
    }

    pub(crate) fn get(&self, list: OrderId) -> Option<&(InstrumentId, List)> {
        self.lists.get(&list)
    }

    /// By number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (OrderId, InstrumentId, &List)> {
        self.lists.iter().map(|(number, (instrument, list))| (*number, *instrument, list))
    }

    pub(crate) fn insert(&mut self, number: OrderId, instrument: InstrumentId, list: List) {
        self.of_order.extend(list.orders().map(|order| (order, number)));
        self.lists.insert(number, (instrument, list));
    }

    /// Takes a list apart: its orders belong to none any more.
    pub(crate) fn dissolve(&mut self, number: OrderId) -> Option<List> {
        let (_, list) = self.lists.remove(&number)?;
        for order in list.orders() {
            self.of_order.remove(&order);
        }
        Some(list)
    }

    /// An order that is pending, with its list and instrument.
    pub(crate) fn pending(&self, order: OrderId) -> Option<(InstrumentId, &Pending)> {
        let (instrument, list) = self.get(self.of(order)?)?;
        let List::Opening { pending, .. } = list else { return None };
        pending.iter().find(|pending| pending.order == order).map(|pending| (*instrument, pending))
    }

    /// All orders that are pending, by number.
    pub(crate) fn all_pending(&self) -> impl Iterator<Item = (InstrumentId, &Pending)> {
        self.iter().flat_map(|(_, instrument, list)| {
            let pending = if let List::Opening { pending, .. } = list { &pending[..] } else { &[] };
            pending.iter().map(move |pending| (instrument, pending))
        })
    }

    /// Something happened to an order, if it is one of a list.
    #[cold]
    pub(crate) fn tell(&mut self, order: OrderId, news: News) {
        if self.of_order.contains_key(&order) {
            self.news.push_back((order, news));
        }
    }

    /// As [`Lists::tell`]; `linked` says whether the order can be one of a list at all.
    #[inline]
    pub(crate) fn tell_if(&mut self, linked: bool, order: OrderId, news: News) {
        if linked {
            self.tell(order, news);
        }
    }

    /// Whether something happened to an order that has not been looked at.
    pub(crate) fn has_news_of(&self, order: OrderId) -> bool {
        self.news.iter().any(|(other, _)| *other == order)
    }

    pub(crate) fn next_news(&mut self) -> Option<(OrderId, News)> {
        self.news.pop_front()
    }
}

impl List {
    /// Its orders, by number.
    pub(crate) fn orders(&self) -> impl Iterator<Item = OrderId> {
        let (first, second, pending) = match self {
            List::Oco([first, second]) => (*first, Some(*second), &[][..]),
            List::Opening { working, pending } => (*working, None, &pending[..]),
        };
        std::iter::once(first).chain(second).chain(pending.iter().map(|pending| pending.order))
    }
}
