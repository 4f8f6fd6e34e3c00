//! Where the orders are that wait, over all instruments.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{AccountId, InstrumentId, OrderId};

/// Finds orders that wait for a trigger, by number and by account.
#[derive(Clone, Debug, Default)]
pub(crate) struct WaitIndex {
    by_order: BTreeMap<OrderId, InstrumentId>,
    by_account: BTreeSet<(AccountId, InstrumentId, OrderId)>,
    /// Instruments in which orders wait.
    markets: BTreeMap<InstrumentId, u32>,
}

impl WaitIndex {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.by_order.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_order.len()
    }

    pub(crate) fn instrument(&self, order: OrderId) -> Option<InstrumentId> {
        self.by_order.get(&order).copied()
    }

    /// The account's orders in an instrument, by number.
    pub(crate) fn of(&self, account: AccountId, instrument: InstrumentId) -> Vec<OrderId> {
        let range = (account, instrument, OrderId(0))..=(account, instrument, OrderId(u64::MAX));
        self.by_account.range(range).map(|(_, _, order)| *order).collect()
    }

    /// The instruments in which orders wait.
    pub(crate) fn markets(&self) -> impl Iterator<Item = InstrumentId> {
        self.markets.keys().copied()
    }

    pub(crate) fn insert(&mut self, account: AccountId, instrument: InstrumentId, order: OrderId) {
        self.by_order.insert(order, instrument);
        self.by_account.insert((account, instrument, order));
        *self.markets.entry(instrument).or_default() += 1;
    }

    pub(crate) fn remove(&mut self, account: AccountId, instrument: InstrumentId, order: OrderId) {
        self.by_order.remove(&order);
        self.by_account.remove(&(account, instrument, order));
        let count = self.markets.get_mut(&instrument).expect("it was counted when it came");
        *count -= 1;
        if *count == 0 {
            self.markets.remove(&instrument);
        }
    }
}
