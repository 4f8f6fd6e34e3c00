//! The keys that private keys of wallets are sealed with.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AdminProblems;
use crate::app::App;
use crate::edge::body::JsonBody;
use crate::edge::operator::Operator;
use crate::errors::Failure;
use crate::rest::wallets::failure;

/// Whether a new key seals from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"new_key": true}))]
pub(crate) struct RotationBody {
    /// `false` seals with the first of the keys that there are: after a new one was put in front in the environment, or to
    /// finish what was cut off.
    new_key: bool,
}

/// What was done.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"wallets": 1200, "resealed": 1200, "unopened": 0, "keys": 1}))]
pub(crate) struct RotationMessage {
    /// Wallets that were looked at.
    wallets: u64,
    /// Private keys that were sealed anew.
    resealed: u64,
    /// Private keys that no key opens: while there are such, no key is forgotten.
    unopened: u64,
    /// Keys that there are now.
    keys: usize,
}

/// Seals the private keys of all wallets anew, and forgets the keys that are not needed any more. It may be asked again at
/// any time, and goes on where it was cut off. `KEYS_FROM_ENVIRONMENT`: the keys are not in a file that the venue may write.
#[utoipa::path(post, path = "/api/v1/admin/wallet-keys", tag = "admin", summary = "Rotate the keys of wallets",
    security(("operator" = [])), request_body = RotationBody,
    responses((status = 200, description = "What was done.", body = RotationMessage), AdminProblems),
)]
pub(crate) async fn rotate(
    State(app): State<Arc<App>>,
    operator: Operator,
    JsonBody(body): JsonBody<RotationBody>,
) -> Result<Json<RotationMessage>, Failure> {
    let done = app.platform.wallets().rotate(body.new_key).await.map_err(failure)?;
    let who = operator.admin().map_or_else(|| "operator".to_owned(), |admin| format!("user {}", admin.0));
    tracing::info!(who, resealed = done.resealed, unopened = done.unopened, "keys of wallets rotated");
    Ok(Json(RotationMessage {
        wallets: done.wallets,
        resealed: done.resealed,
        unopened: done.unopened,
        keys: done.keys,
    }))
}
