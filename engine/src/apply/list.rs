//! Orders that hang together: how they come, and what becomes of the others when one is filled, fires or ends.

use super::fire::cause_of;
use super::place::{Coming, check_alone, check_expiry, check_rules, funded, would_take};
use super::wait::{Arming, arm, check_trigger_phase, check_waiting};
use crate::book::OrderBook;
use crate::clients::NO_NAME;
use crate::command::{Command, Leg, ListOrders, OrderKind, PlaceList, PlaceOrder, Stamp};
use crate::engine::Engine;
use crate::event::{Event, ListPlace};
use crate::fees::FeeMeter;
use crate::ids::{InstrumentId, OrderId};
use crate::instrument::Phase;
use crate::lists::{List, News, Pending};
use crate::market::Market;
use crate::reason::{CancelCause, Reason};
use crate::units::Amount;

/// One order of a pair that comes now.
#[derive(Clone, Copy)]
struct PairLeg {
    terms: PlaceOrder,
    /// How it begins to wait, if it has a trigger.
    arming: Option<Arming>,
    /// What it would hold by itself, if that can be represented.
    need: Option<Amount>,
}

impl<B: OrderBook> Engine<B> {
    pub(super) fn place_list(
        &mut self,
        stamp: Stamp,
        list: &PlaceList,
        command: &Command,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.check_account(list.account)?;
        let instrument = list.instrument;
        let spec = &self.market(instrument).ok_or(Reason::UnknownInstrument)?.clerk.instrument.spec;
        let fees = FeeMeter::new(spec.maker_fee, spec.taker_fee);
        self.desk.switches.check(list.account, instrument)?;
        let print = match list.client_order_id {
            None => 0,
            Some(id) => match self.print_of(command, list.account, id, events)? {
                Some(print) => print,
                None => return Ok(()),
            },
        };
        let count = list.orders.legs().count() as u32;
        self.check_rate(list.account, instrument, stamp.time_ns, count)?;
        check_shape(&list.orders)?;
        let market = &self.markets[usize::from(instrument.0)];
        let pending_from = if matches!(list.orders, ListOrders::Oco(_)) { usize::MAX } else { 1 };
        for (number, leg) in list.orders.legs().enumerate() {
            check_leg(market, &list.order(leg), number >= pending_from, stamp.time_ns)?;
        }
        let first = |leg| PlaceOrder { client_order_id: list.client_order_id, ..list.order(leg) };
        match &list.orders {
            ListOrders::Oco([a, b]) => self.place_pair([first(a), list.order(b)], (fees, print), events),
            ListOrders::Oto { working, pending } => {
                self.place_opening(&first(working), &[list.order(pending)], (fees, print), events)
            }
            ListOrders::Otoco { working, pending } => {
                let pending = pending.map(|leg| list.order(&leg));
                self.place_opening(&first(working), &pending, (fees, print), events)
            }
        }?;
        self.count_rate(list.account, instrument, stamp.time_ns, count);
        Ok(())
    }

    /// An OCO that comes now.
    fn place_pair(
        &mut self,
        orders: [PlaceOrder; 2],
        (fees, print): (FeeMeter, u64),
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        let market = &self.markets[usize::from(orders[0].instrument.0)];
        let mut legs = Vec::with_capacity(2);
        for terms in orders {
            let leg = pair_leg(market, terms, &fees)?;
            if leg.arming.is_some_and(|arming| arming.fires_at.is_some()) {
                return Err(Reason::TriggerAlreadyMet);
            }
            legs.push(leg);
        }
        let limit = |leg: &PairLeg| match leg.terms.kind {
            OrderKind::Limit { price, qty } if leg.arming.is_none() => Some((price, qty)),
            _ => None,
        };
        let resting = legs.iter().find_map(|leg| limit(leg).map(|terms| (leg.terms, terms)));
        if let Some((order, (price, _))) = resting {
            market.clerk.check_band(price)?;
            if would_take(market, order.side, price) {
                return Err(Reason::PostOnlyWouldTake);
            }
        }
        funded(dearer(&legs).ok_or(Reason::AmountTooLarge)?, self.free(&orders[0]))?;
        if let Some((order, (_, qty))) = resting {
            self.check_position(market, &order, qty)?;
        }
        self.check_cap(&orders[0], 2)?;
        if let Some((order, terms)) = resting {
            self.check_resting(market, order.side, terms)?;
        }
        let list = self.next_order();
        let place = Some(ListPlace { list, pending: false });
        let coming = orders.each_ref().map(|order| self.accept(order, (fees, print), place, events));
        self.desk.lists.insert(list, orders[0].instrument, List::Oco(coming.map(|coming| coming.order)));
        coming.iter().for_each(|coming| self.count_waiting(coming.terms, 1));
        self.begin_pair(coming, [legs[0], legs[1]], events);
        Ok(())
    }

