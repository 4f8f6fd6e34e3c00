//! The id that a request, its answer and its log lines share.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::HeaderValue;

/// The client's own id if it sent a plain one, else a number that does not repeat while the process runs.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(String);

/// Longest id that is taken from a client.
const LEN_MAX: usize = 64;

static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());
static COUNT: AtomicU64 = AtomicU64::new(1);

impl RequestId {
    /// Takes the `X-Request-Id` of the request: 1 to 64 of `A-Z a-z 0-9 . _ -`. Any other is replaced.
    pub(crate) fn of(sent: Option<&HeaderValue>) -> Self {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let sent = sent.and_then(|value| value.to_str().ok());
        match sent.filter(|text| (1..=LEN_MAX).contains(&text.len()) && text.bytes().all(plain)) {
            Some(text) => Self(text.to_owned()),
            None => Self(format!("{:016x}-{}", *PROCESS, COUNT.fetch_add(1, Ordering::Relaxed))),
        }
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_id_is_kept_and_any_other_replaced() {
        let of = |text| RequestId::of(Some(&HeaderValue::from_static(text)));
        assert_eq!(of("abc-1.2_3").as_str(), "abc-1.2_3");
        assert_ne!(of("a b").as_str(), "a b");
        assert_ne!(RequestId::of(None).as_str(), RequestId::of(None).as_str());
    }
}
