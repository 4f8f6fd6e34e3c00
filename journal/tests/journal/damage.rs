//! Every byte matters: cut, flip or zero any of them, and the audit says so.

use crate::support::{
    Data, GROUP, Owned, Random, SEGMENT, append_many, is_full_proof, journals_of_three, three_segments,
};
use papertape_journal::{Damage, Error, Identity, Proof, Report, Tail, open, verify};
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;

const SEED: u64 = 20_240_607;

/// Whether the audit noticed anything.
fn noticed(result: &Result<Report, Error>) -> bool {
    !matches!(result, Ok(Report { tail: Tail::Clean, .. }))
}

fn end(record: &Owned) -> u64 {
    record.offset + (48 + record.payload.len() as u64).next_multiple_of(8)
}

#[test]
fn a_file_cut_at_any_byte_is_refused() {
    journals_of_three().iter().for_each(cut_at_any_byte);
}

fn cut_at_any_byte(data: &Data) {
    for number in 1..=3 {
        let copy = data.copy();
        let file = OpenOptions::new().write(true).open(copy.segment(number)).unwrap();
        for length in (0..SEGMENT).rev() {
            file.set_len(length).unwrap();
            let error = verify(&copy.dir()).unwrap_err();
            assert!(
                matches!(&error, Error::Truncated { actual, .. } if *actual == length),
                "{number} {length} {error}"
            );
            if length % 61 == 0 {
                let error = open(&copy.dir(), GROUP, Identity::default()).unwrap_err();
                assert!(matches!(&error, Error::Truncated { actual, .. } if *actual == length), "{error}");
            }
        }
    }
}

#[test]
fn a_tail_lost_at_any_byte_is_cut_after_the_last_whole_record() {
    journals_of_three().iter().for_each(tail_lost_at_any_byte);
}

fn tail_lost_at_any_byte(data: &Data) {
    let records = data.records();
    let copy = data.copy();
    let bytes = data.bytes(3);
    let file = OpenOptions::new().write(true).open(copy.segment(3)).unwrap();
    let tail = end(records.last().unwrap());
    for at in (8192..tail).rev() {
        file.write_all_at(&[0], at).unwrap();
        let whole = records.iter().filter(|record| record.segment < 3 || end(record) <= at).count() as u64;
        let next = records[whole as usize].offset;
        let result = verify(&copy.dir());
        // What is left of a record may be intact where all that was lost was zero.
        let same = |from: u64, to: u64| bytes[from as usize..to as usize].iter().all(|&byte| byte == 0);
        let kept = whole + u64::from(same(at, end(&records[whole as usize])));
        let report = result.unwrap();
        assert_eq!(report.last_seq, kept, "at {at}");
        let bare = kept > whole || same(next, at);
        assert_eq!(report.tail == Tail::Clean, bare, "at {at}: {:?}", report.tail);
        if at % 397 == 0 {
            let crashed = copy.copy();
            let recovered = crashed.open(GROUP);
            assert_eq!((recovered.last_seq, recovered.torn.is_none()), (kept + 1, bare));
            drop(recovered);
            let report = verify(&crashed.dir()).unwrap();
            assert_eq!((report.last_seq, report.tail), (kept + 1, Tail::Clean));
        }
    }
}

#[test]
fn no_flipped_bit_goes_unnoticed() {
    println!("seed {SEED}");
    let mut random = Random(SEED);
    let data = three_segments();
    for number in 1..=4 {
        let bytes = data.bytes(number);
        let file = OpenOptions::new().write(true).open(data.segment(number)).unwrap();
        let step = if number == 4 && !is_full_proof() { 251 } else { 1 };
        for at in (0..bytes.len()).step_by(step) {
            let drawn = random.below(8);
            for bit in if is_full_proof() { 0..8 } else { drawn..drawn + 1 } {
                let flipped = bytes[at] ^ (1 << bit);
                file.write_all_at(&[flipped], at as u64).unwrap();
                let result = verify(&data.dir());
                assert!(noticed(&result), "segment {number} byte {at} {:02x} {flipped:02x}", bytes[at]);
                let begun = result.as_ref().err().is_none_or(|error| error.is_corruption() || unknown_format(error));
                assert!(begun, "{result:?}");
                if at % 1009 == 0 {
                    // Opening may or may not look at this byte. It must not panic, and must not take it for good.
                    if open(&data.copy().dir(), GROUP, Identity::default()).is_ok() && number < 3 {
                        assert!(result.is_err());
                    }
                }
            }
            file.write_all_at(&bytes[at..=at], at as u64).unwrap();
        }
    }
    assert!(!noticed(&verify(&data.dir())));
}

