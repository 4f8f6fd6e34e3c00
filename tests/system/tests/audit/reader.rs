//! The reader in Python beside the verification of this program: over whole journals and damaged copies they say the same.

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use papertape_journal::{DirLock, Hands, Identity, Kind, Options, Report, Tail, open_locked, verify};
use papertape_pipeline::{Boot, Durability, VenueConfig};

use crate::venue::{Venue, hex, stream};

/// What the reader says of each of some folders; `None` where there is no Python.
pub(crate) fn read(folders: &[PathBuf]) -> Option<Vec<String>> {
    let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/reader/papertape_journal.py");
    let output = match Process::new("python3").arg(reader).args(folders).output() {
        Ok(output) => output,
        Err(error) => {
            println!("skipped: python3 cannot be run ({error})");
            return None;
        }
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut said = vec![String::new()];
    for line in text.lines() {
        let last = said.last_mut().unwrap();
        last.push_str(line);
        last.push('\n');
        if ["damaged", "journal verified", "cannot"].iter().any(|end| line.starts_with(end)) {
            said.push(String::new());
        }
    }
    assert_eq!(said.pop().as_deref(), Some(""), "{text}");
    assert_eq!(said.len(), folders.len(), "{text}");
    Some(said)
}

/// As `papertape audit verify` tells it.
fn told(report: &Report) -> String {
    format!(
        "{} segments, {} records, {} bytes\nseq {} to {}\nhash {}\njournal verified; it ends cleanly\n",
        report.segments,
        report.records,
        report.bytes,
        report.first_seq,
        report.last_seq,
        hex(&report.tip_hash)
    )
}

/// Journals of several segments: closed, closed several times, and left as a crash leaves them.
fn journals() -> Vec<Venue> {
    let commands = stream(4, 2_500);
    let mut venues = vec![Venue::early(&commands, 1), Venue::early(&commands, 6), Venue::early(&commands[..1], 1)];
    let mut marked = Venue::new();
    marked.config = VenueConfig { durability: Durability::GroupMark, ..marked.config.clone() };
    let mut core = Boot::open(marked.config.clone()).unwrap().into_core();
    let mut events = Vec::new();
    for (time_ns, command) in (1..).zip(&commands) {
        core.apply(time_ns, command, &mut events).unwrap();
    }
    drop(core);
    venues.push(marked);
    venues.push(unsealed());
    venues
}

/// One whose newest segment has begun, and whose segment before that is not sealed yet.
fn unsealed() -> Venue {
    let venue = Venue::new();
    let lock = DirLock::acquire(venue.path()).unwrap();
    let options = Options { segment_bytes: 64 << 10, durability: Durability::Process };
    let identity = Identity { deployment: *b"a venue of tests", ..Identity::default() };
    let folder = venue.config.dir.journal();
    let mut journal = open_locked(lock, folder, options, identity, Hands::Caller).unwrap().journal;
    for number in 1..600 {
        journal.append(number, Kind(1), number, &[number as u8; 90]).unwrap();
    }
    drop(journal);
    let second = std::fs::read(venue.config.dir.journal().path().join("00000002.seg")).unwrap();
    assert_eq!(second[12..16], [0; 4], "the hash of the first segment is not there yet");
    venue
}

#[test]
fn the_reader_finds_what_the_audit_finds() {
    let venues = journals();
    let folders: Vec<PathBuf> = venues.iter().map(|venue| venue.path().to_owned()).collect();
    let Some(said) = read(&folders) else { return };
    let mut segments = 0;
    for (venue, said) in venues.iter().zip(&said) {
        let report = verify(venue.config.dir.journal()).unwrap();
        assert_eq!(*said, told(&report));
        segments += report.segments;
    }
    assert!(segments > 9, "only {segments} segments");
}

#[test]
fn damaged_copies_are_refused_by_both() {
    for venue in journals().into_iter().skip(1) {
        let journal = venue.config.dir.journal().path().to_owned();
        let (mut folders, mut reports) = (Vec::new(), Vec::new());
        for (number, damage) in damages(&journal).into_iter().enumerate() {
            let copy = venue.beside(&format!("copy-{number}"));
            copy_with(&journal, &copy, &damage);
            reports.push((damage, verify(&copy)));
            folders.push(copy);
        }
        let Some(said) = read(&folders) else { return };
        let (mut refused, mut torn) = (0, 0);
        for ((damage, report), said) in reports.iter().zip(&said) {
            match report {
                Err(error) => {
                    assert!(said.starts_with("damaged: "), "{damage:?}: {error}; the reader: {said}");
                    refused += 1;
                }
                // What the next start would cut is damage to a reader that does not judge.
                Ok(Report { tail: Tail::Torn { .. }, .. }) => {
                    let sees = said.starts_with("damaged: ") || said.contains("a crash left");
                    assert!(sees, "{damage:?}: {report:?}; the reader: {said}");
                    torn += 1;
                }
                Ok(report) => assert_eq!(*said, told(report), "{damage:?}"),
            }
        }
        println!("{} copies: {refused} refused, {torn} with a torn tail", said.len());
        assert!(refused >= 8, "only {refused} of {} copies were refused", said.len());
    }
}

/// One byte that is another.
#[derive(Debug)]
struct Damage {
    file: String,
    offset: u64,
}

/// Bytes of both copies of the headers, of the space between, of records, of what is unused, and of the watermark.
fn damages(journal: &Path) -> Vec<Damage> {
    let mut found = Vec::new();
    let mut names: Vec<String> =
        std::fs::read_dir(journal).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let damage = |file: &str, offset| Damage { file: file.to_owned(), offset };
    for name in &names {
        let Ok(bytes) = std::fs::read(journal.join(name)) else { continue };
        if name == "watermark" {
            found.extend([damage(name, 41), damage(name, 4_096 + 17)]);
            continue;
        }
        if bytes.iter().all(|byte| *byte == 0) {
            // One that is staged.
            found.push(damage(name, 5_000));
            continue;
        }
        found.extend([3, 17, 65, 106, 254, 300, 4_096 + 30, 4_096 + 200, 6_000].map(|offset| damage(name, offset)));
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap() as u64;
        let records = (used - 8_192).max(1);
        found.extend((0..8).map(|part| damage(name, 8_192 + records * part / 8 + part % 48)));
        found.push(damage(name, bytes.len() as u64 - 5));
    }
    found
}

fn copy_with(journal: &Path, copy: &Path, damage: &Damage) {
    std::fs::create_dir(copy).unwrap();
    for entry in std::fs::read_dir(journal).unwrap().map(Result::unwrap) {
        if entry.path().is_file() {
            std::fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
        }
    }
    let path = copy.join(&damage.file);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[damage.offset as usize] ^= 1 << (damage.offset % 8);
    std::fs::write(&path, bytes).unwrap();
}
