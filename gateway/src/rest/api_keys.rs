//! `/api/v1/api-keys`: what one's own programs log in with over binary TCP, and sign their requests with.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use papertape_platform::{
    ApiKey, ApiKeyEdit, ApiKeyError, AuthAction, AuthEvent, KeyId, KeyKind, NewApiKey, Role, from_hex, hex,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{OwnProblems, step_up};
use crate::app::App;
use crate::edge::body::JsonBody;
use crate::edge::caller::Caller;
use crate::edge::client::From;
use crate::errors::{Failure, Problem};
use crate::translate::api_keys::{ApiKeyMessage, KeyKindWord, KeyTypeWord, PermissionWord, networks, permissions};
use crate::translate::time;

/// A new key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "market maker", "kind": "hmac", "type": "write", "ip_whitelist": ["192.0.2.0/24"]}))]
pub(crate) struct NewApiKeyBody {
    /// 1 to 64 characters, unique among your keys.
    name: String,
    /// How it proves itself.
    kind: KeyKindWord,
    /// The public key, 64 hexadecimal digits; `ed25519` only.
    #[serde(default)]
    public_key: Option<String>,
    /// What it may do: at least one; or `type` instead.
    #[serde(default)]
    permissions: Option<Vec<PermissionWord>>,
    /// What it may do, in one word; or `permissions` instead.
    #[serde(default, rename = "type")]
    #[schema(inline)]
    of_type: Option<KeyTypeWord>,
    /// Addresses, or networks in CIDR notation, that it may come from: at most 32; from everywhere, if there are none.
    #[serde(default)]
    ip_whitelist: Vec<String>,
    /// When it ends by itself, in milliseconds since 1970; null: never.
    #[serde(default)]
    expires_at_ms: Option<u64>,
    /// Your password, where the session has not shown it in the last five minutes.
    #[serde(default)]
    password: Option<String>,
    /// The second factor with it, where there is one.
    #[serde(default)]
    code: Option<String>,
}