    /// A list whose first order works, and whose others are to come.
    fn place_opening(
        &mut self,
        working: &PlaceOrder,
        pending: &[PlaceOrder],
        (fees, print): (FeeMeter, u64),
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        let instrument = working.instrument;
        let market = &self.markets[usize::from(instrument.0)];
        let cap = market.clerk.instrument.spec.filters.open_orders_max.saturating_sub(pending.len() as u32);
        let intent = self.intend(market, working, &fees, cap)?;
        let list = self.next_order();
        let first = self.accept(working, (fees, print), Some(ListPlace { list, pending: false }), events);
        let place = Some(ListPlace { list, pending: true });
        let mut others = Vec::with_capacity(pending.len());
        for order in pending {
            let coming = self.accept(order, (fees, 0), place, events);
            self.count_waiting(order, 1);
            others.push(Pending { order: coming.order, terms: coming.accepted(), fees });
        }
        self.desk.lists.insert(list, instrument, List::Opening { working: list, pending: others });
        self.enter(&first, &intent, events);
        Ok(())
    }

    /// The number of the next order.
    fn next_order(&self) -> OrderId {
        OrderId(self.desk.order_count + 1)
    }

    /// The orders of a pair, which have been counted and checked, begin: the first in the book or waiting, the other waiting.
    /// The first holds what it needs, the other what it needs beyond that.
    fn begin_pair(&mut self, coming: [Coming<'_>; 2], legs: [PairLeg; 2], events: &mut Vec<Event>) {
        let first = usize::from(legs[1].arming.is_none());
        let (first, other) = ((&coming[first], &legs[first]), (&coming[1 - first], &legs[1 - first]));
        let need = |leg: &PairLeg| leg.need.expect("it was checked");
        match first.1.arming {
            Some(arming) => self.begin_waiting(first.0, &arming, need(first.1)),
            None => {
                self.count_waiting(first.0.terms, -1);
                self.come(&Coming { linked: true, ..*first.0 }, events);
            }
        }
        if self.desk.lists.has_news_of(first.0.order) {
            // It traded, or could not come: the other never does.
            let list = self.desk.lists.of(first.0.order).expect("it is a list until its news are worked");
            self.desk.lists.dissolve(list);
            return self.end_pending(other.0.order, other.0.terms, CancelCause::List, events);
        }
        // Where triggers look at the middle, the first order may have moved it.
        let arming = other.1.arming.expect("at most one order of a pair has no trigger");
        let market = &self.markets[usize::from(other.0.terms.instrument.0)];
        let arming = arm(market, other.0.terms, &other.0.fees).unwrap_or(arming);
        let beyond = (need(other.1) - need(first.1)).max(Amount::ZERO);
        self.begin_waiting(other.0, &arming, beyond);
    }

    /// Does what a list has to do when one of its orders was filled, fired or ended.
    pub(super) fn work_list(&mut self, order: OrderId, news: News, time_ns: u64, events: &mut Vec<Event>) {
        let Some(number) = self.desk.lists.of(order) else { return };
        let (instrument, list) = self.desk.lists.get(number).expect("its order names it");
        let instrument = *instrument;
        match list {
            List::Opening { working, .. } if *working == order && news == News::Filled => {}
            List::Opening { working, .. } if *working == order && news == News::FilledWhole => {
                let list = self.desk.lists.dissolve(number);
                let Some(List::Opening { pending, .. }) = list else { unreachable!("it was just seen") };
                self.release(number, instrument, &pending, time_ns, events);
            }
            _ => self.end_others(number, order, events),
        }
    }

    /// An order of a list ended, or takes the list's place: the others end.
    fn end_others(&mut self, number: OrderId, order: OrderId, events: &mut Vec<Event>) {
        let list = self.desk.lists.dissolve(number).expect("its order names it");
        let others: Vec<OrderId> = list.orders().filter(|other| *other != order).collect();
        for other in others {
            let pending = match &list {
                List::Opening { pending, .. } => pending.iter().find(|pending| pending.order == other),
                List::Oco(_) => None,
            };
            match pending {
                Some(pending) => self.end_pending(other, &pending.terms, CancelCause::List, events),
                None => self.end_open(other, CancelCause::List, events),
            }
        }
    }

    /// Ends an order that rests or waits, if it still does.
    pub(super) fn end_open(&mut self, order: OrderId, cause: CancelCause, events: &mut Vec<Event>) {
        if let Some(located) = self.find(order) {
            self.end_resting(located, &self.resting(located), cause, events);
        } else if let Some(instrument) = self.desk.waiting.instrument(order) {
            self.end_waiting(instrument, order, cause, events);
        }
    }

    /// Ends an order that is pending.
    pub(super) fn end_pending(
        &mut self,
        order: OrderId,
        terms: &PlaceOrder,
        cause: CancelCause,
        events: &mut Vec<Event>,
    ) {
        self.count_waiting(terms, -1);
        self.end_unseen(order, terms, cause, events);
    }

    /// The first order of a list has been filled: those that were pending come.
    fn release(
        &mut self,
        list: OrderId,
        instrument: InstrumentId,
        pending: &[Pending],
        time_ns: u64,
        events: &mut Vec<Event>,
    ) {
        for Pending { order, terms, .. } in pending {
            let PlaceOrder { account, side, .. } = *terms;
            events.push(Event::Released { order: *order, account, instrument, side });
        }
        let coming: Vec<Coming> = pending.iter().map(coming_of).collect();
        let mut legs = Vec::with_capacity(coming.len());
        for leg in &coming {
            match self.ready(leg, time_ns) {
                Ok(ready) => legs.push(ready),
                Err(cause) => return self.end_released(&coming, Some((leg.order, cause)), events),
            }
        }
        if let Some((leg, _)) = coming.iter().zip(&legs).find(|(_, leg)| leg.need.is_none()) {
            return self.end_released(&coming, Some((leg.order, CancelCause::NoRoom)), events);
        }
        let free = self.free(coming[0].terms);
        match (&coming[..], &legs[..]) {
            (&[one], &[leg]) => match leg.arming {
                Some(_) if leg.need.is_some_and(|need| need > free) => self.end_released(&coming, None, events),
                Some(arming) => self.begin_waiting(&one, &arming, leg.need.expect("it is ready")),
                None => {
                    self.count_waiting(one.terms, -1);
                    self.come(&one, events);
                }
            },
            (&[a, b], &[first, second]) => {
                if dearer(&legs).is_none_or(|need| need > free) {
                    return self.end_released(&coming, None, events);
                }
                self.desk.lists.insert(list, instrument, List::Oco([a.order, b.order]));
                self.begin_pair([a, b], [first, second], events);
            }
            _ => unreachable!("one or two orders are pending"),
        }
    }

    /// Whether an order that is released can come, and how.
    fn ready(&self, coming: &Coming, time_ns: u64) -> Result<PairLeg, CancelCause> {
        let market = &self.markets[usize::from(coming.terms.instrument.0)];
        check_expiry(coming.terms, time_ns).map_err(cause_of)?;
        let phase = match coming.terms.trigger {
            Some(_) => check_trigger_phase(market.phase),
            None => check_rules(market.phase, coming.terms),
        };
        phase.map_err(|_| CancelCause::NotTrading)?;
        pair_leg(market, *coming.terms, &coming.fees).map_err(cause_of)
    }

    /// Orders that were released cannot come: one for its own cause, the others with it; or all for want of funds.
    fn end_released(&mut self, coming: &[Coming], one: Option<(OrderId, CancelCause)>, events: &mut Vec<Event>) {
        let failed = coming.iter().filter(|coming| one.is_some_and(|(order, _)| order == coming.order));
        let others = coming.iter().filter(|coming| one.is_none_or(|(order, _)| order != coming.order));
        let cause_of_others = if one.is_some() { CancelCause::List } else { CancelCause::InsufficientFunds };
        for coming in failed {
            let cause = one.map_or(cause_of_others, |(_, cause)| cause);
            self.end_pending(coming.order, coming.terms, cause, events);
        }
        for coming in others {
            self.end_pending(coming.order, coming.terms, cause_of_others, events);
        }
    }
}

fn coming_of(pending: &Pending) -> Coming<'_> {
    let Pending { order, terms, fees } = pending;
    let mode = terms.self_trade_prevention.unwrap_or_default();
    Coming { order: *order, terms, mode, fees: *fees, name: NO_NAME, linked: false }
}

