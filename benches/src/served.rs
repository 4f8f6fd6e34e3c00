//! A venue in a process and a folder of its own, and users of it.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use papertape_client::Key;
use serde_json::{Value, json};

const PASSWORD: &str = "bench-run-7c21-only";

/// A demonstration venue without its simulated market. Dropping it ends the process.
pub struct Served {
    child: Child,
    _data: tempfile::TempDir,
    /// `127.0.0.1:PORT` of HTTP and WebSocket.
    pub http: String,
    /// The same of binary order entry, if the venue was asked for it.
    pub tcp: Option<String>,
    /// The operator's key.
    pub operator: String,
}

/// Somebody who may trade.
#[derive(Clone)]
pub struct User {
    /// Opens what is the user's.
    pub token: String,
}

impl Served {
    /// Starts it with these options besides, and its data in a folder of `folder`.
    pub fn start(papertape: &Path, folder: &Path, options: &[&str]) -> io::Result<Self> {
        let data = tempfile::tempdir_in(folder)?;
        let mut command = Command::new(papertape);
        // Whoever measures comes from one address, a thousand times.
        command.args([
            "serve",
            "--connections-per-address",
            "0",
            "--requests-per-minute",
            "0",
            "--orders-per-second",
            "0",
        ]);
        command.args(["--demo", "--simulator", "off", "--listen", "127.0.0.1:0", "--data"]);
        command.arg(data.path().join("venue")).args(options).env("PAPERTAPE_LOG", "warn");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let said = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        let (mut http, mut tcp) = (None, None);
        for line in said.lines() {
            let line = line?;
            http = http.or_else(|| line.split_once(" at http://").map(|(_, address)| address.to_owned()));
            tcp = tcp.or_else(|| line.split_once("binary order entry at ").map(|(_, address)| address.to_owned()));
            if let (Some(http), Some((_, key))) = (&http, line.split_once("operator's key in ")) {
                let (http, operator) = (http.clone(), std::fs::read_to_string(key)?.trim().to_owned());
                return Ok(Self { child, _data: data, http, tcp, operator });
            }
        }
        child.kill()?;
        Err(io::Error::other("the venue did not start"))
    }

    /// Signs up and logs in.
    pub fn user(&self, name: &str) -> io::Result<User> {
        let email = format!("{name}@example.com");
        let body = json!({ "email": email, "password": PASSWORD, "confirm_password": PASSWORD });
        answer(ureq::post(self.url("/signup")).send_json(body))?;
        let form = [("username", email.as_str()), ("password", PASSWORD)];
        let said = answer(ureq::post(self.url("/login")).send_form(form))?;
        Ok(User { token: said["access_token"].as_str().unwrap_or_default().to_owned() })
    }

    /// Asks with a user's token, or the operator's key.
    pub fn post(&self, path: &str, token: &str, body: &Value) -> io::Result<Value> {
        answer(ureq::post(self.url(path)).header("Authorization", format!("Bearer {token}")).send_json(body))
    }

    /// Asks for something, as anybody or with a token.
    pub fn get(&self, path: &str, token: Option<&str>) -> io::Result<Value> {
        let request = ureq::get(self.url(path));
        answer(match token {
            Some(token) => request.header("Authorization", format!("Bearer {token}")).call(),
            None => request.call(),
        })
    }

    /// Money for an account, once each `reference`.
    pub fn deposit(&self, account: u64, asset: &str, amount: &str, reference: &str) -> io::Result<()> {
        let body = json!({ "asset": asset, "amount": amount, "reference": reference });
        self.post(&format!("/api/v1/admin/accounts/{account}/deposits"), &self.operator, &body).map(|_| ())
    }

    /// The number of a user's account.
    pub fn account(&self, user: &User) -> io::Result<u64> {
        let said = self.get("/api/v1/account", Some(&user.token))?;
        said["account_id"].as_u64().ok_or_else(|| io::Error::other(format!("no account: {said}")))
    }

    /// A key of that user's which may trade.
    pub fn key(&self, user: &User) -> io::Result<Key> {
        let body = json!({ "name": "bench", "kind": "hmac", "permissions": ["read", "trade"] });
        let made = self.post("/api/v1/api-keys", &user.token, &body)?;
        let text = |name: &str| made[name].as_str().unwrap_or_default();
        Key::hmac(text("key"), text("secret")).map_err(io::Error::other)
    }

    /// Bytes that the process has in memory: of all kinds (`VmRSS`), or what it made itself (`RssAnon`).
    pub fn memory(&self, kind: &str) -> io::Result<u64> {
        memory(self.child.id(), kind)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.http)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn answer(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> io::Result<Value> {
    let text = answer.and_then(|mut answer| answer.body_mut().read_to_string()).map_err(io::Error::other)?;
    Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// Bytes that a process has in memory, of a kind that the system tells: `VmRSS`, `RssAnon`.
pub fn memory(process: u32, kind: &str) -> io::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(':')).unwrap_or_default();
    let kib: Option<u64> = line.trim().strip_suffix(" kB").and_then(|kib| kib.parse().ok());
    kib.map(|kib| kib << 10).ok_or_else(|| io::Error::other(format!("the system does not tell {kind}")))
}
