//! New orders. All checks come first, in a fixed order; nothing changes before the last of them is passed.

use papertape_engine::{
    Accepted, AccountId, Allocation, Amount, CancelCause, Cancelled, Command, Event, FeeAsset, InstrumentId, ListPlace,
    OrderId, OrderKind, Phase, PlaceOrder, Price, ProRata, Qty, Reason, SelfTradePrevention, Side, TimeInForce,
};

use super::at_auction::is_at_auction;
use super::forecast::Forecast;
use super::trade::Taken;
use super::wide::multiply_divide;
use super::{AMOUNT_MAX, Fees, MILLION, Market, Model, Order};

/// What will become of an order that passed the checks.
#[derive(Clone, Copy)]
pub(super) struct Outcome {
    pub(super) limit: Option<Price>,
    /// Lots in total.
    qty: u64,
    /// How many of them to trade at once, as far as the book goes.
    trade: u64,
    /// Why the rest is cancelled; `None` if it goes into the book.
    rest: Option<CancelCause>,
    /// Whether the end is told even if no lot is left.
    tell_end: bool,
    /// Something to count.
    note: Option<&'static str>,
}

impl Outcome {
    /// Whether the order is one that stays: it is asked for room also if its minimum cannot trade.
    fn may_rest(&self, order: &PlaceOrder) -> bool {
        self.limit.is_some() && stays(order.time_in_force)
    }
}

impl Model {
    pub(super) fn place(&mut self, order: &PlaceOrder, events: &mut Vec<Event>) -> Result<(), Reason> {
        let PlaceOrder { account, instrument, client_order_id: name, .. } = *order;
        self.check_account(account)?;
        let market = self.market_for(account, instrument)?;
        self.check_switches(account, instrument)?;
        let body = Command::Place(*order);
        if let Some(repeated) = self.check_repeat((account, instrument), name, &body)? {
            events.push(repeated);
            return Ok(());
        }
        self.check_rate(account, instrument, &market, 1)?;
        if let Some(trigger) = order.trigger {
            return self.place_waiting(order, &trigger, &market, events);
        }
        if is_at_auction(order) {
            return self.place_at_auction(order, &market, events);
        }
        check_kind(market.phase, order)?;
        market.check_display(order)?;
        market.check_attributes(order)?;
        self.check_expiry(order.time_in_force)?;
        let outcome = self.check_terms(&market, order)?;
        if outcome.may_rest(order) {
            self.check_count(account, instrument, 1)?;
        }
        self.check_room(order, &outcome)?;
        if self.market(instrument)?.spec != market.spec {
            self.notes.push("order of a higher fee tier");
        }
        let id = self.accept(order, None, events);
        self.take_name(account, name, id, &body);
        if order.peg.is_some() {
            self.begin_to_follow(instrument);
        }
        self.come(id, order, Fees::new(&market.spec), outcome, events);
        Ok(())
    }

    pub(super) fn check_expiry(&self, time_in_force: TimeInForce) -> Result<(), Reason> {
        let is_over = matches!(time_in_force, TimeInForce::Gtd { until_ns } if until_ns <= self.now_ns);
        if is_over { Err(Reason::ExpiryNotAhead) } else { Ok(()) }
    }

    /// Filters and funds of an order that comes now.
    pub(super) fn check_terms(&self, market: &Market, order: &PlaceOrder) -> Result<Outcome, Reason> {
        match order.kind {
            OrderKind::Limit { price, qty } => self.check_limit_order(market, order, price, qty.0),
            OrderKind::Market { qty } => self.check_market_order(market, order, qty.0),
            OrderKind::MarketQuote { budget } => self.check_budget_order(market, order, budget.0),
            OrderKind::MarketToLimit { qty } => {
                market.check_market_qty(qty.0)?;
                let best = self.queue(order.instrument, order.side.opposite()).first().map(|best| best.price);
                match best {
                    Some(price) => self.check_limit_order(market, order, price, qty.0),
                    None => {
                        let rest = Some(CancelCause::ImmediateRemainder);
                        Ok(Outcome { limit: None, qty: qty.0, trade: 0, rest, tell_end: false, note: None })
                    }
                }
            }
        }
    }

    /// That an order which would rest may, and can: after everything else.
    pub(super) fn check_room(&self, order: &PlaceOrder, outcome: &Outcome) -> Result<(), Reason> {
        let Some(price) = outcome.limit.filter(|_| outcome.may_rest(order)) else { return Ok(()) };
        self.check_level(order.instrument, order.side, price, outcome.qty, None)
    }

