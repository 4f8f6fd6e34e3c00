//! Those who listen: sockets that are read as fast as they fill, on one thread, and updates that are counted in what comes.
//!
//! An update has one sign in its bytes, whatever frames or messages it comes in, and every subscriber gets all updates in
//! order: so the k-th sign on a connection is the k-th update.

use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use memchr::memmem::Finder;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::floor::unless_blocked;
use crate::publisher::Publisher;
use crate::wire;

/// What is read at once.
const READ: usize = 64 << 10;

/// The token of whoever publishes.
pub(crate) const PUBLISHER: Token = Token(usize::MAX - 1);

/// Sockets that listen, and how far each has come.
pub(crate) struct Subscribers {
    poll: Poll,
    events: Events,
    sockets: Vec<Socket>,
    sign: Finder<'static>,
    /// Of each update since the beginning of the measurement: how many have not got it.
    missing: Vec<u32>,
    /// When each update had reached everybody.
    completed: Vec<Instant>,
    /// Connections that the server ended.
    pub(crate) cut: usize,
    buffer: Vec<u8>,
}

struct Socket {
    stream: TcpStream,
    got: usize,
    /// The last bytes that came: a sign may be cut in two.
    tail: Vec<u8>,
    is_open: bool,
}

impl Subscribers {
    /// Takes connections that are ready to listen.
    pub(crate) fn new(streams: Vec<std::net::TcpStream>, sign: &'static str) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut sockets = Vec::with_capacity(streams.len());
        for stream in streams {
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            poll.registry().register(&mut stream, Token(sockets.len()), Interest::READABLE)?;
            sockets.push(Socket { stream, got: 0, tail: Vec::new(), is_open: true });
        }
        Ok(Self {
            poll,
            events: Events::with_capacity(4_096),
            sockets,
            sign: Finder::new(sign),
            missing: Vec::new(),
            completed: Vec::new(),
            cut: 0,
            buffer: vec![0; READ + 64],
        })
    }

    /// Whoever publishes may have something to read, too.
    pub(crate) fn watch(&mut self, publisher: &mut Publisher) -> io::Result<()> {
        publisher.register(self.poll.registry())
    }

    /// Reads until nothing has come for a while, and begins to count anew.
    pub(crate) fn settle(&mut self, publisher: &mut Publisher) -> io::Result<()> {
        let mut pong = Vec::new();
        wire::pong(&mut pong);
        for socket in self.sockets.iter_mut().filter(|socket| socket.is_open) {
            let _ = socket.stream.write(&pong);
        }
        let mut quiet = Instant::now();
        while quiet.elapsed() < Duration::from_millis(300) {
            if self.read(publisher, Duration::from_millis(50))? {
                quiet = Instant::now();
            }
        }
        self.sockets.iter_mut().for_each(|socket| socket.got = 0);
        self.missing.clear();
        self.completed.clear();
        Ok(())
    }

    /// So many updates are on their way.
    pub(crate) fn expect(&mut self, updates: usize) {
        let open = self.sockets.iter().filter(|socket| socket.is_open).count() as u32;
        self.missing.resize(self.missing.len() + updates, open);
    }

    /// Updates that are on their way.
    pub(crate) fn in_flight(&self) -> usize {
        self.missing.len() - self.completed.len()
    }

    /// When each update had reached everybody, as far as they have.
    pub(crate) fn completed(&self) -> &[Instant] {
        &self.completed
    }

    /// Reads what is there, or waits for it. Whether anything came.
    pub(crate) fn read(&mut self, publisher: &mut Publisher, patience: Duration) -> io::Result<bool> {
        match self.poll.poll(&mut self.events, Some(patience)) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        let mut came = false;
        for event in &self.events {
            came = true;
            if event.token() == PUBLISHER {
                publisher.read()?;
                continue;
            }
            let socket = &mut self.sockets[event.token().0];
            while let Some(signs) = socket.read(&mut self.buffer, &self.sign) {
                // A venue may have sent what was there before the count began.
                let to = (socket.got + signs).min(self.missing.len());
                self.missing[socket.got.min(to)..to].iter_mut().for_each(|missing| *missing -= 1);
                socket.got += signs;
            }
            if !socket.is_open {
                self.cut += 1;
                let _ = self.poll.registry().deregister(&mut socket.stream);
            }
        }
        let now = Instant::now();
        while self.missing.get(self.completed.len()) == Some(&0) {
            self.completed.push(now);
        }
        Ok(came)
    }
}

impl Socket {
    /// The signs in what has come; none, if there is nothing more.
    fn read(&mut self, buffer: &mut [u8], sign: &Finder<'_>) -> Option<usize> {
        if !self.is_open {
            return None;
        }
        let kept = self.tail.len();
        buffer[..kept].copy_from_slice(&self.tail);
        match unless_blocked(self.stream.read(&mut buffer[kept..])) {
            Ok(None) => None,
            Ok(Some(0)) | Err(_) => {
                self.is_open = false;
                None
            }
            Ok(Some(read)) => {
                let bytes = &buffer[..kept + read];
                let tail = bytes.len().saturating_sub(sign.needle().len() - 1);
                self.tail.clear();
                self.tail.extend_from_slice(&bytes[tail..]);
                Some(sign.find_iter(bytes).count())
            }
        }
    }
}
