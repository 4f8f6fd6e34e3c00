//! One connection: its socket, what came in and is no whole frame yet, and what waits to go out.

use std::io::{self, ErrorKind, Read, Write};
use std::net::IpAddr;
use std::time::Instant;

use mio::net::TcpStream;
use papertape_engine::AccountId;
use papertape_platform::{KeyHolder, KeyId};
use papertape_wire::FRAME_MAX;

use crate::metrics::Open;
use crate::venue::level::Level;

/// What one read takes at most: some dozens of requests.
const INPUT: usize = 16 << 10;

/// Where a connection stands.
pub(super) enum State {
    /// It has been challenged.
    Challenged { nonce: [u8; 32], until: Instant },
    /// A session.
    Open(Box<Session>),
    /// Its last message is said; it ends when that is taken, or at this time.
    Closing { until: Instant },
}

/// A session of an account.
pub(super) struct Session {
    pub(super) id: u64,
    pub(super) account: AccountId,
    pub(super) holder: KeyHolder,
    pub(super) level: Level,
    /// The sequence of the message that it is sent next.
    pub(super) next: u64,
    /// The last one that it had missed when it began; then it is told that it has them.
    pub(super) replay_until: Option<u64>,
    pub(super) in_flight: u32,
    /// A message waits until this command may leave.
    pub(super) held: Option<u64>,
    /// It waits for a snapshot, after which its messages go on.
    pub(super) begins_with_snapshot: bool,
    /// How long after its end orders are cancelled, if they are.
    pub(super) grace_ms: Option<u32>,
    pub(super) bad_frames: u32,
    pub(super) _counted: Open,
}

impl Session {
    /// Whether it has been sent, or been told of, later messages than this.
    pub(super) fn is_past(&self, sequence: u64) -> bool {
        self.next > sequence + 1
    }

    pub(super) fn key(&self) -> KeyId {
        self.holder.key
    }
}

pub(super) struct Connection {
    pub(super) state: State,
    pub(super) peer: IpAddr,
    stream: TcpStream,
    input: Box<[u8]>,
    filled: usize,
    /// Frames, the first of which may be written in part.
    pub(super) out: Vec<u8>,
    written: usize,
    /// There may be more to read.
    pub(super) is_readable: bool,
    /// It is in the list of those that are read next.
    pub(super) is_queued: bool,
    is_writable: bool,
    /// The other side has said its last byte.
    pub(super) is_ended: bool,
    has_shut: bool,
    pub(super) heard_at: Instant,
    pub(super) sent_at: Instant,
    /// When something waited last that was taken since, or nothing waited.
    pub(super) moved_at: Instant,
    _counted: Open,
}

/// What a read brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Got {
    /// Something.
    Bytes,
    /// Nothing at this moment.
    Nothing,
    /// The other side has gone.
    End,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, peer: IpAddr, state: State, now: Instant, counted: Open) -> Self {
        Self {
            state,
            peer,
            stream,
            input: vec![0; INPUT].into(),
            filled: 0,
            out: Vec::new(),
            written: 0,
            is_readable: false,
            is_queued: false,
            is_writable: true,
            is_ended: false,
            has_shut: false,
            heard_at: now,
            sent_at: now,
            moved_at: now,
            _counted: counted,
        }
    }

    pub(super) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    pub(super) fn session(&mut self) -> Option<&mut Session> {
        match &mut self.state {
            State::Open(session) => Some(session),
            _ => None,
        }
    }

    /// Bytes that wait to go out.
    pub(super) fn waiting(&self) -> usize {
        self.out.len() - self.written
    }

    /// The socket takes bytes again.
    pub(super) fn set_writable(&mut self) {
        self.is_writable = true;
    }

    /// Whether the socket takes bytes.
    pub(super) fn is_writable(&self) -> bool {
        self.is_writable
    }

    /// One read. Edge-triggered: as long as the socket may have more, `is_readable` stays.
    pub(super) fn read(&mut self, now: Instant) -> Got {
        let room = self.input.get_mut(self.filled..).unwrap_or_default();
        let wanted = room.len();
        match self.stream.read(room) {
            Ok(0) => Got::End,
            Ok(got) => {
                (self.filled, self.heard_at) = (self.filled + got, now);
                // A read that was not filled has emptied the socket: what comes now is told anew, but for an end.
                self.is_readable = got == wanted || self.is_ended;
                Got::Bytes
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.is_readable = false;
                Got::Nothing
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Got::Bytes,
            Err(_) => Got::End,
        }
    }

    /// Reads and forgets; gives whether the other side has gone.
    pub(super) fn discard(&mut self, now: Instant) -> bool {
        loop {
            self.filled = 0;
            match self.read(now) {
                Got::Bytes => {}
                Got::Nothing => return false,
                Got::End => return true,
            }
        }
    }

    /// The first whole frame from `at` on: all of it, copied, because what it leads to may touch the connection.
    pub(super) fn input(&self, at: usize) -> &[u8] {
        self.input.get(at..self.filled).unwrap_or_default()
    }

    /// Lets go of the bytes that were understood.
    pub(super) fn consume(&mut self, taken: usize) {
        debug_assert!(taken <= self.filled && FRAME_MAX < INPUT);
        self.input.copy_within(taken..self.filled, 0);
        self.filled -= taken;
    }

    /// Writes what waits, as far as the socket takes it.
    pub(super) fn write(&mut self, now: Instant) -> io::Result<()> {
        while self.is_writable && self.waiting() > 0 {
            match self.stream.write(self.out.get(self.written..).unwrap_or_default()) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(some) => {
                    self.written += some;
                    (self.sent_at, self.moved_at) = (now, now);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.is_writable = false,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if self.waiting() == 0 {
            self.out.clear();
            self.written = 0;
            self.moved_at = now;
        } else if self.written > self.out.len() / 2 {
            self.out.drain(..self.written);
            self.written = 0;
        }
        Ok(())
    }

    /// Says that nothing more comes from here.
    pub(super) fn shut(&mut self) {
        if !self.has_shut {
            self.has_shut = true;
            // A socket that is gone already is what was wanted.
            let _ = self.stream.shutdown(std::net::Shutdown::Write);
        }
    }
}
