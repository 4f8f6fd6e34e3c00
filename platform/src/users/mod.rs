//! Users: sign-up rows, log-in, access tokens. The money is in the venue; here is only who may use which account.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::Hmac;
use papertape_engine::{AccountId, Reference};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveValue::Set, Condition, DatabaseConnection, QueryOrder, SqlErr, TransactionTrait};
use sha2::Sha256;

use crate::database::{from_sql, now, to_sql, user};
use crate::mail::Mail;
use crate::peppers::Derived;
use crate::secrets::Secrets;

mod auth_log;
mod bcrypt_in_steps;
mod directory;
mod email;
mod error;
mod hs256;
mod imported;
mod lockout;
mod log_in;
mod origin;
mod oversight;
mod password;
mod passwords;
mod profile;
mod sessions;
mod standing;
mod step_up;
mod token;
mod totp;
mod two_factor;
mod workers;

pub use auth_log::{AUTH_LOG_PAGE_MAX, AuthAction, AuthEvent, AuthLogFilter};
pub use directory::{Directory, Revoked};
pub use email::{EMAIL_LEN_MAX, normalise as normalise_email};
pub use error::{AuthError, UserError};
pub use imported::ImportedUser;
pub use lockout::{FREE_TRIES, FREE_TRIES_EVERYWHERE};
pub use log_in::{LogIn, LoggedIn};
pub use origin::Origin;
pub use oversight::{REASON_MAX, USERS_PAGE_MAX};
pub use password::{
    HashError, Hashed, PASSWORD_LEN_MAX, PASSWORD_LEN_MIN, PasswordHasher, WeakPassword, check_strength,
};
pub use profile::{DISPLAY_NAME_MAX, Edit, PICTURE_MAX, Picture, ProfileEdit};
pub use sessions::{Opened, Opening, RefreshError, SESSIONS_MAX, SessionId, SessionView};
pub use standing::{Role, Suspension};
pub use step_up::PROVEN_FOR;
pub use token::{Token, TokenError};
pub use two_factor::{RECOVERY_CODES, TwoFactorOffer};

use lockout::Lockout;
use token::{Subject, Tokens};
use two_factor::CodeTries;

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
    /// The name that is shown.
    pub display_name: Option<String>,
    /// A number to be reached at.
    pub phone_number: Option<String>,
    /// The name of the picture.
    pub profile_picture: Option<String>,
    /// What the user may.
    pub role: Role,
    /// Whether the user may log in at all.
    pub is_active: bool,
    /// The suspension, if there is one.
    pub suspension: Option<Suspension>,
    /// The last log-in.
    pub last_login_at: Option<TimeDateTimeWithTimeZone>,
    /// The last log-out.
    pub last_logout_at: Option<TimeDateTimeWithTimeZone>,
    /// What the user prefers.
    pub preferences: serde_json::Value,
    /// When the user signed up.
    pub created_at: TimeDateTimeWithTimeZone,
    /// When the row last changed.
    pub updated_at: TimeDateTimeWithTimeZone,
    /// What the account begins with, in cents, where it is not what everybody gets.
    pub opening_cents: Option<u64>,
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
    /// How long a session can be renewed.
    pub session_lifetime: Duration,
    /// Passwords hashed at a time.
    pub hashing_max: usize,
    /// Passwords waiting to be hashed.
    pub hashing_queue_max: usize,
}

impl Default for UsersConfig {
    /// Cost 12, 15 minutes, 30 days, half of the processors, 64 in line.
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            bcrypt_cost: 12,
            token_lifetime: Duration::from_secs(15 * 60),
            session_lifetime: Duration::from_secs(30 * 24 * 3_600),
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
    config: UsersConfig,
    lockout: Lockout,
    code_tries: CodeTries,
    two_factor_keys: Derived<Hmac<Sha256>>,
    mail: Mail,
    /// Held while a link for a new password is made.
    links: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for Users {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Users(..)")
    }
}

impl Users {
    /// Loads the directory of all users, and their sessions.
    pub(crate) async fn load(
        (database, mail): (DatabaseConnection, Mail),
        secrets: &Secrets,
        config: &UsersConfig,
    ) -> Result<Self, DbErr> {
        let directory = Arc::new(Directory::default());
        for row in user::Entity::find().all(&database).await? {
            directory.put(&User::from(row));
        }
        let hasher =
            PasswordHasher::new(&secrets.peppers, config.bcrypt_cost, config.hashing_max, config.hashing_queue_max);
        let users = Self {
            database,
            hasher,
            tokens: Tokens::new(&secrets.jwt, config.token_lifetime),
            directory,
            config: config.clone(),
            lockout: Lockout::default(),
            code_tries: CodeTries::default(),
            two_factor_keys: secrets.peppers.derive(two_factor::key_of),
            mail,
            links: tokio::sync::Mutex::default(),
        };
        users.load_sessions().await?;
        Ok(users)
    }

    /// Passwords that were hashed or compared: a login that nobody has costs as many as one that somebody has.
    pub fn passwords_worked(&self) -> u64 {
        self.hasher.worked()
    }

