//! A venue in a folder of its own, and users of it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use papertape_client::{Client, Event, FromVenue, Key, Options, Request, Side, Text, limit};
use serde_json::{Value, json};

const PASSWORD: &str = "correct-horse-7";

/// Longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A venue; dropping it ends the process.
pub(crate) struct Venue {
    child: Child,
    _data: tempfile::TempDir,
    /// `127.0.0.1:PORT` of HTTP.
    pub(crate) http: String,
    /// The same of binary order entry.
    pub(crate) tcp: String,
}

impl Venue {
    pub(crate) fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_papertape"));
        let ours = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PAPERTAPE_"));
        for (name, _) in ours {
            command.env_remove(name);
        }
        command.args(["serve", "--demo", "--simulator=off", "--listen=127.0.0.1:0", "--tcp=127.0.0.1:0", "--data"]);
        let child = command.arg(data.path().join("venue")).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut venue = Self { child: child.unwrap(), _data: data, http: String::new(), tcp: String::new() };
        for line in BufReader::new(venue.child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if let Some((_, address)) = line.split_once(" at http://") {
                address.clone_into(&mut venue.http);
            }
            if let Some((_, address)) = line.split_once("binary order entry at ") {
                address.clone_into(&mut venue.tcp);
            }
            // It comes after both.
            if line.starts_with("operator's key") {
                return venue;
            }
        }
        panic!("the venue did not start");
    }

    /// Posts a body and gives the answer.
    pub(crate) fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Value {
        let mut request = ureq::post(format!("http://{}{path}", self.http));
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let text = request.send_json(body).unwrap().body_mut().read_to_string().unwrap();
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = ureq::get(format!("http://{}{path}", self.http)).call();
        serde_json::from_str(&answer.unwrap().body_mut().read_to_string().unwrap()).unwrap()
    }

    /// A token of a new user.
    pub(crate) fn sign_up(&self, name: &str) -> String {
        let email = format!("{name}@example.com");
        self.post("/signup", None, &json!({ "email": email, "password": PASSWORD, "confirm_password": PASSWORD }));
        let form = [("username", email.as_str()), ("password", PASSWORD)];
        let answer = ureq::post(format!("http://{}/login", self.http)).send_form(form);
        let answer: Value = serde_json::from_str(&answer.unwrap().body_mut().read_to_string().unwrap()).unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// A key of the kind `hmac` for a new user.
    pub(crate) fn hmac(&self, name: &str) -> Key {
        let body = json!({ "name": "test", "kind": "hmac", "permissions": ["read", "trade"] });
        let made = self.post("/api/v1/api-keys", Some(&self.sign_up(name)), &body);
        Key::hmac(made["key"].as_str().unwrap(), made["secret"].as_str().unwrap()).unwrap()
    }

    /// A session that is open.
    pub(crate) fn session(&self, options: Options) -> Client {
        Client::connect(&self.tcp, options).unwrap()
    }
}

impl Drop for Venue {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A bid for one dollar of BTC-USD, at so many dollars.
pub(crate) fn bid(name: &str, dollars: u64) -> Request {
    Request::place(Text::new(name), limit(0, Side::Buy, dollars * 100, 100_000_u64.div_ceil(dollars)))
}

/// The next message for which `wanted` gives something; others are passed over.
pub(crate) fn wait<T>(client: &mut Client, wanted: impl Fn(&FromVenue) -> Option<T>) -> T {
    loop {
        match client.event(PATIENCE).unwrap().expect("an event comes in time") {
            Event::Venue(said) => {
                if let Some(found) = wanted(&said) {
                    return found;
                }
            }
            Event::Unanswered { request, .. } => panic!("{request:?} was lost"),
            Event::Open(_) | Event::CaughtUp => {}
        }
    }
}

/// The number of the order that this request placed.
pub(crate) fn accepted(client: &mut Client, reference: u64) -> u64 {
    wait(client, |said| match said {
        FromVenue::OrderAccepted(is) if is.reference == reference => Some(is.order_id),
        FromVenue::OrderRejected(is) if is.reference == reference => panic!("refused: {is:?}"),
        _ => None,
    })
}
