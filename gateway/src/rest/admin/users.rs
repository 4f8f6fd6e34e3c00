//! Users: who there is, who may come in, and what happened at the door.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use papertape_platform::{AuthAction, AuthEvent, Suspension, User, UserId, database, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::AdminProblems;
use crate::app::App;
use crate::edge::body::{JsonBody, QueryOf};
use crate::edge::client::From;
use crate::edge::operator::Operator;
use crate::errors::Failure;
use crate::rest::door::user_failure;
use crate::rest::security::{AuthLogQuery, page};
use crate::translate::cursor::{self, Of};
use crate::translate::users::{AuthLogMessage, AuthLogsMessage, Expand, RoleWord, SessionMessage, UserMessage};
use crate::venue::suspensions::{self, NotChanged};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct UsersQuery {
    /// Only those with a greater number: the last one of the page before.
    #[serde(default)]
    after: Option<i64>,
    /// Only those whose address or user name contains this.
    #[serde(default)]
    search: Option<String>,
    /// At most this many, 1 to 500.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<u64>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutboxQuery {
    /// At most this many, 1 to 500.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// Why a user is out, and until when.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "wash trades", "ends_at_ms": 1798761600000u64}))]
pub(crate) struct UserSuspensionBody {
    /// In words, for the user: at most 500 characters.
    reason: String,
    /// When it ends by itself, in milliseconds since 1970; without it: when it is lifted.
    #[serde(default)]
    ends_at_ms: Option<u64>,
}

/// What a user may do.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"role": "user"}))]
pub(crate) struct RoleBody {
    /// `user` or `admin`.
    role: RoleWord,
}

/// Whether a user may log in at all.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActiveBody {
    /// Whether.
    is_active: bool,
}

/// How many sessions ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionsEnded {
    /// So many.
    ended: usize,
}

/// A message that waits or was sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct OutboxMessage {
    /// Number.
    id: i64,
    /// The user that it is for.
    user_id: i64,
    /// The address.
    recipient: String,
    /// The subject.
    subject: String,
    /// The text; null once it was sent.
    body: Option<String>,
    /// `pending`, `sent` or `failed`.
    status: String,
    /// How often it was tried.
    attempts: i32,
    /// Why the last try failed.
    last_error: Option<String>,
    /// When it was sent, RFC 3339.
    sent_at: Option<String>,
    /// When it was made.
    created_at: String,
}

/// A page of the outbox.
#[derive(Serialize, ToSchema)]
pub(crate) struct OutboxPage {
    /// Whether a mail server is set; else somebody has to hand these on.
    is_sent: bool,
    /// Newest first.
    messages: Vec<OutboxMessage>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

impl OutboxMessage {
    fn of(row: database::outbox::Model) -> Self {
        Self {
            id: row.id,
            user_id: row.user_id,
            recipient: row.recipient,
            subject: row.subject,
            body: row.body,
            status: row.status,
            attempts: row.attempts,
            last_error: row.last_error,
            sent_at: row.sent_at.map(rfc3339),
            created_at: rfc3339(row.created_at),
        }
    }
}

fn limit(asked: Option<u64>) -> Result<u64, Failure> {
    let limit = asked.unwrap_or(100);
    if (1..=500).contains(&limit) { Ok(limit) } else { Err(Failure::field("limit", "must be 1 to 500")) }
}

fn id_of(text: &str) -> Result<UserId, Failure> {
    text.parse().map(UserId).map_err(|_| Failure::not_found("There is no such user."))
}

fn not_changed(error: NotChanged) -> Failure {
    match error {
        NotChanged::User(error) => user_failure(error),
        NotChanged::Venue(failure) => failure,
    }
}

async fn find(app: &App, text: &str) -> Result<User, Failure> {
    let user = app.platform.users().find(id_of(text)?).await.map_err(Failure::internal)?;
    user.ok_or_else(|| Failure::not_found("There is no such user."))
}

/// The users.
#[utoipa::path(get, path = "/api/v1/admin/users", tag = "admin", summary = "Users", security(("operator" = [])),
    params(UsersQuery), responses((status = 200, description = "By number.", body = Vec<UserMessage>), AdminProblems),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _: Operator,
    QueryOf(query): QueryOf<UsersQuery>,
) -> Result<Json<Vec<UserMessage>>, Failure> {
    let (after, limit) = (query.after.unwrap_or(0), limit(query.limit)?);
    let users = app.platform.users().list(after, query.search.as_deref(), limit).await.map_err(Failure::internal)?;
    Ok(Json(users.iter().map(UserMessage::of).collect()))
}

