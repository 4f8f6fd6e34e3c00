//! `/api/v1/api-keys`: what one's own programs log in with over binary TCP.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use papertape_platform::{ApiKey, ApiKeyError, KeyId, KeyKind, NewApiKey, Permissions, from_hex, hex};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::OwnProblems;
use crate::app::App;
use crate::edge::body::JsonBody;
use crate::edge::caller::Caller;
use crate::errors::Failure;
use crate::translate::time;

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
}

/// A new key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "market maker", "kind": "hmac", "permissions": ["read", "trade"]}))]
pub(crate) struct NewApiKeyBody {
    /// 1 to 64 characters, unique among your keys.
    name: String,
    /// How it proves itself.
    kind: KeyKindWord,
    /// The public key, 64 hexadecimal digits; `ed25519` only.
    #[serde(default)]
    public_key: Option<String>,
    /// What it may do: at least one.
    permissions: Vec<PermissionWord>,
    /// When it ends by itself, in milliseconds since 1970; null: never.
    #[serde(default)]
    expires_at_ms: Option<u64>,
}

/// A key.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKeyMessage {
    /// Its id, 32 hexadecimal digits.
    key: String,
    /// What you call it.
    name: String,
    /// How it proves itself.
    kind: KeyKindWord,
    /// The public key; null for `hmac`.
    public_key: Option<String>,
    /// What it may do.
    permissions: Vec<PermissionWord>,
    /// When it ends by itself, in milliseconds since 1970.
    expires_at_ms: Option<u64>,
    /// When somebody last logged in with it, in milliseconds since 1970.
    last_used_at_ms: Option<u64>,
    /// When it was made, in milliseconds since 1970.
    created_at_ms: u64,
}

/// A key that has just been made.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewApiKeyMessage {
    /// The key.
    #[serde(flatten)]
    key: ApiKeyMessage,
    /// The secret of an `hmac` key, 32 bytes in hexadecimal: it is shown this once. Null for `ed25519`.
    secret: Option<String>,
}

impl From<&ApiKey> for ApiKeyMessage {
    fn from(key: &ApiKey) -> Self {
        let (kind, public_key) = match key.kind {
            KeyKind::Hmac => (KeyKindWord::Hmac, None),
            KeyKind::Ed25519 { public_key } => (KeyKindWord::Ed25519, Some(hex(&public_key))),
        };
        let words = [(key.permissions.read, PermissionWord::Read), (key.permissions.trade, PermissionWord::Trade)];
        Self {
            key: key.id.to_string(),
            name: key.name.clone(),
            kind,
            public_key,
            permissions: words.into_iter().filter(|(may, _)| *may).map(|(_, word)| word).collect(),
            expires_at_ms: key.expires_ms,
            last_used_at_ms: key.last_used_ms,
            created_at_ms: key.created_ms,
        }
    }
}

/// Makes a key for your programs.
#[utoipa::path(post, path = "/api/v1/api-keys", tag = "account", summary = "Make an API key",
    security(("bearer" = [])), request_body = NewApiKeyBody,
    responses((status = 201, description = "The key; an `hmac` key's secret is shown this once.", body = NewApiKeyMessage), OwnProblems),
)]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(body): JsonBody<NewApiKeyBody>,
) -> Result<(StatusCode, Json<NewApiKeyMessage>), Failure> {
    let kind = match (body.kind, &body.public_key) {
        (KeyKindWord::Hmac, None) => KeyKind::Hmac,
        (KeyKindWord::Hmac, Some(_)) => return Err(Failure::field("public_key", "only for ed25519")),
        (KeyKindWord::Ed25519, text) => {
            let public_key = text.as_deref().and_then(from_hex);
            let missing = || Failure::field("public_key", ApiKeyError::InvalidPublicKey);
            KeyKind::Ed25519 { public_key: public_key.ok_or_else(missing)? }
        }
    };
    let may = |word| body.permissions.contains(&word);
    let permissions = Permissions { read: may(PermissionWord::Read), trade: may(PermissionWord::Trade) };
    let new = NewApiKey { name: body.name, kind, permissions, expires_ms: body.expires_at_ms };
    let now_ms = time::millis(time::now_ns());
    let (key, secret) = app.platform.api_keys().create(caller.user, new, now_ms).await.map_err(failure)?;
    let secret = secret.map(|secret| hex(&secret));
    Ok((StatusCode::CREATED, Json(NewApiKeyMessage { key: (&key).into(), secret })))
}

/// Your keys, oldest first, without their secrets.
#[utoipa::path(get, path = "/api/v1/api-keys", tag = "account", summary = "My API keys", security(("bearer" = [])),
    responses((status = 200, description = "Oldest first.", body = Vec<ApiKeyMessage>), OwnProblems),
)]
pub(crate) async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Vec<ApiKeyMessage>>, Failure> {
    let keys = app.platform.api_keys().list(caller.user).await.map_err(Failure::internal)?;
    Ok(Json(keys.iter().map(ApiKeyMessage::from).collect()))
}

/// Ends a key, and the sessions that it has opened.
#[utoipa::path(delete, path = "/api/v1/api-keys/{key}", tag = "account", summary = "Revoke an API key",
    security(("bearer" = [])), params(("key" = String, Path, description = "Its id.")),
    responses((status = 204, description = "It has ended; so do its sessions, in a moment."), OwnProblems),
)]
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(key): Path<String>,
) -> Result<StatusCode, Failure> {
    let gone = || Failure::not_found("You have no such key.");
    let id: KeyId = key.parse().map_err(|_| gone())?;
    let revoked = app.platform.api_keys().revoke(caller.user, id).await.map_err(Failure::internal)?;
    if revoked { Ok(StatusCode::NO_CONTENT) } else { Err(gone()) }
}

fn failure(error: ApiKeyError) -> Failure {
    match &error {
        ApiKeyError::InvalidName => Failure::field("name", error),
        ApiKeyError::NoPermission => Failure::field("permissions", error),
        ApiKeyError::ExpiryNotAhead => Failure::field("expires_at_ms", error),
        ApiKeyError::InvalidPublicKey => Failure::field("public_key", error),
        ApiKeyError::NameTaken => Failure::new(StatusCode::CONFLICT, "NAME_TAKEN", error.to_string()),
        ApiKeyError::TooMany => Failure::new(StatusCode::CONFLICT, "TOO_MANY_API_KEYS", error.to_string()),
        ApiKeyError::Randomness | ApiKeyError::Database(_) => Failure::internal(error),
    }
}
