//! Orders at the open and at the close: they wait apart, and take part in one auction only.

use super::fire::cause_of;
use super::place::{check_filters, funded};
use super::wait::check_trigger_phase;
use crate::book::OrderBook;
use crate::command::{OrderKind, PlaceOrder, Side, Stamp};
use crate::engine::Engine;
use crate::event::Event;
use crate::fees::FeeMeter;
use crate::holdings::NO_SLOT;
use crate::ids::{InstrumentId, OrderId};
use crate::instrument::{Bands, Instrument};
use crate::market::{Market, NewResting, Rare, Terms};
use crate::reason::{CancelCause, Reason};
use crate::triggers::Waiting;
use crate::units::{Price, Qty};

/// An order that has come for an auction.
pub(super) struct Came {
    order: OrderId,
    pub(super) side: Side,
    /// The worst price that it may get.
    pub(super) worst: Price,
    pub(super) qty: Qty,
    pub(super) is_market: bool,
}

impl<B: OrderBook> Engine<B> {
    /// A new order that waits for an auction.
    pub(super) fn place_at_auction(
        &mut self,
        stamp: Stamp,
        order: &PlaceOrder,
        (fees, print): (FeeMeter, u64),
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        let market = &self.markets[usize::from(order.instrument.0)];
        check_trigger_phase(market.phase)?;
        check_at_auction(&market.clerk.instrument, order)?;
        let worst = worst(market, order);
        if matches!(order.kind, OrderKind::Limit { .. }) {
            market.clerk.check_band(worst)?;
        }
        let qty = order.kind.qty().unwrap_or_default();
        let held = market.clerk.worst_cost(order.side, worst, qty, &fees).ok_or(Reason::AmountTooLarge)?;
        funded(held, self.free(order))?;
        self.check_cap(order, 1)?;
        let coming = self.accept(order, (fees, print), None, events);
        let (id, terms, name) = (coming.order, coming.accepted(), coming.name);
        let PlaceOrder { account, instrument, side, .. } = terms;
        self.count_rate(account, instrument, stamp.time_ns, 1);
        self.count_waiting(&terms, 1);
        let holding =
            self.desk.holding(account, instrument, &self.markets[usize::from(instrument.0)].clerk.instrument.spec);
        self.desk.change_held(holding, side, held);
        self.desk.waiting.insert(account, instrument, id);
        let waiting = Waiting { terms, fees, name, holding, held };
        self.markets[usize::from(instrument.0)].triggers.insert_at_auction(id, waiting, worst);
        self.count_at_auction(instrument, &waiting, worst, true);
        Ok(())
    }

    /// The orders that waited for this auction come to the book, by number. Gives those that rest now.
    pub(super) fn come_to_auction(&mut self, instrument: InstrumentId, events: &mut Vec<Event>) -> Vec<Came> {
        let market = &self.markets[usize::from(instrument.0)];
        let orders: Vec<(OrderId, Price)> = market.triggers.at_auction(market.purpose).collect();
        let mut came = Vec::with_capacity(orders.len());
        for (order, worst) in orders {
            let Some(Waiting { terms, fees, name, holding, .. }) = self.pull_waiting(instrument, order) else {
                continue;
            };
            let PlaceOrder { account, side, .. } = terms;
            events.push(Event::Released { order, account, instrument, side });
            match self.check_coming(instrument, &terms, worst) {
                Ok(qty) => {
                    let mode = terms.self_trade_prevention.unwrap_or_default();
                    let resting = Terms {
                        account,
                        qty,
                        time_in_force: terms.time_in_force,
                        post_only: false,
                        linked: false,
                        rare: Rare::default(),
                        self_trade_prevention: mode,
                        fees,
                        name,
                        holding,
                        older: NO_SLOT,
                        younger: NO_SLOT,
                    };
                    let new = NewResting { id: order, side, price: worst, qty, display: None };
                    self.rest(instrument, (new, resting), events);
                    let is_market = matches!(terms.kind, OrderKind::Market { .. });
                    came.push(Came { order, side, worst, qty, is_market });
                }
                Err(reason) => {
                    self.end_unseen(order, &terms, cause_of(reason), events);
                    self.desk.end_name(name);
                }
            }
        }
        came
    }

    fn check_coming(&self, instrument: InstrumentId, terms: &PlaceOrder, worst: Price) -> Result<Qty, Reason> {
        let market = &self.markets[usize::from(instrument.0)];
        let qty = terms.kind.qty().unwrap_or_default();
        self.check_position(market, terms, qty)?;
        self.check_resting(market, terms.side, (worst, qty))?;
        Ok(qty)
    }

    /// What is left of the orders that came for this auction is cancelled.
    pub(super) fn leave_auction(&mut self, came: &[Came], events: &mut Vec<Event>) {
        for Came { order, .. } in came {
            if self.find(*order).is_some() {
                self.end_open(*order, CancelCause::AuctionRemainder, events);
            }
        }
    }
}

/// What an order at the open or at the close must fulfil, whatever its account has.
pub(crate) fn check_at_auction(instrument: &Instrument, order: &PlaceOrder) -> Result<(), Reason> {
    let plain = matches!(order.kind, OrderKind::Limit { .. } | OrderKind::Market { .. });
    if !plain || order.post_only || order.display_qty.is_some() || order.trigger.is_some() || !order.is_usual() {
        return Err(Reason::AtAuctionPlain);
    }
    check_filters(instrument, order)
}

/// The worst price that an order may get in its auction: its limit; without one the end of the static band around the
/// session's price, or around the last trade, within PRICE_FILTER.
fn worst<B: OrderBook>(market: &Market<B>, order: &PlaceOrder) -> Price {
    if let OrderKind::Limit { price, .. } = order.kind {
        return price;
    }
    let spec = &market.clerk.instrument.spec;
    let band = Bands::range(spec.bands.static_points, market.clerk.session_price.or(market.clerk.last_price));
    match order.side {
        Side::Buy => spec.filters.price_max.min(*band.end()),
        Side::Sell => spec.filters.price_min.max(*band.start()),
    }
}
