//! Users: sign-up rows, log-in, access tokens. The money is in the venue; here is only who may use which account.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use papertape_engine::{AccountId, Reference};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveValue::Set, Condition, DatabaseConnection, QueryOrder, QuerySelect, SqlErr, TransactionTrait};

use crate::database::{from_sql, to_sql, user};
use crate::secrets::Secrets;

mod directory;
mod email;
mod error;
mod hs256;
mod password;
mod token;

pub use directory::Directory;
pub use email::{EMAIL_LEN_MAX, normalise as normalise_email};
pub use error::{AuthError, UserError};
pub use password::{HashError, PASSWORD_LEN_MAX, PASSWORD_LEN_MIN, PasswordHasher, WeakPassword, check_strength};
pub use token::{Token, TokenError};

use token::{Subject, Tokens};

/// A user's number in the database.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct UserId(pub i64);

/// A person who may log in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// Number.
    pub id: UserId,
    /// Normalised address.
    pub email: String,
    /// Short name, derived from the address.
    pub username: String,
    /// The account, once the venue has opened and credited it.
    pub account: Option<AccountId>,
    /// Names the account's opening.
    pub account_reference: Reference,
    /// When the user signed up.
    pub created_at: TimeDateTimeWithTimeZone,
    token_epoch: i64,
}

impl User {
    pub(crate) fn with_account(self, account: AccountId) -> Self {
        Self { account: Some(account), ..self }
    }
}

/// What somebody signs up with.
#[derive(Clone)]
pub struct NewUser {
    /// As typed.
    pub email: String,
    /// As typed.
    pub password: String,
}

/// Settings of log-in.
#[derive(Clone, Debug)]
pub struct UsersConfig {
    /// log2 of bcrypt's rounds: 12 in production, 4 in tests.
    pub bcrypt_cost: u32,
    /// How long a token is good for.
    pub token_lifetime: Duration,
    /// Passwords hashed at a time.
    pub hashing_max: usize,
    /// Passwords waiting to be hashed.
    pub hashing_queue_max: usize,
}

impl Default for UsersConfig {
    /// Cost 12, 15 minutes, half of the processors, 64 in line.
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            bcrypt_cost: 12,
            token_lifetime: Duration::from_secs(15 * 60),
            hashing_max: (processors / 2).max(1),
            hashing_queue_max: 64,
        }
    }
}

/// The users of a venue.
pub struct Users {
    database: DatabaseConnection,
    hasher: PasswordHasher,
    tokens: Tokens,
    directory: Arc<Directory>,
}

impl std::fmt::Debug for Users {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Users(..)")
    }
}

impl Users {
    /// Loads the directory of all users.
    pub(crate) async fn load(
        database: DatabaseConnection,
        secrets: &Secrets,
        config: &UsersConfig,
    ) -> Result<Self, DbErr> {
        let directory = Arc::new(Directory::default());
        let columns = [user::Column::Id, user::Column::AccountId, user::Column::TokenEpoch];
        let rows: Vec<(i64, Option<i64>, i64)> =
            user::Entity::find().select_only().columns(columns).into_tuple().all(&database).await?;
        for (id, account, token_epoch) in rows {
            directory.put(UserId(id), account.and_then(account_from_sql), token_epoch);
        }
        let hasher =
            PasswordHasher::new(&secrets.pepper, config.bcrypt_cost, config.hashing_max, config.hashing_queue_max);
        Ok(Self { database, hasher, tokens: Tokens::new(&secrets.jwt, config.token_lifetime), directory })
    }

