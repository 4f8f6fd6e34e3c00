//! What a session asks: checked, counted, and handed in.

use std::time::Instant;

use papertape_engine::{AccountId, Command};
use papertape_wire::{self as wire, CommandRejected, DecodeError, FromClient, Text, codes, values};

use super::bucket::Bucket;
use super::connection::{Connection, Session, State};
use super::server::Server;
use super::writing::name_of;
use crate::metrics::Over;
use crate::translate::wire as translate;

/// Frames of a session that could not be read, before it ends.
const BAD_FRAMES_MAX: u32 = 100;

/// What all sessions of an account share.
pub(super) struct AccountState {
    pub(super) sessions: u32,
    orders: Bucket,
    cancels: Bucket,
}

impl AccountState {
    pub(super) fn new((orders, cancels): (u32, u32)) -> Self {
        Self { sessions: 0, orders: Bucket::new(orders), cancels: Bucket::new(cancels) }
    }

    /// Whether there is nothing to remember.
    pub(super) fn is_idle(&self, now: u64) -> bool {
        self.sessions == 0 && self.orders.is_full(now) && self.cancels.is_full(now)
    }
}

/// A request, and what it answers to.
#[derive(Clone, Copy)]
struct Request {
    kind: u8,
    reference: u64,
    client_order_id: Text<36>,
}

impl Request {
    fn new(kind: u8, reference: u64) -> Self {
        Self { kind, reference, client_order_id: Text::NONE }
    }
}

/// Why a request did not reach the core.
struct Refused {
    code: u16,
    retry_after_ms: u32,
}

impl From<u16> for Refused {
    fn from(code: u16) -> Self {
        let retry_after_ms = match code {
            codes::BUSY | codes::TOO_MANY_IN_FLIGHT => 1,
            codes::STOPPING => 5_000,
            _ => 0,
        };
        Self { code, retry_after_ms }
    }
}

impl Server {
    /// Obeys a frame.
    pub(super) fn obey(
        &mut self,
        at: usize,
        connection: &mut Connection,
        decoded: Result<FromClient, DecodeError>,
        now: Instant,
    ) {
        match (&connection.state, decoded) {
            (State::Closing { .. }, _) => {}
            (State::Challenged { nonce, .. }, Ok(FromClient::Login(login))) => {
                let nonce = *nonce;
                self.log_in(at, connection, &nonce, &login, now);
            }
            (State::Challenged { .. }, _) => self.end(connection, at, codes::NOT_LOGGED_IN),
            (State::Open(_), Ok(frame)) => self.ask(at, connection, frame),
            (State::Open(_), Err(DecodeError::TooShort { .. })) => self.end(connection, at, codes::MALFORMED),
            (State::Open(_), Err(DecodeError::UnknownType(kind))) => {
                let bad_frames = connection.session().map_or(0, |session| {
                    session.bad_frames += 1;
                    session.bad_frames
                });
                if bad_frames > BAD_FRAMES_MAX {
                    return self.end(connection, at, codes::TOO_MANY_ERRORS);
                }
                self.reject(connection, Request::new(kind, 0), codes::UNKNOWN_TYPE.into());
            }
        }
    }

    fn ask(&mut self, at: usize, connection: &mut Connection, frame: FromClient) {
        use FromClient as F;
        let Some(account) = connection.session().map(|session| session.account) else { return };
        let (request, command) = match frame {
            F::ClientHeartbeat(_) => return,
            F::ClientLogout(_) => return self.end(connection, at, codes::GOODBYE),
            F::Login(_) => {
                return self.reject(connection, Request::new(wire::Login::KIND, 0), codes::ALREADY_LOGGED_IN.into());
            }
            F::QueryLimits(query) => return self.tell_limits(connection, query.reference),
            F::QueryInstruments(query) => return self.tell_instruments(connection, &query),
            F::QueryAccount(query) => return self.want_snapshot(at, connection, query.reference),
            F::PlaceOrder(order) => {
                let request = Request::new(wire::PlaceOrder::KIND, order.reference);
                let client_order_id = order.client_order_id;
                (Request { client_order_id, ..request }, translate::place(account, &order))
            }
            F::PlaceList(list) => {
                let request = Request::new(wire::PlaceList::KIND, list.reference);
                let client_order_id = list.client_order_id;
                (Request { client_order_id, ..request }, translate::place_list(account, &list))
            }
            F::Amend(amend) => {
                let request = Request::new(wire::Amend::KIND, amend.reference);
                let client_order_id = amend.client_order_id;
                (Request { client_order_id, ..request }, translate::amend(account, &amend))
            }
            F::Cancel(cancel) => {
                let request = Request::new(wire::Cancel::KIND, cancel.reference);
                let client_order_id = cancel.client_order_id;
                (Request { client_order_id, ..request }, translate::cancel(account, &cancel))
            }
            F::CancelAll(cancel) => {
                let request = Request::new(wire::CancelAll::KIND, cancel.reference);
                (request, translate::cancel_all(account, &cancel))
            }
            F::KillSwitch(switch) => {
                let request = Request::new(wire::KillSwitch::KIND, switch.reference);
                (request, translate::kill_switch(account, &switch))
            }
        };
        let handed_in = match (command, connection.session()) {
            (Ok(command), Some(session)) => self.hand_in(session, request, command),
            (Err(translate::Invalid), _) => Err(codes::INVALID_FIELD.into()),
            (_, None) => return,
        };
        if let Err(refused) = handed_in {
            self.reject(connection, request, refused);
        }
    }

