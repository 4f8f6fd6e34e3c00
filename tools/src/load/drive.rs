//! The generator: one thread, all connections, a common schedule.
//!
//! Open loop: what is due is sent whether earlier steps have been answered or not, and a step's time runs from its scheduled
//! moment, also while it waits because a connection may ask no more.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use super::LoadArgs;
use super::acked::AckLog;
use super::link::{Answer, Link};
use super::plan::{Plan, Step};
use super::report::{Report, Stage};
use crate::exit::Failure;

/// How long answers may take after the last step was sent.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the generator sleeps at most; it does not sleep for less than this, because a sleep of a system is longer.
const NAP: Duration = Duration::from_millis(1);

/// A connection that is logged in.
pub(super) struct Connection<L> {
    stream: TcpStream,
    link: L,
    plan: Plan,
    /// The next scheduled moment, from the beginning.
    due: Duration,
    asked: HashMap<u64, Asked>,
    ids: u64,
}

/// A step without an answer.
struct Asked {
    step: Step,
    due: Duration,
    /// When it was written.
    written: Option<Duration>,
}

impl<L: Link> Connection<L> {
    /// Takes a connection whose link has nothing to wait for.
    pub(super) fn new(stream: std::net::TcpStream, link: L, name: String) -> Result<Self, Failure> {
        stream.set_nodelay(true).map_err(Failure::io)?;
        stream.set_nonblocking(true).map_err(Failure::io)?;
        let stream = TcpStream::from_std(stream);
        Ok(Self { stream, link, plan: Plan::new(name), due: Duration::ZERO, asked: HashMap::new(), ids: 0 })
    }
}

/// Where a run is.
struct Run<'a> {
    report: Report,
    log: &'a AckLog,
    begun: Instant,
    /// The same moment in nanoseconds since 1970, as the venue stamps its messages.
    begun_wall_ns: u64,
    interval: Duration,
    until: Duration,
    buffer: Vec<u8>,
}

/// Sends for as long as the arguments say, and waits for what is under way.
pub(super) fn run<L: Link>(
    transport: &'static str,
    args: &LoadArgs,
    seconds: f64,
    connections: &mut [Connection<L>],
    log: &AckLog,
) -> Result<Report, Failure> {
    let mut poll = Poll::new().map_err(Failure::io)?;
    let mut events = Events::with_capacity(1_024);
    for (index, connection) in connections.iter_mut().enumerate() {
        let both = Interest::READABLE | Interest::WRITABLE;
        poll.registry().register(&mut connection.stream, Token(index), both).map_err(Failure::io)?;
        // Connections take turns on the common schedule.
        connection.due = Duration::from_secs_f64(index as f64 / args.rate as f64);
    }
    let count = connections.len() as u64;
    let (begun, begun_wall_ns) = both_clocks();
    let mut run = Run {
        report: Report::new(transport, count, args.rate),
        log,
        begun,
        begun_wall_ns,
        interval: Duration::from_secs_f64(count as f64 / args.rate as f64),
        until: Duration::from_secs_f64(seconds),
        buffer: vec![0; 64 << 10],
    };
    if let Err(failure) = run.drive(&mut poll, &mut events, connections) {
        run.report.error = Some(failure.to_string());
    }
    run.report.took = run.begun.elapsed();
    for connection in connections.iter_mut() {
        // They may be used for another run. One that is gone needs nothing.
        let _ = poll.registry().deregister(&mut connection.stream);
    }
    run.report.unanswered = connections.iter().map(|connection| connection.asked.len() as u64).sum();
    Ok(run.report)
}

/// One moment on both clocks: of several readings the one during which the least time went by, so that a thread that was
/// put aside between the two does not shift all stamps.
fn both_clocks() -> (Instant, u64) {
    let read = || {
        let before = Instant::now();
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
        (before.elapsed(), before, wall)
    };
    let (_, begun, wall) = (0..16).map(|_| read()).min_by_key(|(gap, ..)| *gap).unwrap_or_else(read);
    (begun, wall)
}

