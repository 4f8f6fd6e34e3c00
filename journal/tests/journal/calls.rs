//! Every call fails once, and after it the process starts anew, and then the power goes.

use papertape_journal::sim_disk::{Crash, Fault, SimDisk};
use papertape_journal::{
    Chore, Durability, Error, Folder, Hands, Identity, Journal, Kind, Options, open_locked, verify,
};
use papertape_journal::{Disk, Reader};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

/// How often the power goes for each call: each time other sectors and names are lost.
const LOSSES: u64 = 12;

/// A disk, and what was acknowledged on it.
struct Life {
    disk: Arc<SimDisk>,
    dir: Folder,
    durability: Durability,
    acknowledged: u64,
}

impl Life {
    fn new(seed: u64, durability: Durability) -> Life {
        let disk = Arc::new(SimDisk::new(seed));
        let dir = Folder::on(Arc::clone(&disk) as _, "/srv/venue/journal");
        Life { disk, dir, durability, acknowledged: 0 }
    }

    fn open(&self) -> Result<Journal, Error> {
        let lock = self.disk.lock(Path::new("/srv/venue"))?;
        let options = Options { segment_bytes: 64 << 10, durability: self.durability };
        Ok(open_locked(lock, &self.dir, options, Identity::default(), Hands::Caller)?.journal)
    }

    /// Opens, and appends so many records, of which six fill a segment. `stage` says whether the work after a roll is
    /// done.
    fn live(&mut self, records: u64, stage: bool) -> Result<(), Error> {
        let mut journal = self.open()?;
        let result = self.write(&mut journal, records, stage);
        self.acknowledged = self.acknowledged.max(journal.durable().synced());
        result
    }

    fn write(&mut self, journal: &mut Journal, records: u64, stage: bool) -> Result<(), Error> {
        for _ in 0..records {
            journal.append(journal.last_time_ns() + 1, Kind(1), 0, &[7; 9_000])?;
            journal.work(Chore::Sync);
            if stage {
                while journal.work(Chore::Stage) {}
            }
            self.acknowledged = self.acknowledged.max(journal.durable().synced());
        }
        Ok(())
    }

    /// What is there; all that was acknowledged must be.
    fn look(&self, what: &str) {
        let journal = self.open().unwrap_or_else(|error| panic!("{what}: refused: {error}"));
        let last = journal.next_seq() - 1;
        assert!(last >= self.acknowledged, "{what}: {} were acknowledged, {last} are there", self.acknowledged);
        drop(journal);
        let report = verify(&self.dir).unwrap_or_else(|error| panic!("{what}: does not verify: {error}"));
        assert_eq!(report.last_seq, last, "{what}");
        let mut reader = Reader::open(&self.dir, 1).unwrap();
        while reader.next().unwrap().is_some() {}
    }
}

/// Calls of one life in which nothing fails.
fn calls(durability: Durability) -> u64 {
    let mut life = Life::new(0, durability);
    life.live(16, true).unwrap();
    life.disk.calls()
}

#[test]
fn whichever_call_fails_nothing_acknowledged_is_lost_afterwards() {
    for durability in [Durability::Group, Durability::GroupMark] {
        let calls = calls(durability);
        assert!(calls > 80, "{calls}");
        for call in 1..=calls {
            for seed in 0..LOSSES {
                let (records, stage) = ([4, 8, 16][seed as usize % 3], seed % 2 == 0);
                let what = format!("{durability}, call {call}, seed {seed}");
                let mut life = Life::new(seed, durability);
                life.disk.fail(Some(Fault { call, kind: ErrorKind::Other }));
                let _ = life.live(16, true);
                life.disk.fail(None);
                life.live(records, stage).unwrap_or_else(|error| panic!("{what}: {error}"));
                life.disk.crash([Crash::Whole, Crash::Torn, Crash::Garbage][seed as usize / 2 % 3]);
                life.look(&what);
                life.disk.crash(Crash::Whole);
                life.look(&what);
            }
        }
    }
}

/// The seq that the watermark says was durable.
fn marked(disk: &SimDisk) -> u64 {
    let files = disk.files();
    let bytes = files.get(Path::new("/srv/venue/journal/watermark")).unwrap();
    let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let slots = [0, 4_096].map(|slot| (number(slot + 48), number(slot + 40)));
    slots.into_iter().max().unwrap().1
}

#[test]
fn whichever_call_fails_what_is_acknowledged_afterwards_is_marked() {
    let calls = calls(Durability::GroupMark);
    for call in 1..=calls {
        for seed in 0..LOSSES {
            let mut life = Life::new(seed, Durability::GroupMark);
            life.disk.fail(Some(Fault { call, kind: ErrorKind::Other }));
            let _ = life.live(16, true);
            life.disk.fail(None);
            // What is found is told as durable, before anything is written.
            life.live(0, false).unwrap();
            life.disk.crash(Crash::Whole);
            let marked = marked(&life.disk);
            assert!(marked >= life.acknowledged, "call {call}: {} of {marked}", life.acknowledged);
        }
    }
}