    /// That an account may have so many more open orders in an instrument.
    pub(super) fn check_count(&self, account: AccountId, instrument: InstrumentId, more: usize) -> Result<(), Reason> {
        let resting = self.orders.iter().map(|order| (order.account, order.instrument));
        let waiting = self.waiting.iter().map(|waiting| (waiting.terms.account, waiting.terms.instrument));
        let open = resting.chain(waiting).filter(|open| *open == (account, instrument)).count();
        let most = self.markets[usize::from(instrument.0)].spec.filters.open_orders_max;
        if open + more <= most as usize { Ok(()) } else { Err(Reason::TooManyOpenOrders) }
    }

    fn check_limit_order(
        &self,
        market: &Market,
        order: &PlaceOrder,
        price: Price,
        qty: u64,
    ) -> Result<Outcome, Reason> {
        market.check_limit(price, qty)?;
        let limit = price;
        let price = match order.peg {
            Some(_) if self.pegged(order.instrument).len() >= 100 => return Err(Reason::BookFull),
            Some(peg) => self.pegged_price(market, order, (peg, limit), qty)?,
            None => self.price_of(market, (order.instrument, order.side, order.post_only), price, qty)?,
        };
        // What takes the other side's best price as its own is stopped where it would take.
        let named = matches!(order.kind, OrderKind::Limit { .. });
        if named && !market.limit_is_in_band(price) {
            return Err(Reason::PriceOutOfBand);
        }
        let held_at = if order.peg.is_some() { limit } else { price };
        let cost = market.worst_cost(order.side, held_at, qty, &Fees::new(&market.spec));
        self.check_funds(market, order, cost.ok_or(Reason::AmountTooLarge)?)?;
        self.check_position(order.account, market, order.instrument, order.side, qty, None)?;
        let may = self.may_trade(market, order, qty)?;
        let asks = order.time_in_force == TimeInForce::Fok || order.min_qty.0 > 0;
        let limited = PlaceOrder { kind: OrderKind::Limit { price, qty: Qty(qty) }, ..*order };
        let forecast = asks.then(|| self.forecast(&limited, 0));
        let kill = forecast.is_some_and(|forecast| !is_content(order, forecast.traded.min(may), qty));
        let note = forecast.and_then(|forecast| note_of(order, &forecast, kill));
        let collects = market.phase == Phase::Auction;
        let rest = match order.time_in_force {
            _ if kill && order.min_qty.0 > 0 => Some(CancelCause::MinQty),
            TimeInForce::Gtc | TimeInForce::Day | TimeInForce::Gtd { .. } => None,
            TimeInForce::Ioc if may < qty => Some(CancelCause::ReduceOnly),
            TimeInForce::Ioc | TimeInForce::AtOpen | TimeInForce::AtClose => Some(CancelCause::ImmediateRemainder),
            TimeInForce::Fok => Some(CancelCause::FillOrKill),
        };
        let trade = if kill || collects { 0 } else { may };
        let note = note.or((may < qty && !kill).then_some("reduce-only took what it may"));
        Ok(Outcome { limit: Some(price), qty, trade, rest, tell_end: false, note })
    }

    /// By quantity: a buyer must be able to pay for what would trade, a seller must have all of it.
    fn check_market_order(&self, market: &Market, order: &PlaceOrder, qty: u64) -> Result<Outcome, Reason> {
        market.check_market_qty(qty)?;
        let forecast = self.forecast(order, 0);
        let Forecast { traded, cost, .. } = forecast;
        let base = market.base_value(qty).ok_or(Reason::AmountTooLarge)?;
        let need = match order.side {
            Side::Sell => base,
            Side::Buy => cost.and_then(|cost| market.with_fee(cost)).ok_or(Reason::AmountTooLarge)?,
        };
        self.check_funds(market, order, need)?;
        self.check_position(order.account, market, order.instrument, order.side, traded, None)?;
        let may = self.may_trade(market, order, qty)?;
        let fok = order.time_in_force == TimeInForce::Fok;
        let kill = !is_content(order, traded.min(may), qty);
        let cause = match (fok, kill) {
            (true, _) => CancelCause::FillOrKill,
            (_, true) => CancelCause::MinQty,
            _ if may < qty => CancelCause::ReduceOnly,
            _ => CancelCause::ImmediateRemainder,
        };
        let trade = if kill { 0 } else { may };
        let note = if fok || order.min_qty.0 > 0 { note_of(order, &forecast, kill) } else { None };
        let note = note.or((may < qty && !kill).then_some("reduce-only took what it may"));
        Ok(Outcome { limit: None, qty, trade, rest: Some(cause), tell_end: false, note })
    }

