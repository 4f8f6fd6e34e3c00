//! Sessions: a short access token, and a refresh token that is good once and brings the next pair. A refresh token that
//! comes a second time was stolen, or its answer was: either way the session ends.

use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, DatabaseTransaction, QueryOrder, TransactionTrait};
use sha2::{Digest, Sha256};

use super::auth_log::{AuthAction, AuthEvent};
use super::step_up::Proof;
use super::token::{Token, TokenError};
use super::{Origin, User, UserId, Users};
use crate::database::{moment, now, refresh_token, session, user};

/// A session's number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SessionId(pub i64);

/// Most open sessions of one user: the oldest one ends when another begins.
pub const SESSIONS_MAX: usize = 32;

/// What a session begins with, and what each renewal brings.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// The session.
    pub session: SessionId,
    /// The access token.
    pub token: Token,
    /// Brings the next pair, once; none for a session that ends with its access token.
    pub refresh_token: Option<String>,
    /// How long the session may be renewed.
    pub renewable_for: Duration,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened({:?}, ..)", self.session)
    }
}

/// An open session, as its user sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionView {
    /// Its number.
    pub id: SessionId,
    /// Where it was last renewed from.
    pub ip_address: Option<String>,
    /// The program.
    pub user_agent: Option<String>,
    /// Whether a second factor was shown.
    pub second_factor: bool,
    /// When it began.
    pub created_at: TimeDateTimeWithTimeZone,
    /// When it was last used.
    pub last_used_at: TimeDateTimeWithTimeZone,
    /// When it ends at the latest.
    pub expires_at: TimeDateTimeWithTimeZone,
}

/// Why a session was not renewed.
#[derive(Debug)]
pub enum RefreshError {
    /// No refresh token of this venue, or one whose session has ended.
    Invalid,
    /// It was used before: its session is ended now.
    Reused,
    /// The database failed.
    Database(DbErr),
    /// The system gives no randomness.
    Randomness,
}

impl From<DbErr> for RefreshError {
    fn from(error: DbErr) -> Self {
        RefreshError::Database(error)
    }
}

/// How a session begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Opening {
    /// Whether it can be renewed; else it ends with its access token.
    pub is_renewable: bool,
    /// Whether a second factor was shown.
    pub second_factor: bool,
}

impl Users {
    /// Begins a session of somebody who has just logged in: that is written down with it, and proves the session.
    pub async fn open_session(&self, user: &User, how: Opening, origin: &Origin) -> Result<Opened, RefreshError> {
        let begun = SystemTime::now();
        let lifetime = if how.is_renewable { self.config.session_lifetime } else { self.config.token_lifetime };
        let (begun_at, expires_at) = (moment(begun), moment(begun + lifetime));
        let row = session::ActiveModel {
            user_id: Set(user.id.0),
            ip_address: Set(origin.address()),
            user_agent: Set(origin.program()),
            second_factor: Set(how.second_factor),
            created_at: Set(begun_at),
            last_used_at: Set(begun_at),
            expires_at: Set(expires_at),
            ended_at: Set(None),
            updated_at: Set(begun_at),
            ..Default::default()
        };
        let transaction = self.database.begin().await?;
        let row = row.insert(&transaction).await?;
        let id = SessionId(row.id);
        let refresh_token = if how.is_renewable { Some(new_refresh_token(&transaction, id).await?) } else { None };
        user::Entity::update_many()
            .col_expr(user::Column::LastLoginAt, Expr::value(begun_at))
            .filter(user::Column::Id.eq(user.id.0))
            .exec(&transaction)
            .await?;
        let details = serde_json::json!({ "session_id": id.0, "second_factor": how.second_factor });
        AuthEvent::done(user.id, AuthAction::Login, origin).with(details).write(&transaction).await?;
        transaction.commit().await?;
        self.directory.open(id, user.id, seconds(&row), how.second_factor);
        self.directory.prove(user.id, id, Proof::new(Instant::now(), how.second_factor));
        self.end_oldest(user.id).await?;
        let token = self.issue_token_at(user, id, begun).map_err(|_| RefreshError::Randomness)?;
        Ok(Opened { session: id, token, refresh_token, renewable_for: lifetime })
    }

