//! API keys: what programs log in with. The secret of an `hmac` key is shown once and stored nowhere: it follows from the
//! key's id and the venue's own secret, so that whoever has the database alone has no key. Of an `ed25519` key only the
//! public half is known.

mod directory;
mod error;

use std::fmt;
use std::sync::Arc;

use ed25519_dalek::{Signature, VerifyingKey};
use hmac::{Hmac, KeyInit, Mac};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{DatabaseConnection, DbErr, PaginatorTrait, QueryOrder, SqlErr, TransactionTrait, prelude::*};
use sha2::Sha256;

use crate::database::api_key;
use crate::secrets::Secrets;
use crate::users::UserId;
use directory::{Directory, Entry, Proof};
pub use error::ApiKeyError;

/// Most keys of a user.
pub const API_KEYS_MAX: u64 = 32;

/// Longest name of a key, in characters.
pub const API_KEY_NAME_MAX: usize = 64;

/// A key's id: 16 random bytes, 32 hexadecimal digits as text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct KeyId(pub [u8; 16]);

/// What a key may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Permissions {
    /// See the account.
    pub read: bool,
    /// Trade with it.
    pub trade: bool,
}

/// How a key proves itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyKind {
    /// HMAC-SHA256 with a shared secret.
    Hmac,
    /// Ed25519; the public key is the user's.
    Ed25519 {
        /// 32 bytes.
        public_key: [u8; 32],
    },
}

/// A new key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewApiKey {
    /// Unique among the user's.
    pub name: String,
    /// How it proves itself.
    pub kind: KeyKind,
    /// What it may do.
    pub permissions: Permissions,
    /// When it ends by itself, in milliseconds since 1970.
    pub expires_ms: Option<u64>,
}

/// A key, without its secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// What the user calls it.
    pub name: String,
    /// How it proves itself.
    pub kind: KeyKind,
    /// What it may do.
    pub permissions: Permissions,
    /// When it ends by itself, in milliseconds since 1970.
    pub expires_ms: Option<u64>,
    /// When somebody last logged in with it, in milliseconds since 1970.
    pub last_used_ms: Option<u64>,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: u64,
}

/// Who has logged in with a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyHolder {
    /// With which.
    pub key: KeyId,
    /// Whose it is.
    pub user: UserId,
    /// What it may do.
    pub permissions: Permissions,
}

/// The keys of a venue.
pub struct ApiKeys {
    database: DatabaseConnection,
    directory: Arc<Directory>,
    secret: Hmac<Sha256>,
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKeys(..)")
    }
}

impl ApiKeys {
    /// Loads all of them.
    pub(crate) async fn load(database: DatabaseConnection, secrets: &Secrets) -> Result<Self, DbErr> {
        let secret = keyed(&keyed_bytes(&keyed(&secrets.pepper), &[b"papertape api keys"]));
        let keys = Self { database, directory: Arc::default(), secret };
        for row in api_key::Entity::find().all(&keys.database).await? {
            let user = UserId(row.user_id);
            let key = of_row(&row)?;
            keys.put(user, &key)?;
        }
        Ok(keys)
    }

