//! Connections come: the port opens when what was told before the start is there, and each is challenged.

use std::io::{ErrorKind, Write};
use std::net::IpAddr;
use std::sync::mpsc::TryRecvError;
use std::time::Instant;

use mio::net::TcpStream;
use mio::{Interest, Token};
use papertape_platform::random_bytes;
use papertape_wire::{Challenge, PROTOCOL, codes};

use super::connection::{Connection, State};
use super::server::{CONNECTIONS, LISTENER, Server};
use super::writing::{logout, name_of};
use crate::metrics::Over;
use crate::translate::time;

impl Server {
    /// Opens the port when what was told before the start is there.
    pub(super) fn take_refill(&mut self) {
        if self.is_accepting {
            return;
        }
        if let Some((receiver, begun)) = &self.refill {
            match receiver.try_recv() {
                Ok(earlier) => self.heard.streams.refill(earlier, begun),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => {}
            }
            self.refill = None;
        }
        self.is_accepting = true;
        if let Err(error) = self.poll.registry().register(&mut self.listener, LISTENER, Interest::READABLE) {
            tracing::error!(%error, "the port of binary order entry cannot be served");
        }
    }

    pub(super) fn accept(&mut self) {
        loop {
            match self.listener.accept() {
                Ok((stream, peer)) => self.welcome(stream, peer.ip()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    // No file to be had, for example: whoever waits is looked at again.
                    tracing::warn!(%error, "a connection of binary order entry was not accepted");
                    return;
                }
            }
        }
    }

    /// Looks at the port again at the next turn.
    pub(super) fn accept_again(&mut self) {
        self.accepts_again = self.is_accepting;
    }

    fn welcome(&mut self, mut stream: TcpStream, peer: IpAddr) {
        let now = Instant::now();
        // Each message is written whole; waiting for more would only delay it.
        let _ = stream.set_nodelay(true);
        let (Some(at), Some(nonce)) = (self.free.pop(), random_bytes::<32>()) else {
            self.app.metrics.refused(Over::Tcp, name_of(codes::TOO_MANY_CONNECTIONS));
            let mut out = Vec::new();
            logout(0, codes::TOO_MANY_CONNECTIONS).write(&mut out);
            // Fifteen bytes fit into the buffer of any new socket.
            let _ = stream.write(&out);
            return;
        };
        let (interests, token) = (Interest::READABLE | Interest::WRITABLE, Token(CONNECTIONS + at));
        if self.poll.registry().register(&mut stream, token, interests).is_err() {
            self.free.push(at);
            return;
        }
        let state = State::Challenged { nonce, until: now + self.config.login_within };
        let counted = self.app.metrics.tcp.connections.open();
        let mut connection = Box::new(Connection::new(stream, peer, state, now, counted));
        let challenge = Challenge {
            nonce,
            server_time_ns: time::now_ns(),
            protocol_min: PROTOCOL,
            protocol_max: PROTOCOL,
            login_within_ms: self.config.login_within.as_millis() as u32,
        };
        challenge.write(&mut connection.out);
        if let Some(place) = self.connections.get_mut(at) {
            *place = Some(connection);
        }
        self.flush(at);
    }
}
