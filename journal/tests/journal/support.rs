//! Small journals with reproducible contents.

use papertape_journal::{
    DirLock, Durability, Folder, Hands, Identity, Journal, Kind, Options, Reader, RealDisk, Record, Recovered, Syncer,
    Tail, open, open_locked, verify,
};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) const SEGMENT: u64 = 64 * 1024;
/// Payloads are shorter than this, unless a test wants others.
const PAYLOAD: u64 = 1500;
pub(crate) const GROUP: Options = Options { segment_bytes: SEGMENT, durability: Durability::Group };
pub(crate) const PROCESS: Options = Options { segment_bytes: SEGMENT, durability: Durability::Process };

/// A disk that stops taking syncs while the gate is shut.
pub(crate) struct Gate(pub(crate) AtomicBool);

impl Gate {
    pub(crate) fn open() -> Arc<Gate> {
        Arc::new(Gate(AtomicBool::new(true)))
    }

    pub(crate) fn set(&self, open: bool) {
        self.0.store(open, Ordering::SeqCst);
    }
}

impl Syncer for Gate {
    fn sync(&self, file: &File, _path: &Path) -> io::Result<()> {
        until(|| self.0.load(Ordering::SeqCst));
        file.sync_data()
    }
}

/// SplitMix64: the same numbers for the same seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// What a record holds, owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owned {
    pub(crate) seq: u64,
    pub(crate) time_ns: u64,
    pub(crate) kind: Kind,
    pub(crate) key: u64,
    pub(crate) durable_seq: u64,
    pub(crate) payload: Vec<u8>,
    pub(crate) segment: u64,
    pub(crate) offset: u64,
}

/// A data directory of its own.
pub(crate) struct Data {
    root: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Data {
    pub(crate) fn new() -> Data {
        let temporary = tempfile::tempdir().unwrap();
        Data { root: temporary.path().to_path_buf(), _temporary: Some(temporary) }
    }

    /// One that is there and stays.
    pub(crate) fn at(root: PathBuf) -> Data {
        Data { root, _temporary: None }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.root.join("journal")
    }

    pub(crate) fn segment(&self, number: u64) -> PathBuf {
        self.dir().join(format!("{number:08}.seg"))
    }

    pub(crate) fn open(&self, options: Options) -> Recovered {
        open(&self.dir(), options, Identity { now_ns: 1, deployment: [7; 16], ..Identity::default() }).unwrap()
    }

    pub(crate) fn open_with(&self, options: Options, syncer: Arc<dyn Syncer>) -> Journal {
        let lock = DirLock::acquire(self.root()).unwrap();
        let dir = Folder::on(Arc::new(RealDisk::synced_by(syncer)), self.dir());
        open_locked(lock, dir, options, Identity::default(), Hands::Threads).unwrap().journal
    }

    /// A copy with its own directory.
    pub(crate) fn copy(&self) -> Data {
        let copy = Data::new();
        fs::create_dir(copy.dir()).unwrap();
        for entry in fs::read_dir(self.dir()).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), copy.dir().join(entry.file_name())).unwrap();
            }
        }
        copy
    }

    /// Removes a segment that was not begun, if it was staged already.
    pub(crate) fn remove_staged(&self, number: u64) {
        let _ = fs::remove_file(self.segment(number));
    }

    pub(crate) fn records(&self) -> Vec<Owned> {
        read_from(&self.dir(), 1)
    }

    /// The bytes of a segment.
    pub(crate) fn bytes(&self, number: u64) -> Vec<u8> {
        fs::read(self.segment(number)).unwrap()
    }

    pub(crate) fn write(&self, number: u64, bytes: &[u8]) {
        fs::write(self.segment(number), bytes).unwrap();
    }
}

impl From<&Record<'_>> for Owned {
    fn from(record: &Record<'_>) -> Owned {
        Owned {
            seq: record.seq,
            time_ns: record.time_ns,
            kind: record.kind,
            key: record.key,
            durable_seq: record.durable_seq,
            payload: record.payload.to_vec(),
            segment: record.segment,
            offset: record.offset,
        }
    }
}

/// Every record from `seq` on.
pub(crate) fn read_from(dir: &Path, seq: u64) -> Vec<Owned> {
    let mut reader = Reader::open(dir, seq).unwrap();
    let mut records = Vec::new();
    while let Some(record) = reader.next().unwrap() {
        records.push(Owned::from(&record));
    }
    records
}

/// Appends one record that follows from its seq.
pub(crate) fn append(journal: &mut Journal) -> u64 {
    append_below(journal, PAYLOAD)
}

/// As `append`, with a payload shorter than this.
fn append_below(journal: &mut Journal, bytes: u64) -> u64 {
    let seq = journal.next_seq();
    let mut random = Random(seq);
    let mut payload = vec![0; random.below(bytes) as usize];
    payload.iter_mut().for_each(|byte| *byte = random.next() as u8);
    journal.append(1000 + seq, Kind(seq as u16 % 9), random.next(), &payload).unwrap()
}

pub(crate) fn append_many(journal: &mut Journal, count: u64) {
    for _ in 0..count {
        append(journal);
    }
}

/// A journal of three segments, of which every tenth record was synced. The last segment is about half full, and its
/// last nine records are not known to be durable by any record.
pub(crate) fn three_segments() -> Data {
    three_segments_below(PAYLOAD)
}

/// As `three_segments`; where the proof is asked for at its full figures, more of them, of short and of long records.
pub(crate) fn journals_of_three() -> Vec<Data> {
    let payloads: &[u64] = if is_full_proof() { &[PAYLOAD, 64, 300, 700, 1_000, 2_000] } else { &[PAYLOAD] };
    payloads.iter().map(|bytes| three_segments_below(*bytes)).collect()
}

/// Whether the tests are to run at their full figures, which takes minutes.
pub(crate) fn is_full_proof() -> bool {
    std::env::var_os("PAPERTAPE_PROOF").is_some()
}

fn three_segments_below(bytes: u64) -> Data {
    let data = Data::new();
    let mut journal = data.open(GROUP).journal;
    while !data.records().iter().any(|record| record.segment == 3 && record.offset > SEGMENT / 2) {
        for _ in 0..10 {
            append_below(&mut journal, bytes);
        }
        journal.flush().unwrap();
    }
    for _ in 0..9 {
        append_below(&mut journal, bytes);
    }
    until(|| data.segment(4).exists());
    drop(journal);
    let report = verify(&data.dir()).unwrap();
    assert_eq!((report.segments, report.tail), (3, Tail::Clean));
    data
}

/// Polls without sleeping until `done`.
pub(crate) fn until(mut done: impl FnMut() -> bool) {
    for _ in 0..50_000_000_u64 {
        if done() {
            return;
        }
        std::thread::yield_now();
    }
    panic!("this never came true");
}
