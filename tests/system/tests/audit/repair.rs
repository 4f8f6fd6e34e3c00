//! A corrupt journal that somebody has cut.

use std::path::{Path, PathBuf};

use papertape::audit::{AuditCommand, RepairArgs};
use papertape_journal::{Kind, Reader, verify};
use papertape_pipeline::{Boot, Durability, Replay, VenueConfig};

use crate::reader::read;
use crate::venue::{Venue, audit, stream};

fn repair(venue: &Venue, accept_loss: Option<u64>) -> (u8, String) {
    audit(&AuditCommand::Repair(RepairArgs { data: venue.path().to_owned(), accept_loss }))
}

fn journal(venue: &Venue) -> PathBuf {
    venue.config.dir.journal().path().to_owned()
}

/// Flips a bit.
fn spoil(path: &Path, offset: u64) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[offset as usize] ^= 4;
    std::fs::write(path, bytes).unwrap();
}

/// Where a record lies.
fn place(venue: &Venue, seq: u64) -> (PathBuf, u64) {
    let mut reader = Reader::open(venue.config.dir.journal(), seq).unwrap();
    let record = reader.next().unwrap().unwrap();
    (journal(venue).join(format!("{:08}.seg", record.segment)), record.offset)
}

/// Every file of a folder and of those in it, with its bytes.
fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else if entry.file_name() != "lock" {
            found.push((entry.path(), std::fs::read(entry.path()).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_cut_keeps_what_is_good_and_a_copy_of_what_it_takes() {
    let commands = stream(9, 2_500);
    for damaged in [600, 1_300, 2_000] {
        let venue = Venue::early(&commands, 3);
        let (last, before) = (verify(venue.config.dir.journal()).unwrap().last_seq, damaged - 1);
        let replay = |until| Replay { dir: venue.config.dir.clone(), until, skip_to: None }.run(|_| {}).unwrap();
        let hash = replay(Some(before)).engine.state_hash();
        let (path, offset) = place(&venue, damaged);
        spoil(&path, offset + 50);
        assert!(verify(venue.config.dir.journal()).is_err());

        let untouched = files(venue.path());
        let (code, text) = repair(&venue, None);
        assert_eq!(code, 65, "{text}");
        assert!(text.contains(&format!("records 1 to {before} are good, up to offset {offset} of {}", path.display())));
        let beyond = format!("{} intact records of it, {} to {last}", last - damaged, damaged + 1);
        assert!(text.contains(&beyond), "{beyond}: {text}");
        assert!(text.contains(&format!("cut it with --accept-loss {before}")), "{text}");
        assert!(text.contains("is whole: the venue starts from it without the damaged record"), "{text}");
        let (code, text) = repair(&venue, Some(before - 1));
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("nothing was changed"), "{text}");
        assert_eq!(files(venue.path()), untouched, "it only looked");

        let spoiled: Vec<u8> = std::fs::read(&path).unwrap()[offset as usize..].to_vec();
        let (code, text) = repair(&venue, Some(before));
        assert_eq!(code, 0, "{text}");
        let quarantine = files(&journal(&venue).join("quarantine"));
        let used = spoiled.iter().rposition(|byte| *byte != 0).unwrap() + 1;
        assert!(quarantine.iter().any(|(_, bytes)| *bytes == spoiled[..used]), "what was cut is kept");
        let snapshots = quarantine.iter().filter(|(path, _)| path.extension().is_some_and(|it| it == "snap")).count();
        assert!(snapshots > 0, "the last snapshot was of records that are gone");

        let report = verify(venue.config.dir.journal()).unwrap();
        assert_eq!(report.last_seq, before + 2, "{text}");
        assert_eq!(replay(None).engine.state_hash(), hash);
        let mut reader = Reader::open(venue.config.dir.journal(), before + 1).unwrap();
        let epoch = reader.next().unwrap().unwrap();
        assert_eq!(epoch.kind, Kind::EPOCH);
        let epoch = papertape_journal::Epoch::decode(epoch.payload).unwrap();
        assert_eq!((epoch.last_good_seq, epoch.cut_offset), (before, offset));
        assert!(epoch.cut_bytes >= used as u64);
        if let Some(said) = read(&[venue.path().to_owned()]) {
            assert!(said[0].contains("journal verified; it ends cleanly"), "{}", said[0]);
        }
        let boot = Boot::open(venue.config.clone()).unwrap();
        assert_eq!(boot.engine().state_hash(), hash, "and the venue starts");
    }
}

#[test]
fn what_was_acknowledged_is_told() {
    let commands = stream(3, 900);
    let mut venue = Venue::new();
    venue.config = VenueConfig { durability: Durability::GroupMark, ..venue.config.clone() };
    venue.run(&commands, &mut 0);
    let (path, offset) = place(&venue, 300);
    spoil(&path, offset + 9);
    let (code, text) = repair(&venue, None);
    assert_eq!(code, 65);
    let last = commands.len();
    assert!(
        text.contains(&format!("records 300 to {last} were durable: they were acknowledged, or may have been"))
            || text.contains(&format!(
                "records 300 to {} were durable: they were acknowledged, or may have been",
                last + 1
            )),
        "{text}"
    );
    let (code, text) = repair(&venue, Some(299));
    assert_eq!(code, 0, "{text}");
    assert!(!journal(&venue).join("watermark").exists(), "it named what is gone");
    assert!(Boot::open(venue.config.clone()).is_ok());
}

#[test]
fn segments_that_are_missing_short_or_headless_are_cut_with_what_follows() {
    let commands = stream(5, 2_500);
    type Spoil = fn(&Path);
    let ways: [Spoil; 3] = [
        |journal| std::fs::remove_file(journal.join("00000002.seg")).unwrap(),
        |journal| {
            let file = std::fs::OpenOptions::new().write(true).open(journal.join("00000002.seg")).unwrap();
            file.set_len(30_000).unwrap();
        },
        |journal| {
            spoil(&journal.join("00000002.seg"), 20);
            spoil(&journal.join("00000002.seg"), 4_116);
        },
    ];
    for way in ways {
        let venue = Venue::early(&commands, 1);
        let hash = |until| Replay { dir: venue.config.dir.clone(), until, skip_to: None }.run(|_| {}).unwrap().engine;
        let mut reader = Reader::open(venue.config.dir.journal(), 1).unwrap();
        let mut last = 0;
        while let Some(record) = reader.next().unwrap().filter(|record| record.segment == 1) {
            last = record.seq;
        }
        let state = hash(Some(last)).state_hash();
        way(&journal(&venue));
        assert!(verify(venue.config.dir.journal()).is_err());
        let (code, text) = repair(&venue, None);
        assert_eq!(code, 65, "{text}");
        assert!(text.contains(&format!("records 1 to {last} are good")), "{text}");
        let (code, text) = repair(&venue, Some(last));
        assert_eq!(code, 0, "{text}");
        assert_eq!(Boot::open(venue.config.clone()).unwrap().engine().state_hash(), state);
    }
}

#[test]
fn what_needs_no_cut_or_cannot_be_cut_is_left_alone() {
    let venue = Venue::early(&stream(5, 1_500), 1);
    let (code, text) = repair(&venue, Some(7));
    assert_eq!(code, 0);
    assert!(text.starts_with("nothing to repair: "), "{text}");
    // A copy of a header that is damaged, where no record is.
    spoil(&journal(&venue).join("00000001.seg"), 20);
    let untouched = files(venue.path());
    let (code, text) = repair(&venue, Some(1));
    assert_eq!(code, 65);
    assert!(text.contains("a cut would not mend it"), "{text}");
    // Without the first header nothing can be read.
    spoil(&journal(&venue).join("00000001.seg"), 4_116);
    let (code, text) = repair(&venue, Some(0));
    assert_eq!(code, 65);
    assert!(text.contains("nothing of it can be kept"), "{text}");
    spoil(&journal(&venue).join("00000001.seg"), 4_116);
    assert_eq!(files(venue.path()), untouched);
    // A venue that runs holds its folder.
    let running = Boot::open(Venue::early(&stream(5, 10), 1).config).unwrap();
    drop(running);
    let venue = Venue::early(&stream(5, 10), 1);
    let _running = Boot::open(venue.config.clone()).unwrap();
    let (code, text) = repair(&venue, None);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("is held by process"), "{text}");
}
