//! What goes in comes out.

use crate::support::{Data, GROUP, PROCESS, append, append_many, read_from, three_segments};
use papertape_journal::{Epoch, Kind, Tag, Tail, verify};

#[test]
fn records_come_back_across_rolls() {
    for options in [PROCESS, GROUP] {
        let data = Data::new();
        let mut journal = data.open(options).journal;
        let seqs: Vec<u64> = (0..500).map(|_| append(&mut journal)).collect();
        assert_eq!(seqs, (1..=500).collect::<Vec<u64>>());
        let records = data.records();
        assert_eq!(records.iter().map(|record| record.seq).collect::<Vec<u64>>(), seqs);
        assert!(records.last().unwrap().segment >= 5, "the test means to roll");
        journal.close().unwrap();

        let again = Data::new();
        let mut other = again.open(PROCESS).journal;
        append_many(&mut other, 500);
        let strip = |data: &Data| {
            let mut records = data.records();
            records.truncate(500);
            records.iter_mut().for_each(|record| record.durable_seq = 0);
            records
        };
        assert_eq!(strip(&data), strip(&again), "the same calls store the same records");
    }
}

#[test]
fn a_reader_begins_at_any_seq() {
    let data = three_segments();
    let all = data.records();
    for from in [0, 1, 2, 37, all.len() / 2, all.len() - 1, all.len(), all.len() + 5] {
        let expected = &all[from.saturating_sub(1).min(all.len())..];
        assert_eq!(read_from(&data.dir(), from as u64), expected, "from {from}");
    }
}

#[test]
fn version_flags_and_key_are_kept() {
    let data = Data::new();
    let mut journal = data.open(PROCESS).journal;
    let tag = Tag { kind: Kind(0x1234), version: 3, flags: 0x81 };
    journal.append_tagged(5, tag, u64::MAX, b"").unwrap();
    let mut reader = papertape_journal::Reader::open(&data.dir(), 1).unwrap();
    let record = reader.next().unwrap().unwrap();
    assert_eq!((record.kind, record.version, record.flags, record.key), (tag.kind, 3, 0x81, u64::MAX));
    assert_eq!((record.time_ns, record.payload), (5, &b""[..]));
}

#[test]
fn opening_again_continues_the_seq_under_a_new_generation() {
    let data = Data::new();
    let mut journal = data.open(GROUP).journal;
    append_many(&mut journal, 100);
    drop(journal);

    let recovered = data.open(GROUP);
    assert_eq!((recovered.last_seq, recovered.torn), (101, None));
    let mut journal = recovered.journal;
    assert_eq!((journal.next_seq(), journal.generation(), journal.deployment()), (102, 2, [7; 16]));
    assert_eq!(append(&mut journal), 102);
    journal.close().unwrap();

    let records = data.records();
    let epoch = &records[100];
    assert_eq!(epoch.kind, Kind::EPOCH);
    let expected = Epoch { generation: 2, last_good_seq: 100, cut_bytes: 0, cut_offset: 0 };
    assert_eq!(Epoch::decode(&epoch.payload), Some(expected));
    assert_eq!(epoch.durable_seq, 100, "what an opening found is synced");
    let seal = records.last().unwrap();
    assert_eq!((seal.kind, seal.seq, seal.durable_seq), (Kind::SEAL, 103, 102));
    assert_eq!(data.open(GROUP).journal.generation(), 3);
}

#[test]
fn many_openings_keep_one_chain() {
    let data = Data::new();
    for round in 1..=30 {
        let mut journal = data.open(if round % 2 == 0 { PROCESS } else { GROUP }).journal;
        assert_eq!(journal.generation(), round);
        append_many(&mut journal, 17);
        if round % 3 == 0 {
            journal.close().unwrap();
        }
    }
    let report = verify(&data.dir()).unwrap();
    assert_eq!(report.records, 30 * 17 + 29 + 10);
    assert_eq!((report.first_seq, report.last_seq, report.tail), (1, report.records, Tail::Clean));
    assert!(report.segments > 3);
}

#[test]
fn an_empty_journal_is_in_order() {
    let data = Data::new();
    data.open(GROUP).journal.close().unwrap();
    let report = verify(&data.dir()).unwrap();
    assert_eq!((report.segments, report.records, report.last_seq, report.tail), (1, 0, 0, Tail::Clean));
    assert_eq!(data.open(GROUP).last_seq, 0);
}

#[test]
fn a_record_that_is_too_long_for_an_empty_older_segment_goes_into_the_next() {
    let data = Data::new();
    drop(data.open(PROCESS));
    let large = papertape_journal::Options { segment_bytes: 1 << 20, ..PROCESS };
    let mut journal = data.open(large).journal;
    journal.append(1, Kind(1), 0, &[1; 64 * 1024]).unwrap();
    journal.append(1, Kind(1), 0, &[2; 64 * 1024]).unwrap();
    journal.close().unwrap();
    let places: Vec<(u64, u64)> = data.records().iter().map(|record| (record.seq, record.segment)).collect();
    assert_eq!(places, [(1, 2), (2, 2), (3, 2)]);
    assert_eq!(data.open(large).last_seq, 4);
    assert_eq!(verify(&data.dir()).unwrap().segments, 2);
}
