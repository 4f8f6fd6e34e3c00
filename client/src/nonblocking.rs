//! A session on a tokio runtime.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, sleep_until, timeout};

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

/// Binary order entry for a program on tokio.
///
/// There is no task behind it: heartbeats are sent, and lost connections are made anew, while [`AsyncClient::event`] is
/// awaited. It may be cancelled at any time, as `select!` does.
pub struct AsyncClient {
    address: String,
    machine: Machine,
    stream: Option<TcpStream>,
    retry: Retry,
    /// When the next attempt is due, after a lost connection.
    again: Option<tokio::time::Instant>,
    early: VecDeque<Event>,
    buffer: Box<[u8]>,
}

impl AsyncClient {
    /// Connects and logs in. Gives the client when its session is open.
    pub async fn connect(address: &str, options: Options) -> Result<Self, Error> {
        Self::connect_with(address, options, Retry::default()).await
    }

    /// The same with other patience.
    pub async fn connect_with(address: &str, options: Options, retry: Retry) -> Result<Self, Error> {
        let machine = Machine::new(options, Instant::now());
        let (again, early, buffer) = (None, VecDeque::new(), vec![0; READ].into());
        let mut client = Self { address: address.to_owned(), machine, stream: None, retry, again, early, buffer };
        while !client.machine.is_open() {
            let event = client.event().await?;
            client.early.push_back(event);
        }
        Ok(client)
    }

    /// Sends a request, and gives the reference that its answer will have.
    pub async fn send(&mut self, request: Request) -> Result<u64, Error> {
        let reference = self.queue(request)?;
        self.flush().await?;
        Ok(reference)
    }

    /// Queues a request for the next [`AsyncClient::flush`], so that many go out in one write.
    pub fn queue(&mut self, request: Request) -> Result<u64, Error> {
        if self.stream.is_none() {
            return Err(Error::NotOpen);
        }
        self.machine.ask(request).ok_or(Error::NotOpen)
    }

    /// Writes what is queued. What a lost connection did not take is told as [`Event::Unanswered`] later.
    pub async fn flush(&mut self) -> Result<(), Error> {
        if let Err(error) = self.write().await {
            self.lost(error)?;
        }
        Ok(())
    }

    /// The next event. A lost connection is made anew meanwhile, and what was missed is told.
    pub async fn event(&mut self) -> Result<Event, Error> {
        loop {
            if let Some(event) = self.early.pop_front().or_else(|| self.machine.event()) {
                return Ok(event);
            }
            let step = if self.stream.is_some() { self.wait().await } else { self.open().await };
            if let Err(error) = step {
                self.lost(error)?;
            }
        }
    }

    /// The next event, if one comes in time.
    pub async fn event_within(&mut self, patience: Duration) -> Result<Option<Event>, Error> {
        tokio::select! {
            biased;
            event = self.event() => event.map(Some),
            () = sleep(patience) => Ok(None),
        }
    }

    /// The sequence of the account's last message that came, and its time ([`crate::Start::After`]).
    pub fn last(&self) -> Option<(u64, u64)> {
        self.machine.last()
    }

    /// Requests without an answer.
    pub fn in_flight(&self) -> usize {
        self.machine.in_flight()
    }

    /// Cuts the connection, as a network may do at any time; the next [`AsyncClient::event`] makes it anew.
    pub fn disconnect(&mut self) {
        self.stream = None;
    }

    /// Says goodbye and ends.
    pub async fn log_out(mut self) {
        self.machine.log_out();
        // Whoever is gone already needs no goodbye.
        let _ = self.write().await;
    }

    async fn open(&mut self) -> Result<(), Error> {
        if let Some(again) = self.again {
            sleep_until(again).await;
        }
        let stream = timeout(CONNECT_WITHIN, TcpStream::connect(&self.address)).await;
        let stream = stream.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))?;
        stream.set_nodelay(true)?;
        self.again = None;
        self.machine.connected(Instant::now());
        self.stream = Some(stream);
        Ok(())
    }

    /// Waits for bytes, or for the time of a heartbeat.
    async fn wait(&mut self) -> Result<(), Error> {
        self.machine.tick(Instant::now())?;
        self.write().await?;
        let Some(stream) = &mut self.stream else { return Ok(()) };
        let read = tokio::select! {
            read = stream.read(&mut self.buffer) => read?,
            () = sleep_until(self.machine.deadline().into()) => return Ok(()),
        };
        if read == 0 {
            return Err(Error::Network(ErrorKind::UnexpectedEof.into()));
        }
        let was_open = self.machine.is_open();
        let bytes = self.buffer.get(..read).unwrap_or_default();
        self.machine.receive(bytes, Instant::now(), wall_ns())?;
        if !was_open && self.machine.is_open() {
            self.retry.succeeded();
        }
        self.write().await
    }

    /// Each write is counted as it is done, so that nothing goes twice or is left out when this is cancelled.
    async fn write(&mut self) -> Result<(), Error> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        while !self.machine.output().is_empty() {
            let written = timeout(CONNECT_WITHIN, stream.write(self.machine.output())).await;
            let written = written.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))?;
            self.machine.written(written, Instant::now());
        }
        Ok(())
    }

    /// The connection is gone: another attempt is due later, or never.
    fn lost(&mut self, error: Error) -> Result<(), Error> {
        self.stream = None;
        let wait = self.retry.after(error)?;
        self.again = Some(tokio::time::Instant::now() + wait);
        Ok(())
    }
}
