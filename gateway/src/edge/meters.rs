//! What a request used of the limits that it fell under, told in its answer: `RateLimit-Policy` and `RateLimit`
//! (draft-ietf-httpapi-ratelimit-headers-10). `q` in `w` seconds are allowed, `r` are left, and all of them are there again
//! in `t` seconds.

use std::fmt::Write;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use parking_lot::Mutex;

use super::rate::Policy;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// What is left of a limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Usage {
    /// Of which.
    pub policy: Policy,
    /// So many are left.
    pub remaining: u32,
    /// So many seconds until all of them are there again.
    pub full_in_s: u32,
}

tokio::task_local! {
    static CURRENT: Meters;
}

/// The limits that were asked for one request.
#[derive(Clone, Default)]
pub(crate) struct Meters(Arc<Mutex<Vec<Usage>>>);

impl Meters {
    /// Those of the request that this task works at; of none, if it works at none.
    pub(crate) fn current() -> Self {
        CURRENT.try_with(Clone::clone).unwrap_or_default()
    }

    /// Works at a request: limits that are asked meanwhile are noted here.
    pub(crate) async fn scope<F: Future>(&self, work: F) -> F::Output {
        CURRENT.scope(self.clone(), work).await
    }

    /// Notes what is left; nothing outside of a request.
    pub(crate) fn note(usage: Usage) {
        let note = |meters: &Meters| {
            let mut noted = meters.0.lock();
            match noted.iter_mut().find(|known| known.policy == usage.policy) {
                Some(known) => *known = usage,
                None => noted.push(usage),
            }
        };
        // A WebSocket's messages have no headers.
        let _ = CURRENT.try_with(note);
    }

    /// Adds the two headers, if a limit was asked.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        let (mut policies, mut limits) = (String::new(), String::new());
        for Usage { policy, remaining, full_in_s } in self.0.lock().iter() {
            let comma = if policies.is_empty() { "" } else { ", " };
            // Writing to a string cannot fail.
            let _ = write!(policies, "{comma}\"{}\";q={};w={}", policy.name, policy.quota, policy.window_s);
            let _ = write!(limits, "{comma}\"{}\";r={remaining};t={full_in_s}", policy.name);
        }
        for (name, text) in [(POLICY, policies), (LIMIT, limits)] {
            if let (false, Ok(value)) = (text.is_empty(), HeaderValue::from_str(&text)) {
                headers.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn q4_an_answer_names_every_limit_that_was_asked_and_no_other() {
        let usage = |name, remaining| {
            let policy = Policy { name, quota: 10, window_s: 60 };
            Usage { policy, remaining, full_in_s: 6 }
        };
        Meters::note(usage("nobody's", 1));
        let (meters, mut headers) = (Meters::default(), HeaderMap::new());
        meters.add_to(&mut headers);
        assert!(headers.is_empty());
        let work = async {
            Meters::note(usage("logins", 9));
            let meters = Meters::current();
            tokio::spawn(async move { meters.scope(async { Meters::note(usage("orders", 3)) }).await }).await.unwrap();
            Meters::note(usage("logins", 8));
        };
        meters.scope(work).await;
        meters.add_to(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"logins\";q=10;w=60, \"orders\";q=10;w=60");
        assert_eq!(headers["ratelimit"], "\"logins\";r=8;t=6, \"orders\";r=3;t=6");
    }
}
