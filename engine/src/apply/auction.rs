//! The call auction: one price for everybody. Most volume, then least imbalance, then the side of the surplus (a buy
//! surplus takes the higher price), then the price nearest to the reference: the order of rules that CME publishes
//! for its indicative opening price, and that Shanghai's auctions follow.

use super::at_auction::Came;
use super::collect::interest_of;
use super::sweep::{fill_resting, next_part};
use crate::book::OrderBook;
use crate::command::Side;
use crate::engine::Engine;
use crate::event::{Event, Trade};
use crate::ids::InstrumentId;
use crate::instrument::Phase;
use crate::interest::{Clearing, Interest, saturate};
use crate::market::{Market, Role};
use crate::reason::Reason;
use crate::units::{Price, Qty};

impl<B: OrderBook> Engine<B> {
    pub(super) fn uncross(
        &mut self,
        instrument: InstrumentId,
        reference: Option<Price>,
        then: Phase,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        let market = self.market(instrument).ok_or(Reason::UnknownInstrument)?;
        if market.phase != Phase::Auction {
            return Err(Reason::NotInAuction);
        }
        self.uncross_now(instrument, reference, then, events);
        Ok(())
    }

    /// Trades what was collected at one price, and goes on in another phase.
    pub(super) fn uncross_now(
        &mut self,
        instrument: InstrumentId,
        reference: Option<Price>,
        then: Phase,
        events: &mut Vec<Event>,
    ) {
        self.hear_interest(events);
        let mut came = self.come_to_auction(instrument, events);
        if !self.markets[usize::from(instrument.0)].clerk.closers.is_empty() {
            self.end_uncovered_before_uncross(instrument, events);
            self.hear_interest(events);
        }
        let market = &mut self.markets[usize::from(instrument.0)];
        // Zero is no price, here as in the journal's bytes: live and replayed commands must do the same.
        let reference = reference.filter(|price| price.0 > 0).or(market.clerk.last_price);
        let collecting = market.collecting.take();
        self.auctions -= u32::from(collecting.is_some());
        let clearing = match collecting {
            Some(collecting) if came.is_empty() => collecting.interest.clear(reference),
            _ => collected(market, &came).clear(reference),
        };
        let told = clearing.map(|clearing| self.trade_cleared(instrument, clearing, &mut came, events).told());
        let market = &self.markets[usize::from(instrument.0)];
        assert!(!market.is_crossed(), "the price of most volume leaves nothing that could trade");
        let (price, qty) = (told.map(|told| told.price), told.map_or(Qty::ZERO, |told| told.qty));
        events.push(Event::Uncrossed { instrument, price, qty, surplus: told.and_then(|told| told.surplus) });
        self.leave_auction(instrument, &came, events);
        if self.markets[usize::from(instrument.0)].stage() == then.into() {
            self.collect_anew(instrument, events);
        } else {
            self.enter_stage(instrument, then.into(), events);
        }
    }

    /// Trades at the one price, and with what that leaves over. Gives what has traded then, and is left.
    fn trade_cleared(
        &mut self,
        instrument: InstrumentId,
        clearing: Clearing,
        came: &mut Vec<Came>,
        events: &mut Vec<Event>,
    ) -> Clearing {
        let Clearing { price, volume, surplus } = clearing;
        self.trade_at(instrument, price, volume, events);
        self.markets[usize::from(instrument.0)].clerk.session_price = Some(price);
        let offset = self.offset_surplus(instrument, clearing, came, events);
        let surplus = surplus.map(|(side, lots)| (side, lots - offset)).filter(|(_, lots)| *lots > 0);
        Clearing { price, volume: volume + offset, surplus }
    }

    /// The first bid trades with the first ask at a price, until so many lots are done.
    pub(super) fn trade_at(&mut self, instrument: InstrumentId, price: Price, mut left: u128, events: &mut Vec<Event>) {
        let Self { markets, desk, .. } = self;
        let market = &mut markets[usize::from(instrument.0)];
        while left > 0 {
            let front = |side| market.book.front(side).expect("the volume was counted from resting orders");
            let (bid, ask) = (front(Side::Buy), front(Side::Sell));
            let qty = bid.leaves_qty.min(ask.leaves_qty).min(saturate(left));
            left -= u128::from(qty.0);
            let (role, worth) = ((instrument, Role::Auction), market.clerk.worth(price, qty));
            let buy = fill_resting(&mut market.clerk, desk, role, &bid, (&worth, qty));
            let sell = fill_resting(&mut market.clerk, desk, role, &ask, (&worth, qty));
            let id = market.clerk.next_trade(price);
            events.push(Event::Trade(Trade { id, instrument, price, qty, aggressor: None, buy, sell }));
            for (order, leaves_qty) in [(bid, buy.leaves_qty), (ask, sell.leaves_qty)] {
                let anew = next_part(&mut market.clerk, &order, (qty, leaves_qty), events);
                match anew.is_zero() {
                    true => market.book.take(order.slot, qty),
                    false => market.book.refresh(order.slot, anew),
                }
            }
        }
    }
}

/// What an instrument uncrosses. Market orders that came for it count at the worst price that they may get, and set no price.
fn collected<B: OrderBook>(market: &Market<B>, came: &[Came]) -> Interest {
    let mut interest = interest_of(market);
    for Came { side, worst, qty, .. } in came.iter().filter(|came| came.is_market) {
        interest.take(*side, *worst, qty.0.into(), false);
        interest.add(*side, *worst, qty.0.into(), true);
    }
    interest
}