    /// By quote amount: as many lots, the best first, as the budget pays for. A buyer's fee in quote comes out of it.
    fn check_budget_order(&self, market: &Market, order: &PlaceOrder, budget: i128) -> Result<Outcome, Reason> {
        market.check_budget(budget)?;
        let spendable = if order.side == Side::Buy { market.without_fee(budget) } else { budget };
        let Forecast { traded, prevented, cost, budget_spent, beyond, outside, .. } = self.forecast(order, spendable);
        let cause = match (outside, budget_spent) {
            (true, _) => CancelCause::PriceBand,
            (_, true) => CancelCause::BudgetSpent,
            _ => CancelCause::ImmediateRemainder,
        };
        let qty = traded + prevented;
        let base = market.base_value(traded).ok_or(Reason::AmountTooLarge)?;
        self.check_funds(market, order, if order.side == Side::Buy { budget } else { base })?;
        self.check_position(order.account, market, order.instrument, order.side, traded, None)?;
        // A fill of the last lot tells the end, unless some of the budget is left or nothing was filled at all.
        let tell_end = cost != Some(spendable) || traded == 0;
        // Where its last lots are gone, it goes on to the orders of its own side that are still within the budget.
        let (limit, further) = beyond.map_or((None, 0), |(price, lots)| (Some(price), lots));
        Ok(Outcome {
            limit,
            qty,
            trade: qty + further,
            rest: Some(cause),
            tell_end,
            note: outside.then_some("band stopped an order by amount"),
        })
    }

    pub(super) fn check_funds(&self, market: &Market, order: &PlaceOrder, need: i128) -> Result<(), Reason> {
        let free = self.free(order.account, market.paid_with(order.side));
        if need <= free { Ok(()) } else { Err(Reason::InsufficientFunds) }
    }

    /// A level's orders together are at most 2^64 - 1 lots. `instead_of` is an order that leaves its place for this.
    pub(super) fn check_level(
        &self,
        instrument: InstrumentId,
        side: Side,
        price: Price,
        qty: u64,
        instead_of: Option<OrderId>,
    ) -> Result<(), Reason> {
        let queue = self.queue(instrument, side);
        let there = queue.iter().filter(|other| other.price == price && Some(other.id) != instead_of);
        let sum = there.map(|other| u128::from(other.leaves)).sum::<u128>() + u128::from(qty);
        if sum <= u128::from(u64::MAX) { Ok(()) } else { Err(Reason::BookFull) }
    }

    /// Whether an order would trade at once.
    pub(super) fn would_take(&self, instrument: InstrumentId, side: Side, limit: Price) -> bool {
        let continuous = self.market(instrument).is_ok_and(|market| market.phase == Phase::Continuous);
        continuous
            && self.queue(instrument, side.opposite()).first().is_some_and(|best| reaches(side, limit, best.price))
    }

    /// Numbers and tells an order. Its terms name the mode that applies.
    pub(super) fn accept(&mut self, order: &PlaceOrder, list: Option<ListPlace>, events: &mut Vec<Event>) -> OrderId {
        self.rate(order.account, order.instrument);
        self.number(order, list, events)
    }

    /// The same for an order that nobody sent.
    pub(super) fn number(&mut self, order: &PlaceOrder, list: Option<ListPlace>, events: &mut Vec<Event>) -> OrderId {
        self.accepted += 1;
        let id = OrderId(self.accepted);
        events.push(Event::Accepted(Accepted { order: id, terms: self.with_mode(order), list }));
        id
    }

    /// The order's terms with the mode that applies.
    pub(super) fn with_mode(&self, order: &PlaceOrder) -> PlaceOrder {
        let mode = self.markets[usize::from(order.instrument.0)].mode_of(order);
        PlaceOrder { self_trade_prevention: Some(mode), ..*order }
    }

