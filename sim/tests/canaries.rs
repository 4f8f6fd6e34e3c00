//! Builds that leave out a check: each must be noticed, or the tests prove nothing.
#![allow(clippy::unwrap_used)] // A test stops at the first surprise.

use std::fs;
use std::path::Path;

use papertape_journal::canary::Canary;
use papertape_journal::{Durability, Identity, Kind, Options, Reader, open, verify};
use papertape_sim::run;

const LIVES: u64 = 60;

/// The first life in which something is found.
fn found() -> Option<String> {
    (0..LIVES).find_map(|seed| run(seed, 120).err()).map(|finding| finding.what)
}

/// A journal of ten records, of which the sixth and later say `word`.
fn journal(dir: &Path, word: &[u8]) {
    let options = Options { segment_bytes: 64 << 10, durability: Durability::Process };
    let mut journal = open(&dir.join("journal"), options, Identity::default()).unwrap().journal;
    for seq in 1..=10 {
        let payload = if seq < 6 { b"same" } else { word };
        journal.append(seq, Kind(1), 0, payload).unwrap();
    }
    journal.flush().unwrap();
}

/// Whether a record that another journal has in the same place, intact in itself, is refused.
fn a_foreign_record_is_refused() -> bool {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    journal(one.path(), b"mine");
    journal(other.path(), b"his_");
    let dir = one.path().join("journal");
    let mut reader = Reader::open(&dir, 6).unwrap();
    let from = reader.next().unwrap().unwrap().offset as usize;
    let to = reader.next().unwrap().unwrap().offset as usize;
    let segment = dir.join("00000001.seg");
    let mut bytes = fs::read(&segment).unwrap();
    let foreign = fs::read(other.path().join("journal/00000001.seg")).unwrap();
    bytes[from..to].copy_from_slice(&foreign[from..to]);
    fs::write(&segment, &bytes).unwrap();
    verify(&dir).is_err_and(|error| error.is_corruption())
}

/// One test, because what is left out is left out of the whole process.
#[test]
fn every_check_that_is_left_out_is_noticed() {
    assert_eq!(found(), None);
    assert!(a_foreign_record_is_refused());

    Canary::PreviousRecord.leave_out();
    assert!(!a_foreign_record_is_refused(), "only the chain knows that it is foreign");

    Canary::SyncBeforeAcknowledging.leave_out();
    let loss = found().expect("a loss of what was acknowledged");
    println!("acknowledged before the sync: {loss}");

    Canary::ZeroAfterCut.leave_out();
    let remains = found().expect("remains of what was cut");
    println!("not zeroed after a cut: {remains}");

    Canary::None.leave_out();
    assert_eq!(found(), None);
}
