//! Orders that hang together: what a list must be, and how it begins.

use papertape_engine::{Command, Event, Leg, ListOrders, ListPlace, OrderId, OrderKind, PlaceList, PlaceOrder, Reason};

use super::place::{check_flags, check_kind, check_phase, stays};
use super::{Fees, Market, Model};

/// A list that lasts.
#[derive(Clone, Debug)]
pub(super) struct List {
    /// The number of its first order, which may be gone.
    pub(super) id: OrderId,
    /// Its orders by number.
    pub(super) orders: Vec<OrderId>,
    /// Whether the first one must be filled whole before the others come.
    pub(super) has_working: bool,
}

impl Model {
    pub(super) fn place_list(&mut self, list: &PlaceList, events: &mut Vec<Event>) -> Result<(), Reason> {
        let PlaceList { account, instrument, client_order_id: name, .. } = *list;
        self.check_account(account)?;
        let market = self.market_for(account, instrument)?;
        self.check_switches(account, instrument)?;
        let body = Command::PlaceList(*list);
        if let Some(repeated) = self.check_repeat((account, instrument), name, &body)? {
            events.push(repeated);
            return Ok(());
        }
        self.check_rate(account, instrument, &market, list.orders.legs().count())?;
        check_shape(&list.orders)?;
        let has_working = !matches!(list.orders, ListOrders::Oco(_));
        // The list's name is that of its first order.
        let mut orders: Vec<PlaceOrder> = list.orders.legs().map(|leg| list.order(leg)).collect();
        orders[0].client_order_id = name;
        for (n, order) in orders.iter().enumerate() {
            self.check_leg(order, &market, has_working && n > 0)?;
        }
        if has_working {
            self.place_oto(&orders, &market, &body, events)
        } else {
            self.place_oco(&orders, &market, &body, events)
        }
    }

    /// What can be said of one order by itself, without its funds.
    fn check_leg(&self, order: &PlaceOrder, market: &Market, is_pending: bool) -> Result<(), Reason> {
        match &order.trigger {
            Some(trigger) => {
                if !is_pending {
                    check_phase(market.phase)?;
                }
                self.check_waiting(order, trigger, market)
            }
            None => {
                if is_pending {
                    check_flags(order)?;
                } else {
                    check_kind(market.phase, order)?;
                }
                self.check_expiry(order.time_in_force)?;
                market.check_filters(order)
            }
        }
    }

    /// Two orders of which one cancels the other.
    fn place_oco(
        &mut self,
        orders: &[PlaceOrder],
        market: &Market,
        body: &Command,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        for order in orders {
            if let Some(trigger) = &order.trigger
                && self.check_trigger(order, trigger, market)?
            {
                return Err(Reason::TriggerAlreadyMet);
            }
        }
        let (first, other) = first_of(orders);
        if let OrderKind::Limit { price, .. } = orders[first].kind
            && orders[first].trigger.is_none()
        {
            if !market.limit_is_in_band(price) {
                return Err(Reason::PriceOutOfBand);
            }
            if self.would_take(orders[first].instrument, orders[first].side, price) {
                return Err(Reason::PostOnlyWouldTake);
            }
        }
        let needs = self.needs_of_pair(orders, &Fees::new(&market.spec))?;
        self.check_funds(market, &orders[0], needs[0].max(needs[1]))?;
        if let OrderKind::Limit { qty, .. } = orders[first].kind
            && orders[first].trigger.is_none()
        {
            let PlaceOrder { account, instrument, side, .. } = orders[first];
            self.check_position(account, market, instrument, side, qty.0, None)?;
        }
        self.check_count(orders[0].account, orders[0].instrument, 2)?;
        if let OrderKind::Limit { price, qty } = orders[first].kind
            && orders[first].trigger.is_none()
        {
            self.check_level(orders[first].instrument, orders[first].side, price, qty.0, None)?;
        }
        let ids = self.accept_all(orders, false, body, events);
        self.begin_first(ids[first], needs[first], events);
        self.begin_to_wait(ids[other], (needs[other] - needs[first]).max(0));
        Ok(())
    }

