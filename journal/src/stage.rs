//! The slow work around a roll, off the writer's thread: sealing the segment that ended, making the next one ready.

use crate::ahead::{Entry, Pages, WINDOW};
use crate::cursor::Progress;
use crate::disk::{DiskFile, Folder, PageUse};
use crate::error::{Error, Failure};
use crate::files::{is_empty, length, make_segment, open_writable, remove, segment_path, sync_dir};
use crate::header::SegmentHeader;
use crate::map::Map;
use crate::options::{Durability, Hands};
use crate::scan::hash_segment;
use crate::sync::SyncFile;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

/// A segment that is mapped and ready to be written: all zero, on the disk, its pages in the cache.
pub(crate) struct Staged {
    pub(crate) map: Map,
    pub(crate) file: Arc<dyn DiskFile>,
    /// For the sync thread: the kernel reports a failed write once to each opening of a file, so the two threads that
    /// sync must not share one.
    pub(crate) sync_file: Arc<SyncFile>,
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
}

impl Staged {
    /// Its pages, for being prepared.
    pub(crate) fn pages(&self) -> Pages {
        Pages::new(&self.map, &self.file, self.bytes)
    }
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
    dir: Folder,
    bytes: u64,
    progress: Arc<Progress>,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// The last begun segment's header as it is on the disk, with the hash of the segment before it.
    header: SegmentHeader,
    /// The number to stage next.
    number: u64,
    staged: Option<Staged>,
    /// The writer has taken a segment and not yet said which one ended: until then nothing is staged.
    rolling: bool,
    error: Option<Error>,
    sealing: Option<Sealing>,
    busy: bool,
    stop: bool,
}

impl State {
    fn wants_segment(&self) -> bool {
        self.staged.is_none() && self.error.is_none() && !self.rolling
    }

    fn has_work(&self) -> bool {
        self.sealing.is_some() || self.wants_segment()
    }
}

impl Stager {
    /// Starts staging the segment after the one that `header` begins, of `bytes`: on a thread, or by
    /// [`Stager::step`] alone.
    pub(crate) fn start(
        dir: &Folder,
        header: SegmentHeader,
        bytes: u64,
        progress: Arc<Progress>,
        hands: Hands,
    ) -> io::Result<Stager> {
        let number = header.number + 1;
        let state = State {
            header,
            number,
            staged: None,
            rolling: false,
            error: None,
            sealing: None,
            busy: false,
            stop: false,
        };
        let state = Mutex::new(state);
        let desk = Arc::new(Desk { dir: dir.clone(), bytes, progress, state, changed: Condvar::new() });
        let shared = Arc::clone(&desk);
        let spawn = || thread::Builder::new().name("journal-stage".into()).spawn(move || shared.run());
        let thread = match hands {
            Hands::Threads => Some(spawn()?),
            Hands::Caller => None,
        };
        Ok(Stager { desk, thread })
    }

    /// Does one thing that is to be done, where there is no thread that does. Gives whether there was one.
    pub(crate) fn step(&self) -> bool {
        self.thread.is_none() && self.desk.step()
    }

