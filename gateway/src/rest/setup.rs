//! The first administrator: made once, by whoever reads the token that the venue put into its data folder.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use papertape_platform::Actor;
use serde::Deserialize;
use utoipa::ToSchema;

use super::BodyProblems;
use super::door::{sign_up_failure, user_failure};
use crate::app::App;
use crate::audit::Notes;
use crate::edge::body::JsonBody;
use crate::edge::client::From;
use crate::errors::{Failure, Problem};
use crate::translate::users::UserMessage;

/// The first administrator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetupBody {
    /// What `setup.token` of the data folder says.
    token: String,
    /// E-mail address.
    email: String,
    /// 8 characters or more, and not a common one. There is no default.
    password: String,
    /// The same again.
    confirm_password: String,
}

/// Makes the first administrator. The token works once, while nobody is an administrator; each start makes one, if nobody
/// is. Administrators act in sessions with a second factor: turn it on next.
#[utoipa::path(post, path = "/api/v1/setup", tag = "users", summary = "Make the first administrator",
    request_body = SetupBody,
    responses(
        (status = 201, description = "The administrator.", body = UserMessage),
        (status = 403, description = "`SETUP_OVER`: the token is wrong, was used, or somebody is an administrator.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many from this address (`Retry-After`).", body = Problem, content_type = "application/problem+json"),
        BodyProblems,
    ),
)]
pub(crate) async fn setup(
    State(app): State<Arc<App>>,
    from: From,
    notes: Option<Extension<Notes>>,
    JsonBody(body): JsonBody<SetupBody>,
) -> Result<(StatusCode, Json<UserMessage>), Failure> {
    app.operator_tries.check(from.ip, Instant::now())?;
    let over = || Failure::new(StatusCode::FORBIDDEN, "SETUP_OVER", "The token is wrong, or was used.");
    // One at a time: whoever comes second finds the token used.
    let mut setup = app.setup.lock().await;
    let users = app.platform.users();
    if !setup.as_ref().is_some_and(|setup| setup.token.is(&body.token)) {
        return Err(over());
    }
    if let Some(Extension(notes)) = notes {
        notes.begin(&app, Actor::Setup, from.origin.clone()).await;
    }
    if users.has_admin().await.map_err(Failure::internal)? {
        *setup = None;
        return Err(over());
    }
    let passwords = super::users::SignUpBody::checked_of(body.email, body.password, body.confirm_password)?;
    let user = users.create_admin(&passwords, &from.origin).await.map_err(user_failure)?;
    if let Some(file) = setup.take().and_then(|setup| setup.file)
        && let Err(error) = std::fs::remove_file(&file)
    {
        tracing::warn!(%error, file = %file.display(), "the used token could not be removed");
    }
    drop(setup);
    let user = app.accounts.finish(user, &app.desk).await.map_err(sign_up_failure)?;
    Ok((StatusCode::CREATED, Json(UserMessage::of(&user))))
}
