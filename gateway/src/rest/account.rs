//! What the caller has, and the switch that stops its trading.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{AnswerAt, OwnProblems};
use crate::app::App;
use crate::edge::acknowledged::{Acknowledged, Answered};
use crate::edge::body::{JsonBody, QueryOf};
use crate::edge::caller::Caller;
use crate::errors::Failure;
use crate::translate::account::{self, AccountMessage};
use crate::translate::fees::{self, AccountFeesMessage};
use crate::translate::find;
use crate::translate::orders::OrderMessage;
use crate::translate::requests::KillSwitchBody;
use crate::venue::orders;

/// Balances and positions, all as of one command.
#[utoipa::path(get, path = "/api/v1/account", tag = "account", summary = "My account", security(("bearer" = [])),
    responses((status = 200, description = "As of `seq`.", body = AccountMessage), OwnProblems),
)]
pub(crate) async fn account(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<AccountMessage>, Failure> {
    let account = caller.account()?;
    Ok(Json(account::account(&app.views.read(), account)))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeesQuery {
    /// Only in this market.
    #[serde(default)]
    #[param(example = "BTC-USD")]
    symbol: Option<String>,
}

/// What the caller's new orders cost, market by market: its fee tier by its volume of thirty days, which is reckoned anew
/// at midnight UTC. An order keeps the fees with which it was accepted.
#[utoipa::path(get, path = "/api/v1/account/fees", tag = "account", summary = "My fees", security(("bearer" = [])),
    params(FeesQuery),
    responses((status = 200, description = "In the order of listing.", body = Vec<AccountFeesMessage>), OwnProblems),
)]
pub(crate) async fn fees(
    State(app): State<Arc<App>>,
    caller: Caller,
    QueryOf(query): QueryOf<FeesQuery>,
) -> Result<Json<Vec<AccountFeesMessage>>, Failure> {
    let (account, views) = (caller.account()?, app.views.read());
    let ids = match query.symbol {
        Some(symbol) => vec![find(&views, &symbol)?.0],
        None => views.instruments().map(|(id, _)| id).collect(),
    };
    Ok(Json(ids.into_iter().filter_map(|id| fees::fees(&views, account, id)).collect()))
}

/// The kill switch after a command.
#[derive(Serialize, ToSchema)]
pub(crate) struct KillSwitchMessage {
    /// Whether it is engaged.
    engaged: bool,
    /// The orders that ended by it.
    cancelled: Vec<OrderMessage>,
}

/// Stops one's own trading, or allows it again. Engaging it ends all open orders of the account, waiting and pending
/// ones included (`cancel_reason` is `KILL_SWITCH`); until it is released new orders, lists and amends are refused with
/// `KILL_SWITCH_ENGAGED`, cancels are not. Releasing it brings nothing back. What is so already is refused with
/// `SWITCH_UNCHANGED`.
#[utoipa::path(post, path = "/api/v1/account/kill-switch", tag = "account", summary = "Stop my trading",
    security(("bearer" = [])), request_body = KillSwitchBody, params(AnswerAt),
    responses((status = 200, description = "The switch, and what ended.", body = KillSwitchMessage), OwnProblems),
)]
pub(crate) async fn kill_switch(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(body): JsonBody<KillSwitchBody>,
) -> Result<Answered<KillSwitchMessage>, Failure> {
    let asker = caller.asker()?;
    let (cancelled, seq) = orders::set_kill_switch(&app, asker, body.engaged).await?;
    Ok(Answered(Acknowledged::to(asker, seq), KillSwitchMessage { engaged: body.engaged, cancelled }))
}
