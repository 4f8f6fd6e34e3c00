//! The relational database: users, and the projections of what the venue told.
//!
//! Users exist only here. Everything else can be thrown away and is rebuilt from the journal, because
//! [`cursor`] names the command up to which it was written.

use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

pub mod api_key;
pub mod asset;
pub mod candle;
pub mod cursor;
pub mod instrument;
pub mod order;
pub mod portfolio;
mod schema;
pub mod tape;
pub mod told;
pub mod trade;
pub mod user;

pub use schema::{OpenError, SCHEMA_VERSION};

/// Connects, and creates the tables on the first start. Refuses a database of a newer version.
///
/// `url` is `sqlite://PATH?mode=rwc`.
pub async fn open(url: &str) -> Result<DatabaseConnection, OpenError> {
    let connection = Database::connect(options(url)).await?;
    schema::prepare(&connection).await?;
    Ok(connection)
}

/// Readers do not wait for the writer (WAL). Each commit reaches the disk: projections could be rebuilt after a power
/// cut, but a user who was told of a sign-up could not.
fn options(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(8).acquire_timeout(Duration::from_secs(5)).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|sqlite: SqliteConnectOptions| {
        sqlite
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
    });
    options
}

/// SQL has no unsigned 64-bit column: the same 64 bits are kept, so that every value survives, and values below 2^63
/// (all that occur) read as they are.
pub(crate) const fn to_sql(value: u64) -> i64 {
    value as i64
}

/// The inverse of [`to_sql`].
pub(crate) const fn from_sql(value: i64) -> u64 {
    value as u64
}

/// A stored text that is not what this program writes.
pub(crate) fn corrupt(table: &str, column: &str, value: impl std::fmt::Debug) -> DbErr {
    DbErr::Custom(format!("{table}.{column} holds {value:?}, which this version does not write"))
}
