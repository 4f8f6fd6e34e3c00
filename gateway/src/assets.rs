//! The page, and the viewer of the API's description. Release builds carry `web/dist`, debug builds read it from there;
//! without it a page says so.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::errors::Failure;
use crate::viewer;

#[derive(RustEmbed)]
#[folder = "../web/dist"]
#[allow_missing = true]
struct Dist;

/// Stands in where `web/dist` was not built.
const PLACEHOLDER: &str = include_str!("../page/index.html");

/// The build gives files under `assets/` names that change with their content.
const HASHED: &str = "assets/";

/// Serves the page at `/`, the viewer at `/docs`, and the files that belong to them; anything else is not found.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let name = if path.is_empty() { "index.html" } else { path };
    if method != Method::GET && method != Method::HEAD {
        return Failure::of_status(StatusCode::NOT_FOUND).into_response();
    }
    if let Some(file) = viewer::file(path) {
        return file;
    }
    match Dist::get(name) {
        Some(file) => answer(name, &file, &headers),
        None if path.is_empty() => placeholder(),
        None => Failure::of_status(StatusCode::NOT_FOUND).into_response(),
    }
}

fn answer(name: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    let tag = format!("\"{}\"", hash[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|sent| sent.as_bytes() == tag.as_bytes());
    let body = if known { Body::empty() } else { Body::from(Bytes::copy_from_slice(&file.data)) };
    let mut response = Response::new(body);
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let caching = if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let kind = content_type(file.metadata.mimetype());
    for (header, value) in [(header::CONTENT_TYPE, kind), (header::ETAG, tag), (header::CACHE_CONTROL, caching.into())]
    {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(header, value);
        }
    }
    response
}

/// Text is UTF-8.
fn content_type(kind: &str) -> String {
    let is_text = kind.starts_with("text/") || kind == "application/javascript";
    if is_text { format!("{kind}; charset=utf-8") } else { kind.to_owned() }
}

fn placeholder() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, PLACEHOLDER).into_response()
}