/// The most that one of them holds by itself.
fn dearer(legs: &[PairLeg]) -> Option<Amount> {
    legs.iter().map(|leg| leg.need).try_fold(Amount::ZERO, |most, need| Some(most.max(need?)))
}

fn pair_leg<B: OrderBook>(market: &Market<B>, terms: PlaceOrder, fees: &FeeMeter) -> Result<PairLeg, Reason> {
    if terms.trigger.is_some() {
        let arming = arm(market, &terms, fees)?;
        return Ok(PairLeg { terms, arming: Some(arming), need: arming.need });
    }
    let need = match terms.kind {
        OrderKind::Limit { price, qty } => market.clerk.worst_cost(terms.side, price, qty, fees),
        // What it needs is found when it comes.
        _ => Some(Amount::ZERO),
    };
    Ok(PairLeg { terms, arming: None, need })
}

/// What an order of a list must fulfil, whatever its account has and the market is.
pub(crate) fn check_leg<B: OrderBook>(
    market: &Market<B>,
    order: &PlaceOrder,
    is_pending: bool,
    time_ns: u64,
) -> Result<(), Reason> {
    let instrument = &market.clerk.instrument;
    match order.trigger {
        Some(_) => {
            if !is_pending {
                check_trigger_phase(market.phase)?;
            }
            check_waiting(instrument, order, time_ns)
        }
        None => check_alone(instrument, if is_pending { Phase::Continuous } else { market.phase }, order, time_ns),
    }
}

fn check_shape(orders: &ListOrders) -> Result<(), Reason> {
    match orders {
        ListOrders::Oco(pair) => check_pair(pair),
        ListOrders::Oto { working, .. } => check_working(working),
        ListOrders::Otoco { working, pending } => check_pair(pending).and_then(|()| check_working(working)),
    }
}

fn check_pair(pair: &[Leg; 2]) -> Result<(), Reason> {
    let [a, b] = pair;
    if a.side != b.side || a.kind.qty().is_none() || a.kind.qty() != b.kind.qty() {
        return Err(Reason::ListLegsDiffer);
    }
    if pair.iter().any(|leg| leg.trigger.is_none() && !rests(leg)) {
        return Err(Reason::ListLegMustStay);
    }
    if pair.iter().all(|leg| leg.trigger.is_none()) {
        return Err(Reason::ListNeedsTrigger);
    }
    Ok(())
}

fn check_working(working: &Leg) -> Result<(), Reason> {
    if working.trigger.is_none() && rests(working) { Ok(()) } else { Err(Reason::ListWorkingMustRest) }
}

fn rests(leg: &Leg) -> bool {
    matches!(leg.kind, OrderKind::Limit { .. }) && leg.time_in_force.stays()
}
