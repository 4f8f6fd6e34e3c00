//! Days of instruments.

use papertape_engine::{Event, InstrumentId, Phase, Purpose, Reason, Schedule, Stage};

use super::Model;

/// Nanoseconds of a day.
const DAY: u64 = 24 * 60 * 60 * 1_000_000_000;

impl Model {
    pub(super) fn set_schedule(
        &mut self,
        instrument: InstrumentId,
        schedule: Option<Schedule>,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.market(instrument)?;
        if let Some(Schedule { pre_open_ns, open_ns, closing_ns, close_ns }) = schedule {
            let times = [pre_open_ns, open_ns, closing_ns, close_ns];
            if close_ns >= DAY || times.windows(2).any(|pair| pair[0] >= pair[1]) {
                return Err(Reason::InvalidSchedule);
            }
        }
        let next = next_after(schedule, self.now_ns);
        let market = &mut self.markets[usize::from(instrument.0)];
        (market.schedule, market.step_ns) = (schedule, next);
        events.push(Event::ScheduleSet { instrument, schedule });
        Ok(())
    }

    /// The time of a step has come, perhaps long ago.
    pub(super) fn take_step(&mut self, instrument: InstrumentId, stamp_ns: u64, events: &mut Vec<Event>) {
        let market = self.markets[usize::from(instrument.0)];
        let (Some(schedule), Some(step_ns)) = (market.schedule, market.step_ns) else { return };
        if stamp_ns - step_ns > DAY {
            self.notes.push("step of a schedule slept through");
            // The first one that is not older than a day.
            self.markets[usize::from(instrument.0)].step_ns = next_after(Some(schedule), stamp_ns - DAY - 1);
            return;
        }
        self.markets[usize::from(instrument.0)].step_ns = next_after(Some(schedule), step_ns);
        let collect = |purpose| Stage { phase: Phase::Auction, purpose, until_ns: None };
        let of_day = step_ns % DAY;
        if of_day == schedule.pre_open_ns {
            self.notes.push("schedule began the opening auction");
            self.enter_stage(instrument, collect(Purpose::Opening), events);
        } else if of_day == schedule.open_ns {
            if market.phase == Phase::Auction {
                self.notes.push("schedule opened");
                self.uncross_now(instrument, None, Phase::Continuous, events);
            }
        } else if of_day == schedule.closing_ns {
            if matches!(market.phase, Phase::Auction | Phase::Continuous) {
                self.notes.push("schedule began the closing auction");
                self.enter_stage(instrument, collect(Purpose::Closing), events);
            }
        } else if market.phase == Phase::Auction {
            self.notes.push("schedule closed");
            self.uncross_now(instrument, None, Phase::Closed, events);
        } else {
            self.notes.push("schedule closed without an auction");
            self.enter_stage(instrument, Phase::Closed.into(), events);
        }
    }
}

/// The first of a schedule's times after another, looked for today and tomorrow.
fn next_after(schedule: Option<Schedule>, after_ns: u64) -> Option<u64> {
    let Schedule { pre_open_ns, open_ns, closing_ns, close_ns } = schedule?;
    let today = after_ns / DAY;
    let days = [Some(today), today.checked_add(1)].into_iter().flatten();
    let times = days.flat_map(|day| {
        [pre_open_ns, open_ns, closing_ns, close_ns]
            .map(|time| day.checked_mul(DAY).and_then(|begin| begin.checked_add(time)))
    });
    times.flatten().find(|time| *time > after_ns)
}
