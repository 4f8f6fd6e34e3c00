//! Orders at the open and at the close, and what an auction would do now.

use papertape_engine::{
    CancelCause, Command, Event, InstrumentId, OrderId, OrderKind, Phase, PlaceOrder, Price, Purpose, Qty, Reason,
    Side, TimeInForce, WaitState,
};

use super::auction::{count, decide};
use super::fire::cause_of;
use super::place::check_phase;
use super::wait::Waiting;
use super::{Market, Model, Order};

/// What an uncross would trade.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Indication {
    price: Price,
    qty: Qty,
    surplus: Option<(Side, Qty)>,
}

/// Whether an order waits for an auction.
pub(super) fn is_at_auction(order: &PlaceOrder) -> bool {
    matches!(order.time_in_force, TimeInForce::AtOpen | TimeInForce::AtClose)
}

impl Market {
    /// The worst price that an order may get in its auction.
    fn worst_in_auction(&self, order: &PlaceOrder) -> Price {
        if let OrderKind::Limit { price, .. } = order.kind {
            return price;
        }
        let around = self.static_band_around(self.session_price.or(self.last_price));
        let filters = &self.spec.filters;
        match (order.side, around) {
            (Side::Buy, None) => filters.price_max,
            (Side::Sell, None) => filters.price_min,
            (Side::Buy, Some((_, high))) if high < u128::from(filters.price_max.0) => Price(high as u64),
            (Side::Buy, Some(_)) => filters.price_max,
            (Side::Sell, Some((low, _))) => Price((low as u64).max(filters.price_min.0)),
        }
    }
}

impl Model {
    pub(super) fn place_at_auction(
        &mut self,
        order: &PlaceOrder,
        market: &Market,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        check_phase(market.phase)?;
        let plain = matches!(order.kind, OrderKind::Limit { .. } | OrderKind::Market { .. });
        let few = order.reduce_only || order.min_qty.0 > 0 || order.peg.is_some();
        if !plain || few || order.post_only || order.display_qty.is_some() {
            return Err(Reason::AtAuctionPlain);
        }
        if order.imbalance_only && !matches!(order.kind, OrderKind::Limit { .. }) {
            return Err(Reason::InvalidImbalanceOnly);
        }
        market.check_filters(order)?;
        if matches!(order.kind, OrderKind::Limit { price, .. } if !market.limit_is_in_band(price)) {
            return Err(Reason::PriceOutOfBand);
        }
        let worst = market.worst_in_auction(order);
        let qty = order.kind.qty().expect("it is no order by amount").0;
        let held = market.worst_cost(order.side, worst, qty, &super::Fees::new(&market.spec));
        let held = held.ok_or(Reason::AmountTooLarge)?;
        self.check_funds(market, order, held)?;
        self.check_count(order.account, order.instrument, 1)?;
        let id = self.accept(order, None, events);
        self.take_name(order.account, order.client_order_id, id, &Command::Place(*order));
        self.add_pending(id, order);
        let waiting = self.waiting.iter_mut().find(|waiting| waiting.id == id).expect("it was just added");
        (waiting.held, waiting.state) = (held, WaitState::ForAuction { worst });
        self.touch_hold(order.account, order.instrument, order.side, held);
        Ok(())
    }

    /// The orders that wait for the auction that an instrument is in, or for what it leaves over, by number, each with the worst
    /// price that it may get.
    fn waiting_for_auction(&self, instrument: InstrumentId, imbalance_only: bool) -> Vec<(Waiting, Price)> {
        let wanted = match self.markets[usize::from(instrument.0)].purpose {
            Purpose::Opening => TimeInForce::AtOpen,
            Purpose::Closing => TimeInForce::AtClose,
            Purpose::Intraday | Purpose::Volatility => return Vec::new(),
        };
        let here = self.waiting.iter().filter(|waiting| waiting.terms.instrument == instrument);
        let here = here.filter(|waiting| waiting.terms.time_in_force == wanted);
        let here = here.filter(|waiting| waiting.terms.imbalance_only == imbalance_only);
        here.filter_map(|waiting| match waiting.state {
            WaitState::ForAuction { worst } => Some((*waiting, worst)),
            _ => None,
        })
        .collect()
    }

    /// They come to the book. Gives those that did.
    pub(super) fn come_to_auction(&mut self, instrument: InstrumentId, events: &mut Vec<Event>) -> Vec<Waiting> {
        let mut came = Vec::new();
        for (waiting, worst) in self.waiting_for_auction(instrument, false) {
            let Some(order) = self.come_at(&waiting, worst, events) else {
                self.notes.push("order could not come to its auction");
                continue;
            };
            self.notes.push(match order.terms.kind {
                OrderKind::Market { .. } => "market order came to its auction",
                _ => "limit order came to its auction",
            });
            came.push(order);
        }
        came
    }

