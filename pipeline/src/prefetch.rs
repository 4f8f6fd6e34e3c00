//! Reading ahead of a replay: one thread reads, checks and decodes records while another applies those before them.
//!
//! What is read, and in which order, follows from the journal alone: the reader goes to the end, or to the record that was
//! named, however fast its records are taken.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use papertape_engine::{Command, Stamp};
use papertape_journal::{Reader, Record};

use crate::error::VenueError;

/// Records that are handed over together: few enough to stay in a processor's cache.
const BATCH: usize = 128;
/// Batches that may wait.
const AHEAD: usize = 8;

/// A record, read.
pub(crate) struct Fetched {
    pub(crate) stamp: Stamp,
    /// Nothing, where the record is the journal's own.
    pub(crate) command: Option<Command>,
}

/// Records in their order; after the last batch comes none.
#[derive(Default)]
struct Batch {
    records: Vec<Fetched>,
    /// Why there are no more, in the last batch.
    end: Option<Result<(), VenueError>>,
}

/// Records in their order, read on a thread of its own.
pub(crate) struct Prefetch {
    batches: Option<Receiver<Batch>>,
    spent: Sender<Vec<Fetched>>,
    batch: Batch,
    at: usize,
    ended: bool,
    thread: Option<JoinHandle<()>>,
}

impl Prefetch {
    /// Reads from where the reader stands, at most up to `until`.
    pub(crate) fn start(reader: Reader, until: Option<u64>) -> Result<Self, VenueError> {
        let (full, batches) = sync_channel(AHEAD);
        let (spent, empty) = channel();
        let work = move || fetch(reader, until, &full, &empty);
        let thread = thread::Builder::new().name("papertape-reader".into()).spawn(work);
        let thread = thread.map_err(|cause| VenueError::Io { op: "start the reading thread", cause })?;
        let (batches, thread) = (Some(batches), Some(thread));
        Ok(Self { batches, spent, batch: Batch::default(), at: 0, ended: false, thread })
    }

    /// The next record, or nothing at the end.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<&Fetched>, VenueError> {
        while self.at == self.batch.records.len() {
            if !self.refill()? {
                return Ok(None);
            }
        }
        self.at += 1;
        Ok(self.batch.records.get(self.at - 1))
    }

    /// Takes the next batch. Gives whether there was one.
    #[cold]
    fn refill(&mut self) -> Result<bool, VenueError> {
        if let Some(end) = self.batch.end.take() {
            self.ended = true;
            end?;
        }
        if self.ended {
            return Ok(false);
        }
        let next = self.batches.as_ref().and_then(|batches| batches.recv().ok());
        // It ends without an end only if it panicked.
        let gone = || VenueError::Failed("the thread that reads the journal is gone".to_owned());
        let spent = std::mem::replace(&mut self.batch, next.ok_or_else(gone)?);
        self.at = 0;
        // Where it reads no more, it needs none.
        let _ = self.spent.send(spent.records);
        Ok(true)
    }
}

impl Drop for Prefetch {
    fn drop(&mut self) {
        self.batches = None;
        if let Some(thread) = self.thread.take() {
            // If it panicked, `next` has said so.
            let _ = thread.join();
        }
    }
}

fn fetch(mut reader: Reader, until: Option<u64>, full: &SyncSender<Batch>, empty: &Receiver<Vec<Fetched>>) {
    loop {
        let mut records = empty.try_recv().unwrap_or_else(|_| Vec::with_capacity(BATCH));
        records.clear();
        let end = fill(&mut reader, until, &mut records);
        let is_last = end.is_some();
        if full.send(Batch { records, end }).is_err() || is_last {
            return;
        }
    }
}

/// Reads a batch. Gives why there are no more, if so.
fn fill(reader: &mut Reader, until: Option<u64>, records: &mut Vec<Fetched>) -> Option<Result<(), VenueError>> {
    while records.len() < BATCH {
        match fetch_one(reader) {
            Ok(Some(fetched)) if until.is_some_and(|until| fetched.stamp.seq > until) => return Some(Ok(())),
            Ok(Some(fetched)) => {
                let is_last = until == Some(fetched.stamp.seq);
                records.push(fetched);
                if is_last {
                    return Some(Ok(()));
                }
            }
            Ok(None) => return Some(Ok(())),
            Err(error) => return Some(Err(error)),
        }
    }
    None
}

fn fetch_one(reader: &mut Reader) -> Result<Option<Fetched>, VenueError> {
    let Some(record) = reader.next()? else { return Ok(None) };
    let stamp = Stamp { seq: record.seq, time_ns: record.time_ns };
    Ok(Some(Fetched { stamp, command: command_of(&record)? }))
}

/// What a record asks; nothing, where it is the journal's own.
#[inline]
pub(crate) fn command_of(record: &Record<'_>) -> Result<Option<Command>, VenueError> {
    if record.kind.is_internal() {
        return Ok(None);
    }
    let command = Command::decode(record.kind.0, record.payload);
    command.map(Some).map_err(|cause| VenueError::Command { seq: record.seq, cause })
}
