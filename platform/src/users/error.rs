//! Why a sign-up or a log-in is refused.

use std::fmt;

use sea_orm::DbErr;

use super::password::{HashError, WeakPassword};

/// Why a user was not added.
#[derive(Debug)]
pub enum UserError {
    /// Not an e-mail address.
    InvalidEmail,
    /// There is a user with this address.
    EmailTaken,
    /// The password is not allowed.
    WeakPassword(WeakPassword),
    /// Too many passwords wait to be hashed; try again in a moment.
    Busy,
    /// Hashing failed.
    Hashing,
    /// The system gives no randomness.
    Randomness,
    /// The database failed.
    Database(DbErr),
}

/// Why nobody was logged in.
#[derive(Debug)]
pub enum AuthError {
    /// No such user, or another password. Which of them is not told.
    WrongCredentials,
    /// Too many passwords wait to be compared; try again in a moment.
    Busy,
    /// Comparing failed.
    Hashing,
    /// The database failed.
    Database(DbErr),
}

impl fmt::Display for UserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UserError::InvalidEmail => "This is not an e-mail address.",
            UserError::EmailTaken => "There is a user with this e-mail address.",
            UserError::WeakPassword(weak) => weak.sentence(),
            UserError::Busy => "Too many sign-ups at once; try again in a moment.",
            UserError::Hashing => "The password could not be hashed.",
            UserError::Randomness => "The system gives no randomness.",
            UserError::Database(_) => "The database failed.",
        })
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AuthError::WrongCredentials => "Wrong e-mail or password.",
            AuthError::Busy => "Too many log-ins at once; try again in a moment.",
            AuthError::Hashing => "The password could not be compared.",
            AuthError::Database(_) => "The database failed.",
        })
    }
}

impl std::error::Error for UserError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            UserError::Database(error) => Some(error),
            _ => None,
        }
    }
}

impl std::error::Error for AuthError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            AuthError::Database(error) => Some(error),
            _ => None,
        }
    }
}

impl From<DbErr> for UserError {
    fn from(error: DbErr) -> Self {
        UserError::Database(error)
    }
}

impl From<DbErr> for AuthError {
    fn from(error: DbErr) -> Self {
        AuthError::Database(error)
    }
}

impl From<WeakPassword> for UserError {
    fn from(weak: WeakPassword) -> Self {
        UserError::WeakPassword(weak)
    }
}

impl From<HashError> for UserError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => UserError::Busy,
            HashError::Failed => UserError::Hashing,
        }
    }
}

impl From<HashError> for AuthError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => AuthError::Busy,
            HashError::Failed => AuthError::Hashing,
        }
    }
}