    /// Which account is whose.
    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// Adds a user who has no account yet; [`crate::Accounts::sign_up`] does this and the rest.
    pub async fn create(&self, new: &NewUser) -> Result<User, UserError> {
        self.create_as(new, Role::User).await
    }

    async fn create_as(&self, new: &NewUser, role: Role) -> Result<User, UserError> {
        let email = email::normalise(&new.email).ok_or(UserError::InvalidEmail)?;
        check_strength(&new.password, &email)?;
        if self.find_by(user::Column::Email, &email).await?.is_some() {
            return Err(UserError::EmailTaken);
        }
        let hashed = self.hasher.hash(&new.password).await?;
        let username = self.free_username(&email).await?;
        let now = now();
        let mut row = user::ActiveModel {
            username: Set(username),
            email: Set(email.clone()),
            hashed_password: Set(hashed.text),
            pepper: Set(hashed.pepper),
            role: Set(role.name().to_owned()),
            is_active: Set(true),
            is_suspended: Set(false),
            preferences: Set(serde_json::json!({})),
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
        self.directory.put(&created);
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

    /// The user with this number.
    pub async fn find(&self, id: UserId) -> Result<Option<User>, DbErr> {
        Ok(user::Entity::find_by_id(id.0).one(&self.database).await?.map(User::from))
    }

    /// Notes that the user's account is open, and holds the sign-up credit.
    pub async fn set_account(&self, id: UserId, account: AccountId) -> Result<(), DbErr> {
        let changed = user::Entity::update_many()
            .col_expr(user::Column::AccountId, Expr::value(i64::from(account.0)))
            .col_expr(user::Column::Credited, Expr::value(true))
            .col_expr(user::Column::UpdatedAt, Expr::value(now()))
            .filter(user::Column::Id.eq(id.0))
            .exec_with_returning(&self.database)
            .await?;
        for row in changed {
            self.directory.put(&User::from(row));
        }
        Ok(())
    }

    /// Users whose account is not known to be open and credited, oldest first.
    pub async fn unfinished(&self) -> Result<Vec<User>, DbErr> {
        let open = Condition::any().add(user::Column::AccountId.is_null()).add(user::Column::Credited.eq(false));
        let rows = user::Entity::find().filter(open).order_by_asc(user::Column::Id).all(&self.database).await?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    /// A token of a session that is good from `now` on.
    pub fn issue_token_at(&self, user: &User, session: SessionId, now: SystemTime) -> Result<Token, TokenError> {
        self.tokens.issue(Subject { user: user.id, session, epoch: user.token_epoch }, now)
    }

    /// Whose token it is, and of which session. Asks no database: what was revoked is known in memory.
    pub fn verify_token(&self, token: &str) -> Result<(UserId, SessionId), TokenError> {
        let subject = self.tokens.check(token)?;
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        self.directory.admit(&subject, i64::try_from(now_s).unwrap_or(i64::MAX))?;
        Ok((subject.user, subject.session))
    }

    /// Ends all tokens of a user, whatever their session, from the next request on.
    pub async fn revoke_tokens(&self, id: UserId) -> Result<(), DbErr> {
        let changed = user::Entity::update_many()
            .col_expr(user::Column::TokenEpoch, Expr::col(user::Column::TokenEpoch).add(1))
            .filter(user::Column::Id.eq(id.0))
            .exec_with_returning(&self.database)
            .await?;
        for row in changed {
            self.directory.put(&User::from(row));
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
            suspension: Suspension::of(&row),
            role: Role::named(&row.role).unwrap_or_default(),
            account: row.account_id.filter(|_| row.credited).and_then(account_from_sql),
            account_reference: Reference(from_sql(row.account_reference)),
            email: row.email,
            username: row.username,
            display_name: row.display_name,
            phone_number: row.phone_number,
            profile_picture: row.profile_picture,
            is_active: row.is_active,
            last_login_at: row.last_login_at,
            last_logout_at: row.last_logout_at,
            preferences: row.preferences,
            created_at: row.created_at,
            updated_at: row.updated_at,
            opening_cents: row.opening_cents.and_then(|cents| u64::try_from(cents).ok()),
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

/// A moment as the API writes it, to the millisecond.
pub fn rfc3339(time: TimeDateTimeWithTimeZone) -> String {
    let (date, clock) = (time.to_utc(), time.to_utc().time());
    let (month, day) = (u8::from(date.month()), date.day());
    let (hour, minute, second, milli) = (clock.hour(), clock.minute(), clock.second(), clock.millisecond());
    format!("{:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z", date.year())
}

/// A moment in seconds since 1970.
pub(crate) fn of_seconds(seconds: i64) -> Result<TimeDateTimeWithTimeZone, DbErr> {
    let time = TimeDateTimeWithTimeZone::from_unix_timestamp(seconds);
    time.map_err(|error| DbErr::Custom(error.to_string()))
}

fn account_from_sql(number: i64) -> Option<AccountId> {
    u32::try_from(number).ok().map(AccountId)
}

/// 63 random bits. References with the highest bit set are left to the venue's own accounts.
fn random_reference() -> Result<Reference, UserError> {
    let random = getrandom::u64().map_err(|_| UserError::Randomness)?;
    Ok(Reference(random >> 1))
}
