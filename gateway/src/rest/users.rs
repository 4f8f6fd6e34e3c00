//! Sign-up, log-in, and who one is: the plain routes.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use papertape_platform::{AuthAction, AuthEvent, LogIn, LoggedIn, NewUser, Opening, User};
use serde::Deserialize;
use utoipa::ToSchema;

use super::PlainProblems;
use super::door::{auth_failure, refresh_failure, sign_up_failure};
use crate::app::App;
use crate::edge::body::{FormBody, JsonBody};
use crate::edge::caller::Caller;
use crate::edge::client::From;
use crate::errors::{Detail, Failure};
use crate::translate::plain::{TokenOut, UserOut};

/// What somebody signs up with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ada@example.com", "password": "correct horse battery",
    "confirm_password": "correct horse battery"}))]
pub(crate) struct SignUpBody {
    /// E-mail address; unique without regard to case. The user name is derived from it.
    email: String,
    /// 8 characters or more, and not a common one.
    password: String,
    /// The same again.
    confirm_password: String,
}

impl SignUpBody {
    fn checked(self) -> Result<NewUser, Failure> {
        Self::checked_of(self.email, self.password, self.confirm_password)
    }

    /// Whoever types a password twice means it.
    pub(super) fn checked_of(email: String, password: String, again: String) -> Result<NewUser, Failure> {
        if password != again {
            return Err(Failure::bad_request("PASSWORDS_DIFFER", "The two passwords are not the same."));
        }
        Ok(NewUser { email, password })
    }
}

/// The OAuth2 password form. Fields that OAuth2 knows and the venue does not need are ignored.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"username": "ada@example.com", "password": "correct horse battery"}))]
pub(crate) struct LogInForm {
    /// The e-mail address, or the user name.
    username: String,
    /// The password.
    password: String,
    /// Code of the second factor, or a recovery code, after `TWO_FACTOR_NEEDED`.
    #[serde(default)]
    code: Option<String>,
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
    from: From,
    JsonBody(body): JsonBody<SignUpBody>,
) -> Result<(StatusCode, Json<UserOut>), Failure> {
    app.sign_ups.check(from.ip, Instant::now())?;
    let user = app.accounts.sign_up(&body.checked()?, &app.desk).await.map_err(sign_up_failure)?;
    let event = AuthEvent::done(user.id, AuthAction::Register, &from.origin);
    app.platform.users().note(event).await.map_err(Failure::internal)?;
    // Whoever has none, because this was cut off, gets it when it is looked at.
    if let Err(error) = app.platform.wallets().primary(user.id).await {
        tracing::warn!(%error, "a new user has no wallet yet");
    }
    Ok((StatusCode::CREATED, Json(shown(&user))))
}

/// Gives a token for e-mail (or user name) and password. Its session ends with the token, after 15 minutes;
/// `POST /api/v1/sessions` begins one that can be renewed.
#[utoipa::path(post, path = "/login", tag = "plain", summary = "Log in (OAuth2 password form)",
    request_body(content = LogInForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A token for `Authorization: Bearer`.", body = TokenOut),
        (status = 400, description = "The form lacks a field.", body = Detail),
        (status = 401, description = "Wrong e-mail or password; `TWO_FACTOR_NEEDED`: send it again with `code`; `WRONG_CODE`.", body = Detail),
        (status = 403, description = "`USER_SUSPENDED`, with the reason; `USER_INACTIVE`.", body = Detail),
        (status = 408, description = "The body did not come within 8 seconds.", body = Detail),
        (status = 413, description = "The body is larger than 64 KiB.", body = Detail),
        (status = 415, description = "The body is sent as another type.", body = Detail),
        (status = 429, description = "Too many log-ins from this address, or wrong ones of this user (`Retry-After`).", body = Detail),
        (status = 503, description = "Too many at once (`Retry-After`).", body = Detail),
        (status = 504, description = "`OUTCOME_UNKNOWN`: no answer in time. Log in before a retry.", body = Detail),
    ),
)]
pub(crate) async fn log_in(
    State(app): State<Arc<App>>,
    from: From,
    FormBody(form): FormBody<LogInForm>,
) -> Result<Json<TokenOut>, Failure> {
    let with = LogIn { login: &form.username, password: &form.password, code: form.code.as_deref() };
    let LoggedIn { user, second_factor } = admitted(&app, with, &from).await?;
    let how = Opening { is_renewable: false, second_factor };
    let opened = app.platform.users().open_session(&user, how, &from.origin).await.map_err(refresh_failure)?;
    Ok(Json(TokenOut { access_token: opened.token.access_token, token_type: "bearer" }))
}

/// Looks at what somebody logs in with, and finishes a sign-up that a crash cut short.
pub(super) async fn admitted(app: &App, with: LogIn<'_>, from: &From) -> Result<LoggedIn, Failure> {
    app.logins.check(from.ip, Instant::now())?;
    let logged_in = app.platform.users().log_in(with, &from.origin).await.map_err(auth_failure)?;
    let user = app.accounts.finish(logged_in.user, &app.desk).await.map_err(sign_up_failure)?;
    Ok(LoggedIn { user, ..logged_in })
}

/// The user whose token came with the request.
#[utoipa::path(get, path = "/users/me", tag = "plain", summary = "Who am I", security(("bearer" = [])), responses(
    (status = 200, description = "The user.", body = UserOut), PlainProblems,
))]
pub(crate) async fn me(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<UserOut>, Failure> {
    user_of(&app, caller).await.map(|user| Json(shown(&user)))
}

/// The caller's row.
pub(super) async fn user_of(app: &App, caller: Caller) -> Result<User, Failure> {
    let user = app.platform.users().find(caller.user).await.map_err(Failure::internal)?;
    user.ok_or_else(|| Failure::unauthenticated("This user is gone."))
}

pub(super) fn shown(user: &User) -> UserOut {
    UserOut { id: user.id.0, email: user.email.clone(), created_at: papertape_platform::rfc3339(user.created_at) }
}
