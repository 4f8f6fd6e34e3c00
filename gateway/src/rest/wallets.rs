//! `/api/v1/wallets`: one's addresses. What one has is in the account; one wallet stands for it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use papertape_platform::{AuthAction, AuthEvent, WalletError, WalletId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::OwnProblems;
use super::step_up::{self, StepUpBody};
use crate::app::App;
use crate::edge::body::JsonBody;
use crate::edge::caller::Caller;
use crate::edge::client::From;
use crate::errors::{Failure, Problem};
use crate::translate::wallets::{ChainWord, WalletMessage};

/// A new wallet.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Savings", "blockchain": "bitcoin"}))]
pub(crate) struct NewWalletBody {
    /// 1 to 64 characters.
    name: String,
    /// The chain.
    blockchain: ChainWord,
    /// Whether it is to stand for the account from now on.
    #[serde(default)]
    is_primary: bool,
}

/// What is to be changed; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"is_primary": true}))]
pub(crate) struct WalletEditBody {
    /// 1 to 64 characters.
    #[serde(default)]
    name: Option<String>,
    /// `true`: it stands for the account from now on, and the one that did no more. One always does: `false` is refused.
    #[serde(default)]
    is_primary: Option<bool>,
}

/// A private key.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 2, "address": "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "blockchain": "bitcoin",
    "format": "wif", "private_key": "cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA"}))]
pub(crate) struct ExportedMessage {
    /// The wallet's number.
    id: i64,
    /// Its address.
    address: String,
    /// The chain.
    blockchain: ChainWord,
    /// `hex` (Ethereum), `wif` (Bitcoin) or `base58` (Solana, the pair of keys).
    format: &'static str,
    /// Whoever has it has the wallet.
    private_key: String,
}

pub(super) fn failure(error: WalletError) -> Failure {
    let sentence = error.to_string();
    match error {
        WalletError::InvalidName => Failure::field("name", sentence),
        WalletError::TooMany => Failure::new(StatusCode::CONFLICT, "TOO_MANY_WALLETS", sentence),
        WalletError::Gone => Failure::not_found(sentence),
        WalletError::KeysFromEnvironment => Failure::new(StatusCode::CONFLICT, "KEYS_FROM_ENVIRONMENT", sentence),
        WalletError::Unopened | WalletError::Keys(_) | WalletError::Randomness => Failure::internal(sentence),
        WalletError::Database(error) => Failure::internal(error),
    }
}

fn id_of(text: &str) -> Result<WalletId, Failure> {
    text.parse().map(WalletId).map_err(|_| failure(WalletError::Gone))
}

/// Your wallets. Everybody has one from the beginning.
#[utoipa::path(get, path = "/api/v1/wallets", tag = "wallets", summary = "My wallets", security(("bearer" = [])),
    responses((status = 200, description = "Oldest first.", body = Vec<WalletMessage>), OwnProblems),
)]
pub(crate) async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Vec<WalletMessage>>, Failure> {
    let wallets = app.platform.wallets().list(caller.user).await.map_err(failure)?;
    Ok(Json(wallets.iter().map(|wallet| WalletMessage::of(&app, wallet)).collect()))
}

/// Makes an address on a chain. Its private key stays sealed here until you export it.
#[utoipa::path(post, path = "/api/v1/wallets", tag = "wallets", summary = "Make a wallet", security(("bearer" = [])),
    request_body = NewWalletBody,
    responses((status = 201, description = "The wallet.", body = WalletMessage), OwnProblems),
)]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(body): JsonBody<NewWalletBody>,
) -> Result<(StatusCode, Json<WalletMessage>), Failure> {
    let wallets = app.platform.wallets();
    let made = wallets.create(caller.user, &body.name, body.blockchain.into(), body.is_primary).await;
    Ok((StatusCode::CREATED, Json(WalletMessage::of(&app, &made.map_err(failure)?))))
}

/// One of your wallets.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet_id}", tag = "wallets", summary = "One wallet",
    security(("bearer" = [])), params(("wallet_id" = i64, Path, description = "Its number.")),
    responses((status = 200, description = "The wallet.", body = WalletMessage), OwnProblems),
)]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(wallet): Path<String>,
) -> Result<Json<WalletMessage>, Failure> {
    let found = app.platform.wallets().find(caller.user, id_of(&wallet)?).await.map_err(failure)?;
    Ok(Json(WalletMessage::of(&app, &found)))
}

/// Calls a wallet something else, or lets it stand for the account. The balance goes with the account: nothing moves.
#[utoipa::path(patch, path = "/api/v1/wallets/{wallet_id}", tag = "wallets", summary = "Change a wallet",
    security(("bearer" = [])), params(("wallet_id" = i64, Path, description = "Its number.")),
    request_body = WalletEditBody,
    responses((status = 200, description = "The wallet.", body = WalletMessage), OwnProblems),
)]
pub(crate) async fn edit(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(wallet): Path<String>,
    JsonBody(body): JsonBody<WalletEditBody>,
) -> Result<Json<WalletMessage>, Failure> {
    let (wallets, id) = (app.platform.wallets(), id_of(&wallet)?);
    if body.is_primary == Some(false) {
        return Err(Failure::field("is_primary", "let another wallet stand for the account instead"));
    }
    let mut found = wallets.find(caller.user, id).await.map_err(failure)?;
    if let Some(name) = &body.name {
        found = wallets.rename(caller.user, id, name).await.map_err(failure)?;
    }
    if body.is_primary == Some(true) {
        found = wallets.set_primary(caller.user, id).await.map_err(failure)?;
    }
    Ok(Json(WalletMessage::of(&app, &found)))
}

/// Shows the private key of a wallet to whoever shows the password, and the second factor where there is one. It is written
/// down that it was shown.
#[utoipa::path(post, path = "/api/v1/wallets/{wallet_id}/export", tag = "wallets", summary = "Export a private key",
    security(("bearer" = [])), params(("wallet_id" = i64, Path, description = "Its number.")),
    request_body = StepUpBody,
    responses(
        (status = 200, description = "The private key.", body = ExportedMessage),
        (status = 403, description = "`WRONG_PASSWORD`, `TWO_FACTOR_NEEDED`, `WRONG_CODE`.", body = Problem, content_type = "application/problem+json"),
        OwnProblems,
    ),
)]
pub(crate) async fn export(
    State(app): State<Arc<App>>,
    caller: Caller,
    from: From,
    Path(wallet): Path<String>,
    JsonBody(body): JsonBody<StepUpBody>,
) -> Result<Json<ExportedMessage>, Failure> {
    let (wallets, id) = (app.platform.wallets(), id_of(&wallet)?);
    // Another user's wallet is no reason to try passwords.
    wallets.find(caller.user, id).await.map_err(failure)?;
    step_up::shown(&app, caller, &from, body.proof()).await?;
    let (wallet, exported) = wallets.export(caller.user, id).await.map_err(failure)?;
    let event = AuthEvent::done(caller.user, AuthAction::WalletExported, &from.origin);
    let event = event.with(serde_json::json!({ "wallet_id": wallet.id.0, "address": wallet.address }));
    app.platform.users().note(event).await.map_err(Failure::internal)?;
    Ok(Json(ExportedMessage {
        id: wallet.id.0,
        address: wallet.address,
        blockchain: wallet.chain.into(),
        format: exported.format,
        private_key: exported.text,
    }))
}
