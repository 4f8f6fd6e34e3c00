//! Requests that are signed with an API key instead of carrying a token.
//!
//! What is signed are the bytes as they come: timestamp, receive window, nonce, method, path with query, and body, with line
//! feeds between them. A request counts once, and only while its window lasts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, HttpBody};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use papertape_platform::{AuthAction, AuthEvent, KeyHolder, KeyId, Origin, Permissions, from_hex};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::body::BODY_MAX;
use super::client::From;
use super::replay::NotNew;
use crate::app::App;
use crate::errors::Failure;
use crate::translate::time;

/// The key's id, which makes a request a signed one.
pub(crate) const KEY: HeaderName = HeaderName::from_static("papertape-key");
const TIMESTAMP: HeaderName = HeaderName::from_static("papertape-timestamp");
const RECV_WINDOW: HeaderName = HeaderName::from_static("papertape-recv-window");
const NONCE: HeaderName = HeaderName::from_static("papertape-nonce");
const SIGNATURE: HeaderName = HeaderName::from_static("papertape-signature");

/// How long a request is good, unless it says so itself, and at most.
const WINDOW_MS: u64 = 5_000;
const WINDOW_MAX_MS: u64 = 60_000;

/// How far a client's clock may be ahead.
const AHEAD_MS: u64 = 1_000;

/// Longest nonce, in bytes.
const NONCE_MAX: usize = 64;

/// Longest time that a signed body may take.
const BODY_WITHIN: Duration = Duration::from_secs(8);

/// What is said beside what is signed.
pub(crate) struct Claim<'a> {
    /// The key's id.
    pub key: &'a str,
    /// Milliseconds since 1970, as sent.
    pub timestamp: &'a str,
    /// Milliseconds, as sent; empty where it was not.
    pub recv_window: &'a str,
    /// As sent; empty where it was not.
    pub nonce: &'a str,
    /// HMAC-SHA256 in 64 hexadecimal digits, or Ed25519 in 128.
    pub signature: &'a str,
}

/// Somebody who has signed with a good key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Signed {
    /// With which key, and whose it is.
    pub holder: KeyHolder,
    /// When it is too late for what was asked, in nanoseconds since 1970.
    pub by_ns: u64,
}

