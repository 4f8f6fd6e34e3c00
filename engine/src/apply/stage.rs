//! Phases: changed by command, by an order that would trade outside a band, or because their time is up.

use super::sweep::Taker;
use crate::book::OrderBook;
use crate::command::Stamp;
use crate::engine::Engine;
use crate::event::Event;
use crate::ids::InstrumentId;
use crate::instrument::Phase;
use crate::lifetimes::Turn;
use crate::reason::{CancelCause, Reason};
use crate::stage::{Purpose, Stage};
use crate::units::Price;

impl<B: OrderBook> Engine<B> {
    pub(super) fn set_phase(
        &mut self,
        stamp: Stamp,
        instrument: InstrumentId,
        stage: Stage,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        let market = self.market(instrument).ok_or(Reason::UnknownInstrument)?;
        if !stage.is_possible() || stage.until_ns.is_some_and(|until_ns| until_ns <= stamp.time_ns) {
            return Err(Reason::InvalidPhase);
        }
        if market.stage() == stage {
            return Err(Reason::PhaseUnchanged);
        }
        if stage.phase == Phase::Continuous && market.is_crossed() {
            return Err(Reason::BookCrossed);
        }
        self.enter_stage(instrument, stage, events);
        Ok(())
    }

    /// An instrument is in another stage, unless it is in this one already.
    pub(super) fn enter_stage(&mut self, instrument: InstrumentId, stage: Stage, events: &mut Vec<Event>) {
        let market = &mut self.markets[usize::from(instrument.0)];
        let before = market.stage();
        if before == stage {
            return;
        }
        (market.phase, market.purpose, market.until_ns) = (stage.phase, stage.purpose, stage.until_ns);
        self.desk.lifetimes.end_turn(instrument, Turn::Ends, before.until_ns);
        self.desk.lifetimes.begin_turn(instrument, Turn::Ends, stage.until_ns);
        events.push(Event::PhaseChanged { instrument, stage });
        self.collect_anew(instrument, events);
        if stage.phase == Phase::Closed && before.phase != Phase::Closed {
            self.end_session(instrument, events);
        }
    }

    /// What is left of an order would trade outside its band: it is cut, or it begins a volatility auction and rests there,
    /// if it rests at all.
    #[cold]
    #[inline(never)]
    pub(super) fn stop_at_band(
        &mut self,
        instrument: InstrumentId,
        taker: &Taker,
        rests_at: Option<Price>,
        events: &mut Vec<Event>,
    ) {
        let interrupts = self.markets[usize::from(instrument.0)].clerk.instrument.spec.volatility_auction_ns > 0;
        match rests_at.filter(|_| interrupts) {
            Some(price) => self.rest_taker(instrument, taker, price, events),
            None => self.end_taker(taker, instrument, CancelCause::PriceBand, events),
        }
        self.interrupt(instrument, events);
    }

    /// A volatility auction begins, where that is the rule.
    #[cold]
    #[inline(never)]
    pub(super) fn interrupt(&mut self, instrument: InstrumentId, events: &mut Vec<Event>) {
        let market = &self.markets[usize::from(instrument.0)];
        let lasts_ns = market.clerk.instrument.spec.volatility_auction_ns;
        if lasts_ns == 0 || market.phase != Phase::Continuous {
            return;
        }
        let until_ns = Some(self.now_ns.saturating_add(lasts_ns));
        self.enter_stage(instrument, Stage { phase: Phase::Auction, purpose: Purpose::Volatility, until_ns }, events);
    }

    /// The time of a phase is up: what it collected is uncrossed, and trading is continuous.
    pub(super) fn end_stage(&mut self, instrument: InstrumentId, events: &mut Vec<Event>) {
        let market = &self.markets[usize::from(instrument.0)];
        if market.phase == Phase::Auction || market.is_crossed() {
            self.uncross_now(instrument, None, Phase::Continuous, events);
        } else {
            self.enter_stage(instrument, Phase::Continuous.into(), events);
        }
    }
}
