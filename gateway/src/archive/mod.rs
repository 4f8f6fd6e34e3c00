//! Looking back: questions that only a replay of the journal answers, one at a time, on one thread of their own.
//!
//! A question waits for the thread in a queue that is bounded; whoever asks waits a short moment for the answer, and asks
//! again if it is not there yet: the same question joins the work that is under way, or takes its answer. What cannot change
//! any more is kept for the next who asks, as far as there is room; everything else is handed out once.

mod question;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use papertape_platform::UserId;
use parking_lot::{Condvar, Mutex};
use tokio::sync::watch;

use crate::errors::Failure;
pub(crate) use question::{Answer, Lasts, Question, beyond, read};

/// Most questions that wait for the thread.
const WAITING_MAX: usize = 16;

/// Most of them that are users': the rest of the queue is the operator's.
const OF_USERS_MAX: usize = 12;

/// Most questions that one user has under way.
const OF_ONE_USER_MAX: usize = 2;

/// Most answers that are kept.
const KEPT_MAX: usize = 32;

/// How long an answer that may become old waits for whoever was told to ask again.
const FRESH_FOR: Duration = Duration::from_secs(30);

/// How often an answer is made that is old when it is there. The last one is given all the same: of an order that changes
/// faster than it can be read there would be none otherwise.
const TRIES: u8 = 3;

/// What a question led to.
pub(crate) type Outcome = Result<Arc<Answer>, Failure>;

/// Answers a question; asks whether it is to go on.
type Read = Box<dyn Fn(&Question, &dyn Fn() -> bool) -> Outcome + Send>;

/// The thread that looks back, and what it was asked.
pub(crate) struct Archive {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// How long a request waits.
    within: Duration,
}

#[derive(Default)]
struct Shared {
    works: Mutex<Works>,
    asked: Condvar,
    stopping: AtomicBool,
}

/// What is asked, under way and answered.
#[derive(Default)]
struct Works {
    waiting: VecDeque<Question>,
    all: HashMap<Question, Work>,
}

struct Work {
    /// The user who asked first; none: the operator.
    asker: Option<UserId>,
    /// The how manyth in a row, of answers that became old before anybody took them.
    tries: u8,
    outcome: watch::Sender<Option<Outcome>>,
    finished: Option<Instant>,
}

/// Where the answer will be.
struct Entered {
    outcome: watch::Receiver<Option<Outcome>>,
    /// Nobody had asked.
    has_begun: bool,
    /// It is the last try: its answer is given however old it is.
    is_last: bool,
}

impl Archive {
    /// Starts the thread.
    pub(crate) fn start(read: Read, within: Duration) -> io::Result<Self> {
        let archive = Self::idle(within);
        let shared = Arc::clone(&archive.shared);
        let thread = std::thread::Builder::new().name("archive".into()).spawn(move || {
            papertape_pipeline::give_way();
            shared.run(&read);
        })?;
        *archive.thread.lock() = Some(thread);
        Ok(archive)
    }

    /// One that answers nothing yet.
    fn idle(within: Duration) -> Self {
        Self { shared: Arc::default(), thread: Mutex::default(), within }
    }

    /// Asks, and waits a moment; `None`: it is not ready, ask again. An answer that may become old is given only if it
    /// `is_current`, or if those before it were not either. 503 where too many questions wait, 429 where too many of them are this user's.
    pub(crate) async fn ask(
        &self,
        question: &Question,
        asker: Option<UserId>,
        is_current: impl Fn(&Answer) -> bool,
    ) -> Result<Option<Arc<Answer>>, Failure> {
        let is_current = |outcome: &Outcome| outcome.as_ref().map_or(true, |answer| is_current(answer));
        let answered = async {
            for _ in 0..TRIES {
                let entered = self.shared.works.lock().enter(question, asker, is_current, &self.shared)?;
                let Entered { mut outcome, has_begun, is_last } = entered;
                if has_begun && self.within.is_zero() {
                    return Ok(None);
                }
                // The thread has gone: the gateway stops.
                let made = outcome.wait_for(Option::is_some).await.map_err(|_| Failure::stopping())?.clone();
                let made = made.ok_or_else(Failure::stopping)?;
                if is_last || is_current(&made) {
                    self.shared.works.lock().take(question);
                    return made.map(Some);
                }
            }
            Ok(None)
        };
        tokio::time::timeout(self.within.max(Duration::from_millis(1)), answered).await.unwrap_or(Ok(None))
    }

    /// Has the thread end soon: what is under way is given up. Does not wait.
    pub(crate) fn stop(&self) {
        self.shared.stopping.store(true, Ordering::Release);
        let mut works = self.shared.works.lock();
        works.waiting.clear();
        // Whoever waits hears of it by the end of the senders.
        works.all.clear();
        self.shared.asked.notify_all();
    }

    /// Waits for the thread's end.
    pub(crate) fn join(&self) {
        if let Some(thread) = self.thread.lock().take() {
            // One that panicked has nothing left to answer.
            let _ = thread.join();
        }
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        self.stop();
        self.join();
    }
}