    /// Gives the next pair of tokens for a refresh token.
    pub async fn refresh(&self, token: &str, origin: &Origin) -> Result<(User, Opened), RefreshError> {
        let known = refresh_token::Entity::find_by_id(digest(token)).one(&self.database).await?;
        let known = known.ok_or(RefreshError::Invalid)?;
        let id = SessionId(known.session_id);
        let row = session::Entity::find_by_id(id.0).one(&self.database).await?.ok_or(RefreshError::Invalid)?;
        let begun = SystemTime::now();
        let left = row.expires_at - moment(begun);
        if row.ended_at.is_some() || !left.is_positive() || !self.directory.is_open(id) {
            return Err(RefreshError::Invalid);
        }
        let transaction = self.database.begin().await?;
        // One statement decides between two that come at once.
        let used = refresh_token::Entity::update_many()
            .col_expr(refresh_token::Column::UsedAt, Expr::value(moment(begun)))
            .filter(refresh_token::Column::Hash.eq(known.hash))
            .filter(refresh_token::Column::UsedAt.is_null())
            .exec(&transaction)
            .await?;
        if used.rows_affected == 0 {
            transaction.rollback().await?;
            let owner = UserId(row.user_id);
            let event = AuthEvent::refused(Some(owner), AuthAction::RefreshReused, origin, "used_before");
            self.end_sessions(owner, &[id], event).await?;
            return Err(RefreshError::Reused);
        }
        let next = new_refresh_token(&transaction, id).await?;
        let renewed = session::ActiveModel {
            id: Set(id.0),
            ip_address: Set(origin.address()),
            user_agent: Set(origin.program()),
            last_used_at: Set(moment(begun)),
            updated_at: Set(moment(begun)),
            ..Default::default()
        };
        session::Entity::update(renewed).exec(&transaction).await?;
        transaction.commit().await?;
        let user = self.find(UserId(row.user_id)).await?.ok_or(RefreshError::Invalid)?;
        let token = self.issue_token_at(&user, id, begun).map_err(|_| RefreshError::Randomness)?;
        let renewable_for = Duration::try_from(left).unwrap_or_default();
        Ok((user, Opened { session: id, token, refresh_token: Some(next), renewable_for }))
    }

    /// A user's open sessions, newest first.
    pub async fn sessions(&self, user: UserId) -> Result<Vec<SessionView>, DbErr> {
        let open = self.directory.sessions_of(user);
        let rows = session::Entity::find()
            .filter(session::Column::UserId.eq(user.0))
            .filter(session::Column::Id.is_in(open.iter().map(|session| session.0)))
            .order_by_desc(session::Column::Id)
            .all(&self.database)
            .await?;
        let shown = rows.into_iter().filter(|row| row.expires_at > now()).map(|row| self.shown(row));
        Ok(shown.collect())
    }

    fn shown(&self, row: session::Model) -> SessionView {
        let used_s = self.directory.used_s(SessionId(row.id));
        let used = used_s.and_then(|used_s| super::of_seconds(used_s).ok()).unwrap_or(row.last_used_at);
        SessionView {
            id: SessionId(row.id),
            ip_address: row.ip_address,
            user_agent: row.user_agent,
            second_factor: row.second_factor,
            created_at: row.created_at,
            last_used_at: used.max(row.last_used_at),
            expires_at: row.expires_at,
        }
    }

    /// Ends one of a user's own sessions; `false` if it is none.
    pub async fn end_session(&self, session: SessionId, event: AuthEvent<'_>) -> Result<bool, DbErr> {
        let Some(user) = event.user else { return Ok(false) };
        if !self.directory.sessions_of(user).contains(&session) {
            return Ok(false);
        }
        self.end_sessions(user, &[session], event).await?;
        Ok(true)
    }

    /// Ends a user's sessions but the one that is kept, from the next request on; tells how many.
    pub async fn end_all_sessions(
        &self,
        user: UserId,
        kept: Option<SessionId>,
        event: AuthEvent<'_>,
    ) -> Result<usize, DbErr> {
        let mut open = self.directory.sessions_of(user);
        open.retain(|session| Some(*session) != kept);
        self.end_sessions(user, &open, event).await?;
        // Connections whose session ran out by time are found by their user.
        self.directory.look_again(user);
        Ok(open.len())
    }

