//! The levels of durability beside `process` and `group`.

use crate::support::{Data, GROUP, Owned, SEGMENT, append_many, until};
use papertape_journal::{Corruption, Damage, Durability, Error, HeaderDamage, Kind, Options, Proof, UnknownDurability};
use papertape_journal::{Identity, Outlook, open, verify};
use std::os::unix::fs::MetadataExt;

const MARK: Options = Options { segment_bytes: SEGMENT, durability: Durability::GroupMark };

/// A journal whose last records no later one proves: a page of them, and the watermark at the last.
fn marked() -> (Data, Vec<Owned>) {
    let data = Data::new();
    let mut journal = data.open(MARK).journal;
    append_many(&mut journal, 100);
    let cursor = journal.durable();
    until(|| cursor.get() == 100);
    drop(journal);
    let records = data.records();
    assert!(records.iter().all(|record| record.durable_seq < 100));
    (data, records)
}

fn corruption(error: Error) -> Corruption {
    match error {
        Error::Corrupt(corruption) => *corruption,
        other => panic!("{other}"),
    }
}

fn both(data: &Data) -> [Error; 2] {
    [open(&data.dir(), MARK, Identity::default()).unwrap_err(), verify(&data.dir()).unwrap_err()]
}

/// Changes the last record: by a bit, or by all of it.
fn spoil(data: &Data, last: &Owned, whole: bool) {
    let mut bytes = data.bytes(last.segment);
    let at = last.offset as usize;
    match whole {
        true => bytes[at..].fill(0),
        false => bytes[at + 50] ^= 4,
    }
    data.write(last.segment, &bytes);
}

#[test]
fn a_rotten_last_batch_is_seen_because_the_watermark_is_beyond_it() {
    for whole in [false, true] {
        let (data, records) = marked();
        let last = records.iter().find(|record| record.seq == 100).unwrap();
        spoil(&data, last, whole);
        for error in both(&data) {
            let found = corruption(error);
            assert_eq!((found.seq, found.last_good_seq, &found.proof), (100, 99, &Proof::Watermark { seq: 100 }));
            assert_eq!(found.damage == Damage::Missing, whole, "{found}");
        }
        // Without it, nothing says that the record had been there.
        std::fs::remove_file(data.dir().join("watermark")).unwrap();
        assert_eq!(data.open(GROUP).last_seq, 100, "an epoch record has its seq");
    }
}

#[test]
fn what_is_beyond_the_watermark_is_torn() {
    let (data, _) = marked();
    let mut journal = data.open(Options { durability: Durability::Process, ..MARK }).journal;
    append_many(&mut journal, 10);
    drop(journal);
    spoil(&data, data.records().last().unwrap(), false);
    let recovered = data.open(MARK);
    let torn = recovered.torn.unwrap();
    assert_eq!((torn.last_good_seq, recovered.last_seq), (110, 111));
}

#[test]
fn one_slot_of_the_watermark_is_enough() {
    for slot in [0, 4096] {
        let (data, records) = marked();
        let path = data.dir().join("watermark");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[slot + 41] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let left = data.open(MARK);
        assert_eq!(left.last_seq, records.last().unwrap().seq + 1);
    }
}

#[test]
fn a_watermark_that_is_damaged_or_foreign_is_refused() {
    let (data, _) = marked();
    let path = data.dir().join("watermark");
    let mut bytes = std::fs::read(&path).unwrap();
    [41, 4096 + 41].iter().for_each(|&at| bytes[at] ^= 1);
    std::fs::write(&path, &bytes).unwrap();
    for error in both(&data) {
        assert!(matches!(error, Error::Header { damage: HeaderDamage::Lost, .. }), "{error}");
        assert!(error.is_corruption());
    }
    let other = Data::new();
    let identity = Identity { deployment: [9; 16], ..Identity::default() };
    let mut journal = open(&other.dir(), MARK, identity).unwrap().journal;
    append_many(&mut journal, 1);
    journal.close().unwrap();
    std::fs::copy(other.dir().join("watermark"), &path).unwrap();
    for error in both(&data) {
        assert!(matches!(error, Error::Header { damage: HeaderDamage::Deployment, .. }), "{error}");
    }
}

#[test]
fn under_interval_nobody_waits_and_the_disk_has_it_soon() {
    let data = Data::new();
    let mut journal = data.open(Options { durability: Durability::Interval { ms: 5 }, ..GROUP }).journal;
    let cursor = journal.durable();
    for _ in 0..3 {
        append_many(&mut journal, 20);
        assert_eq!(cursor.get() + 1, journal.next_seq());
        until(|| cursor.synced() + 1 == journal.next_seq());
    }
    append_many(&mut journal, 100);
    drop(journal);
    assert_eq!(cursor.synced(), 160, "the thread syncs before it ends");
}

