//! A running venue.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::thread::JoinHandle;

use crossbeam_queue::ArrayQueue;
use papertape_engine::Event;

use crate::boot::Boot;
use crate::client::Client;
use crate::config::VenueConfig;
use crate::core::Core;
use crate::error::VenueError;
use crate::output::{Output, Ticket};
use crate::replies::{self, Replies};
use crate::ring::{RingReader, ring};
use crate::seat::Seat;
use crate::shadow::{Shadow, SnapshotListener};
use crate::shared::Shared;
use crate::subscriber::{Gate, Listener, Subscriber};
use crate::thread::{Chair, CoreThread};
use crate::wake::sleeper;

/// The core thread and the ways in and out. Dropping it without [`Venue::stop`] ends its threads as a crash would:
/// commands that wait are not applied, no snapshot is written, and what was acknowledged is in the journal.
pub struct Venue {
    config: VenueConfig,
    client: Client,
    subscribers: Vec<Subscriber>,
    core: Option<JoinHandle<Option<Core>>>,
    calls: Option<JoinHandle<()>>,
    calls_stop: Arc<AtomicBool>,
    shadow: Shadow,
}

impl Venue {
    pub(crate) fn start(boot: Boot) -> Result<Self, VenueError> {
        let Boot { config, core, subscribers: wanted, .. } = boot;
        let durable = core.journal.durable();
        let inbox = Arc::new(ArrayQueue::new(config.inbox_capacity.next_power_of_two()));
        // Each subscriber has two, one of which looks ahead.
        let readers = 2 * wanted + usize::from(config.calls);
        let (outbox, readers) = ring(config.outbox_capacity, readers, blank());
        let gate = Gate::new(config.durability, durable.clone());
        let (subscribers, of_calls, listeners) = subscribers(readers, config.calls, &gate);
        let shared = Arc::new(Shared::new(durable.clone(), config.inbox_capacity));
        shared.store_hash(&core);
        let (sleeper, waker) = sleeper();
        let woken = Arc::clone(&listeners);
        durable.on_advance(Box::new(move |_| {
            fence(Ordering::SeqCst);
            woken.iter().for_each(|listener| listener.tell(true));
        }));
        let calls_stop = Arc::new(AtomicBool::new(false));
        let replies = of_calls.as_ref().map(|subscriber| Arc::new(Replies::new(subscriber.summons())));
        let calls = match (&replies, of_calls) {
            (Some(replies), Some(subscriber)) => {
                Some(replies::start(Arc::clone(replies), subscriber, Arc::clone(&calls_stop))?)
            }
            _ => None,
        };
        let (watch, last_seq) = (outbox.watch(), core.last.seq);
        let parts = (core, config.clock.clone());
        let seat = Seat::new(parts, Arc::clone(&inbox), (outbox, listeners), gate, Arc::clone(&shared));
        let chair = Arc::new(Chair::new(seat, config.lends_core, Arc::clone(&inbox), Arc::clone(&shared)));
        let client = Client {
            inbox,
            core: waker,
            chair: Arc::clone(&chair),
            tickets: Arc::new(AtomicU64::new(1)),
            replies,
            shared: Arc::clone(&shared),
            outbox: watch,
        };
        let shadow = Shadow::start(&config, Arc::clone(&shared), client.core.clone(), last_seq)?;
        let thread = CoreThread { chair, sleeper };
        let core = std::thread::Builder::new().name("papertape-core".into()).spawn(move || thread.run());
        let core = Some(core.map_err(|cause| VenueError::Io { op: "start the core thread", cause })?);
        Ok(Self { config, client, subscribers, core, calls, calls_stop, shadow })
    }

    /// A way in.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// One of the subscribers that [`Boot::with_subscribers`] asked for; `None` when all are given out. Each sees every
    /// event from the start on, and must be read.
    pub fn take_subscriber(&mut self) -> Option<Subscriber> {
        self.subscribers.pop()
    }

    /// Has `listener` called once if the venue stops by itself. The process is then to end.
    pub fn on_failure(&self, listener: Box<dyn Fn(&str) + Send + Sync>) {
        self.client.shared.on_failure(listener);
    }

    /// Has `listener` called, on a thread of its own, with each snapshot that is written while the venue runs, and with
    /// what kept one from being written: the venue goes on without it.
    pub fn on_snapshot(&self, listener: SnapshotListener) {
        self.shadow.on_snapshot(listener);
    }

    /// Takes no more commands, applies those that wait, syncs, writes a snapshot and seals the journal. Subscribers may
    /// read what is left afterwards, and must go on reading until then.
    pub fn stop(mut self) -> Result<(), VenueError> {
        self.subscribers.clear();
        self.client.shared.close();
        self.client.core.wake();
        let Some(Ok(Some(mut core))) = self.core.take().map(JoinHandle::join) else { return Err(self.failed()) };
        if self.client.failure().is_some() {
            return Err(self.failed());
        }
        core.journal.flush()?;
        self.end_calls();
        self.shadow.stop();
        core.snapshot(&self.config)?;
        core.close()
    }

    fn end_calls(&mut self) {
        self.calls_stop.store(true, Ordering::Release);
        if let Some(calls) = self.calls.take() {
            // A thread that panicked has nothing left to say.
            let _ = calls.join();
        }
    }

    fn failed(&self) -> VenueError {
        VenueError::Failed(self.client.failure().unwrap_or_else(|| "the core thread is gone".to_owned()))
    }
}

impl Drop for Venue {
    fn drop(&mut self) {
        self.client.shared.abandon();
        self.client.core.wake();
        if let Some(core) = self.core.take() {
            // A thread that panicked has said so through `Client::failure`.
            let _ = core.join();
        }
        self.end_calls();
    }
}

/// Two readers for each subscriber, and one for that of the calls, if there are calls; and how all of them are woken.
fn subscribers(
    mut readers: Vec<RingReader<Output>>,
    calls: bool,
    gate: &Gate,
) -> (Vec<Subscriber>, Option<Subscriber>, Arc<[Listener]>) {
    let of_calls = calls.then(|| readers.pop()).flatten().map(|reader| Subscriber::new(reader, None, gate.clone()));
    let (mut subscribers, mut listeners) = (Vec::new(), Vec::new());
    while let Some(reader) = readers.pop() {
        let (subscriber, listener) = Subscriber::new(reader, readers.pop(), gate.clone());
        subscribers.push(subscriber);
        listeners.push(listener);
    }
    let of_calls = of_calls.map(|(subscriber, listener)| {
        listeners.push(listener);
        subscriber
    });
    (subscribers, of_calls, listeners.into())
}

/// Fills the ring before its first use; never shown.
fn blank() -> Output {
    let event = Event::AccountOpened { account: Default::default(), reference: Default::default() };
    Output { seq: 0, time_ns: 0, ticket: Ticket::default(), index: 0, last: false, event }
}
