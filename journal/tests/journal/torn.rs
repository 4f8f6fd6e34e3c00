//! Torn tails: cut, kept aside, and never seen again.

use crate::support::{Data, GROUP, Gate, Owned, PROCESS, append, three_segments};
use papertape_journal::{Damage, Epoch, Error, Identity, Kind, Tail, open, verify};
use std::fs;

fn last(data: &Data) -> Owned {
    data.records().pop().unwrap()
}

#[test]
fn a_torn_record_is_cut_kept_aside_and_noted() {
    let data = three_segments();
    let whole = last(&data);
    let mut bytes = data.bytes(3);
    let at = whole.offset as usize;
    bytes[at + 60] ^= 1;
    data.write(3, &bytes);

    let recovered = data.open(GROUP);
    let torn = recovered.torn.unwrap();
    assert_eq!((torn.last_good_seq, torn.offset, torn.unproven_records), (whole.seq - 1, whole.offset, 0));
    assert!(matches!(torn.damage, Damage::Checksum { .. }));
    assert_eq!(torn.quarantine.len(), 1);
    let kept = fs::read(&torn.quarantine[0]).unwrap();
    assert_eq!(kept.len() as u64, torn.bytes);
    assert_eq!(kept, bytes[at..at + kept.len()]);
    assert!(bytes[at + kept.len()..].iter().all(|&byte| byte == 0));
    assert_eq!(recovered.last_seq, whole.seq);

    let epoch = last(&data);
    assert_eq!((epoch.kind, epoch.seq, epoch.offset), (Kind::EPOCH, whole.seq, whole.offset));
    let expected =
        Epoch { generation: 2, last_good_seq: whole.seq - 1, cut_bytes: torn.bytes, cut_offset: torn.offset };
    assert_eq!(Epoch::decode(&epoch.payload), Some(expected));
}

#[test]
fn bytes_without_a_length_are_the_record_that_was_being_written() {
    let data = three_segments();
    let whole = last(&data);
    let mut bytes = data.bytes(3);
    bytes[whole.offset as usize..][..4].fill(0);
    data.write(3, &bytes);
    let Tail::Torn { damage, .. } = verify(&data.dir()).unwrap().tail else { panic!("a clean tail") };
    assert_eq!(damage, Damage::Unpublished);
    assert_eq!(data.open(GROUP).torn.unwrap().damage, Damage::Unpublished);
    assert_eq!(verify(&data.dir()).unwrap().tail, Tail::Clean);
}

#[test]
fn older_valid_records_beyond_a_torn_one_do_not_come_back() {
    let data = Data::new();
    let mut journal = data.open(PROCESS).journal;
    for key in 0..20 {
        journal.append(5, Kind(1), key, &[key as u8; 32]).unwrap();
    }
    drop(journal);
    let old = data.records();
    let before = data.bytes(1);
    let mut bytes = before.clone();
    // An epoch record is as long as these, so that what comes next lies exactly where the old ones lay.
    bytes[old[9].offset as usize + 50] ^= 1;
    data.write(1, &bytes);

    let recovered = data.open(PROCESS);
    let torn = recovered.torn.unwrap();
    assert_eq!((torn.last_good_seq, torn.unproven_records), (9, 10));
    assert_eq!((recovered.last_seq, data.records().len()), (10, 10));
    let mut journal = recovered.journal;
    journal.append(5, Kind(2), 99, &[9; 32]).unwrap();
    drop(journal);
    let records = data.records();
    assert_eq!(records.iter().map(|record| record.kind.0).skip(8).collect::<Vec<u16>>(), [1, 0xff00, 2]);

    // Even where a disk loses the zeroes again: the old record names another one before it.
    let mut bytes = data.bytes(1);
    let from = old[11].offset as usize;
    bytes[from..].copy_from_slice(&before[from..]);
    data.write(1, &bytes);
    let Err(Error::Corrupt(corruption)) = open(&data.dir(), PROCESS, Identity::default()) else { panic!("accepted") };
    assert!(matches!(corruption.damage, Damage::PreviousChecksum { .. }), "{corruption}");
    assert_eq!((corruption.seq, corruption.last_good_seq), (12, 11));
}

