//! Sign-up, log-in, and who one is: the plain routes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use papertape_platform::{AskError, AuthError, NewUser, SignUpError, User, UserError};
use serde::Deserialize;
use utoipa::ToSchema;

use super::PlainProblems;
use crate::app::App;
use crate::edge::body::{FormBody, JsonBody};
use crate::edge::caller::Caller;
use crate::errors::{Detail, Failure};
use crate::translate::plain::{TokenOut, UserOut};
use crate::translate::time;

/// What somebody signs up with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ada@example.com", "password": "correct horse battery",
    "confirm_password": "correct horse battery"}))]
pub(crate) struct SignUpBody {
    /// E-mail address; unique without regard to case.
    email: String,
    /// 8 characters or more, and not a common one.
    password: String,
    /// The same again.
    confirm_password: String,
}

/// The OAuth2 password form. Fields that OAuth2 knows and the venue does not need are ignored.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"username": "ada@example.com", "password": "correct horse battery"}))]
pub(crate) struct LogInForm {
    /// The e-mail address.
    username: String,
    /// The password.
    password: String,
}

/// Adds a user, opens an account and credits it.
#[utoipa::path(post, path = "/signup", tag = "plain", summary = "Sign up", request_body = SignUpBody, responses(
    (status = 201, description = "The user exists and the account is open.", body = UserOut),
    (status = 400, description = "Passwords differ, the address is taken or none, or the password is weak.", body = Detail),
    (status = 408, description = "The body did not come within 8 seconds.", body = Detail),
    (status = 413, description = "The body is larger than 64 KiB.", body = Detail),
    (status = 415, description = "The body is sent as another type.", body = Detail),
    (status = 429, description = "Too many sign-ups from this address (`Retry-After`).", body = Detail),
    (status = 503, description = "Too many at once, or the venue is stopping (`Retry-After`).", body = Detail),
    (status = 504, description = "`OUTCOME_UNKNOWN`: no answer in time. Log in before a retry.", body = Detail),
))]
pub(crate) async fn sign_up(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    JsonBody(body): JsonBody<SignUpBody>,
) -> Result<(StatusCode, Json<UserOut>), Failure> {
    app.sign_ups.check(peer.ip(), Instant::now())?;
    if body.password != body.confirm_password {
        return Err(Failure::bad_request("PASSWORDS_DIFFER", "The two passwords are not the same."));
    }
    let new = NewUser { email: body.email, password: body.password };
    let user = app.accounts.sign_up(&new, &app.desk).await.map_err(sign_up_failure)?;
    Ok((StatusCode::CREATED, Json(shown(&user))))
}

/// Gives a token for e-mail and password.
#[utoipa::path(post, path = "/login", tag = "plain", summary = "Log in (OAuth2 password form)",
    request_body(content = LogInForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A token for `Authorization: Bearer`.", body = TokenOut),
        (status = 400, description = "The form lacks a field.", body = Detail),
        (status = 401, description = "Wrong e-mail or password.", body = Detail),
        (status = 408, description = "The body did not come within 8 seconds.", body = Detail),
        (status = 413, description = "The body is larger than 64 KiB.", body = Detail),
        (status = 415, description = "The body is sent as another type.", body = Detail),
        (status = 429, description = "Too many log-ins from this address (`Retry-After`).", body = Detail),
        (status = 503, description = "Too many at once (`Retry-After`).", body = Detail),
        (status = 504, description = "`OUTCOME_UNKNOWN`: no answer in time. Log in before a retry.", body = Detail),
    ),
)]
pub(crate) async fn log_in(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    FormBody(form): FormBody<LogInForm>,
) -> Result<Json<TokenOut>, Failure> {
    app.logins.check(peer.ip(), Instant::now())?;
    let users = app.platform.users();
    let user = users.authenticate(&form.username, &form.password).await.map_err(auth_failure)?;
    // A sign-up that a crash cut short is finished here at the latest.
    let user = app.accounts.finish(user, &app.desk).await.map_err(sign_up_failure)?;
    let token = users.issue_token(&user).map_err(Failure::internal)?;
    Ok(Json(TokenOut { access_token: token.access_token, token_type: "bearer" }))
}

/// The user whose token came with the request.
#[utoipa::path(get, path = "/users/me", tag = "plain", summary = "Who am I", security(("bearer" = [])), responses(
    (status = 200, description = "The user.", body = UserOut), PlainProblems,
))]
pub(crate) async fn me(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<UserOut>, Failure> {
    let user = app.platform.users().find(caller.user).await.map_err(Failure::internal)?;
    user.map(|user| Json(shown(&user))).ok_or_else(|| Failure::unauthenticated("This user is gone."))
}

fn shown(user: &User) -> UserOut {
    let created_ns = u64::try_from(user.created_at.unix_timestamp_nanos()).unwrap_or_default();
    UserOut { id: user.id.0, email: user.email.clone(), created_at: time::rfc3339(created_ns) }
}

fn sign_up_failure(error: SignUpError) -> Failure {
    match error {
        SignUpError::User(error) => user_failure(error),
        SignUpError::Venue(AskError::Busy) => Failure::busy(),
        SignUpError::Venue(AskError::Stopped) => Failure::stopping(),
        SignUpError::Venue(AskError::Timeout) => Failure::outcome_unknown(),
        SignUpError::Refused(reason) => Failure::internal(reason),
        SignUpError::Unexpected => Failure::internal(error),
        SignUpError::Database(error) => Failure::internal(error),
    }
}

fn user_failure(error: UserError) -> Failure {
    let sentence = error.to_string();
    match error {
        UserError::InvalidEmail => Failure::bad_request("INVALID_EMAIL", sentence),
        UserError::EmailTaken => Failure::bad_request("EMAIL_TAKEN", sentence),
        UserError::WeakPassword(_) => Failure::bad_request("WEAK_PASSWORD", sentence),
        UserError::Busy => Failure { detail: sentence.into(), ..Failure::busy() },
        UserError::Hashing | UserError::Randomness => Failure::internal(sentence),
        UserError::Database(error) => Failure::internal(error),
    }
}

fn auth_failure(error: AuthError) -> Failure {
    let sentence = error.to_string();
    match error {
        AuthError::WrongCredentials => Failure { code: "WRONG_CREDENTIALS", ..Failure::unauthenticated(sentence) },
        AuthError::Busy => Failure { detail: sentence.into(), ..Failure::busy() },
        AuthError::Hashing => Failure::internal(sentence),
        AuthError::Database(error) => Failure::internal(error),
    }
}