#[test]
fn under_every_level_what_is_asked_for_is_synced() {
    let lazy = [Durability::Memory, Durability::Process];
    let others = [Durability::Interval { ms: 3_600_000 }, Durability::Group, Durability::GroupMark];
    for durability in lazy.into_iter().chain(others) {
        let data = Data::new();
        let mut journal = data.open(Options { durability, ..GROUP }).journal;
        let cursor = journal.durable();
        append_many(&mut journal, 20);
        // One that is not published yet as well.
        let before = cursor.ask(21);
        assert!(before != Outlook::Never, "{durability}");
        append_many(&mut journal, 1);
        until(|| cursor.ask(21) == Outlook::Synced);
        append_many(&mut journal, 1);
        drop(journal);
        let kept = if lazy.contains(&durability) { Outlook::Never } else { Outlook::Synced };
        assert_eq!((cursor.ask(21), cursor.ask(22)), (Outlook::Synced, kept), "{durability}");
    }
}

#[test]
fn what_nobody_asked_for_is_synced_when_its_segment_ends_and_no_file_stays_open() {
    let data = Data::new();
    let mut journal = data.open(Options { durability: Durability::Process, ..GROUP }).journal;
    let cursor = journal.durable();
    append_many(&mut journal, 20_000);
    until(|| cursor.synced() >= 15_000);
    append_many(&mut journal, 2_000);
    let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    let ours = open.filter_map(|entry| std::fs::read_link(entry.path()).ok());
    let ours = ours.filter(|path| path.starts_with(data.dir())).count();
    assert!(ours < 8, "{ours} files of the journal are open");
}

#[test]
fn segments_have_their_room_at_every_level_and_may_be_gone_on_with_at_another() {
    let data = Data::new();
    // Some windows of pages that are prepared apart, and a segment that the next level finds staged.
    let of = |durability| Options { segment_bytes: 16 << 20, durability };
    let mut written = 0;
    for level in [Durability::Process, Durability::Group, Durability::Memory, Durability::Interval { ms: 1 }] {
        let mut journal = data.open(of(level)).journal;
        for _ in 0..18_000 {
            written = journal.append(1, Kind(1), 7, &[9; 1200]).unwrap();
        }
        drop(journal);
    }
    let tail = verify(&data.dir()).unwrap();
    assert_eq!((tail.records, tail.last_seq), (written, written));
    let files = (1..).map(|number| data.segment(number)).take_while(|path| path.exists());
    let files: Vec<_> = files.map(|path| std::fs::metadata(path).unwrap()).collect();
    assert!(files.len() > 5, "{} segments", files.len());
    for file in files {
        assert!(file.len() == 16 << 20 && file.blocks() * 512 >= file.len(), "{} blocks", file.blocks());
    }
}

#[test]
fn a_level_is_at_least_as_safe_as_those_before_it() {
    let interval = |ms| Durability::Interval { ms };
    let levels =
        [Durability::Memory, Durability::Process, interval(20), interval(10), Durability::Group, Durability::GroupMark];
    for (index, level) in levels.iter().enumerate() {
        for (other_index, other) in levels.iter().enumerate() {
            assert_eq!(level.is_at_least(*other), index >= other_index, "{level} and {other}");
        }
    }
}

#[test]
fn a_heartbeat_proves_what_came_before() {
    let data = Data::new();
    let mut journal = data.open(GROUP).journal;
    append_many(&mut journal, 3);
    let cursor = journal.durable();
    until(|| cursor.get() == 3);
    assert_eq!(journal.append_heartbeat(5).unwrap(), 4);
    drop(journal);
    let records = data.records();
    let (heartbeat, last) = (&records[3], &records[2]);
    assert_eq!((heartbeat.kind, heartbeat.durable_seq), (Kind::HEARTBEAT, 3));
    assert_eq!(heartbeat.time_ns, last.time_ns, "time does not go back");
    spoil(&data, last, false);
    let found = corruption(open(&data.dir(), GROUP, Identity::default()).unwrap_err());
    assert!(matches!(found.proof, Proof::ProvenBy { seq: 4, durable: 3, .. }), "{found}");
}

#[test]
fn levels_have_names() {
    let levels = [
        (Durability::Memory, "memory"),
        (Durability::Process, "process"),
        (Durability::Interval { ms: 20 }, "interval:20"),
        (Durability::Group, "group"),
        (Durability::GroupMark, "group+mark"),
    ];
    for (level, text) in levels {
        assert_eq!((level.to_string().as_str(), text.parse()), (text, Ok(level)));
        assert!(text.starts_with(level.name()));
    }
    for text in ["", "Group", "interval", "interval:", "interval:0", "interval:-1", "interval:4294967296", "disk"] {
        assert_eq!(text.parse::<Durability>(), Err(UnknownDurability), "{text}");
    }
}
