//! The floor: one thread that writes one pre-encoded frame to everybody, all updates that came meanwhile in one write.
//!
//! It does what no server can do without: a system call a subscriber and a batch. It answers no pings and drops nobody.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use crate::wire;

const LISTENER: Token = Token(0);
const CONTROL_LISTENER: Token = Token(1);
const CONTROL: Token = Token(2);
const FIRST: usize = 3;

/// Serves until the process is ended. Prints `ready` when both ports are open.
pub(crate) fn serve(ws_port: u16, control_port: u16, payload: &Path) -> io::Result<()> {
    let frame = wire::server_text(&std::fs::read(payload)?);
    let mut floor = Floor::new(ws_port, control_port)?;
    println!("ready");
    let mut events = Events::with_capacity(1_024);
    loop {
        floor.poll.poll(&mut events, None)?;
        let mut updates = 0;
        for event in &events {
            match event.token() {
                LISTENER => floor.accept()?,
                CONTROL_LISTENER => floor.accept_control()?,
                CONTROL => updates += floor.read_control()?,
                Token(token) => floor.proceed(token - FIRST, event.is_readable(), event.is_writable()),
            }
        }
        if updates > 0 {
            floor.write_all(&frame.repeat(updates));
        }
    }
}

struct Floor {
    poll: Poll,
    listener: TcpListener,
    control_listener: TcpListener,
    control: Option<TcpStream>,
    subscribers: Vec<Subscriber>,
}

struct Subscriber {
    stream: TcpStream,
    /// Bytes of the request that have come, until it has been answered.
    head: Option<Vec<u8>>,
    /// What the socket did not take.
    waiting: Vec<u8>,
    is_gone: bool,
}

impl Floor {
    fn new(ws_port: u16, control_port: u16) -> io::Result<Self> {
        let poll = Poll::new()?;
        let bind = |port| TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let (mut listener, mut control_listener) = (bind(ws_port)?, bind(control_port)?);
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        poll.registry().register(&mut control_listener, CONTROL_LISTENER, Interest::READABLE)?;
        Ok(Self { poll, listener, control_listener, control: None, subscribers: Vec::new() })
    }

    fn accept(&mut self) -> io::Result<()> {
        while let Some(mut stream) = unless_blocked(self.listener.accept().map(|(stream, _)| stream))? {
            stream.set_nodelay(true)?;
            let token = Token(FIRST + self.subscribers.len());
            self.poll.registry().register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
            let head = Some(Vec::new());
            self.subscribers.push(Subscriber { stream, head, waiting: Vec::new(), is_gone: false });
        }
        Ok(())
    }

    fn accept_control(&mut self) -> io::Result<()> {
        while let Some(mut stream) = unless_blocked(self.control_listener.accept().map(|(stream, _)| stream))? {
            self.poll.registry().register(&mut stream, CONTROL, Interest::READABLE)?;
            self.control = Some(stream);
        }
        Ok(())
    }

    /// How many updates are due.
    fn read_control(&mut self) -> io::Result<usize> {
        let (mut count, mut bytes) = (0, [0; 4_096]);
        while let Some(control) = &mut self.control {
            match unless_blocked(control.read(&mut bytes))? {
                // Whoever only looked whether the port is open.
                Some(0) => self.control = None,
                Some(read) => count += read,
                None => break,
            }
        }
        Ok(count)
    }

    fn proceed(&mut self, index: usize, readable: bool, writable: bool) {
        let Some(subscriber) = self.subscribers.get_mut(index).filter(|subscriber| !subscriber.is_gone) else { return };
        let done = if readable { subscriber.read() } else { Ok(()) };
        let done = done.and_then(|()| if writable { subscriber.flush() } else { Ok(()) });
        subscriber.is_gone = done.is_err();
    }

    fn write_all(&mut self, bytes: &[u8]) {
        for subscriber in self.subscribers.iter_mut().filter(|subscriber| !subscriber.is_gone) {
            subscriber.is_gone = subscriber.write(bytes).is_err();
        }
    }
}

impl Subscriber {
    fn read(&mut self) -> io::Result<()> {
        let mut bytes = [0; 1_024];
        loop {
            let Some(read) = unless_blocked(self.stream.read(&mut bytes))? else { return Ok(()) };
            if read == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let Some(head) = &mut self.head else { continue };
            head.extend_from_slice(&bytes[..read]);
            if head.ends_with(b"\r\n\r\n") {
                self.head = None;
                self.write(ANSWER)?;
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.waiting.is_empty() {
            self.waiting.extend_from_slice(bytes);
            return Ok(());
        }
        let written = unless_blocked(self.stream.write(bytes))?.unwrap_or(0);
        self.waiting.extend_from_slice(&bytes[written..]);
        Ok(())
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
}

/// To the one key that the subscribers here send, which is the example of RFC 6455, 1.3.
const ANSWER: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// What was done, or nothing if it would block.
pub(crate) fn unless_blocked<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(done) => Ok(Some(done)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) if error.kind() == ErrorKind::Interrupted => Ok(None),
        Err(error) => Err(error),
    }
}
