//! What is wrong with a scenario's text.

use std::fmt;

/// A line that cannot be read, or the answer to one that cannot be right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScenarioError {
    /// The file, as it was named to [`super::Scenario::parse`].
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What was expected there and what was found.
    pub what: String,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

impl std::error::Error for ScenarioError {}
