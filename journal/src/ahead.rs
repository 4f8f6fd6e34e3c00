//! Pages that the writer will soon come to, prepared by a thread that does nothing else: staging and sealing take longer
//! than the writer needs to come there.

use crate::cursor::Progress;
use crate::disk::DiskFile;
use crate::files::PORTION;
use crate::map::{Map, Prefault};
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// How many bytes of pages are prepared at once for a writer that is synced only when asked: the writer is never farther
/// than this from the next request, and finds one such window prepared beyond it.
pub(crate) const WINDOW: usize = 4 << 20;

/// Records within which a sync was lately.
const LATELY: u64 = 1 << 16;

/// The pages of a segment.
pub(crate) struct Pages {
    map: Prefault,
    file: Arc<dyn DiskFile>,
    bytes: usize,
}

/// How pages are entered into the writer's page table.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Entry {
    /// The first touch need not read.
    Readable,
    /// The first store takes no page fault. The next sync writes such pages as well, and takes the permission to store away
    /// again.
    Writable,
}

impl Entry {
    /// Where syncs are asked for often, the writer is left its page faults.
    pub(crate) fn for_now(progress: &Progress) -> Entry {
        match progress.published().saturating_sub(progress.synced()) < LATELY {
            true => Entry::Readable,
            false => Entry::Writable,
        }
    }
}

impl Pages {
    /// Those of a segment of `bytes` that is mapped. Its file should be advised that pages are used one by one.
    pub(crate) fn new(map: &Map, file: &Arc<dyn DiskFile>, bytes: u64) -> Pages {
        Pages { map: map.prefault(), file: Arc::clone(file), bytes: bytes as usize }
    }

    /// Prepares the pages of a range, one portion after the other. A range beyond the end is cut. It is help and nothing
    /// else: where something fails, the first touch is slower.
    pub(crate) fn enter(&self, from: usize, bytes: usize, entry: Entry) {
        if self.map.is_none() {
            return;
        }
        let to = self.bytes.min(from.saturating_add(bytes));
        let mut buffer = vec![0; PORTION];
        for at in (from..to).step_by(PORTION) {
            let portion = PORTION.min(to - at);
            // So each page comes into the cache by itself, and no large folio does, which every commit would write whole.
            let _ = self.file.read_exact_at(&mut buffer[..portion], at as u64);
            match entry {
                Entry::Readable => self.map.readable(at, portion),
                Entry::Writable => self.map.writable(at, portion),
            }
            thread::yield_now();
        }
    }
}

/// The thread that prepares pages.
pub(crate) struct Ahead {
    requests: Option<SyncSender<(Pages, usize)>>,
    thread: Option<JoinHandle<()>>,
}

impl Ahead {
    /// Starts the thread.
    pub(crate) fn start(progress: Arc<Progress>) -> io::Result<Ahead> {
        let (sender, requests) = sync_channel::<(Pages, usize)>(2);
        let run = move || {
            for (pages, from) in requests {
                pages.enter(from, WINDOW, Entry::for_now(&progress));
            }
        };
        let thread = thread::Builder::new().name("journal-ahead".into()).spawn(run)?;
        Ok(Ahead { requests: Some(sender), thread: Some(thread) })
    }

    /// Has the window of pages that begins at `from` prepared for being written. Does not wait: a request that there is no
    /// time for is lost, and the writer then takes the page faults itself.
    pub(crate) fn request(&self, pages: Pages, from: usize) {
        if let Some(requests) = &self.requests {
            let _ = requests.try_send((pages, from));
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            // It panics for no reason that we know of; if it did, there is nobody left to tell.
            let _ = thread.join();
        }
    }
}
