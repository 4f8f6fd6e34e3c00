//! The model decides scenarios too.

use papertape_engine::{Command, Event, Stamp};

use super::Model;
use crate::scenario::Judge;

impl Judge for Model {
    /// It saves nothing, so that a restart must not show.
    fn apply(&mut self, stamp: Stamp, command: &Command, events: &mut Vec<Event>) {
        Model::apply(self, stamp, command, events);
    }
}
