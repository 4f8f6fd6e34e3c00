//! The operator: who may do what is nobody's own. The one place that decides it.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use papertape_platform::{Actor, Origin, Role, UserId};

use super::caller::{Caller, bearer};
use super::client::From;
use super::signed::{self, Signed};
use crate::app::App;
use crate::audit::Notes;
use crate::errors::Failure;

/// Somebody who has the operator's key, or an administrator whose session began with a second factor. Nothing else makes
/// one, so that what takes an `Operator` is theirs alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operator {
    admin: Option<UserId>,
    /// When it is too late for what a signed request asks.
    by_ns: Option<u64>,
}

impl Operator {
    /// The administrator; none for who has the key.
    pub(crate) fn admin(&self) -> Option<UserId> {
        self.admin
    }

    /// When it is too late for what is asked, in nanoseconds since 1970; never, if it is absent.
    pub(crate) fn by_ns(&self) -> Option<u64> {
        self.by_ns
    }

    /// The same, whose command is never too late: what is begun is brought to its end.
    pub(crate) fn without_end(self) -> Self {
        Self { by_ns: None, ..self }
    }

    /// As the log of administrators has it.
    fn actor(&self) -> Actor {
        self.admin.map_or(Actor::Operator, Actor::Admin)
    }

    /// The venue itself, for what comes to its end by time.
    pub(crate) fn by_time() -> (Self, Origin) {
        (Self { admin: None, by_ns: None }, Origin::default())
    }
}

impl FromRequestParts<Arc<App>> for Operator {
    type Rejection = Failure;

    /// 401 with one sentence for a key that is missing and one that is wrong; 403 for a user's token; 429 where an address
    /// has tried too many wrong ones. The right key is never counted: nobody keeps the operator out by trying.
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let operator = known(parts, app).await?;
        if let Some(notes) = parts.extensions.get::<Notes>().cloned() {
            let from = From::from_request_parts(parts, app).await?;
            notes.begin(app, operator.actor(), from.origin).await;
        }
        Ok(operator)
    }
}

async fn known(parts: &mut Parts, app: &Arc<App>) -> Result<Operator, Failure> {
    if let Some(signed) = signed::of(parts) {
        return admin_of_key(app, signed);
    }
    let unknown = || Failure::unauthenticated("The operator's key is needed: Authorization: Bearer …");
    let sent = bearer(&parts.headers).map_err(|_| unknown())?;
    if app.operator_key.as_ref().is_some_and(|key| key.is(sent)) {
        return Ok(Operator { admin: None, by_ns: None });
    }
    if let Ok(caller) = Caller::of_token(app, sent) {
        return admin(app, caller);
    }
    let from = From::from_request_parts(parts, app).await?;
    app.operator_tries.check(from.ip, Instant::now())?;
    tracing::warn!(peer = %from.ip, "a wrong operator's key");
    Err(unknown())
}

/// A key that may what an administrator may: it was made in a session with a second factor, and is good while its user is one.
fn admin_of_key(app: &App, signed: Signed) -> Result<Operator, Failure> {
    let user = signed.holder.user;
    if app.platform.users().directory().role_of(user) == Some(Role::Admin) {
        return Ok(Operator { admin: Some(user), by_ns: Some(signed.by_ns) });
    }
    Err(Failure::new(StatusCode::FORBIDDEN, "FORBIDDEN", "This is the operator's to do."))
}

/// The role is read from the directory and not from the token: it acts on the next request.
fn admin(app: &App, caller: Caller) -> Result<Operator, Failure> {
    let directory = app.platform.users().directory();
    if directory.role_of(caller.user) != Some(Role::Admin) {
        return Err(Failure::new(StatusCode::FORBIDDEN, "FORBIDDEN", "This is the operator's to do."));
    }
    if !directory.has_second_factor(caller.session) {
        let sentence = "Administrators act in a session that began with a second factor: turn it on, and log in again.";
        return Err(Failure::new(StatusCode::FORBIDDEN, "SECOND_FACTOR_NEEDED", sentence));
    }
    Ok(Operator { admin: Some(caller.user), by_ns: None })
}
