//! Files of a venue: segments of its journal, and snapshots. Altered ones are refused, or read up to where they are whole.

use std::path::{Path, PathBuf};

use papertape_engine::Command;
use papertape_journal::{Reader, snapshot, verify};
use papertape_pipeline::{Boot, Durability, VenueConfig};
use papertape_tests::listings;

use crate::inputs;
use crate::mutator::Mutator;

/// Commands of the venue: a few segments and a snapshot.
const COMMANDS: usize = 1_500;

/// A record that was read: its number, its kind and its payload.
type Owned = (u64, u16, Vec<u8>);

/// A venue that has carried some commands out and was stopped.
fn venue() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let durability = Durability::Process;
    let config = VenueConfig { durability, segment_bytes: 64 << 10, ..VenueConfig::new(dir.path()) };
    let mut venue = Boot::open(config).unwrap().with_subscribers(1).start().unwrap();
    let (client, mut subscriber) = (venue.client(), venue.take_subscriber().unwrap());
    let commands = listings().into_iter().chain(std::iter::repeat_n(Command::Tick, COMMANDS));
    for command in commands {
        let ticket = client.next_ticket();
        while client.submit(ticket, command).is_err() {
            std::thread::yield_now();
        }
        subscriber.poll(|_| {});
    }
    drop(subscriber);
    venue.stop().unwrap();
    dir
}

/// The records up to the first fault or the end.
fn records(journal: &Path) -> Vec<Owned> {
    let mut found = Vec::new();
    let Ok(mut reader) = Reader::open(journal, 0).map(Reader::to_the_end) else { return found };
    while let Ok(Some(record)) = reader.next() {
        found.push((record.seq, record.kind.0, record.payload.to_vec()));
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

#[test]
fn altered_segments_are_read_up_to_the_fault() {
    let dir = venue();
    let journal = dir.path().join("journal");
    let whole = records(&journal);
    assert!(whole.len() > COMMANDS, "{} records", whole.len());
    let first = files(&journal)[0].clone();
    let bytes = std::fs::read(&first).unwrap();
    let mut mutator = Mutator::new([bytes.clone()], &[]);
    let (mut found, rounds) = (0, (inputs() / 500).max(50));
    for round in 0..rounds {
        let mut altered = bytes.clone();
        mutator.alter(&mut altered);
        std::fs::write(&first, &altered).unwrap();
        let read = records(&journal);
        // A changed record is never taken for a whole one, whatever follows it.
        assert!(whole.starts_with(&read), "round {round}: what was read was never written");
        if altered != bytes && (verify(&journal).is_err() || read.len() < whole.len()) {
            found += 1;
        }
    }
    assert!(found > rounds / 2, "only {found} of {rounds} were noticed");
}

#[test]
fn altered_snapshots_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let sections = [(1, vec![1; 100]), (2, Vec::new()), (7, vec![3; 3_000])];
    let path = snapshot::write(dir.path(), 77, 123, [9; 32], &sections).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let mut mutator = Mutator::new([bytes.clone()], &[]);
    for _ in 0..inputs() / 100 {
        let input = mutator.input();
        std::fs::write(&path, &input).unwrap();
        assert_eq!(snapshot::load(&path).is_ok(), input == bytes);
    }
}
