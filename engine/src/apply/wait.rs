//! Orders that wait for a trigger: how they are taken in, and how they end before they come to the book.

use super::place::{Coming, check_display, check_expiry, check_filters, check_market_to_limit, funded};
use super::reduce::check_attributes;
use crate::book::OrderBook;
use crate::command::{OrderKind, PlaceOrder, Side, Stamp, Trail, Trigger};
use crate::engine::{Engine, Fired};
use crate::event::{Cancelled, Event};
use crate::fees::FeeMeter;
use crate::ids::{InstrumentId, OrderId};
use crate::instrument::{Instrument, Phase, TriggerAtEntry};
use crate::lists::News;
use crate::market::Market;
use crate::reason::{CancelCause, Reason};
use crate::triggers::Waiting;
use crate::units::{Amount, Price, Qty};

/// How an order begins to wait.
#[derive(Clone, Copy)]
pub(super) struct Arming {
    /// What it holds, if that can be represented.
    pub(super) need: Option<Amount>,
    /// The best reference, if it trails from the beginning.
    best: Option<Price>,
    /// The reference that fires it at once.
    pub(super) fires_at: Option<Price>,
}

impl<B: OrderBook> Engine<B> {
    /// A new order that waits.
    #[cold]
    pub(super) fn place_waiting(
        &mut self,
        stamp: Stamp,
        order: &PlaceOrder,
        (fees, print): (FeeMeter, u64),
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        let market = &self.markets[usize::from(order.instrument.0)];
        let spec = &market.clerk.instrument.spec;
        check_trigger_phase(market.phase)?;
        check_waiting(&market.clerk.instrument, order, stamp.time_ns)?;
        let arming = arm(market, order, &fees)?;
        if arming.fires_at.is_some() && spec.trigger_at_entry == TriggerAtEntry::Refuse {
            return Err(Reason::TriggerAlreadyMet);
        }
        let need = arming.need.ok_or(Reason::AmountTooLarge)?;
        let coming = self.take_in(stamp, order, need, (fees, print), events)?;
        self.begin_waiting(&coming, &arming, need);
        Ok(())
    }

    /// Accepts a new order that needs so much and is to wait, and counts it.
    pub(super) fn take_in<'a>(
        &mut self,
        stamp: Stamp,
        order: &'a PlaceOrder,
        need: Amount,
        (fees, print): (FeeMeter, u64),
        events: &mut Vec<Event>,
    ) -> Result<Coming<'a>, Reason> {
        funded(need, self.free(order))?;
        self.check_cap(order, 1)?;
        let coming = self.accept(order, (fees, print), None, events);
        self.count_rate(order.account, order.instrument, stamp.time_ns, 1);
        self.count_waiting(order, 1);
        Ok(coming)
    }

    /// What the account can spend on an order.
    pub(super) fn free(&self, order: &PlaceOrder) -> Amount {
        let spec = &self.markets[usize::from(order.instrument.0)].clerk.instrument.spec;
        let asset = if order.side == Side::Buy { spec.quote } else { spec.base };
        self.desk.ledger.balance(order.account, asset).free
    }

    /// Whether the account may have so many more open orders in the instrument.
    pub(super) fn check_cap(&self, order: &PlaceOrder, more: u32) -> Result<(), Reason> {
        let cap = self.markets[usize::from(order.instrument.0)].clerk.instrument.spec.filters.open_orders_max;
        let holding = self.desk.holdings.find(order.account, order.instrument).map(|row| self.desk.holdings.at(row));
        let open = holding.map_or(0, |holding| u64::from(holding.open_orders) + u64::from(holding.waiting));
        let fits = open + u64::from(more) <= u64::from(cap);
        if fits { Ok(()) } else { Err(Reason::TooManyOpenOrders) }
    }

    /// Counts orders of an account that wait or are pending.
    pub(super) fn count_waiting(&mut self, order: &PlaceOrder, by: i32) {
        let spec = &self.markets[usize::from(order.instrument.0)].clerk.instrument.spec;
        let row = self.desk.holding(order.account, order.instrument, spec);
        let waiting = &mut self.desk.holdings.at_mut(row).waiting;
        *waiting = waiting.checked_add_signed(by).expect("orders that wait are counted when they come");
    }

    /// An order that has been counted begins to wait, holding so much.
    pub(super) fn begin_waiting(&mut self, coming: &Coming, arming: &Arming, held: Amount) {
        let (order, instrument) = (coming.order, coming.terms.instrument);
        let waiting = self.hold_waiting(coming, held);
        let triggers = &mut self.markets[usize::from(instrument.0)].triggers;
        triggers.insert(order, waiting, arming.best);
        if let Some(price) = arming.fires_at {
            triggers.disarm(order);
            self.fired.push_back(Fired { instrument, order, price, best: None });
        }
    }

    /// An order that has been counted holds so much, and is known to wait; for what is the caller's.
    pub(super) fn hold_waiting(&mut self, coming: &Coming, held: Amount) -> Waiting {
        let Coming { order, fees, name, .. } = *coming;
        let terms = coming.accepted();
        let PlaceOrder { account, instrument, side, time_in_force, .. } = terms;
        let spec = &self.markets[usize::from(instrument.0)].clerk.instrument.spec;
        let holding = self.desk.holding(account, instrument, spec);
        self.desk.change_held(holding, side, held);
        self.desk.lifetimes.begin(order, instrument, time_in_force);
        self.desk.waiting.insert(account, instrument, order);
        Waiting { terms, fees, name, holding, held }
    }

    /// Takes out an order that waits, and frees its hold.
    pub(super) fn pull_waiting(&mut self, instrument: InstrumentId, order: OrderId) -> Option<Waiting> {
        let (waiting, worst) = self.markets[usize::from(instrument.0)].triggers.remove(order)?;
        if let Some(worst) = worst {
            self.count_at_auction(instrument, &waiting, worst, false);
        }
        let PlaceOrder { account, side, time_in_force, .. } = waiting.terms;
        self.desk.waiting.remove(account, instrument, order);
        self.desk.lifetimes.end(order, instrument, time_in_force);
        self.desk.holdings.at_mut(waiting.holding).waiting -= 1;
        self.desk.change_held(waiting.holding, side, -waiting.held);
        Some(waiting)
    }

    /// Ends an order that waits.
    pub(super) fn end_waiting(
        &mut self,
        instrument: InstrumentId,
        order: OrderId,
        cause: CancelCause,
        events: &mut Vec<Event>,
    ) {
        let waiting = self.pull_waiting(instrument, order).expect("the caller has found it");
        self.end_unseen(order, &waiting.terms, cause, events);
        self.desk.end_name(waiting.name);
    }

    /// Tells the end of an order that is in no book.
    pub(super) fn end_unseen(
        &mut self,
        order: OrderId,
        terms: &PlaceOrder,
        cause: CancelCause,
        events: &mut Vec<Event>,
    ) {
        let PlaceOrder { account, instrument, side, kind, .. } = *terms;
        let (rested_at, leaves_qty, shown_qty) = (None, kind.qty().unwrap_or(Qty::ZERO), Qty::ZERO);
        let ended = Cancelled { order, account, instrument, side, rested_at, leaves_qty, shown_qty, cause };
        events.push(Event::Cancelled(ended));
        self.desk.lists.tell(order, News::Ended);
    }
}

