//! New orders: checked whole before anything changes, then accepted, swept, and rested or ended.

use super::peg::pegged_price;
use super::plan::{Plan, Reach, Want, plan};
use super::reduce::{check_attributes, narrow};
use super::self_trade::{Party, Prevention};
use super::sweep::Taker;
use crate::book::{OrderBook, crosses};
use crate::clients::{NO_NAME, NameSlot, OrderName};
use crate::command::{Command, OrderKind, PlaceOrder, SelfTradePrevention, Side, Stamp, TimeInForce};
use crate::engine::Engine;
use crate::event::{Accepted, Cancelled, Event, ListPlace};
use crate::fees::FeeMeter;
use crate::holdings::{HoldingRow, NO_SLOT};
use crate::ids::{AccountId, ClientOrderId, InstrumentId, OrderId};
use crate::instrument::{Allocation, FeeAsset, Instrument, InstrumentSpec, Phase, PostOnlyRule};
use crate::lists::News;
use crate::maps::fingerprint;
use crate::market::{Market, NewResting, Rare, Terms};
use crate::orders::Located;
use crate::reason::{CancelCause, Reason};
use crate::units::{Amount, Price, Qty};

/// An accepted order on its way to the book.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coming<'a> {
    pub(super) order: OrderId,
    /// As asked.
    pub(super) terms: &'a PlaceOrder,
    /// The self-trade prevention that applies.
    pub(super) mode: SelfTradePrevention,
    pub(super) fees: FeeMeter,
    pub(super) name: NameSlot,
    /// Whether it is one of a list.
    pub(super) linked: bool,
}

impl Coming<'_> {
    /// Its terms, with the self-trade prevention that applies.
    pub(super) fn accepted(&self) -> PlaceOrder {
        PlaceOrder { self_trade_prevention: Some(self.mode), ..*self.terms }
    }
}

/// What an order that passed every check will do.
pub(super) struct Intent {
    pub(super) limit: Option<Price>,
    /// The worst price at which it may trade: the limit, or the price band where that is tighter.
    pub(super) worst: Option<Price>,
    /// Total quantity; of a market order by quote, what its budget buys of the book.
    pub(super) qty: Qty,
    /// How much of it to sweep for.
    pub(super) sweep: Qty,
    /// Why what is left after the sweep is cancelled; `None` if it rests.
    pub(super) remainder: Option<CancelCause>,
    /// Tell of the end even if no lot is left: no fill has told it, or the budget was not spent to the last unit.
    pub(super) always_ends: bool,
    /// The account's stake in the instrument, if it had one before.
    pub(super) holding: Option<HoldingRow>,
}

impl Intent {
    /// The price at which what is left of it rests, if it does.
    #[inline(always)]
    fn rests_at(&self) -> Option<Price> {
        if self.remainder.is_none() { self.limit } else { None }
    }

    /// It is cancelled at once.
    fn nothing(qty: Qty) -> Self {
        let remainder = Some(CancelCause::ImmediateRemainder);
        Self { limit: None, worst: None, qty, sweep: Qty::ZERO, remainder, always_ends: false, holding: None }
    }
}

impl<B: OrderBook> Engine<B> {
    pub(super) fn place(
        &mut self,
        stamp: Stamp,
        order: &PlaceOrder,
        command: &Command,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.check_account(order.account)?;
        let market = self.market(order.instrument).ok_or(Reason::UnknownInstrument)?;
        let fees = self.meter(market, order.account);
        self.desk.switches.check(order.account, order.instrument)?;
        let print = match order.client_order_id {
            None => 0,
            Some(id) => match self.print_of(command, order.account, id, events)? {
                Some(print) => print,
                None => return Ok(()),
            },
        };
        self.check_rate(order.account, order.instrument, stamp.time_ns, 1)?;
        if order.trigger.is_some() {
            return self.place_waiting(stamp, order, (fees, print), events);
        }
        if order.time_in_force.auction().is_some() {
            return self.place_at_auction(stamp, order, (fees, print), events);
        }
        let market = self.market(order.instrument).ok_or(Reason::UnknownInstrument)?;
        check_alone(&market.clerk.instrument, market.phase, order, stamp.time_ns)?;
        if !order.is_usual() {
            return self.place_rarely(stamp, order, (fees, print), events);
        }
        let cap = market.clerk.instrument.spec.filters.open_orders_max;
        let intent = self.intend_as::<true>(market, order, &fees, cap)?;
        let coming = self.accept(order, (fees, print), None, events);
        self.count_rate(order.account, order.instrument, stamp.time_ns, 1);
        self.enter(&coming, &intent, events);
        Ok(())
    }