    /// An order comes to the book: it trades as far as it may, and what is left of it rests or ends.
    pub(super) fn come(
        &mut self,
        id: OrderId,
        order: &PlaceOrder,
        fees: Fees,
        outcome: Outcome,
        events: &mut Vec<Event>,
    ) {
        self.notes.extend(outcome.note);
        let PlaceOrder { account, instrument, side, time_in_force, post_only, .. } = *order;
        let self_trade_prevention = self.markets[usize::from(instrument.0)].mode_of(order);
        let (qty, price) = (outcome.qty, outcome.limit.unwrap_or_default());
        let mut taker = Order {
            id,
            account,
            instrument,
            side,
            price,
            qty,
            leaves: qty,
            display: order.display_qty.map(|display| display.0),
            shown: qty,
            arrival: 0,
            time_in_force,
            post_only,
            reduce_only: order.reduce_only,
            peg: order.peg.zip(limit_of(order)),
            self_trade_prevention,
            fees,
        };
        if matches!(order.kind, OrderKind::Limit { price: asked, .. } if asked != price && order.peg.is_none()) {
            self.notes.push("post-only order repriced");
        }
        let taken = self.take(&mut taker, outcome.limit, outcome.trade, events);
        match outcome.rest {
            _ if taken == Taken::Over => self.end_taker(&taker, CancelCause::SelfTrade, events),
            _ if taken == Taken::Outside => {
                self.notes.push(match order.kind {
                    OrderKind::Limit { .. } => "band stopped a limit order",
                    OrderKind::MarketToLimit { .. } => "band stopped a market-to-limit order",
                    OrderKind::Market { .. } | OrderKind::MarketQuote { .. } => "band stopped a market order",
                });
                if outcome.rest.is_none() && self.is_interrupted_by_bands(instrument) {
                    self.rest(taker, events);
                } else {
                    self.end_taker(&taker, CancelCause::PriceBand, events);
                }
                self.interrupt(instrument, events);
            }
            None => self.rest(taker, events),
            Some(cause) => {
                if taker.leaves > 0 || outcome.tell_end {
                    let (order, rested_at, leaves_qty, shown_qty) = (id, None, Qty(taker.leaves), Qty(0));
                    let ended = Cancelled { order, account, instrument, side, rested_at, leaves_qty, shown_qty, cause };
                    events.push(Event::Cancelled(ended));
                }
                self.end_name(id);
                if cause == CancelCause::PriceBand {
                    self.interrupt(instrument, events);
                }
            }
        }
    }
}

/// Whether an order goes into the book with what it cannot trade at once.
pub(super) fn stays(time_in_force: TimeInForce) -> bool {
    matches!(time_in_force, TimeInForce::Gtc | TimeInForce::Day | TimeInForce::Gtd { .. })
}

/// The price that an order names.
fn limit_of(order: &PlaceOrder) -> Option<Price> {
    if let OrderKind::Limit { price, .. } = order.kind { Some(price) } else { None }
}

/// Whether an order for `qty` lots that can trade so many of them at once does so.
fn is_content(order: &PlaceOrder, traded: u64, qty: u64) -> bool {
    let least = if order.time_in_force == TimeInForce::Fok { qty } else { order.min_qty.0 };
    traded >= least
}

fn note_of(order: &PlaceOrder, forecast: &Forecast, kill: bool) -> Option<&'static str> {
    if order.min_qty.0 > 0 {
        return Some(if kill { "minimum could not trade" } else { "minimum traded" });
    }
    match (forecast.met_own, kill) {
        (_, true) if forecast.outside => Some("fok killed, more outside the band"),
        (true, true) => Some("fok killed, own orders in the way"),
        (true, false) => Some("fok filled, own orders in the way"),
        (false, _) => None,
    }
}

/// Whether `price` is good enough for a limit.
pub(super) fn reaches(side: Side, limit: Price, price: Price) -> bool {
    if side == Side::Buy { price <= limit } else { price >= limit }
}

/// What kind of order a phase takes, and which parts of an order go together.
pub(super) fn check_kind(phase: Phase, order: &PlaceOrder) -> Result<(), Reason> {
    if is_at_auction(order) {
        return Err(Reason::AtAuctionPlain);
    }
    check_phase(phase)?;
    let stays = matches!(order.kind, OrderKind::Limit { .. }) && stays(order.time_in_force);
    let is_plain = stays && !order.post_only && order.min_qty.0 == 0 && order.peg.is_none();
    if phase == Phase::Auction && !is_plain {
        return Err(Reason::AuctionOnlyLimit);
    }
    check_flags(order)
}

/// What no order passes: a halt, and the end of the session.
pub(super) fn check_phase(phase: Phase) -> Result<(), Reason> {
    match phase {
        Phase::Halted => Err(Reason::InstrumentHalted),
        Phase::Closed => Err(Reason::InstrumentClosed),
        Phase::Auction | Phase::Continuous => Ok(()),
    }
}

