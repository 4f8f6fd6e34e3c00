//! From a stream that shows a difference to the few commands that matter.

use std::panic::{AssertUnwindSafe, catch_unwind};

use papertape_engine::{AccountId, Command, Leg, PlaceList, PlaceOrder, Stage, TimeInForce};

use super::renumber::{Given, accounts_of, duration_ns, given, renumbered, with_account};
use super::run::{Difference, Step};
use super::simpler::{map_legs, nearer, simpler};

/// Runs of candidates before what has been reached must do.
const ATTEMPTS: usize = 30_000;
/// How often a command is made simpler before others have their turn.
const SIMPLER_MAX: usize = 6;

/// Leaves out whatever is not needed for a difference of the same kind, then makes the numbers smaller and the
/// accounts fewer, until nothing more can be taken away (or thirty thousand candidates were tried). `differs` runs
/// steps from the beginning. Gives the steps that are left and what differs at their end.
///
/// Panics if `steps` show no difference to begin with.
pub fn shrink(steps: &[Step], differs: impl FnMut(&[Step]) -> Option<Difference>) -> (Vec<Step>, Difference) {
    let mut differs = differs;
    let difference = differs(steps).expect("there is a difference to shrink");
    let mut shrinker = Shrinker { steps: steps.to_vec(), difference, differs, attempts: 0 };
    shrinker.cut_tail();
    loop {
        let before = shrinker.steps.clone();
        shrinker.leave_out();
        shrinker.merge_accounts();
        shrinker.simplify();
        if shrinker.steps == before || shrinker.attempts >= ATTEMPTS {
            return (shrinker.steps, shrinker.difference);
        }
    }
}

struct Shrinker<F> {
    steps: Vec<Step>,
    difference: Difference,
    differs: F,
    attempts: usize,
}

impl<F: FnMut(&[Step]) -> Option<Difference>> Shrinker<F> {
    /// Takes a candidate if it still differs, in the same way.
    fn attempt(&mut self, candidate: Vec<Step>) -> bool {
        if self.attempts >= ATTEMPTS {
            return false;
        }
        self.attempts += 1;
        let found = (self.differs)(&candidate).filter(|found| found.kind == self.difference.kind);
        let Some(difference) = found else { return false };
        (self.steps, self.difference) = (candidate, difference);
        self.cut_tail();
        true
    }

    /// Nothing after the difference matters.
    fn cut_tail(&mut self) {
        self.steps.truncate(self.difference.step + 1);
    }

    /// Leaves out halves, quarters, and so on down to single steps, until not one can be spared.
    fn leave_out(&mut self) {
        let mut size = self.steps.len().div_ceil(2);
        while size > 0 {
            let mut spared = false;
            // From the end: what comes last depends on what comes first.
            let mut end = self.steps.len();
            while end > 0 {
                let start = end.saturating_sub(size);
                if self.attempt(self.without(start, end)) {
                    spared = true;
                }
                end = start.min(self.steps.len());
            }
            if !spared || size > 1 {
                size /= 2;
            }
        }
    }

    /// The steps without some of them; later ones say the numbers and times that things have then.
    fn without(&self, start: usize, end: usize) -> Vec<Step> {
        let took = |steps: &[Step]| steps.iter().map(duration_ns).sum::<u64>();
        let (first_ns, gone_ns) = (took(&self.steps[..start]) + 1, took(&self.steps[start..end]));
        let earlier = |time_ns: u64| time_ns - time_ns.saturating_sub(first_ns).min(gone_ns);
        let given = catch_unwind(AssertUnwindSafe(|| given(&self.steps))).unwrap_or_default();
        let gone: Vec<Given> = given.iter().take(end).skip(start).flatten().copied().collect();
        let kept = self.steps[..start].iter().chain(&self.steps[end..]);
        kept.map(|step| match step {
            Step::Command(command) => Step::Command(at_times(renumbered(command, &gone), earlier)),
            Step::Wait(_) | Step::Restore => *step,
        })
        .collect()
    }

    /// Lets a lower-numbered account do what a higher one does.
    fn merge_accounts(&mut self) {
        let commands = self.steps.iter().filter_map(command_of);
        let most = commands.flat_map(accounts_of).map(|account| account.0).max().unwrap_or(0);
        // Numbers that nobody has opened are one account like any other here: the highest few will do.
        for from in (2..=most.min(64)).rev() {
            for to in 1..from {
                let merged = |command: &Command| with_account(command, AccountId(from), AccountId(to));
                if self.attempt(self.changed(merged)) {
                    break;
                }
            }
        }
    }

    fn changed(&self, change: impl Fn(&Command) -> Command) -> Vec<Step> {
        let change = |step: &Step| match step {
            Step::Command(command) => Step::Command(change(command)),
            Step::Wait(_) | Step::Restore => *step,
        };
        self.steps.iter().map(change).collect()
    }

    /// Smaller numbers, fewer attributes.
    fn simplify(&mut self) {
        let commands: Vec<Command> = self.steps.iter().filter_map(command_of).copied().collect();
        for moved in nearer(&commands) {
            let mut moved = moved.into_iter();
            let candidate = self.steps.iter().map(|step| match step {
                Step::Command(command) => Step::Command(moved.next().unwrap_or(*command)),
                Step::Wait(_) | Step::Restore => *step,
            });
            let candidate = candidate.collect();
            if self.attempt(candidate) {
                break;
            }
        }
        let (mut at, mut made) = (0, 0);
        while at < self.steps.len() {
            let variants = command_of(&self.steps[at]).map(simpler).unwrap_or_default();
            let simpler = variants.into_iter().any(|variant| {
                let mut candidate = self.steps.clone();
                candidate[at] = Step::Command(variant);
                self.attempt(candidate)
            });
            made += usize::from(simpler);
            // What goes down in small steps goes on in the next round: by then fewer steps may do.
            if !simpler || made == SIMPLER_MAX {
                (at, made) = (at + 1, 0);
            }
        }
    }
}

fn command_of(step: &Step) -> Option<&Command> {
    match step {
        Step::Command(command) => Some(command),
        Step::Wait(_) | Step::Restore => None,
    }
}

/// The command with other times.
fn at_times(command: Command, change: impl Fn(u64) -> u64) -> Command {
    let at = |time_in_force| match time_in_force {
        TimeInForce::Gtd { until_ns } => TimeInForce::Gtd { until_ns: change(until_ns) },
        other => other,
    };
    match command {
        Command::Place(order) => Command::Place(PlaceOrder { time_in_force: at(order.time_in_force), ..order }),
        Command::PlaceList(list) => {
            let leg = |leg: Leg| Leg { time_in_force: at(leg.time_in_force), ..leg };
            Command::PlaceList(PlaceList { orders: map_legs(list.orders, leg), ..list })
        }
        Command::SetPhase { instrument, stage } => {
            let until_ns = stage.until_ns.map(change);
            Command::SetPhase { instrument, stage: Stage { until_ns, ..stage } }
        }
        _ => command,
    }
}
