//! Snapshots while the venue runs.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use papertape_engine::Side;
use papertape_journal::{Access, DirLock, Disk, DiskFile, RealDisk};
use papertape_pipeline::{Boot, Durability, Replay, Snapshotted, Ticket, VenueConfig};

use crate::support::{config, eventually, market, order};

/// A disk on which no snapshot gets its name.
struct NoRoomForSnapshots(RealDisk);

impl Disk for NoRoomForSnapshots {
    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        self.0.open(path, access)
    }

    fn length(&self, path: &Path) -> io::Result<Option<u64>> {
        self.0.length(path)
    }

    fn names(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.0.names(dir)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let full = to.extension().is_some_and(|extension| extension == "snap");
        if full { Err(io::ErrorKind::StorageFull.into()) } else { self.0.rename(from, to) }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.remove(path)
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.0.create_dir(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.0.sync_dir(dir)
    }

    fn lock(&self, dir: &Path) -> Result<DirLock, papertape_journal::Error> {
        self.0.lock(dir)
    }
}

const EVERY: u64 = 50;

fn small_steps(dir: &tempfile::TempDir, durability: Durability) -> VenueConfig {
    VenueConfig { snapshot_after: EVERY, ..config(dir, durability) }
}

/// Trades until as many snapshots were told; gives what was told.
fn trade(config: &VenueConfig, told: usize) -> Vec<Result<Snapshotted, String>> {
    let venue = Boot::open(config.clone()).unwrap().start().unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&heard);
    venue.on_snapshot(Box::new(move |result| {
        listener.lock().unwrap().push(match result {
            Ok(snapshotted) => Ok(snapshotted.clone()),
            Err(error) => Err(error.to_string()),
        });
    }));
    let client = venue.client();
    market().into_iter().for_each(|command| client.submit(Ticket(0), command).unwrap());
    let mut price = 0;
    eventually("the snapshots", || {
        price = price % 500 + 1;
        let _ = client.submit(Ticket(0), order(1, Side::Buy, price, 1));
        heard.lock().unwrap().len() >= told
    });
    drop(venue);
    heard.lock().unwrap().clone()
}

#[test]
fn what_the_shadow_writes_is_the_state_after_its_record() {
    let dir = tempfile::tempdir().unwrap();
    let config = small_steps(&dir, Durability::Group);
    let told = trade(&config, 3);
    let mut before = 0;
    for snapshotted in told {
        let Snapshotted { seq, state_hash, .. } = snapshotted.unwrap();
        assert!(seq >= before + EVERY, "{seq} after {before}");
        let replayed = Replay { until: Some(seq), ..Replay::whole(config.dir.clone()) }.run(|_| {}).unwrap();
        assert_eq!((replayed.last_seq, replayed.engine.state_hash()), (seq, state_hash));
        before = seq;
    }
    // The process ended without a word: the next one begins from the last of them.
    let whole = Replay::whole(config.dir.clone()).run(|_| {}).unwrap();
    let boot = Boot::open(config).unwrap();
    assert_eq!(boot.engine().state_hash(), whole.engine.state_hash());
    assert_eq!(boot.replayed(), whole.last_seq - before + 1, "and an epoch record");
}

#[test]
fn a_snapshot_that_cannot_be_written_is_told_and_trading_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = small_steps(&dir, Durability::Group);
    config.dir = config.dir.moved_to(Arc::new(NoRoomForSnapshots(RealDisk::default())));
    for result in trade(&config, 2) {
        let why = result.unwrap_err();
        assert!(why.starts_with("no room on the disk for ") && why.contains("snapshots"), "{why}");
    }
    assert!(Boot::open(small_steps(&dir, Durability::Group)).unwrap().replayed() > 2 * EVERY);
}

#[test]
fn what_was_not_synced_is_in_no_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    let config = small_steps(&dir, Durability::Process);
    let venue = Boot::open(config.clone()).unwrap().start().unwrap();
    let client = venue.client();
    market().into_iter().for_each(|command| client.submit(Ticket(0), command).unwrap());
    (1..1_000).for_each(|price| client.submit(Ticket(0), order(1, Side::Buy, price, 1)).unwrap());
    eventually("the orders", || client.status().seq >= 1_000);
    drop(venue);
    assert!(!config.dir.snapshots().path().exists());
}
