//! Log-ins beside the load: so many a second, on a schedule of their own, whatever becomes of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use papertape_pipeline::give_way;

use super::client::Http;
use crate::exit::Failure;

/// Log-ins under way at once: more than a venue lets wait, so that none is held back here, and fewer than it takes
/// connections of one address.
const AT_ONCE: usize = 80;

/// Users who log in: of one user only a few tries at once are looked at.
pub(super) const USERS: usize = 16;

/// Bytes of a thread that sends one request after the other.
const STACK: usize = 512 << 10;

/// How many log-ins were answered with each status; 0: with none.
pub(super) type Answers = BTreeMap<u16, u64>;

/// Log-ins that go on until they are stopped.
pub(super) struct Logins {
    stop: Arc<AtomicBool>,
    answers: Arc<Mutex<Answers>>,
    threads: Vec<JoinHandle<()>>,
}

impl Logins {
    /// Begins to log users in `per_second` times a second, in turns: those who do nothing else.
    pub(super) fn start(http: &Http, users: &[String], per_second: u64) -> Result<Self, Failure> {
        let users: Arc<[String]> = users.into();
        let (stop, answers, next) = (Arc::<AtomicBool>::default(), Arc::default(), Arc::<AtomicU64>::default());
        let mut logins = Self { stop, answers, threads: Vec::new() };
        let begun = Instant::now();
        for _ in 0..AT_ONCE {
            let (http, users, next) = (http.clone(), Arc::clone(&users), Arc::clone(&next));
            let (stop, answers) = (Arc::clone(&logins.stop), Arc::clone(&logins.answers));
            let work = move || {
                // Whoever logs in has a processor of their own elsewhere.
                give_way();
                while !stop.load(Ordering::Acquire) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let due = Duration::from_secs_f64(number as f64 / per_second as f64);
                    if !sleep_until(begun + due, &stop) {
                        return;
                    }
                    let turn = number as usize % users.len().max(1);
                    let Some(user) = users.get(turn) else { return };
                    let status = http.try_log_in(user);
                    if let Ok(mut answers) = answers.lock() {
                        *answers.entry(status).or_default() += 1;
                    }
                }
            };
            let thread = std::thread::Builder::new().name("log-ins".into()).stack_size(STACK);
            logins.threads.push(thread.spawn(work).map_err(Failure::io)?);
        }
        Ok(logins)
    }

    /// Ends them, and tells how they were answered.
    pub(super) fn stop(self) -> Answers {
        self.stop.store(true, Ordering::Release);
        for thread in self.threads {
            // What a thread that panicked would have counted is missing from the counts.
            let _ = thread.join();
        }
        self.answers.lock().map(|answers| answers.clone()).unwrap_or_default()
    }
}

/// Whether the moment came before it was stopped.
fn sleep_until(due: Instant, stop: &AtomicBool) -> bool {
    const LOOK: Duration = Duration::from_millis(50);
    while !stop.load(Ordering::Acquire) {
        let left = due.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        std::thread::sleep(left.min(LOOK));
    }
    false
}
