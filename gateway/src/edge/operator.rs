//! The operator: who may do what is nobody's own. The one place that decides it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;

use super::caller::{Caller, bearer};
use crate::app::App;
use crate::errors::Failure;

/// Somebody who has the operator's key. Nothing else makes one, so that what takes an `Operator` is the operator's alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operator(());

impl FromRequestParts<Arc<App>> for Operator {
    type Rejection = Failure;

    /// 401 with one sentence for a key that is missing and one that is wrong; 403 for a user's token; 429 where an address
    /// has tried too many wrong ones. The right key is never counted: nobody keeps the operator out by trying.
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let unknown = || Failure::unauthenticated("The operator's key is needed: Authorization: Bearer …");
        let sent = bearer(&parts.headers).map_err(|_| unknown())?;
        if app.operator_key.as_ref().is_some_and(|key| key.is(sent)) {
            return Ok(Self(()));
        }
        if Caller::of_token(app, sent).is_ok() {
            return Err(Failure::new(StatusCode::FORBIDDEN, "FORBIDDEN", "This is the operator's to do."));
        }
        let ConnectInfo(peer) = ConnectInfo::<SocketAddr>::from_request_parts(parts, app)
            .await
            .map_err(|_| Failure::internal("a request without an address"))?;
        app.operator_tries.check(peer.ip(), Instant::now())?;
        tracing::warn!(%peer, "a wrong operator's key");
        Err(unknown())
    }
}
