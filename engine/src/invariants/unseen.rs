//! Orders that wait, and lists.

use std::collections::BTreeMap;

use crate::book::OrderBook;
use crate::command::Side;
use crate::engine::Engine;
use crate::holdings::Holding;
use crate::ids::{AccountId, InstrumentId, OrderId};
use crate::instrument::Phase;
use crate::market::Market;
use crate::triggers::{WaitState, Waiting};
use crate::units::Amount;

impl<B: OrderBook> Engine<B> {
    /// Adds what orders that wait hold.
    pub(super) fn check_waiting(&self, held: &mut [Vec<Amount>]) -> Result<(), String> {
        let mut counts = BTreeMap::<(AccountId, InstrumentId), u32>::new();
        let mut waiting_orders = 0;
        for (instrument, market) in (0..).map(InstrumentId).zip(&self.markets) {
            for (order, waiting) in market.triggers.iter() {
                self.check_one_waiting(instrument, market, (order, waiting))?;
                let (terms, spec) = (&waiting.terms, &market.clerk.instrument.spec);
                let asset = if terms.side == Side::Buy { spec.quote } else { spec.base };
                let sum = &mut held[terms.account.0 as usize][usize::from(asset.0)];
                let more = sum.checked_add(waiting.held);
                *sum = more.ok_or_else(|| format!("account {} holds more than there can be", terms.account))?;
                *counts.entry((terms.account, instrument)).or_default() += 1;
            }
            if market.triggers.indexed() != market.triggers.len() {
                return Err(format!("instrument {instrument} looks for orders that do not wait"));
            }
            waiting_orders += market.triggers.len();
        }
        if waiting_orders != self.desk.waiting.len() || !self.fired.is_empty() {
            return Err(format!("{waiting_orders} orders wait, the index has {}", self.desk.waiting.len()));
        }
        for (instrument, pending) in self.desk.lists.all_pending() {
            *counts.entry((pending.terms.account, instrument)).or_default() += 1;
        }
        self.check_counts(counts)
    }

    fn check_one_waiting(
        &self,
        instrument: InstrumentId,
        market: &Market<B>,
        (order, waiting): (OrderId, &Waiting),
    ) -> Result<(), String> {
        let terms = &waiting.terms;
        let reference = market.reference().filter(|_| market.phase == Phase::Continuous);
        let reached = reference.zip(terms.trigger);
        let reached = reached.is_some_and(|(reference, trigger)| trigger.is_reached(terms.side, reference));
        let is_armed = market.triggers.state(order) == Some(WaitState::Armed);
        if !market.triggers.is_indexed(order, waiting) || (reached && is_armed) {
            return Err(format!("order {order} waits for what has happened or is not looked for"));
        }
        if self.desk.waiting.instrument(order) != Some(instrument) || self.find(order).is_some() {
            return Err(format!("order {order} waits in {instrument}, which the index does not know"));
        }
        let Holding { account, instrument: at, .. } = *self.desk.holdings.at(waiting.holding);
        if (account, at) != (terms.account, instrument) || waiting.held.is_negative() {
            return Err(format!("order {order} waits for somebody else"));
        }
        Ok(())
    }

    /// How many orders wait or are pending, by account and instrument, is what accounts count.
    fn check_counts(&self, mut counts: BTreeMap<(AccountId, InstrumentId), u32>) -> Result<(), String> {
        for account in (0..self.account_count()).map(AccountId) {
            for holding in (0..).map_while(|n| self.desk.holdings.nth(account, n)) {
                let count = counts.remove(&(account, holding.instrument)).unwrap_or_default();
                if count != holding.waiting {
                    return Err(format!("account {account} counts {}, and {count} wait", holding.waiting));
                }
            }
        }
        if counts.is_empty() { Ok(()) } else { Err("orders wait that no account counts".to_owned()) }
    }

    pub(super) fn check_order_lists(&self) -> Result<(), String> {
        for (number, instrument, list) in self.desk.lists.iter() {
            let mut accounts = Vec::new();
            for order in list.orders() {
                if self.desk.lists.of(order) != Some(number) {
                    return Err(format!("order {order} of list {number} does not know it"));
                }
                let resting = self.find(order).filter(|at| at.instrument == instrument).map(|at| {
                    let terms = self.markets[usize::from(instrument.0)].clerk.terms(at.slot.0);
                    (terms.account, terms.linked)
                });
                let waiting = || self.markets[usize::from(instrument.0)].triggers.get(order);
                let pending = || self.desk.lists.pending(order).filter(|(at, _)| *at == instrument);
                let account = resting
                    .or_else(|| waiting().map(|waiting| (waiting.terms.account, true)))
                    .or_else(|| pending().map(|(_, pending)| (pending.terms.account, true)));
                match account {
                    Some((account, true)) => accounts.push(account),
                    _ => return Err(format!("list {number} names order {order}, which is not open")),
                }
            }
            if accounts.windows(2).any(|pair| pair[0] != pair[1]) {
                return Err(format!("list {number} has orders of several accounts"));
            }
        }
        Ok(())
    }
}
