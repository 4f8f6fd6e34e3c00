//! Orders that hang together.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::{AnswerAt, OwnProblems};
use crate::app::App;
use crate::edge::acknowledged::{Acknowledged, Answered};
use crate::edge::body::JsonBody;
use crate::edge::caller::Caller;
use crate::errors::Failure;
use crate::translate::commands::order_id_of;
use crate::translate::lists::{ListBody, ListMessage};
use crate::venue::lists;

/// Places two or three orders that hang together: one cancels the other (OCO), one triggers the other (OTO), or one
/// triggers two that cancel each other (OTOCO, a bracket). Accepted all together or not at all. A cancel of any of them,
/// by `DELETE /api/v1/orders/{order_id}`, ends the list. Refusals of the list's shape: `LIST_LEGS_DIFFER`,
/// `LIST_LEG_MUST_STAY`, `LIST_NEEDS_TRIGGER`, `LIST_WORKING_MUST_REST`; then those of single orders.
#[utoipa::path(post, path = "/api/v1/order-lists", tag = "orders", summary = "Place an order list",
    security(("bearer" = [])), request_body = ListBody, params(AnswerAt),
    responses((status = 201, description = "The list's orders, with what they did at once.", body = ListMessage), OwnProblems),
)]
pub(crate) async fn place(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(body): JsonBody<ListBody>,
) -> Result<(StatusCode, Answered<ListMessage>), Failure> {
    let asker = caller.asker()?;
    let listed = lists::place(&app, asker, &body).await?;
    Ok((StatusCode::CREATED, Answered(Acknowledged::to(asker, listed.seq), listed.list)))
}

/// One of one's own lists: its orders, ended ones included.
#[utoipa::path(get, path = "/api/v1/order-lists/{list_id}", tag = "orders", summary = "One order list",
    security(("bearer" = [])),
    params(("list_id" = String, Path, description = "The `order_id` of the list's first order.")),
    responses((status = 200, description = "The list's orders.", body = ListMessage), OwnProblems),
)]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(list_id): Path<String>,
) -> Result<Json<ListMessage>, Failure> {
    Ok(Json(lists::get(&app, caller.account()?, order_id_of(&list_id)?).await?))
}
