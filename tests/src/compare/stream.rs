//! One random stream through both.

use super::coverage::Coverage;
use super::run::{Difference, Run, Step, Subject};
use crate::random::{Flow, Profile};

/// How a stream is run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Commands, the opening of the venue included.
    pub commands: usize,
    /// The invariants are checked after every so many commands, and at the end.
    pub check_every: u64,
    /// A profile other than the seed's own.
    pub profile: Option<Profile>,
}

impl Default for Plan {
    fn default() -> Self {
        Self { commands: 2_000, check_every: 1, profile: None }
    }
}

/// A stream in which the two differ: its steps up to there, and the difference.
pub struct Streamed {
    /// What both were given.
    pub steps: Vec<Step>,
    /// Where and how they differ.
    pub difference: Difference,
}

/// Runs the stream of a seed, and counts what occurred in it.
pub fn stream<S: Subject>(seed: u64, plan: &Plan, subject: S, coverage: &mut Coverage) -> Result<(), Box<Streamed>> {
    let mut flow = plan.profile.map_or_else(|| Flow::new(seed), |profile| Flow::of(profile, seed));
    let mut run = Run::new(subject, plan.check_every);
    let mut steps = Vec::with_capacity(plan.commands + 4);
    // Every stream is saved and restored a few times, at places that differ from stream to stream.
    let restored = |n: usize| (n as u64 * 31 + seed * 17) % 701 == 700;
    for n in 0..plan.commands {
        if restored(n) {
            steps.push(Step::Restore);
            if let Err(difference) = run.step(&Step::Restore) {
                return Err(Box::new(Streamed { steps, difference }));
            }
            coverage.restored(run.has_reserves());
        }
        if let Some(ns) = flow.pause_ns() {
            steps.push(Step::Wait(ns));
            if let Err(difference) = run.step(&Step::Wait(ns)) {
                return Err(Box::new(Streamed { steps, difference }));
            }
        }
        let command = flow.next_command();
        let step = Step::Command(command);
        steps.push(step);
        match run.step(&step) {
            Ok(events) => {
                flow.learn(events);
                coverage.add(&command, events);
            }
            Err(difference) => return Err(Box::new(Streamed { steps, difference })),
        }
        coverage.noted(run.notes());
        coverage.open_orders(run.open_orders());
    }
    let finished = run.finish().map_err(|difference| Box::new(Streamed { steps, difference }));
    coverage.stream(flow.profile());
    finished
}
