//! Making published records durable, off the writer's thread.

use crate::cursor::Progress;
use crate::disk::DiskFile;
use crate::error::Failure;
use crate::mark::Marker;
use crate::options::{Durability, Hands};
use rustix::thread::{MembarrierCommand, membarrier};
use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long it waits for a record that was asked for and is not published.
const UNPUBLISHED_PAUSE: Duration = Duration::from_micros(100);

/// How a segment's file is made durable. [`Fdatasync`] does it; tests and simulations put their own in its place.
pub trait Syncer: Send + Sync {
    /// Returns once everything that was stored in `file` before the call is on the disk. An error is final: the
    /// journal is poisoned by the first.
    fn sync(&self, file: &File, path: &Path) -> io::Result<()>;
}

/// `fdatasync(2)`: data, and the metadata that is needed to read it back.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fdatasync;

impl Syncer for Fdatasync {
    fn sync(&self, file: &File, _path: &Path) -> io::Result<()> {
        file.sync_data()
    }
}

/// A segment's file, open for syncing.
pub(crate) struct SyncFile {
    pub(crate) file: Arc<dyn DiskFile>,
    pub(crate) path: PathBuf,
}

/// A segment that holds records which may not be durable.
struct Unsynced {
    file: Arc<SyncFile>,
    first_seq: u64,
}

/// What is shared between the writer and the sync thread.
struct Queue {
    progress: Arc<Progress>,
    /// The segments that hold records which are not durable, oldest first; the last one is being written.
    files: Mutex<Vec<Unsynced>>,
    marker: Option<Arc<Marker>>,
    stop: AtomicBool,
}

/// Who syncs what is published: a thread, or whoever calls [`Committer::commit`].
pub(crate) struct Committer {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

impl Committer {
    pub(crate) fn start(
        progress: Arc<Progress>,
        first: Arc<SyncFile>,
        marker: Option<Arc<Marker>>,
        hands: Hands,
    ) -> io::Result<Committer> {
        let path = first.path.clone();
        let files = Mutex::new(vec![Unsynced { file: first, first_seq: 0 }]);
        let queue = Arc::new(Queue { progress, files, marker, stop: AtomicBool::new(false) });
        let shared = Arc::clone(&queue);
        let fence = Fence::new();
        let work = move || {
            if catch_unwind(AssertUnwindSafe(|| run(&shared, &fence))).is_err() {
                // A listener panicked. A cursor that stands still without a reason would be worse.
                let cause = Arc::new(io::Error::other("a listener of the durable cursor panicked"));
                shared.progress.fail_untold(Failure { op: "tell the listeners of", path, cause });
            }
        };
        let thread = match hands {
            Hands::Threads => Some(thread::Builder::new().name("journal-sync".into()).spawn(work)?),
            Hands::Caller => None,
        };
        if let Some(thread) = &thread {
            queue.progress.set_syncer(thread.thread().clone());
        }
        Ok(Committer { queue, thread })
    }

    /// Syncs what is published, where there is no thread that does. Gives whether there was anything.
    pub(crate) fn commit(&self) -> bool {
        let progress = &self.queue.progress;
        let due = !progress.durability().syncs_when_asked() || progress.wanted() > progress.synced();
        self.thread.is_none() && progress.failure().is_none() && due && advance(&self.queue)
    }

    /// Tells of a new segment, before the first record in it is published, and lets go of those that are durable.
    pub(crate) fn push(&self, file: Arc<SyncFile>, first_seq: u64) {
        let mut files = lock(&self.queue.files);
        files.push(Unsynced { file, first_seq });
        let synced = self.queue.progress.synced();
        let durable = files.windows(2).take_while(|pair| pair[1].first_seq <= synced + 1).count();
        files.drain(..durable);
    }

    /// Wakes the thread if it sleeps.
    #[cold]
    pub(crate) fn wake(&self) {
        self.queue.progress.idle().store(false, Ordering::Relaxed);
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// Ends the thread. Where it syncs without being asked, it first syncs what is published.
    pub(crate) fn stop(&mut self) {
        self.queue.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A listener that panicked has ended the thread already; there is nobody left to tell.
            let _ = thread.join();
        }
    }
}

fn lock(files: &Mutex<Vec<Unsynced>>) -> std::sync::MutexGuard<'_, Vec<Unsynced>> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(queue: &Queue, fence: &Fence) {
    match queue.progress.durability() {
        Durability::Memory | Durability::Process => run_when_asked(queue),
        Durability::Interval { ms } => run_often(queue, Duration::from_millis(u64::from(ms))),
        Durability::Group | Durability::GroupMark => run_always(queue, fence),
    }
}

