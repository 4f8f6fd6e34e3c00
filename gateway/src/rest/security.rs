//! Passwords, second factors, and what happened at one's door.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use papertape_platform::AuthLogFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::door::{step_up_failure, user_failure};
use super::{BodyProblems, OwnProblems, step_up};
use crate::app::App;
use crate::edge::body::{JsonBody, QueryOf};
use crate::edge::caller::Caller;
use crate::edge::client::From;
use crate::errors::{Failure, Problem};
use crate::translate::cursor::{self, Of};
use crate::translate::users::{AuthLogMessage, AuthLogsMessage};

/// A new password, and the old one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordBody {
    /// The password as it is.
    password: String,
    /// The second factor, where there is one.
    #[serde(default)]
    code: Option<String>,
    /// The password as it is to be.
    new_password: String,
}

/// Whose password is to be set anew.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetBody {
    /// The address that the link goes to.
    email: String,
}

/// A password by a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetByLinkBody {
    /// What stands behind `#reset=` in the link.
    token: String,
    /// The password as it is to be.
    new_password: String,
}

/// Something that was done, in words.
#[derive(Serialize, ToSchema)]
pub(crate) struct DoneMessage {
    /// What was done.
    message: &'static str,
}

/// First the password, then the first code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "correct horse battery"}))]
pub(crate) struct EnableBody {
    /// Asks for a secret.
    #[serde(default)]
    password: Option<String>,
    /// The first code of that secret: turns it on.
    #[serde(default)]
    code: Option<String>,
}

/// What turns a second factor off.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DisableBody {
    /// The password.
    password: String,
    /// A code, or a recovery code.
    code: String,
}

/// A second factor: how it stands, what an authenticator program needs, or the recovery codes.
#[derive(Serialize, ToSchema, Default)]
pub(crate) struct TwoFactorMessage {
    /// Whether log-in asks for it.
    enabled: bool,
    /// Always `totp`.
    r#type: &'static str,
    /// For an authenticator program, as a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    otpauth_uri: Option<String>,
    /// The same, to be typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// The same, as a picture (SVG).
    #[serde(skip_serializing_if = "Option::is_none")]
    qr_svg: Option<String>,
    /// What stands in for a lost second factor, each once. Shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes: Option<Vec<String>>,
    /// How many recovery codes are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes_left: Option<u64>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthLogQuery {
    /// Only this action, such as `failed_login`.
    #[serde(default)]
    pub action: Option<String>,
    /// `success` or `failure`.
    #[serde(default)]
    pub status: Option<String>,
    /// At most this many, 1 to 500.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 100)]
    pub limit: Option<usize>,
    /// The `next_cursor` of the page before; the rest of the query stays the same.
    #[serde(default)]
    pub cursor: Option<String>,
}

impl AuthLogQuery {
    /// What is asked for, and how many rows.
    pub(crate) fn filter(&self) -> Result<(AuthLogFilter, usize), Failure> {
        let limit = self.limit.unwrap_or(100);
        if !(1..=500).contains(&limit) {
            return Err(Failure::field("limit", "must be 1 to 500"));
        }
        let done = match self.status.as_deref() {
            None => None,
            Some("success") => Some(true),
            Some("failure") => Some(false),
            Some(_) => return Err(Failure::field("status", "must be success or failure")),
        };
        let before = self.cursor.as_deref().map(|text| cursor::read::<1>(Of::AuthLogs, text)).transpose()?;
        let before = before.map(|[id]| i64::try_from(id).unwrap_or(i64::MAX));
        Ok((AuthLogFilter { before, action: self.action.clone(), done }, limit))
    }
}

/// A page, of which one row more was read than is shown.
pub(crate) fn page(mut rows: Vec<AuthLogMessage>, limit: usize) -> AuthLogsMessage {
    let is_last = rows.len() <= limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| !is_last);
    let next_cursor = last.map(|row| cursor::write(Of::AuthLogs, [row.id.unsigned_abs()]));
    AuthLogsMessage { auth_logs: rows, next_cursor }
}