fn unknown_format(error: &Error) -> bool {
    matches!(error, Error::Format { .. })
}

#[test]
fn a_changed_byte_in_a_sealed_segment_is_named_with_its_place() {
    let data = three_segments();
    let records = data.records();
    let victim = records.iter().find(|record| record.segment == 2 && record.payload.len() > 8).unwrap();
    let mut bytes = data.bytes(2);
    bytes[victim.offset as usize + 50] ^= 0x10;
    data.write(2, &bytes);
    let error = verify(&data.dir()).unwrap_err();
    let text = error.to_string();
    let Error::Corrupt(corruption) = error else { panic!("{error}") };
    assert_eq!((corruption.number, corruption.offset), (2, victim.offset));
    assert_eq!((corruption.seq, corruption.last_good_seq), (victim.seq, victim.seq - 1));
    assert!(matches!(corruption.damage, Damage::Checksum { .. }));
    assert_eq!(corruption.proof, Proof::Sealed);
    let place = format!("00000002.seg offset {} seq {}: checksum ", victim.offset, victim.seq);
    assert!(text.contains(&place) && text.contains("the segment is sealed"), "{text}");
}

#[test]
fn a_lost_block_is_corrupt_if_a_later_record_proves_it_and_torn_if_none_does() {
    let data = three_segments();
    let records: Vec<Owned> = data.records().into_iter().filter(|record| record.segment == 3).collect();
    let proven = records.iter().map(|record| record.durable_seq).max().unwrap();
    let bytes = data.bytes(3);
    let tail = end(records.last().unwrap()) as usize;
    let (mut corrupt, mut torn) = (0, 0);
    for block in (8192..tail).step_by(512) {
        let mut damaged = bytes.clone();
        damaged[block..block + 512].fill(0);
        data.write(3, &damaged);
        let first = records.iter().find(|record| end(record) as usize > block).unwrap();
        // The proof is a later record which is intact itself.
        let prover = |record: &&Owned| record.durable_seq >= first.seq && record.offset as usize >= block + 512;
        let expected = records.iter().find(prover);
        match (verify(&data.dir()), open(&data.copy().dir(), GROUP, Identity::default()), expected) {
            (Err(Error::Corrupt(seen)), Err(Error::Corrupt(at_open)), Some(prover)) => {
                assert_eq!(seen, expected_copy(&at_open, &seen));
                assert_eq!((seen.seq, seen.offset), (first.seq, first.offset));
                assert!(matches!(seen.proof, Proof::ProvenBy { seq, .. } if seq == prover.seq), "{seen}");
                corrupt += 1;
            }
            (Ok(Report { tail: Tail::Torn { offset, unproven_records, .. }, last_seq, .. }), Ok(opened), None) => {
                assert_eq!((offset, last_seq), (first.offset, first.seq - 1));
                assert_eq!(opened.torn.unwrap().unproven_records, unproven_records);
                torn += 1;
            }
            (seen, opened, expected) => panic!("block {block}: {seen:?}, {opened:?}, {expected:?}"),
        }
    }
    println!("seq {proven} proven; {corrupt} blocks corrupt, {torn} torn");
    assert!(corrupt > 10 && torn > 3);
}

