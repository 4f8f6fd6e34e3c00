//! Phases: who changes them, and when they end by themselves.

use papertape_engine::{Event, InstrumentId, Phase, Purpose, Reason, Stage};

use super::{Market, Model};

impl Market {
    pub(super) fn stage(&self) -> Stage {
        Stage { phase: self.phase, purpose: self.purpose, until_ns: self.until_ns }
    }
}

impl Model {
    pub(super) fn set_phase(
        &mut self,
        instrument: InstrumentId,
        stage: Stage,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        let before = self.market(instrument)?.stage();
        let misfit = match stage.phase {
            Phase::Auction => false,
            Phase::Halted => stage.purpose != Purpose::Intraday,
            Phase::Continuous | Phase::Closed => stage.purpose != Purpose::Intraday || stage.until_ns.is_some(),
        };
        let over = stage.until_ns.is_some_and(|until_ns| until_ns <= self.now_ns);
        if misfit || over {
            Err(Reason::InvalidPhase)
        } else if before == stage {
            Err(Reason::PhaseUnchanged)
        } else if stage.phase == Phase::Continuous && self.is_crossed(instrument) {
            Err(Reason::BookCrossed)
        } else {
            self.enter_stage(instrument, stage, events);
            Ok(())
        }
    }

    /// What is new is told. Triggers look at the reference price of the moment where trading becomes continuous; a session
    /// ends where an instrument closes.
    pub(super) fn enter_stage(&mut self, instrument: InstrumentId, stage: Stage, events: &mut Vec<Event>) {
        let market = &mut self.markets[usize::from(instrument.0)];
        let before = market.stage();
        if before == stage {
            return;
        }
        (market.phase, market.purpose, market.until_ns) = (stage.phase, stage.purpose, stage.until_ns);
        if stage.phase != Phase::Auction {
            market.indicated = None;
        }
        events.push(Event::PhaseChanged { instrument, stage });
        if before.phase == stage.phase {
            self.notes.push("phase has another end or purpose");
            return;
        }
        match stage.phase {
            Phase::Continuous => self.see_now(instrument),
            Phase::Closed => {
                self.markets[usize::from(instrument.0)].session_price = None;
                self.end_session(instrument, events);
            }
            Phase::Auction | Phase::Halted => {}
        }
    }

    /// An order would have traded outside a band.
    pub(super) fn interrupt(&mut self, instrument: InstrumentId, events: &mut Vec<Event>) {
        let market = &self.markets[usize::from(instrument.0)];
        let lasts_ns = market.spec.volatility_auction_ns;
        if lasts_ns > 0 && market.phase == Phase::Continuous {
            self.notes.push("volatility auction began");
            let until_ns = Some(self.now_ns.saturating_add(lasts_ns));
            let stage = Stage { phase: Phase::Auction, purpose: Purpose::Volatility, until_ns };
            self.enter_stage(instrument, stage, events);
        }
    }

    /// Whether a band begins an auction instead of cutting orders.
    pub(super) fn is_interrupted_by_bands(&self, instrument: InstrumentId) -> bool {
        self.markets[usize::from(instrument.0)].spec.volatility_auction_ns > 0
    }

    /// Everything that ends by the time of the stamp: one phase after the other, the earliest first, and before each the
    /// orders that end until then.
    pub(super) fn pass_time(&mut self, events: &mut Vec<Event>) -> u32 {
        let (stamp_ns, mut expired) = (self.now_ns, 0);
        loop {
            // Ends before steps of a schedule, where one instrument has both at one time.
            let turns = self.markets.iter().enumerate().flat_map(|(n, market)| {
                let instrument = InstrumentId(n as u16);
                [market.until_ns.map(|at| (at, instrument, false)), market.step_ns.map(|at| (at, instrument, true))]
            });
            let next = turns.flatten().filter(|(at_ns, ..)| *at_ns <= stamp_ns).min();
            self.now_ns = next.map_or(stamp_ns, |(at_ns, ..)| at_ns);
            expired += self.expire(events);
            self.settle(events);
            let Some((_, instrument, is_step)) = next else { return expired };
            if is_step {
                self.take_step(instrument, stamp_ns, events);
                self.settle(events);
                continue;
            }
            let market = &self.markets[usize::from(instrument.0)];
            if market.phase == Phase::Auction || self.is_crossed(instrument) {
                self.notes.push(match self.markets[usize::from(instrument.0)].phase {
                    Phase::Auction => "auction ended by its time",
                    _ => "crossed halt ended by its time",
                });
                self.uncross_now(instrument, None, Phase::Continuous, events);
            } else {
                self.notes.push("halt ended by its time");
                self.enter_stage(instrument, Phase::Continuous.into(), events);
            }
            self.settle(events);
        }
    }
}
