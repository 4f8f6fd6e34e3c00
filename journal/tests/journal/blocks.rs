//! Blocks of 512 and 4096 bytes that are lost, swapped, doubled or of another place: none goes unnoticed, and nothing
//! that was proven durable is lost in silence.

use crate::support::{Data, GROUP, Owned, SEGMENT, three_segments};
use papertape_journal::{Identity, Reader, Tail, open, verify};

/// What a bad disk does to a block.
const FATES: [&str; 5] =
    ["zero", "swap with the next", "double over the next", "from the next segment", "from its mirror"];

/// The three segments with one block spoiled, or nothing if that changes no byte.
fn spoiled(segments: &[Vec<u8>], number: usize, at: usize, size: usize, fate: &str) -> Option<Vec<Vec<u8>>> {
    let mut changed = segments.to_vec();
    let block = segments[number][at..at + size].to_vec();
    let next = (at + size) % SEGMENT as usize;
    match fate {
        "zero" => changed[number][at..at + size].fill(0),
        "swap with the next" => {
            changed[number].copy_within(next..next + size, at);
            changed[number][next..next + size].copy_from_slice(&block);
        }
        "double over the next" => changed[number][next..next + size].copy_from_slice(&block),
        "from the next segment" => {
            let other = &segments[(number + 1) % segments.len()];
            changed[number][at..at + size].copy_from_slice(&other[at..at + size]);
        }
        _ => {
            let mirror = SEGMENT as usize - size - at;
            changed[number][at..at + size].copy_from_slice(&segments[number][mirror..mirror + size]);
        }
    }
    (changed != segments).then_some(changed)
}

/// What a reader gets before it stops, and whether it stopped at an error.
fn read(data: &Data) -> (Vec<Owned>, bool) {
    let Ok(reader) = Reader::open(&data.dir(), 1) else { return (Vec::new(), true) };
    let mut reader = reader.to_the_end();
    let mut records = Vec::new();
    loop {
        match reader.next() {
            Ok(Some(record)) => records.push(Owned::from(&record)),
            Ok(None) => return (records, false),
            Err(error) => {
                assert!(error.is_corruption(), "{error}");
                return (records, true);
            }
        }
    }
}

#[test]
fn no_block_is_lost_swapped_doubled_or_spliced_in_silence() {
    let data = three_segments();
    let original = data.records();
    let proven = original.iter().map(|record| record.durable_seq).max().unwrap();
    let segments: Vec<Vec<u8>> = (1..=3).map(|number| data.bytes(number)).collect();
    let copy = data.copy();
    let mut cases = 0;
    for size in [512, 4096] {
        for (number, at) in (0..3).flat_map(|number| (0..SEGMENT as usize).step_by(size).map(move |at| (number, at))) {
            for fate in FATES {
                let Some(changed) = spoiled(&segments, number, at, size, fate) else { continue };
                cases += 1;
                let case = format!("{fate}, {size} bytes at {at} of segment {}", number + 1);
                (1..).zip(&changed).for_each(|(number, bytes)| copy.write(number, bytes));
                let report = verify(&copy.dir());
                assert!(report.is_err() || report.is_ok_and(|report| report.tail != Tail::Clean), "{case}");
                let (before, failed) = read(&copy);
                assert!(original.starts_with(&before), "{case}");
                assert!(failed || before.len() as u64 >= proven, "{case}");
                recovers_or_refuses(&copy.copy(), &original, proven, &case);
            }
        }
    }
    println!("{cases} cases");
    assert!(cases > 1_500);
}

fn recovers_or_refuses(copy: &Data, original: &[Owned], proven: u64, case: &str) {
    match open(&copy.dir(), GROUP, Identity::default()) {
        Err(error) => assert!(error.is_corruption(), "{case}: {error}"),
        Ok(recovered) => {
            drop(recovered);
            let (after, failed) = read(copy);
            let kept = after.iter().zip(original).take_while(|(one, other)| one == other).count() as u64;
            assert!(failed || kept >= proven, "{case}: {kept} of {proven} were kept");
        }
    }
}
