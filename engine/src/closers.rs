//! Reduce-only orders of one instrument: which an account has, and what its position leaves for others.

use std::collections::BTreeMap;

use crate::book::Slot;
use crate::command::Side;
use crate::event::Position;
use crate::ids::{AccountId, OrderId};
use crate::units::Amount;

/// The reduce-only orders that rest, by account, side and number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Closers {
    orders: BTreeMap<(AccountId, bool, OrderId), Slot>,
}

impl Closers {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }

    pub(crate) fn insert(&mut self, account: AccountId, side: Side, order: OrderId, slot: Slot) {
        self.orders.insert((account, side == Side::Sell, order), slot);
    }

    pub(crate) fn remove(&mut self, account: AccountId, side: Side, order: OrderId) {
        self.orders.remove(&(account, side == Side::Sell, order));
    }

    /// An account's on one side, by number.
    pub(crate) fn of(&self, account: AccountId, side: Side) -> impl DoubleEndedIterator<Item = (OrderId, Slot)> {
        let sells = side == Side::Sell;
        let range = (account, sells, OrderId(0))..=(account, sells, OrderId(u64::MAX));
        self.orders.range(range).map(|((_, _, order), slot)| (*order, *slot))
    }

    /// Whether an account has one on a side.
    pub(crate) fn has(&self, account: AccountId, side: Side) -> bool {
        self.of(account, side).next().is_some()
    }

    /// The accounts that have some, each with the side, in their order.
    pub(crate) fn owners(&self) -> Vec<(AccountId, Side)> {
        let side = |sells: bool| if sells { Side::Sell } else { Side::Buy };
        let mut owners: Vec<_> = self.orders.keys().map(|(account, sells, _)| (*account, side(*sells))).collect();
        owners.dedup();
        owners
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (AccountId, Side, OrderId, Slot)> {
        self.orders.iter().map(|((account, sells, order), slot)| {
            (*account, if *sells { Side::Sell } else { Side::Buy }, *order, *slot)
        })
    }
}

impl Position {
    /// What an order on this side could reduce: a sell what is held, a buy what is owed. Who cannot be short owes nothing.
    pub(crate) fn reducible(&self, side: Side) -> Amount {
        match side {
            Side::Buy => (-self.qty).max(Amount::ZERO),
            Side::Sell => self.qty.max(Amount::ZERO),
        }
    }
}

/// What the positions of those who have reduce-only orders still leave, while an order takes: what they had when it came,
/// less what they have given since. What the order itself gets counts for nobody before it is done.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leftovers(BTreeMap<AccountId, Amount>);

impl Leftovers {
    /// What an account has left; `had` is asked the first time.
    pub(crate) fn of(&mut self, account: AccountId, had: impl FnOnce() -> Amount) -> &mut Amount {
        self.0.entry(account).or_insert_with(had)
    }
}
