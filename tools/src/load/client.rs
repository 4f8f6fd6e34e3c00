//! The venue's HTTP side, as far as a load run needs it.

use std::time::Duration;

use serde_json::Value;

use crate::exit::Failure;

/// The password of every user of a load run: they own paper money of a test.
const PASSWORD: &str = "load-run-9f27c1";

/// Where the venue is.
#[derive(Clone)]
pub(crate) struct Http {
    base: String,
    agent: ureq::Agent,
}

impl Http {
    /// Takes `http://HOST:PORT`.
    pub(crate) fn new(url: &str) -> Result<Self, Failure> {
        let base = url.trim_end_matches('/').to_owned();
        if !base.starts_with("http://") {
            return Err(Failure::refused(format!("--url {url}: give http://HOST:PORT")));
        }
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .build();
        Ok(Self { base, agent: config.into() })
    }

    /// `HOST:PORT`.
    pub(crate) fn host(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// The venue's level of durability.
    pub(crate) fn durability(&self) -> Result<String, Failure> {
        let answer = self.agent.get(format!("{}/api/v1/status", self.base)).call();
        Ok(self.read(answer, "status")?["durability"].as_str().unwrap_or("?").to_owned())
    }

    /// The number of a user.
    pub(crate) fn user(&self, token: &str) -> Result<u64, Failure> {
        let me = parse(&mut self.get(token, &format!("{}/users/me", self.base))?, "who is it")?;
        me["id"].as_u64().ok_or_else(|| Failure::io(format!("who is it: the answer has no id: {me}")))
    }

    /// A new key for binary order entry: its id and its secret.
    pub(crate) fn api_key(&self, token: &str) -> Result<(String, String), Failure> {
        let body = serde_json::json!({ "name": "load", "kind": "hmac", "permissions": ["read", "trade"] });
        let request = self.agent.post(format!("{}/api/v1/api-keys", self.base));
        let made =
            self.read(request.header("Authorization", format!("Bearer {token}")).send_json(body), "make a key")?;
        match (made["key"].as_str(), made["secret"].as_str()) {
            (Some(id), Some(secret)) => Ok((id.to_owned(), secret.to_owned())),
            _ => Err(Failure::io("make a key: the answer has no key, or no secret")),
        }
    }

    /// Refuses a market that the venue does not list.
    pub(crate) fn require_market(&self, symbol: &str) -> Result<(), Failure> {
        let url = format!("{}/api/v1/depth", self.base);
        let answer = self.agent.get(url).query("symbol", symbol).query("limit", "1").call();
        let answer = answer.map_err(|error| self.unreachable(error))?;
        if answer.status() == 400 {
            let instruments = format!("{}/api/v1/instruments", self.base);
            return Err(Failure::refused(format!("--symbol {symbol}: no such market; {instruments} names them")));
        }
        Ok(())
    }

    /// Signs up a user of this name and logs in.
    pub(crate) fn sign_up(&self, email: &str) -> Result<String, Failure> {
        let body = serde_json::json!({ "email": email, "password": PASSWORD, "confirm_password": PASSWORD });
        let answer = self.agent.post(format!("{}/signup", self.base)).send_json(body);
        self.read(answer, "sign up")?;
        self.log_in(email)
    }

    /// An access token of a user.
    pub(crate) fn log_in(&self, email: &str) -> Result<String, Failure> {
        let form = [("username", email), ("password", PASSWORD)];
        let answer = self.agent.post(format!("{}/login", self.base)).send_form(form);
        let token = self.read(answer, "log in")?["access_token"].as_str().map(str::to_owned);
        token.ok_or_else(|| Failure::io("log in: the answer has no access_token"))
    }

    /// Whether a token is good still.
    pub(crate) fn is_good(&self, token: &str) -> Result<bool, Failure> {
        Ok(self.get(token, &format!("{}/users/me", self.base))?.status().is_success())
    }

    /// Logs a user in; gives the status of the answer, 0 if there was none.
    pub(crate) fn try_log_in(&self, email: &str) -> u16 {
        let form = [("username", email), ("password", PASSWORD)];
        let answer = self.agent.post(format!("{}/login", self.base)).send_form(form);
        answer.map_or(0, |answer| answer.status().as_u16())
    }

    /// One order of a user; `None` if the venue does not know it.
    pub(crate) fn order(&self, token: &str, order_id: &str) -> Result<Option<Value>, Failure> {
        let url = format!("{}/api/v1/orders/{order_id}", self.base);
        let mut answer = self.get(token, &url)?;
        if answer.status() == 404 {
            return Ok(None);
        }
        Ok(Some(parse(&mut answer, "read an order")?))
    }

    fn get(&self, token: &str, url: &str) -> Result<ureq::http::Response<ureq::Body>, Failure> {
        let request = self.agent.get(url).header("Authorization", format!("Bearer {token}"));
        request.call().map_err(|error| self.unreachable(error))
    }

    fn read(
        &self,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
        what: &str,
    ) -> Result<Value, Failure> {
        parse(&mut answer.map_err(|error| self.unreachable(error))?, what)
    }

    fn unreachable(&self, error: ureq::Error) -> Failure {
        Failure::io(format!("{}: {error}; is the venue running?", self.base))
    }
}

fn parse(answer: &mut ureq::http::Response<ureq::Body>, what: &str) -> Result<Value, Failure> {
    let status = answer.status();
    let text = answer.body_mut().read_to_string().map_err(|error| Failure::io(format!("{what}: {error}")))?;
    if !status.is_success() {
        return Err(Failure::io(format!("{what}: {status}: {text}")));
    }
    serde_json::from_str(&text).map_err(|error| Failure::io(format!("{what}: not JSON: {error}")))
}
