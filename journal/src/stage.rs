//! The slow work around a roll, off the writer's thread: sealing the segment that ended, making the next one ready.

use crate::cursor::Progress;
use crate::error::{Error, Failure};
use crate::files::{make_segment, open_writable, segment_path, warm};
use crate::header::SegmentHeader;
use crate::map::{Map, Prefault};
use crate::options::Durability;
use crate::scan::hash_segment;
use crate::sync::{SyncFile, Syncer};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

/// How many bytes of pages are prepared at once for a writer that is not synced: the writer is never farther than this
/// from the next request, and finds one such window prepared beyond it.
pub(crate) const WINDOW: usize = 4 << 20;

/// A segment that is mapped and ready to be written: all zero, on the disk, its pages in the cache.
pub(crate) struct Staged {
    pub(crate) map: Map,
    pub(crate) file: File,
    /// For the sync thread: the kernel reports a failed write once to each opening of a file, so the two threads that
    /// sync must not share one.
    pub(crate) sync_file: Arc<SyncFile>,
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
}

/// A segment that ended, and the one that continues it.
pub(crate) struct Sealing {
    pub(crate) ended: Staged,
    pub(crate) tail: u64,
    pub(crate) last_seq: u64,
    pub(crate) next: SegmentHeader,
}

/// The staging thread.
pub(crate) struct Stager {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

/// Where the writer and the staging thread meet.
struct Desk {
    dir: PathBuf,
    bytes: u64,
    progress: Arc<Progress>,
    syncer: Arc<dyn Syncer>,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// The last begun segment's header as it is on the disk, with the hash of the segment before it.
    header: SegmentHeader,
    /// The number to stage next.
    number: u64,
    staged: Option<Staged>,
    error: Option<Error>,
    sealing: Option<Sealing>,
    /// Pages that the writer will soon come to.
    ahead: Option<(Prefault, usize)>,
    busy: bool,
    stop: bool,
}

impl Stager {
    /// Starts staging the segment after the one that `header` begins, of `bytes`.
    pub(crate) fn start(
        dir: &Path,
        header: SegmentHeader,
        bytes: u64,
        progress: Arc<Progress>,
        syncer: Arc<dyn Syncer>,
    ) -> io::Result<Stager> {
        let number = header.number + 1;
        let state =
            State { header, number, staged: None, error: None, sealing: None, ahead: None, busy: false, stop: false };
        let state = Mutex::new(state);
        let desk = Arc::new(Desk { dir: dir.to_path_buf(), bytes, progress, syncer, state, changed: Condvar::new() });
        let shared = Arc::clone(&desk);
        let thread = thread::Builder::new().name("journal-stage".into()).spawn(move || shared.run())?;
        Ok(Stager { desk, thread: Some(thread) })
    }

    /// Takes the staged segment, waiting for it if it is late. An error in staging is given once; the next call finds
    /// a new attempt under way.
    pub(crate) fn take(&self) -> Result<Staged, Error> {
        let mut state = self.desk.lock();
        loop {
            if let Some(failure) = self.desk.progress.failure() {
                return Err(Error::Poisoned(failure.clone()));
            }
            if let Some(staged) = state.staged.take() {
                return Ok(staged);
            }
            if let Some(error) = state.error.take() {
                self.desk.changed.notify_all();
                return Err(error);
            }
            state = self.desk.wait(state);
        }
    }

    /// Has a segment sealed, and then the next one staged.
    pub(crate) fn seal(&self, sealing: Sealing) {
        let mut state = self.desk.lock();
        state.number = sealing.next.number + 1;
        state.sealing = Some(sealing);
        self.desk.changed.notify_all();
    }

    /// Has the window of pages that begins at `offset` prepared for being written.
    pub(crate) fn prepare(&self, map: &Map, offset: usize) {
        self.desk.lock().ahead = Some((map.prefault(), offset));
        self.desk.changed.notify_all();
    }

    /// Waits until the segment that ended last is sealed, or sealing failed.
    pub(crate) fn drain(&self) {
        let mut state = self.desk.lock();
        while (state.sealing.is_some() || state.busy) && self.desk.progress.failure().is_none() {
            state = self.desk.wait(state);
        }
    }

