//! Browsers let any page open a WebSocket to any host; the `Origin` header is how the venue tells its own page apart.

use axum::http::{HeaderMap, header};

/// Whether a WebSocket may be opened: no `Origin` (not a browser), or one whose host and port are those asked for.
pub(crate) fn is_allowed(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    match (origin, host) {
        (Some(("http" | "https", authority)), Some(host)) => authority.eq_ignore_ascii_case(host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(origin: Option<&'static str>, host: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        headers
    }

    #[test]
    fn only_the_same_host_or_no_browser_is_let_in() {
        assert!(is_allowed(&headers(None, "venue:8080")));
        assert!(is_allowed(&headers(Some("http://venue:8080"), "venue:8080")));
        assert!(is_allowed(&headers(Some("https://Venue"), "venue")));
        for foreign in ["http://evil", "http://venue", "http://venue:8080.evil", "null", "file://venue:8080", ""] {
            assert!(!is_allowed(&headers(Some(foreign), "venue:8080")), "{foreign}");
        }
    }
}