impl Shared {
    fn run(&self, read: &Read) {
        let goes_on = || !self.stopping.load(Ordering::Acquire);
        while let Some(question) = self.next() {
            // A fault in it is one answer's, not the end of all others.
            let made = catch_unwind(AssertUnwindSafe(|| read(&question, &goes_on)));
            let outcome = made.unwrap_or_else(|_| Err(Failure::internal("looking back panicked")));
            self.works.lock().finish(&question, outcome, Instant::now());
        }
    }

    /// The next question; none, when the thread is to end.
    fn next(&self) -> Option<Question> {
        let mut works = self.works.lock();
        loop {
            if self.stopping.load(Ordering::Acquire) {
                return None;
            }
            match works.waiting.pop_front() {
                Some(question) => return Some(question),
                None => self.asked.wait(&mut works),
            }
        }
    }
}

impl Works {
    /// Joins the work on a question, or has it begin.
    fn enter(
        &mut self,
        question: &Question,
        asker: Option<UserId>,
        is_current: impl Fn(&Outcome) -> bool,
        shared: &Shared,
    ) -> Result<Entered, Failure> {
        if shared.stopping.load(Ordering::Acquire) {
            return Err(Failure::stopping());
        }
        let mut tries = 1;
        if let Some(work) = self.all.get(question) {
            if work.is_good(is_current, Instant::now()) {
                return Ok(work.entered(false));
            }
            tries = if work.is_kept(Instant::now()) { work.tries + 1 } else { 1 };
            self.all.remove(question);
        }
        self.check_room(asker)?;
        let (outcome, _) = watch::channel(None);
        let work = Work { asker, tries, outcome, finished: None };
        let entered = work.entered(true);
        self.all.insert(question.clone(), work);
        let place = asker.is_none().then(|| self.first_of_users()).flatten();
        self.waiting.insert(place.unwrap_or(self.waiting.len()), question.clone());
        shared.asked.notify_one();
        Ok(entered)
    }

    /// Where the first question of a user waits: the operator's go before it.
    fn first_of_users(&self) -> Option<usize> {
        let is_of_user = |question: &Question| self.all.get(question).is_some_and(|work| work.asker.is_some());
        self.waiting.iter().position(is_of_user)
    }

    fn check_room(&self, asker: Option<UserId>) -> Result<(), Failure> {
        let most = if asker.is_some() { OF_USERS_MAX } else { WAITING_MAX };
        let own = self.all.values().filter(|work| work.finished.is_none() && work.asker == asker).count();
        if asker.is_some() && own >= OF_ONE_USER_MAX {
            let sentence = "Two questions of yours are under way; take their answers first.";
            let failure = Failure::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_QUESTIONS", sentence);
            return Err(Failure { retry_after: Some(1), ..failure });
        }
        if self.waiting.len() >= most {
            let sentence = "Too many look back at this moment. Try again.";
            let failure = Failure::new(StatusCode::SERVICE_UNAVAILABLE, "BUSY", sentence);
            return Err(Failure { retry_after: Some(1), ..failure });
        }
        Ok(())
    }

    fn finish(&mut self, question: &Question, outcome: Outcome, now: Instant) {
        // Given up, if the archive stops.
        let Some(work) = self.all.get_mut(question) else { return };
        work.finished = Some(now);
        work.outcome.send_replace(Some(outcome));
        self.all.retain(|_, work| work.is_kept(now));
        while self.all.values().filter(|work| work.finished.is_some()).count() > KEPT_MAX {
            let finished = self.all.iter().filter_map(|(question, work)| Some((work.finished?, question)));
            let Some(oldest) = finished.min_by_key(|(at, _)| *at).map(|(_, question)| question.clone()) else { return };
            self.all.remove(&oldest);
        }
    }

    /// Somebody has taken the answer: one that may become old goes.
    fn take(&mut self, question: &Question) {
        if self.all.get(question).is_some_and(|work| work.finished.is_some() && !work.lasts()) {
            self.all.remove(question);
        }
    }
}

impl Work {
    /// Whether its answer is the same for ever.
    fn lasts(&self) -> bool {
        matches!(&*self.outcome.borrow(), Some(Ok(answer)) if answer.lasts == Lasts::ForEver)
    }

    fn is_kept(&self, now: Instant) -> bool {
        self.lasts() || self.finished.is_none_or(|finished| now.saturating_duration_since(finished) < FRESH_FOR)
    }

    /// Whether somebody who asks now may have its answer, or wait for it.
    fn is_good(&self, is_current: impl Fn(&Outcome) -> bool, now: Instant) -> bool {
        self.is_kept(now) && (self.is_last() || self.outcome.borrow().as_ref().is_none_or(is_current))
    }

    fn is_last(&self) -> bool {
        self.tries >= TRIES
    }

    fn entered(&self, has_begun: bool) -> Entered {
        Entered { outcome: self.outcome.subscribe(), has_begun, is_last: self.is_last() }
    }
}