/// Which parts of an order without a trigger go together.
pub(super) fn check_flags(order: &PlaceOrder) -> Result<(), Reason> {
    if is_at_auction(order) {
        return Err(Reason::AtAuctionPlain);
    }
    let is_limit = matches!(order.kind, OrderKind::Limit { .. });
    let by_budget = matches!(order.kind, OrderKind::MarketQuote { .. });
    let staying = stays(order.time_in_force);
    if matches!(order.kind, OrderKind::MarketToLimit { .. }) {
        return if staying && !order.post_only { Ok(()) } else { Err(Reason::MarketToLimitStays) };
    }
    if order.post_only && !(is_limit && staying) {
        Err(Reason::PostOnlyNotResting)
    } else if !is_limit && staying {
        Err(Reason::MarketMustBeImmediate)
    } else if by_budget && order.time_in_force == TimeInForce::Fok {
        Err(Reason::BudgetCannotBeFok)
    } else {
        Ok(())
    }
}

impl Market {
    /// The filters of a limit order.
    pub(super) fn check_limit(&self, price: Price, qty: u64) -> Result<(), Reason> {
        let filters = &self.spec.filters;
        if price < filters.price_min || price > filters.price_max {
            return Err(Reason::PriceOutOfRange);
        }
        if qty < filters.qty_min.0 || qty > filters.qty_max.0 {
            return Err(Reason::QtyOutOfRange);
        }
        let value = Amount(self.quote_value(price, qty).ok_or(Reason::AmountTooLarge)?);
        if value < filters.notional_min || value > filters.notional_max {
            return Err(Reason::NotionalOutOfRange);
        }
        Ok(())
    }

    /// The filters of a market order by quantity.
    pub(super) fn check_market_qty(&self, qty: u64) -> Result<(), Reason> {
        let filters = &self.spec.filters;
        let out_of_range = qty < filters.qty_min.0 || qty > filters.qty_max.0.min(filters.market_qty_max.0);
        if out_of_range { Err(Reason::QtyOutOfRange) } else { Ok(()) }
    }

    /// The filters of a market order by quote amount.
    fn check_budget(&self, budget: i128) -> Result<(), Reason> {
        let filters = &self.spec.filters;
        let out_of_range = budget <= 0 || budget < filters.notional_min.0 || budget > filters.notional_max.0;
        if out_of_range { Err(Reason::NotionalOutOfRange) } else { Ok(()) }
    }

    /// The filters of an order that does not come yet. Without a limit its price is not known.
    pub(super) fn check_filters(&self, order: &PlaceOrder) -> Result<(), Reason> {
        match order.kind {
            OrderKind::Limit { price, qty } => self.check_limit(price, qty.0),
            OrderKind::Market { qty } | OrderKind::MarketToLimit { qty } => self.check_market_qty(qty.0),
            OrderKind::MarketQuote { budget } => self.check_budget(budget.0),
        }
    }

    /// What an order does about its own side: what it says itself, or else what the instrument says.
    pub(super) fn mode_of(&self, order: &PlaceOrder) -> SelfTradePrevention {
        order.self_trade_prevention.unwrap_or(self.spec.self_trade_prevention)
    }

    /// The rules of sharing out by size, if that is how levels are shared out.
    pub(super) fn pro_rata(&self) -> Option<ProRata> {
        match self.spec.allocation {
            Allocation::Fifo => None,
            Allocation::ProRata(rules) => Some(rules),
        }
    }

    fn charges_buyers_in_quote(&self) -> bool {
        self.spec.fee_asset == FeeAsset::Quote && self.spec.taker_fee.0 > 0
    }

    /// A market buyer's cost with the taker's fee, if that is charged in quote.
    fn with_fee(&self, cost: i128) -> Option<i128> {
        let fee = if self.charges_buyers_in_quote() { Fees::new(&self.spec).taken(cost) } else { 0 };
        Some(cost + fee).filter(|need| *need <= AMOUNT_MAX)
    }

    /// The greatest cost that a budget covers together with the taker's fee.
    fn without_fee(&self, budget: i128) -> i128 {
        if !self.charges_buyers_in_quote() {
            return budget;
        }
        let whole = MILLION + i128::from(self.spec.taker_fee.0);
        let share = multiply_divide(budget.unsigned_abs(), MILLION.unsigned_abs(), whole.unsigned_abs());
        share.expect("a part of the budget is less than the budget").0 as i128
    }

    /// How many lots a sum pays for at a price.
    pub(super) fn lots_for(&self, sum: i128, price: Price) -> u64 {
        let one_lot = u128::from(price.0).checked_mul(self.unit);
        let lots = one_lot.map_or(0, |one_lot| sum.unsigned_abs() / one_lot);
        u64::try_from(lots).unwrap_or(u64::MAX)
    }
}
