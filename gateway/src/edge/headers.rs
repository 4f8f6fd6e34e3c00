//! What every answer tells a browser: what it may load, who may frame it, and that it keeps to TLS once it has come so.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// The page loads only what the venue itself serves; nobody may frame it. `'self'` covers WebSockets to the same host.
const PAGE_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; object-src 'none'; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// What is no page loads nothing, whatever a browser takes it for.
const OTHER_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const OF_EVERY_ANSWER: [(HeaderName, &str); 7] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("x-permitted-cross-domain-policies"), "none"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// A year, as browsers want it (RFC 6797).
const TLS_ALONE: &str = "max-age=31536000";

/// Adds them.
pub(super) fn add(headers: &mut HeaderMap, is_secure: bool) {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_of_page = ["text/html", "text/css", "text/javascript", "application/javascript"];
    let policy = if is_of_page.iter().any(|own| kind.starts_with(own)) { PAGE_POLICY } else { OTHER_POLICY };
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    for (name, value) in OF_EVERY_ANSWER {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TLS_ALONE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &'static str, is_secure: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        add(&mut headers, is_secure);
        headers
    }

    #[test]
    fn api08_pages_load_from_here_and_everything_else_loads_nothing() {
        for (kind, begin) in [
            ("text/html; charset=utf-8", "default-src 'self'"),
            ("text/css", "default-src 'self'"),
            ("application/json", "default-src 'none'"),
            ("application/problem+json", "default-src 'none'"),
            ("image/png", "default-src 'none'"),
        ] {
            let headers = of(kind, false);
            let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.starts_with(begin) && policy.contains("frame-ancestors 'none'"), "{kind}: {policy}");
            assert!(!policy.contains("unsafe-eval") && !policy.contains("script-src"), "{policy}");
        }
    }

    #[test]
    fn api08_only_who_came_over_tls_is_told_to_keep_to_it() {
        assert!(!of("text/html", false).contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert_eq!(of("text/html", true)[header::STRICT_TRANSPORT_SECURITY], TLS_ALONE);
    }
}