    /// The rest of [`Engine::place`], of an order that is not like most.
    #[cold]
    #[inline(never)]
    fn place_rarely(
        &mut self,
        stamp: Stamp,
        order: &PlaceOrder,
        (fees, print): (FeeMeter, u64),
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        let market = &self.markets[usize::from(order.instrument.0)];
        let intent = self.intend_rarely(market, order, &fees, market.clerk.instrument.spec.filters.open_orders_max)?;
        let coming = self.accept(order, (fees, print), None, events);
        self.count_rate(order.account, order.instrument, stamp.time_ns, 1);
        if order.peg.is_some() {
            self.hang(&coming);
        }
        self.enter(&coming, &intent, events);
        if order.peg.is_some() {
            self.settle_peg(order.instrument, coming.order);
        }
        Ok(())
    }

    /// The fingerprint of a command under a name; none if it was a repeat, and the event says so.
    pub(super) fn print_of(
        &mut self,
        command: &Command,
        account: AccountId,
        id: ClientOrderId,
        events: &mut Vec<Event>,
    ) -> Result<Option<u64>, Reason> {
        self.scratch.clear();
        command.encode(&mut self.scratch);
        let print = fingerprint(&self.scratch);
        match self.desk.names.find(account, id) {
            None => Ok(Some(print)),
            Some(name) => repeated(name, print, events).map(|()| None),
        }
    }

    /// Checks funds and room, and decides what the order will do. `cap` is how many open orders its account may have in
    /// the instrument. Changes nothing.
    #[inline(always)]
    pub(super) fn intend(
        &self,
        market: &Market<B>,
        order: &PlaceOrder,
        fees: &FeeMeter,
        cap: u32,
    ) -> Result<Intent, Reason> {
        if order.is_usual() {
            self.intend_as::<true>(market, order, fees, cap)
        } else {
            self.intend_rarely(market, order, fees, cap)
        }
    }

    /// As [`Engine::intend`], of an order that is not like most.
    #[cold]
    #[inline(never)]
    fn intend_rarely(
        &self,
        market: &Market<B>,
        order: &PlaceOrder,
        fees: &FeeMeter,
        cap: u32,
    ) -> Result<Intent, Reason> {
        self.intend_as::<false>(market, order, fees, cap)
    }

