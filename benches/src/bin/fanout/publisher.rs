//! Whoever causes updates: by a byte to a server's control port, by a message to a broker, by orders that trade.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::Instant;

use memchr::memmem;
use mio::net::TcpStream;
use mio::{Interest, Registry};
use papertape_client::{Event, FromVenue, Machine, Request, Terms};

use crate::floor::unless_blocked;
use crate::subscribers::PUBLISHER;
use crate::venue::wall_ns;
use crate::wire;

/// Orders of one session whose answers may be awaited over a WebSocket (docs/protocol-ws.md).
const TEXT_ORDERS_MAX: usize = 64;

/// The same in frames: half of what docs/protocol-tcp.md allows.
const FRAMES_MAX: usize = 512;

/// How an update is caused.
pub(crate) enum Cause {
    /// By one byte.
    Byte,
    /// By a message of this payload on the subject `t`.
    Nats(Vec<u8>),
    /// By this order over a WebSocket, which trades once with what rests.
    Text(TextOrders),
    /// By the same of this session of binary order entry.
    Frames(Box<Machine>, Terms),
}

/// A session that sends text.
pub(crate) struct TextOrders {
    order: &'static str,
    unanswered: usize,
}

impl TextOrders {
    pub(crate) fn new(order: &'static str) -> Self {
        Self { order, unanswered: 0 }
    }
}

/// A connection that causes updates.
pub(crate) struct Publisher {
    stream: TcpStream,
    cause: Cause,
    /// What the socket did not take.
    waiting: Vec<u8>,
    heard: Vec<u8>,
}

impl Publisher {
    /// Connects to a control port or a broker.
    pub(crate) fn connect(address: SocketAddr, cause: Cause) -> io::Result<Self> {
        let mut stream = std::net::TcpStream::connect(address)?;
        if matches!(cause, Cause::Nats(_)) {
            stream.write_all(b"CONNECT {\"verbose\":false,\"pedantic\":false}\r\n")?;
        }
        Self::over(stream, cause)
    }

    /// Takes a connection that is ready.
    pub(crate) fn over(stream: std::net::TcpStream, cause: Cause) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let stream = TcpStream::from_std(stream);
        Ok(Self { stream, cause, waiting: Vec::new(), heard: Vec::new() })
    }

    pub(crate) fn register(&mut self, registry: &Registry) -> io::Result<()> {
        registry.register(&mut self.stream, PUBLISHER, Interest::READABLE | Interest::WRITABLE)
    }

    /// How many updates may be caused now.
    pub(crate) fn room(&self) -> usize {
        match &self.cause {
            Cause::Byte | Cause::Nats(_) if self.waiting.is_empty() => usize::MAX,
            Cause::Byte | Cause::Nats(_) => 0,
            Cause::Text(orders) => TEXT_ORDERS_MAX - orders.unanswered,
            Cause::Frames(session, _) => FRAMES_MAX - session.in_flight(),
        }
    }

    /// Causes so many updates, in one write.
    pub(crate) fn publish(&mut self, updates: usize) -> io::Result<()> {
        for _ in 0..updates {
            match &mut self.cause {
                Cause::Byte => self.waiting.push(b'u'),
                Cause::Nats(payload) => {
                    let _ = write!(self.waiting, "PUB t {}\r\n", payload.len());
                    self.waiting.extend_from_slice(payload);
                    self.waiting.extend_from_slice(b"\r\n");
                }
                Cause::Text(orders) => {
                    wire::text(orders.order, &mut self.waiting);
                    orders.unanswered += 1;
                }
                Cause::Frames(session, order) => {
                    let asked = session.ask(Request::place(None, *order));
                    asked.ok_or_else(|| io::Error::other("the session is not open"))?;
                }
            }
        }
        self.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Cause::Frames(session, _) = &mut self.cause {
            let now = Instant::now();
            session.tick(now).map_err(io::Error::other)?;
            self.waiting.extend_from_slice(session.output());
            session.written(session.output().len(), now);
        }
        while !self.waiting.is_empty() {
            match unless_blocked(self.stream.write(&self.waiting))? {
                Some(written) => drop(self.waiting.drain(..written)),
                None => break,
            }
        }
        Ok(())
    }

    /// Reads answers, and writes what waits.
    pub(crate) fn read(&mut self) -> io::Result<()> {
        self.flush()?;
        let mut bytes = [0; 16 << 10];
        while let Some(read) = unless_blocked(self.stream.read(&mut bytes))? {
            if read == 0 {
                return Err(io::Error::other("the server ended the connection of whoever publishes"));
            }
            self.heard.extend_from_slice(&bytes[..read]);
            self.hear()?;
        }
        Ok(())
    }

    fn hear(&mut self) -> io::Result<()> {
        let heard = match &mut self.cause {
            Cause::Byte => self.heard.len(),
            Cause::Nats(_) => {
                if memmem::find(&self.heard, b"PING\r\n").is_some() {
                    self.waiting.extend_from_slice(b"PONG\r\n");
                }
                self.heard.len()
            }
            Cause::Text(orders) => orders.hear(&self.heard)?,
            Cause::Frames(session, _) => hear(session, &self.heard)?,
        };
        self.heard.drain(..heard);
        self.flush()
    }
}

impl TextOrders {
    /// Counts answers, and says how many bytes it is done with.
    fn hear(&mut self, heard: &[u8]) -> io::Result<usize> {
        const SIGN: &[u8] = b"\"ok\":";
        let mut from = 0;
        while let Some(at) = memmem::find(&heard[from..], SIGN) {
            let value = from + at + SIGN.len();
            match heard.get(value) {
                Some(b't') => self.unanswered = self.unanswered.saturating_sub(1),
                Some(_) => return Err(refused(&String::from_utf8_lossy(&heard[from..]))),
                None => break,
            }
            from = value;
        }
        Ok(heard.len().saturating_sub(SIGN.len()).max(from))
    }
}

/// The same of frames.
fn hear(session: &mut Machine, heard: &[u8]) -> io::Result<usize> {
    session.receive(heard, Instant::now(), wall_ns()).map_err(io::Error::other)?;
    while let Some(event) = session.event() {
        if let Event::Venue(said @ (FromVenue::OrderRejected(_) | FromVenue::CommandRejected(_))) = event {
            return Err(refused(&format!("{said:?}")));
        }
    }
    Ok(heard.len())
}

fn refused(said: &str) -> io::Error {
    io::Error::other(format!("an order was refused: {said}"))
}