/// Looks at requests that name a key, before anything else of them is looked at.
pub(crate) async fn verify(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    match verified(&app, request).await {
        Ok(request) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

async fn verified(app: &Arc<App>, request: Request) -> Result<Request, Failure> {
    let (mut parts, body) = request.into_parts();
    if body.size_hint().lower() > BODY_MAX as u64 {
        return Err(Failure::of_status(StatusCode::PAYLOAD_TOO_LARGE));
    }
    let read = tokio::time::timeout(BODY_WITHIN, axum::body::to_bytes(body, BODY_MAX)).await;
    let read = read.map_err(|_| Failure::of_status(StatusCode::REQUEST_TIMEOUT))?;
    let body = read.map_err(|_| Failure::of_status(StatusCode::PAYLOAD_TOO_LARGE))?;
    let from = From::from_request_parts(&mut parts, app).await?;
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let claim = Claim::of(&parts.headers)?;
    let signed = check(app, &claim, (parts.method.as_str(), path, &body), &from.origin)?;
    if !is_allowed(&parts.method, parts.uri.path(), signed.holder.permissions) {
        note_refusal(app, None, signed.holder, from.origin, "permission");
        return Err(not_permitted());
    }
    note_use(app, signed.holder.key);
    parts.extensions.insert(signed);
    Ok(Request::from_parts(parts, Body::from(body)))
}

impl<'a> Claim<'a> {
    fn of(headers: &'a HeaderMap) -> Result<Self, Failure> {
        let sent = |name: &HeaderName| match headers.get(name) {
            None => Ok(""),
            Some(value) => value.to_str().map_err(|_| Failure::field(name.as_str(), "not plain text")),
        };
        Ok(Self {
            key: sent(&KEY)?,
            timestamp: sent(&TIMESTAMP)?,
            recv_window: sent(&RECV_WINDOW)?,
            nonce: sent(&NONCE)?,
            signature: sent(&SIGNATURE)?,
        })
    }

    /// What is signed.
    fn message(&self, (method, path, body): (&str, &str, &[u8])) -> Vec<u8> {
        let head = format!("{}\n{}\n{}\n{method}\n{path}\n", self.timestamp, self.recv_window, self.nonce);
        [head.as_bytes(), body].concat()
    }

    /// When it was signed, and until when it is good, in milliseconds since 1970.
    fn times(&self) -> Result<(u64, u64), Failure> {
        let number = |name: &HeaderName, text: &str| {
            text.parse::<u64>().map_err(|_| Failure::field(name.as_str(), "milliseconds, a whole number"))
        };
        let timestamp = number(&TIMESTAMP, self.timestamp)?;
        let window = if self.recv_window.is_empty() { WINDOW_MS } else { number(&RECV_WINDOW, self.recv_window)? };
        Ok((timestamp, until(timestamp, window, RECV_WINDOW.as_str())?))
    }

    /// Who has signed it; 32 bytes are an HMAC, 64 a signature.
    fn signature(&self) -> Result<(KeyId, bool, [u8; 64]), Failure> {
        let key = self.key.parse().map_err(|_| refused())?;
        if let Some(code) = from_hex::<32>(self.signature) {
            let mut padded = [0; 64];
            padded.iter_mut().zip(code).for_each(|(to, from)| *to = from);
            return Ok((key, false, padded));
        }
        Ok((key, true, from_hex(self.signature).ok_or_else(refused)?))
    }
}

/// When it is too late for what is asked at a time, in milliseconds since 1970.
fn until(timestamp: u64, window: u64, field: &str) -> Result<u64, Failure> {
    if !(1..=WINDOW_MAX_MS).contains(&window) {
        return Err(Failure::field(field, "1 to 60000 milliseconds"));
    }
    Ok(timestamp.saturating_add(window))
}

fn is_in_time(timestamp: u64, until_ms: u64, now_ms: u64) -> bool {
    timestamp < now_ms.saturating_add(AHEAD_MS) && until_ms >= now_ms
}

/// When it is too late for a message over a connection, in nanoseconds since 1970, if it says when it was sent.
pub(crate) fn by_ns(timestamp: Option<u64>, recv_window: Option<u64>) -> Result<Option<u64>, Failure> {
    let Some(timestamp) = timestamp else {
        return if recv_window.is_none() { Ok(None) } else { Err(Failure::field("timestamp", "missing")) };
    };
    let until_ms = until(timestamp, recv_window.unwrap_or(WINDOW_MS), "recv_window")?;
    if !is_in_time(timestamp, until_ms, time::millis(time::now_ns())) {
        return Err(too_late());
    }
    Ok(Some(until_ms.saturating_mul(time::NS_PER_MS)))
}

/// Who has signed this, if it is signed well, in time, for the first time, and comes from where it may.
pub(crate) fn check(
    app: &Arc<App>,
    claim: &Claim<'_>,
    request: (&str, &str, &[u8]),
    origin: &Origin,
) -> Result<Signed, Failure> {
    let now_ms = time::millis(time::now_ns());
    let (timestamp, until_ms) = claim.times()?;
    // What was signed before this start may have been carried out before it.
    if !is_in_time(timestamp, until_ms, now_ms) || timestamp < app.started_ms {
        return Err(too_late());
    }
    if claim.nonce.len() > NONCE_MAX {
        return Err(Failure::field(NONCE.as_str(), "at most 64 bytes"));
    }
    let (key, ed25519, signature) = claim.signature()?;
    let message = claim.message(request);
    let keys = app.platform.api_keys();
    let holder = keys.verify(key, ed25519, &message, &signature, now_ms).ok_or_else(refused)?;
    if !origin.ip.is_some_and(|address| keys.admits(key, address, now_ms)) {
        note_refusal(app, None, holder, origin.clone(), "address");
        return Err(refused());
    }
    if !app.platform.users().directory().is_welcome(holder.user) {
        return Err(Failure::new(StatusCode::FORBIDDEN, "USER_SHUT_OUT", "The user of this API key is shut out."));
    }
    app.seen.take(holder.user, mark(key, &message), until_ms, now_ms).map_err(|error| match error {
        NotNew::Replayed => {
            let sentence = "This request came before: sign another one, with a later timestamp or another nonce.";
            Failure { code: "REPLAYED", ..Failure::unauthenticated(sentence) }
        }
        NotNew::Over => too_late(),
        NotNew::TooMany => Failure::rate_limited(1),
        NotNew::Full => Failure::busy(),
    })?;
    Ok(Signed { holder, by_ns: until_ms.saturating_mul(time::NS_PER_MS) })
}

/// Half of a hash: who finds two requests of one mark has refused himself one of them.
fn mark(key: KeyId, message: &[u8]) -> [u8; 16] {
    let hash: [u8; 32] = Sha256::new().chain_update(key.0).chain_update(message).finalize().into();
    let mut mark = [0; 16];
    mark.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    mark
}

/// One sentence for a key that is not known, is over, is not active, has not signed this, or comes from elsewhere: whoever
/// has found one is not told what it lacks.
fn refused() -> Failure {
    let sentence = "This API key is not good, may not come from here, or has not signed this.";
    Failure { code: "API_KEY_REFUSED", ..Failure::unauthenticated(sentence) }
}

/// The key is good, and may not do that.
pub(crate) fn not_permitted() -> Failure {
    Failure::new(StatusCode::FORBIDDEN, "PERMISSION_DENIED", "This API key may not do that.")
}

/// The request's window is over, or has not begun.
pub(crate) fn too_late() -> Failure {
    let sentence = "The timestamp lies too far ahead, or its window is over. Nothing was done.";
    Failure { code: "TIMESTAMP_OUT_OF_WINDOW", ..Failure::unauthenticated(sentence) }
}

/// Paths where keys do what they may; everywhere else a user is asked for. Those of the operator ask for an administrator's
/// key as well.
const OPEN_TO_KEYS: [&str; 8] = [
    "/api/v1/orders",
    "/api/v1/order-lists",
    "/api/v1/account",
    "/api/v1/fills",
    "/trade",
    "/trades",
    "/portfolio",
    "/users/me",
];

/// Whether keys do here what they may.
pub(crate) fn is_open_to_keys(path: &str) -> bool {
    OPEN_TO_KEYS.into_iter().any(|root| is_below(path, root))
}

fn is_below(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a key with these permissions may ask for this.
fn is_allowed(method: &Method, path: &str, may: Permissions) -> bool {
    if is_below(path, "/api/v1/admin") {
        return may.admin;
    }
    if !is_open_to_keys(path) {
        return false;
    }
    if method.is_safe() { may.read } else { may.trade }
}

/// Notes that a key was used, without waiting for it.
pub(crate) fn note_use(app: &Arc<App>, key: KeyId) {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        if let Err(error) = app.platform.api_keys().used(key, time::millis(time::now_ns())).await {
            tracing::warn!(%error, "the use of an API key was not noted");
        }
    });
}

/// Writes down that a good key was refused, without waiting for it: a few times a minute for each address, so that nobody
/// fills the log.
pub(crate) fn note_refusal(
    app: &Arc<App>,
    runtime: Option<Handle>,
    holder: KeyHolder,
    origin: Origin,
    why: &'static str,
) {
    let is_noted = origin.ip.is_some_and(|address| app.key_refusals.takes(address, Instant::now()));
    let Some(runtime) = runtime.or_else(|| Handle::try_current().ok()).filter(|_| is_noted) else { return };
    let app = Arc::clone(app);
    runtime.spawn(async move {
        let event = AuthEvent::refused(Some(holder.user), AuthAction::ApiKeyRefused, &origin, why);
        let event = event.with(serde_json::json!({ "reason": why, "key": holder.key.to_string() }));
        if let Err(error) = app.platform.users().note(event).await {
            tracing::warn!(%error, "the refusal of an API key was not noted");
        }
    });
}

/// The key that a request was signed with.
pub(crate) fn of(parts: &Parts) -> Option<Signed> {
    parts.extensions.get::<Signed>().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use papertape_platform::KeyType;

    #[test]
    fn a1_keys_do_what_they_may_and_nothing_of_their_user() {
        let may = |word: KeyType, method: Method, path: &str| is_allowed(&method, path, word.into());
        for (path, read, write) in [
            ("/api/v1/orders", Method::GET, Method::POST),
            ("/api/v1/orders/7", Method::GET, Method::DELETE),
            ("/trade", Method::GET, Method::POST),
        ] {
            assert!(may(KeyType::Read, read, path) && !may(KeyType::Read, write.clone(), path), "{path}");
            assert!(may(KeyType::Write, write, path), "{path}");
        }
        for path in ["/api/v1/api-keys", "/api/v1/wallets", "/api/v1/users/me", "/api/v1/sessions", "/api/v1/ordersx"] {
            assert!(!may(KeyType::Admin, Method::GET, path) && !may(KeyType::Admin, Method::POST, path), "{path}");
        }
        assert!(may(KeyType::Admin, Method::GET, "/api/v1/admin/users"));
        assert!(!may(KeyType::Write, Method::GET, "/api/v1/admin/users"));
    }

    #[test]
    fn a2_what_is_signed_is_every_byte_in_its_place() {
        let claim = |timestamp, nonce| Claim { key: "", timestamp, recv_window: "5000", nonce, signature: "" };
        let message = claim("17", "a").message(("POST", "/api/v1/orders?x=1", b"{}"));
        assert_eq!(message, b"17\n5000\na\nPOST\n/api/v1/orders?x=1\n{}");
        assert_eq!(claim("17", "").times().unwrap(), (17, 5_017));
        for (timestamp, window) in [("", ""), ("x", ""), ("1", "0"), ("1", "60001"), ("1", "-1")] {
            let claim = Claim { key: "", timestamp, recv_window: window, nonce: "", signature: "" };
            assert_eq!(claim.times().unwrap_err().code, "INVALID_FIELD", "{timestamp} {window}");
        }
    }
}
