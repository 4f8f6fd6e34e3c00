//! A difference as a file that a person can read and repeat.

use std::io;
use std::path::{Path, PathBuf};

use papertape_engine::Command;

use super::run::{Difference, Step};
use crate::scenario::render_commands;

/// A shrunk difference and where it came from.
pub struct Found {
    /// The stream's seed.
    pub seed: u64,
    /// One command that runs the stream again.
    pub repeat: String,
    /// What is left of the stream.
    pub steps: Vec<Step>,
    /// What the two say at the last step.
    pub difference: Difference,
}

/// Where such files go: `PAPERTAPE_FOUND`, or `target/found` of the project.
pub fn folder() -> PathBuf {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    std::env::var_os("PAPERTAPE_FOUND").map_or_else(|| project.join("target/found"), PathBuf::from)
}

impl Found {
    /// The commands that are left.
    pub fn commands(&self) -> Vec<Command> {
        let command = |step: &Step| match step {
            Step::Command(command) => Some(*command),
            Step::Wait(_) | Step::Restore => None,
        };
        self.steps.iter().filter_map(command).collect()
    }

    /// The file's text, a scenario without answers: what was found as comments, then the steps.
    pub fn text(&self) -> String {
        let Difference { step, kind, text } = &self.difference;
        let mut head = format!("Seed {}. Repeat: {}\n", self.seed, self.repeat);
        head += &format!("{kind:?} differ at step {} of {}.\n{text}\n", step + 1, self.steps.len());
        let comments: String = head.lines().map(|line| format!("# {line}\n")).collect();
        let rendered = render_commands(&self.commands());
        let mut lines = rendered.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let line = |step: &Step| match step {
            Step::Command(_) => format!("{}\n", lines.next().expect("each command is one line")),
            Step::Wait(ns) => format!("wait {ns}\n"),
            Step::Restore => "snapshot and restore\n".to_owned(),
        };
        format!("{comments}\n{}", self.steps.iter().map(line).collect::<String>())
    }

    /// Writes the file into a folder, which is made if it is not there.
    pub fn write(&self, folder: &Path) -> io::Result<PathBuf> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(format!("seed-{}.txt", self.seed));
        std::fs::write(&path, self.text())?;
        Ok(path)
    }
}
