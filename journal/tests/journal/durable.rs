//! The durable cursor: never ahead of the disk, and still after a failure.

use crate::support::{Data, GROUP, PROCESS, append, until};
use papertape_journal::{Durability, Error, Kind, Options, Reader, Syncer};
use std::collections::BTreeMap;
use std::error::Error as _;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Notes at each sync what the journal holds when the sync begins, and only counts it when it ends.
struct Watch {
    dir: PathBuf,
    covered: AtomicU64,
    syncs: Mutex<BTreeMap<PathBuf, u64>>,
    open: AtomicBool,
    fail_at: u64,
    calls: AtomicU64,
}

impl Watch {
    fn new(data: &Data, fail_at: u64) -> Arc<Watch> {
        Arc::new(Watch {
            dir: data.dir(),
            covered: AtomicU64::new(0),
            syncs: Mutex::default(),
            open: AtomicBool::new(true),
            fail_at,
            calls: AtomicU64::new(0),
        })
    }
}

impl Syncer for Watch {
    fn sync(&self, file: &File, path: &Path) -> io::Result<()> {
        let segment = path.file_stem().unwrap().to_str().unwrap().parse::<u64>().unwrap();
        let mut last = 0;
        if let Ok(mut reader) = Reader::open(&self.dir, 1) {
            while let Ok(Some(record)) = reader.next() {
                if record.segment <= segment {
                    last = record.seq;
                }
            }
        }
        while !self.open.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        if self.calls.fetch_add(1, Ordering::SeqCst) + 1 >= self.fail_at {
            return Err(io::Error::from_raw_os_error(5));
        }
        file.sync_data()?;
        *self.syncs.lock().unwrap().entry(path.to_path_buf()).or_default() += 1;
        self.covered.fetch_max(last, Ordering::SeqCst);
        Ok(())
    }
}

#[test]
fn the_cursor_never_passes_what_was_synced() {
    let data = Data::new();
    let watch = Watch::new(&data, u64::MAX);
    let mut journal = data.open_with(GROUP, watch.clone());
    let cursor = journal.durable();
    let told = Arc::new(Mutex::new(Vec::new()));
    let (listener, watched) = (Arc::clone(&told), Arc::clone(&watch));
    cursor.on_advance(Box::new(move |seq| {
        assert!(seq <= watched.covered.load(Ordering::SeqCst));
        listener.lock().unwrap().push(seq);
    }));
    for _ in 0..600 {
        append(&mut journal);
        let durable = cursor.get();
        assert!(durable <= watch.covered.load(Ordering::SeqCst));
    }
    until(|| cursor.get() == 600);
    assert!(cursor.failed().is_none());
    until(|| told.lock().unwrap().last() == Some(&600));
    let told = told.lock().unwrap();
    assert!(told.is_sorted_by(|a, b| a < b), "{told:?}");
    assert!(told.len() < 600, "records that wait for one sync share it");
    assert!(watch.syncs.lock().unwrap().len() >= 6, "every segment is synced");
}

#[test]
fn appending_does_not_wait_for_the_disk() {
    let data = Data::new();
    let watch = Watch::new(&data, u64::MAX);
    let mut journal = data.open_with(GROUP, watch.clone());
    let cursor = journal.durable();
    watch.open.store(false, Ordering::SeqCst);
    for _ in 0..40 {
        journal.append(1, Kind(1), 0, &[1; 500]).unwrap();
    }
    assert_eq!(cursor.get(), 0, "no sync has returned");
    watch.open.store(true, Ordering::SeqCst);
    until(|| cursor.get() == 40);
}

#[test]
fn a_single_record_after_a_rest_wakes_the_sync_thread() {
    let data = Data::new();
    let mut journal = data.open(GROUP).journal;
    let cursor = journal.durable();
    for _ in 0..300 {
        let seq = append(&mut journal);
        until(|| cursor.get() == seq);
    }
}

#[test]
fn under_process_what_is_published_is_durable() {
    let data = Data::new();
    let mut journal = data.open(PROCESS).journal;
    let cursor = journal.durable();
    for _ in 0..10 {
        let seq = append(&mut journal);
        assert_eq!((cursor.get(), cursor.synced()), (seq, 0));
    }
    journal.close().unwrap();
    assert_eq!((cursor.get(), cursor.synced()), (11, 11));
}

#[test]
fn the_first_failed_sync_stops_the_journal() {
    for level in [Durability::Group, Durability::Process] {
        for fail_at in 3..12 {
            let data = Data::new();
            let watch = Watch::new(&data, fail_at);
            let mut journal = data.open_with(Options { durability: level, ..GROUP }, watch.clone());
            let cursor = journal.durable();
            let called = Arc::new(AtomicBool::new(false));
            let flag = Arc::clone(&called);
            cursor.on_advance(Box::new(move |_| flag.store(true, Ordering::SeqCst)));
            let error = loop {
                match journal.append(1, Kind(1), 0, &[3; 900]) {
                    Ok(_) => {}
                    Err(error) => break error,
                }
            };
            assert!(matches!(error, Error::Poisoned(_)), "{error}");
            assert!(error.to_string().starts_with("the journal stopped: could not "), "{error}");
            assert_eq!(error.source().unwrap().to_string(), "Input/output error (os error 5)");
            assert!(cursor.failed().is_some() && called.load(Ordering::SeqCst));
            let durable = cursor.synced();
            assert!(durable <= watch.covered.load(Ordering::SeqCst));
            assert!(matches!(journal.append(1, Kind(1), 0, b""), Err(Error::Poisoned(_))));
            assert!(matches!(journal.close(), Err(Error::Poisoned(_))));
            assert_eq!(cursor.synced(), durable, "the cursor stands still");
        }
    }
}