    pub(super) async fn end_sessions(
        &self,
        user: UserId,
        ended: &[SessionId],
        event: AuthEvent<'_>,
    ) -> Result<(), DbErr> {
        let is_log_out = matches!(event.action, AuthAction::Logout | AuthAction::LogoutEverywhere);
        // In memory first: if the database fails, whoever asked hears of it, and nobody comes in meanwhile.
        self.directory.close(ended);
        let transaction = self.database.begin().await?;
        end_rows(&transaction, ended).await?;
        if is_log_out {
            user::Entity::update_many()
                .col_expr(user::Column::LastLogoutAt, Expr::value(now()))
                .filter(user::Column::Id.eq(user.0))
                .exec(&transaction)
                .await?;
        }
        event.write(&transaction).await?;
        transaction.commit().await
    }

    /// The user has too many: the oldest ones end.
    async fn end_oldest(&self, user: UserId) -> Result<(), DbErr> {
        let open = self.directory.sessions_of(user);
        let surplus = open.get(..open.len().saturating_sub(SESSIONS_MAX)).unwrap_or_default();
        self.directory.close(surplus);
        self.forget(surplus).await
    }

    /// Ends what nobody can use any more, and forgets its tokens.
    pub async fn end_expired_sessions(&self) -> Result<usize, DbErr> {
        let now_s = moment(SystemTime::now()).unix_timestamp();
        let expired = self.directory.expired(now_s);
        self.forget(&expired).await?;
        Ok(expired.len())
    }

    async fn forget(&self, ended: &[SessionId]) -> Result<(), DbErr> {
        if ended.is_empty() {
            return Ok(());
        }
        self.directory.forget(ended);
        let transaction = self.database.begin().await?;
        end_rows(&transaction, ended).await?;
        transaction.commit().await
    }

    /// Takes the open sessions into memory.
    pub(super) async fn load_sessions(&self) -> Result<(), DbErr> {
        let open = session::Entity::find().filter(session::Column::EndedAt.is_null());
        for row in open.order_by_asc(session::Column::Id).all(&self.database).await? {
            self.directory.open(SessionId(row.id), UserId(row.user_id), seconds(&row), row.second_factor);
        }
        Ok(())
    }
}

/// When it was last used and when it ends, in seconds since 1970.
fn seconds(row: &session::Model) -> (i64, i64) {
    (row.last_used_at.unix_timestamp(), row.expires_at.unix_timestamp())
}

/// Most sessions in one statement.
const CHUNK: usize = 500;

async fn end_rows(transaction: &DatabaseTransaction, ended: &[SessionId]) -> Result<(), DbErr> {
    for chunk in ended.chunks(CHUNK) {
        let numbers = || chunk.iter().map(|session| session.0);
        session::Entity::update_many()
            .col_expr(session::Column::EndedAt, Expr::value(now()))
            .col_expr(session::Column::UpdatedAt, Expr::value(now()))
            .filter(session::Column::Id.is_in(numbers()))
            .filter(session::Column::EndedAt.is_null())
            .exec(transaction)
            .await?;
        refresh_token::Entity::delete_many()
            .filter(refresh_token::Column::SessionId.is_in(numbers()))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

async fn new_refresh_token(transaction: &DatabaseTransaction, of: SessionId) -> Result<String, RefreshError> {
    let token = random_token().ok_or(RefreshError::Randomness)?;
    let row = refresh_token::ActiveModel {
        hash: Set(digest(&token)),
        session_id: Set(of.0),
        used_at: Set(None),
        created_at: Set(now()),
    };
    refresh_token::Entity::insert(row).exec_without_returning(transaction).await?;
    Ok(token)
}

/// 256 random bits, in hexadecimal.
pub(super) fn random_token() -> Option<String> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).ok()?;
    Some(hex(&random))
}

/// What is stored of a token that is random: nothing that could be guessed needs more than one round.
pub(super) fn digest(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl From<TokenError> for RefreshError {
    fn from(_: TokenError) -> Self {
        RefreshError::Invalid
    }
}