    /// Makes a key for a user. Gives the secret of an `hmac` key, which nobody is told again.
    pub async fn create(
        &self,
        user: UserId,
        new: NewApiKey,
        now_ms: u64,
    ) -> Result<(ApiKey, Option<[u8; 32]>), ApiKeyError> {
        let name = new.name.trim().to_owned();
        if !(1..=API_KEY_NAME_MAX).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            return Err(ApiKeyError::InvalidName);
        }
        if !(new.permissions.read || new.permissions.trade) {
            return Err(ApiKeyError::NoPermission);
        }
        if new.expires_ms.is_some_and(|end| end <= now_ms || i64::try_from(end).is_err()) {
            return Err(ApiKeyError::ExpiryNotAhead);
        }
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|_| ApiKeyError::Randomness)?;
        let NewApiKey { kind, permissions, expires_ms, .. } = new;
        let key = ApiKey { id: KeyId(id), name, kind, permissions, expires_ms, last_used_ms: None, created_ms: now_ms };
        // A public key that is none is refused before it is written.
        let entry = self.entry(user, &key)?;
        self.insert(user, &key).await?;
        let secret = match &entry.proof {
            Proof::Hmac(secret) => Some(*secret),
            Proof::Ed25519(_) => None,
        };
        self.directory.put(key.id, entry);
        Ok((key, secret))
    }

    /// A user's keys, oldest first.
    pub async fn list(&self, user: UserId) -> Result<Vec<ApiKey>, DbErr> {
        let rows = api_key::Entity::find()
            .filter(api_key::Column::UserId.eq(user.0))
            .order_by_asc(api_key::Column::CreatedMs)
            .order_by_asc(api_key::Column::Id);
        rows.all(&self.database).await?.iter().map(of_row).collect()
    }

    /// Ends a user's key, for sessions that are open, too. Gives whether there was one.
    pub async fn revoke(&self, user: UserId, id: KeyId) -> Result<bool, DbErr> {
        let deleted = api_key::Entity::delete_many()
            .filter(api_key::Column::Id.eq(id.to_string()))
            .filter(api_key::Column::UserId.eq(user.0))
            .exec(&self.database)
            .await?;
        if deleted.rows_affected > 0 {
            self.directory.remove(id);
        }
        Ok(deleted.rows_affected > 0)
    }

    /// Who signed this; `None` if the key is not good at this time or has not signed it. Takes no database.
    pub fn verify(
        &self,
        id: KeyId,
        ed25519: bool,
        message: &[u8],
        signature: &[u8; 64],
        now_ms: u64,
    ) -> Option<KeyHolder> {
        let entry = self.directory.get(id, now_ms)?;
        let signed = match (&entry.proof, ed25519) {
            (Proof::Hmac(secret), false) => {
                let (code, rest) = signature.split_first_chunk::<32>()?;
                let mac = keyed(secret).chain_update(message);
                mac.verify_slice(code).is_ok() && rest.iter().all(|byte| *byte == 0)
            }
            (Proof::Ed25519(key), true) => key.verify_strict(message, &Signature::from_bytes(signature)).is_ok(),
            _ => false,
        };
        signed.then_some(KeyHolder { key: id, user: entry.user, permissions: entry.permissions })
    }

    /// Whether the key is good at this time.
    pub fn is_good(&self, id: KeyId, now_ms: u64) -> bool {
        self.directory.get(id, now_ms).is_some()
    }

    /// How many keys have been revoked: whoever serves sessions looks them over when it moves.
    pub fn revoked(&self) -> u64 {
        self.directory.revoked()
    }

    /// Notes that somebody has logged in with a key.
    pub async fn used(&self, id: KeyId, now_ms: u64) -> Result<(), DbErr> {
        api_key::Entity::update_many()
            .col_expr(api_key::Column::LastUsedMs, Expr::value(ms_to_sql(now_ms)))
            .filter(api_key::Column::Id.eq(id.to_string()))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    async fn insert(&self, user: UserId, key: &ApiKey) -> Result<(), ApiKeyError> {
        let transaction = self.database.begin().await?;
        let row = to_row(user, key);
        api_key::Entity::insert(row).exec_without_returning(&transaction).await.map_err(|error| {
            let taken = matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)));
            if taken { ApiKeyError::NameTaken } else { error.into() }
        })?;
        let count = api_key::Entity::find().filter(api_key::Column::UserId.eq(user.0)).count(&transaction).await?;
        if count > API_KEYS_MAX {
            transaction.rollback().await?;
            return Err(ApiKeyError::TooMany);
        }
        Ok(transaction.commit().await?)
    }

    fn put(&self, user: UserId, key: &ApiKey) -> Result<(), DbErr> {
        let entry = self.entry(user, key).map_err(|_| crate::database::corrupt("api_keys", "public_key", key.id))?;
        self.directory.put(key.id, entry);
        Ok(())
    }

    fn entry(&self, user: UserId, key: &ApiKey) -> Result<Entry, ApiKeyError> {
        let proof = match &key.kind {
            KeyKind::Hmac => Proof::Hmac(keyed_bytes(&self.secret, &[&key.id.0, &user.0.to_le_bytes()])),
            KeyKind::Ed25519 { public_key } => {
                let key = VerifyingKey::from_bytes(public_key).ok().filter(|key| !key.is_weak());
                Proof::Ed25519(Box::new(key.ok_or(ApiKeyError::InvalidPublicKey)?))
            }
        };
        Ok(Entry { user, proof, permissions: key.permissions, expires_ms: key.expires_ms })
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn keyed_bytes(mac: &Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(mac.clone(), |mac, part| mac.chain_update(part)).finalize().into_bytes().into()
}

fn ms_to_sql(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

fn ms_from_sql(ms: i64) -> u64 {
    u64::try_from(ms).unwrap_or(0)
}

fn to_row(user: UserId, key: &ApiKey) -> api_key::ActiveModel {
    let (kind, public_key) = match &key.kind {
        KeyKind::Hmac => ("hmac", None),
        KeyKind::Ed25519 { public_key } => ("ed25519", Some(hex(public_key))),
    };
    api_key::ActiveModel {
        id: Set(key.id.to_string()),
        user_id: Set(user.0),
        name: Set(key.name.clone()),
        kind: Set(kind.to_owned()),
        public_key: Set(public_key),
        may_read: Set(key.permissions.read),
        may_trade: Set(key.permissions.trade),
        expires_ms: Set(key.expires_ms.map(ms_to_sql)),
        last_used_ms: Set(None),
        created_ms: Set(ms_to_sql(key.created_ms)),
    }
}

fn of_row(row: &api_key::Model) -> Result<ApiKey, DbErr> {
    let corrupt = |column| crate::database::corrupt("api_keys", column, &row.id);
    let kind = match (row.kind.as_str(), &row.public_key) {
        ("hmac", None) => KeyKind::Hmac,
        ("ed25519", Some(text)) => {
            KeyKind::Ed25519 { public_key: from_hex(text).ok_or_else(|| corrupt("public_key"))? }
        }
        _ => return Err(corrupt("kind")),
    };
    Ok(ApiKey {
        id: row.id.parse().map_err(|InvalidKeyId| corrupt("id"))?,
        name: row.name.clone(),
        kind,
        permissions: Permissions { read: row.may_read, trade: row.may_trade },
        expires_ms: row.expires_ms.map(ms_from_sql),
        last_used_ms: row.last_used_ms.map(ms_from_sql),
        created_ms: ms_from_sql(row.created_ms),
    })
}

/// Not 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InvalidKeyId;

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl std::str::FromStr for KeyId {
    type Err = InvalidKeyId;

    fn from_str(text: &str) -> Result<Self, InvalidKeyId> {
        from_hex(text).map(KeyId).ok_or(InvalidKeyId)
    }
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes from exactly so many hexadecimal digits.
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Bytes that nobody can guess; `None` if the system gives none.
pub fn random_bytes<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).ok().map(|()| bytes)
}