/// What happened at one's own door: log-ins, log-outs, changes, and what was refused.
#[utoipa::path(get, path = "/api/v1/users/me/auth-logs", tag = "users", summary = "What happened at my door",
    security(("bearer" = [])), params(AuthLogQuery),
    responses((status = 200, description = "Newest first.", body = AuthLogsMessage), OwnProblems),
)]
pub(crate) async fn auth_logs(
    State(app): State<Arc<App>>,
    caller: Caller,
    QueryOf(query): QueryOf<AuthLogQuery>,
) -> Result<Json<AuthLogsMessage>, Failure> {
    let (filter, limit) = query.filter()?;
    let rows =
        app.platform.users().auth_logs(caller.user, &filter, limit as u64 + 1).await.map_err(Failure::internal)?;
    Ok(Json(page(rows.into_iter().map(AuthLogMessage::of).collect(), limit)))
}

/// Sets another password. All other sessions end.
#[utoipa::path(put, path = "/api/v1/users/me/password", tag = "users", summary = "Change my password",
    security(("bearer" = [])), request_body = PasswordBody,
    responses(
        (status = 200, description = "It is another one.", body = DoneMessage),
        (status = 403, description = "`WRONG_PASSWORD`, `TWO_FACTOR_NEEDED`, `WRONG_CODE`.", body = Problem, content_type = "application/problem+json"),
        OwnProblems,
    ),
)]
pub(crate) async fn change_password(
    State(app): State<Arc<App>>,
    caller: Caller,
    from: From,
    JsonBody(body): JsonBody<PasswordBody>,
) -> Result<Json<DoneMessage>, Failure> {
    let users = app.platform.users();
    let user = step_up::shown(&app, caller, &from, (&body.password, body.code.as_deref())).await?;
    let changed = users.change_password(&user, &body.new_password, Some(caller.session), &from.origin).await;
    changed.map_err(user_failure)?;
    Ok(Json(DoneMessage { message: "The password was changed, and other sessions were ended." }))
}

/// Mails a link for a new password to whoever has this address. The answer is the same, and comes as soon, whether
/// somebody has it or not; a link a minute, which works for an hour, once.
#[utoipa::path(post, path = "/api/v1/password-reset", tag = "users", summary = "Ask for a new password",
    request_body = ResetBody,
    responses(
        (status = 202, description = "If somebody has the address, a link is on its way.", body = DoneMessage),
        (status = 429, description = "Too many from this address (`Retry-After`).", body = Problem, content_type = "application/problem+json"),
        BodyProblems,
    ),
)]
pub(crate) async fn request_reset(
    State(app): State<Arc<App>>,
    from: From,
    JsonBody(body): JsonBody<ResetBody>,
) -> Result<(StatusCode, Json<DoneMessage>), Failure> {
    app.sign_ups.check(from.ip, Instant::now())?;
    let place = Arc::clone(&app.resets).try_acquire_owned().map_err(|_| Failure::busy())?;
    // Nobody waits for it: how long it takes says whether somebody has the address.
    tokio::spawn(async move {
        let _place = place;
        let users = app.platform.users();
        if let Err(error) = users.request_password_reset(&body.email, &app.public_url, &from.origin).await {
            tracing::warn!(%error, "a link for a new password was not made");
        }
    });
    let message = "If somebody has this address, a link is on its way.";
    Ok((StatusCode::ACCEPTED, Json(DoneMessage { message })))
}

/// Sets a password by a link. The link works once (`LINK_OVER`), all sessions end, and the second factor stays.
#[utoipa::path(post, path = "/api/v1/password-reset/confirm", tag = "users", summary = "Set a password by a link",
    request_body = ResetByLinkBody,
    responses(
        (status = 200, description = "Log in with it.", body = DoneMessage),
        (status = 429, description = "Too many from this address (`Retry-After`).", body = Problem, content_type = "application/problem+json"),
        BodyProblems,
    ),
)]
pub(crate) async fn reset(
    State(app): State<Arc<App>>,
    from: From,
    JsonBody(body): JsonBody<ResetByLinkBody>,
) -> Result<Json<DoneMessage>, Failure> {
    app.logins.check(from.ip, Instant::now())?;
    let users = app.platform.users();
    users.reset_password(&body.token, &body.new_password, &from.origin).await.map_err(user_failure)?;
    Ok(Json(DoneMessage { message: "The password was set, and all sessions were ended." }))
}

