//! What must be known of every user at every request and every event, in memory: account, role, token epoch, and the
//! sessions that are open.

use std::sync::atomic::{AtomicI64, Ordering};

use papertape_engine::AccountId;
use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use tokio::sync::broadcast;

use super::sessions::SessionId;
use super::standing::Role;
use super::step_up::Proof;
use super::token::{Subject, TokenError};
use super::{User, UserId};

/// What was taken away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Revoked {
    /// A session, before its time.
    Session(SessionId),
    /// All that a user had: tokens, the role, or the way in.
    User(UserId),
}

/// Revocations that a slow listener may be behind; beyond that it looks for itself.
const REVOCATIONS_MAX: usize = 1_024;

#[derive(Clone, Copy, Debug)]
struct Entry {
    account: Option<AccountId>,
    token_epoch: i64,
    role: Role,
    /// Active and not suspended.
    is_welcome: bool,
}

/// A session that is open.
#[derive(Debug)]
struct Live {
    user: UserId,
    expires_s: i64,
    second_factor: bool,
    used_s: AtomicI64,
    proof: Option<Proof>,
}

#[derive(Debug, Default)]
struct Tables {
    by_user: FxHashMap<UserId, Entry>,
    by_account: FxHashMap<AccountId, UserId>,
    sessions: FxHashMap<SessionId, Live>,
    by_owner: FxHashMap<UserId, Vec<SessionId>>,
}

/// Which account is whose, and who is logged in. Some 60 bytes for each user, 90 for each session; filled at boot,
/// changed with the database.
#[derive(Debug)]
pub struct Directory {
    tables: RwLock<Tables>,
    revoked: broadcast::Sender<Revoked>,
}

impl Default for Directory {
    fn default() -> Self {
        Self { tables: RwLock::default(), revoked: broadcast::Sender::new(REVOCATIONS_MAX) }
    }
}

impl Directory {
    /// The user whose account this is; `None` for the simulator's and the venue's own.
    pub fn user_of(&self, account: AccountId) -> Option<UserId> {
        self.tables.read().by_account.get(&account).copied()
    }

    /// The user's account, once it is open.
    pub fn account_of(&self, user: UserId) -> Option<AccountId> {
        self.tables.read().by_user.get(&user)?.account
    }

    /// The user's role; none of a user that is not there.
    pub fn role_of(&self, user: UserId) -> Option<Role> {
        Some(self.tables.read().by_user.get(&user)?.role)
    }

    /// Whether the user is active and not suspended: whatever lets a user in asks this at every request.
    pub fn is_welcome(&self, user: UserId) -> bool {
        self.tables.read().by_user.get(&user).is_some_and(|entry| entry.is_welcome)
    }

    /// Tells whenever something is taken away from somebody: who keeps a connection open listens.
    pub fn revocations(&self) -> broadcast::Receiver<Revoked> {
        self.revoked.subscribe()
    }

    /// Whether a session is open and its user welcome.
    pub fn is_open(&self, session: SessionId) -> bool {
        let tables = self.tables.read();
        let user = tables.sessions.get(&session).map(|live| live.user);
        user.and_then(|user| tables.by_user.get(&user)).is_some_and(|entry| entry.is_welcome)
    }

    /// Whether a second factor was shown when the session began.
    pub fn has_second_factor(&self, session: SessionId) -> bool {
        self.tables.read().sessions.get(&session).is_some_and(|live| live.second_factor)
    }

    /// Whether a token's subject may come in, and notes that its session is used.
    pub(super) fn admit(&self, subject: &Subject, now_s: i64) -> Result<(), TokenError> {
        let tables = self.tables.read();
        let entry = tables.by_user.get(&subject.user).ok_or(TokenError::Revoked)?;
        let live = tables.sessions.get(&subject.session).ok_or(TokenError::Revoked)?;
        if entry.token_epoch != subject.epoch || live.user != subject.user || !entry.is_welcome {
            return Err(TokenError::Revoked);
        }
        if live.expires_s <= now_s {
            return Err(TokenError::Expired);
        }
        live.used_s.store(now_s, Ordering::Relaxed);
        Ok(())
    }

    /// When a session was last used, in seconds since 1970.
    pub(super) fn used_s(&self, session: SessionId) -> Option<i64> {
        Some(self.tables.read().sessions.get(&session)?.used_s.load(Ordering::Relaxed))
    }

    /// The user's open sessions, oldest first.
    pub(super) fn sessions_of(&self, user: UserId) -> Vec<SessionId> {
        self.tables.read().by_owner.get(&user).cloned().unwrap_or_default()
    }

    pub(super) fn put(&self, user: &User) {
        let mut tables = self.tables.write();
        let is_welcome = user.is_active && user.suspension.is_none();
        let entry = Entry { account: user.account, token_epoch: user.token_epoch, role: user.role, is_welcome };
        let before = tables.by_user.insert(user.id, entry);
        if let Some(account) = user.account {
            tables.by_account.insert(account, user.id);
        }
        drop(tables);
        let same = |before: Entry| (before.token_epoch, before.role, before.is_welcome);
        if before.is_some_and(|before| same(before) != same(entry)) {
            self.tell(Revoked::User(user.id));
        }
    }

    /// Whoever keeps a connection of this user looks whether its session is open.
    pub(super) fn look_again(&self, user: UserId) {
        self.tell(Revoked::User(user));
    }

    /// Nobody may be listening.
    fn tell(&self, revoked: Revoked) {
        let _ = self.revoked.send(revoked);
    }

    pub(super) fn open(&self, session: SessionId, user: UserId, (used_s, expires_s): (i64, i64), second_factor: bool) {
        let mut tables = self.tables.write();
        let used_s = AtomicI64::new(used_s);
        tables.sessions.insert(session, Live { user, expires_s, second_factor, used_s, proof: None });
        tables.by_owner.entry(user).or_default().push(session);
    }

    /// A user's session has shown who it is.
    pub(super) fn prove(&self, user: UserId, session: SessionId, proof: Proof) {
        let mut tables = self.tables.write();
        if let Some(live) = tables.sessions.get_mut(&session).filter(|live| live.user == user) {
            live.proof = Some(proof);
        }
    }

    /// What a user's session has shown last, if it is open.
    pub(super) fn proof_of(&self, user: UserId, session: SessionId) -> Option<Proof> {
        self.tables.read().sessions.get(&session).filter(|live| live.user == user)?.proof
    }

    /// Ends sessions before their time.
    pub(super) fn close(&self, ended: &[SessionId]) {
        self.forget(ended);
        ended.iter().for_each(|session| self.tell(Revoked::Session(*session)));
    }

    /// Forgets sessions whose time is over.
    pub(super) fn forget(&self, ended: &[SessionId]) {
        let mut tables = self.tables.write();
        for session in ended {
            if let Some(live) = tables.sessions.remove(session)
                && let Some(sessions) = tables.by_owner.get_mut(&live.user)
            {
                sessions.retain(|other| other != session);
            }
        }
    }

    /// Sessions whose time is over.
    pub(super) fn expired(&self, now_s: i64) -> Vec<SessionId> {
        let tables = self.tables.read();
        tables.sessions.iter().filter(|(_, live)| live.expires_s <= now_s).map(|(session, _)| *session).collect()
    }
}