/// What is to be changed; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"is_active": false}))]
pub(crate) struct ApiKeyEditBody {
    /// 1 to 64 characters, unique among your keys.
    #[serde(default)]
    name: Option<String>,
    /// Whether it is taken at all.
    #[serde(default)]
    is_active: Option<bool>,
    /// Addresses or networks that it may come from; from everywhere, if there are none.
    #[serde(default)]
    ip_whitelist: Option<Vec<String>>,
    /// Your password, where the session has not shown it in the last five minutes.
    #[serde(default)]
    password: Option<String>,
    /// The second factor with it, where there is one.
    #[serde(default)]
    code: Option<String>,
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

/// Makes a key for somebody who has shown who it is, and writes down that it was made.
pub(super) async fn make(
    app: &App,
    caller: Caller,
    from: &From,
    proof: (Option<&str>, Option<&str>),
    new: NewApiKey,
) -> Result<(ApiKey, Option<String>), Failure> {
    let users = app.platform.users();
    if new.permissions.admin {
        let directory = users.directory();
        let is_admin = directory.role_of(caller.user) == Some(Role::Admin);
        if !is_admin || !directory.has_second_factor(caller.session) {
            let sentence = "Keys of administrators are made by them, in a session that began with a second factor.";
            return Err(Failure::new(StatusCode::FORBIDDEN, "FORBIDDEN", sentence));
        }
    }
    if !step_up::is_proven(app, caller, from, proof).await? {
        return Err(step_up::required());
    }
    let made = app.platform.api_keys().create(caller.user, new, time::millis(time::now_ns())).await;
    let (key, secret) = made.map_err(failure)?;
    note(app, caller, from, (AuthAction::ApiKeyCreated, key.id)).await?;
    Ok((key, secret.map(|secret| hex(&secret))))
}

/// Ends a key, and writes it down.
pub(super) async fn end(app: &App, caller: Caller, from: &From, key: &str) -> Result<(), Failure> {
    let id = id_of(key)?;
    if !app.platform.api_keys().revoke(caller.user, id).await.map_err(Failure::internal)? {
        return Err(gone());
    }
    note(app, caller, from, (AuthAction::ApiKeyRevoked, id)).await
}

async fn note(app: &App, caller: Caller, from: &From, (action, key): (AuthAction, KeyId)) -> Result<(), Failure> {
    let event = AuthEvent::done(caller.user, action, &from.origin);
    let event = event.with(serde_json::json!({ "key": key.to_string() }));
    app.platform.users().note(event).await.map_err(Failure::internal)
}

fn gone() -> Failure {
    Failure::not_found("You have no such key.")
}

fn id_of(text: &str) -> Result<KeyId, Failure> {
    text.parse().map_err(|_| gone())
}

/// Makes a key for your programs, in a session that has logged in or stepped up in the last five minutes, or with the password.
#[utoipa::path(post, path = "/api/v1/api-keys", tag = "account", summary = "Make an API key",
    security(("bearer" = [])), request_body = NewApiKeyBody,
    responses(
        (status = 201, description = "The key; an `hmac` key's secret is shown this once.", body = NewApiKeyMessage),
        (status = 403, description = "`STEP_UP_REQUIRED`; `WRONG_PASSWORD`, `TWO_FACTOR_NEEDED`, `WRONG_CODE`; `FORBIDDEN`: it was to be an administrator's.", body = Problem, content_type = "application/problem+json"),
        OwnProblems,
    ),
)]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    from: From,
    JsonBody(body): JsonBody<NewApiKeyBody>,
) -> Result<(StatusCode, Json<NewApiKeyMessage>), Failure> {
    let proof = (body.password.as_deref(), body.code.as_deref());
    let kind = match (body.kind, &body.public_key) {
        (KeyKindWord::Hmac, None) => KeyKind::Hmac,
        (KeyKindWord::Hmac, Some(_)) => return Err(Failure::field("public_key", "only for ed25519")),
        (KeyKindWord::Ed25519, text) => {
            let public_key = text.as_deref().and_then(from_hex);
            let missing = || Failure::field("public_key", ApiKeyError::InvalidPublicKey);
            KeyKind::Ed25519 { public_key: public_key.ok_or_else(missing)? }
        }
    };
    let new = NewApiKey {
        name: body.name,
        kind,
        permissions: permissions(body.permissions.as_deref(), body.of_type)?,
        networks: networks("ip_whitelist", &body.ip_whitelist)?,
        expires_ms: body.expires_at_ms,
    };
    let (key, secret) = make(&app, caller, &from, proof, new).await?;
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

/// Calls a key something else, switches it off or on, or says where it may come from. It acts on the next request, and on
/// sessions that are open. What lets more in than before (switching it on, other networks) asks for the same as making a key.
#[utoipa::path(patch, path = "/api/v1/api-keys/{key}", tag = "account", summary = "Change an API key",
    security(("bearer" = [])), params(("key" = String, Path, description = "Its id.")), request_body = ApiKeyEditBody,
    responses(
        (status = 200, description = "The key.", body = ApiKeyMessage),
        (status = 403, description = "`STEP_UP_REQUIRED`; `WRONG_PASSWORD`, `TWO_FACTOR_NEEDED`, `WRONG_CODE`.", body = Problem, content_type = "application/problem+json"),
        OwnProblems,
    ),
)]
pub(crate) async fn edit(
    State(app): State<Arc<App>>,
    caller: Caller,
    from: From,
    Path(key): Path<String>,
    JsonBody(body): JsonBody<ApiKeyEditBody>,
) -> Result<Json<ApiKeyMessage>, Failure> {
    let id = id_of(&key)?;
    let networks = body.ip_whitelist.as_deref().map(|texts| networks("ip_whitelist", texts)).transpose()?;
    // Another user's key is no reason to try passwords.
    app.platform.api_keys().find(caller.user, id).await.map_err(Failure::internal)?.ok_or_else(gone)?;
    let proof = (body.password.as_deref(), body.code.as_deref());
    let is_proven = step_up::is_proven(&app, caller, &from, proof).await?;
    let edit = ApiKeyEdit { name: body.name, is_active: body.is_active, networks };
    // To its end, even if whoever asks goes away: a key that is switched off must not go on in memory.
    let changing = Arc::clone(&app);
    let edited = tokio::spawn(async move {
        changing.platform.api_keys().edit(caller.user, id, edit, is_proven, time::millis(time::now_ns())).await
    });
    let edited = edited.await.map_err(Failure::internal)?.map_err(failure)?.ok_or_else(gone)?;
    note(&app, caller, &from, (AuthAction::ApiKeyChanged, id)).await?;
    Ok(Json((&edited).into()))
}

/// Ends a key, and the sessions that it has opened.
#[utoipa::path(delete, path = "/api/v1/api-keys/{key}", tag = "account", summary = "Revoke an API key",
    security(("bearer" = [])), params(("key" = String, Path, description = "Its id.")),
    responses((status = 204, description = "It has ended; so do its sessions, in a moment."), OwnProblems),
)]
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    from: From,
    Path(key): Path<String>,
) -> Result<StatusCode, Failure> {
    end(&app, caller, &from, &key).await.map(|()| StatusCode::NO_CONTENT)
}

pub(super) fn failure(error: ApiKeyError) -> Failure {
    match &error {
        ApiKeyError::InvalidName => Failure::field("name", error),
        ApiKeyError::NoPermission => Failure::field("permissions", error),
        ApiKeyError::TooManyNetworks => Failure::field("ip_whitelist", error),
        ApiKeyError::ExpiryNotAhead => Failure::field("expires_at_ms", error),
        ApiKeyError::InvalidPublicKey => Failure::field("public_key", error),
        ApiKeyError::NameTaken => Failure::new(StatusCode::CONFLICT, "NAME_TAKEN", error.to_string()),
        ApiKeyError::NotProven => step_up::required(),
        ApiKeyError::TooMany => Failure::new(StatusCode::CONFLICT, "TOO_MANY_API_KEYS", error.to_string()),
        ApiKeyError::Randomness | ApiKeyError::Database(_) => Failure::internal(error),
    }
}
