//! Why a sign-up or a log-in is refused.

use std::fmt;
use std::time::Duration;

use sea_orm::DbErr;

use super::password::{HashError, WeakPassword};
use super::standing::Suspension;
use crate::database::is_busy;

/// Why a user was not added.
#[derive(Debug)]
pub enum UserError {
    /// Not an e-mail address.
    InvalidEmail,
    /// There is a user with this address.
    EmailTaken,
    /// Not a user name.
    InvalidUsername,
    /// There is a user with this name.
    UsernameTaken,
    /// There is a user with this name or this address.
    LoginTaken,
    /// Not a name that can be shown.
    InvalidDisplayName,
    /// Not a phone number.
    InvalidPhoneNumber,
    /// More than 256 KiB.
    PictureTooLarge,
    /// Neither PNG nor JPEG nor WebP.
    NoPicture,
    /// A suspension needs a reason that is not too long.
    InvalidReason,
    /// A suspension would have ended already.
    EndIsPast,
    /// The link was used, or is too old, or never was one.
    LinkOver,
    /// A balance that no account begins with.
    InvalidBalance,
    /// There is no such user.
    Gone,
    /// The password is not allowed.
    WeakPassword(WeakPassword),
    /// Too many passwords wait to be hashed, or too many for the database; try again in a moment.
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
    /// The password was right, and a code is needed besides.
    TwoFactorNeeded,
    /// The code is wrong, too old, or was used.
    WrongCode,
    /// The second factor is on already, or off already, or none was offered.
    TwoFactorUnchanged,
    /// The user may not log in for a while.
    Suspended(Suspension),
    /// The user may not log in.
    Inactive,
    /// Too many were wrong; try again after this.
    Wait(Duration),
    /// Too many passwords wait to be compared, or too many for the database; try again in a moment.
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
            UserError::InvalidUsername => {
                "A user name has 3 to 32 letters, digits, dots, hyphens and underscores, and begins with a letter."
            }
            UserError::UsernameTaken => "There is a user with this name.",
            UserError::LoginTaken => "There is a user with this name or this address.",
            UserError::InvalidDisplayName => "A name that is shown has 1 to 80 visible characters.",
            UserError::InvalidPhoneNumber => "A phone number begins with + and the country, and has 7 to 15 digits.",
            UserError::PictureTooLarge => "A picture may have 256 KiB.",
            UserError::NoPicture => "A picture is PNG, JPEG or WebP.",
            UserError::InvalidReason => "A suspension needs a reason of at most 500 characters.",
            UserError::EndIsPast => "A suspension must end in the future.",
            UserError::LinkOver => "This link was used already, or is too old.",
            UserError::InvalidBalance => "No account begins with this balance.",
            UserError::Gone => "There is no such user.",
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
            AuthError::Suspended(suspension) => return f.write_str(&suspension.sentence()),
            AuthError::WrongCredentials => "Wrong e-mail or password.",
            AuthError::TwoFactorNeeded => "A code of the second factor is needed.",
            AuthError::WrongCode => "The code is wrong, or was used already.",
            AuthError::TwoFactorUnchanged => "The second factor is so already, or none was offered.",
            AuthError::Inactive => "This user is not active.",
            AuthError::Wait(_) => "Too many tries; wait a while.",
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
        if is_busy(&error) { UserError::Busy } else { UserError::Database(error) }
    }
}

impl From<DbErr> for AuthError {
    fn from(error: DbErr) -> Self {
        if is_busy(&error) { AuthError::Busy } else { AuthError::Database(error) }
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
