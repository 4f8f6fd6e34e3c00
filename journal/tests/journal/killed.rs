//! A writer that is killed with SIGKILL loses nothing that it said was durable.

use crate::support::{Data, GROUP, PROCESS, Random, append};
use papertape_journal::{Error, Identity, Kind, Tail, open, verify};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};

const SEED: u64 = 77;
const DIR: &str = "PAPERTAPE_JOURNAL_TEST_WRITER";

/// Not a test by itself: the other test runs it in a process of its own, and kills that.
#[test]
fn writer_that_never_ends() {
    let Ok(root) = std::env::var(DIR) else { return };
    let data = Data::at(root.into());
    let options = if data.root().join("process").exists() { PROCESS } else { GROUP };
    let mut journal = data.open(options).journal;
    let cursor = journal.durable();
    let mut out = std::io::stdout().lock();
    let mut said = 0;
    loop {
        append(&mut journal);
        let durable = cursor.get();
        if durable > said {
            said = durable;
            writeln!(out, "durable {said}").unwrap();
        }
    }
}

#[test]
fn kill_nine_loses_no_durable_record() {
    println!("seed {SEED}");
    let mut random = Random(SEED);
    for level in ["group", "process"] {
        let data = Data::new();
        std::fs::write(data.root().join(level), "").unwrap();
        let mut most = 0;
        for round in 0..12 {
            let said = run_and_kill(&data, 1 + random.below(150));
            let report = verify(&data.dir()).unwrap();
            assert!(report.last_seq >= said, "{level} round {round}: {said} said, {} there", report.last_seq);
            assert!(said > most, "{level} round {round}");
            most = said;
        }
        drop(data.open(GROUP));
        let records = data.records();
        assert_eq!(records.iter().filter(|record| record.kind == Kind::EPOCH).count(), 12);
        for record in records.iter().filter(|record| !record.kind.is_internal()) {
            let mut random = Random(record.seq);
            let length = random.below(1500) as usize;
            assert_eq!(record.payload.len(), length);
            assert!(record.payload.iter().all(|&byte| byte == random.next() as u8), "seq {}", record.seq);
        }
        assert_eq!(verify(&data.dir()).unwrap().tail, Tail::Clean);
    }
}

/// Somebody else cuts the file that is being written: no error can be given to a store into memory, so the process ends
/// with a signal, and what is left is refused.
#[test]
fn a_file_that_is_cut_under_the_writer_ends_it_and_is_refused() {
    let data = Data::new();
    std::fs::write(data.root().join("process"), "").unwrap();
    let mut child = writer(&data);
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    output.by_ref().find(|line| line.starts_with("durable "));
    while child.try_wait().unwrap().is_none() {
        // Whichever it writes just now.
        for number in (1..).take_while(|&number| data.segment(number).exists()) {
            let file = std::fs::OpenOptions::new().write(true).open(data.segment(number)).unwrap();
            file.set_len(8192).unwrap();
        }
    }
    let status = child.wait().unwrap();
    // SIGBUS, unless a thread that reads files met the cut first.
    assert!(status.signal() == Some(7) || status.code() == Some(101), "{status}");
    let error = open(&data.dir(), GROUP, Identity::default()).unwrap_err();
    assert!(matches!(error, Error::Truncated { actual: 8192, .. }), "{error}");
    assert!(error.is_corruption());
}

/// Runs the writer until it has said something `lines` times, kills it, and gives the last that it said.
fn run_and_kill(data: &Data, lines: u64) -> u64 {
    let mut child = writer(data);
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let parse = |line: String| line.split_once("durable ").and_then(|(_, seq)| seq.parse().ok());
    let mut said = (&mut output).filter_map(parse).nth(lines as usize - 1).unwrap_or(0);
    child.kill().unwrap();
    child.wait().unwrap();
    // What it said before it died counts as well. The last line may be cut off: only whole ones end in a newline, and
    // a number that lost its last digits is a smaller claim.
    said = output.filter_map(parse).last().unwrap_or(said).max(said);
    said
}

fn writer(data: &Data) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "killed::writer_that_never_ends", "--nocapture", "--test-threads", "1"]);
    command.env(DIR, data.root()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}
