//! What follows from what a command did: lists go on, triggers look at the new prices, orders that fired come to the book;
//! and what follows from that, until nothing is left.

use super::place::{Coming, Intent};
use crate::book::OrderBook;
use crate::command::{OrderKind, PlaceOrder, TimeInForce};
use crate::engine::{Engine, Fired};
use crate::event::Event;
use crate::ids::InstrumentId;
use crate::instrument::{Phase, TriggerSource};
use crate::lists::News;
use crate::reason::{CancelCause, Reason};
use crate::stage::Stage;
use crate::units::Price;

impl<B: OrderBook> Engine<B> {
    /// Works off everything that follows from the events since `seen`, first what trades did to positions that others may only
    /// reduce, and to prices that others follow. Ends, because a move of a pegged order trades or is one of the last, and else each step takes an order out of those
    /// that wait or are pending, and none comes in.
    pub(crate) fn follow_up(&mut self, mut seen: usize, time_ns: u64, events: &mut Vec<Event>) {
        let mut covered = seen;
        loop {
            if self.desk.holdings.has_followers() {
                self.end_uncovered(covered, events);
                covered = events.len();
                if self.follow_pegs(events) {
                    continue;
                }
            }
            // Before lists release orders, which look at later prices only. Those that it fires come after these.
            self.look(&events[seen..]);
            seen = events.len();
            if let Some((order, news)) = self.desk.lists.next_news() {
                self.work_list(order, news, time_ns, events);
                continue;
            }
            self.look_at_middles();
            self.fired.append(&mut self.reached);
            match self.fired.pop_front() {
                Some(fired) => self.fire(fired, time_ns, events),
                None => return,
            }
        }
    }

    /// Triggers look at what is new.
    fn look(&mut self, events: &[Event]) {
        for event in events {
            match *event {
                Event::Trade(trade) => self.look_at(trade.instrument, TriggerSource::LastTrade, trade.price),
                Event::MarkSet { instrument, price } => self.look_at(instrument, TriggerSource::Mark, price),
                Event::PhaseChanged { instrument, stage: Stage { phase: Phase::Continuous, .. } } => {
                    let market = &self.markets[usize::from(instrument.0)];
                    let source = market.clerk.instrument.spec.trigger_source;
                    // The middle is looked at when lists have done what they have to.
                    let reference = market.reference().filter(|_| source != TriggerSource::Mid);
                    if let Some(reference) = reference {
                        self.look_at(instrument, source, reference);
                    }
                }
                _ => {}
            }
        }
    }

    /// Triggers look at the middles of the books, where they look at them.
    fn look_at_middles(&mut self) {
        let by_middle = |instrument: &InstrumentId| {
            self.markets[usize::from(instrument.0)].clerk.instrument.spec.trigger_source == TriggerSource::Mid
        };
        let watched: Vec<InstrumentId> = self.desk.waiting.markets().filter(by_middle).collect();
        for instrument in watched {
            if let Some(reference) = self.markets[usize::from(instrument.0)].reference() {
                self.look_at(instrument, TriggerSource::Mid, reference);
            }
        }
    }

    /// Triggers look at a reference price, if it comes from where they look.
    fn look_at(&mut self, instrument: InstrumentId, source: TriggerSource, price: Price) {
        let Self { markets, scratch_fired, reached, .. } = self;
        let market = &mut markets[usize::from(instrument.0)];
        let looks = market.phase == Phase::Continuous && market.clerk.instrument.spec.trigger_source == source;
        if !looks || market.triggers.is_empty() {
            return;
        }
        scratch_fired.clear();
        market.triggers.look(price, scratch_fired);
        reached.extend(scratch_fired.iter().map(|(order, best)| Fired {
            instrument,
            order: *order,
            price,
            best: *best,
        }));
    }

    /// An order comes to the book, unless it has ended since it fired.
    fn fire(&mut self, Fired { instrument, order, price, best }: Fired, time_ns: u64, events: &mut Vec<Event>) {
        let market = &mut self.markets[usize::from(instrument.0)];
        if market.phase != Phase::Continuous {
            // An order that fired before it has begun an auction.
            return market.triggers.rearm(order, best);
        }
        let Some(waiting) = self.pull_waiting(instrument, order) else { return };
        let PlaceOrder { account, side, .. } = waiting.terms;
        events.push(Event::Triggered { order, account, instrument, side, price });
        let linked = self.desk.lists.of(order).is_some();
        if linked {
            // The other order of its list gives up what it holds before this one needs it.
            self.work_list(order, News::Fired, time_ns, events);
        }
        let terms = PlaceOrder { trigger: None, ..waiting.terms };
        let mode = terms.self_trade_prevention.unwrap_or_default();
        let (terms, fees, name) = (&terms, waiting.fees, waiting.name);
        self.come(&Coming { order, terms, mode, fees, name, linked: false }, events);
    }

    /// An order without a trigger, accepted before, comes to the book as a new one would: what would refuse that one
    /// cancels it.
    #[inline(never)]
    pub(super) fn come(&mut self, coming: &Coming, events: &mut Vec<Event>) {
        let by_market = matches!(coming.terms.kind, OrderKind::Market { .. });
        let time_in_force = match coming.terms.time_in_force {
            stays if by_market && stays.stays() => TimeInForce::Ioc,
            as_named => as_named,
        };
        let coming = &Coming { terms: &PlaceOrder { time_in_force, ..*coming.terms }, ..*coming };
        match self.intend_later(coming) {
            Ok(intent) => self.enter(coming, &intent, events),
            Err(reason) => {
                self.end_unseen(coming.order, coming.terms, cause_of(reason), events);
                self.desk.end_name(coming.name);
            }
        }
    }

    fn intend_later(&self, coming: &Coming) -> Result<Intent, Reason> {
        let market = &self.markets[usize::from(coming.terms.instrument.0)];
        self.intend(market, coming.terms, &coming.fees, u32::MAX)
    }
}

/// What would refuse a new order cancels one that was accepted before.
pub(super) fn cause_of(reason: Reason) -> CancelCause {
    match reason {
        Reason::InsufficientFunds => CancelCause::InsufficientFunds,
        Reason::PostOnlyWouldTake => CancelCause::PostOnlyWouldTake,
        Reason::BookFull | Reason::AmountTooLarge => CancelCause::NoRoom,
        Reason::PriceOutOfRange | Reason::QtyOutOfRange | Reason::NotionalOutOfRange => CancelCause::OutsideLimits,
        Reason::PriceOutOfBand | Reason::PositionLimit => CancelCause::OutsideLimits,
        Reason::ReduceOnly => CancelCause::ReduceOnly,
        Reason::ExpiryNotAhead => CancelCause::Expired,
        _ => CancelCause::NotTrading,
    }
}
