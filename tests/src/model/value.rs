//! What quantities and prices are worth, and what an open order may still cost. No value exceeds 10^32 units.

use papertape_engine::{AccountId, AssetId, FeeAsset, InstrumentId, Price, Side};

use super::wait::Waiting;
use super::{AMOUNT_MAX, Fees, Market, Model, Order};

impl Market {
    /// Base units of this many lots.
    pub(super) fn base_value(&self, lots: u64) -> Option<i128> {
        self.spec.lot.0.checked_mul(lots.into()).filter(|units| *units <= AMOUNT_MAX)
    }

    /// Quote units of this many lots at a price.
    pub(super) fn quote_value(&self, price: Price, lots: u64) -> Option<i128> {
        let units = u128::from(price.0).checked_mul(lots.into())?.checked_mul(self.unit)?;
        i128::try_from(units).ok().filter(|units| *units <= AMOUNT_MAX)
    }

    /// The asset that an order on this side pays with.
    pub(super) fn paid_with(&self, side: Side) -> AssetId {
        if side == Side::Buy { self.spec.quote } else { self.spec.base }
    }

    /// The most that this many more lots can take from the account. A seller gives what is sold; a buyer pays the
    /// limit, and the higher of the two fees on top if fees are in quote. The value counts for sellers too: it must
    /// be one that can be paid out.
    pub(super) fn worst_cost(&self, side: Side, price: Price, lots: u64, fees: &Fees) -> Option<i128> {
        let (base, value) = (self.base_value(lots)?, self.quote_value(price, lots)?);
        let cost = match (side, self.spec.fee_asset) {
            (Side::Sell, _) => base,
            (Side::Buy, FeeAsset::Received) => value,
            (Side::Buy, FeeAsset::Quote) => value + fees.most(value),
        };
        Some(cost).filter(|cost| *cost <= AMOUNT_MAX)
    }
}

impl Model {
    /// What an open order holds.
    pub(super) fn hold(&self, order: &Order) -> i128 {
        let market = &self.markets[usize::from(order.instrument.0)];
        let price = order.peg.map_or(order.price, |(_, limit)| limit);
        let hold = market.worst_cost(order.side, price, order.leaves, &order.fees);
        hold.expect("an order whose value cannot be represented is refused")
    }

    /// What all open orders of an account hold of an asset, those that wait included.
    pub(super) fn held(&self, account: AccountId, asset: AssetId) -> i128 {
        let pays_with = |instrument: InstrumentId, side| self.markets[usize::from(instrument.0)].paid_with(side);
        let holds_it = |order: &&Order| order.account == account && pays_with(order.instrument, order.side) == asset;
        let resting: i128 = self.orders.iter().filter(holds_it).map(|order| self.hold(order)).sum();
        let holds_it = |waiting: &&Waiting| {
            waiting.terms.account == account && pays_with(waiting.terms.instrument, waiting.terms.side) == asset
        };
        let waiting: i128 = self.waiting.iter().filter(holds_it).map(|waiting| waiting.held).sum();
        resting + waiting
    }

    /// What an account has of an asset, held or not.
    pub(super) fn total(&self, account: AccountId, asset: AssetId) -> i128 {
        self.money.get(&(account, asset)).copied().unwrap_or(0)
    }

    /// What an account can spend.
    pub(super) fn free(&self, account: AccountId, asset: AssetId) -> i128 {
        self.total(account, asset) - self.held(account, asset)
    }
}
