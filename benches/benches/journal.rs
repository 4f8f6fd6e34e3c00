//! Appending records beside copying the same bytes into mapped memory, and what a durable commit costs.

#![allow(unsafe_code)] // The plain copy goes into a mapped file, as the journal's own does.

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group};
use memmap2::{MmapMut, MmapRaw};
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

/// Records of a round: they fill most of one segment, and a run is many segments long.
const ROUND: usize = 2_000_000;
const ROUNDS: usize = 5;
const SUSTAINED: usize = 5;

/// Records a second beside a plain copy of as many bytes into a mapped file of the same size: into a new one, as a
/// program without a journal would write it, and into one that was written before, whose pages are ready.
fn beside_a_plain_copy() {
    println!("{ROUND} records of {} bytes, one after the other; records a second, and bytes", RECORD.len());
    println!(
        "  round   copy, new file     copy, ready file   append, process    copy new / append   copy ready / append"
    );
    for round in 1..=ROUNDS {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let new = copy(&mapped(&dir, "new"));
        let ready = mapped(&dir, "ready");
        copy(&ready);
        let ready = copy(&ready);
        let mut journal = journal(&dir, Durability::Process);
        let append = appended(&mut journal, 0);
        let (new_ratio, ready_ratio) =
            (append.as_secs_f64() / new.as_secs_f64(), append.as_secs_f64() / ready.as_secs_f64());
        println!(
            "  {round:5}   {}   {}   {}   {new_ratio:15.2}     {ready_ratio:17.2}",
            rate(new),
            rate(ready),
            rate(append)
        );
    }
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut journal = journal(&dir, Durability::Process);
    let append: Duration = (0..SUSTAINED).map(|part| appended(&mut journal, (part * ROUND) as u64)).sum();
    let new: Duration = (0..SUSTAINED).map(|part| copy(&mapped(&dir, &format!("part {part}")))).sum();
    let (append, new) = (append / SUSTAINED as u32, new / SUSTAINED as u32);
    println!(
        "{} records over {SUSTAINED} segments without a pause: copy into new files {}, append {}: {:.2}",
        SUSTAINED * ROUND,
        rate(new),
        rate(append),
        append.as_secs_f64() / new.as_secs_f64()
    );
}

/// A new file as large as a segment, mapped.
fn mapped(dir: &tempfile::TempDir, name: &str) -> MmapRaw {
    let file = File::options().read(true).write(true).create(true).truncate(true).open(dir.path().join(name));
    let file = file.expect("a file");
    file.set_len(256 << 20).expect("the disk has room");
    MmapRaw::map_raw(&file).expect("256 MiB of addresses")
}

fn copy(map: &MmapRaw) -> Duration {
    let begun = Instant::now();
    for record in 0..ROUND {
        // SAFETY: the map is `ROUND` records long and more, and nobody else has it.
        unsafe {
            map.as_mut_ptr()
                .add(record * RECORD.len())
                .copy_from_nonoverlapping(black_box(&RECORD).as_ptr(), RECORD.len())
        };
    }
    begun.elapsed()
}

fn appended(journal: &mut Journal, time: u64) -> Duration {
    let begun = Instant::now();
    for record in 1..=ROUND as u64 {
        journal.append(time + record, Kind(1), 0, black_box(&PAYLOAD)).expect("the disk has room");
    }
    begun.elapsed()
}

fn rate(took: Duration) -> String {
    let records = ROUND as f64 / took.as_secs_f64();
    format!("{:5.1} M/s {:4.1} GB/s", records / 1e6, records * RECORD.len() as f64 / 1e9)
}

criterion_group!(benches, append, commit);

fn main() {
    beside_a_plain_copy();
    benches();
    Criterion::default().configure_from_args().final_summary();
}