    /// Ends the thread, after it has sealed what was to be sealed.
    pub(crate) fn stop(&mut self) {
        self.desk.lock().stop = true;
        self.desk.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // It panics for no reason that we know of; if it did, there is nobody left to tell.
            let _ = thread.join();
        }
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut state = self.lock();
        loop {
            if let Some(sealing) = state.sealing.take() {
                state.busy = true;
                let header = state.header.clone();
                drop(state);
                let sealed = self.seal(sealing, &header);
                state = self.lock();
                state.busy = false;
                match sealed {
                    Ok(header) => state.header = header,
                    Err(failure) => {
                        drop(state);
                        self.progress.fail(failure);
                        state = self.lock();
                    }
                }
                self.changed.notify_all();
            } else if state.stop || self.progress.failure().is_some() {
                self.changed.notify_all();
                return;
            } else if let Some((map, offset)) = state.ahead.take() {
                drop(state);
                map.writable(offset, WINDOW);
                state = self.lock();
            } else if state.staged.is_none() && state.error.is_none() {
                let number = state.number;
                drop(state);
                let staged = stage(&self.dir, number, self.bytes);
                if let (Durability::Process, Ok(staged)) = (self.progress.durability(), &staged) {
                    staged.map.prefault().writable(0, 2 * WINDOW);
                }
                state = self.lock();
                match staged {
                    Ok(staged) => state.staged = Some(staged),
                    Err(error) => state.error = Some(error),
                }
                self.changed.notify_all();
            } else {
                state = self.wait(state);
            }
        }
    }

    /// Syncs the segment that ended, and puts its hash into the header of the next. From then on its damage is
    /// corruption. The old mapping ends here too: unmapping takes too long for the writer. Gives the next header as it
    /// is then.
    fn seal(&self, sealing: Sealing, header: &SegmentHeader) -> Result<SegmentHeader, Failure> {
        let Sealing { ended, tail, last_seq, mut next } = sealing;
        let failure = |op, path: &Path, error| Failure { op, path: path.to_path_buf(), cause: Arc::new(error) };
        self.syncer.sync(&ended.file, &ended.path).map_err(|error| failure("sync", &ended.path, error))?;
        self.progress.seal(last_seq);
        let hash = hash_segment(&ended.file, &ended.path, header, tail);
        next.previous.hash = Some(hash.map_err(|error| failure("hash", &ended.path, into_io(error)))?);
        let path = segment_path(&self.dir, next.number);
        let file = open_writable(&path).map_err(|error| failure("open", &path, into_io(error)))?;
        let written = next.write(&file, &path, self.syncer.as_ref());
        written.map_err(|error| failure("write the header of", &path, error))?;
        Ok(next)
    }
}

/// The operating system's part of an error.
fn into_io(error: Error) -> io::Error {
    match error {
        Error::Io { source, .. } | Error::DiskFull { source, .. } | Error::ReadOnly { source, .. } => source,
        other => io::Error::other(other),
    }
}

/// Makes segment `number` ready, or takes the one that an earlier writer made ready and never used.
pub(crate) fn stage(dir: &Path, number: u64, bytes: u64) -> Result<Staged, Error> {
    let path = segment_path(dir, number);
    if let Ok(metadata) = path.metadata() {
        if metadata.len() == bytes
            && let Some(staged) = ready(&path, bytes)?
        {
            return Ok(staged);
        }
        fs::remove_file(&path).map_err(|error| Error::io("remove", &path, error))?;
    }
    make_segment(dir, number, bytes)?;
    match ready(&path, bytes)? {
        Some(staged) => Ok(staged),
        None => Err(Error::io("use", &path, io::Error::other("it was written to while it was made ready"))),
    }
}

/// Maps a segment, if it is all zero.
fn ready(path: &Path, bytes: u64) -> Result<Option<Staged>, Error> {
    let file = open_writable(path)?;
    if !warm(&file, path, bytes)? {
        return Ok(None);
    }
    map(file, path, bytes, 0).map(Some)
}

/// Maps a segment and enters its pages from `from` on.
pub(crate) fn map(file: File, path: &Path, bytes: u64, from: u64) -> Result<Staged, Error> {
    let map = Map::new(&file, bytes).map_err(|error| Error::io("map", path, error))?;
    let from = from - from % 4096;
    map.prefault().readable(from as usize, (bytes - from) as usize);
    let sync_file = Arc::new(SyncFile { file: open_writable(path)?, path: path.to_path_buf() });
    Ok(Staged { map, file, sync_file, path: path.to_path_buf(), bytes })
}