    /// Takes a command to the core, unless a limit is reached.
    fn hand_in(&mut self, session: &mut Session, request: Request, command: Command) -> Result<(), Refused> {
        if !session.holder.permissions.trade {
            return Err(codes::PERMISSION_DENIED.into());
        }
        let may_trade = matches!(command, Command::Place(_) | Command::PlaceList(_) | Command::Amend(_));
        if may_trade && self.app.desk.is_draining() {
            return Err(codes::STOPPING.into());
        }
        if session.in_flight >= self.config.in_flight_max {
            return Err(codes::TOO_MANY_IN_FLIGHT.into());
        }
        let orders = if let Command::PlaceList(list) = &command { list.orders.legs().count() as u32 } else { 1 };
        self.take_tokens(session.account, may_trade, orders)?;
        let ticket = self.client.next_ticket();
        self.heard.expect(ticket, session.id, request.reference, session.account, request.kind);
        if self.client.push(ticket, command).is_err() {
            self.heard.forget(ticket);
            let is_over = self.app.desk.is_draining() || self.client.failure().is_some();
            return Err(if is_over { codes::STOPPING } else { codes::BUSY }.into());
        }
        session.in_flight += 1;
        self.is_pushed = true;
        Ok(())
    }

    fn take_tokens(&mut self, account: AccountId, may_trade: bool, count: u32) -> Result<(), Refused> {
        let now = self.clock();
        let Some(state) = self.accounts.get_mut(&account) else { return Ok(()) };
        let bucket = if may_trade { &mut state.orders } else { &mut state.cancels };
        bucket.take(count, now).map_err(|wait_ns| {
            let retry_after_ms = u32::try_from(wait_ns.div_ceil(1_000_000)).unwrap_or(u32::MAX);
            Refused { code: codes::RATE_LIMITED, retry_after_ms }
        })
    }

    /// Nanoseconds since the start, for limits.
    pub(super) fn clock(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn reject(&mut self, connection: &mut Connection, request: Request, refused: Refused) {
        self.app.metrics.refused(Over::Tcp, name_of(refused.code));
        let Refused { code, retry_after_ms } = refused;
        let Request { kind, reference, client_order_id } = request;
        let class = codes::class_of(code) as u8;
        CommandRejected { reference, client_order_id, retry_after_ms, code, class, request: kind }
            .write(&mut connection.out);
    }

    /// The venue has failed: nobody knows what became of these.
    pub(super) fn reject_unanswered(&mut self, connection: &mut Connection) {
        let Some(id) = connection.session().map(|session| session.id) else { return };
        let unanswered: Vec<_> = self.heard.unanswered(id).copied().collect();
        for asked in unanswered {
            let request = Request::new(asked.request, asked.reference);
            self.reject(connection, request, codes::OUTCOME_UNKNOWN.into());
        }
    }

    fn tell_limits(&mut self, connection: &mut Connection, reference: u64) {
        let now = self.clock();
        let Some(session) = connection.session() else { return };
        let Some(state) = self.accounts.get(&session.account) else { return };
        let limits = wire::Limits {
            reference,
            orders_per_second: self.config.orders_per_second,
            orders_left: state.orders.left(now),
            cancels_per_second: self.config.orders_per_second.saturating_mul(2),
            cancels_left: state.cancels.left(now),
            in_flight_max: self.config.in_flight_max,
            in_flight: session.in_flight,
            sessions_max: self.config.sessions_max,
            sessions: state.sessions,
        };
        limits.write(&mut connection.out);
    }

    fn tell_instruments(&mut self, connection: &mut Connection, query: &wire::QueryInstruments) {
        let (views, mut count) = (self.app.views.read(), 0);
        for (id, instrument) in views.instruments() {
            if query.instrument == values::ANY_INSTRUMENT || query.instrument == id.0 {
                translate::instrument(query.reference, id, instrument, views.phase(id)).write(&mut connection.out);
                count += 1;
            }
        }
        let (reference, request) = (query.reference, wire::QueryInstruments::KIND);
        wire::QueryDone { reference, count, request }.write(&mut connection.out);
    }

    fn want_snapshot(&mut self, at: usize, connection: &mut Connection, reference: u64) {
        let request = Request::new(wire::QueryAccount::KIND, reference);
        let Some(session) = connection.session() else { return };
        if !session.holder.permissions.read {
            return self.reject(connection, request, codes::PERMISSION_DENIED.into());
        }
        let id = session.id;
        // One at a time: it is large.
        if self.snapshots.iter().any(|(other, ..)| *other == at) {
            return self.reject(connection, request, codes::TOO_MANY_IN_FLIGHT.into());
        }
        self.snapshots.push((at, id, reference));
    }
}