fn run_always(queue: &Queue, fence: &Fence) {
    while queue.progress.failure().is_none() {
        if advance(queue) {
            continue;
        }
        if queue.stop.load(Ordering::SeqCst) {
            break;
        }
        sleep(queue, fence);
    }
}

/// Who asks cuts the pause short.
fn run_often(queue: &Queue, pause: Duration) {
    while queue.progress.failure().is_none() {
        let advanced = advance(queue);
        let is_asked = queue.progress.wanted() > queue.progress.synced();
        if !queue.stop.load(Ordering::SeqCst) {
            // What was asked for before it was published is looked for soon.
            thread::park_timeout(if is_asked { UNPUBLISHED_PAUSE } else { pause });
        } else if !advanced {
            break;
        }
    }
}

/// Ends without a last sync: nobody waits for it.
fn run_when_asked(queue: &Queue) {
    let progress = &queue.progress;
    while progress.failure().is_none() && !queue.stop.load(Ordering::SeqCst) {
        if progress.wanted() <= progress.synced() {
            thread::park();
        } else if !advance(queue) {
            // It was asked for before it was published.
            thread::park_timeout(UNPUBLISHED_PAUSE);
        }
    }
}

/// One commit, if there is anything to commit. The order is the point: what is published now is covered by a sync that
/// begins now. What is published while it runs waits for the next one, together.
#[expect(clippy::disallowed_methods, reason = "how long a sync takes is for whoever watches, and decides nothing")]
fn advance(queue: &Queue) -> bool {
    let progress = &queue.progress;
    let target = progress.published();
    if target <= progress.synced() {
        return false;
    }
    #[cfg(feature = "canary")]
    if crate::canary::Canary::SyncBeforeAcknowledging.is_left_out() {
        progress.advance(target);
        return true;
    }
    let begun = Instant::now();
    match commit(queue, target) {
        Ok(()) => {
            progress.syncs().count(begun.elapsed());
            progress.advance(target);
        }
        Err(failure) => progress.fail(failure),
    }
    true
}

/// Syncs every segment that may hold unsynced records, oldest first, and forgets those that are complete; then has the
/// watermark say so.
fn commit(queue: &Queue, target: u64) -> Result<(), Failure> {
    let files: Vec<Arc<SyncFile>> = lock(&queue.files).iter().map(|unsynced| Arc::clone(&unsynced.file)).collect();
    for SyncFile { file, path } in files.iter().map(Arc::as_ref) {
        let failure = |error| Failure { op: "sync", path: path.clone(), cause: Arc::new(error) };
        file.sync().map_err(failure)?;
    }
    // All but the last were complete before the last was pushed, so this sync has covered all of them. The writer may
    // have let go of some meanwhile.
    let complete = &files[..files.len() - 1];
    lock(&queue.files).retain(|unsynced| !complete.iter().any(|file| Arc::ptr_eq(file, &unsynced.file)));
    queue.marker.as_ref().map_or(Ok(()), |marker| marker.set(target))
}

/// Sleeps until a record is published.
///
/// The writer publishes and then looks whether this thread is idle; this thread says that it is idle and then looks
/// whether something was published. Each must see the other's store, for which the writer would need a full fence at
/// every record. Instead this thread, which has the time, has the kernel put a fence into all threads of the process.
fn sleep(queue: &Queue, fence: &Fence) {
    let progress = &queue.progress;
    progress.idle().store(true, Ordering::SeqCst);
    fence.everywhere();
    if progress.published() == progress.synced() && !queue.stop.load(Ordering::SeqCst) {
        match fence.exists {
            true => thread::park(),
            false => thread::park_timeout(Duration::from_millis(1)),
        }
    }
    progress.idle().store(false, Ordering::Relaxed);
}

/// `membarrier(2)`, where the kernel has it and the sandbox allows it. Where not, the thread looks once a millisecond.
struct Fence {
    exists: bool,
}

impl Fence {
    fn new() -> Fence {
        Fence { exists: membarrier(MembarrierCommand::RegisterPrivateExpedited).is_ok() }
    }

    fn everywhere(&self) {
        if self.exists {
            // Registered above: it cannot fail from here on.
            let _ = membarrier(MembarrierCommand::PrivateExpedited);
        }
    }
}
