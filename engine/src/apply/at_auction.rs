//! Orders at the open and at the close: they wait apart, and take part in one auction only; some of them only in what it
//! leaves over.

use std::cmp::Reverse;

use super::fire::cause_of;
use super::place::check_filters;
use super::wait::check_trigger_phase;
use crate::book::{OrderBook, crosses};
use crate::command::{OrderKind, PlaceOrder, Side, Stamp};
use crate::engine::Engine;
use crate::event::Event;
use crate::fees::FeeMeter;
use crate::holdings::NO_SLOT;
use crate::ids::{InstrumentId, OrderId};
use crate::instrument::{Bands, Instrument};
use crate::interest::Clearing;
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
        let coming = self.take_in(stamp, order, held, (fees, print), events)?;
        let waiting = self.hold_waiting(&coming, held);
        let market = &mut self.markets[usize::from(order.instrument.0)];
        market.triggers.insert_at_auction(coming.order, waiting, worst);
        self.count_at_auction(order.instrument, &waiting, worst, true);
        Ok(())
    }

    /// The orders that waited for this auction come to the book, by number. Gives those that rest now.
    pub(super) fn come_to_auction(&mut self, instrument: InstrumentId, events: &mut Vec<Event>) -> Vec<Came> {
        let market = &self.markets[usize::from(instrument.0)];
        let orders: Vec<(OrderId, Price)> = market.triggers.at_auction(market.purpose).collect();
        orders.into_iter().filter_map(|(order, worst)| self.come_at(instrument, order, worst, events)).collect()
    }

    /// An order that waited for this auction comes to the book at a price.
    fn come_at(
        &mut self,
        instrument: InstrumentId,
        order: OrderId,
        price: Price,
        events: &mut Vec<Event>,
    ) -> Option<Came> {
        let Waiting { terms, fees, name, holding, .. } = self.pull_waiting(instrument, order)?;
        let PlaceOrder { account, side, .. } = terms;
        events.push(Event::Released { order, account, instrument, side });
        let qty = match self.check_coming(instrument, &terms, price, &fees) {
            Ok(qty) => qty,
            Err(reason) => {
                self.end_unseen(order, &terms, cause_of(reason), events);
                self.desk.end_name(name);
                return None;
            }
        };
        let resting = Terms {
            account,
            qty,
            time_in_force: terms.time_in_force,
            post_only: false,
            linked: false,
            rare: Rare::default(),
            self_trade_prevention: terms.self_trade_prevention.unwrap_or_default(),
            fees,
            name,
            holding,
            older: NO_SLOT,
            younger: NO_SLOT,
        };
        self.rest(instrument, (NewResting { id: order, side, price, qty, display: None }, resting), events);
        let is_market = matches!(terms.kind, OrderKind::Market { .. });
        Some(Came { order, side, worst: price, qty, is_market })
    }

    fn check_coming(
        &self,
        instrument: InstrumentId,
        terms: &PlaceOrder,
        price: Price,
        fees: &FeeMeter,
    ) -> Result<Qty, Reason> {
        let market = &self.markets[usize::from(instrument.0)];
        let qty = terms.kind.qty().unwrap_or_default();
        // At the price of its auction a seller may get more than can be told of.
        market.clerk.worst_cost(terms.side, price, qty, fees).ok_or(Reason::AmountTooLarge)?;
        self.check_position(market, terms, qty)?;
        self.check_resting(market, terms.side, (price, qty))?;
        Ok(qty)
    }

    /// Orders that waited for what this auction leaves over come at its price, the best limit first, then by number, as long as
    /// something is left. Gives how many lots they took, and adds those that came.
    pub(super) fn offset_surplus(
        &mut self,
        instrument: InstrumentId,
        clearing: Clearing,
        came: &mut Vec<Came>,
        events: &mut Vec<Event>,
    ) -> u128 {
        let Clearing { price, surplus: Some((over, lots)), .. } = clearing else { return 0 };
        let mut left = lots;
        for order in self.offsetting(instrument, over.opposite(), price) {
            if left == 0 {
                break;
            }
            if let Some(offset) = self.come_at(instrument, order, price, events) {
                let lots = left.min(offset.qty.0.into());
                self.trade_at(instrument, price, lots, events);
                left -= lots;
                came.push(offset);
            }
        }
        lots - left
    }

    /// The orders on a side that wait for this auction's surplus and take its price, in the order in which they come.
    fn offsetting(&self, instrument: InstrumentId, side: Side, price: Price) -> Vec<OrderId> {
        let market = &self.markets[usize::from(instrument.0)];
        let on_side = |order| market.triggers.get(order).is_some_and(|waiting| waiting.terms.side == side);
        let mut orders: Vec<(OrderId, Price)> = market
            .triggers
            .for_surplus(market.purpose)
            .filter(|(order, limit)| crosses(side, *limit, price) && on_side(*order))
            .collect();
        // By number they are already.
        match side {
            Side::Buy => orders.sort_by_key(|(_, limit)| Reverse(*limit)),
            Side::Sell => orders.sort_by_key(|(_, limit)| *limit),
        }
        orders.into_iter().map(|(order, _)| order).collect()
    }

    /// What is left of the orders that came for this auction is cancelled, and so are those that its surplus did not need.
    pub(super) fn leave_auction(&mut self, instrument: InstrumentId, came: &[Came], events: &mut Vec<Event>) {
        for Came { order, .. } in came {
            if self.find(*order).is_some() {
                self.end_open(*order, CancelCause::AuctionRemainder, events);
            }
        }
        let market = &self.markets[usize::from(instrument.0)];
        let left_out: Vec<(OrderId, Price)> = market.triggers.for_surplus(market.purpose).collect();
        for (order, _) in left_out {
            self.end_waiting(instrument, order, CancelCause::AuctionRemainder, events);
        }
    }
}

/// What an order at the open or at the close must fulfil, whatever its account has.
pub(crate) fn check_at_auction(instrument: &Instrument, order: &PlaceOrder) -> Result<(), Reason> {
    let plain = matches!(order.kind, OrderKind::Limit { .. } | OrderKind::Market { .. });
    if !plain || order.post_only || order.display_qty.is_some() || order.trigger.is_some() || !order.is_usual() {
        return Err(Reason::AtAuctionPlain);
    }
    if order.imbalance_only && !matches!(order.kind, OrderKind::Limit { .. }) {
        return Err(Reason::InvalidImbalanceOnly);
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
