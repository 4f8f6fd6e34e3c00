//! From a file to a venue: all of it, or nothing.

use std::collections::HashMap;
use std::path::Path;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QueryResult, SqlErr,
    Statement, TransactionTrait,
};
use sha2::{Digest, Sha256};

use super::{AuthDbError, BALANCE_DEFAULT, open, refused, refused_user};
use crate::api_keys::{API_KEYS_MAX, ApiKey, KeyId, KeyKind, KeyType, checked_name, to_row};
use crate::database::api_key;
use crate::platform::Platform;
use crate::users::{ImportedUser, UserId};

/// A key that was made for one of the file's. Whoever imports hands the secret on: it is shown this once.
#[derive(Clone, PartialEq, Eq)]
pub struct ImportedKey {
    /// Whose.
    pub email: String,
    /// What the owner calls it.
    pub name: String,
    /// Its id.
    pub key: KeyId,
    /// Its secret.
    pub secret: [u8; 32],
}

impl std::fmt::Debug for ImportedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ImportedKey({}, {}, {}, ..)", self.email, self.name, self.key)
    }
}

/// What was imported.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Imported {
    /// How many users. They set their passwords by a link.
    pub users: usize,
    /// Their keys, which may read.
    pub keys: Vec<ImportedKey>,
}

/// Adds the users of a file, with their names, balances and keys. Accounts are opened and credited at the venue's next start,
/// by deposits like all others.
pub async fn import(platform: &Platform, path: &Path) -> Result<Imported, AuthDbError> {
    let file = open(path, "ro").await?;
    let balances = balances(&file).await?;
    let transaction = platform.database().begin().await?;
    let mut known = HashMap::new();
    for row in rows(&file, "SELECT id, email, name, is_active FROM users ORDER BY id").await? {
        let id: i64 = row.try_get("", "id")?;
        let cents = balances.get(&id).copied();
        let negative = || refused("wallets", id, "The balance is below zero.");
        let user = ImportedUser {
            email: row.try_get("", "email")?,
            name: row.try_get("", "name")?,
            is_active: row.try_get::<Option<bool>>("", "is_active")?.unwrap_or(true),
            opening_cents: cents.map(u64::try_from).transpose().map_err(|_| negative())?,
        };
        let added = platform.users().insert_imported(&user, &transaction).await;
        known.insert(id, (added.map_err(|error| refused_user(id, error))?, user.email));
    }
    let keys = import_keys(platform, &file, &known, &transaction).await?;
    transaction.commit().await?;
    file.close().await?;
    Ok(Imported { users: known.len(), keys })
}

/// Balances in cents by user.
async fn balances(file: &DatabaseConnection) -> Result<HashMap<i64, i64>, DbErr> {
    let rows = rows(file, "SELECT user_id, balance FROM wallets").await?;
    let balance = |row: QueryResult| {
        let cents: Option<i64> = row.try_get("", "balance")?;
        Ok((row.try_get("", "user_id")?, cents.unwrap_or(BALANCE_DEFAULT)))
    };
    rows.into_iter().map(balance).collect()
}

async fn import_keys(
    platform: &Platform,
    file: &DatabaseConnection,
    known: &HashMap<i64, (UserId, String)>,
    transaction: &DatabaseTransaction,
) -> Result<Vec<ImportedKey>, AuthDbError> {
    let sql = "SELECT id, key, user_id, api_name, is_active, \
        CAST(strftime('%s', created_at) AS INTEGER) AS created_s FROM api_keys ORDER BY id";
    let (mut imported, mut counts) = (Vec::new(), HashMap::<UserId, u64>::new());
    for row in rows(file, sql).await? {
        let id: i64 = row.try_get("", "id")?;
        let owner = known.get(&row.try_get::<i64>("", "user_id")?);
        let (user, email) = owner.ok_or_else(|| refused("api_keys", id, "There is no such user in the file."))?;
        let count = counts.entry(*user).or_default();
        *count += 1;
        if *count > API_KEYS_MAX {
            let why = format!("{email} has more API keys than a user may have, which is {API_KEYS_MAX}.");
            return Err(refused("api_keys", id, why));
        }
        let key = ApiKey { pepper: Some(platform.api_keys().pepper()), ..key_of(&row, id, *user)? };
        let inserted = api_key::Entity::insert(to_row(*user, &key)).exec_without_returning(transaction).await;
        inserted.map_err(|error| match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => {
                refused("api_keys", id, "The venue has this key, or its user one of this name.")
            }
            _ => error.into(),
        })?;
        let missing = || refused("api_keys", id, "Its secret cannot be made.");
        let secret = platform.api_keys().secret_of(*user, &key).ok_or_else(missing)?;
        imported.push(ImportedKey { email: email.clone(), name: key.name, key: key.id, secret });
    }
    Ok(imported)
}

fn key_of(row: &QueryResult, id: i64, user: UserId) -> Result<ApiKey, AuthDbError> {
    let created_s: Option<i64> = row.try_get("", "created_s")?;
    let created_ms = created_s.and_then(|s| u64::try_from(s).ok()).unwrap_or_default().saturating_mul(1_000);
    let name = checked_name(&row.try_get::<String>("", "api_name")?);
    Ok(ApiKey {
        id: id_of(&row.try_get::<String>("", "key")?),
        user,
        name: name.map_err(|error| refused("api_keys", id, error))?,
        kind: KeyKind::Hmac,
        permissions: KeyType::Read.into(),
        is_active: row.try_get::<Option<bool>>("", "is_active")?.unwrap_or(true),
        networks: Vec::new(),
        expires_ms: None,
        last_used_ms: None,
        created_ms,
        updated_ms: created_ms,
        pepper: None,
    })
}

/// A key of a venue keeps its id; another text stands for the first half of its hash.
fn id_of(text: &str) -> KeyId {
    text.parse().unwrap_or_else(|_| {
        let mut id = [0; 16];
        id.iter_mut().zip(Sha256::digest(text)).for_each(|(to, from)| *to = from);
        KeyId(id)
    })
}

async fn rows(file: &DatabaseConnection, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
    file.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await
}
