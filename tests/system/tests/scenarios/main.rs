//! Every scenario of `tests/scenarios`, four ways: through the engine, through journal and replay, against the
//! reference, and through a socket. `UPDATE=1` writes the engine's answers into the files; words after `--` choose the
//! files whose names contain one of them. See `docs/scenarios.md`.

#![allow(clippy::unwrap_used)] // A test stops at the first surprise.
#![allow(clippy::print_stderr)] // What differs is for whoever runs the test.

mod coverage;
mod engine;
mod journal;
mod reference;
mod socket;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use coverage::Coverage;
use papertape_tests::scenario::{Answer, Scenario};
use papertape_tests::share_out;

/// How many files passed each way.
#[derive(Default)]
struct Passed {
    engine: usize,
    journal: usize,
    reference: usize,
    socket: usize,
    /// Files that say why they are not told through a socket.
    excused: usize,
}

/// What came of some of the files.
#[derive(Default)]
struct Share {
    passed: Passed,
    /// Names of files.
    failed: Vec<String>,
    coverage: Coverage,
}

impl Share {
    fn sum(shares: Vec<Share>) -> Share {
        let mut sum = Share::default();
        for Share { passed, failed, coverage } in shares {
            sum.passed.engine += passed.engine;
            sum.passed.journal += passed.journal;
            sum.passed.reference += passed.reference;
            sum.passed.socket += passed.socket;
            sum.passed.excused += passed.excused;
            sum.failed.extend(failed);
            sum.coverage.merge(coverage);
        }
        sum
    }
}

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let update = std::env::var("UPDATE").is_ok_and(|value| value == "1");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    find(&root.join("scenarios"), &mut files);
    files.sort();
    let shown = |path: &Path| format!("tests/{}", path.strip_prefix(root).unwrap().display());
    files.retain(|path| wanted.is_empty() || wanted.iter().any(|word| shown(path).contains(word.as_str())));
    let shares = share_out(0..files.len() as u64, |places| {
        let mut share = Share::default();
        for path in places.map(|place| &files[place as usize]) {
            let faults = run(&shown(path), path, update, (&mut share.passed, &mut share.coverage));
            if !faults.is_empty() {
                share.failed.push(shown(path));
            }
            faults.iter().for_each(|fault| eprintln!("{fault}\n"));
        }
        share
    });
    let Share { passed, mut failed, coverage } = Share::sum(shares);
    failed.sort();
    // A rule that no file shows is not tested. Files that were chosen need not show all.
    let missing = if wanted.is_empty() { coverage.missing() } else { Vec::new() };
    let Passed { engine, journal, reference, socket, excused } = passed;
    println!(
        "scenarios: {} files, {engine} through the engine, {journal} through journal and replay, {reference} against \
         the reference, {socket} through a socket ({excused} say why not)",
        files.len()
    );
    failed.iter().for_each(|name| println!("scenarios: FAILED {name}"));
    missing.iter().for_each(|what| println!("scenarios: FAILED no file shows {what}"));
    let failures = failed.len() + missing.len();
    println!("scenarios: {} passed, {failures} failed", files.len() - failed.len());
    // Nothing found is nothing tested; nothing chosen is what was asked for.
    if failures == 0 && (!files.is_empty() || !wanted.is_empty()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn find(dir: &Path, files: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "txt") {
            files.push(path);
        }
    }
}

/// A folder that goes away, in memory where there is such a place: what disks do is another test's subject.
fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Runs one file; what is wrong with it.
fn run(name: &str, path: &Path, update: bool, (passed, coverage): (&mut Passed, &mut Coverage)) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut scenario = match Scenario::parse(name, &text) {
        Ok(scenario) => scenario,
        Err(error) => return vec![error.to_string()],
    };
    let answer = match engine::run(&scenario) {
        Ok(answer) => answer,
        Err(broken) => return vec![broken],
    };
    coverage.add(&answer);
    if update {
        let written = scenario.with_answers(&answer);
        std::fs::write(path, &written).unwrap();
        scenario = Scenario::parse(name, &written).unwrap();
    }
    // The other ways are compared with the engine's answer: it must be the expected one first.
    if let Err(fault) = engine::compare(&scenario, &answer) {
        return vec![fault];
    }
    passed.engine += 1;
    let mut faults = Vec::new();
    let mut count = |way: &str, result: Result<(), String>, passed: &mut usize| match result {
        Ok(()) => *passed += 1,
        Err(fault) => faults.push(format!("{way}: {fault}")),
    };
    count("through journal and replay", journal::compare(&scenario, &answer), &mut passed.journal);
    count("against the reference", reference::compare(&scenario, &answer), &mut passed.reference);
    if scenario.not_through_a_socket.is_some() {
        passed.excused += 1;
    } else {
        count("through a socket", socket::compare(&scenario), &mut passed.socket);
    }
    faults
}

/// Compares two runs command by command; the answers' lines are equal already or say more.
fn same_events(scenario: &Scenario, left: &Answer, right: &Answer) -> Result<(), String> {
    for (left, right) in left.done.iter().flatten().zip(right.done.iter().flatten()) {
        if left != right {
            return Err(format!(
                "{}: {:?}\n  here:   {:?}\n  engine: {:?}",
                scenario.name, left.command, left.events, right.events
            ));
        }
    }
    let counts = [left, right].map(|answer| answer.done.iter().map(Vec::len).sum::<usize>());
    if counts[0] == counts[1] { Ok(()) } else { Err(format!("{}: {counts:?} commands", scenario.name)) }
}
