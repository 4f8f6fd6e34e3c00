//! What auctions collect, kept up to date from what was told, and the price that they would have now.

use crate::book::OrderBook;
use crate::command::{OrderKind, Side};
use crate::engine::Engine;
use crate::event::{Amended, Cancelled, Event};
use crate::ids::InstrumentId;
use crate::instrument::Phase;
use crate::interest::{Indicated, Interest};
use crate::market::{Collecting, Market};
use crate::triggers::Waiting;
use crate::units::{Price, Qty};

impl<B: OrderBook> Engine<B> {
    /// Takes in what was told since the last time.
    pub(super) fn hear_interest(&mut self, events: &[Event]) {
        let Self { markets, heard, collected, .. } = self;
        for event in &events[*heard..] {
            let Some(instrument) = instrument_of(event) else { continue };
            let Some(collecting) = &mut markets[usize::from(instrument.0)].collecting else { continue };
            hear(&mut collecting.interest, event);
            collected.push(instrument);
        }
        *heard = events.len();
    }

    /// An instrument begins to collect, or ends: what was told before is not of this auction.
    pub(super) fn collect_anew(&mut self, instrument: InstrumentId, events: &[Event]) {
        self.hear_interest(events);
        let market = &mut self.markets[usize::from(instrument.0)];
        let before = market.collecting.take();
        self.auctions -= u32::from(before.is_some());
        if market.phase == Phase::Auction {
            let indicated = before.and_then(|before| before.indicated);
            market.collecting = Some(Box::new(Collecting { interest: interest_of(market), indicated }));
            self.auctions += 1;
            self.collected.push(instrument);
        }
    }

    /// Tells what each auction that has changed would trade now, if that is new.
    #[cold]
    #[inline(never)]
    pub(crate) fn tell_indications(&mut self, events: &mut Vec<Event>) {
        self.hear_interest(events);
        self.collected.sort_unstable();
        self.collected.dedup();
        for instrument in &self.collected {
            let market = &mut self.markets[usize::from(instrument.0)];
            let last_price = market.clerk.last_price;
            let Some(collecting) = &mut market.collecting else { continue };
            let indicated = collecting.interest.clear(last_price).map(|clearing| clearing.told());
            if collecting.indicated != indicated {
                collecting.indicated = indicated;
                events.push(indication(*instrument, indicated));
            }
        }
        self.collected.clear();
    }

    /// An order that waits for the auction that an instrument is in, or has stopped waiting. Those for its surplus do not count.
    pub(super) fn count_at_auction(&mut self, instrument: InstrumentId, waiting: &Waiting, worst: Price, comes: bool) {
        let market = &mut self.markets[usize::from(instrument.0)];
        let purpose = waiting.terms.time_in_force.auction();
        let here = market.phase == Phase::Auction && purpose == Some(market.purpose) && !waiting.terms.imbalance_only;
        let Some(collecting) = market.collecting.as_mut().filter(|_| here) else { return };
        let (side, lots) = (waiting.terms.side, u128::from(waiting.terms.kind.qty().unwrap_or_default().0));
        let is_market = matches!(waiting.terms.kind, OrderKind::Market { .. });
        match comes {
            true => collecting.interest.add(side, worst, lots, is_market),
            false => collecting.interest.take(side, worst, lots, is_market),
        }
        self.collected.push(instrument);
    }
}

/// Everything that an instrument would uncross now.
pub(crate) fn interest_of<B: OrderBook>(market: &Market<B>) -> Interest {
    let mut interest = Interest::default();
    for side in [Side::Buy, Side::Sell] {
        let mut at = market.book.level_of_all_after(side, None);
        while let Some(level) = at {
            // An uncross counts what does not show too.
            let lots = u128::from(level.qty.0) + market.clerk.reserve_at(side, level.price);
            interest.add(side, level.price, lots, false);
            at = market.book.level_of_all_after(side, Some(level.price));
        }
    }
    for (order, worst) in market.triggers.at_auction(market.purpose) {
        let terms = &market.triggers.get(order).expect("the index names it").terms;
        let lots = u128::from(terms.kind.qty().unwrap_or_default().0);
        interest.add(terms.side, worst, lots, matches!(terms.kind, OrderKind::Market { .. }));
    }
    interest
}

/// What would trade, told.
fn indication(instrument: InstrumentId, indicated: Option<Indicated>) -> Event {
    let (price, surplus) = (indicated.map(|told| told.price), indicated.and_then(|told| told.surplus));
    let qty = indicated.map_or(Qty::ZERO, |told| told.qty);
    Event::Indicated { instrument, price, qty, surplus }
}

/// Where an event has changed what rests.
fn instrument_of(event: &Event) -> Option<InstrumentId> {
    match event {
        Event::Rested { instrument, .. } => Some(*instrument),
        Event::Cancelled(Cancelled { instrument, rested_at: Some(_), .. }) => Some(*instrument),
        Event::Amended(amended) => Some(amended.instrument),
        _ => None,
    }
}

fn hear(interest: &mut Interest, event: &Event) {
    match *event {
        Event::Rested { side, price, leaves_qty, .. } => interest.add(side, price, leaves_qty.0.into(), false),
        Event::Cancelled(Cancelled { side, rested_at: Some(price), leaves_qty, .. }) => {
            interest.take(side, price, leaves_qty.0.into(), false);
        }
        Event::Amended(Amended { side, old_price, old_leaves_qty, price, leaves_qty, kept_priority, .. }) => {
            interest.take(side, old_price, old_leaves_qty.0.into(), false);
            if kept_priority {
                interest.add(side, price, leaves_qty.0.into(), false);
            }
        }
        _ => {}
    }
}
