//! What is done by the clock: heartbeats, deadlines, grace times, keys that ended, and the end of the venue.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use papertape_engine::{AccountId, Command};
use papertape_pipeline::Ticket;
use papertape_wire::{Heartbeat, ServerShutdown, codes};

use super::connection::{Connection, Session, State};
use super::server::Server;
use crate::app::Course;
use crate::translate::time;

/// How long the end may take: connections take what is said last, and the core what is to be cancelled.
const STOP_WITHIN: Duration = Duration::from_secs(4);

/// Orders of an account that are cancelled when its time is over.
pub(super) struct Grace {
    pub(super) due: Instant,
    pub(super) account: AccountId,
}

impl Server {
    pub(super) fn upkeep(&mut self, now: Instant) {
        self.follow_course();
        let is_failed = self.client.failure().is_some();
        for at in 0..self.connections.len() {
            let Some(mut connection) = self.connections.get_mut(at).and_then(Option::take) else { continue };
            if self.is_overdue(&mut connection, now) {
                self.drop_connection(at, connection);
                continue;
            }
            self.look_after(at, &mut connection, now, is_failed);
            self.put_back(at, connection);
            self.flush(at);
        }
        self.cancel_for_the_gone(now);
        let clock = self.clock();
        self.accounts.retain(|_, account| !account.is_idle(clock));
        let tcp = &self.app.metrics.tcp;
        tcp.kept_bytes.set(self.heard.streams.size() as u64);
        tcp.in_flight.set(self.heard.asked() as u64);
        self.accept_again();
    }

    /// Whether a connection has had its time to end.
    fn is_overdue(&self, connection: &mut Connection, now: Instant) -> bool {
        match connection.state {
            State::Closing { until } => now >= until || connection.discard(now),
            _ => false,
        }
    }

    fn look_after(&mut self, at: usize, connection: &mut Connection, now: Instant, is_failed: bool) {
        let silent = now.saturating_duration_since(connection.heard_at) >= self.config.dead_after;
        let stuck = now.saturating_duration_since(connection.moved_at) >= self.config.dead_after;
        let code = match &connection.state {
            State::Closing { .. } => return,
            _ if is_failed => codes::VENUE_FAILED,
            _ if self.course == Course::Stops => codes::STOPPING,
            State::Challenged { until, .. } if now >= *until => codes::LOGIN_TIMEOUT,
            State::Challenged { .. } => return,
            State::Open(_) if silent || stuck => codes::SILENT,
            State::Open(session) => match self.shut_out(session, connection.peer) {
                None => return self.beat(connection, now),
                Some(code) => code,
            },
        };
        if code == codes::VENUE_FAILED {
            self.reject_unanswered(connection);
        }
        self.end(connection, at, code);
    }

    /// Why a session may not go on, if its key or its user may no more.
    fn shut_out(&self, session: &Session, peer: IpAddr) -> Option<u16> {
        let platform = &self.app.platform;
        if !platform.api_keys().admits(session.key(), peer, time::millis(time::now_ns())) {
            return Some(codes::KEY_REVOKED);
        }
        let is_welcome = platform.users().directory().is_welcome(session.holder.user);
        (!is_welcome).then_some(codes::USER_SHUT_OUT)
    }

    fn beat(&self, connection: &mut Connection, now: Instant) {
        let idle = now.saturating_duration_since(connection.sent_at) >= self.config.heartbeat;
        if let Some(last_sequence) = connection.session().map(|session| session.next - 1)
            && idle
            && connection.waiting() == 0
        {
            Heartbeat { last_sequence }.write(&mut connection.out);
        }
    }

    /// Tells sessions when the venue begins to stop.
    fn follow_course(&mut self) {
        let course = *self.app.stopping.borrow();
        if course == self.course {
            return;
        }
        self.course = course;
        if course == Course::Stops {
            self.stops_at = Some(Instant::now() + STOP_WITHIN);
        }
        let closes_in_ms = if course == Course::Drains { self.app.drain.as_millis() as u32 } else { 0 };
        let notice = ServerShutdown { time_ns: time::now_ns(), closes_in_ms };
        for connection in self.connections.iter_mut().flatten() {
            if connection.session().is_some() {
                notice.write(&mut connection.out);
            }
        }
    }

    /// Cancels the orders of those who have not come back. A venue that stops does not wait for them.
    fn cancel_for_the_gone(&mut self, now: Instant) {
        let is_stopping = self.course == Course::Stops;
        let due = |grace: &mut Grace| is_stopping || grace.due <= now;
        for grace in self.graces.extract_if(.., due).collect::<Vec<_>>() {
            // Another session of the account is open: its orders are that one's.
            if self.accounts.get(&grace.account).is_some_and(|account| account.sessions > 0) {
                continue;
            }
            let command = Command::CancelAll { account: grace.account, instrument: None, side: None };
            if self.client.submit(Ticket::default(), command).is_err() && self.client.failure().is_none() {
                self.graces.push(grace);
            }
        }
    }
}