    /// Which account is whose.
    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// Adds a user who has no account yet; [`crate::Accounts::sign_up`] does this and the rest.
    pub async fn create(&self, new: &NewUser) -> Result<User, UserError> {
        let email = email::normalise(&new.email).ok_or(UserError::InvalidEmail)?;
        check_strength(&new.password, &email)?;
        if self.find_by(user::Column::Email, &email).await?.is_some() {
            return Err(UserError::EmailTaken);
        }
        let hashed_password = self.hasher.hash(&new.password).await?;
        let username = self.free_username(&email).await?;
        let now = TimeDateTimeWithTimeZone::from(SystemTime::now());
        let mut row = user::ActiveModel {
            username: Set(username),
            email: Set(email.clone()),
            hashed_password: Set(hashed_password),
            account_reference: Set(to_sql(random_reference()?.0)),
            account_id: Set(None),
            credited: Set(false),
            token_epoch: Set(0),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        let mut inserted = self.insert(row.clone()).await;
        if inserted.as_ref().is_err_and(is_taken) && self.find_by(user::Column::Email, &email).await?.is_none() {
            // Not the address: a namesake came in between.
            row.username = Set(with_random_tail(&email::username_of(&email))?);
            inserted = self.insert(row).await;
        }
        let row = inserted.map_err(|error| if is_taken(&error) { UserError::EmailTaken } else { error.into() })?;
        let created = User::from(row);
        self.directory.put(created.id, None, created.token_epoch);
        Ok(created)
    }

    /// In a transaction of its own: a statement that gives its row back is not followed to its end, so a disk that fails
    /// when the row is committed would go unnoticed.
    async fn insert(&self, row: user::ActiveModel) -> Result<user::Model, DbErr> {
        let transaction = self.database.begin().await?;
        let inserted = row.insert(&transaction).await?;
        transaction.commit().await?;
        Ok(inserted)
    }

    /// The user whose e-mail (or user name) and password these are. An unknown login takes as long as a wrong password.
    pub async fn authenticate(&self, login: &str, password: &str) -> Result<User, AuthError> {
        if password.len() > PASSWORD_LEN_MAX || login.len() > EMAIL_LEN_MAX + 64 {
            return Err(AuthError::WrongCredentials);
        }
        let login = login.trim().to_ascii_lowercase();
        let column = if login.contains('@') { user::Column::Email } else { user::Column::Username };
        let row = self.find_by(column, &login).await?;
        let stored = row.as_ref().map(|row| row.hashed_password.as_str());
        let equal = self.hasher.verify(password, stored).await?;
        row.filter(|_| equal).map(User::from).ok_or(AuthError::WrongCredentials)
    }

    /// The user with this number.
    pub async fn find(&self, id: UserId) -> Result<Option<User>, DbErr> {
        Ok(user::Entity::find_by_id(id.0).one(&self.database).await?.map(User::from))
    }

    /// Notes that the user's account is open, and holds the sign-up credit.
    pub async fn set_account(&self, id: UserId, account: AccountId) -> Result<(), DbErr> {
        let changed = user::Entity::update_many()
            .col_expr(user::Column::AccountId, Expr::value(i64::from(account.0)))
            .col_expr(user::Column::Credited, Expr::value(true))
            .col_expr(user::Column::UpdatedAt, Expr::value(TimeDateTimeWithTimeZone::from(SystemTime::now())))
            .filter(user::Column::Id.eq(id.0))
            .exec_with_returning(&self.database)
            .await?;
        for row in changed {
            self.directory.put(id, Some(account), row.token_epoch);
        }
        Ok(())
    }

    /// Users whose account is not known to be open and credited, oldest first.
    pub async fn unfinished(&self) -> Result<Vec<User>, DbErr> {
        let open = Condition::any().add(user::Column::AccountId.is_null()).add(user::Column::Credited.eq(false));
        let rows = user::Entity::find().filter(open).order_by_asc(user::Column::Id).all(&self.database).await?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    /// A token that is good from now on.
    pub fn issue_token(&self, user: &User) -> Result<Token, TokenError> {
        self.issue_token_at(user, SystemTime::now())
    }

    /// A token that is good from `now` on.
    pub fn issue_token_at(&self, user: &User, now: SystemTime) -> Result<Token, TokenError> {
        self.tokens.issue(Subject { user: user.id, epoch: user.token_epoch }, now)
    }

    /// Whose token it is. Asks no database: a revoked one is known by the epoch in memory.
    pub fn verify_token(&self, token: &str) -> Result<UserId, TokenError> {
        let subject = self.tokens.check(token)?;
        match self.directory.token_epoch(subject.user) {
            Some(epoch) if epoch == subject.epoch => Ok(subject.user),
            _ => Err(TokenError::Revoked),
        }
    }

    /// Ends all tokens of a user, from the next request on (log-out, password change, suspension).
    pub async fn revoke_tokens(&self, id: UserId) -> Result<(), DbErr> {
        let changed = user::Entity::update_many()
            .col_expr(user::Column::TokenEpoch, Expr::col(user::Column::TokenEpoch).add(1))
            .filter(user::Column::Id.eq(id.0))
            .exec_with_returning(&self.database)
            .await?;
        for row in changed {
            self.directory.put(id, row.account_id.and_then(account_from_sql), row.token_epoch);
        }
        Ok(())
    }

    async fn find_by(&self, column: user::Column, value: &str) -> Result<Option<user::Model>, DbErr> {
        user::Entity::find().filter(column.eq(value)).one(&self.database).await
    }

    /// The name derived from the e-mail; with a random tail if somebody has it.
    async fn free_username(&self, email: &str) -> Result<String, UserError> {
        let name = email::username_of(email);
        match self.find_by(user::Column::Username, &name).await? {
            None => Ok(name),
            Some(_) => with_random_tail(&name),
        }
    }
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        Self {
            id: UserId(row.id),
            account: row.account_id.filter(|_| row.credited).and_then(account_from_sql),
            account_reference: Reference(from_sql(row.account_reference)),
            email: row.email,
            username: row.username,
            created_at: row.created_at,
            token_epoch: row.token_epoch,
        }
    }
}

/// Whether something that must be there once is there already.
fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

fn with_random_tail(name: &str) -> Result<String, UserError> {
    Ok(format!("{name}-{:06x}", random_reference()?.0 & 0xff_ffff))
}

fn account_from_sql(number: i64) -> Option<AccountId> {
    u32::try_from(number).ok().map(AccountId)
}

/// 63 random bits. References with the highest bit set are left to the venue's own accounts.
fn random_reference() -> Result<Reference, UserError> {
    let random = getrandom::u64().map_err(|_| UserError::Randomness)?;
    Ok(Reference(random >> 1))
}
