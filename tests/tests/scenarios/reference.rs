//! Somebody else's decisions about the same commands.

use papertape_engine::{Engine, ReferenceBook};
use papertape_tests::scenario::{Answer, Judge, Scenario};

/// Who the engine is compared with. Whatever decides commands can stand here.
fn reference() -> impl Judge {
    Engine::<ReferenceBook>::default()
}

pub(crate) fn compare(scenario: &Scenario, answer: &Answer) -> Result<(), String> {
    let other = scenario.run(&mut reference())?;
    super::engine::compare(scenario, &other)?;
    super::same_events(scenario, &other, answer)
}