    /// A working order, and one or two that come when it has been filled.
    fn place_oto(
        &mut self,
        orders: &[PlaceOrder],
        market: &Market,
        body: &Command,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        let working = &orders[0];
        let outcome = self.check_terms(market, working)?;
        self.check_count(working.account, working.instrument, orders.len())?;
        self.check_room(working, &outcome)?;
        let ids = self.accept_all(orders, true, body, events);
        self.take_waiting(ids[0]);
        self.come(ids[0], working, Fees::new(&market.spec), outcome, events);
        Ok(())
    }

    /// All orders are numbered and told, and their list begins. None of them does anything yet.
    fn accept_all(
        &mut self,
        orders: &[PlaceOrder],
        has_working: bool,
        body: &Command,
        events: &mut Vec<Event>,
    ) -> Vec<OrderId> {
        let mut ids = Vec::new();
        for (n, order) in orders.iter().enumerate() {
            let list = ids.first().copied().unwrap_or(OrderId(self.accepted + 1));
            let place = ListPlace { list, pending: has_working && n > 0 };
            let id = self.accept(order, Some(place), events);
            self.add_pending(id, order);
            ids.push(id);
        }
        self.take_name(orders[0].account, orders[0].client_order_id, ids[0], body);
        self.lists.push(List { id: ids[0], orders: ids.clone(), has_working });
        ids
    }

    /// The first order of a pair, which waits or comes. Whether it traded.
    pub(super) fn begin_first(&mut self, id: OrderId, need: i128, events: &mut Vec<Event>) -> bool {
        let waiting = self.waiting.iter().find(|waiting| waiting.id == id).expect("it was accepted");
        if waiting.terms.trigger.is_some() {
            self.begin_to_wait(id, need);
            return false;
        }
        let before = events.len();
        let waiting = self.take_waiting(id);
        self.come_late(id, &waiting.terms, waiting.fees, events);
        events[before..].iter().any(|event| matches!(event, Event::Trade(_)))
    }

    /// What each of two orders would hold by itself.
    pub(super) fn needs_of_pair(&self, orders: &[PlaceOrder], fees: &Fees) -> Result<[i128; 2], Reason> {
        let need = |order| self.need(order, fees).ok_or(Reason::AmountTooLarge);
        Ok([need(&orders[0])?, need(&orders[1])?])
    }

    /// The list in which an order is.
    pub(super) fn list_of(&self, order: OrderId) -> Option<usize> {
        self.lists.iter().position(|list| list.orders.contains(&order))
    }
}

/// Which of two orders of an OCO holds everything that it needs, and which only what it needs beyond that: first comes the
/// one without a trigger.
pub(super) fn first_of(orders: &[PlaceOrder]) -> (usize, usize) {
    if orders[1].trigger.is_none() { (1, 0) } else { (0, 1) }
}

/// What hangs together.
fn check_shape(orders: &ListOrders) -> Result<(), Reason> {
    match orders {
        ListOrders::Oco(pair) => check_pair(pair),
        ListOrders::Oto { working, .. } => check_working(working),
        ListOrders::Otoco { working, pending } => {
            check_pair(pending)?;
            check_working(working)
        }
    }
}

fn check_pair([one, other]: &[Leg; 2]) -> Result<(), Reason> {
    let (qty, other_qty) = (one.kind.qty(), other.kind.qty());
    let must_stay = |leg: &Leg| leg.trigger.is_some() || is_limit_that_stays(leg);
    if one.side != other.side || qty.is_none() || qty != other_qty {
        Err(Reason::ListLegsDiffer)
    } else if !must_stay(one) || !must_stay(other) {
        Err(Reason::ListLegMustStay)
    } else if one.trigger.is_none() && other.trigger.is_none() {
        Err(Reason::ListNeedsTrigger)
    } else {
        Ok(())
    }
}

fn check_working(leg: &Leg) -> Result<(), Reason> {
    if is_limit_that_stays(leg) && leg.trigger.is_none() { Ok(()) } else { Err(Reason::ListWorkingMustRest) }
}

fn is_limit_that_stays(leg: &Leg) -> bool {
    matches!(leg.kind, OrderKind::Limit { .. }) && stays(leg.time_in_force)
}