    #[inline(always)]
    fn intend_as<const USUAL: bool>(
        &self,
        market: &Market<B>,
        order: &PlaceOrder,
        fees: &FeeMeter,
        cap: u32,
    ) -> Result<Intent, Reason> {
        let spec = &market.clerk.instrument.spec;
        let party = Party { account: order.account, mode: mode_of(order, spec) };
        let planned = |limit, want| plan((market, &self.desk), (order.side, party), limit, want);
        let row = self.desk.holdings.find(order.account, order.instrument);
        let holding = row.map(|row| self.desk.holdings.at(row));
        let free = |side: Side| match (holding, side) {
            (Some(holding), _) => self.desk.ledger.at(holding.hold_row(side)).free,
            (None, Side::Buy) => self.desk.ledger.balance(order.account, spec.quote).free,
            (None, Side::Sell) => self.desk.ledger.balance(order.account, spec.base).free,
        };
        let kind = match order.kind {
            OrderKind::MarketToLimit { qty } => match to_limit(market, order.side, qty)? {
                Some(limit) => limit,
                None => return Ok(Intent::nothing(qty)),
            },
            OrderKind::Limit { price, qty } if !USUAL && order.peg.is_some() => {
                OrderKind::Limit { price: pegged_price(market, order, (price, qty))?, qty }
            }
            OrderKind::Limit { price, qty } if order.post_only => {
                OrderKind::Limit { price: behind(market, order.side, (price, qty))?, qty }
            }
            kind => kind,
        };
        match kind {
            OrderKind::Limit { price, qty } => {
                if !matches!(order.kind, OrderKind::MarketToLimit { .. }) {
                    market.clerk.check_band(price)?;
                }
                let held_at = match order.kind {
                    OrderKind::Limit { price: limit, .. } if !USUAL && order.peg.is_some() => limit,
                    _ => price,
                };
                let need = market.clerk.worst_cost(order.side, held_at, qty, fees).ok_or(Reason::AmountTooLarge)?;
                funded(need, free(order.side))?;
                self.check_position(market, order, qty)?;
                let may = if USUAL { qty } else { self.may_trade(market, order, qty)? };
                if order.time_in_force.stays() {
                    let open = holding.map_or(0, |holding| holding.open_orders + holding.waiting);
                    if open >= cap {
                        return Err(Reason::TooManyOpenOrders);
                    }
                    self.check_resting(market, order.side, (price, qty))?;
                }
                let worst = tighter(order.side, Some(price), market.clerk.band(order.side));
                let fillable = || planned(worst, Want::Lots(qty)).lots;
                let remainder = match order.time_in_force {
                    TimeInForce::Gtc | TimeInForce::Day | TimeInForce::Gtd { .. } => None,
                    TimeInForce::Fok => Some(CancelCause::FillOrKill),
                    TimeInForce::Ioc | TimeInForce::AtOpen | TimeInForce::AtClose => {
                        Some(CancelCause::ImmediateRemainder)
                    }
                };
                let killed = order.time_in_force == TimeInForce::Fok && fillable() < qty;
                let collects = market.phase == Phase::Auction;
                let sweep = if killed || collects { Qty::ZERO } else { qty };
                let intent =
                    Intent { limit: Some(price), worst, qty, sweep, remainder, always_ends: false, holding: row };
                Ok(if USUAL { intent } else { narrow(intent, order, may, fillable) })
            }
            OrderKind::Market { qty } => {
                let worst = market.clerk.band(order.side);
                let planned = planned(worst, Want::Lots(qty));
                let need = match order.side {
                    Side::Sell => market.clerk.instrument.base_value(qty),
                    Side::Buy => taker_cost(&market.clerk.instrument, &planned, *fees),
                };
                market.clerk.instrument.base_value(qty).ok_or(Reason::AmountTooLarge)?;
                funded(need.ok_or(Reason::AmountTooLarge)?, free(order.side))?;
                self.check_position(market, order, planned.lots)?;
                let may = if USUAL { qty } else { self.may_trade(market, order, qty)? };
                let fok = order.time_in_force == TimeInForce::Fok;
                let killed = fok && planned.lots < qty;
                // What cannot be paid out stays in the book; what is only not offered may still meet own orders.
                let counted = planned.lots + planned.prevented;
                let sweep = if planned.cost.is_none() { counted } else { qty };
                let sweep = if killed { Qty::ZERO } else { sweep };
                let cause = if fok { CancelCause::FillOrKill } else { CancelCause::ImmediateRemainder };
                let intent =
                    Intent { limit: None, worst, qty, sweep, remainder: Some(cause), always_ends: false, holding: row };
                Ok(if USUAL { intent } else { narrow(intent, order, may, || planned.lots) })
            }
            OrderKind::MarketToLimit { .. } => unreachable!("it has become a limit order"),
            OrderKind::MarketQuote { budget } => {
                let spendable = match order.side {
                    Side::Buy => market.clerk.instrument.budget_before_fee(budget, fees.taker),
                    Side::Sell => budget,
                };
                let worst = market.clerk.band(order.side);
                let planned = planned(worst, Want::Budget(spendable));
                let qty = planned.lots + planned.prevented;
                let base = market.clerk.instrument.base_value(planned.lots).ok_or(Reason::AmountTooLarge)?;
                funded(if order.side == Side::Buy { budget } else { base }, free(order.side))?;
                self.check_position(market, order, planned.lots)?;
                let spent = planned.budget_spent;
                let cause = match (spent, planned.cut) {
                    (true, _) => CancelCause::BudgetSpent,
                    (false, true) => CancelCause::PriceBand,
                    (false, false) => CancelCause::ImmediateRemainder,
                };
                let exact = planned.cost == Some(spendable);
                let always_ends = !exact || planned.lots.is_zero();
                let (worst, beyond) =
                    planned.reach.map_or((worst, Qty::ZERO), |Reach { price, lots }| (Some(price), lots));
                let (sweep, remainder) = (qty + beyond, Some(cause));
                Ok(Intent { limit: None, worst, qty, sweep, remainder, always_ends, holding: row })
            }
        }
    }