/// How one's second factor stands.
#[utoipa::path(get, path = "/api/v2/users/me/2fa", tag = "users", summary = "My second factor",
    security(("bearer" = [])), responses((status = 200, description = "As it is.", body = TwoFactorMessage), OwnProblems),
)]
pub(crate) async fn two_factor(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<TwoFactorMessage>, Failure> {
    let users = app.platform.users();
    let enabled = users.has_two_factor(caller.user).await.map_err(Failure::internal)?;
    let left = users.recovery_codes_left(caller.user).await.map_err(Failure::internal)?;
    Ok(Json(TwoFactorMessage {
        enabled,
        r#type: "totp",
        recovery_codes_left: Some(left),
        ..TwoFactorMessage::default()
    }))
}

/// Turns a second factor on, in two steps: `password` gives a secret for an authenticator program, and `code`, the first
/// code of it, turns it on and gives ten recovery codes. `TWO_FACTOR_UNCHANGED` if it is on already.
#[utoipa::path(post, path = "/api/v2/users/me/2fa/enable", tag = "users", summary = "Turn a second factor on",
    security(("bearer" = [])), request_body = EnableBody,
    responses(
        (status = 200, description = "The secret, or the recovery codes.", body = TwoFactorMessage),
        (status = 403, description = "`WRONG_PASSWORD`, `WRONG_CODE`.", body = Problem, content_type = "application/problem+json"),
        OwnProblems,
    ),
)]
pub(crate) async fn enable_two_factor(
    State(app): State<Arc<App>>,
    caller: Caller,
    from: From,
    JsonBody(body): JsonBody<EnableBody>,
) -> Result<Json<TwoFactorMessage>, Failure> {
    let users = app.platform.users();
    let message = match (body.password, body.code) {
        (Some(password), None) => {
            if users.has_two_factor(caller.user).await.map_err(Failure::internal)? {
                return Err(step_up_failure(papertape_platform::AuthError::TwoFactorUnchanged));
            }
            let user = step_up::shown(&app, caller, &from, (&password, None)).await?;
            let offer = users.offer_two_factor(&user).await.map_err(step_up_failure)?;
            TwoFactorMessage {
                otpauth_uri: Some(offer.otpauth_uri),
                secret: Some(offer.secret),
                qr_svg: Some(offer.qr_svg),
                ..TwoFactorMessage::default()
            }
        }
        (None, Some(code)) => {
            let codes = users.confirm_two_factor(caller.user, &code, &from.origin).await.map_err(step_up_failure)?;
            TwoFactorMessage { enabled: true, recovery_codes: Some(codes), ..TwoFactorMessage::default() }
        }
        _ => return Err(Failure::field("password", "send the password first, and then the code alone")),
    };
    Ok(Json(TwoFactorMessage { r#type: "totp", ..message }))
}

/// Turns one's second factor off: password and code are needed. `TWO_FACTOR_UNCHANGED` if it is off already.
#[utoipa::path(post, path = "/api/v2/users/me/2fa/disable", tag = "users", summary = "Turn my second factor off",
    security(("bearer" = [])), request_body = DisableBody,
    responses(
        (status = 200, description = "It is off.", body = TwoFactorMessage),
        (status = 403, description = "`WRONG_PASSWORD`, `WRONG_CODE`.", body = Problem, content_type = "application/problem+json"),
        OwnProblems,
    ),
)]
pub(crate) async fn disable_two_factor(
    State(app): State<Arc<App>>,
    caller: Caller,
    from: From,
    JsonBody(body): JsonBody<DisableBody>,
) -> Result<Json<TwoFactorMessage>, Failure> {
    step_up::shown(&app, caller, &from, (&body.password, Some(&body.code))).await?;
    let disabled = app.platform.users().disable_two_factor(caller.user, &from.origin).await;
    disabled.map_err(step_up_failure)?;
    Ok(Json(TwoFactorMessage { r#type: "totp", ..TwoFactorMessage::default() }))
}
