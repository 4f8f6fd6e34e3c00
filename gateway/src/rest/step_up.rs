//! Who is logged in is asked again before what is hard to undo. One piece for all that asks: what gives an account away wants
//! the password in the request itself, and keys for programs a session that has lately shown it.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use papertape_platform::{AuthAction, AuthEvent, PROVEN_FOR, User};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::OwnProblems;
use super::door::step_up_failure;
use crate::app::App;
use crate::edge::body::JsonBody;
use crate::edge::caller::Caller;
use crate::edge::client::From;
use crate::edge::signed::not_permitted;
use crate::errors::{Failure, Problem};

/// What shows that it is really you.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "correct horse battery", "code": "123456"}))]
pub(crate) struct StepUpBody {
    /// Your password.
    password: String,
    /// The second factor, or a recovery code, where there is one.
    #[serde(default)]
    code: Option<String>,
}

impl StepUpBody {
    /// Password and code.
    pub(super) fn proof(&self) -> (&str, Option<&str>) {
        (&self.password, self.code.as_deref())
    }
}

/// How long the session is proven.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"expires_in_s": 300}))]
pub(crate) struct ProvenMessage {
    /// Seconds from now on.
    expires_in_s: u64,
}

/// Shows again that it is really you: the session is proven for five minutes, as it is by its log-in. API keys are made and
/// widened in a proven session (`STEP_UP_REQUIRED`). Log-out ends it; renewing the token does not renew it.
#[utoipa::path(post, path = "/api/v1/users/me/step-up", tag = "users", summary = "Show again that it is you",
    security(("bearer" = [])), request_body = StepUpBody,
    responses(
        (status = 200, description = "The session is proven.", body = ProvenMessage),
        (status = 403, description = "`WRONG_PASSWORD`, `TWO_FACTOR_NEEDED`, `WRONG_CODE`.", body = Problem, content_type = "application/problem+json"),
        OwnProblems,
    ),
)]
pub(crate) async fn step_up(
    State(app): State<Arc<App>>,
    caller: Caller,
    from: From,
    JsonBody(body): JsonBody<StepUpBody>,
) -> Result<Json<ProvenMessage>, Failure> {
    shown(&app, caller, &from, body.proof()).await?;
    let event = AuthEvent::done(caller.user, AuthAction::StepUp, &from.origin);
    let event = event.with(serde_json::json!({ "session_id": caller.session.0 }));
    app.platform.users().note(event).await.map_err(Failure::internal)?;
    Ok(Json(ProvenMessage { expires_in_s: PROVEN_FOR.as_secs() }))
}

/// Looks at the password, and at the second factor where there is one, that came with a request. They prove the session;
/// wrong ones count as wrong log-ins do.
pub(super) async fn shown(
    app: &App,
    caller: Caller,
    from: &From,
    proof: (&str, Option<&str>),
) -> Result<User, Failure> {
    if caller.key().is_some() {
        return Err(not_permitted());
    }
    app.logins.check(from.ip, Instant::now())?;
    let shown = app.platform.users().step_up((caller.user, caller.session), proof, &from.origin).await;
    shown.map_err(step_up_failure)
}

/// Whether the session is proven: by a password that came with the request, else by what it has shown lately.
pub(super) async fn is_proven(
    app: &App,
    caller: Caller,
    from: &From,
    (password, code): (Option<&str>, Option<&str>),
) -> Result<bool, Failure> {
    match (password, code) {
        (Some(password), code) => shown(app, caller, from, (password, code)).await.map(|_| true),
        (None, Some(_)) => Err(Failure::field("password", "missing")),
        (None, None) => app.platform.users().is_proven(caller.user, caller.session).await.map_err(Failure::internal),
    }
}

/// The session is as good as it was, and has not shown the password lately.
pub(super) fn required() -> Failure {
    let sentence = "Show your password, and the second factor where there is one: POST /api/v1/users/me/step-up.";
    Failure::new(StatusCode::FORBIDDEN, "STEP_UP_REQUIRED", sentence)
}
