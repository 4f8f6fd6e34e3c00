//! The floor of a load run: a server that sends back what comes, on a thread of its own, by the same means as the generator.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

const LISTENER: Token = Token(usize::MAX - 1);

/// Between two looks at whether it is over.
const LOOK: Duration = Duration::from_millis(50);

/// A server that runs until it is dropped.
pub(super) struct EchoServer {
    /// Where it listens.
    pub(super) address: SocketAddr,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// A connection, and what its socket did not take.
struct Peer {
    stream: TcpStream,
    waiting: Vec<u8>,
}

impl EchoServer {
    /// Begins to listen.
    pub(super) fn start() -> io::Result<Self> {
        let mut listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let (address, poll) = (listener.local_addr()?, Poll::new()?);
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        let is_over = Arc::<AtomicBool>::default();
        let over = Arc::clone(&is_over);
        let thread = std::thread::Builder::new().name("echo".into()).spawn(move || serve(poll, &listener, &over))?;
        Ok(Self { address, is_over, thread: Some(thread) })
    }
}

impl Drop for EchoServer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // Whoever measured it has seen already that it failed.
            let _ = thread.join();
        }
    }
}

fn serve(mut poll: Poll, listener: &TcpListener, is_over: &AtomicBool) {
    let (mut events, mut peers, mut buffer) = (Events::with_capacity(1_024), Vec::new(), vec![0; 64 << 10]);
    while !is_over.load(Ordering::Acquire) {
        if poll.poll(&mut events, Some(LOOK)).is_err_and(|error| error.kind() != ErrorKind::Interrupted) {
            return;
        }
        for event in &events {
            match event.token() {
                LISTENER => accept(&poll, listener, &mut peers),
                Token(index) => {
                    if let Some(peer) = peers.get_mut(index) {
                        let gone = peer.as_mut().is_some_and(|peer: &mut Peer| peer.echo(&mut buffer).is_err());
                        if gone {
                            *peer = None;
                        }
                    }
                }
            }
        }
    }
}

fn accept(poll: &Poll, listener: &TcpListener, peers: &mut Vec<Option<Peer>>) {
    while let Ok((mut stream, _)) = listener.accept() {
        let token = Token(peers.len());
        let both = Interest::READABLE | Interest::WRITABLE;
        if stream.set_nodelay(true).is_ok() && poll.registry().register(&mut stream, token, both).is_ok() {
            peers.push(Some(Peer { stream, waiting: Vec::new() }));
        }
    }
}

impl Peer {
    /// Reads all that is there and writes it back in one piece.
    fn echo(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => self.waiting.extend_from_slice(buffer.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        while !self.waiting.is_empty() {
            match self.stream.write(&self.waiting) {
                Ok(written) => drop(self.waiting.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
