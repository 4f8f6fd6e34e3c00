//! Why a key cannot be made.

use std::fmt;

use sea_orm::DbErr;

use super::{API_KEY_NAME_MAX, API_KEYS_MAX, NETWORKS_MAX};

/// Why a key cannot be made.
#[derive(Debug)]
pub enum ApiKeyError {
    /// No name, or one that is too long.
    InvalidName,
    /// The user has a key of this name.
    NameTaken,
    /// A key that may do nothing.
    NoPermission,
    /// More networks than a key may come from.
    TooManyNetworks,
    /// Its end has come already.
    ExpiryNotAhead,
    /// Not an Ed25519 key, or one that proves nothing.
    InvalidPublicKey,
    /// The user has as many as one may have.
    TooMany,
    /// The key would be good for more than it is, and who asks has not proven to be its owner.
    NotProven,
    /// The system gives no randomness.
    Randomness,
    /// The database refused.
    Database(DbErr),
}

impl From<DbErr> for ApiKeyError {
    fn from(error: DbErr) -> Self {
        ApiKeyError::Database(error)
    }
}

impl fmt::Display for ApiKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ApiKeyError::InvalidName => write!(f, "A name has 1 to {API_KEY_NAME_MAX} characters."),
            ApiKeyError::NameTaken => f.write_str("You have a key of this name."),
            ApiKeyError::NoPermission => f.write_str("A key must be allowed to do something."),
            ApiKeyError::TooManyNetworks => write!(f, "A key may come from {NETWORKS_MAX} networks."),
            ApiKeyError::ExpiryNotAhead => f.write_str("The key would have ended already."),
            ApiKeyError::InvalidPublicKey => f.write_str("An Ed25519 public key is 32 bytes, 64 hexadecimal digits."),
            ApiKeyError::TooMany => write!(f, "You have {API_KEYS_MAX} keys; revoke one first."),
            ApiKeyError::NotProven => f.write_str("Show your password before a key is good for more than it is."),
            ApiKeyError::Randomness => f.write_str("The system gives no randomness."),
            ApiKeyError::Database(_) => f.write_str("The database does not answer."),
        }
    }
}

impl std::error::Error for ApiKeyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ApiKeyError::Database(error) => Some(error),
            _ => None,
        }
    }
}
