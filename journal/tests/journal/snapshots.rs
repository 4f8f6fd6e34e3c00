//! Snapshots: whole, or passed over.

use crate::support::{Data, Random};
use papertape_journal::{Error, SnapshotDamage, snapshot};
use std::fs;

fn sections(seed: u64) -> Vec<(u32, Vec<u8>)> {
    let mut random = Random(seed);
    (1..5).map(|tag| (tag, (0..random.below(300)).map(|_| random.next() as u8).collect())).collect()
}

#[test]
fn a_snapshot_comes_back_as_it_was() {
    let data = Data::new();
    let dir = data.root().join("snapshots");
    assert!(snapshot::list(&dir).unwrap().is_empty());
    assert!(snapshot::newest_valid(&dir, None).unwrap().snapshot.is_none());
    let path = snapshot::write(&dir, 77, 123, [9; 32], &sections(1)).unwrap();
    let loaded = snapshot::load(&path).unwrap();
    assert_eq!((loaded.seq, loaded.time_ns, loaded.state_hash), (77, 123, [9; 32]));
    assert_eq!(loaded.sections, sections(1));
    assert_eq!(loaded.section(3), Some(&sections(1)[2].1[..]));
    assert_eq!(snapshot::list(&dir).unwrap(), [(77, path)]);
    let empty = snapshot::write(&dir, 78, 123, [9; 32], &[]).unwrap();
    assert!(snapshot::load(&empty).unwrap().sections.is_empty());
}

#[test]
fn every_flipped_bit_and_every_length_is_refused() {
    let data = Data::new();
    let path = snapshot::write(data.root(), 5, 6, [1; 32], &sections(2)).unwrap();
    let whole = fs::read(&path).unwrap();
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &bytes).unwrap();
        assert!(matches!(snapshot::load(&path), Err(Error::Snapshot { .. })), "bit {bit}");
    }
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(snapshot::load(&path).unwrap_err().is_corruption(), "length {length}");
    }
}

#[test]
fn the_newest_that_verifies_is_used_and_the_others_are_named() {
    let data = Data::new();
    let paths: Vec<_> =
        (1..=5).map(|seq| snapshot::write(data.root(), seq * 10, seq, [0; 32], &sections(seq)).unwrap()).collect();
    let mut bytes = fs::read(&paths[4]).unwrap();
    bytes[100] ^= 4;
    fs::write(&paths[4], bytes).unwrap();
    fs::rename(&paths[2], paths[3].as_path()).unwrap();

    let newest = snapshot::newest_valid(data.root(), None).unwrap();
    assert_eq!(newest.snapshot.unwrap().seq, 20);
    let [Error::Snapshot { path, damage: SnapshotDamage::Hash }, Error::Snapshot { damage: renamed, .. }] =
        &newest.skipped[..]
    else {
        panic!("{:?}", newest.skipped)
    };
    assert_eq!(path, &paths[4]);
    assert_eq!(*renamed, SnapshotDamage::Seq { expected: 40, actual: 30 });

    let older = snapshot::newest_valid(data.root(), Some(19)).unwrap();
    assert_eq!((older.snapshot.unwrap().seq, older.skipped.len()), (10, 0));

    // What a crash left of one goes as well.
    let unfinished = data.root().join("00000000000000000060.tmp");
    fs::write(&unfinished, "half").unwrap();
    assert_eq!(snapshot::prune(data.root(), 2).unwrap(), [paths[1].clone(), paths[0].clone(), unfinished]);
    assert_eq!(snapshot::list(data.root()).unwrap().len(), 2);
}
