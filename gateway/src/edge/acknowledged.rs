//! Answers to commands: each says which number the command has in the journal, and how durable it was when the answer left.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use serde::Serialize;

use super::caller::DURABILITY;
use crate::app::App;
use crate::venue::level::{Asker, Level};

/// The command's number in the journal.
pub(crate) const SEQ: HeaderName = HeaderName::from_static("papertape-seq");

/// The two headers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acknowledged {
    /// The command's number.
    pub seq: u64,
    /// What was waited for.
    pub level: Level,
}

impl Acknowledged {
    /// The answer to a command of the asker's.
    pub(crate) fn to(asker: Asker, seq: u64) -> Self {
        Self { seq, level: asker.level }
    }
}

impl IntoResponseParts for Acknowledged {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        parts.headers_mut().insert(SEQ, HeaderValue::from(self.seq));
        self.level.state(parts.headers_mut());
        Ok(parts)
    }
}

/// Answers to what the operator did name the venue's level; their number is in their body.
pub(crate) async fn of_operator(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let is_command = !request.method().is_safe() && request.uri().path().starts_with("/api/v1/admin/");
    let mut response = next.run(request).await;
    if is_command && response.status().is_success() {
        app.desk.level().state(response.headers_mut());
    }
    response
}

impl Level {
    fn state(self, headers: &mut HeaderMap) {
        if let Ok(durability) = HeaderValue::from_str(&self.to_string()) {
            headers.insert(DURABILITY, durability);
        }
    }
}

/// What a command led to, with the two headers.
pub(crate) struct Answered<T>(pub Acknowledged, pub T);

impl<T: Serialize> IntoResponse for Answered<T> {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}
