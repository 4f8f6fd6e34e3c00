//! The engine by itself, over its fast book, with every invariant checked.

use papertape_engine::{Command, Engine, Event, Stamp};
use papertape_tests::scenario::{Answer, Judge, Scenario, Told, difference};

/// A scenario with more commands than this has the state hashed around every [`HASH_EVERY`]th only.
const HASH_ALL_MAX: usize = 200;
const HASH_EVERY: u64 = 256;

/// The engine, watched.
struct Watched {
    engine: Engine,
    hash_every: u64,
    broken: Option<String>,
}

impl Judge for Watched {
    /// What is refused, or was done before, changes nothing (but orders whose time is up end before it).
    fn apply(&mut self, stamp: Stamp, command: &Command, events: &mut Vec<Event>) {
        let is_due = self.engine.next_expiry().is_some_and(|next_ns| next_ns <= stamp.time_ns);
        let watched = stamp.seq.is_multiple_of(self.hash_every) && !is_due;
        let before = watched.then(|| self.engine.state_hash());
        self.engine.apply(stamp, command, events);
        let nothing = |event: &Event| {
            matches!(event, Event::Rejected { .. } | Event::Repeated { .. } | Event::EntryRepeated { .. })
        };
        if let Some(before) = before
            && events.iter().any(nothing)
            && (events.len() > 1 || self.engine.state_hash() != before)
        {
            self.broken = Some(format!("{command:?} was refused or repeated and changed something: {events:?}"));
        }
    }

    fn restart(&mut self) {
        Judge::restart(&mut self.engine);
    }

    fn check(&mut self, told: &Told) -> Result<(), String> {
        self.broken.take().map_or(Ok(()), Err)?;
        Judge::check(&mut self.engine, told)
    }
}

/// What the engine says.
pub(crate) fn run(scenario: &Scenario) -> Result<Answer, String> {
    let hash_every = if scenario.commands().count() <= HASH_ALL_MAX { 1 } else { HASH_EVERY };
    scenario.run(&mut Watched { engine: Engine::new(), hash_every, broken: None })
}

/// Whether these are the lines that the file expects.
pub(crate) fn compare(scenario: &Scenario, answer: &Answer) -> Result<(), String> {
    for (block, lines) in scenario.blocks().iter().zip(&answer.blocks) {
        let Some(expected) = &block.expected else {
            return Err(format!(
                "{}:{}: expected `----` and an answer; UPDATE=1 writes it",
                scenario.name, block.expected_at
            ));
        };
        if let Some(difference) = difference(&scenario.name, block.expected_at, expected, lines) {
            return Err(difference);
        }
    }
    if scenario.blocks().is_empty() { Err(format!("{}: no commands", scenario.name)) } else { Ok(()) }
}
