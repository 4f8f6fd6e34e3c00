//! Somebody else's decisions about the same commands: the reference model, and the engine over its reference book.

use papertape_engine::{Engine, ReferenceBook};
use papertape_tests::model::Model;
use papertape_tests::scenario::{Answer, Judge, Scenario};

pub(crate) fn compare(scenario: &Scenario, answer: &Answer) -> Result<(), String> {
    let judges: [(&str, &mut dyn Judge); 2] =
        [("the model", &mut Model::default()), ("the reference book", &mut Engine::<ReferenceBook>::default())];
    for (who, judge) in judges {
        let other = scenario.run(judge).map_err(|broken| format!("{who}: {broken}"))?;
        let compared = super::engine::compare(scenario, &other);
        compared
            .and_then(|()| super::same_events(scenario, &other, answer))
            .map_err(|fault| format!("{who}: {fault}"))?;
    }
    Ok(())
}
