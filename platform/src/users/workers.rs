//! The threads that hash passwords. They are a few, they are nobody else's, and they yield to whoever else wants the
//! processor: a thousand log-ins at once make log-ins slow, and nothing besides.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};

use papertape_pipeline::give_way;
use parking_lot::Mutex;

use super::password::HashError;

/// A password to be worked at.
pub(super) type Job = Box<dyn FnOnce() + Send>;

/// The threads; they end when nobody can hand them anything any more.
#[derive(Clone)]
pub(super) struct Workers {
    jobs: Sender<Job>,
    /// Jobs that were done.
    pub(super) worked: Arc<AtomicU64>,
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Workers(..)")
    }
}

impl Workers {
    /// So many threads. Whoever hands jobs over sees to it that there are never more than they can take at once.
    pub(super) fn start(count: usize) -> Self {
        let (jobs, waiting) = mpsc::channel();
        let (waiting, worked) = (Arc::new(Mutex::new(waiting)), Arc::<AtomicU64>::default());
        for _ in 0..count {
            let (waiting, worked) = (Arc::clone(&waiting), Arc::clone(&worked));
            let thread = std::thread::Builder::new().name("passwords".into());
            // Where there is no thread nobody logs in, and is told so.
            let _ = thread.spawn(move || work(&waiting, &worked));
        }
        Self { jobs, worked }
    }

    /// Refused where every thread is gone.
    pub(super) fn hand_over(&self, job: Job) -> Result<(), HashError> {
        self.jobs.send(job).map_err(|_| HashError::Failed)
    }
}

fn work(waiting: &Mutex<Receiver<Job>>, worked: &AtomicU64) {
    give_way();
    loop {
        let next = waiting.lock().recv();
        let Ok(job) = next else { return };
        worked.fetch_add(1, Ordering::Relaxed);
        // One that fails takes nobody with it: whoever asked hears that it did.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn u13_the_threads_yield_to_others_and_only_they_do() {
        let before = rustix::process::nice(0).unwrap_or_default();
        let (say, heard) = mpsc::channel();
        let workers = Workers::start(1);
        workers.hand_over(Box::new(move || say.send(rustix::process::nice(0)).unwrap())).unwrap();
        assert_eq!(heard.recv().unwrap().unwrap(), before.max(10));
        assert_eq!(rustix::process::nice(0).unwrap(), before, "this one did not");
    }

    #[test]
    fn u13_a_job_that_panics_leaves_the_thread_to_the_next_one() {
        let workers = Workers::start(1);
        let (say, heard) = mpsc::channel();
        workers.hand_over(Box::new(|| panic!("as a test wants it"))).unwrap();
        workers.hand_over(Box::new(move || say.send(7).unwrap())).unwrap();
        assert_eq!(heard.recv(), Ok(7));
        // The second one may be counted and not be over yet.
        assert_eq!(workers.worked.load(Ordering::Relaxed), 2);
    }
}
