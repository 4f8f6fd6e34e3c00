//! How a session begins: a signed answer to a challenge.

use std::time::Instant;

use papertape_engine::AccountId;
use papertape_platform::{KeyHolder, Origin};
use papertape_wire::{Login, LoginAccepted, LoginRejected, PROTOCOL, codes, signed_bytes, values};

use super::connection::{Connection, Session, State};
use super::requests::AccountState;
use super::server::Server;
use super::writing::name_of;
use crate::edge::signed;
use crate::metrics::Over;
use crate::translate::time;
use crate::translate::wire::{bit, durability_of, level_name};
use crate::venue::level::Level;

/// How far a client's clock may be off.
const CLOCK_OFF_NS: u64 = 60_000_000_000;

/// The longest grace time.
const GRACE_MS_MAX: u32 = 60_000;

/// From where a session goes on.
struct Resumed {
    result: u8,
    next: u64,
    replay_until: Option<u64>,
}

impl Server {
    pub(super) fn log_in(
        &mut self,
        at: usize,
        connection: &mut Connection,
        nonce: &[u8; 32],
        login: &Login,
        now: Instant,
    ) {
        match self.checked(connection, nonce, login, now) {
            Ok((holder, account, level)) => self.open(at, connection, login, (holder, account, level)),
            Err(code) => {
                self.app.metrics.refused(Over::Tcp, name_of(code));
                let class = codes::class_of(code);
                let retry_after_ms = if class == codes::Class::Retryable { 1_000 } else { 0 };
                LoginRejected { code, class: class as u8, retry_after_ms }.write(&mut connection.out);
                connection.state = State::Closing { until: now + self.config.login_within };
            }
        }
    }

    /// Who logs in, if all is right; else the code of what is not.
    fn checked(
        &mut self,
        connection: &Connection,
        nonce: &[u8; 32],
        login: &Login,
        now: Instant,
    ) -> Result<(KeyHolder, AccountId, Level), u16> {
        if login.protocol != PROTOCOL {
            return Err(codes::PROTOCOL_NOT_SPOKEN);
        }
        if self.failed_logins.is_used_up(connection.peer, now) {
            return Err(codes::TOO_MANY_LOGINS);
        }
        let now_ns = time::now_ns();
        let holder = self.holder(nonce, login, now_ns);
        let admitted = holder.filter(|holder| self.may_come(connection, *holder, now_ns));
        let holder = admitted.ok_or_else(|| {
            // Counted; it has been looked at above whether there are too many.
            let _ = self.failed_logins.check(connection.peer, now);
            codes::AUTHENTICATION_FAILED
        })?;
        if !self.app.platform.users().directory().is_welcome(holder.user) {
            return Err(codes::USER_SHUT_OUT);
        }
        let may = holder.permissions;
        if !may.read && (!may.trade || login.resume == values::resume::SNAPSHOT) {
            return Err(codes::PERMISSION_DENIED);
        }
        if now_ns.abs_diff(login.client_time_ns) > CLOCK_OFF_NS {
            return Err(codes::CLOCK_OFF);
        }
        let switches = [login.cancel_on_disconnect <= 1, login.resume <= values::resume::SNAPSHOT, login.reserved == 0];
        if switches.contains(&false) || login.grace_ms > GRACE_MS_MAX {
            return Err(codes::INVALID_FIELD);
        }
        let level = match level_name(login).map_err(|_| codes::INVALID_FIELD)? {
            None => self.app.desk.level(),
            Some(name) => self.app.desk.level_named(&name).map_err(|_| codes::DURABILITY_UNAVAILABLE)?,
        };
        let account = self.app.platform.users().directory().account_of(holder.user);
        let account = account.ok_or(codes::ACCOUNT_NOT_READY)?;
        let open = self.accounts.get(&account).map_or(0, |account| account.sessions);
        if open >= self.config.sessions_max {
            return Err(codes::TOO_MANY_SESSIONS);
        }
        Ok((holder, account, level))
    }

    /// Whether a good key comes from where it may; if not, its user can read so.
    fn may_come(&self, connection: &Connection, holder: KeyHolder, now_ns: u64) -> bool {
        let admits = self.app.platform.api_keys().admits(holder.key, connection.peer, time::millis(now_ns));
        if !admits {
            let origin = Origin::new(connection.peer, None);
            signed::note_refusal(&self.app, self.runtime.clone(), holder, origin, "address");
        }
        admits
    }

