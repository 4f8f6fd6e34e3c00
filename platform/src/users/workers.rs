//! The threads that hash passwords. They are a few, they are nobody else's, and they run only while nobody else wants the
//! processor, which they offer in every pause: a thousand log-ins at once make log-ins slow, and nothing besides.
//!
//! A machine that is never idle lets people in all the same: what was not done in time is begun anew by threads that only
//! give way. Whichever is done first counts.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use papertape_pipeline::{give_way, run_when_idle};
use parking_lot::Mutex;

use super::password::HashError;

/// How long a password waits for a processor that is idle.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is done with a password, with a pause now and then.
type Worked = dyn Fn(&dyn Fn()) + Send + Sync;

/// A password to be worked at; it may be worked at twice.
struct Job {
    work: Box<Worked>,
    is_done: AtomicBool,
}

impl Job {
    fn run(&self, pause: &dyn Fn()) {
        if !self.is_done.load(Ordering::Acquire) {
            // One that fails takes nobody with it: whoever asked hears that it did.
            let _ = catch_unwind(AssertUnwindSafe(|| (self.work)(pause)));
            self.is_done.store(true, Ordering::Release);
        }
    }
}

/// A job that somebody else has, and since when.
type Watched = (Instant, Weak<Job>);

/// The threads; they end when nobody can hand them anything any more.
#[derive(Clone)]
pub(super) struct Workers {
    jobs: Sender<Arc<Job>>,
    watched: Sender<Watched>,
    handed_over: Arc<AtomicU64>,
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Workers(..)")
    }
}

impl Workers {
    /// So many threads. Whoever hands jobs over sees to it that there are never more than they can take at once.
    pub(super) fn start(count: usize) -> Self {
        Self::start_with(count, PATIENCE)
    }

    fn start_with(count: usize, patience: Duration) -> Self {
        let (jobs, to_do) = mpsc::channel();
        let (watched, to_watch) = mpsc::channel();
        let (to_do, to_watch) = (Arc::new(Mutex::new(to_do)), Arc::new(Mutex::new(to_watch)));
        for _ in 0..count {
            let (to_do, to_watch) = (Arc::clone(&to_do), Arc::clone(&to_watch));
            spawn("passwords", move || work(&to_do));
            spawn("passwords-late", move || watch(&to_watch, patience));
        }
        Self { jobs, watched, handed_over: Arc::default() }
    }

    /// Has it done, perhaps twice. Refused where every thread is gone.
    pub(super) fn hand_over(&self, work: impl Fn(&dyn Fn()) + Send + Sync + 'static) -> Result<(), HashError> {
        self.handed_over.fetch_add(1, Ordering::Relaxed);
        let job = Arc::new(Job { work: Box::new(work), is_done: AtomicBool::new(false) });
        // Where nobody watches it is late at the worst.
        let _ = self.watched.send((Instant::now(), Arc::downgrade(&job)));
        self.jobs.send(job).map_err(|_| HashError::Failed)
    }

    /// Jobs that were handed over.
    pub(super) fn handed_over(&self) -> u64 {
        self.handed_over.load(Ordering::Relaxed)
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) {
    // Where there is no thread nobody logs in, and is told so.
    let _ = std::thread::Builder::new().name(name.into()).spawn(run);
}

fn work(to_do: &Mutex<Receiver<Arc<Job>>>) {
    run_when_idle();
    loop {
        let next = to_do.lock().recv();
        let Ok(job) = next else { return };
        // Else whoever lends this processor to others would have it back at the next tick of the clock.
        job.run(&std::thread::yield_now);
    }
}

/// Jobs come in the order in which they were handed over, so that those behind the first are not late before it is.
fn watch(to_watch: &Mutex<Receiver<Watched>>, patience: Duration) {
    give_way();
    loop {
        let next = to_watch.lock().recv();
        let Ok((begun, job)) = next else { return };
        std::thread::sleep(patience.saturating_sub(begun.elapsed()));
        // Mostly it is done, and gone. This time without a pause, in which it would lose what little share it has.
        if let Some(job) = job.upgrade() {
            job.run(&|| {});
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing is late while a test runs.
    const NEVER: Duration = Duration::from_secs(3_600);

    /// `SCHED_IDLE`, as Linux numbers it.
    #[cfg(target_os = "linux")]
    const IDLE: &str = "5";

    /// The calling thread's class, and how nice it is.
    #[cfg(target_os = "linux")]
    fn class_and_nice() -> (String, i32) {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        // proc(5): the fields after the name in brackets begin with the third; the class is the 41st.
        let class = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(41 - 3));
        (class.unwrap().to_owned(), rustix::process::nice(0).unwrap())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn u13_the_threads_yield_to_everybody_and_only_they_do() {
        let before = class_and_nice();
        let (say, heard) = mpsc::channel();
        let workers = Workers::start_with(1, NEVER);
        workers.hand_over(move |_| say.send(class_and_nice()).unwrap()).unwrap();
        assert_eq!(heard.recv().unwrap().0, IDLE);
        assert_eq!(class_and_nice(), before, "this one did not");
    }

    /// A processor that the first thread does not get is a first run that does not end.
    #[test]
    fn u13_what_is_late_is_begun_anew_by_one_that_only_gives_way() {
        let (first, second) = (AtomicBool::new(true), AtomicBool::new(true));
        let (release, stuck) = mpsc::channel::<()>();
        let (say, heard) = mpsc::channel();
        let stuck = Mutex::new(stuck);
        let workers = Workers::start_with(1, Duration::from_millis(1));
        let work = move |_: &dyn Fn()| {
            if first.swap(false, Ordering::SeqCst) {
                let _ = stuck.lock().recv();
            } else if second.swap(false, Ordering::SeqCst) {
                say.send(rustix::process::nice(0).unwrap()).unwrap();
            }
        };
        workers.hand_over(work).unwrap();
        let nice = heard.recv().unwrap();
        assert!(!cfg!(target_os = "linux") || nice >= 10, "{nice}");
        // Nor do those behind it wait for the first thread.
        let (say, heard) = mpsc::channel();
        workers.hand_over(move |_| say.send(7).unwrap_or_default()).unwrap();
        assert_eq!(heard.recv(), Ok(7));
        assert_eq!(workers.handed_over(), 2);
        drop(release);
    }

    #[test]
    fn u13_a_job_that_panics_leaves_the_thread_to_the_next_one() {
        let workers = Workers::start_with(1, NEVER);
        let (say, heard) = mpsc::channel();
        workers.hand_over(|_| panic!("as a test wants it")).unwrap();
        workers.hand_over(move |_| say.send(7).unwrap()).unwrap();
        assert_eq!(heard.recv(), Ok(7));
        assert_eq!(workers.handed_over(), 2);
    }
}
