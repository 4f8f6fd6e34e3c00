//! API keys: what programs log in with. The secret of an `hmac` key is shown once and stored nowhere: it follows from the
//! key's id and the venue's own secret, so that whoever has the database alone has no key. Of an `ed25519` key only the
//! public half is known.

mod directory;
mod error;
mod permissions;
mod row;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use ed25519_dalek::{Signature, VerifyingKey};
use hmac::{Hmac, KeyInit, Mac};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{DatabaseConnection, DbErr, PaginatorTrait, QueryOrder, SqlErr, TransactionTrait, prelude::*};
use sha2::Sha256;
use tokio::sync::broadcast;

use crate::database::api_key;
use crate::network::Network;
use crate::peppers::Derived;
use crate::secrets::Secrets;
use crate::users::UserId;
use directory::{Directory, Entry, Proof};
pub use error::ApiKeyError;
pub use permissions::{KeyType, Permissions};
pub(crate) use row::to_row;
use row::{ms_to_sql, networks_to_sql, of_row};

/// Most keys of a user.
pub const API_KEYS_MAX: u64 = 32;

/// Longest name of a key, in characters.
pub const API_KEY_NAME_MAX: usize = 64;

/// Most networks that a key may come from.
pub const NETWORKS_MAX: usize = 32;

/// A key's id: 16 random bytes, 32 hexadecimal digits as text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct KeyId(pub [u8; 16]);

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
    /// Networks that it may come from; from everywhere, if there are none.
    pub networks: Vec<Network>,
    /// When it ends by itself, in milliseconds since 1970.
    pub expires_ms: Option<u64>,
}

/// What is to be changed of a key; what is absent stays.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ApiKeyEdit {
    /// What the user calls it.
    pub name: Option<String>,
    /// Whether it is taken at all.
    pub is_active: Option<bool>,
    /// Networks that it may come from; from everywhere, if there are none.
    pub networks: Option<Vec<Network>>,
}

impl ApiKeyEdit {
    /// Whether the key would be taken where it is not.
    fn widens(&self, key: &ApiKey) -> bool {
        let lets_in = |networks: &Vec<Network>| {
            let is_new = |network: &Network| !key.networks.iter().any(|known| known.covers(network));
            !key.networks.is_empty() && (networks.is_empty() || networks.iter().any(is_new))
        };
        (self.is_active == Some(true) && !key.is_active) || self.networks.as_ref().is_some_and(lets_in)
    }
}

/// A key, without its secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// Whose it is.
    pub user: UserId,
    /// What the user calls it.
    pub name: String,
    /// How it proves itself.
    pub kind: KeyKind,
    /// What it may do.
    pub permissions: Permissions,
    /// Whether it is taken at all.
    pub is_active: bool,
    /// Networks that it may come from; from everywhere, if there are none.
    pub networks: Vec<Network>,
    /// When it ends by itself, in milliseconds since 1970.
    pub expires_ms: Option<u64>,
    /// When somebody last logged in with it, in milliseconds since 1970.
    pub last_used_ms: Option<u64>,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: u64,
    /// When its owner last changed it, in milliseconds since 1970.
    pub updated_ms: u64,
    /// Names the pepper that the secret of an `hmac` key follows from.
    pub(crate) pepper: Option<String>,
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
    secrets: Derived<Hmac<Sha256>>,
    /// One change at a time: what is in memory is what the last one left in the database.
    changing: tokio::sync::Mutex<()>,
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKeys(..)")
    }
}

