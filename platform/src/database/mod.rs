//! The relational database: users, and the projections of what the venue told.
//!
//! Users exist only here. Everything else can be thrown away and is rebuilt from the journal, because
//! [`cursor`] names the command up to which it was written.

use std::time::{Duration, SystemTime};

use sea_orm::prelude::TimeDateTimeWithTimeZone;
use sea_orm::sqlx;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, RuntimeErr};

pub mod admin_log;
pub mod api_key;
pub mod asset;
pub mod auth_log;
pub mod candle;
pub mod cursor;
pub mod instrument;
pub mod order;
pub mod outbox;
pub mod password_reset;
pub mod portfolio;
pub mod profile_picture;
pub mod recovery_code;
pub mod refresh_token;
mod schema;
mod schema_admin_log;
mod schema_peppers;
mod schema_wallets;
pub mod session;
pub mod tape;
pub mod told;
pub mod trade;
pub mod two_factor;
pub mod user;
pub mod wallet;

pub use schema::{OpenError, SCHEMA_VERSION};
pub use schema_peppers::Lost;
pub(crate) use schema_peppers::{lost_with, name_unnamed};

/// Connects, and creates the tables on the first start. Refuses a database of a newer version.
///
/// `url` is `sqlite://PATH?mode=rwc` or `postgres://USER@HOST/NAME`.
pub async fn open(url: &str) -> Result<DatabaseConnection, OpenError> {
    if !is_known(url) {
        return Err(OpenError::Unknown);
    }
    let connection = Database::connect(options(url)).await?;
    schema::prepare(&connection).await?;
    Ok(connection)
}

/// Pages in SQLite's log after which a commit of rows brings them into the database: the more, the longer nobody else has
/// that processor.
const ROWS_CHECKPOINT: &str = "128";

/// One more connection to a database that [`open`] has prepared, for rows that follow from the journal: what it has read
/// stays in its cache while nobody else writes, whoever has it waits for no other, and a commit does not wait for the disk,
/// which has the rows before those of any later commit that does.
pub(crate) async fn open_for_rows(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = options(url);
    options.max_connections(1);
    options.map_sqlx_sqlite_opts(|sqlite: SqliteConnectOptions| {
        wal(sqlite).synchronous(SqliteSynchronous::Normal).pragma("wal_autocheckpoint", ROWS_CHECKPOINT)
    });
    Database::connect(options).await
}

/// Connects and changes nothing: for whoever only looks. The tables must be there.
///
/// `url` is `sqlite://PATH?mode=ro` or `postgres://USER@HOST/NAME`.
pub async fn look(url: &str) -> Result<DatabaseConnection, OpenError> {
    if !is_known(url) {
        return Err(OpenError::Unknown);
    }
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).acquire_timeout(Duration::from_secs(5)).sqlx_logging(false);
    Ok(Database::connect(options).await?)
}

/// Whether an address names a kind of database that this program speaks to.
pub fn is_known(url: &str) -> bool {
    ["sqlite:", "postgres://", "postgresql://"].iter().any(|kind| url.starts_with(kind))
}

/// Steps of SQLite's machine after which others may have the processor: some tens of microseconds.
const SQLITE_STEPS: i32 = 100;

/// Readers do not wait for the writer (WAL). Each commit reaches the disk: projections could be rebuilt after a power
/// cut, but a user who was told of a sign-up could not.
fn options(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(8).acquire_timeout(Duration::from_secs(5)).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|sqlite: SqliteConnectOptions| wal(sqlite).synchronous(SqliteSynchronous::Full));
    options.map_sqlx_sqlite_pool_opts(|pool| pool.after_connect(|connection, _| Box::pin(in_portions(connection))));
    options.map_sqlx_postgres_opts(|postgres: PgConnectOptions| {
        postgres.application_name("papertape").options([("statement_timeout", "10s"), ("lock_timeout", "5s")])
    });
    options
}

fn wal(sqlite: SqliteConnectOptions) -> SqliteConnectOptions {
    let sqlite = match papertape_vfs::register(std::thread::yield_now) {
        Some(layer) => sqlite.vfs(layer),
        None => sqlite,
    };
    sqlite.journal_mode(SqliteJournalMode::Wal).foreign_keys(true).busy_timeout(Duration::from_secs(5))
}

/// SQLite computes in this process: between portions of work it lends its processor to those who carry orders, as
/// `papertape_pipeline::Portions` does; and after each page that it writes, by its layer of files.
async fn in_portions(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    connection.lock_handle().await?.set_progress_handler(SQLITE_STEPS, || {
        std::thread::yield_now();
        true
    });
    Ok(())
}

/// What SQLite says when another connection writes and does not end in time (`SQLITE_BUSY`).
const SQLITE_BUSY: &str = "5";

/// Whether the database had too much to do: nothing was done, and a second try may succeed.
pub(crate) fn is_busy(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == SQLITE_BUSY)
        }
        _ => false,
    }
}

/// A moment as the tables keep it: to the microsecond, as far as PostgreSQL counts.
pub(crate) fn moment(time: SystemTime) -> TimeDateTimeWithTimeZone {
    let time = TimeDateTimeWithTimeZone::from(time);
    time.replace_nanosecond(time.microsecond() * 1_000).unwrap_or(time)
}

/// A moment in milliseconds since 1970; none, if it is too far away to be kept.
pub fn of_millis(millis: u64) -> Option<TimeDateTimeWithTimeZone> {
    TimeDateTimeWithTimeZone::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).ok()
}

/// This moment.
pub(crate) fn now() -> TimeDateTimeWithTimeZone {
    moment(SystemTime::now())
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

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait;

    use super::*;

    async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).acquire_timeout(Duration::from_millis(10));
        options.map_sqlx_sqlite_opts(|sqlite: SqliteConnectOptions| sqlite.busy_timeout(Duration::ZERO));
        Database::connect(options).await
    }

    #[tokio::test]
    async fn a_database_that_has_too_much_to_do_is_told_from_one_that_failed() -> Result<(), DbErr> {
        let path = std::env::temp_dir().join(format!("papertape-busy-{}.db", std::process::id()));
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let (one, other) = (connect(&url).await?, connect(&url).await?);
        one.execute_unprepared("CREATE TABLE t (a INTEGER)").await?;
        let writing = sea_orm::TransactionTrait::begin(&one).await?;
        writing.execute_unprepared("INSERT INTO t VALUES (1)").await?;
        let locked = other.execute_unprepared("INSERT INTO t VALUES (2)").await;
        assert!(locked.is_err_and(|error| is_busy(&error)), "another connection writes");
        let taken = one.execute_unprepared("SELECT 1").await;
        assert!(taken.is_err_and(|error| is_busy(&error)), "its one connection is in use");
        writing.commit().await?;
        let wrong = other.execute_unprepared("INSERT INTO nowhere VALUES (2)").await;
        assert!(wrong.is_err_and(|error| !is_busy(&error)));
        std::fs::remove_file(path).map_err(|error| DbErr::Custom(error.to_string()))
    }
}
