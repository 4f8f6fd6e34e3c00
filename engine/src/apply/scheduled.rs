//! Schedules: set by command, carried out by the stamps' time.

use crate::book::OrderBook;
use crate::command::Stamp;
use crate::engine::Engine;
use crate::event::Event;
use crate::ids::InstrumentId;
use crate::instrument::Phase;
use crate::lifetimes::Turn;
use crate::reason::Reason;
use crate::schedule::{DAY_NS, Schedule, Step};
use crate::stage::{Purpose, Stage};

impl<B: OrderBook> Engine<B> {
    pub(super) fn set_schedule(
        &mut self,
        stamp: Stamp,
        instrument: InstrumentId,
        schedule: Option<Schedule>,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.market(instrument).ok_or(Reason::UnknownInstrument)?;
        if schedule.is_some_and(|schedule| !schedule.is_possible()) {
            return Err(Reason::InvalidSchedule);
        }
        self.markets[usize::from(instrument.0)].schedule = schedule;
        self.plan_step(instrument, schedule.and_then(|schedule| schedule.next_ns(stamp.time_ns)));
        events.push(Event::ScheduleSet { instrument, schedule });
        Ok(())
    }

    fn plan_step(&mut self, instrument: InstrumentId, next_ns: Option<u64>) {
        let market = &mut self.markets[usize::from(instrument.0)];
        let before = std::mem::replace(&mut market.step_ns, next_ns);
        self.desk.lifetimes.end_turn(instrument, Turn::Scheduled, before);
        self.desk.lifetimes.begin_turn(instrument, Turn::Scheduled, next_ns);
    }

    /// The time of a step has come; `stamp_ns` is now. What a venue has slept through for more than a day is left out.
    pub(super) fn take_step(
        &mut self,
        instrument: InstrumentId,
        (step_ns, stamp_ns): (u64, u64),
        events: &mut Vec<Event>,
    ) {
        let market = &self.markets[usize::from(instrument.0)];
        let Some(schedule) = market.schedule else { return };
        let oldest_ns = stamp_ns.saturating_sub(DAY_NS);
        if step_ns < oldest_ns {
            return self.plan_step(instrument, schedule.next_ns(oldest_ns - 1));
        }
        let phase = market.phase;
        self.plan_step(instrument, schedule.next_ns(step_ns));
        let auction = |purpose| Stage { phase: Phase::Auction, purpose, until_ns: None };
        match (schedule.step_at(step_ns), phase) {
            (Some(Step::PreOpen), _) => self.enter_stage(instrument, auction(Purpose::Opening), events),
            (Some(Step::Open), Phase::Auction) => self.uncross_now(instrument, None, Phase::Continuous, events),
            (Some(Step::Closing), Phase::Auction | Phase::Continuous) => {
                self.enter_stage(instrument, auction(Purpose::Closing), events);
            }
            (Some(Step::Close), Phase::Auction) => self.uncross_now(instrument, None, Phase::Closed, events),
            (Some(Step::Close), _) => self.enter_stage(instrument, Phase::Closed.into(), events),
            (Some(Step::Open | Step::Closing) | None, _) => {}
        }
    }
}
