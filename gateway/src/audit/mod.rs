//! Every action of the operator's and of administrators is written down: by the layer around all routes, so that no handler
//! can forget it. What is written down, and how the rows are bound to each other, is `papertape_platform::AdminLog`.

mod notes;
mod object;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use papertape_platform::{Actor, AdminEvent, Origin, Receipt, UserId, is_outcome_unknown};
use serde_json::Value;

use crate::app::App;
use crate::edge::meters::Meters;
use crate::errors::Failure;
use notes::Begun;
pub(crate) use notes::Notes;
use object::{Object, changed};

/// What proves to whoever acted that it was written down.
pub(crate) const RECEIPT: HeaderName = HeaderName::from_static("papertape-admin-log");

/// Where the actions are; and the one that makes the first administrator.
const ACTIONS: &str = "/api/v1/admin/";
const SETUP: &str = "/api/v1/setup";

/// What is read and is written down all the same: links that let their reader in stand there.
const READS: [&str; 1] = ["/api/v1/admin/outbox"];

/// Most bytes of an answer that stands for a state.
const ANSWER_MAX: usize = 16 << 10;

/// Whether the path's template, asked with this method, is written down.
pub(crate) fn is_action(method: &Method, template: &str) -> bool {
    let is_change = !method.is_safe() && (template.starts_with(ACTIONS) || template == SETUP);
    is_change || (method == Method::GET && READS.contains(&template))
}

/// Carries an action out and writes it down, also if whoever asked for it does not wait.
pub(crate) async fn layer(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let template = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let Some(template) = template.filter(|template| is_action(request.method(), template)) else {
        return next.run(request).await;
    };
    let action = format!("{} {template}", request.method());
    let (mut parts, body) = request.into_parts();
    let named = RawPathParams::from_request_parts(&mut parts, &()).await;
    let object = named.map_or_else(|_| Object::new(std::iter::empty()), |named| Object::new(named.iter()));
    let notes = Notes::new(object, parts.uri.query());
    parts.extensions.insert(notes.clone());
    let (meters, request) = (Meters::current(), Request::from_parts(parts, body));
    let carried_out = tokio::spawn(async move {
        let work = async {
            let response = caught(next.run(request)).await;
            written_down(&app, &action, &notes, response).await
        };
        meters.scope(work).await
    });
    carried_out.await.unwrap_or_else(|error| Failure::internal(error).into_response())
}

/// The answer; a handler that panics has failed, and whoever acted has acted.
async fn caught(answer: impl Future<Output = Response>) -> Response {
    let answer = AssertUnwindSafe(answer).catch_unwind().await;
    answer.unwrap_or_else(|_| Failure::internal("an action panicked").into_response())
}

/// The answer, once the action is in the log. What a stranger asked for is in no log that strangers could fill.
async fn written_down(app: &App, action: &str, notes: &Notes, response: Response) -> Response {
    let Some(Begun { actor, origin, before }) = notes.take_begun() else { return response };
    let status = response.status();
    let is_failed = status.is_client_error() || status.is_server_error();
    let told = response.extensions().get::<Failure>().map(|failure| failure.code);
    let refused = told.or_else(|| is_failed.then(|| Failure::of_status(status).code));
    // What a read answers is what must not be kept.
    let tells = refused.is_none() && !action.starts_with("GET ");
    let (mut response, answer) = read(response, tells).await;
    let (before, after) = match refused {
        Some(code) if !is_outcome_unknown(code) => (None, None),
        _ => changed(before, notes.object().state(app).await),
    };
    let after = after.or(answer.filter(|_| before.is_none()));
    let name = notes.object().name();
    let event =
        AdminEvent { actor, origin: &origin, action, object: &name, refused, request: notes.request(), before, after };
    match app.platform.admin_log().append(event).await {
        Ok(receipt) => {
            add(&mut response, receipt);
            response
        }
        // A refusal stays one. What was done and nobody wrote down is told as what it is.
        Err(error) => {
            tracing::error!(%error, action, object = name, "not written into the log of administrators");
            if refused.is_some() { response } else { not_written().into_response() }
        }
    }
}

fn not_written() -> Failure {
    let sentence = "It was done, and could not be written into the log of administrators.";
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "NOT_WRITTEN_DOWN", sentence)
}

/// The answer and what it says without what is secret, if that is wanted and short.
async fn read(response: Response, is_wanted: bool) -> (Response, Option<Value>) {
    if !is_wanted {
        return (response, None);
    }
    let (parts, body) = response.into_parts();
    // It was made in memory: it neither takes time nor fails.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let answer = if bytes.len() <= ANSWER_MAX { serde_json::from_slice(&bytes).ok() } else { None };
    let answer = answer.filter(Value::is_object).map(notes::without_secrets);
    (Response::from_parts(parts, Body::from(bytes)), answer)
}

fn add(response: &mut Response, receipt: Receipt) {
    if let Ok(value) = HeaderValue::from_str(&receipt.to_string()) {
        response.headers_mut().insert(RECEIPT, value);
    }
}

/// Writes down what the venue does to a user by time.
pub(crate) async fn by_time(app: &App, action: &str, user: UserId) {
    let name = Object::user(user).name();
    let event = AdminEvent {
        actor: Actor::Venue,
        origin: &Origin::default(),
        action,
        object: &name,
        refused: None,
        request: None,
        before: None,
        after: None,
    };
    if let Err(error) = app.platform.admin_log().append(event).await {
        tracing::error!(%error, action, object = name, "not written into the log of administrators");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_actions_and_reads_are_none_but_those_that_reveal() {
        for (method, path, is) in [
            (Method::PUT, "/api/v1/admin/kill-switch", true),
            (Method::DELETE, "/api/v1/admin/users/{user_id}/sessions", true),
            (Method::POST, "/api/v1/setup", true),
            (Method::GET, "/api/v1/admin/outbox", true),
            (Method::GET, "/api/v1/admin/users", false),
            (Method::HEAD, "/api/v1/admin/outbox", false),
            (Method::POST, "/api/v1/orders", false),
        ] {
            assert_eq!(is_action(&method, path), is, "{method} {path}");
        }
    }
}
