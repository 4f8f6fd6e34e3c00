//! What an import tells: progress, differences, speed.

use std::fmt::Display;
use std::io::{self, Write};
use std::time::Duration;

/// What a finished import found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub struct Outcome {
    /// Places at which the engine and the exchange differ; always 0 where nothing was compared.
    pub differences: u64,
}

impl Outcome {
    /// The exit status that stands for it: 0, or 1 if there are differences.
    pub fn exit_code(self) -> u8 {
        u8::from(self.differences > 0)
    }
}

/// Counts what is compared and equal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tally {
    /// Equal.
    pub(crate) equal: u64,
    /// Compared.
    pub(crate) total: u64,
}

impl Tally {
    /// Counts one.
    pub(crate) fn count(&mut self, equal: bool) {
        self.equal += u64::from(equal);
        self.total += 1;
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}", self.equal, self.total)
    }
}

/// Keeps the first differences, and counts all.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    first: Vec<String>,
    total: u64,
}

impl Differences {
    /// How many are printed: later ones mostly follow from the first.
    const SHOWN: usize = 10;

    /// Notes one.
    pub(crate) fn add(&mut self, file: &str, line: u64, expected: impl Display, actual: impl Display) {
        self.total += 1;
        if self.first.len() < Self::SHOWN {
            self.first.push(format!("difference: {file}, line {line}: expected {expected}; actual {actual}"));
        }
    }

    /// What they mean: with `check` they are written and count, without it they are only hinted at.
    pub(crate) fn outcome(&self, check: bool, out: &mut impl Write) -> io::Result<Outcome> {
        if !check {
            if self.total > 0 {
                writeln!(out, "the engine and the files differ in {} places; --check tells where", self.total)?;
            }
            return Ok(Outcome { differences: 0 });
        }
        for line in &self.first {
            writeln!(out, "{line}")?;
        }
        let rest = self.total - self.first.len() as u64;
        if rest > 0 {
            writeln!(out, "and {rest} more differences")?;
        }
        Ok(Outcome { differences: self.total })
    }
}

/// How much was done in which time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Speed {
    /// Commands that were journalled and applied.
    pub(crate) commands: u64,
    /// Events that the engine told.
    pub(crate) events: u64,
    /// Time for reading the files and rebuilding what was sent: each file's by itself, also where both are read at once.
    pub(crate) reading: Duration,
    /// Time for comparing, where that is done beside the rest.
    pub(crate) comparing: Option<Duration>,
    /// Time inside journal and engine.
    pub(crate) core: Duration,
    /// Time for making the journal, and for closing it with everything on disk.
    pub(crate) disk: Duration,
    /// Time of the whole import.
    pub(crate) whole: Duration,
}

impl Speed {
    /// Writes the line on speed. Where nothing is done at the same time, what is neither reading, nor core, nor disk is
    /// the comparison.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let Speed { commands, events, reading, comparing, core, disk, whole } = *self;
        let rate = |time: Duration| u128::from(events) * 1_000_000_000 / time.as_nanos().max(1);
        let at_once = if comparing.is_some() { " at the same time" } else { "" };
        let comparing = comparing.unwrap_or_else(|| whole.saturating_sub(reading + core + disk));
        writeln!(
            out,
            "{commands} commands, {events} events; reading {} ms; journal and engine {} ms, {} events per second; \
             comparing {} ms{at_once}; making and closing the journal {} ms; whole import {} ms, {} events per second",
            reading.as_millis(),
            core.as_millis(),
            rate(core),
            comparing.as_millis(),
            disk.as_millis(),
            whole.as_millis(),
            rate(whole)
        )
    }
}

/// What an import does beside journal and engine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// As [`Speed::reading`].
    pub(crate) reading: Duration,
    /// As [`Speed::comparing`].
    pub(crate) comparing: Option<Duration>,
}

/// Tells how far an import is, at each quarter.
#[derive(Debug)]
pub(crate) struct Progress {
    what: &'static str,
    total: u64,
    done: u64,
}

impl Progress {
    /// Progress over `total` of `what`.
    pub(crate) fn new(what: &'static str, total: u64) -> Self {
        Progress { what, total, done: 0 }
    }

    /// One more is done.
    pub(crate) fn step(&mut self, out: &mut impl Write) -> io::Result<()> {
        let quarter = |done: u64| done * 4 / self.total.max(1);
        let before = quarter(self.done);
        self.done += 1;
        if quarter(self.done) == before || self.done >= self.total {
            return Ok(());
        }
        writeln!(out, "{} of {} {}", self.done, self.total, self.what)
    }
}

/// A share in per cent with one decimal, rounded down, so that 100.0 means all.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let per_mille = u128::from(part) * 1_000 / u128::from(whole.max(1));
    format!("{}.{} %", per_mille / 10, per_mille % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_differences_are_printed_and_all_are_counted() {
        let mut differences = Differences::default();
        for line in 1..=12 {
            differences.add("f", line, "a", "b");
        }
        let mut out = Vec::new();
        assert_eq!(differences.outcome(true, &mut out).unwrap(), Outcome { differences: 12 });
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("difference: f, line 1: expected a; actual b\n"), "{text}");
        assert!(text.ends_with("and 2 more differences\n"), "{text}");
        let mut out = Vec::new();
        assert_eq!(differences.outcome(false, &mut out).unwrap().exit_code(), 0);
        assert!(String::from_utf8(out).unwrap().contains("differ in 12 places"));
    }

    #[test]
    fn a_share_is_never_rounded_up_to_all() {
        assert_eq!(percent(9_999, 10_000), "99.9 %");
        assert_eq!(percent(3, 3), "100.0 %");
        assert_eq!(percent(0, 0), "0.0 %");
    }
}
