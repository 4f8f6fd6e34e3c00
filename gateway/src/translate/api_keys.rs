//! API keys as messages.

use papertape_platform::{ApiKey, KeyKind, KeyType, Network, Permissions, hex, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::errors::Failure;

/// How a key proves itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KeyKindWord {
    /// HMAC-SHA256 with a secret that the venue makes and shows once.
    Hmac,
    /// Ed25519 with a private key that the venue never sees.
    Ed25519,
}

/// What a key may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PermissionWord {
    /// See the account.
    Read,
    /// Trade with it.
    Trade,
    /// Move money out of it. No route of today's asks for it.
    Transfer,
    /// What its owner may as an administrator; made by an administrator in a session with a second factor.
    Admin,
}

/// What a key may do, in one word: `read`, `write` (read and trade), or `admin` (everything).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KeyTypeWord {
    /// See the account.
    Read,
    /// See it and trade.
    Write,
    /// Everything.
    Admin,
}

impl From<KeyTypeWord> for KeyType {
    fn from(word: KeyTypeWord) -> KeyType {
        match word {
            KeyTypeWord::Read => KeyType::Read,
            KeyTypeWord::Write => KeyType::Write,
            KeyTypeWord::Admin => KeyType::Admin,
        }
    }
}

impl From<KeyType> for KeyTypeWord {
    fn from(word: KeyType) -> KeyTypeWord {
        match word {
            KeyType::Read => KeyTypeWord::Read,
            KeyType::Write => KeyTypeWord::Write,
            KeyType::Admin => KeyTypeWord::Admin,
        }
    }
}

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKeyMessage {
    /// The same as `key`.
    id: String,
    /// Whose it is.
    user_id: i64,
    /// Its id, 32 hexadecimal digits.
    key: String,
    /// What you call it.
    name: String,
    /// The same.
    api_name: String,
    /// How it proves itself.
    kind: KeyKindWord,
    /// The public key; null for `hmac`.
    public_key: Option<String>,
    /// What it may do, in one word.
    r#type: KeyTypeWord,
    /// What it may do.
    permissions: Vec<PermissionWord>,
    /// Networks that it may come from; from everywhere, if there are none.
    ip_whitelist: Vec<String>,
    /// Whether it is taken at all.
    is_active: bool,
    /// When it ends by itself, RFC 3339.
    expires_at: Option<String>,
    /// The same in milliseconds since 1970.
    expires_at_ms: Option<u64>,
    /// When somebody last used it.
    last_used_at: Option<String>,
    /// The same in milliseconds since 1970.
    last_used_at_ms: Option<u64>,
    /// When it was made.
    created_at: String,
    /// The same in milliseconds since 1970.
    created_at_ms: u64,
    /// When you last changed it.
    updated_at: String,
}

impl From<&ApiKey> for ApiKeyMessage {
    fn from(key: &ApiKey) -> Self {
        let (kind, public_key) = match key.kind {
            KeyKind::Hmac => (KeyKindWord::Hmac, None),
            KeyKind::Ed25519 { public_key } => (KeyKindWord::Ed25519, Some(hex(&public_key))),
        };
        Self {
            id: key.id.to_string(),
            user_id: key.user.0,
            key: key.id.to_string(),
            name: key.name.clone(),
            api_name: key.name.clone(),
            kind,
            public_key,
            r#type: key.permissions.key_type().into(),
            permissions: words(key.permissions),
            ip_whitelist: key.networks.iter().map(Network::to_string).collect(),
            is_active: key.is_active,
            expires_at: key.expires_ms.map(moment),
            expires_at_ms: key.expires_ms,
            last_used_at: key.last_used_ms.map(moment),
            last_used_at_ms: key.last_used_ms,
            created_at: moment(key.created_ms),
            created_at_ms: key.created_ms,
            updated_at: moment(key.updated_ms),
        }
    }
}

fn moment(ms: u64) -> String {
    papertape_platform::database::of_millis(ms).map(rfc3339).unwrap_or_default()
}

/// Permissions as words.
pub(crate) fn words(may: Permissions) -> Vec<PermissionWord> {
    let words = [
        (may.read, PermissionWord::Read),
        (may.trade, PermissionWord::Trade),
        (may.transfer, PermissionWord::Transfer),
        (may.admin, PermissionWord::Admin),
    ];
    words.into_iter().filter(|(may, _)| *may).map(|(_, word)| word).collect()
}

/// What words or one word allow; one of both is to be said.
pub(crate) fn permissions(
    words: Option<&[PermissionWord]>,
    of_type: Option<KeyTypeWord>,
) -> Result<Permissions, Failure> {
    match (words, of_type) {
        (Some(words), None) => Ok(Permissions {
            read: words.contains(&PermissionWord::Read),
            trade: words.contains(&PermissionWord::Trade),
            transfer: words.contains(&PermissionWord::Transfer),
            admin: words.contains(&PermissionWord::Admin),
        }),
        (None, Some(word)) => Ok(KeyType::from(word).into()),
        _ => Err(Failure::field("permissions", "say them, or a type instead")),
    }
}

/// Networks in CIDR notation, or single addresses.
pub(crate) fn networks(field: &str, texts: &[String]) -> Result<Vec<Network>, Failure> {
    let read = |text: &String| text.parse().map_err(|error: String| Failure::field(field, error));
    texts.iter().map(read).collect()
}