impl Run<'_> {
    fn drive<L: Link>(
        &mut self,
        poll: &mut Poll,
        events: &mut Events,
        connections: &mut [Connection<L>],
    ) -> Result<(), Failure> {
        loop {
            let mut next = None;
            for connection in connections.iter_mut() {
                connection.link.tick(Instant::now())?;
                self.send_due(connection)?;
                let due = (connection.due < self.until && connection.link.has_room()).then_some(connection.due);
                next = next.into_iter().chain(due).min();
            }
            let now = self.begun.elapsed();
            if now >= self.until && connections.iter().all(|connection| connection.is_done(self.until)) {
                return Ok(());
            }
            if now >= self.until + PATIENCE {
                return Err(Failure::io("answers did not come in time"));
            }
            let wait = next.map_or(Duration::from_millis(10), |next| next.saturating_sub(now));
            // Waking up takes longer than a sleep of less would have been.
            let wait = if wait > 2 * NAP { wait - NAP } else { Duration::ZERO };
            match poll.poll(events, Some(wait)) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(Failure::io(error)),
                _ => {}
            }
            if events.is_empty() && wait.is_zero() {
                // Whoever has the answers may be waiting for this processor.
                std::thread::yield_now();
            }
            for event in events.iter() {
                if let Some(connection) = connections.get_mut(event.token().0) {
                    self.receive(connection)?;
                }
            }
        }
    }

    /// Writes what is due by now in one write.
    fn send_due<L: Link>(&mut self, connection: &mut Connection<L>) -> Result<(), Failure> {
        while connection.due < self.until && connection.due <= self.begun.elapsed() && connection.link.has_room() {
            let Some(step) = connection.plan.next() else { break };
            connection.ids += 1;
            connection.link.ask(connection.ids, &step)?;
            connection.asked.insert(connection.ids, Asked { step, due: connection.due, written: None });
            connection.due += self.interval;
            self.report.sent += 1;
        }
        self.write(connection)
    }

    fn write<L: Link>(&mut self, connection: &mut Connection<L>) -> Result<(), Failure> {
        while !connection.link.output().is_empty() {
            match connection.stream.write(connection.link.output()) {
                Ok(written) => connection.link.written(written, Instant::now()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Failure::io(error)),
            }
        }
        let now = self.begun.elapsed();
        let mut id = connection.ids;
        // The newest ones are those that have just been written.
        while let Some(asked) = connection.asked.get_mut(&id).filter(|asked| asked.written.is_none()) {
            asked.written = Some(now);
            id -= 1;
        }
        Ok(())
    }

    fn receive<L: Link>(&mut self, connection: &mut Connection<L>) -> Result<(), Failure> {
        loop {
            let read = match connection.stream.read(&mut self.buffer) {
                Ok(0) => return Err(Failure::io("the venue closed the connection")),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(Failure::io(error)),
            };
            let bytes = self.buffer.get(..read).unwrap_or_default();
            let answers = connection.link.take(bytes, Instant::now())?;
            let now = self.begun.elapsed();
            for answer in answers {
                if let Some(asked) = connection.asked.remove(&answer.id) {
                    self.answered(&asked, answer, now)?;
                }
            }
        }
        self.write(connection)
    }

    fn answered(&mut self, asked: &Asked, answer: Answer, now: Duration) -> Result<(), Failure> {
        if !answer.ok {
            self.report.refused += 1;
            return Ok(());
        }
        self.report.acknowledge(now.saturating_sub(asked.due));
        if let Some(written) = asked.written {
            self.report.stage(Stage::Late, written.saturating_sub(asked.due));
            self.report.stage(Stage::RoundTrip, now.saturating_sub(written));
            if let Some(stamped) = answer.stamped_ns {
                let stamped = Duration::from_nanos(stamped.saturating_sub(self.begun_wall_ns));
                self.report.stage(Stage::In, stamped.saturating_sub(written));
                self.report.stage(Stage::Out, now.saturating_sub(stamped));
            }
        }
        if let Some(level) = answer.durability {
            self.report.durability = level;
        }
        match (&asked.step, answer.order) {
            (Step::Place(name), Some(order)) => self.log.line(&format!("place {name} {order}")),
            (Step::Cancel(name), _) => self.log.line(&format!("cancel {name}")),
            (Step::Place(_), None) => Ok(()),
        }
    }
}

impl<L: Link> Connection<L> {
    /// Whether everything that was due has been answered.
    fn is_done(&self, until: Duration) -> bool {
        self.asked.is_empty() && self.due >= until
    }
}
