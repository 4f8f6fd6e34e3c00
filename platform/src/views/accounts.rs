//! What an account has: balances, positions, and which orders are its own.

use std::collections::{BTreeSet, VecDeque};

use papertape_engine::{AccountId, Amount, AssetId, Instrument, InstrumentId, OrderId, Position, Price, TradeGroup};

use crate::money::whole_lots;

/// Ended orders that are kept of a user's account.
pub const ENDED_ORDERS_KEPT: usize = 1_000;

/// Ended orders that are kept of an account that is no user's.
const ENDED_ORDERS_KEPT_OTHERS: usize = 8;

/// One balance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BalanceView {
    /// Which asset.
    pub asset: AssetId,
    /// Can be spent.
    pub free: Amount,
    /// Held by open orders.
    pub held: Amount,
}

/// One position, valued at the last trade.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PositionView {
    /// Where.
    pub instrument: InstrumentId,
    /// Quantity, average price, realised profit, fees.
    pub position: Position,
    /// Price of the instrument's last trade.
    pub mark: Option<Price>,
    /// Profit over the average price if it were sold at the mark, in quote, before fees; whole lots only.
    pub unrealized: Option<Amount>,
}

impl PositionView {
    pub(super) fn new(id: InstrumentId, instrument: &Instrument, position: Position, mark: Option<Price>) -> Self {
        let unrealized = mark.and_then(|mark| {
            let value = instrument.quote_value(mark * whole_lots(instrument, position.qty))?;
            Some(value - position.paid_for(position.qty))
        });
        Self { instrument: id, position, mark, unrealized }
    }
}

/// One account.
#[derive(Clone, Debug, Default)]
pub(super) struct AccountFold {
    pub(super) balances: Vec<BalanceView>,
    pub(super) positions: Vec<(InstrumentId, Position)>,
    pub(super) open: BTreeSet<OrderId>,
    pub(super) trade_group: Option<TradeGroup>,
    /// What it traded in thirty days, by the asset that it was paid with.
    volumes: Vec<(AssetId, Amount)>,
    ended: VecDeque<OrderId>,
}

impl AccountFold {
    pub(super) fn set_balance(&mut self, balance: BalanceView) {
        match self.balances.binary_search_by_key(&balance.asset, |known| known.asset) {
            Ok(at) => self.balances[at] = balance,
            Err(at) => self.balances.insert(at, balance),
        }
    }

    pub(super) fn set_position(&mut self, instrument: InstrumentId, position: Position) {
        match self.positions.binary_search_by_key(&instrument, |known| known.0) {
            Ok(at) => self.positions[at].1 = position,
            Err(at) => self.positions.insert(at, (instrument, position)),
        }
    }

    pub(super) fn set_volume(&mut self, asset: AssetId, volume: Amount) {
        match self.volumes.binary_search_by_key(&asset, |known| known.0) {
            Ok(at) => self.volumes[at].1 = volume,
            Err(at) => self.volumes.insert(at, (asset, volume)),
        }
    }

    pub(super) fn volume(&self, asset: AssetId) -> Amount {
        self.volumes.iter().find(|known| known.0 == asset).map_or(Amount::ZERO, |known| known.1)
    }

    /// Moves an order to the ended ones; gives the one that falls out for it.
    pub(super) fn end(&mut self, order: OrderId, is_user: bool) -> Option<OrderId> {
        if !self.open.remove(&order) {
            return None;
        }
        self.ended.push_back(order);
        let kept = if is_user { ENDED_ORDERS_KEPT } else { ENDED_ORDERS_KEPT_OTHERS };
        if self.ended.len() > kept { self.ended.pop_front() } else { None }
    }

    pub(super) fn ended(&self) -> impl Iterator<Item = OrderId> {
        self.ended.iter().rev().copied()
    }
}

/// The accounts, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct AccountFolds(Vec<AccountFold>);

impl AccountFolds {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, account: AccountId) -> Option<&AccountFold> {
        self.0.get(account.0 as usize)
    }

    /// Accounts are numbered densely by the engine, so the table grows by what exists.
    pub(super) fn get_mut(&mut self, account: AccountId) -> &mut AccountFold {
        let index = account.0 as usize;
        if index >= self.0.len() {
            self.0.resize_with(index + 1, AccountFold::default);
        }
        &mut self.0[index]
    }
}