    /// How many of its lots an order may trade, as far as its account's position decides it.
    #[inline]
    fn may_trade(&self, market: &Market<B>, order: &PlaceOrder, qty: Qty) -> Result<Qty, Reason> {
        if order.reduce_only { self.check_reduce_only(market, order, qty) } else { Ok(qty) }
    }

    /// Whether a limit order may rest where it would.
    #[inline]
    pub(super) fn check_resting(
        &self,
        market: &Market<B>,
        side: Side,
        (price, qty): (Price, Qty),
    ) -> Result<(), Reason> {
        let fits = market.can_rest(side, price, qty) && self.desk.orders.has_room();
        if fits { Ok(()) } else { Err(Reason::BookFull) }
    }

    /// Gives an order its number, and takes its name. What it does comes after.
    #[inline(always)]
    pub(super) fn accept<'a>(
        &mut self,
        order: &'a PlaceOrder,
        (fees, fingerprint): (FeeMeter, u64),
        list: Option<ListPlace>,
        events: &mut Vec<Event>,
    ) -> Coming<'a> {
        let PlaceOrder { account, instrument, .. } = *order;
        self.desk.order_count += 1;
        let id = OrderId(self.desk.order_count);
        let spec = &self.markets[usize::from(instrument.0)].clerk.instrument.spec;
        let mode = mode_of(order, spec);
        let terms = PlaceOrder { self_trade_prevention: Some(mode), ..*order };
        events.push(Event::Accepted(Accepted { order: id, terms, list }));
        let name = order.client_order_id.map_or(NO_NAME, |name| {
            self.desk.names.insert(OrderName { account, id: name, order: id, instrument, fingerprint })
        });
        Coming { order: id, terms: order, mode, fees, name, linked: list.is_some() }
    }

    /// An accepted order comes to the book: it trades, rests, ends, as was intended.
    #[inline(always)]
    pub(super) fn enter(&mut self, coming: &Coming, intent: &Intent, events: &mut Vec<Event>) {
        let Coming { order: id, linked, .. } = *coming;
        let PlaceOrder { account, instrument, side, .. } = *coming.terms;
        let terms = self.new_terms(coming, intent);
        let display = coming.terms.display_qty;
        if let Some(price) = intent.rests_at()
            && !self.meets(instrument, (side, price), intent.sweep)
        {
            return self.rest(instrument, (NewResting { id, side, price, qty: intent.qty, display }, terms), events);
        }
        let name = terms.name;
        let (leaves, prevention) = (intent.qty, Prevention::GoesOn);
        let mut taker = Taker { order: id, side, terms, leaves, display, prevention };
        let band = self.markets[usize::from(instrument.0)].clerk.band(side);
        self.sweep(instrument, &mut taker, intent.worst, intent.sweep, events);
        let leaves_qty = taker.leaves;
        if linked {
            self.tell_taker(&taker);
        }
        let stopped = band.is_some_and(|band| {
            // What it may not trade is not stopped by a band.
            let beside = intent.qty.0.saturating_sub(intent.sweep.0);
            let swept = !intent.sweep.is_zero() && taker.leaves.0 > beside;
            swept && self.stops((instrument, band), &taker, intent.limit)
        });
        match (intent.limit, intent.remainder) {
            _ if taker.prevention == Prevention::Ended => {
                self.end_taker(&taker, instrument, CancelCause::SelfTrade, events);
            }
            (limit, remainder) if stopped => {
                let rests_at = limit.filter(|_| remainder.is_none());
                self.stop_at_band(instrument, &taker, rests_at, events);
            }
            (Some(price), None) if !leaves_qty.is_zero() => self.rest_taker(instrument, &taker, price, events),
            (_, cause) => {
                if let Some(cause) = cause.filter(|_| !leaves_qty.is_zero() || intent.always_ends) {
                    let (rested_at, shown_qty) = (None, Qty::ZERO);
                    let order = id;
                    let ended = Cancelled { order, account, instrument, side, rested_at, leaves_qty, shown_qty, cause };
                    events.push(Event::Cancelled(ended));
                    self.desk.lists.tell_if(linked, id, News::Ended);
                }
                self.desk.end_name(name);
                if cause == Some(CancelCause::PriceBand) {
                    self.interrupt(instrument, events);
                }
            }
        }
    }

    /// Whether a limit order that comes would trade with somebody.
    #[inline(always)]
    fn meets(&self, instrument: InstrumentId, (side, price): (Side, Price), lots: Qty) -> bool {
        let Market { book, clerk, .. } = &self.markets[usize::from(instrument.0)];
        let best = book.best(side.opposite());
        // What does not show is met by going there.
        !lots.is_zero() && (clerk.hidden > 0 || best.is_some_and(|best| crosses(side, price, best)))
    }

    #[inline(always)]
    fn new_terms(&mut self, coming: &Coming, intent: &Intent) -> Terms {
        let PlaceOrder { account, instrument, post_only, time_in_force, .. } = *coming.terms;
        let spec = &self.markets[usize::from(instrument.0)].clerk.instrument.spec;
        Terms {
            account,
            qty: intent.qty,
            time_in_force,
            post_only,
            linked: coming.linked,
            rare: Rare::of(coming.terms),
            self_trade_prevention: coming.mode,
            fees: coming.fees,
            name: coming.name,
            holding: intent.holding.unwrap_or_else(|| self.desk.holding(account, instrument, spec)),
            older: NO_SLOT,
            younger: NO_SLOT,
        }
    }

    /// Whether a band keeps what is left of a taker from trading.
    #[cold]
    pub(super) fn stops(&self, (instrument, band): (InstrumentId, Price), taker: &Taker, limit: Option<Price>) -> bool {
        let market = &self.markets[usize::from(instrument.0)];
        let best = market.book.best_of_all(taker.side.opposite());
        let wanted = |best: &Price| limit.is_none_or(|limit| crosses(taker.side, limit, *best));
        !taker.leaves.is_zero() && best.filter(wanted).is_some_and(|best| !crosses(taker.side, band, best))
    }

    /// Whether a buyer may come to have so many lots more.
    #[inline]
    pub(super) fn check_position(&self, market: &Market<B>, order: &PlaceOrder, lots: Qty) -> Result<(), Reason> {
        let max = market.clerk.instrument.spec.filters.position_max;
        if max == Amount::MAX || order.side == Side::Sell {
            return Ok(());
        }
        self.check_position_with(market, order.account, lots, None)
    }

    /// An order of a list has come and traded, perhaps.
    #[cold]
    fn tell_taker(&mut self, taker: &Taker) {
        if taker.leaves < taker.terms.qty {
            let whole = taker.leaves.is_zero() && taker.prevention == Prevention::GoesOn;
            self.desk.lists.tell(taker.order, if whole { News::FilledWhole } else { News::Filled });
        }
    }

    /// An order that took is over: it met its own side, or a price band.
    #[cold]
    pub(super) fn end_taker(
        &mut self,
        taker: &Taker,
        instrument: InstrumentId,
        cause: CancelCause,
        events: &mut Vec<Event>,
    ) {
        let Taker { order, side, leaves: leaves_qty, .. } = *taker;
        let (account, rested_at, shown_qty) = (taker.terms.account, None, Qty::ZERO);
        let ended = Cancelled { order, account, instrument, side, rested_at, leaves_qty, shown_qty, cause };
        events.push(Event::Cancelled(ended));
        self.desk.lists.tell_if(taker.terms.linked, order, News::Ended);
        self.desk.end_name(taker.terms.name);
    }

    /// What is left of a limit order goes to the tail of its level, and its funds are held.
    #[inline(never)]
    pub(super) fn rest_taker(
        &mut self,
        instrument: InstrumentId,
        taker: &Taker,
        price: Price,
        events: &mut Vec<Event>,
    ) {
        let Taker { order: id, side, terms, leaves: qty, display, .. } = *taker;
        self.rest(instrument, (NewResting { id, side, price, qty, display }, terms), events);
    }

    /// A limit order goes to the tail of its level, and its funds are held.
    #[inline(always)]
    pub(super) fn rest(
        &mut self,
        instrument: InstrumentId,
        (new, terms): (NewResting, Terms),
        events: &mut Vec<Event>,
    ) {
        let NewResting { id: order, side, price, qty: leaves, .. } = new;
        let market = &mut self.markets[usize::from(instrument.0)];
        let held = market.clerk.worst_cost(side, price, leaves, &terms.fees).expect("it was checked before acceptance");
        let row = self.desk.holdings.at(terms.holding).hold_row(side);
        self.desk.ledger.hold(row, held);
        let account = terms.account;
        let slot = market.rest(&mut self.desk.holdings, new, terms);
        self.desk.orders.insert(order, Located { instrument, slot });
        self.desk.lifetimes.begin(order, instrument, terms.time_in_force);
        let (leaves_qty, shown_qty) = (leaves, new.shown());
        events.push(Event::Rested { order, account, instrument, side, price, leaves_qty, shown_qty });
    }
}

