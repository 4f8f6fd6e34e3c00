//! Limits on what an account may do in an instrument: how much it may come to have, and how many orders it may send.

use crate::book::{OrderBook, Resting, Slot};
use crate::command::Side;
use crate::engine::Engine;
use crate::holdings::NO_SLOT;
use crate::ids::{AccountId, InstrumentId};
use crate::market::Market;
use crate::reason::Reason;
use crate::units::Qty;

const SECOND_NS: u64 = 1_000_000_000;

impl<B: OrderBook> Engine<B> {
    /// Whether an account's balance of the base asset, with its open buy orders filled and `lots` more bought, is within
    /// MAX_POSITION. `instead_of` is an open order that the lots replace.
    #[cold]
    pub(super) fn check_position_with(
        &self,
        market: &Market<B>,
        account: AccountId,
        lots: Qty,
        instead_of: Option<Slot>,
    ) -> Result<(), Reason> {
        if self.desk.buying_back == Some(account) {
            return Ok(());
        }
        let instrument = &market.clerk.instrument;
        let balance = self.desk.ledger.balance(account, instrument.spec.base);
        let mut total = balance.free.checked_add(balance.held);
        let mut add =
            |lots| total = total.zip(instrument.base_value(lots)).and_then(|(sum, more)| sum.checked_add(more));
        add(lots);
        let holding = self.desk.holdings.find(account, market.clerk.instrument_id);
        let mut slot = holding.map_or(NO_SLOT, |row| self.desk.holdings.at(row).first);
        while let Some(Resting { side, leaves_qty, .. }) = market.get(Slot(slot)) {
            if side == Side::Buy && instead_of != Some(Slot(slot)) {
                add(leaves_qty);
            }
            slot = market.clerk.terms(slot).younger;
        }
        let fits = total.is_some_and(|total| total <= instrument.spec.filters.position_max);
        if fits { Ok(()) } else { Err(Reason::PositionLimit) }
    }

    /// Whether an account may send so many more orders in this second.
    #[inline]
    pub(super) fn check_rate(
        &self,
        account: AccountId,
        instrument: InstrumentId,
        time_ns: u64,
        more: u32,
    ) -> Result<(), Reason> {
        let max = self.markets[usize::from(instrument.0)].clerk.instrument.spec.filters.orders_per_second_max;
        if max == u32::MAX { Ok(()) } else { self.check_rate_within(max, (account, instrument), time_ns, more) }
    }

    #[cold]
    fn check_rate_within(
        &self,
        max: u32,
        (account, instrument): (AccountId, InstrumentId),
        time_ns: u64,
        more: u32,
    ) -> Result<(), Reason> {
        let (second, sent) = self.desk.rates.get(&(account, instrument)).copied().unwrap_or_default();
        let sent = if second == time_ns / SECOND_NS { sent } else { 0 };
        let fits = u64::from(sent) + u64::from(more) <= u64::from(max);
        if fits { Ok(()) } else { Err(Reason::OrderRate) }
    }

    /// Orders of an account were accepted.
    #[inline]
    pub(super) fn count_rate(&mut self, account: AccountId, instrument: InstrumentId, time_ns: u64, more: u32) {
        let max = self.markets[usize::from(instrument.0)].clerk.instrument.spec.filters.orders_per_second_max;
        if max != u32::MAX {
            self.count_rate_within((account, instrument), time_ns, more);
        }
    }

    #[cold]
    fn count_rate_within(&mut self, key: (AccountId, InstrumentId), time_ns: u64, more: u32) {
        let now = time_ns / SECOND_NS;
        let (second, sent) = self.desk.rates.entry(key).or_default();
        *sent = if *second == now { *sent } else { 0 } + more;
        *second = now;
    }
}
