//! The same scenario in whole milliseconds, for those who tell time no finer.

use papertape_engine::{Command, InstrumentSpec, ListOrders, PlaceList, Schedule, Stage, TimeInForce};

use super::{Scenario, Step};

/// Nanoseconds of a millisecond.
const MS: u64 = 1_000_000;

impl Scenario {
    /// The same with every time that it says in whole milliseconds: as it is if they are, else with a nanosecond for
    /// each millisecond.
    pub fn in_milliseconds(&self) -> Scenario {
        let mut whole = true;
        self.clone().each_time(|time_ns| whole &= time_ns.is_multiple_of(MS));
        let mut scenario = self.clone();
        if !whole {
            scenario.each_time(|time_ns| *time_ns = time_ns.checked_mul(MS).unwrap_or(u64::MAX / MS * MS));
            scenario.step_ns = scenario.step_ns.saturating_mul(MS);
            scenario.each_step(|step| {
                if let Step::Wait(ns) = step {
                    *ns = ns.saturating_mul(MS);
                }
            });
        }
        scenario
    }

    fn each_step(&mut self, mut change: impl FnMut(&mut Step)) {
        let lines = self.blocks.iter_mut().flat_map(|block| &mut block.lines);
        lines.flat_map(|line| &mut line.steps).for_each(&mut change);
    }

    /// Shows every time that a command says.
    fn each_time(&mut self, mut change: impl FnMut(&mut u64)) {
        self.each_step(|step| {
            if let Step::Command(command) = step {
                each_time_of(command, &mut change);
            }
        });
    }
}

fn each_time_of(command: &mut Command, change: &mut impl FnMut(&mut u64)) {
    let mut lifetime = |time_in_force: &mut TimeInForce| {
        if let TimeInForce::Gtd { until_ns } = time_in_force {
            change(until_ns);
        }
    };
    match command {
        Command::Place(place) => lifetime(&mut place.time_in_force),
        Command::PlaceList(PlaceList { orders, .. }) => match orders {
            ListOrders::Oco(legs) => legs.iter_mut().for_each(|leg| lifetime(&mut leg.time_in_force)),
            ListOrders::Oto { working, pending } => {
                [working, pending].into_iter().for_each(|leg| lifetime(&mut leg.time_in_force));
            }
            ListOrders::Otoco { working, pending } => {
                let legs = std::iter::once(working).chain(pending);
                legs.for_each(|leg| lifetime(&mut leg.time_in_force));
            }
        },
        Command::ListInstrument(InstrumentSpec { volatility_auction_ns, .. }) => change(volatility_auction_ns),
        Command::SetPhase { stage: Stage { until_ns, .. }, .. } => until_ns.iter_mut().for_each(change),
        Command::SetSchedule { schedule: Some(schedule), .. } => {
            let Schedule { pre_open_ns, open_ns, closing_ns, close_ns } = schedule;
            [pre_open_ns, open_ns, closing_ns, close_ns].into_iter().for_each(change);
        }
        _ => {}
    }
}