impl ApiKeys {
    /// Loads all of them.
    pub(crate) async fn load(database: DatabaseConnection, secrets: &Secrets) -> Result<Self, DbErr> {
        let secrets = secrets.peppers.derive(|pepper| keyed(&keyed_bytes(&keyed(pepper), &[b"papertape api keys"])));
        let keys = Self { database, directory: Arc::default(), secrets, changing: tokio::sync::Mutex::default() };
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
        let name = checked_name(&new.name)?;
        if new.permissions.is_empty() {
            return Err(ApiKeyError::NoPermission);
        }
        if new.networks.len() > NETWORKS_MAX {
            return Err(ApiKeyError::TooManyNetworks);
        }
        if new.expires_ms.is_some_and(|end| end <= now_ms || i64::try_from(end).is_err()) {
            return Err(ApiKeyError::ExpiryNotAhead);
        }
        let id = KeyId(random_bytes().ok_or(ApiKeyError::Randomness)?);
        let NewApiKey { kind, permissions, networks, expires_ms, .. } = new;
        let (created_ms, updated_ms) = (now_ms, now_ms);
        let key = ApiKey {
            id,
            user,
            name,
            kind,
            permissions,
            is_active: true,
            networks,
            expires_ms,
            last_used_ms: None,
            created_ms,
            updated_ms,
            pepper: matches!(kind, KeyKind::Hmac).then(|| self.pepper()),
        };
        // A public key that is none is refused before it is written.
        let entry = self.entry(user, &key)?;
        self.insert(user, &key).await?;
        let secret = match &entry.proof {
            Proof::Hmac(secret) => Some(*secret),
            Proof::Ed25519(_) | Proof::Lost => None,
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
        rows.all(&self.database).await?.iter().map(|row| self.seen(row)).collect()
    }

    /// A user's key.
    pub async fn find(&self, user: UserId, id: KeyId) -> Result<Option<ApiKey>, DbErr> {
        let mine = api_key::Entity::find_by_id(id.to_string()).filter(api_key::Column::UserId.eq(user.0));
        mine.one(&self.database).await?.map(|row| self.seen(&row)).transpose()
    }

    /// Changes a user's key, for sessions that are open, too. `None` if there is none. Only who `is_proven` widens it: has it
    /// taken again, or from where it was not.
    pub async fn edit(
        &self,
        user: UserId,
        id: KeyId,
        edit: ApiKeyEdit,
        is_proven: bool,
        now_ms: u64,
    ) -> Result<Option<ApiKey>, ApiKeyError> {
        if edit.networks.as_ref().is_some_and(|networks| networks.len() > NETWORKS_MAX) {
            return Err(ApiKeyError::TooManyNetworks);
        }
        let mut row = api_key::ActiveModel { updated_ms: Set(Some(ms_to_sql(now_ms))), ..Default::default() };
        if let Some(name) = &edit.name {
            row.name = Set(checked_name(name)?);
        }
        if let Some(is_active) = edit.is_active {
            row.is_active = Set(is_active);
        }
        if let Some(networks) = &edit.networks {
            row.ip_whitelist = Set(networks_to_sql(networks));
        }
        let _changing = self.changing.lock().await;
        let Some(before) = self.find(user, id).await? else { return Ok(None) };
        if !is_proven && edit.widens(&before) {
            return Err(ApiKeyError::NotProven);
        }
        let mine = api_key::Entity::update_many().set(row).filter(api_key::Column::Id.eq(id.to_string()));
        mine.filter(api_key::Column::UserId.eq(user.0)).exec(&self.database).await.map_err(name_taken)?;
        let Some(key) = self.find(user, id).await? else { return Ok(None) };
        self.directory.put(id, self.entry(user, &key)?);
        Ok(Some(key))
    }

    /// A key as its row says, and used when it was last used.
    fn seen(&self, row: &api_key::Model) -> Result<ApiKey, DbErr> {
        let key = of_row(row)?;
        let last_used_ms = key.last_used_ms.max(self.directory.used_ms(key.id));
        Ok(ApiKey { last_used_ms, ..key })
    }

    /// Ends a user's key, for sessions that are open, too. Gives whether there was one.
    pub async fn revoke(&self, user: UserId, id: KeyId) -> Result<bool, DbErr> {
        let _changing = self.changing.lock().await;
        if self.find(user, id).await?.is_none() {
            return Ok(false);
        }
        // In memory first: whoever asks may have gone before the database answers.
        self.directory.remove(id);
        let deleted = api_key::Entity::delete_many()
            .filter(api_key::Column::Id.eq(id.to_string()))
            .filter(api_key::Column::UserId.eq(user.0))
            .exec(&self.database)
            .await?;
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

    /// Whether the key is good at this time, and may come from this address.
    pub fn admits(&self, id: KeyId, address: IpAddr, now_ms: u64) -> bool {
        self.directory.admits(id, address.to_canonical(), now_ms)
    }

    /// When the key ends by itself, in milliseconds since 1970.
    pub fn expires_ms(&self, id: KeyId) -> Option<u64> {
        self.directory.expires_ms(id)
    }

    /// Tells of every key that ended or was changed: who keeps a connection open listens.
    pub fn changes(&self) -> broadcast::Receiver<KeyId> {
        self.directory.changes()
    }

    /// Notes that somebody has used a key: at once in memory, and once a minute in the database.
    pub async fn used(&self, id: KeyId, now_ms: u64) -> Result<(), DbErr> {
        if !self.directory.use_at(id, now_ms) {
            return Ok(());
        }
        api_key::Entity::update_many()
            .col_expr(api_key::Column::LastUsedMs, Expr::value(ms_to_sql(now_ms)))
            .filter(api_key::Column::Id.eq(id.to_string()))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// The secret of a user's `hmac` key; none, if the pepper that it follows from is forgotten.
    pub(crate) fn secret_of(&self, user: UserId, key: &ApiKey) -> Option<[u8; 32]> {
        let secret = self.secrets.named(key.pepper.as_deref())?;
        Some(keyed_bytes(secret, &[&key.id.0, &user.0.to_le_bytes()]))
    }

    /// Names the pepper that new keys follow from.
    pub(crate) fn pepper(&self) -> String {
        self.secrets.name().to_owned()
    }

    async fn insert(&self, user: UserId, key: &ApiKey) -> Result<(), ApiKeyError> {
        let transaction = self.database.begin().await?;
        let row = to_row(user, key);
        api_key::Entity::insert(row).exec_without_returning(&transaction).await.map_err(name_taken)?;
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
            KeyKind::Hmac => self.secret_of(user, key).map_or(Proof::Lost, Proof::Hmac),
            KeyKind::Ed25519 { public_key } => {
                let key = VerifyingKey::from_bytes(public_key).ok().filter(|key| !key.is_weak());
                Proof::Ed25519(Box::new(key.ok_or(ApiKeyError::InvalidPublicKey)?))
            }
        };
        let ApiKey { permissions, is_active, expires_ms, .. } = *key;
        Ok(Entry { user, proof, permissions, is_active, networks: key.networks.clone().into(), expires_ms })
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn keyed_bytes(mac: &Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(mac.clone(), |mac, part| mac.chain_update(part)).finalize().into_bytes().into()
}

fn name_taken(error: DbErr) -> ApiKeyError {
    let taken = matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)));
    if taken { ApiKeyError::NameTaken } else { error.into() }
}

/// A name that a key may have.
pub(crate) fn checked_name(name: &str) -> Result<String, ApiKeyError> {
    let name = name.trim();
    let fits = (1..=API_KEY_NAME_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(ApiKeyError::InvalidName) }
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