/// One user.
#[utoipa::path(get, path = "/api/v1/admin/users/{user_id}", tag = "admin", summary = "One user",
    security(("operator" = [])), params(("user_id" = i64, Path, description = "The user's number."), Expand),
    responses((status = 200, description = "The user.", body = UserMessage), AdminProblems),
)]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    _: Operator,
    Path(user): Path<String>,
    QueryOf(expand): QueryOf<Expand>,
) -> Result<Json<UserMessage>, Failure> {
    let user = find(&app, &user).await?;
    expand.show(&app, &user).await.map(Json)
}

/// Suspends a user: all sessions end, log-in is refused with the reason, API keys are refused, and the account is suspended,
/// which ends its orders and refuses new ones (unless the venue was told to leave orders in the book). It ends by itself at its end, if it has one.
#[utoipa::path(put, path = "/api/v1/admin/users/{user_id}/suspension", tag = "admin", summary = "Suspend a user",
    security(("operator" = [])), params(("user_id" = i64, Path, description = "The user's number.")),
    request_body = UserSuspensionBody,
    responses((status = 200, description = "The user.", body = UserMessage), AdminProblems),
)]
pub(crate) async fn suspend(
    State(app): State<Arc<App>>,
    operator: Operator,
    from: From,
    Path(user): Path<String>,
    JsonBody(body): JsonBody<UserSuspensionBody>,
) -> Result<Json<UserMessage>, Failure> {
    let user = id_of(&user)?;
    if operator.admin() == Some(user) {
        return Err(Failure::bad_request("ONESELF", "Nobody suspends himself."));
    }
    let ends_at =
        body.ends_at_ms.map(|ms| database::of_millis(ms).ok_or_else(|| Failure::field("ends_at_ms", "too far")));
    let suspension = Suspension { reason: body.reason, ends_at: ends_at.transpose()? };
    let done = suspensions::suspend(&app, operator, (user, &suspension), &from.origin).await;
    done.map(|user| Json(UserMessage::of(&user))).map_err(not_changed)
}

/// Lets a suspended user in again, and the account trade. Orders that ended do not come back.
#[utoipa::path(delete, path = "/api/v1/admin/users/{user_id}/suspension", tag = "admin", summary = "Lift a suspension",
    security(("operator" = [])), params(("user_id" = i64, Path, description = "The user's number.")),
    responses((status = 200, description = "The user.", body = UserMessage), AdminProblems),
)]
pub(crate) async fn lift(
    State(app): State<Arc<App>>,
    operator: Operator,
    from: From,
    Path(user): Path<String>,
) -> Result<Json<UserMessage>, Failure> {
    let done = suspensions::lift(&app, operator, id_of(&user)?, &from.origin).await;
    done.map(|user| Json(UserMessage::of(&user))).map_err(not_changed)
}

/// Gives a user another role, from the next request on; all sessions end.
#[utoipa::path(put, path = "/api/v1/admin/users/{user_id}/role", tag = "admin", summary = "Set a user's role",
    security(("operator" = [])), params(("user_id" = i64, Path, description = "The user's number.")),
    request_body = RoleBody, responses((status = 200, description = "The user.", body = UserMessage), AdminProblems),
)]
pub(crate) async fn set_role(
    State(app): State<Arc<App>>,
    operator: Operator,
    from: From,
    Path(user): Path<String>,
    JsonBody(body): JsonBody<RoleBody>,
) -> Result<Json<UserMessage>, Failure> {
    let user = id_of(&user)?;
    if operator.admin() == Some(user) {
        return Err(Failure::bad_request("ONESELF", "Nobody changes his own role."));
    }
    let user = app.platform.users().set_role(user, body.role.into(), &from.origin).await.map_err(user_failure)?;
    Ok(Json(UserMessage::of(&user)))
}

/// Makes a user inactive, or active again: who is inactive cannot log in, and the sessions end. The account trades on.
#[utoipa::path(put, path = "/api/v1/admin/users/{user_id}/active", tag = "admin", summary = "Let a user in or not",
    security(("operator" = [])), params(("user_id" = i64, Path, description = "The user's number.")),
    request_body = ActiveBody, responses((status = 200, description = "The user.", body = UserMessage), AdminProblems),
)]
pub(crate) async fn set_active(
    State(app): State<Arc<App>>,
    operator: Operator,
    from: From,
    Path(user): Path<String>,
    JsonBody(body): JsonBody<ActiveBody>,
) -> Result<Json<UserMessage>, Failure> {
    let user = id_of(&user)?;
    if operator.admin() == Some(user) {
        return Err(Failure::bad_request("ONESELF", "Nobody shuts himself out."));
    }
    let user = app.platform.users().set_active(user, body.is_active, &from.origin).await.map_err(user_failure)?;
    Ok(Json(UserMessage::of(&user)))
}