/// The name is taken: by the same order, or by another.
fn repeated(name: &OrderName, fingerprint: u64, events: &mut Vec<Event>) -> Result<(), Reason> {
    if name.fingerprint != fingerprint {
        return Err(Reason::DuplicateClientOrderId);
    }
    let OrderName { account, instrument, order, id: client_order_id, .. } = *name;
    events.push(Event::Repeated { account, instrument, order, client_order_id });
    Ok(())
}

/// What an order without a trigger must fulfil, whatever its account has and the book offers.
#[inline]
pub(super) fn check_alone(
    instrument: &Instrument,
    phase: Phase,
    order: &PlaceOrder,
    time_ns: u64,
) -> Result<(), Reason> {
    check_rules(phase, order)?;
    check_display(instrument, order)?;
    check_attributes(instrument, order)?;
    check_expiry(order, time_ns)?;
    check_filters(instrument, order)
}

/// Whether an iceberg, or a hidden order, is one.
#[inline]
pub(super) fn check_display(instrument: &Instrument, order: &PlaceOrder) -> Result<(), Reason> {
    let Some(display) = order.display_qty else { return Ok(()) };
    let parts = match order.kind {
        OrderKind::Limit { .. } if display.is_zero() => true,
        OrderKind::Limit { qty, .. } => display < qty && has_few_parts(display, qty),
        _ => false,
    };
    let by_time = instrument.spec.allocation == Allocation::Fifo;
    if parts && by_time && order.time_in_force.stays() { Ok(()) } else { Err(Reason::InvalidDisplay) }
}

