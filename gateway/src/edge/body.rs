//! Bodies and queries as typed values. What cannot be read fails in the venue's own shape, naming the field.

use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use crate::audit::Notes;
use crate::errors::Failure;

/// Longest time that a body may take: less than a request, so that whoever is slow hears why.
const BODY_WITHIN: Duration = Duration::from_secs(8);

/// Largest body of a request.
pub(crate) const BODY_MAX: usize = 64 << 10;

/// A JSON body of type `T`.
pub(crate) struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        require_type(request.headers(), "application/json")?;
        let notes = request.extensions().get::<Notes>().cloned();
        let bytes = read(request, state, BODY_MAX).await?;
        notes.iter().for_each(|notes| notes.body(&bytes));
        read_json(&bytes).map(Self)
    }
}

/// A form body (`application/x-www-form-urlencoded`) of type `T`.
pub(crate) struct FormBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for FormBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        require_type(request.headers(), "application/x-www-form-urlencoded")?;
        let bytes = read(request, state, BODY_MAX).await?;
        read_pairs(&bytes, "INVALID_BODY").map(Self)
    }
}

/// A body of at most `MOST` bytes, whatever they are. The route must allow as many.
pub(crate) struct RawBody<const MOST: usize>(pub Bytes);

impl<S: Send + Sync, const MOST: usize> FromRequest<S> for RawBody<MOST> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        read(request, state, MOST).await.map(Self)
    }
}

/// The query string as a `T`.
pub(crate) struct QueryOf<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let query = parts.uri.query().unwrap_or_default();
        read_pairs(query.as_bytes(), "INVALID_QUERY").map(Self)
    }
}

/// Reads one JSON value of type `T`; the failure names the path to the field. Used for HTTP and WebSocket alike.
pub(crate) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    // Derived types would take an array of their fields' values as well: a shape that nothing describes.
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(malformed("INVALID_BODY", "expected a JSON object, not an array"));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = T::deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    // Where it went wrong is looked for only if it did: to keep the path costs as much as to read.
    value.or_else(|_| read_and_explain(bytes))
}

fn read_and_explain<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if path == "." || !inner.is_data() { malformed("INVALID_BODY", inner) } else { Failure::field(&path, inner) }
    })?;
    json.end().map_err(|error| malformed("INVALID_BODY", error))?;
    Ok(value)
}

/// Reads `name=value` pairs; the failure names the field whose value cannot be taken.
pub(crate) fn read_pairs<T: DeserializeOwned>(bytes: &[u8], code: &'static str) -> Result<T, Failure> {
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(bytes));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        malformed(code, if path == "." { inner.to_string() } else { format!("{path}: {inner}") })
    })
}

/// What says that it is larger than it may be is refused before any of it is read.
async fn read<S: Send + Sync>(request: Request, state: &S, most: usize) -> Result<Bytes, Failure> {
    if request.body().size_hint().lower() > most as u64 {
        return Err(Failure::of_status(StatusCode::PAYLOAD_TOO_LARGE));
    }
    let read = tokio::time::timeout(BODY_WITHIN, Bytes::from_request(request, state)).await;
    let read = read.map_err(|_| Failure::of_status(StatusCode::REQUEST_TIMEOUT))?;
    read.map_err(|rejection| Failure::of_status(rejection.status()))
}

fn require_type(headers: &HeaderMap, wanted: &str) -> Result<(), Failure> {
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = sent.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    let detail = format!("The body must be sent as {wanted}.");
    Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", detail))
}

fn malformed(code: &'static str, error: impl std::fmt::Display) -> Failure {
    Failure::bad_request(code, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[serde(rename = "count")]
        _count: u32,
    }

    #[test]
    fn q1_a_bad_body_is_named_by_its_field() {
        let refused = |json: &str| read_json::<Body>(json.as_bytes()).unwrap_err();
        assert!(refused(r#"{"count":"x"}"#).detail.starts_with("count: "));
        assert!(refused(r#"{"count":1,"extra":2}"#).detail.contains("extra"));
        assert!(refused("{}").detail.contains("count"));
        assert_eq!(refused("{").code, "INVALID_BODY");
        assert_eq!(refused(r#"{"count":1} x"#).code, "INVALID_BODY");
        assert!(refused(" [1]").detail.contains("object"));
        assert!(read_json::<Body>(br#"{"count":1}"#).is_ok());
    }

    #[test]
    fn q1_a_bad_query_is_named_by_its_field() {
        let refused = |query: &str| read_pairs::<Body>(query.as_bytes(), "INVALID_QUERY").unwrap_err();
        assert!(refused("count=x").detail.starts_with("count: "));
        assert!(refused("").detail.contains("count"));
        assert!(read_pairs::<Body>(b"count=1", "INVALID_QUERY").is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_408() {
        let body = axum::body::Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        let request = Request::builder().header("content-type", "application/json").body(body).unwrap();
        let failure = JsonBody::<Body>::from_request(request, &()).await.err().unwrap();
        assert_eq!((failure.status.as_u16(), failure.code), (408, "BODY_TOO_SLOW"));
    }
}