    fn holder(&self, nonce: &[u8; 32], login: &Login, now_ns: u64) -> Option<KeyHolder> {
        let ed25519 = match login.signature_kind {
            values::signature::ED25519 => true,
            values::signature::HMAC_SHA256 => false,
            _ => return None,
        };
        let (id, signed) = (papertape_platform::KeyId(login.key_id), signed_bytes(nonce, login));
        self.app.platform.api_keys().verify(id, ed25519, &signed, &login.signature.0, time::millis(now_ns))
    }

    fn open(
        &mut self,
        at: usize,
        connection: &mut Connection,
        login: &Login,
        (holder, account, level): (KeyHolder, AccountId, Level),
    ) {
        let (id, resumed) = (self.next_session, self.resumed(account, login));
        // Whoever may not read is shown no snapshot: it goes on from now, and is told so.
        let is_shown = resumed.result < values::resumed::SNAPSHOT || holder.permissions.read;
        let resumed = if is_shown { resumed } else { Resumed { result: values::resumed::NOW, ..resumed } };
        self.next_session += 1;
        self.heard.streams.listen(account, at);
        let limits = (self.config.orders_per_second, self.config.orders_per_second.saturating_mul(2));
        self.accounts.entry(account).or_insert_with(|| AccountState::new(limits)).sessions += 1;
        // Somebody is there: his orders are his business again.
        self.graces.retain(|grace| grace.account != account || !holder.permissions.trade);
        let begins_with_snapshot = resumed.result >= values::resumed::SNAPSHOT;
        // A snapshot that knows less than what it was told is its last message would be of the past.
        let next = if begins_with_snapshot { self.heard.streams.last(account) + 1 } else { resumed.next };
        let asked_cancel = login.cancel_on_disconnect == values::cancel_on_disconnect::ALL;
        let session = Session {
            id,
            account,
            holder,
            level,
            next,
            replay_until: resumed.replay_until,
            in_flight: 0,
            held: None,
            begins_with_snapshot,
            grace_ms: asked_cancel.then_some(login.grace_ms),
            bad_frames: 0,
            _counted: self.app.metrics.tcp.sessions.open(),
        };
        self.accepted(&session, &resumed).write(&mut connection.out);
        connection.state = State::Open(Box::new(session));
        if begins_with_snapshot {
            self.snapshots.push((at, id, 0));
        }
        self.note_used(holder);
    }

    fn accepted(&self, session: &Session, resumed: &Resumed) -> LoginAccepted {
        let (durability, interval_ms) = durability_of(session.level.durability);
        let permissions = session.holder.permissions;
        LoginAccepted {
            session: session.id,
            server_time_ns: time::now_ns(),
            next_sequence: if session.begins_with_snapshot { 0 } else { resumed.next },
            last_sequence: self.heard.streams.last(session.account),
            account: session.account.0,
            heartbeat_ms: self.config.heartbeat.as_millis() as u32,
            dead_after_ms: self.config.dead_after.as_millis() as u32,
            interval_ms,
            in_flight_max: self.config.in_flight_max,
            durability,
            resumed: resumed.result,
            permissions: bit(permissions.read, values::permissions::READ)
                | bit(permissions.trade, values::permissions::TRADE),
        }
    }

    /// What becomes of the wish to go on somewhere.
    fn resumed(&self, account: AccountId, login: &Login) -> Resumed {
        let (streams, after) = (&self.heard.streams, login.resume_after);
        let last = streams.last(account);
        let snapshot = |result| Resumed { result, next: last + 1, replay_until: None };
        match login.resume {
            values::resume::NOW => snapshot(values::resumed::NOW),
            values::resume::SNAPSHOT => snapshot(values::resumed::SNAPSHOT),
            _ if after > last => snapshot(values::resumed::NOT_KNOWN),
            _ => {
                let known = streams.time_ns(account, after).filter(|_| login.resume_time_ns != 0);
                if known.is_some_and(|time_ns| time_ns != login.resume_time_ns) {
                    return snapshot(values::resumed::NOT_KNOWN);
                }
                if after + 1 < streams.oldest(account) {
                    return snapshot(values::resumed::TOO_OLD);
                }
                Resumed { result: values::resumed::REPLAY, next: after + 1, replay_until: Some(last) }
            }
        }
    }

    fn note_used(&self, holder: KeyHolder) {
        if let Some(runtime) = &self.runtime {
            let platform = self.app.platform.clone();
            runtime.spawn(async move {
                if let Err(error) = platform.api_keys().used(holder.key, time::millis(time::now_ns())).await {
                    tracing::warn!(%error, "the use of an API key was not noted");
                }
            });
        }
    }
}
