//! `auth.db`: users, their API keys and their wallets in a SQLite file that other programs know: three tables, `users`,
//! `api_keys` and `wallets`, with a balance in cents. Written from a venue, and read into one.

mod export;
mod import;

use std::fmt;
use std::path::{Path, PathBuf};

use sea_orm::{Database, DatabaseConnection, DbErr};

pub use export::{Exported, export};
pub use import::{Imported, ImportedKey, import};

use crate::users::UserError;

/// What a wallet has where its row does not say: five dollars.
pub const BALANCE_DEFAULT: i64 = 500;

/// The tables, in the order in which they need each other.
const TABLES: [&str; 3] = [
    "CREATE TABLE users (id INTEGER NOT NULL, email VARCHAR NOT NULL, name VARCHAR NOT NULL, \
     is_active BOOLEAN DEFAULT 1, PRIMARY KEY (id), UNIQUE (email))",
    "CREATE TABLE api_keys (id INTEGER NOT NULL, key VARCHAR NOT NULL, user_id INTEGER NOT NULL, \
     api_name VARCHAR NOT NULL, is_active BOOLEAN DEFAULT 1, created_at DATETIME DEFAULT CURRENT_TIMESTAMP, \
     PRIMARY KEY (id), UNIQUE (user_id, api_name), UNIQUE (key), FOREIGN KEY(user_id) REFERENCES users (id))",
    "CREATE TABLE wallets (id INTEGER NOT NULL, user_id INTEGER NOT NULL, balance INTEGER DEFAULT 500, \
     PRIMARY KEY (id), UNIQUE (user_id), FOREIGN KEY(user_id) REFERENCES users (id))",
];

/// Why a file is not written, or not read.
#[derive(Debug)]
pub enum AuthDbError {
    /// The file is there already, or cannot be made.
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A row that no venue takes. Nothing was imported.
    Row {
        /// The table.
        table: &'static str,
        /// The row's number.
        id: i64,
        /// What is wrong with it.
        why: String,
    },
    /// One of the databases failed.
    Database(DbErr),
}

impl From<DbErr> for AuthDbError {
    fn from(error: DbErr) -> Self {
        AuthDbError::Database(error)
    }
}

impl fmt::Display for AuthDbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AuthDbError::File { path, .. } => write!(f, "{} cannot be used", path.display()),
            AuthDbError::Row { table, id, why } => write!(f, "{table}, row {id}: {why} Nothing was imported."),
            AuthDbError::Database(_) => write!(f, "a database failed, or is of another shape"),
        }
    }
}

impl std::error::Error for AuthDbError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            AuthDbError::File { source, .. } => Some(source),
            AuthDbError::Database(error) => Some(error),
            AuthDbError::Row { .. } => None,
        }
    }
}

/// A row that is not taken.
fn refused(table: &'static str, id: i64, why: impl fmt::Display) -> AuthDbError {
    AuthDbError::Row { table, id, why: why.to_string() }
}

/// A user's row that is not taken; a database that fails is no fault of the row.
fn refused_user(id: i64, error: UserError) -> AuthDbError {
    match error {
        UserError::Database(error) => AuthDbError::Database(error),
        error => refused("users", id, error),
    }
}

async fn open(path: &Path, mode: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = sea_orm::ConnectOptions::new(format!("sqlite://{}?mode={mode}", path.display()));
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await
}