    /// One of them comes to the book at a price, if it can.
    fn come_at(&mut self, waiting: &Waiting, price: Price, events: &mut Vec<Event>) -> Option<Waiting> {
        let order = self.take_waiting(waiting.id);
        let PlaceOrder { account, instrument, side, .. } = order.terms;
        events.push(Event::Released { order: order.id, account, instrument, side });
        let resting = as_resting(&order, price);
        let market = self.markets[usize::from(instrument.0)];
        let fits = market.worst_cost(side, price, resting.qty, &order.fees).ok_or(Reason::AmountTooLarge);
        let fits = fits.and_then(|_| self.check_position(account, &market, instrument, side, resting.qty, None));
        let fits = fits.and_then(|()| self.check_level(instrument, side, price, resting.qty, None));
        if let Err(reason) = fits {
            self.end_before_it_came(order.id, &order.terms, cause_of(reason), events);
            return None;
        }
        self.rest(resting, events);
        Some(order)
    }

    /// Orders that only take what an auction has left over on a side come one after the other, at its price: those with the best
    /// limits first, and of one limit those with the lowest number. Gives how many lots they took.
    pub(super) fn offset_surplus(
        &mut self,
        (instrument, over): (InstrumentId, Side),
        price: Price,
        lots: u128,
        came: &mut Vec<Waiting>,
        events: &mut Vec<Event>,
    ) -> u128 {
        let mut taken = 0;
        while taken < lots {
            // Who has come or could not come waits no longer.
            let others = self.waiting_for_auction(instrument, true).into_iter();
            let others = others.filter(|(waiting, limit)| match waiting.terms.side {
                Side::Buy => over == Side::Sell && *limit >= price,
                Side::Sell => over == Side::Buy && *limit <= price,
            });
            let next = others.min_by_key(|(waiting, limit)| {
                (if waiting.terms.side == Side::Buy { u64::MAX - limit.0 } else { limit.0 }, waiting.id)
            });
            let Some((waiting, _)) = next else { return taken };
            let Some(order) = self.come_at(&waiting, price, events) else {
                self.notes.push("imbalance-only order could not come");
                continue;
            };
            let qty = u128::from(as_resting(&order, price).qty).min(lots - taken);
            self.trade_all(instrument, price, qty, events);
            self.notes.push("imbalance-only order traded");
            taken += qty;
            came.push(order);
            if taken == lots {
                self.notes.push("imbalance-only orders left nothing over");
            }
        }
        taken
    }

    /// What the auction has left of them ends, and so do those that it did not need.
    pub(super) fn leave_auction(&mut self, instrument: InstrumentId, came: &[Waiting], events: &mut Vec<Event>) {
        for Waiting { id, .. } in came {
            if self.orders.iter().any(|order| order.id == *id) {
                self.end(*id, CancelCause::AuctionRemainder, events);
            }
        }
        for (waiting, _) in self.waiting_for_auction(instrument, true) {
            self.notes.push("imbalance-only order not needed");
            self.end_any(waiting.id, CancelCause::AuctionRemainder, events);
        }
    }

    /// Tells of each auction what it would trade now, if that is new.
    pub(super) fn indicate(&mut self, events: &mut Vec<Event>) {
        for n in 0..self.markets.len() {
            let (instrument, market) = (InstrumentId(n as u16), self.markets[n]);
            if market.phase != Phase::Auction {
                continue;
            }
            let now = self.indication(instrument);
            if now != market.indicated {
                self.markets[n].indicated = now;
                self.notes.push(if now.is_some() { "auction would trade" } else { "auction would no longer trade" });
                events.push(Event::Indicated {
                    instrument,
                    price: now.map(|now| now.price),
                    qty: now.map_or(Qty(0), |now| now.qty),
                    surplus: now.and_then(|now| now.surplus),
                });
            }
        }
    }

    fn indication(&self, instrument: InstrumentId) -> Option<Indication> {
        let (mut bids, mut asks) = (self.queue(instrument, Side::Buy), self.queue(instrument, Side::Sell));
        let mut market_orders = Vec::new();
        for (waiting, worst) in self.waiting_for_auction(instrument, false) {
            let side = if waiting.terms.side == Side::Buy { &mut bids } else { &mut asks };
            side.push(as_resting(&waiting, worst));
            if matches!(waiting.terms.kind, OrderKind::Market { .. }) {
                market_orders.push(waiting.id);
            }
        }
        let reference = self.markets[usize::from(instrument.0)].last_price.map(|price| price.0);
        let trial = decide(&bids, &asks, reference, &market_orders)?;
        Some(Indication { price: Price(trial.price), qty: count(trial.volume()), surplus: trial.surplus() })
    }
}

/// Those of them that are market orders.
pub(super) fn market_orders(came: &[Waiting]) -> Vec<OrderId> {
    let market = came.iter().filter(|order| matches!(order.terms.kind, OrderKind::Market { .. }));
    market.map(|order| order.id).collect()
}

/// The order as it rests for its auction.
fn as_resting(waiting: &Waiting, worst: Price) -> Order {
    let Waiting { id, terms, fees, .. } = *waiting;
    let qty = terms.kind.qty().expect("it is no order by amount").0;
    Order {
        id,
        account: terms.account,
        instrument: terms.instrument,
        side: terms.side,
        price: worst,
        qty,
        leaves: qty,
        display: None,
        shown: qty,
        arrival: 0,
        time_in_force: terms.time_in_force,
        post_only: false,
        reduce_only: false,
        peg: None,
        self_trade_prevention: terms.self_trade_prevention.expect("an accepted order has a mode"),
        fees,
    }
}
