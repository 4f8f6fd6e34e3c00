//! What holds for every request, whatever it asks: its id, its time, the headers of every answer, and the one place
//! that gives failures their shape.

pub(crate) mod acknowledged;
mod addresses;
pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod client;
pub(crate) mod cookie;
mod headers;
pub(crate) mod listen;
pub(crate) mod meters;
pub(crate) mod network;
pub(crate) mod operator;
pub(crate) mod origin;
pub(crate) mod rate;
pub(crate) mod replay;
mod request_id;
pub(crate) mod signed;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::errors::Failure;
use crate::metrics::Over;
use meters::Meters;
pub(crate) use request_id::RequestId;

/// Longest time that a request may take before its answer begins.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// What a balancer asks is never refused for having been asked too often.
const UNCOUNTED: [&str; 2] = ["/healthz", "/readyz"];

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The outermost layer: names the request, counts it, bounds its time, shapes its failure, and adds the headers of every
/// answer.
pub(crate) async fn wrap(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let id = RequestId::of(request.headers().get(X_REQUEST_ID));
    let path = request.uri().path().to_owned();
    let method = request.method().clone();
    let (client, is_secure) = who_asks(&app, &request);
    request.extensions_mut().insert(id.clone());
    let meters = Meters::default();
    let work = meters.scope(async {
        if let Some(client) = client.filter(|_| !UNCOUNTED.contains(&path.as_str())) {
            app.requests.check(client, begun)?;
        }
        refuse_nul(request.uri())?;
        Ok::<_, Failure>(next.run(request).await)
    });
    let answered = tokio::time::timeout(REQUEST_TIMEOUT, work).await.unwrap_or_else(|_| Err(too_slow()));
    let response = answered.unwrap_or_else(|failure| failure.into_response());
    let mut response = shape(response, &path, &id);
    app.metrics.answered(route.as_ref().map(MatchedPath::as_str), &method, response.status(), begun.elapsed());
    if let Some(Refused(code)) = response.extensions().get() {
        app.metrics.refused(Over::Http, code);
    }
    headers::add(response.headers_mut(), is_secure);
    meters.add_to(response.headers_mut());
    add_own(response.headers_mut(), &path, &id);
    tracing::debug!(%method, path, status = response.status().as_u16(), request_id = id.as_str(), "answered");
    response
}

/// No text that is kept or looked for holds a NUL: one of the databases knows none.
fn refuse_nul(uri: &Uri) -> Result<(), Failure> {
    const NUL: &str = "%00";
    let is_kept = uri.path().starts_with("/api/") || uri.path().starts_with("/pictures/");
    if is_kept && uri.path().contains(NUL) {
        return Err(Failure::of_status(StatusCode::NOT_FOUND));
    }
    if is_kept && uri.query().is_some_and(|query| query.contains(NUL)) {
        return Err(Failure::bad_request("INVALID_QUERY", "A text may not hold a NUL."));
    }
    Ok(())
}

/// The client's address, if there is one, and whether it speaks TLS: to a trusted proxy, or to whatever the public address
/// names.
fn who_asks(app: &App, request: &Request) -> (Option<IpAddr>, bool) {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let (headers, trusted) = (request.headers(), &app.trusted_proxies);
    let is_secure =
        app.public_url.starts_with("https://") || peer.is_some_and(|peer| network::is_secure(peer, headers, trusted));
    (peer.map(|peer| network::client_of(peer, headers, trusted)), is_secure)
}

/// Marks an answer that refuses, with the code.
#[derive(Clone, Copy)]
struct Refused(&'static str);

fn too_slow() -> Failure {
    let sentence = "The request took longer than 10 s; its outcome is unknown.";
    Failure::new(StatusCode::GATEWAY_TIMEOUT, "OUTCOME_UNKNOWN", sentence)
}

/// Writes the body of every failed answer: a problem document under `/api/`, the short form elsewhere.
fn shape(response: Response, path: &str, id: &RequestId) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let failure = response.extensions().get::<Failure>().cloned().unwrap_or_else(|| Failure::of_status(status));
    let (kind, body) = if path.starts_with("/api/") {
        ("application/problem+json", serde_json::to_vec(&failure.problem(id.as_str())))
    } else {
        ("application/json", serde_json::to_vec(&failure.detail()))
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.extensions.insert(Refused(failure.code));
    Response::from_parts(parts, Body::from(body.unwrap_or_default()))
}

fn add_own(headers: &mut HeaderMap, path: &str, id: &RequestId) {
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        headers.insert(X_REQUEST_ID, value);
    }
    // Answers of the API belong to one reader at one moment. Pages and assets bring their own rule.
    if !headers.contains_key(header::CACHE_CONTROL) && !path.starts_with("/assets/") {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