/// A user's open sessions.
#[utoipa::path(get, path = "/api/v1/admin/users/{user_id}/sessions", tag = "admin", summary = "A user's sessions",
    security(("operator" = [])), params(("user_id" = i64, Path, description = "The user's number.")),
    responses((status = 200, description = "Newest first.", body = Vec<SessionMessage>), AdminProblems),
)]
pub(crate) async fn sessions(
    State(app): State<Arc<App>>,
    _: Operator,
    Path(user): Path<String>,
) -> Result<Json<Vec<SessionMessage>>, Failure> {
    let user = find(&app, &user).await?;
    let sessions = app.platform.users().sessions(user.id).await.map_err(Failure::internal)?;
    let nobodys = papertape_platform::SessionId(0);
    Ok(Json(sessions.into_iter().map(|view| SessionMessage::of(view, nobodys)).collect()))
}

/// Ends all sessions of a user.
#[utoipa::path(delete, path = "/api/v1/admin/users/{user_id}/sessions", tag = "admin",
    summary = "End a user's sessions", security(("operator" = [])),
    params(("user_id" = i64, Path, description = "The user's number.")),
    responses((status = 200, description = "How many ended.", body = SessionsEnded), AdminProblems),
)]
pub(crate) async fn end_sessions(
    State(app): State<Arc<App>>,
    _: Operator,
    from: From,
    Path(user): Path<String>,
) -> Result<Json<SessionsEnded>, Failure> {
    let user = find(&app, &user).await?;
    let event = AuthEvent::done(user.id, AuthAction::SessionEnded, &from.origin);
    let ended = app.platform.users().end_all_sessions(user.id, None, event).await.map_err(Failure::internal)?;
    Ok(Json(SessionsEnded { ended }))
}

/// What happened at everybody's door, log-ins of users that nobody knows included.
#[utoipa::path(get, path = "/api/v1/admin/auth-logs", tag = "admin", summary = "What happened at the door",
    security(("operator" = [])), params(AuthLogQuery),
    responses((status = 200, description = "Newest first.", body = AuthLogsMessage), AdminProblems),
)]
pub(crate) async fn auth_logs(
    State(app): State<Arc<App>>,
    _: Operator,
    QueryOf(query): QueryOf<AuthLogQuery>,
) -> Result<Json<AuthLogsMessage>, Failure> {
    let (filter, limit) = query.filter()?;
    let rows = app.platform.users().all_auth_logs(&filter, limit as u64 + 1).await.map_err(Failure::internal)?;
    Ok(Json(page(rows.into_iter().map(AuthLogMessage::of).collect(), limit)))
}

/// What the venue has to say by mail. Where no mail server is set, somebody hands it on from here.
#[utoipa::path(get, path = "/api/v1/admin/outbox", tag = "admin", summary = "The outbox", security(("operator" = [])),
    params(OutboxQuery), responses((status = 200, description = "Newest first.", body = OutboxPage), AdminProblems),
)]
pub(crate) async fn outbox(
    State(app): State<Arc<App>>,
    _: Operator,
    QueryOf(query): QueryOf<OutboxQuery>,
) -> Result<Json<OutboxPage>, Failure> {
    let limit = limit(query.limit)?;
    let before = query.cursor.as_deref().map(|text| cursor::read::<1>(Of::Outbox, text)).transpose()?;
    let before = before.map(|[id]| i64::try_from(id).unwrap_or(i64::MAX));
    let mail = app.platform.mail();
    let mut rows = mail.page(before, limit + 1).await.map_err(Failure::internal)?;
    let is_last = rows.len() as u64 <= limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let last = rows.last().filter(|_| !is_last);
    let next_cursor = last.map(|row| cursor::write(Of::Outbox, [row.id.unsigned_abs()]));
    let messages = rows.into_iter().map(OutboxMessage::of).collect();
    Ok(Json(OutboxPage { is_sent: mail.is_sent(), messages, next_cursor }))
}
