//! Bodies and queries as typed values. What cannot be read fails in the venue's own shape, naming the field.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use crate::errors::Failure;

/// A JSON body of type `T`.
pub(crate) struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        require_type(request.headers(), "application/json")?;
        read_json(&read(request, state).await?).map(Self)
    }
}

/// A form body (`application/x-www-form-urlencoded`) of type `T`.
pub(crate) struct FormBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for FormBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        require_type(request.headers(), "application/x-www-form-urlencoded")?;
        let bytes = read(request, state).await?;
        serde_urlencoded::from_bytes(&bytes).map(Self).map_err(|error| malformed("INVALID_BODY", error))
    }
}

/// The query string as a `T`.
pub(crate) struct QueryOf<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let query = parts.uri.query().unwrap_or_default();
        serde_urlencoded::from_str(query).map(Self).map_err(|error| malformed("INVALID_QUERY", error))
    }
}

/// Reads one JSON value of type `T`; the failure names the path to the field. Used for HTTP and WebSocket alike.
pub(crate) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if path == "." || !inner.is_data() { malformed("INVALID_BODY", inner) } else { Failure::field(&path, inner) }
    })?;
    json.end().map_err(|error| malformed("INVALID_BODY", error))?;
    Ok(value)
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Failure> {
    Bytes::from_request(request, state).await.map_err(|rejection| Failure::of_status(rejection.status()))
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
        assert!(read_json::<Body>(br#"{"count":1}"#).is_ok());
    }
}
