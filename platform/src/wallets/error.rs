//! Why a wallet is not made, not changed, or keeps its secret.

use std::fmt;

use sea_orm::DbErr;

use super::{WALLET_NAME_MAX, WALLETS_MAX};
use crate::secrets::SecretsError;

/// Why not.
#[derive(Debug)]
pub enum WalletError {
    /// No name, or one that cannot be shown.
    InvalidName,
    /// The user has as many as one may have.
    TooMany,
    /// There is no such wallet of this user.
    Gone,
    /// No key opens its secret.
    Unopened,
    /// New keys are set where the old ones are: in the environment.
    KeysFromEnvironment,
    /// The file of keys was not written.
    Keys(SecretsError),
    /// The system gives no randomness.
    Randomness,
    /// The database failed.
    Database(DbErr),
}

impl From<DbErr> for WalletError {
    fn from(error: DbErr) -> Self {
        WalletError::Database(error)
    }
}

impl From<SecretsError> for WalletError {
    fn from(error: SecretsError) -> Self {
        WalletError::Keys(error)
    }
}

impl fmt::Display for WalletError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WalletError::InvalidName => write!(f, "A name has 1 to {WALLET_NAME_MAX} visible characters."),
            WalletError::TooMany => write!(f, "You have {WALLETS_MAX} wallets."),
            WalletError::Gone => f.write_str("You have no such wallet."),
            WalletError::Unopened => f.write_str("None of the venue's keys opens this wallet's private key."),
            WalletError::KeysFromEnvironment => {
                f.write_str("The venue's keys of wallets are set in its environment: put a new one in front there.")
            }
            WalletError::Keys(error) => error.fmt(f),
            WalletError::Randomness => f.write_str("The system gives no randomness."),
            WalletError::Database(_) => f.write_str("The database failed."),
        }
    }
}

impl std::error::Error for WalletError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            WalletError::Database(error) => Some(error),
            WalletError::Keys(error) => Some(error),
            _ => None,
        }
    }
}
