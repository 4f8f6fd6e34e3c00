//! Looking back: what only the journal knows, over the archive's thread.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use papertape_engine::{AccountId, OrderId, Reason};
use papertape_platform::UserId;
use papertape_story::Eyes;
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use crate::app::App;
use crate::archive::{Answer, Lasts, Question};
use crate::edge::caller::Caller;
use crate::errors::{Failure, Problem};
use crate::translate::commands;
use crate::translate::story::StoryMessage;

/// The answer is being made.
#[derive(Serialize, ToSchema)]
pub(crate) struct PendingMessage {
    /// Always `PENDING`.
    status: &'static str,
}

/// What routes that look back answer besides.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers; the failures themselves are made in `errors`")]
pub(crate) enum StoryProblems {
    /// The answer is being made: ask again after `Retry-After` seconds.
    #[response(status = 202)]
    Pending(PendingMessage),
    /// The request cannot be understood; `detail` names the field.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// No valid token (`WWW-Authenticate: Bearer`).
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(Problem),
    /// There is no such order of this account.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// `ACCOUNT_NOT_OPEN`: log in again.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Problem),
    /// `TOO_MANY_QUESTIONS`: two of this user's are under way (`Retry-After`).
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
    /// The journal cannot be read.
    #[response(status = 500, content_type = "application/problem+json")]
    Unreadable(Problem),
    /// `NO_JOURNAL`: this venue does not look back.
    #[response(status = 501, content_type = "application/problem+json")]
    NoJournal(Problem),
    /// `BUSY`: too many look back at this moment (`Retry-After`); or the venue is stopping.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

/// Asks the archive: the answer, or that it is being made.
pub(crate) async fn look_back(app: &App, question: &Question, asker: Option<UserId>) -> Result<Response, Failure> {
    let archive = app.archive.as_ref().ok_or_else(|| {
        let sentence = "This venue does not look back: it was not told where its journal is.";
        Failure::new(StatusCode::NOT_IMPLEMENTED, "NO_JOURNAL", sentence)
    })?;
    let is_current = |answer: &Answer| match answer.lasts {
        Lasts::ForEver | Lasts::Once => true,
        Lasts::WhileOrderStays { account, order, seq } => {
            app.views.read().order(account, order).is_some_and(|view| view.seq <= seq)
        }
    };
    Ok(match archive.ask(question, asker, is_current).await? {
        Some(answer) => ([(header::CONTENT_TYPE, "application/json")], answer.body.clone()).into_response(),
        None => {
            let retry = [(header::RETRY_AFTER, "1")];
            (StatusCode::ACCEPTED, retry, Json(PendingMessage { status: "PENDING" })).into_response()
        }
    })
}

/// The life of one of one's own orders: when it came and what it asked, where it rested and what was ahead of it there, what
/// moved it in its queue, each fill with its fee, and why it ended, up to what is durable when the question is taken up. Of
/// others it tells what the market shows: their accounts, their orders' numbers and what they asked stay unsaid (`another
/// order`); of an order of the same trade group that it would have traded with, its number. It is read from the journal, which
/// may take longer than 2 seconds: then ask again.
#[utoipa::path(get, path = "/api/v1/orders/{order_id}/story", tag = "orders", summary = "The life of an order",
    security(("bearer" = [])), params(("order_id" = String, Path, description = "The venue's number.")),
    responses((status = 200, description = "What happened to it.", body = StoryMessage), StoryProblems),
)]
pub(crate) async fn story(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(order_id): Path<String>,
) -> Result<Response, Failure> {
    let (account, order) = (caller.account()?, commands::order_id_of(&order_id)?);
    if !is_own(&app, (caller.user, account), order).await? {
        return Err(Reason::UnknownOrder.into());
    }
    look_back(&app, &Question::Story { order, eyes: Eyes::Of(account) }, Some(caller.user)).await
}

async fn is_own(app: &App, (user, account): (UserId, AccountId), order: OrderId) -> Result<bool, Failure> {
    if app.views.read().order(account, order).is_some() {
        return Ok(true);
    }
    Ok(app.platform.history().order(user, order).await.map_err(Failure::internal)?.is_some())
}
