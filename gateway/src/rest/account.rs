//! What the caller has.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::OwnProblems;
use crate::app::App;
use crate::edge::caller::Caller;
use crate::errors::Failure;
use crate::translate::account::{self, AccountMessage};

/// Balances and positions, all as of one command.
#[utoipa::path(get, path = "/api/v1/account", tag = "account", summary = "My account", security(("bearer" = [])),
    responses((status = 200, description = "As of `seq`.", body = AccountMessage), OwnProblems),
)]
pub(crate) async fn account(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<AccountMessage>, Failure> {
    let account = caller.account()?;
    Ok(Json(account::account(&app.views.read(), account)))
}
