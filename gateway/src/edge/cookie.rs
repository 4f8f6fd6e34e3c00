//! The cookie that keeps a browser's refresh token where no script reaches it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::origin;
use crate::errors::Failure;

/// Its name, and the only path that it is sent to.
const NAME: &str = "papertape_refresh";
const PATH: &str = "/api/v1/sessions";

/// What browsers say about who asked.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what another site's page makes a browser send: where cookies count, or are set.
pub(crate) fn require_own_page(headers: &HeaderMap) -> Result<(), Failure> {
    let site = headers.get(FETCH_SITE).map(HeaderValue::as_bytes);
    let is_own = site.is_none_or(|site| site == b"same-origin" || site == b"none");
    if is_own && origin::is_allowed(headers) {
        return Ok(());
    }
    let sentence = "Cookies count on the venue's own page alone.";
    Err(Failure::new(StatusCode::FORBIDDEN, "FOREIGN_ORIGIN", sentence))
}

/// The token in the cookie that came.
pub(crate) fn sent(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == NAME).map(|(_, token)| token)
}

/// Sets the cookie for so many seconds; 0 takes it away.
pub(crate) fn set(token: &str, seconds: u64, is_secure: bool) -> [(HeaderName, HeaderValue); 1] {
    let secure = if is_secure { "; Secure" } else { "" };
    let text = format!("{NAME}={token}; Path={PATH}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    // A token is hexadecimal.
    [(header::SET_COOKIE, HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("")))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn u13_attack_another_sites_page_is_refused_where_cookies_count() {
        for (pairs, is_own) in [
            (&[][..], true),
            (&[("host", "v.example"), ("origin", "https://v.example")], true),
            (&[("host", "v.example"), ("origin", "https://evil.example")], false),
            (&[("host", "v.example"), ("origin", "null")], false),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
        ] {
            assert_eq!(require_own_page(&headers(pairs)).is_ok(), is_own, "{pairs:?}");
        }
    }

    #[test]
    fn u13_the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let [(_, value)] = set("abc", 60, true);
        assert_eq!(
            value,
            "papertape_refresh=abc; Path=/api/v1/sessions; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
        );
        assert_eq!(sent(&headers(&[("cookie", "a=b; papertape_refresh=abc")])), Some("abc"));
        assert_eq!(sent(&headers(&[("cookie", "xpapertape_refresh=abc")])), None);
    }
}