/// A journal whose second segment was begun and whose first was not sealed when the machine stopped.
fn rolled_and_not_sealed() -> Data {
    let data = Data::new();
    let gate = Gate::open();
    let mut journal = data.open_with(PROCESS, gate.clone());
    gate.set(false);
    while last_segment(&data) < 2 {
        append(&mut journal);
    }
    append(&mut journal);
    gate.set(true);
    drop(journal);
    data.remove_staged(3);
    let mut bytes = data.bytes(2);
    unseal(&mut bytes);
    data.write(2, &bytes);
    data
}

fn last_segment(data: &Data) -> u64 {
    data.records().last().map_or(0, |record| record.segment)
}

/// Takes the hash out of both copies of a header.
fn unseal(bytes: &mut [u8]) {
    for copy in [0, 4096] {
        let header = &mut bytes[copy..copy + 256];
        header[12..16].fill(0);
        header[104..136].fill(0);
        let crc = crc32c(&header[..252]);
        header[252..].copy_from_slice(&crc.to_le_bytes());
    }
}

fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg()))
    };
    !bytes.iter().fold(!0, step)
}

#[test]
fn a_seal_that_is_missing_after_a_crash_is_made_up_for() {
    let data = rolled_and_not_sealed();
    let records = data.records();
    let sealed_hash = |data: &Data| data.bytes(2)[104..136].to_vec();
    assert_eq!(sealed_hash(&data), [0; 32]);
    verify(&data.dir()).unwrap();
    let recovered = data.open(GROUP);
    assert_eq!((recovered.last_seq, recovered.torn), (records.len() as u64 + 1, None));
    assert_ne!(sealed_hash(&data), [0; 32]);
    verify(&data.dir()).unwrap();
}

#[test]
fn a_tail_torn_across_a_roll_takes_the_unproven_segment_with_it() {
    let data = rolled_and_not_sealed();
    let records = data.records();
    let victim = &records[records.len() / 2];
    assert_eq!(victim.segment, 1);
    let mut bytes = data.bytes(1);
    bytes[victim.offset as usize..][..4096].fill(0);
    data.write(1, &bytes);
    assert!(matches!(verify(&data.dir()).unwrap().tail, Tail::Torn { offset, .. } if offset == victim.offset));

    let recovered = data.open(GROUP);
    let torn = recovered.torn.unwrap();
    assert_eq!((torn.last_good_seq, torn.quarantine.len()), (victim.seq - 1, 2));
    assert!(torn.unproven_records > 2);
    drop(recovered.journal);
    let report = verify(&data.dir()).unwrap();
    assert_eq!((report.segments, report.last_seq, report.tail), (1, victim.seq, Tail::Clean));
}

#[test]
fn the_same_tear_in_a_sealed_segment_is_corrupt() {
    let data = three_segments();
    let victim = data.records().into_iter().find(|record| record.segment == 2).unwrap();
    let mut bytes = data.bytes(2);
    bytes[victim.offset as usize..][..4096].fill(0);
    data.write(2, &bytes);
    let error = verify(&data.dir()).unwrap_err();
    assert!(error.is_corruption(), "{error}");
    assert!(error.to_string().contains("the segment is sealed"), "{error}");
}

#[test]
fn a_lost_header_is_torn_if_nothing_proves_the_segment_and_corrupt_otherwise() {
    for flushed in [false, true] {
        let data = Data::new();
        let gate = Gate::open();
        let mut journal = data.open_with(PROCESS, gate.clone());
        gate.set(false);
        while last_segment(&data) < 2 {
            append(&mut journal);
        }
        let first = journal.next_seq() - 1;
        append(&mut journal);
        gate.set(true);
        if flushed {
            journal.flush().unwrap();
            append(&mut journal);
        }
        drop(journal);
        data.remove_staged(3);
        let mut bytes = data.bytes(2);
        bytes[..8192].fill(0);
        data.write(2, &bytes);
        match (verify(&data.dir()), open(&data.dir(), PROCESS, Identity::default())) {
            (Ok(report), Ok(recovered)) if !flushed => {
                assert!(matches!(report.tail, Tail::Torn { unproven_records: 2, .. }), "{report:?}");
                assert_eq!(recovered.torn.unwrap().last_good_seq, first - 1);
            }
            (Err(Error::Corrupt(_)), Err(Error::Corrupt(corruption))) if flushed => {
                assert_eq!((corruption.seq, corruption.last_good_seq), (first, first - 1));
            }
            (seen, opened) => panic!("flushed {flushed}: {seen:?}, {opened:?}"),
        }
    }
}