/// The corruption as another directory names it.
fn expected_copy(
    of: &papertape_journal::Corruption,
    like: &papertape_journal::Corruption,
) -> Box<papertape_journal::Corruption> {
    Box::new(papertape_journal::Corruption { segment: like.segment.clone(), ..of.clone() })
}

#[test]
fn swapped_and_doubled_records_are_corrupt() {
    let data = three_segments();
    let records: Vec<Owned> = data.records().into_iter().filter(|record| record.segment == 3).collect();
    let bytes = data.bytes(3);
    let at = |index: usize| records[index].offset as usize..end(&records[index]) as usize;
    let mut doubled = bytes.clone();
    let rest = bytes[at(4)].iter().chain(&bytes[at(4).start..]).copied().take(bytes.len() - at(4).start);
    doubled.splice(at(4).start.., rest.collect::<Vec<u8>>());
    data.write(3, &doubled);
    let Err(Error::Corrupt(corruption)) = verify(&data.dir()) else { panic!("a doubled record") };
    let (seq, next) = (records[4].seq, records[5].seq);
    assert_eq!(corruption.damage, Damage::Sequence { expected: next, actual: seq });
    assert!(matches!(open(&data.dir(), GROUP, Identity::default()), Err(Error::Corrupt(_))));

    let mut missing = bytes.clone();
    missing.drain(at(4));
    missing.resize(bytes.len(), 0);
    data.write(3, &missing);
    let Err(Error::Corrupt(corruption)) = verify(&data.dir()) else { panic!("a seq hole") };
    assert_eq!(corruption.damage, Damage::Sequence { expected: seq, actual: next });
    assert_eq!(corruption.proof, Proof::Chain);
}

#[test]
fn random_garbage_never_panics() {
    println!("seed {SEED}");
    let mut random = Random(SEED);
    let data = three_segments();
    let whole: Vec<Vec<u8>> = (1..=4).map(|number| data.bytes(number)).collect();
    for round in 0..600 {
        let number = 1 + random.below(4);
        let mut bytes = whole[number as usize - 1].clone();
        for _ in 0..=random.below(3) {
            let at = random.below(SEGMENT) as usize;
            let length = (random.below(6000) as usize).min(bytes.len() - at);
            match random.below(3) {
                0 => bytes[at..at + length].iter_mut().for_each(|byte| *byte = random.next() as u8),
                1 => bytes[at..at + length].fill(0xff),
                _ => bytes.copy_within(0..length, at),
            }
        }
        data.write(number, &bytes);
        let changed = bytes != whole[number as usize - 1];
        assert_eq!(noticed(&verify(&data.dir())), changed, "round {round}");
        let copy = data.copy();
        if let Ok(recovered) = open(&copy.dir(), GROUP, Identity::default()) {
            drop(recovered);
            if number > 2 {
                assert!(!noticed(&verify(&copy.dir())) || copy_of_header_differs(&copy), "round {round}");
            }
        }
        data.write(number, &whole[number as usize - 1]);
    }
}

/// A header of which one copy is whole may be opened while the space around it is not zero.
fn copy_of_header_differs(data: &Data) -> bool {
    matches!(verify(&data.dir()), Err(Error::Header { .. }))
}

#[test]
fn a_header_that_is_whole_and_names_an_impossible_length_is_refused() {
    let data = Data::new();
    append_many(&mut data.open(GROUP).journal, 10);
    let mut bytes = data.bytes(1);
    bytes.truncate(5_000);
    for copy in [0, 4_096] {
        bytes[copy + 72..copy + 80].copy_from_slice(&5_000_u64.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[copy..copy + 252]);
        bytes[copy + 252..copy + 256].copy_from_slice(&crc.to_le_bytes());
    }
    data.write(1, &bytes);
    assert!(matches!(verify(&data.dir()), Err(Error::Truncated { actual: 5_000, .. })));
    assert!(matches!(open(&data.dir(), GROUP, Identity::default()), Err(Error::Truncated { actual: 5_000, .. })));
}
