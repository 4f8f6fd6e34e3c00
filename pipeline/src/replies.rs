//! Blocking calls: a thread that reads the outbox and hands each caller the events of its command.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use papertape_engine::Event;

use crate::error::VenueError;
use crate::output::Ticket;
use crate::subscriber::{Subscriber, Summons};

/// Tickets with this bit are calls: others are not looked up.
pub(crate) const CALL: u64 = 1 << 63;

#[derive(Default)]
struct Waiting {
    events: Vec<Event>,
    answer: Option<SyncSender<Vec<Event>>>,
}

/// Between two looks of a thread that nobody waits for: what is told meanwhile fits into the outbox.
const REST: Duration = Duration::from_millis(5);

/// The calls that wait for their answer.
pub(crate) struct Replies {
    waiting: Mutex<HashMap<u64, Waiting>>,
    reader: Summons,
}

impl Replies {
    /// Nobody waits so far; `reader` is who hears the answers.
    pub(crate) fn new(reader: Summons) -> Self {
        Self { waiting: Mutex::default(), reader }
    }

    pub(crate) fn expect(&self, ticket: Ticket) -> Receiver<Vec<Event>> {
        let (answer, receiver) = sync_channel(1);
        self.lock().insert(ticket.0, Waiting { events: Vec::new(), answer: Some(answer) });
        self.reader.call();
        receiver
    }

    pub(crate) fn forget(&self, ticket: Ticket) {
        self.lock().remove(&ticket.0);
    }

    fn take(&self, ticket: Ticket, event: Event, last: bool) {
        let mut waiting = self.lock();
        let Some(call) = waiting.get_mut(&ticket.0) else { return };
        call.events.push(event);
        if last && let Some(Waiting { events, answer: Some(answer) }) = waiting.remove(&ticket.0) {
            // A caller that gave up waiting has dropped its receiver.
            let _ = answer.send(events);
        }
    }

    fn are_waited_for(&self) -> bool {
        !self.lock().is_empty()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the thread; it ends when `stop` is set and the outbox is drained.
pub(crate) fn start(
    replies: Arc<Replies>,
    mut subscriber: Subscriber,
    stop: Arc<AtomicBool>,
) -> Result<JoinHandle<()>, VenueError> {
    let run = move || {
        loop {
            let stopping = stop.load(Ordering::Acquire);
            let seen = subscriber.poll(|output| {
                if output.ticket.0 & CALL != 0 {
                    replies.take(output.ticket, output.event, output.last);
                }
            });
            if seen == 0 {
                if stopping {
                    break;
                }
                if replies.are_waited_for() {
                    subscriber.wait(Duration::from_millis(50));
                } else {
                    subscriber.rest(REST, || replies.are_waited_for() || stop.load(Ordering::Acquire));
                }
            }
        }
        // Whoever still waits is told at once that no answer comes.
        replies.lock().clear();
    };
    let thread = std::thread::Builder::new().name("papertape-calls".into()).spawn(run);
    thread.map_err(|cause| VenueError::Io { op: "start the thread of calls", cause })
}
