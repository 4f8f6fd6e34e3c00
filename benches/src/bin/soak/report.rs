//! What came of it.

use std::io;
use std::time::{Duration, Instant};

use papertape_client::{Client, Event, FromVenue, Options, Start};
use serde_json::json;

use crate::followers::{Depth, Followed};
use crate::sessions::Traded;
use crate::settings::Habit;

/// By how much the venue's own memory may grow between the first quarter and the end: a fifth, and this for what fills up
/// to its limits (names of ended orders, messages that are kept).
const GROWTH_MAX: u64 = 96 << 20;

/// Examples of what was wrong that are told.
const EXAMPLES_MAX: usize = 10;

/// Counts, and what was wrong.
#[derive(Default, Debug)]
pub(crate) struct Report {
    seconds: u64,
    pub(crate) commands: u64,
    memory_early: u64,
    memory_late: u64,
    pub(crate) settled_late: bool,
    followers: u64,
    feed_messages: u64,
    /// Connections of followers that the venue ended: it does that to those who lag too far.
    feed_reconnected: u64,
    /// Those of them that read as fast as they could: the machine was too small for the run.
    quick_reconnected: u64,
    wrong_books: u64,
    mended: u64,
    sessions: u64,
    orders: u64,
    private_messages: u64,
    cuts: u64,
    repeated: u64,
    lost: u64,
    twice: u64,
    unanswered: u64,
    wrong: Vec<String>,
}

impl Report {
    /// A run of so many seconds, and what the venue had in memory at its first quarter and its end.
    pub(crate) fn new(seconds: u64, memory_early: u64, memory_late: u64) -> Self {
        Self { seconds, memory_early, memory_late, ..Self::default() }
    }

    /// A follower has ended.
    pub(crate) fn follower(&mut self, known: &Followed, depth: &Depth) {
        self.followers += 1;
        self.feed_messages += known.messages;
        self.feed_reconnected += known.reconnected;
        self.mended += known.mended.len() as u64;
        for why in &known.mended {
            self.note(|| format!("a book of a {:?} follower was not the venue's: {why}", known.habit));
        }
        if let Some(error) = &known.error {
            self.note(|| format!("a {:?} follower: {error}", known.habit));
        }
        if known.book.as_ref() != Some(depth) {
            self.wrong_books += 1;
            self.note(|| format!("the book of a {:?} follower is wrong at the end", known.habit));
        }
        if known.habit == Habit::Quick {
            self.quick_reconnected += known.reconnected;
        }
    }

    /// A session has ended: whether it has all that the venue has of its account.
    pub(crate) fn session(&mut self, known: &Traded) -> io::Result<()> {
        self.sessions += 1;
        self.orders += known.sent;
        self.cuts += known.cut;
        self.repeated += known.repeated;
        self.twice += known.twice;
        self.unanswered += known.unanswered as u64;
        self.private_messages += known.messages.len() as u64;
        if let Some(error) = &known.error {
            self.note(|| format!("a session: {error}"));
        }
        let lost = (known.first..=known.last).filter(|sequence| !known.messages.contains(sequence)).count() as u64;
        let newest = newest(known)?;
        // Fills of its resting orders may come after a session has said goodbye; what came before it must be there.
        let behind = known.last > newest;
        self.lost += lost + u64::from(behind);
        if lost > 0 || behind {
            self.note(|| {
                format!("of {} to {} messages, {lost} did not come; the venue is at {newest}", known.first, known.last)
            });
        }
        Ok(())
    }

    fn note(&mut self, what: impl FnOnce() -> String) {
        if self.wrong.len() < EXAMPLES_MAX {
            self.wrong.push(what());
        }
    }

    fn growth_max(&self) -> u64 {
        self.memory_early / 5 + GROWTH_MAX
    }

    fn has_grown(&self) -> bool {
        self.memory_late > self.memory_early + self.growth_max()
    }

    /// Whether everything was as it should be.
    pub(crate) fn is_good(&self) -> bool {
        let told = self.lost + self.twice + self.unanswered;
        self.wrong.is_empty() && told == 0 && self.wrong_books == 0 && !self.has_grown() && !self.settled_late
    }

    /// As JSON.
    pub(crate) fn json(&self) -> String {
        let report = json!({
            "seconds": self.seconds, "good": self.is_good(), "commands": self.commands,
            "memory": {
                "at_a_quarter": self.memory_early, "at_the_end": self.memory_late,
                "growth_max": self.growth_max(), "has_grown": self.has_grown(),
            },
            "feed": {
                "followers": self.followers, "messages": self.feed_messages, "reconnected": self.feed_reconnected,
                "quick_reconnected": self.quick_reconnected,
                "mended": self.mended, "wrong_books": self.wrong_books, "settled_late": self.settled_late,
            },
            "order_entry": {
                "sessions": self.sessions, "orders": self.orders, "messages": self.private_messages,
                "cuts": self.cuts, "repeated": self.repeated, "lost": self.lost, "twice": self.twice,
                "unanswered": self.unanswered,
            },
            "wrong": self.wrong,
        });
        serde_json::to_string_pretty(&report).expect("numbers and texts are JSON")
    }
}

/// The newest message of an account, as a session that is opened anew is told.
fn newest(known: &Traded) -> io::Result<u64> {
    let options = Options { start: Start::Snapshot, ..Options::new(known.key.clone()) };
    let mut client = Client::connect(&known.tcp, options).map_err(io::Error::other)?;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(10) {
        if let Some(Event::Venue(FromVenue::SnapshotEnd(end))) =
            client.event(Duration::from_secs(5)).map_err(io::Error::other)?
        {
            client.log_out();
            return Ok(end.sequence);
        }
    }
    Err(io::Error::other("no snapshot came"))
}
