//! `/api/v2/users/me/api-keys`: the same keys in another shape, all of which prove themselves by HMAC.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use papertape_platform::{ApiKey, KeyKind, Network, NewApiKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::OwnProblems;
use super::api_keys::{end, make};
use crate::app::App;
use crate::edge::body::JsonBody;
use crate::edge::caller::Caller;
use crate::edge::client::From;
use crate::errors::{Failure, Problem};
use crate::translate::api_keys::{PermissionWord, networks, permissions, words};

/// A new key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({"name": "bot", "permissions": ["read", "trade"], "ipWhitelist": ["192.0.2.7"]}))]
pub(crate) struct NewKeyV2Body {
    /// 1 to 64 characters, unique among your keys.
    name: String,
    /// What it may do: at least one.
    permissions: Vec<PermissionWord>,
    /// Addresses, or networks in CIDR notation, that it may come from; from everywhere, if there are none.
    #[serde(default)]
    ip_whitelist: Vec<String>,
    /// Your password, where the session has not shown it in the last five minutes.
    #[serde(default)]
    password: Option<String>,
    /// The second factor with it, where there is one.
    #[serde(default)]
    code: Option<String>,
}

/// A key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyV2Message {
    /// Its id, 32 hexadecimal digits.
    key: String,
    /// What you call it.
    name: String,
    /// Its secret, 32 bytes in hexadecimal: it is there this once, when the key was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// What it may do.
    permissions: Vec<PermissionWord>,
    /// Networks that it may come from; from everywhere, if there are none.
    ip_whitelist: Vec<String>,
    /// Whether it is taken at all.
    is_active: bool,
}

impl KeyV2Message {
    fn of(key: &ApiKey, secret: Option<String>) -> Self {
        Self {
            key: key.id.to_string(),
            name: key.name.clone(),
            secret,
            permissions: words(key.permissions),
            ip_whitelist: key.networks.iter().map(Network::to_string).collect(),
            is_active: key.is_active,
        }
    }
}

/// Makes a key for your programs, in a session that has logged in or stepped up in the last five minutes, or with the password.
#[utoipa::path(post, path = "/api/v2/users/me/api-keys", tag = "account", summary = "Make an API key (v2)",
    security(("bearer" = [])), request_body = NewKeyV2Body,
    responses(
        (status = 201, description = "The key, and its secret this once.", body = KeyV2Message),
        (status = 403, description = "`STEP_UP_REQUIRED`; `WRONG_PASSWORD`, `TWO_FACTOR_NEEDED`, `WRONG_CODE`; `FORBIDDEN`: it was to be an administrator's.", body = Problem, content_type = "application/problem+json"),
        OwnProblems,
    ),
)]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    from: From,
    JsonBody(body): JsonBody<NewKeyV2Body>,
) -> Result<(StatusCode, Json<KeyV2Message>), Failure> {
    let new = NewApiKey {
        name: body.name,
        kind: KeyKind::Hmac,
        permissions: permissions(Some(&body.permissions), None)?,
        networks: networks("ipWhitelist", &body.ip_whitelist)?,
        expires_ms: None,
    };
    let (key, secret) = make(&app, caller, &from, (body.password.as_deref(), body.code.as_deref()), new).await?;
    Ok((StatusCode::CREATED, Json(KeyV2Message::of(&key, secret))))
}

/// Your keys, oldest first, without their secrets.
#[utoipa::path(get, path = "/api/v2/users/me/api-keys", tag = "account", summary = "My API keys (v2)",
    security(("bearer" = [])),
    responses((status = 200, description = "Oldest first.", body = Vec<KeyV2Message>), OwnProblems),
)]
pub(crate) async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Vec<KeyV2Message>>, Failure> {
    let keys = app.platform.api_keys().list(caller.user).await.map_err(Failure::internal)?;
    Ok(Json(keys.iter().map(|key| KeyV2Message::of(key, None)).collect()))
}

/// Ends a key, from the next request on.
#[utoipa::path(delete, path = "/api/v2/users/me/api-keys/{key}", tag = "account", summary = "Delete an API key (v2)",
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
