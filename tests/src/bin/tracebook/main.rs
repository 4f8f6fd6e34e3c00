//! Lets `tracebook-conformance` judge the engine: its protocol on standard input and output, one JSON object a line,
//! becomes commands, and the engine's events become its answers. Started by `tests/tracebook.sh`; the protocol and the
//! judge's rules are those of version 0.6.0 (PyPI, MIT).
//!
//! The adapter knows names and numbers, and nothing of matching. Where the judge follows another convention than the
//! venue, a setting says what a client of the venue would send instead:
//!
//! - `--snap-to-tick`: a price between two ticks is moved to the nearest one, and to the even one from the middle. The
//!   venue refuses such a price.
//! - `--replace-to-tail`: a replacement that the venue would let keep its place (a smaller quantity, or nothing new at
//!   all, at the same price) is sent as a cancel and a new order.

mod adapter;
mod names;
mod number;
mod operations;
mod state;
mod venue;
mod wire;

use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use adapter::{Adapter, Settings};
use wire::{Answer, Request};

/// The caller broke the protocol, or asked for what the venue cannot list.
const PROTOCOL_ERROR: u8 = 2;

fn main() -> ExitCode {
    let settings = match Settings::from_arguments(std::env::args().skip(1)) {
        Ok(settings) => settings,
        Err(problem) => return complain(&problem),
    };
    match serve(settings, io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => complain(&problem),
    }
}

fn complain(problem: &str) -> ExitCode {
    // Nobody may be reading any more; the exit code tells it too.
    let _ = writeln!(io::stderr(), "tracebook: {problem}");
    ExitCode::from(PROTOCOL_ERROR)
}

/// Answers every line until the caller says that it has finished. What cannot be answered is told and ends it.
fn serve(settings: Settings, input: impl BufRead, output: &mut impl Write) -> Result<(), String> {
    let problem = match converse(settings, input, output) {
        Ok(()) => return Ok(()),
        Err(problem) => problem,
    };
    say(output, &Answer::error(&problem))?;
    Err(problem)
}

fn converse(settings: Settings, input: impl BufRead, output: &mut impl Write) -> Result<(), String> {
    let mut adapter = None;
    let mut played = 0;
    for line in input.lines() {
        let line = line.map_err(|error| format!("standard input: {error}"))?;
        if line.trim().is_empty() {
            continue;
        }
        match (wire::read(&line)?, &mut adapter) {
            (Request::Hello(config), None) => {
                adapter = Some(Adapter::new(settings, &config)?);
                say(output, &Answer::ready())?;
            }
            (Request::Event { index, event }, Some(adapter)) if index == played + 1 => {
                let observation = adapter.play(index, &event)?;
                played = index;
                say(output, &observation)?;
            }
            (Request::Snapshot { index }, Some(adapter)) if index == played => {
                say(output, &Answer::Snapshot { index, state: adapter.state() })?;
            }
            (Request::Finish { event_count }, Some(_)) if event_count == played => {
                return say(output, &Answer::Complete { event_count });
            }
            (request, _) => return Err(format!("out of turn after {played} events: {request:?}")),
        }
    }
    Err("the input ended before the finish".to_owned())
}

fn say(output: &mut impl Write, answer: &Answer) -> Result<(), String> {
    let line = serde_json::to_string(answer).map_err(|error| format!("an answer: {error}"))?;
    writeln!(output, "{line}").and_then(|()| output.flush()).map_err(|error| format!("standard output: {error}"))
}

#[cfg(test)]
mod tests;
