//! Who asks: the user behind the bearer token, or behind the API key that has signed the request.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use papertape_engine::AccountId;
use papertape_platform::{KeyHolder, SessionId, UserId};

use super::signed::{self, Signed};
use crate::app::App;
use crate::errors::Failure;
use crate::translate::time;
use crate::venue::level::{Asker, Level};

/// The header with which a request says what its answer is to wait for, and an answer what it has waited for.
pub(crate) const DURABILITY: HeaderName = HeaderName::from_static("papertape-durability");

/// The session of whoever has none.
const NO_SESSION: SessionId = SessionId(0);

/// A user with a valid token, or a program of a user with a good key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Caller {
    /// The user.
    pub user: UserId,
    /// Their session; none that there is, for a program.
    pub session: SessionId,
    /// The key, for a program.
    key: Option<KeyHolder>,
    /// When it is too late for what a signed request asks.
    by_ns: Option<u64>,
    /// Their account, if it is open.
    account: Option<AccountId>,
    /// What answers to their commands wait for.
    level: Level,
}

impl Caller {
    /// The user whose token this is.
    pub(crate) fn of_token(app: &App, token: &str) -> Result<Self, Failure> {
        let users = app.platform.users();
        let (user, session) =
            users.verify_token(token).map_err(|error| Failure::unauthenticated(sentence(&error.to_string())))?;
        let (account, level) = (users.directory().account_of(user), app.desk.level());
        Ok(Self { user, session, key: None, by_ns: None, account, level })
    }

    /// The program that has signed a request.
    fn of_signed(app: &App, signed: Signed) -> Self {
        Self { by_ns: Some(signed.by_ns), ..Self::of_key(app, signed.holder) }
    }

    /// The program that holds a key: as long as it is good, and not for one request alone.
    pub(crate) fn of_key(app: &App, holder: KeyHolder) -> Self {
        let (user, account) = (holder.user, app.platform.users().directory().account_of(holder.user));
        Self { user, session: NO_SESSION, key: Some(holder), by_ns: None, account, level: app.desk.level() }
    }

    /// The key, for a program.
    pub(crate) fn key(&self) -> Option<KeyHolder> {
        self.key
    }

    /// Whether the session is open still, or the key good: who keeps a connection asks again.
    pub(crate) fn is_open(&self, app: &App) -> bool {
        let directory = app.platform.users().directory();
        match self.key {
            None => directory.is_open(self.session),
            Some(holder) => {
                let now_ms = time::millis(time::now_ns());
                app.platform.api_keys().is_good(holder.key, now_ms) && directory.is_welcome(self.user)
            }
        }
    }

    /// The same with answers at another level.
    pub(crate) fn at(self, level: Level) -> Self {
        Self { level, ..self }
    }

    /// Their account and level.
    pub(crate) fn asker(&self) -> Result<Asker, Failure> {
        Ok(Asker { account: self.account()?, level: self.level, by_ns: self.by_ns })
    }

    /// Their account. 409 if its opening was cut short; the next log-in finishes it.
    pub(crate) fn account(&self) -> Result<AccountId, Failure> {
        let sentence = "The account is not open yet; log in again.";
        self.account.ok_or_else(|| Failure::new(StatusCode::CONFLICT, "ACCOUNT_NOT_OPEN", sentence))
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let caller = match signed::of(parts) {
            Some(signed) => Self::of_signed(app, signed),
            None => Self::of_token(app, bearer(&parts.headers)?)?,
        };
        // Only commands have an answer that could wait.
        match parts.headers.get(DURABILITY).filter(|_| !parts.method.is_safe()) {
            None => Ok(caller),
            Some(named) => {
                let level = app.desk.level_named(named.to_str().unwrap_or_default());
                let is_plain = !parts.uri.path().starts_with("/api/");
                Ok(caller.at(level.map_err(|failure| if is_plain { failure.as_bad_request() } else { failure })?))
            }
        }
    }
}

/// The token of `Authorization: Bearer …`.
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, Failure> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, token) = sent.and_then(|sent| sent.split_once(' ')).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        return Ok(token.trim());
    }
    Err(Failure::unauthenticated("A token is needed: Authorization: Bearer …"))
}

/// An error's words as a sentence.
fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| format!("{}{}.", first.to_ascii_uppercase(), chars.as_str())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn q1_only_a_bearer_token_is_taken() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(value));
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(with("Bearer abc").as_deref(), Ok("abc"));
        assert_eq!(with("bearer abc").as_deref(), Ok("abc"));
        for refused in ["", "abc", "Bearer", "Bearer ", "Basic abc"] {
            assert_eq!(with(refused).unwrap_err().status, StatusCode::UNAUTHORIZED, "{refused}");
        }
        assert!(bearer(&HeaderMap::new()).is_err());
    }
}
