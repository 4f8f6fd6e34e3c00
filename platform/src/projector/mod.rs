//! Projections: what the venue told, as rows that others can query.
//!
//! The thread that folds the read models pushes every event here as well. Rows of a whole command go into a batch; a
//! task of its own takes the batch and writes it in one transaction together with the cursor. While it writes, the
//! next batch collects, and whatever changes several times is written once. When [`STAGED_MAX`] rows wait, pushing
//! blocks: the venue's subscriber falls behind, and in the end the venue slows down to what the database can take.
//!
//! Rows are never ahead of the journal on the disk: a batch waits until the journal is synced up to it, and has it synced
//! where the venue's level would not.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use papertape_engine::Instrument;
use papertape_pipeline::{DurableCursor, Outlook};
use parking_lot::{Condvar, Mutex};
use sea_orm::{DatabaseConnection, DbErr};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::platform::Platform;
use crate::told::Told;
use crate::venue::Output;

mod batch;
mod order_row;
mod rows;
mod statements;
mod write;

pub(crate) use order_row::{from_row as order_from_row, side as side_from_row};
pub(crate) use rows::{candle_of, trade_type};

use batch::{Batch, Row};
use rows::RowFold;
use write::Writer;

/// Rows that may wait to be written.
pub const STAGED_MAX: usize = 1_000_000;

/// How often rows that nobody waits for are written.
const IDLE_FLUSH: Duration = Duration::from_secs(1);

/// How long rows gather before they are written, unless somebody waits for them: an order that is placed and cancelled
/// meanwhile is one row, and some small transactions are one.
const GATHERING: Duration = Duration::from_millis(50);

/// Records after which the journal is to be brought to the disk, where nobody else sees to that: the kernel does in one go
/// what one sync has to do.
const SYNC_EVERY: u64 = 250;

/// Between two looks whether the journal is on the disk.
const SYNC_PAUSE: Duration = Duration::from_millis(1);

/// Longest pause before a failed batch is tried again.
const RETRY_PAUSE_MAX: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
struct Staged {
    batch: Batch,
    instruments: Vec<Instrument>,
    is_stopping: bool,
    failure: Option<String>,
}

#[derive(Default)]
struct Shared {
    staged: Mutex<Staged>,
    room: Condvar,
    wake: Notify,
    /// Somebody waits for what is staged.
    hurry: Notify,
    /// The journal that the rows follow from; none before the venue is there, when all that is told is on the disk.
    journal: OnceLock<DurableCursor>,
}

impl Shared {
    /// Has what is staged written at once.
    fn hurry(&self) {
        self.hurry.notify_one();
        self.wake.notify_one();
    }
}

/// The side that is fed. Belongs to the thread that folds.
pub struct Projector {
    fold: RowFold,
    rows: Vec<Row>,
    told: Told,
    shared: Arc<Shared>,
    cursor: u64,
    /// The last record that was asked to be on the disk.
    asked: u64,
}

/// The side that is watched, from anywhere.
#[derive(Clone)]
pub struct Projections {
    shared: Arc<Shared>,
    flushed: watch::Receiver<u64>,
}

/// The task that writes. Dropping it leaves it running; [`ProjectionWriter::stop`] ends it with everything written.
pub struct ProjectionWriter {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Projector {
    /// Goes on after the cursor: the first event to push is the first of command `cursor + 1`. Earlier ones are
    /// ignored. Needs a tokio runtime, where the writer lives.
    pub async fn start(platform: &Platform) -> Result<(Projector, Projections, ProjectionWriter), DbErr> {
        let cursor = platform.cursor().await?;
        let fold = RowFold::load(platform.database(), Arc::clone(platform.users().directory())).await?;
        let told = Told::load(platform.database()).await?;
        let shared = Arc::new(Shared::default());
        {
            let mut staged = shared.staged.lock();
            staged.batch.seq = cursor;
            staged.instruments = fold.instruments().to_vec();
        }
        let (sender, flushed) = watch::channel(cursor);
        let task = tokio::spawn(write_for_ever(platform.rows().clone(), Arc::clone(&shared), sender));
        let projections = Projections { shared: Arc::clone(&shared), flushed };
        let writer = ProjectionWriter { shared: Arc::clone(&shared), task };
        Ok((Projector { fold, rows: Vec::new(), told, shared, cursor, asked: cursor }, projections, writer))
    }

    /// Takes in an event. Blocks while [`STAGED_MAX`] rows wait; must not be called from an async task.
    pub fn push(&mut self, output: &Output) {
        if output.seq <= self.cursor {
            return;
        }
        self.fold.fold(output, &mut self.rows);
        self.told.fold(&output.event, |account, last| self.rows.push(Row::Told(account, last)));
        if output.last {
            self.stage(output.seq);
        }
    }

