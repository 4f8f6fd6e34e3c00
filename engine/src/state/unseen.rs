//! What is in no book: orders that wait, lists, who may not trade, and how many orders were sent.

use wincode::{SchemaRead, SchemaWrite};

use super::{NameRecord, RestoreError, name_record, records, section};
use crate::apply::{check_at_auction, check_leg};
use crate::book::OrderBook;
use crate::clients::NO_NAME;
use crate::command::{KillScope, OrderKind, PlaceOrder, SelfTradePrevention, Side, TimeInForce, Trigger};
use crate::engine::Engine;
use crate::fees::FeeMeter;
use crate::ids::{AccountId, InstrumentId, OrderId};
use crate::lists::{List, Pending};
use crate::triggers::{WaitState, Waiting};
use crate::units::{Amount, Price, Qty};

const WAITING: u32 = 12;
const ORDER_LISTS: u32 = 13;
const KILL_SWITCHES: u32 = 14;
const SUSPENDED: u32 = 15;
const RATES: u32 = 16;

/// The terms of an order that is in no book.
#[derive(SchemaRead, SchemaWrite)]
struct UnseenRecord {
    order: OrderId,
    account: AccountId,
    instrument: InstrumentId,
    sell: bool,
    kind: OrderKind,
    time_in_force: TimeInForce,
    post_only: bool,
    self_trade_prevention: SelfTradePrevention,
    display_qty: Option<Qty>,
    min_qty: Qty,
    reduce_only: bool,
    imbalance_only: bool,
    trigger: Option<Trigger>,
    fees: FeeMeter,
}

#[derive(SchemaRead, SchemaWrite)]
struct WaitingRecord {
    terms: UnseenRecord,
    name: Option<NameRecord>,
    held: Amount,
    /// The best reference of one that trails, the worst price of one that waits for an auction.
    best: Option<Price>,
}

#[derive(SchemaRead, SchemaWrite)]
struct ListRecord {
    list: OrderId,
    instrument: InstrumentId,
    /// The pair of an OCO, or the working order alone.
    orders: Vec<OrderId>,
    pending: Vec<UnseenRecord>,
}

impl<B: OrderBook> Engine<B> {
    pub(super) fn unseen_sections(&self) -> [(u32, Vec<u8>); 5] {
        [
            (WAITING, section(self.waiting_records().into_iter())),
            (ORDER_LISTS, section(self.list_records().into_iter())),
            (KILL_SWITCHES, section(self.desk.switches.kills())),
            (SUSPENDED, section(self.desk.switches.suspended())),
            (RATES, section(self.desk.rates.iter().map(|(key, sent)| (*key, *sent)))),
        ]
    }

    /// After the orders in the books.
    pub(super) fn restore_unseen(&mut self, sections: &[(u32, Vec<u8>)]) -> Result<(), RestoreError> {
        self.restore_waiting(sections)?;
        self.restore_lists(sections)?;
        self.restore_switches(sections)
    }

    fn waiting_records(&self) -> Vec<WaitingRecord> {
        let waiting = self.markets.iter().flat_map(|market| {
            market.triggers.iter().map(move |(order, waiting)| {
                let best = match market.triggers.state(order) {
                    Some(WaitState::Trailing { best }) => Some(best),
                    Some(WaitState::ForAuction { worst }) => Some(worst),
                    _ => None,
                };
                (order, waiting, best)
            })
        });
        let records = waiting.map(|(order, waiting, best)| WaitingRecord {
            terms: unseen_record(order, &waiting.terms, waiting.fees),
            name: (waiting.name != NO_NAME).then(|| name_record(self.desk.names.at(waiting.name))),
            held: waiting.held,
            best,
        });
        records.collect()
    }

    fn list_records(&self) -> Vec<ListRecord> {
        let records = self.desk.lists.iter().map(|(list, instrument, content)| match content {
            List::Oco(orders) => ListRecord { list, instrument, orders: orders.to_vec(), pending: Vec::new() },
            List::Opening { working, pending } => {
                let record = |pending: &Pending| unseen_record(pending.order, &pending.terms, pending.fees);
                let pending = pending.iter().map(record).collect();
                ListRecord { list, instrument, orders: vec![*working], pending }
            }
        });
        records.collect()
    }

    fn restore_waiting(&mut self, sections: &[(u32, Vec<u8>)]) -> Result<(), RestoreError> {
        for WaitingRecord { terms, name, held, best } in records(sections, WAITING)? {
            let (order, mut terms, fees) = self.unseen(&terms)?;
            let fits = match terms.trigger {
                Some(trigger) => {
                    let trails_now = best.is_some_and(|best| best.0 > 0 && trigger.trail.is_some());
                    best.is_some() == trails_now && (trigger.price.is_some() || trails_now)
                }
                None => {
                    terms.time_in_force.auction().is_some()
                        && best.is_some_and(|worst| self.may_cost(&terms, worst, fees))
                }
            };
            if !fits || held.is_negative() {
                return Err(RestoreError::Contradiction("an order that waits"));
            }
            let name = match name {
                None => NO_NAME,
                Some(name) => self.restore_name(terms.account, order, terms.instrument, name)?,
            };
            terms.client_order_id = self.desk.name(name);
            let PlaceOrder { account, instrument, time_in_force, .. } = terms;
            let market = &mut self.markets[usize::from(instrument.0)];
            let holding = self.desk.holding(account, instrument, &market.clerk.instrument.spec);
            self.desk.holdings.at_mut(holding).waiting += 1;
            self.desk.lifetimes.begin(order, instrument, time_in_force);
            self.desk.waiting.insert(account, instrument, order);
            let waiting = Waiting { terms, fees, name, holding, held };
            match best.filter(|_| terms.trigger.is_none()) {
                Some(worst) => market.triggers.insert_at_auction(order, waiting, worst),
                None => market.triggers.insert(order, waiting, best),
            }
        }
        Ok(())
    }