/// Whether so many lots show in few parts: a taker that meets all of them is told of each.
pub(super) const fn has_few_parts(display: Qty, qty: Qty) -> bool {
    qty.0.div_ceil(display.0) <= PlaceOrder::ICEBERG_PARTS_MAX
}

#[inline]
pub(super) fn check_expiry(order: &PlaceOrder, time_ns: u64) -> Result<(), Reason> {
    let over = matches!(order.time_in_force, TimeInForce::Gtd { until_ns } if until_ns <= time_ns);
    if over { Err(Reason::ExpiryNotAhead) } else { Ok(()) }
}

/// The price of a post-only order: its own, unless it would trade at once. Then it is refused, or its price is the one
/// before the other side's best.
pub(super) fn behind<B: OrderBook>(
    market: &Market<B>,
    side: Side,
    (price, qty): (Price, Qty),
) -> Result<Price, Reason> {
    if !would_take(market, side, price) {
        return Ok(price);
    }
    let instrument = &market.clerk.instrument;
    let best = market.book.best_of_all(side.opposite()).filter(|_| instrument.spec.post_only == PostOnlyRule::Reprice);
    let before = best.and_then(|best| match side {
        Side::Buy => best.0.checked_sub(1),
        Side::Sell => best.0.checked_add(1),
    });
    let price = before.map(Price).filter(|price| check_limit(instrument, *price, qty).is_ok());
    price.ok_or(Reason::PostOnlyWouldTake)
}

/// The worse price of the two for who is on the other side.
#[inline]
pub(super) fn tighter(side: Side, limit: Option<Price>, band: Option<Price>) -> Option<Price> {
    match (limit, band) {
        (Some(limit), Some(band)) => Some(if side == Side::Buy { limit.min(band) } else { limit.max(band) }),
        (limit, band) => limit.or(band),
    }
}

/// A market-to-limit order as the limit order that it becomes, if the other side has a price.
fn to_limit<B: OrderBook>(market: &Market<B>, side: Side, qty: Qty) -> Result<Option<OrderKind>, Reason> {
    let Some(price) = market.book.best_of_all(side.opposite()) else { return Ok(None) };
    check_limit(&market.clerk.instrument, price, qty)?;
    Ok(Some(OrderKind::Limit { price, qty }))
}

