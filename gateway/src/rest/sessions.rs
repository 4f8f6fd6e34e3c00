//! Sessions that can be renewed: begun, renewed, looked at, ended.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use papertape_platform::{AuthAction, AuthEvent, LogIn, Opening, SessionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::OwnProblems;
use super::door::refresh_failure;
use super::users::admitted;
use crate::app::App;
use crate::edge::body::JsonBody;
use crate::edge::caller::Caller;
use crate::edge::client::From;
use crate::edge::cookie;
use crate::errors::Failure;
use crate::translate::users::{OpenedMessage, SessionMessage};

/// What a session begins with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"login": "ada@example.com", "password": "correct horse battery"}))]
pub(crate) struct SessionBody {
    /// E-mail address or user name.
    login: String,
    /// The password.
    password: String,
    /// Code of the second factor, or a recovery code, after `TWO_FACTOR_NEEDED`.
    #[serde(default)]
    code: Option<String>,
    /// For a page: the refresh token goes into a cookie that no script reads, and not into the answer.
    #[serde(default)]
    cookie: bool,
}

/// What a session is renewed with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshBody {
    /// The last refresh token; without it the one in the cookie.
    #[serde(default)]
    refresh_token: Option<String>,
}

/// How many sessions ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct EndedMessage {
    /// So many.
    ended: usize,
}

/// Begins a session. The access token is good for 15 minutes; the refresh token brings the next pair, once.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "users", summary = "Log in", request_body = SessionBody,
    responses(
        (status = 201, description = "The session's first pair of tokens.", body = OpenedMessage),
        (status = 403, description = "`USER_SUSPENDED`, with the reason; `USER_INACTIVE`; `FOREIGN_ORIGIN`: another site's page asks for a cookie.", body = crate::errors::Problem, content_type = "application/problem+json"),
        OwnProblems,
    ),
)]
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    from: From,
    headers: HeaderMap,
    JsonBody(body): JsonBody<SessionBody>,
) -> Result<Response, Failure> {
    if body.cookie {
        cookie::require_own_page(&headers)?;
    }
    let with = LogIn { login: &body.login, password: &body.password, code: body.code.as_deref() };
    let logged_in = admitted(&app, with, &from).await?;
    let how = Opening { is_renewable: true, second_factor: logged_in.second_factor };
    let users = app.platform.users();
    let opened = users.open_session(&logged_in.user, how, &from.origin).await.map_err(refresh_failure)?;
    Ok(answer(StatusCode::CREATED, OpenedMessage::of(opened), body.cookie, &from))
}

/// Renews a session: a new access token, and the refresh token for the next time. A refresh token that comes a second
/// time ends its session (`REFRESH_REUSED`), since somebody else may have it. A cookie counts on the venue's own page alone.
#[utoipa::path(post, path = "/api/v1/sessions/refresh", tag = "users", summary = "Renew the session",
    request_body = RefreshBody,
    responses(
        (status = 200, description = "The next pair.", body = OpenedMessage),
        (status = 403, description = "`FOREIGN_ORIGIN`: another site's page sends the cookie.", body = crate::errors::Problem, content_type = "application/problem+json"),
        OwnProblems,
    ),
)]
pub(crate) async fn refresh(
    State(app): State<Arc<App>>,
    from: From,
    headers: HeaderMap,
    JsonBody(body): JsonBody<RefreshBody>,
) -> Result<Response, Failure> {
    let (token, is_cookie) = match body.refresh_token {
        Some(token) => (token, false),
        None => {
            cookie::require_own_page(&headers)?;
            let missing = || Failure::unauthenticated("There is no session here; log in.");
            (cookie::sent(&headers).ok_or_else(missing)?.to_owned(), true)
        }
    };
    let renewed = app.platform.users().refresh(&token, &from.origin).await;
    let (_, opened) = renewed.map_err(refresh_failure)?;
    Ok(answer(StatusCode::OK, OpenedMessage::of(opened), is_cookie, &from))
}

fn answer(status: StatusCode, mut opened: OpenedMessage, into_cookie: bool, from: &From) -> Response {
    if !into_cookie {
        return (status, Json(opened)).into_response();
    }
    let token = opened.refresh_token.take().unwrap_or_default();
    (status, cookie::set(&token, opened.renewable_for_s, from.is_secure), Json(opened)).into_response()
}

/// One's open sessions: since when, from where, with what, and when last used.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "users", summary = "My sessions", security(("bearer" = [])),
    responses((status = 200, description = "Newest first.", body = Vec<SessionMessage>), OwnProblems),
)]
pub(crate) async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Vec<SessionMessage>>, Failure> {
    let sessions = app.platform.users().sessions(caller.user).await.map_err(Failure::internal)?;
    Ok(Json(sessions.into_iter().map(|view| SessionMessage::of(view, caller.session)).collect()))
}

/// Ends all of one's sessions, this one included.
#[utoipa::path(delete, path = "/api/v1/sessions", tag = "users", summary = "Log out everywhere",
    security(("bearer" = [])),
    responses((status = 200, description = "How many ended.", body = EndedMessage), OwnProblems),
)]
pub(crate) async fn end_all(
    State(app): State<Arc<App>>,
    caller: Caller,
    from: From,
) -> Result<impl IntoResponse, Failure> {
    let event = AuthEvent::done(caller.user, AuthAction::LogoutEverywhere, &from.origin);
    let ended = app.platform.users().end_all_sessions(caller.user, None, event).await.map_err(Failure::internal)?;
    Ok((cookie::set("", 0, from.is_secure), Json(EndedMessage { ended })))
}

/// Ends one of one's sessions; `current` is the one that asks. Its tokens are refused from the next request on.
#[utoipa::path(delete, path = "/api/v1/sessions/{session_id}", tag = "users", summary = "Log out",
    security(("bearer" = [])),
    params(("session_id" = String, Path, description = "The session's number, or `current`.")),
    responses((status = 200, description = "It ended.", body = EndedMessage), OwnProblems),
)]
pub(crate) async fn end(
    State(app): State<Arc<App>>,
    caller: Caller,
    from: From,
    Path(session): Path<String>,
) -> Result<Response, Failure> {
    let unknown = || Failure::not_found("There is no such session.");
    let id = if session == "current" { caller.session } else { SessionId(session.parse().map_err(|_| unknown())?) };
    let is_this = id == caller.session;
    let action = if is_this { AuthAction::Logout } else { AuthAction::SessionEnded };
    let event = AuthEvent::done(caller.user, action, &from.origin).with(serde_json::json!({ "session_id": id.0 }));
    if !app.platform.users().end_session(id, event).await.map_err(Failure::internal)? {
        return Err(unknown());
    }
    let done = Json(EndedMessage { ended: 1 });
    Ok(if is_this { (cookie::set("", 0, from.is_secure), done).into_response() } else { done.into_response() })
}
