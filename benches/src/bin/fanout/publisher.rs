//! Whoever causes updates: by a byte to a server's control port, by a message to a broker, by orders that trade.

use std::io::{self, Read, Write};
use std::net::SocketAddr;

use memchr::memmem;
use mio::net::TcpStream;
use mio::{Interest, Registry};

use crate::floor::unless_blocked;
use crate::subscribers::PUBLISHER;
use crate::wire;

/// Orders of one session whose answers may be awaited (docs/protocol-ws.md).
const ORDERS_MAX: usize = 64;

/// How an update is caused.
pub(crate) enum Cause {
    /// By one byte.
    Byte,
    /// By a message of this payload on the subject `t`.
    Nats(Vec<u8>),
    /// By this order, which trades once with what rests.
    Order(String),
}

/// A connection that causes updates.
pub(crate) struct Publisher {
    stream: TcpStream,
    cause: Cause,
    /// What the socket did not take.
    waiting: Vec<u8>,
    /// Orders without an answer.
    unanswered: usize,
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
        Ok(Self { stream, cause, waiting: Vec::new(), unanswered: 0, heard: Vec::new() })
    }

    pub(crate) fn register(&mut self, registry: &Registry) -> io::Result<()> {
        registry.register(&mut self.stream, PUBLISHER, Interest::READABLE | Interest::WRITABLE)
    }

    /// How many updates may be caused now.
    pub(crate) fn room(&self) -> usize {
        match self.cause {
            Cause::Byte | Cause::Nats(_) if self.waiting.is_empty() => usize::MAX,
            Cause::Byte | Cause::Nats(_) => 0,
            Cause::Order(_) => ORDERS_MAX - self.unanswered,
        }
    }

    /// Causes so many updates, in one write.
    pub(crate) fn publish(&mut self, updates: usize) -> io::Result<()> {
        for _ in 0..updates {
            match &self.cause {
                Cause::Byte => self.waiting.push(b'u'),
                Cause::Nats(payload) => {
                    let _ = write!(self.waiting, "PUB t {}\r\n", payload.len());
                    self.waiting.extend_from_slice(payload);
                    self.waiting.extend_from_slice(b"\r\n");
                }
                Cause::Order(order) => {
                    wire::text(order, &mut self.waiting);
                    self.unanswered += 1;
                }
            }
        }
        self.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
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
        match self.cause {
            Cause::Byte => self.heard.clear(),
            Cause::Nats(_) => {
                if memmem::find(&self.heard, b"PING\r\n").is_some() {
                    self.waiting.extend_from_slice(b"PONG\r\n");
                    self.flush()?;
                }
                self.heard.clear();
            }
            Cause::Order(_) => self.hear_answers()?,
        }
        Ok(())
    }

    fn hear_answers(&mut self) -> io::Result<()> {
        const SIGN: &[u8] = b"\"ok\":";
        let mut from = 0;
        while let Some(at) = memmem::find(&self.heard[from..], SIGN) {
            let value = from + at + SIGN.len();
            match self.heard.get(value) {
                Some(b't') => self.unanswered = self.unanswered.saturating_sub(1),
                Some(_) => {
                    let text = String::from_utf8_lossy(&self.heard[from..]).into_owned();
                    return Err(io::Error::other(format!("an order was refused: {text}")));
                }
                None => break,
            }
            from = value;
        }
        let kept = self.heard.len().saturating_sub(SIGN.len()).max(from);
        self.heard.drain(..kept);
        Ok(())
    }
}