/// Whether an order's kind, time in force and flags fit each other and the phase.
pub(super) fn check_rules(phase: Phase, order: &PlaceOrder) -> Result<(), Reason> {
    let limit = matches!(order.kind, OrderKind::Limit { .. });
    let stays = limit && order.time_in_force.stays();
    if order.time_in_force.auction().is_some() {
        return Err(Reason::AtAuctionPlain);
    }
    match phase {
        Phase::Halted => return Err(Reason::InstrumentHalted),
        Phase::Closed => return Err(Reason::InstrumentClosed),
        Phase::Auction if !stays || order.post_only || !order.min_qty.is_zero() || order.peg.is_some() => {
            return Err(Reason::AuctionOnlyLimit);
        }
        Phase::Auction | Phase::Continuous => {}
    }
    if matches!(order.kind, OrderKind::MarketToLimit { .. }) {
        return check_market_to_limit(order);
    }
    if order.post_only && !stays {
        return Err(Reason::PostOnlyNotResting);
    }
    if !limit && order.time_in_force.stays() {
        return Err(Reason::MarketMustBeImmediate);
    }
    if matches!(order.kind, OrderKind::MarketQuote { .. }) && order.time_in_force == TimeInForce::Fok {
        return Err(Reason::BudgetCannotBeFok);
    }
    Ok(())
}

pub(super) fn check_market_to_limit(order: &PlaceOrder) -> Result<(), Reason> {
    let fits = order.time_in_force.stays() && !order.post_only;
    if fits { Ok(()) } else { Err(Reason::MarketToLimitStays) }
}

pub(super) fn check_filters(instrument: &Instrument, order: &PlaceOrder) -> Result<(), Reason> {
    let filters = &instrument.spec.filters;
    match order.kind {
        OrderKind::Limit { price, qty } => check_limit(instrument, price, qty),
        OrderKind::Market { qty } | OrderKind::MarketToLimit { qty } => {
            let max = filters.qty_max.min(filters.market_qty_max);
            if (filters.qty_min..=max).contains(&qty) { Ok(()) } else { Err(Reason::QtyOutOfRange) }
        }
        OrderKind::MarketQuote { budget } => {
            let fits = budget > Amount::ZERO && (filters.notional_min..=filters.notional_max).contains(&budget);
            if fits { Ok(()) } else { Err(Reason::NotionalOutOfRange) }
        }
    }
}

/// The filters of a limit order's price, quantity and value.
pub(super) fn check_limit(instrument: &Instrument, price: Price, qty: Qty) -> Result<(), Reason> {
    let filters = &instrument.spec.filters;
    if !(filters.price_min..=filters.price_max).contains(&price) {
        return Err(Reason::PriceOutOfRange);
    }
    if !(filters.qty_min..=filters.qty_max).contains(&qty) {
        return Err(Reason::QtyOutOfRange);
    }
    let value = instrument.quote_value(price * qty).ok_or(Reason::AmountTooLarge)?;
    let fits = (filters.notional_min..=filters.notional_max).contains(&value);
    if fits { Ok(()) } else { Err(Reason::NotionalOutOfRange) }
}

/// Whether an order at this price would trade at once.
pub(super) fn would_take<B: OrderBook>(market: &Market<B>, side: Side, price: Price) -> bool {
    let best = market.book.best_of_all(side.opposite());
    market.phase == Phase::Continuous && best.is_some_and(|best| crosses(side, price, best))
}

/// What a market buy costs, fee included where it is taken in quote.
fn taker_cost(instrument: &Instrument, planned: &Plan, mut fees: FeeMeter) -> Option<Amount> {
    let cost = planned.cost?;
    match instrument.spec.fee_asset {
        FeeAsset::Received => Some(cost),
        FeeAsset::Quote => cost.checked_add(Amount(fees.charge(fees.taker, cost).0.max(0))),
    }
}

pub(super) fn funded(need: Amount, free: Amount) -> Result<(), Reason> {
    if need <= free { Ok(()) } else { Err(Reason::InsufficientFunds) }
}

/// The mode that an order has.
fn mode_of(order: &PlaceOrder, spec: &InstrumentSpec) -> SelfTradePrevention {
    order.self_trade_prevention.unwrap_or(spec.self_trade_prevention)
}
