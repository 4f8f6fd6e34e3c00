//! The engine by itself, over its fast book, with every invariant checked.

use papertape_engine::Engine;
use papertape_tests::scenario::{Answer, Scenario, difference};

/// What the engine says.
pub(crate) fn run(scenario: &Scenario) -> Result<Answer, String> {
    scenario.run(&mut Engine::new())
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