    /// How many private messages each account has been told, as of the last event that was pushed.
    pub fn told(&self) -> &Told {
        &self.told
    }

    /// Hands the rows of a whole command over.
    fn stage(&mut self, seq: u64) {
        let mut staged = self.shared.staged.lock();
        while staged.batch.len() >= STAGED_MAX && !staged.is_stopping {
            self.shared.hurry();
            self.shared.room.wait(&mut staged);
        }
        for instrument in self.fold.instruments().iter().skip(staged.instruments.len()) {
            staged.instruments.push(instrument.clone());
        }
        staged.batch.add(seq, self.rows.drain(..));
        if seq >= self.asked + SYNC_EVERY {
            self.asked = seq;
            self.shared.journal.get().map(|journal| journal.ask(seq));
        }
        if staged.batch.is_urgent() {
            drop(staged);
            self.shared.wake.notify_one();
        }
    }
}

impl Projections {
    /// The last command whose rows are written.
    pub fn flushed_seq(&self) -> u64 {
        *self.flushed.borrow()
    }

    /// Watches [`Projections::flushed_seq`].
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.flushed.clone()
    }

    /// Waits until the rows of command `seq` are written; `false` if that takes longer than `patience`.
    pub async fn flushed(&self, seq: u64, patience: Duration) -> bool {
        let mut flushed = self.flushed.clone();
        self.shared.hurry();
        matches!(tokio::time::timeout(patience, flushed.wait_for(|written| *written >= seq)).await, Ok(Ok(_)))
    }

    /// Why the last attempt to write failed, while that is so.
    pub fn failure(&self) -> Option<String> {
        self.shared.staged.lock().failure.clone()
    }
}

impl ProjectionWriter {
    /// From now on rows wait until this journal, whose commands they come from, is on the disk up to them.
    pub fn follow(&self, journal: DurableCursor) {
        // There is one.
        let _ = self.shared.journal.set(journal);
    }

    /// Writes what is staged and ends; what the journal has lost is not written. Waits for ever if the database does not
    /// come back.
    pub async fn stop(self) {
        self.shared.staged.lock().is_stopping = true;
        self.shared.hurry();
        // A task that panicked has nothing left to write.
        let _ = self.task.await;
    }
}

async fn write_for_ever(database: DatabaseConnection, shared: Arc<Shared>, flushed: watch::Sender<u64>) {
    let mut writer = Writer::new();
    loop {
        let _ = tokio::time::timeout(IDLE_FLUSH, shared.wake.notified()).await;
        let _ = tokio::time::timeout(GATHERING, shared.hurry.notified()).await;
        let (batch, instruments, is_stopping) = take(&shared);
        if batch.seq > *flushed.borrow() {
            if !is_on_disk(&shared, batch.seq).await {
                return give_up(&shared);
            }
            write_stubbornly(&mut writer, &database, &shared, (&batch, &instruments)).await;
            flushed.send_replace(batch.seq);
            batch.let_go();
        } else if is_stopping {
            return;
        }
        if is_stopping {
            shared.hurry();
        }
    }
}

/// Waits until the journal is on the disk up to there; `false` if it never will be.
async fn is_on_disk(shared: &Shared, seq: u64) -> bool {
    let Some(journal) = shared.journal.get() else { return true };
    loop {
        match journal.ask(seq) {
            Outlook::Synced => return true,
            Outlook::Never => return false,
            Outlook::Coming => tokio::time::sleep(SYNC_PAUSE).await,
        }
    }
}

/// The venue is at its end, and what it told last is not in its journal: nobody is to wait for the rows of that.
fn give_up(shared: &Shared) {
    let mut staged = shared.staged.lock();
    staged.is_stopping = true;
    staged.failure = Some("the journal has failed".to_owned());
    shared.room.notify_all();
}

/// Takes the staged batch, which ends with a whole command, and leaves an empty one at the same command.
fn take(shared: &Shared) -> (Batch, Vec<Instrument>, bool) {
    let mut staged = shared.staged.lock();
    let empty = Batch { seq: staged.batch.seq, ..Batch::default() };
    let batch = std::mem::replace(&mut staged.batch, empty);
    shared.room.notify_all();
    (batch, staged.instruments.clone(), staged.is_stopping)
}

/// Nothing is skipped: the rows of a batch follow from those before.
async fn write_stubbornly(
    writer: &mut Writer,
    database: &DatabaseConnection,
    shared: &Shared,
    (batch, instruments): (&Batch, &[Instrument]),
) {
    let mut pause = Duration::from_millis(50);
    while let Err(error) = writer.write(database, batch, instruments).await {
        shared.staged.lock().failure = Some(error.to_string());
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(RETRY_PAUSE_MAX);
    }
    shared.staged.lock().failure = None;
}