/// Whether a phase takes orders that wait.
pub(super) fn check_trigger_phase(phase: Phase) -> Result<(), Reason> {
    match phase {
        Phase::Halted => Err(Reason::InstrumentHalted),
        Phase::Closed => Err(Reason::InstrumentClosed),
        Phase::Continuous | Phase::Auction => Ok(()),
    }
}

/// What an order with a trigger must fulfil, whatever the phase, its account and the market.
pub(super) fn check_waiting(instrument: &Instrument, order: &PlaceOrder, time_ns: u64) -> Result<(), Reason> {
    let Some(trigger) = order.trigger else { return Ok(()) };
    if order.kind.qty().is_none() {
        return Err(Reason::TriggerNeedsQty);
    }
    check_trigger(&trigger)?;
    if order.time_in_force.auction().is_some() {
        return Err(Reason::AtAuctionPlain);
    }
    match order.kind {
        OrderKind::Limit { .. } if order.post_only && !order.time_in_force.stays() => {
            return Err(Reason::PostOnlyNotResting);
        }
        OrderKind::MarketToLimit { .. } => check_market_to_limit(order)?,
        OrderKind::Market { .. } if order.post_only => return Err(Reason::PostOnlyNotResting),
        OrderKind::Limit { .. } | OrderKind::Market { .. } | OrderKind::MarketQuote { .. } => {}
    }
    check_display(instrument, order)?;
    check_attributes(instrument, order)?;
    check_expiry(order, time_ns)?;
    let filters = &instrument.spec.filters;
    if trigger.price.is_some_and(|price| !(filters.price_min..=filters.price_max).contains(&price)) {
        return Err(Reason::PriceOutOfRange);
    }
    check_filters(instrument, order)
}

fn check_trigger(trigger: &Trigger) -> Result<(), Reason> {
    let sound = match trigger.trail {
        None => trigger.price.is_some(),
        Some(Trail::Ticks(ticks)) => ticks > 0,
        Some(Trail::BasisPoints(points)) => (1..=Trail::BASIS_POINTS_MAX).contains(&points),
    };
    if sound { Ok(()) } else { Err(Reason::InvalidTrigger) }
}

/// How an order would begin to wait now.
pub(super) fn arm<B: OrderBook>(market: &Market<B>, order: &PlaceOrder, fees: &FeeMeter) -> Result<Arming, Reason> {
    let trigger = order.trigger.expect("only orders with a trigger are armed");
    let reference = market.reference();
    let looks = market.phase == Phase::Continuous;
    let reached = reference.filter(|reference| looks && trigger.is_reached(order.side, *reference));
    let (best, fires_at) = match (trigger.trail, trigger.price) {
        (None, _) => (None, reached),
        (Some(_), Some(_)) => (reached, None),
        (Some(_), None) => (Some(reference.ok_or(Reason::NoReferencePrice)?), None),
    };
    let from = trigger.price.or(best).expect("a trigger has a price or trails from a reference");
    let worst = match (order.kind, trigger.trail) {
        (OrderKind::Limit { price, .. }, _) => price,
        (_, Some(trail)) if order.side == Side::Buy => trail.fires_at(Side::Buy, from).unwrap_or(Price(u64::MAX)),
        _ => from,
    };
    let qty = order.kind.qty().expect("it was checked");
    let need = market.clerk.worst_cost(order.side, worst, qty, fees);
    Ok(Arming { need, best, fires_at })
}
