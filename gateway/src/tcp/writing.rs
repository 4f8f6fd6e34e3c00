//! Messages go: copied as far as each session's level lets them leave, one write for all that is there; and the end of
//! sessions.

use std::time::{Duration, Instant};

use papertape_wire::{EndOfReplay, Logout, codes};

use super::connection::{Connection, Session, State};
use super::server::Server;
use super::streams::Wanted;
use super::upkeep::Grace;
use crate::metrics::Over;
use crate::venue::level::When;

/// Bytes that are copied to a connection at a time.
const CHUNK: usize = 64 << 10;

/// How long a connection may take to take its last message.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

impl Server {
    pub(super) fn flush_dirty(&mut self) {
        while let Some(at) = self.heard.next_dirty() {
            self.flush(at);
        }
    }

    /// Looks whether what was held may leave now.
    pub(super) fn flush_held(&mut self) {
        let gates = (self.subscriber.may_leave(), self.durable.synced());
        let waits_for_gate = gates == self.gates;
        self.gates = gates;
        for at in std::mem::take(&mut self.held) {
            let Some(Some(connection)) = self.connections.get_mut(at) else { continue };
            let still = connection.waiting() == 0
                && waits_for_gate
                && connection.session().is_some_and(|session| session.held.is_some());
            if still { self.held.push(at) } else { self.flush(at) }
        }
    }

    /// Up to which command messages may leave that wait for this.
    fn gate(&self, when: When) -> u64 {
        match when {
            When::Applied => u64::MAX,
            When::Acknowledged => self.subscriber.may_leave(),
            When::Synced => self.durable.synced(),
        }
    }

    /// Copies what a connection is to be sent, and writes it: one write for all of it, as far as the socket takes it.
    pub(super) fn flush(&mut self, at: usize) {
        let Some(mut connection) = self.connections.get_mut(at).and_then(Option::take) else { return };
        let now = Instant::now();
        loop {
            let more = self.fill(at, &mut connection);
            if connection.write(now).is_err() {
                return self.drop_connection(at, connection);
            }
            if !more || !connection.is_writable() {
                break;
            }
        }
        if matches!(connection.state, State::Closing { .. }) && connection.waiting() == 0 {
            connection.shut();
        }
        // Reading goes on where it stopped because it was others' turn, or because too much waited.
        let may_read = connection.is_readable && connection.waiting() <= self.config.waiting_bytes;
        if may_read && !std::mem::replace(&mut connection.is_queued, true) {
            self.readable.push(at);
        }
        self.put_back(at, connection);
    }

    /// Copies the next messages of a session. Gives whether there are more.
    fn fill(&mut self, at: usize, connection: &mut Connection) -> bool {
        let room = CHUNK.saturating_sub(connection.waiting());
        let State::Open(session) = &mut connection.state else { return false };
        if session.begins_with_snapshot {
            return false;
        }
        // What it is sent next may be gone while it takes nothing.
        if room == 0 {
            let is_lost = session.next < self.heard.streams.oldest(session.account);
            if is_lost {
                self.end(connection, at, codes::SLOW_READER);
            }
            return false;
        }
        let gate = self.gate(session.level.when);
        let until = session.replay_until.unwrap_or(u64::MAX);
        let wanted = Wanted { next: session.next, until, gate, session: session.id, room };
        let Ok(copied) = self.heard.streams.copy(session.account, &wanted, &mut connection.out) else {
            self.end(connection, at, codes::SLOW_READER);
            return false;
        };
        self.app.metrics.tcp.sent.add(copied.next - session.next);
        session.next = copied.next;
        session.in_flight = session.in_flight.saturating_sub(copied.answers);
        let was_held = session.held.is_some();
        session.held = copied.held;
        if let Some(seq) = copied.held {
            if session.level.when == When::Synced {
                self.durable.ask(seq);
            }
            if !was_held || !self.held.contains(&at) {
                self.held.push(at);
            }
        }
        if session.replay_until.is_some_and(|until| session.next > until) {
            session.replay_until = None;
            EndOfReplay { last_sequence: session.next - 1 }.write(&mut connection.out);
            return true;
        }
        copied.more
    }

    /// Says goodbye with this code; what was said before is still sent.
    pub(super) fn end(&mut self, connection: &mut Connection, at: usize, code: u16) {
        if code != codes::GOODBYE {
            self.app.metrics.refused(Over::Tcp, name_of(code));
        }
        let until = Instant::now() + self.app.goodbye_within.min(CLOSE_WITHIN);
        let last = match std::mem::replace(&mut connection.state, State::Closing { until }) {
            State::Open(session) => {
                let last = session.next.saturating_sub(1);
                self.leave(at, &session);
                last
            }
            State::Challenged { .. } => 0,
            before @ State::Closing { .. } => {
                connection.state = before;
                return;
            }
        };
        logout(last, code).write(&mut connection.out);
    }

    /// A session is over.
    fn leave(&mut self, at: usize, session: &Session) {
        self.heard.streams.leave(session.account, at);
        self.snapshots.retain(|(other, ..)| *other != at);
        if let Some(account) = self.accounts.get_mut(&session.account) {
            account.sessions = account.sessions.saturating_sub(1);
        }
        if let Some(grace_ms) = session.grace_ms {
            let due = Instant::now() + Duration::from_millis(grace_ms.into());
            self.graces.push(Grace { due, account: session.account });
        }
    }

    /// The connection is gone, or is to go.
    pub(super) fn drop_connection(&mut self, at: usize, mut connection: Box<Connection>) {
        if let State::Open(session) = &connection.state {
            self.leave(at, session);
        }
        // Closing the socket would do it, too.
        let _ = self.poll.registry().deregister(connection.stream());
        drop(connection);
        self.free.push(at);
    }
}

/// The last message of a session.
pub(super) fn logout(last_sequence: u64, code: u16) -> Logout {
    Logout { last_sequence, code, class: codes::class_of(code) as u8 }
}

/// The name of a code.
pub(super) fn name_of(code: u16) -> &'static str {
    codes::code(code).map_or("UNKNOWN", |code| code.name)
}
