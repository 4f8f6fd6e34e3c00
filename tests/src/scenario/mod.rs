//! Scenarios: orders in words, `----`, and the answer as a table that a trader can read and correct. The grammar is
//! on one page, `docs/scenarios.md`.
//!
//! [`Scenario::parse`] reads a file; [`Scenario::run`] shows its commands to a [`Judge`] and says in the same words
//! what came of them; [`render_commands`] goes the other way, from any commands to a file.

mod allocation;
mod commands;
mod difference;
mod error;
mod fees;
mod listing;
mod margin;
mod names;
mod orders;
mod render;
mod repeat;
mod run;
mod slower;
mod tell;
mod told;
mod words;

#[cfg(test)]
mod tests;

use papertape_engine::{AccountId, Command, InstrumentId, OrderRef};

pub use difference::difference;
pub use error::ScenarioError;
pub use render::render_commands;
pub use run::{Answer, Done, Judge};
pub use told::Told;

use commands::Reader;
use names::Names;

/// Ends a block's commands and begins its answer.
const RULE: &str = "----";

/// A file of commands in words and the expected answers.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file, as it was named to [`Scenario::parse`].
    pub name: String,
    /// What it shows: the first comment.
    pub rule: String,
    /// Why it cannot be told through a socket, if so.
    pub not_through_a_socket: Option<String>,
    blocks: Vec<Block>,
    /// How much later each command comes than the one before, in nanoseconds.
    step_ns: u64,
    /// What follows the last answer.
    tail: String,
    names: Names,
}

/// Commands and what is expected of them.
#[derive(Clone, Debug)]
pub struct Block {
    /// As written, without the rule and the answer.
    source: String,
    lines: Vec<Line>,
    /// The lines of the expected answer; `None` if the file has none.
    pub expected: Option<Vec<String>>,
    /// The number of the answer's first line, from 1.
    pub expected_at: usize,
}

/// One line of a file.
#[derive(Clone, Debug)]
struct Line {
    number: usize,
    /// Only refusals are told.
    is_quiet: bool,
    steps: Vec<Step>,
}

/// One thing to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Send this.
    Command(Command),
    /// Save the state and go on from what was saved.
    Restart,
    /// The next command comes so many nanoseconds later.
    Wait(u64),
    /// Tell an order's place in its queue.
    Place(AccountId, OrderRef),
    /// Tell what one account owes, or all.
    Debts(Option<AccountId>),
    /// Tell the fee tier of one account, or of all that have traded, in an instrument.
    Fees(Option<AccountId>, InstrumentId),
    /// Tell the best bid and ask.
    Best(InstrumentId),
    /// Tell the balances of one account or of all.
    Balances(Option<AccountId>),
    /// Tell the positions of one account or of all.
    Positions(Option<AccountId>),
    /// Begin or cease to tell each change of something.
    Show(Show, bool),
}

/// What is told only if asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Show {
    /// Balances after each command that touched them.
    Balances,
    /// Positions likewise.
    Positions,
}

impl Scenario {
    /// Reads a file. `name` is for complaints.
    pub fn parse(name: &str, text: &str) -> Result<Scenario, ScenarioError> {
        let error = |line, what| ScenarioError { file: name.to_owned(), line, what };
        let first = text.lines().next().unwrap_or_default();
        let rule = first.strip_prefix('#').map(str::trim).filter(|rule| !rule.is_empty());
        let rule = rule.ok_or_else(|| error(1, "expected `# ` and the rule that this scenario shows".to_owned()))?;
        let mut reader = Reader::default();
        let mut scenario = Scenario {
            name: name.to_owned(),
            rule: rule.to_owned(),
            not_through_a_socket: None,
            blocks: Vec::new(),
            step_ns: 1,
            tail: String::new(),
            names: Names::default(),
        };
        let (mut source, mut lines) = (String::new(), Vec::new());
        let mut numbered = (1..).zip(text.lines());
        while let Some((number, line)) = numbered.next() {
            if line.trim_end() == RULE {
                let expected = numbered.by_ref().map(|(_, line)| line.trim_end().to_owned());
                let expected = expected.take_while(|line| !line.is_empty()).collect();
                let (source, lines) = (std::mem::take(&mut source), std::mem::take(&mut lines));
                scenario.blocks.push(Block { source, lines, expected: Some(expected), expected_at: number + 1 });
                continue;
            }
            source.push_str(line);
            source.push('\n');
            if let Some(rest) = line.trim_start().strip_prefix("not through a socket") {
                let reason = rest.strip_prefix(':').map(str::trim).filter(|reason| !reason.is_empty());
                let reason = reason.ok_or_else(|| error(number, "expected `: ` and the reason".to_owned()))?;
                scenario.not_through_a_socket = Some(reason.to_owned());
            } else if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
                lines.push(read_line(&mut reader, number, line).map_err(|what| error(number, what))?);
            }
        }
        if lines.is_empty() {
            scenario.tail = source;
        } else {
            let expected_at = text.lines().count() + 1;
            scenario.blocks.push(Block { source, lines, expected: None, expected_at });
        }
        scenario.names = reader.names;
        Ok(scenario)
    }

    /// Everything that the file sends, in order.
    pub fn commands(&self) -> impl Iterator<Item = Command> + '_ {
        self.steps().filter_map(|step| match step {
            Step::Command(command) => Some(command),
            _ => None,
        })
    }

    /// Everything that the file does, in order.
    pub fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        self.blocks.iter().flat_map(|block| &block.lines).flat_map(|line| line.steps.iter().copied())
    }

    /// The blocks.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The file with these answers in the place of the expected ones.
    pub fn with_answers(&self, answer: &Answer) -> String {
        let mut text = String::new();
        for (block, lines) in self.blocks.iter().zip(&answer.blocks) {
            text.push_str(block.source.trim_end());
            text.push('\n');
            text.push_str(RULE);
            text.push('\n');
            lines.iter().for_each(|line| {
                text.push_str(line);
                text.push('\n');
            });
            text.push('\n');
        }
        text.push_str(self.tail.trim_start_matches('\n'));
        let end = text.trim_end().len();
        text.truncate(end);
        text.push('\n');
        text
    }
}

impl Block {
    /// How many things the block does.
    pub fn step_count(&self) -> usize {
        self.lines.iter().map(|line| line.steps.len()).sum()
    }
}

fn read_line(reader: &mut Reader, number: usize, line: &str) -> Result<Line, String> {
    let (mut steps, mut is_quiet) = (Vec::new(), false);
    for one in repeat::expand(line)? {
        let meaning = reader.read(&one)?;
        steps.extend(meaning.steps);
        is_quiet = meaning.is_quiet;
    }
    Ok(Line { number, is_quiet, steps })
}
