//! From a venue to a file.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use papertape_engine::AccountId;
use sea_orm::prelude::TimeDateTimeWithTimeZone;
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, QueryOrder, Statement, TransactionTrait};

use super::{AuthDbError, TABLES, open};
use crate::database::{api_key, of_millis, user};
use crate::platform::Platform;

/// How many rows were written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Exported {
    /// Users, each with one wallet.
    pub users: usize,
    /// API keys, without their secrets.
    pub api_keys: usize,
}

/// Writes all users, API keys and balances into a new file, which only its owner may read. `balance` is what an account
/// has, in whole cents.
pub async fn export(
    platform: &Platform,
    balance: impl Fn(AccountId) -> i64,
    path: &Path,
) -> Result<Exported, AuthDbError> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.map_err(|source| AuthDbError::File { path: path.to_owned(), source })?;
    let users = user::Entity::find().order_by_asc(user::Column::Id).all(platform.database()).await?;
    let keys = api_key::Entity::find().order_by_asc(api_key::Column::CreatedMs).order_by_asc(api_key::Column::Id);
    let keys = keys.all(platform.database()).await?;
    let file = open(path, "rw").await?;
    let transaction = file.begin().await?;
    for table in TABLES {
        transaction.execute_unprepared(table).await?;
    }
    let put = async |sql: &str, values: Vec<sea_orm::Value>| {
        transaction.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await
    };
    for (at, row) in (1_i64..).zip(&users) {
        let name = row.display_name.clone().unwrap_or_else(|| row.username.clone());
        let values = vec![row.id.into(), row.email.clone().into(), name.into(), row.is_active.into()];
        put("INSERT INTO users (id, email, name, is_active) VALUES (?, ?, ?, ?)", values).await?;
        let account = row.account_id.filter(|_| row.credited).and_then(|id| u32::try_from(id).ok()).map(AccountId);
        // Whose account is not open yet has what it will begin with.
        let cents = account.map_or(row.opening_cents.unwrap_or(super::BALANCE_DEFAULT), &balance);
        let values = vec![at.into(), row.id.into(), cents.into()];
        put("INSERT INTO wallets (id, user_id, balance) VALUES (?, ?, ?)", values).await?;
    }
    for (at, row) in (1_i64..).zip(&keys) {
        let created = of_millis(u64::try_from(row.created_ms).unwrap_or(0)).map(written).unwrap_or_default();
        let values = vec![
            at.into(),
            row.id.clone().into(),
            row.user_id.into(),
            row.name.clone().into(),
            row.is_active.into(),
            created.into(),
        ];
        let sql = "INSERT INTO api_keys (id, key, user_id, api_name, is_active, created_at) VALUES (?, ?, ?, ?, ?, ?)";
        put(sql, values).await?;
    }
    transaction.commit().await?;
    file.close().await?;
    Ok(Exported { users: users.len(), api_keys: keys.len() })
}

/// As programs in Python write moments into SQLite: UTC without saying so, to the microsecond.
fn written(time: TimeDateTimeWithTimeZone) -> String {
    let (date, clock) = (time.to_utc(), time.to_utc().time());
    let (month, day) = (u8::from(date.month()), date.day());
    let (hour, minute, second, micro) = (clock.hour(), clock.minute(), clock.second(), clock.microsecond());
    format!("{:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micro:06}", date.year())
}
