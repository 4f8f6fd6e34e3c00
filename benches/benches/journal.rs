//! Appending records beside copying the same bytes into mapped memory, and what a durable commit costs.

use std::fs::File;
use std::hint::black_box;
use std::io::Write;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use memmap2::MmapMut;
use papertape_journal::{Durability, Identity, Journal, Kind, Options, open};

const RECORDS: usize = 10_000;
const PAYLOAD: [u8; 64] = [7; 64];
/// A record's header and the payload: what the floor copies.
const RECORD: [u8; 112] = [7; 112];

fn journal(dir: &tempfile::TempDir, durability: Durability) -> Journal {
    let options = Options { segment_bytes: 256 << 20, durability };
    open(&dir.path().join("journal"), options, Identity::default()).expect("a new folder takes a journal").journal
}

fn append(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("journal/append 64 bytes");
    group.throughput(Throughput::Elements(RECORDS as u64)).sample_size(20);
    let mut map = MmapMut::map_anon(256 << 20).expect("256 MiB of memory");
    map.fill(1);
    group.bench_function("floor: copy into mapped memory", |bencher| {
        let mut at = 0;
        bencher.iter(|| {
            for _ in 0..RECORDS {
                at = if at + RECORD.len() > map.len() { 0 } else { at };
                map[at..at + RECORD.len()].copy_from_slice(black_box(&RECORD));
                at += RECORD.len();
            }
        });
    });
    for durability in [Durability::Process, Durability::Group] {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut journal = journal(&dir, durability);
        let mut time = 0;
        group.bench_function(durability.name(), |bencher| {
            bencher.iter(|| {
                for _ in 0..RECORDS {
                    time += 1;
                    journal.append(time, Kind(1), 0, black_box(&PAYLOAD)).expect("the disk has room");
                }
            });
        });
    }
    group.finish();
}

fn commit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("journal/one durable commit");
    group.sample_size(20);
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut file = File::create(dir.path().join("floor")).expect("a file");
    group.bench_function("floor: write and fdatasync", |bencher| {
        bencher.iter(|| {
            file.write_all(&RECORD).expect("the disk has room");
            file.sync_data().expect("the disk syncs");
        });
    });
    let mut journal = journal(&dir, Durability::Group);
    let durable = journal.durable();
    let mut time = 0;
    group.bench_function("append until durable", |bencher| {
        bencher.iter(|| {
            time += 1;
            let seq = journal.append(time, Kind(1), 0, &PAYLOAD).expect("the disk has room");
            while durable.get() < seq {
                std::hint::spin_loop();
            }
        });
    });
    group.finish();
}

criterion_group!(benches, append, commit);
criterion_main!(benches);
