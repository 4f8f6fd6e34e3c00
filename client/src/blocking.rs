//! A session on the thread that uses it.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::machine::{Event, Machine};
use crate::options::Options;
use crate::request::Request;
use crate::retry::Retry;
use crate::wall_ns;

/// What is read at once.
const READ: usize = 16 << 10;

/// How long a connection may take to come to be, and a write to be taken.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// Binary order entry for a program without a runtime.
///
/// Nothing happens in the background: heartbeats are sent, and lost connections are made anew, while [`Client::event`] waits.
/// A program that has something else to do calls it at least every few seconds.
pub struct Client {
    address: String,
    machine: Machine,
    stream: Option<TcpStream>,
    retry: Retry,
    early: VecDeque<Event>,
    buffer: Box<[u8]>,
}

impl Client {
    /// Connects and logs in. Gives the client when its session is open.
    pub fn connect(address: &str, options: Options) -> Result<Self, Error> {
        Self::connect_with(address, options, Retry::default())
    }

    /// The same with other patience.
    pub fn connect_with(address: &str, options: Options, retry: Retry) -> Result<Self, Error> {
        let machine = Machine::new(options, Instant::now());
        let (stream, early, buffer) = (None, VecDeque::new(), vec![0; READ].into());
        let mut client = Self { address: address.to_owned(), machine, stream, retry, early, buffer };
        while !client.machine.is_open() {
            if let Some(event) = client.event(CONNECT_WITHIN)? {
                client.early.push_back(event);
            }
        }
        Ok(client)
    }

    /// Sends a request, and gives the reference that its answer will have.
    pub fn send(&mut self, request: Request) -> Result<u64, Error> {
        let reference = self.queue(request)?;
        self.flush()?;
        Ok(reference)
    }

    /// Queues a request for the next [`Client::flush`], so that many go out in one write.
    pub fn queue(&mut self, request: Request) -> Result<u64, Error> {
        if self.stream.is_none() {
            return Err(Error::NotOpen);
        }
        self.machine.ask(request).ok_or(Error::NotOpen)
    }

    /// Writes what is queued. What a lost connection did not take is told as [`Event::Unanswered`] later.
    pub fn flush(&mut self) -> Result<(), Error> {
        if let Err(error) = self.write() {
            self.lost(error)?;
        }
        Ok(())
    }

    /// The next event, if one comes in time. A lost connection is made anew meanwhile, and what was missed is told.
    pub fn event(&mut self, patience: Duration) -> Result<Option<Event>, Error> {
        let until = Instant::now() + patience;
        loop {
            if let Some(event) = self.early.pop_front().or_else(|| self.machine.event()) {
                return Ok(Some(event));
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            let step = if self.stream.is_some() { self.wait(until) } else { self.open() };
            if let Err(error) = step {
                self.lost(error)?;
            }
        }
    }

    /// The sequence of the account's last message that came, and its time: with them a later run goes on from there
    /// ([`crate::Start::After`]).
    pub fn last(&self) -> Option<(u64, u64)> {
        self.machine.last()
    }

    /// Requests without an answer.
    pub fn in_flight(&self) -> usize {
        self.machine.in_flight()
    }

    /// Cuts the connection, as a network may do at any time; the next [`Client::event`] makes it anew.
    pub fn disconnect(&mut self) {
        self.stream = None;
    }

    /// Says goodbye and ends.
    pub fn log_out(mut self) {
        self.machine.log_out();
        // Whoever is gone already needs no goodbye.
        let _ = self.write();
    }

    fn open(&mut self) -> Result<(), Error> {
        let mut tried = Err(Error::Network(ErrorKind::AddrNotAvailable.into()));
        for address in self.address.to_socket_addrs()? {
            tried = TcpStream::connect_timeout(&address, CONNECT_WITHIN).map_err(Error::from);
            if tried.is_ok() {
                break;
            }
        }
        let stream = tried?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(CONNECT_WITHIN))?;
        self.machine.connected(Instant::now());
        self.stream = Some(stream);
        Ok(())
    }

    /// Waits for bytes, for the time of a heartbeat, or until then.
    fn wait(&mut self, until: Instant) -> Result<(), Error> {
        let now = Instant::now();
        self.machine.tick(now)?;
        self.write()?;
        let Some(stream) = &mut self.stream else { return Ok(()) };
        let wait = self.machine.deadline().min(until).saturating_duration_since(now);
        // A socket takes no timeout of nothing.
        stream.set_read_timeout(Some(wait.max(Duration::from_micros(100))))?;
        match stream.read(&mut self.buffer) {
            Ok(0) => Err(Error::Network(ErrorKind::UnexpectedEof.into())),
            Ok(read) => {
                let was_open = self.machine.is_open();
                let bytes = self.buffer.get(..read).unwrap_or_default();
                self.machine.receive(bytes, Instant::now(), wall_ns())?;
                if !was_open && self.machine.is_open() {
                    self.retry.succeeded();
                }
                self.write()
            }
            Err(error) if is_timeout(error.kind()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn write(&mut self) -> Result<(), Error> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        let length = self.machine.output().len();
        if length > 0 {
            stream.write_all(self.machine.output())?;
            self.machine.written(length, Instant::now());
        }
        Ok(())
    }

    /// The connection is gone: waits before the next attempt, or gives up.
    fn lost(&mut self, error: Error) -> Result<(), Error> {
        self.stream = None;
        std::thread::sleep(self.retry.after(error)?);
        Ok(())
    }
}

fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