    /// Waits until something has changed, or changes it.
    fn wait<'a>(&'a self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        if self.thread.is_some() {
            return self.desk.wait(state);
        }
        drop(state);
        self.desk.step();
        self.desk.lock()
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
                state.rolling = true;
                return Ok(staged);
            }
            if let Some(error) = state.error.take() {
                self.desk.changed.notify_all();
                return Err(error);
            }
            state = self.wait(state);
        }
    }

    /// Has a segment sealed, and then the next one staged.
    pub(crate) fn seal(&self, sealing: Sealing) {
        let mut state = self.desk.lock();
        state.number = sealing.next.number + 1;
        state.rolling = false;
        state.sealing = Some(sealing);
        self.desk.changed.notify_all();
    }

    /// Waits until the segment that ended last is sealed, or sealing failed.
    pub(crate) fn drain(&self) {
        let mut state = self.desk.lock();
        while (state.sealing.is_some() || state.busy) && self.desk.progress.failure().is_none() {
            state = self.wait(state);
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
        while !self.is_over() {
            if !self.step() {
                let state = self.lock();
                if !state.has_work() && !state.stop && self.progress.failure().is_none() {
                    drop(self.wait(state));
                }
            }
        }
        self.changed.notify_all();
    }

    /// Whether nothing will be done any more. What is to be sealed is sealed first, unless something has failed.
    fn is_over(&self) -> bool {
        let state = self.lock();
        self.progress.failure().is_some() || (state.stop && state.sealing.is_none())
    }

    /// Does one thing that is to be done. Gives whether there was one.
    fn step(&self) -> bool {
        let mut state = self.lock();
        if self.progress.failure().is_some() {
            return false;
        }
        if let Some(sealing) = state.sealing.take() {
            self.seal_now(state, sealing);
        } else if state.wants_segment() {
            self.stage_now(state);
        } else {
            return false;
        }
        self.changed.notify_all();
        true
    }

    fn seal_now(&self, mut state: MutexGuard<'_, State>, sealing: Sealing) {
        state.busy = true;
        let header = state.header.clone();
        drop(state);
        let sealed = self.seal(sealing, &header);
        let mut state = self.lock();
        state.busy = false;
        match sealed {
            Ok(header) => state.header = header,
            Err(failure) => {
                drop(state);
                self.progress.fail(failure);
            }
        }
    }

    fn stage_now(&self, state: MutexGuard<'_, State>) {
        let number = state.number;
        drop(state);
        let staged = stage(&self.dir, number, self.bytes, self.progress.durability());
        if let (true, Ok(staged)) = (self.progress.durability().syncs_when_asked(), &staged) {
            staged.pages().enter(0, 2 * WINDOW, Entry::for_now(&self.progress));
        }
        let mut state = self.lock();
        match staged {
            Ok(staged) => state.staged = Some(staged),
            Err(error) => state.error = Some(error),
        }
    }

    /// Syncs the segment that ended, and puts its hash into the header of the next. From then on its damage is
    /// corruption. The old mapping ends here too: unmapping takes too long for the writer. Gives the next header as it
    /// is then.
    fn seal(&self, sealing: Sealing, header: &SegmentHeader) -> Result<SegmentHeader, Failure> {
        let Sealing { ended, tail, last_seq, mut next } = sealing;
        let failure = |op, path: &Path, error| Failure { op, path: path.to_path_buf(), cause: Arc::new(error) };
        ended.file.sync().map_err(|error| failure("sync", &ended.path, error))?;
        self.progress.seal(last_seq);
        let hash = hash_segment(ended.file.as_ref(), &ended.path, header, tail);
        next.previous.hash = Some(hash.map_err(|error| failure("hash", &ended.path, into_io(error)))?);
        let path = segment_path(&self.dir, next.number);
        let file = open_writable(&self.dir, &path).map_err(|error| failure("open", &path, into_io(error)))?;
        next.write(file.as_ref()).map_err(|error| failure("write the header of", &path, error))?;
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
pub(crate) fn stage(dir: &Folder, number: u64, bytes: u64, durability: Durability) -> Result<Staged, Error> {
    let path = segment_path(dir, number);
    if let Some(actual) = length(dir, &path)? {
        if actual == bytes && is_empty(dir, &path, bytes)? {
            // Whoever made it may not have come to that: without its name, what is synced in it is lost.
            sync_dir(dir)?;
            return map(dir, &path, bytes, 0, durability);
        }
        remove(dir, &path)?;
    }
    make_segment(dir, number, bytes, !durability.syncs_when_asked())?;
    map(dir, &path, bytes, 0, durability)
}

/// Maps a segment and prepares its pages from `from` on: all of them, or as many as the writer needs until it asks for more.
pub(crate) fn map(dir: &Folder, path: &Path, bytes: u64, from: u64, durability: Durability) -> Result<Staged, Error> {
    let file = open_writable(dir, path)?;
    file.advise(PageUse::Single);
    let map = file.map(bytes).map_err(|error| Error::io("map", path, error))?;
    let sync_file = Arc::new(SyncFile { file: open_writable(dir, path)?, path: path.to_path_buf() });
    let staged = Staged { map, file, sync_file, path: path.to_path_buf(), bytes };
    let from = (from - from % 4096) as usize;
    let needed = if durability.syncs_when_asked() { 2 * WINDOW } else { bytes as usize };
    staged.pages().enter(from, needed, Entry::Readable);
    Ok(staged)
}