    /// Whether an order at an auction's worst price is one that can be told.
    fn may_cost(&self, terms: &PlaceOrder, worst: Price, fees: FeeMeter) -> bool {
        let clerk = &self.markets[usize::from(terms.instrument.0)].clerk;
        let qty = terms.kind.qty().unwrap_or_default();
        let limit = if let OrderKind::Limit { price, .. } = terms.kind { price } else { worst };
        worst.0 > 0 && limit == worst && clerk.worst_cost(terms.side, worst, qty, &fees).is_some()
    }

    fn restore_lists(&mut self, sections: &[(u32, Vec<u8>)]) -> Result<(), RestoreError> {
        for ListRecord { list, instrument, orders, pending } in records(sections, ORDER_LISTS)? {
            self.known(AccountId::FEES, None, Some(instrument))?;
            let mut others = Vec::new();
            for record in &pending {
                let (order, terms, fees) = self.unseen(record)?;
                if terms.time_in_force.auction().is_some() {
                    return Err(RestoreError::Contradiction("terms of an order"));
                }
                let spec = &self.markets[usize::from(instrument.0)].clerk.instrument.spec;
                let row = self.desk.holding(terms.account, instrument, spec);
                self.desk.holdings.at_mut(row).waiting += 1;
                others.push(Pending { order, terms, fees });
            }
            for order in &orders {
                match self.find(*order) {
                    Some(at) => self.markets[usize::from(at.instrument.0)].clerk.terms_mut(at.slot.0).linked = true,
                    None if self.desk.waiting.instrument(*order).is_some() => {}
                    None => return Err(RestoreError::Contradiction("a list of orders that are not open")),
                }
            }
            let content = match (&orders[..], others.len()) {
                (&[first, second], 0) if first != second => List::Oco([first, second]),
                (&[working], 1 | 2) => List::Opening { working, pending: others },
                _ => return Err(RestoreError::Contradiction("a list of orders")),
            };
            let taken = self.desk.lists.get(list).is_some()
                || content.orders().any(|order| self.desk.lists.of(order).is_some());
            if taken {
                return Err(RestoreError::Contradiction("an order in two lists"));
            }
            self.desk.lists.insert(list, instrument, content);
        }
        Ok(())
    }

    fn restore_switches(&mut self, sections: &[(u32, Vec<u8>)]) -> Result<(), RestoreError> {
        for scope in records::<KillScope>(sections, KILL_SWITCHES)? {
            match scope {
                KillScope::Venue => {}
                KillScope::Instrument(instrument) => self.known(AccountId::FEES, None, Some(instrument))?,
                KillScope::Account(account) => self.known(account, None, None)?,
            }
            self.desk.switches.set_kill(scope, true);
        }
        for account in records::<AccountId>(sections, SUSPENDED)? {
            self.known(account, None, None)?;
            self.desk.switches.set_suspended(account, true);
        }
        for ((account, instrument), sent) in records::<((AccountId, InstrumentId), (u64, u32))>(sections, RATES)? {
            self.known(account, None, Some(instrument))?;
            self.desk.rates.insert((account, instrument), sent);
        }
        Ok(())
    }

    /// The terms of an order that is in no book.
    fn unseen(&self, record: &UnseenRecord) -> Result<(OrderId, PlaceOrder, FeeMeter), RestoreError> {
        let UnseenRecord {
            order, account, instrument, kind, time_in_force, post_only, display_qty, trigger, fees, ..
        } = *record;
        let UnseenRecord { min_qty, reduce_only, imbalance_only, .. } = *record;
        self.known(account, None, Some(instrument))?;
        let known = self.find(order).is_some() || self.desk.waiting.instrument(order).is_some();
        if account == AccountId::FEES || order.0 == 0 || order.0 > self.desk.order_count || known {
            return Err(RestoreError::Contradiction("order"));
        }
        if !fees.is_sound() {
            return Err(RestoreError::Contradiction("order fees"));
        }
        let terms = PlaceOrder {
            account,
            instrument,
            side: if record.sell { Side::Sell } else { Side::Buy },
            kind,
            time_in_force,
            post_only,
            self_trade_prevention: Some(record.self_trade_prevention),
            display_qty,
            min_qty,
            reduce_only,
            imbalance_only,
            peg: None,
            trigger,
            client_order_id: None,
        };
        let market = &self.markets[usize::from(instrument.0)];
        let sound = match terms.time_in_force.auction() {
            Some(_) => check_at_auction(&market.clerk.instrument, &terms),
            None => check_leg(market, &terms, true, 0),
        };
        sound.map_err(|_| RestoreError::Contradiction("terms of an order"))?;
        Ok((order, terms, fees))
    }
}

fn unseen_record(order: OrderId, terms: &PlaceOrder, fees: FeeMeter) -> UnseenRecord {
    let PlaceOrder { account, instrument, side, kind, time_in_force, post_only, display_qty, trigger, .. } = *terms;
    let PlaceOrder { min_qty, reduce_only, imbalance_only, .. } = *terms;
    let self_trade_prevention = terms.self_trade_prevention.expect("an accepted order has a mode");
    let sell = side == Side::Sell;
    UnseenRecord {
        order,
        account,
        instrument,
        sell,
        kind,
        time_in_force,
        post_only,
        self_trade_prevention,
        display_qty,
        min_qty,
        reduce_only,
        imbalance_only,
        trigger,
        fees,
    }
}
