//! No secret is in the log, in the journal or in the database: a venue runs at its most talkative, whatever is secret is used
//! the right way and the wrong way, and afterwards every byte that it wrote is looked through.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::order_entry::{Key, Session, bytes};
use crate::totp_code::code_of;
use crate::{Running, papertape};

/// Somebody who asks a venue, and notes whatever nobody else may know.
struct Client {
    base: String,
    agent: ureq::Agent,
    secrets: Vec<(String, Vec<u8>)>,
}

impl Client {
    fn new(address: &str) -> Self {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Self { base: format!("http://{address}"), agent, secrets: Vec::new() }
    }

    /// Notes a secret: as it is, and what its digits stand for.
    fn note(&mut self, what: &str, secret: &str) -> String {
        assert!(secret.len() >= 8, "{what} is found by chance: {secret}");
        self.secrets.push((what.to_owned(), secret.as_bytes().to_vec()));
        if secret.len() == 64
            && let Some(raw) = papertape_platform::from_hex::<32>(secret)
        {
            self.secrets.push((format!("the bytes of {what}"), raw.to_vec()));
        }
        secret.to_owned()
    }

    fn noted(&mut self, what: &str, value: &Value) -> String {
        let secret = value.as_str().unwrap_or_else(|| panic!("{what}: {value}")).to_owned();
        self.note(what, &secret)
    }

    fn send(&self, method: &str, path: &str, token: Option<&str>, body: &str) -> (u16, Value) {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let kind = if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
        let request = request.header("content-type", kind).body(body.to_owned()).unwrap();
        let mut answer = self.agent.run(request).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default())
    }

    fn post(&self, path: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
        self.send("POST", path, token, &body.to_string())
    }

    fn must(&self, path: &str, token: Option<&str>, body: &Value) -> Value {
        let (status, answer) = self.post(path, token, body);
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }

    /// Begins a session: its tokens are noted.
    fn session(&mut self, login: &str, password: &str, code: Option<&str>) -> (String, String) {
        let opened = self.must("/api/v1/sessions", None, &json!({"login": login, "password": password, "code": code}));
        (
            self.noted("an access token", &opened["access_token"]),
            self.noted("a refresh token", &opened["refresh_token"]),
        )
    }
}

/// Everything that is secret is used, and used wrongly.
fn use_them(client: &mut Client, data: &Path, tcp: &str) {
    let file = |name: &str| fs::read_to_string(data.join(name)).unwrap().trim().to_owned();
    let operator = client.note("the operator's key", &file("operator.key"));
    let setup = client.note("the setup token", &file("setup.token"));
    let first = client.note("the first password", "a first password 8151");
    let wrong = client.note("a wrong password", "a wrong password 2342");
    let second = client.note("the second password", "a second password 623");
    let third = client.note("the third password", "a third password 5772");
    let root = client.note("the administrator's password", "an administrator's 1618");

    let admin = json!({"token": setup, "email": "root@example.com", "password": root, "confirm_password": root});
    client.must("/api/v1/setup", None, &admin);
    client.must("/signup", None, &json!({"email": "ada@example.com", "password": first, "confirm_password": first}));
    let guess = client.note("a guessed key", "a guessed key that is as long as a real one");
    assert_eq!(client.send("GET", "/api/v1/admin/venue", Some(&guess), "").0, 401);
    assert_eq!(client.send("GET", "/api/v1/admin/venue", Some(&operator), "").0, 200);
    assert_eq!(client.post("/api/v1/sessions", None, &json!({"login": "ada", "password": wrong})).0, 401);
    // Who types the password where the name belongs.
    assert_eq!(client.post("/api/v1/sessions", None, &json!({"login": wrong, "password": "x"})).0, 401);
    let form = format!("username=ada&password={}", first.replace(' ', "+"));
    let (_, token) = client.send("POST", "/login", None, &form);
    client.noted("a plain access token", &token["access_token"]);

    let (access, refresh) = client.session("ada", &first, None);
    let next = client.must("/api/v1/sessions/refresh", None, &json!({"refresh_token": refresh}));
    client.noted("the second access token", &next["access_token"]);
    client.noted("the second refresh token", &next["refresh_token"]);
    let reused = client.note("a forged refresh token", &"ab".repeat(32));
    assert_eq!(client.post("/api/v1/sessions/refresh", None, &json!({"refresh_token": reused})).0, 401);

    let key = client.must(
        "/api/v1/api-keys",
        Some(&access),
        &json!({"name": "bot", "kind": "hmac", "permissions": ["read", "trade"]}),
    );
    client.noted("the secret of an API key", &key["secret"]);
    drop(Session::open(tcp, &Key { id: bytes(&key["key"]), secret: bytes(&key["secret"]) }, 0));
    say_over_a_socket(&client.base, &json!({"op": "auth", "id": "1", "token": access}));
    let order = json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": "100.00", "qty": "0.01"});
    client.must("/api/v1/orders", Some(&access), &order);

    let step_up = "/api/v1/users/me/step-up";
    assert_eq!(client.post(step_up, Some(&access), &json!({"password": wrong})).0, 403);
    client.must(step_up, Some(&access), &json!({"password": first}));

    // One of each kind: in digits, and as the chains write them.
    for chain in ["ethereum", "bitcoin", "solana"] {
        let wallet = client.must("/api/v1/wallets", Some(&access), &json!({"name": chain, "blockchain": chain}));
        let path = format!("/api/v1/wallets/{}/export", wallet["id"]);
        let shown = client.must(&path, Some(&access), &json!({"password": first}));
        let key = client.noted("a wallet's private key", &shown["private_key"]);
        client.note("the same without its prefix", key.trim_start_matches("0x"));
    }
    client.must("/api/v1/admin/wallet-keys", Some(&operator), &json!({"new_key": true}));
    for key in file("secrets/wallet.keys").lines().map(str::to_owned).collect::<Vec<_>>() {
        client.note("a key of wallets", &key);
    }
    client.note("the key of tokens", &file("secrets/jwt.key"));
    client.note("the pepper", &file("secrets/pepper.key"));

    let enable = "/api/v2/users/me/2fa/enable";
    let offer = client.must(enable, Some(&access), &json!({"password": first}));
    let secret = client.noted("the secret of a second factor", &offer["secret"]);
    let on = client.must(enable, Some(&access), &json!({"code": code_of(&secret, 0)}));
    for code in on["recovery_codes"].as_array().unwrap().clone() {
        let code = client.noted("a recovery code", &code);
        client.note("a recovery code without its hyphens", &code.replace('-', ""));
    }
    let recovery = on["recovery_codes"][0].as_str().unwrap();
    client.session("ada", &first, Some(recovery));
    let disable = json!({"password": first, "code": on["recovery_codes"][1]});
    client.must("/api/v2/users/me/2fa/disable", Some(&access), &disable);

    let change = json!({"password": first, "new_password": second});
    assert_eq!(client.send("PUT", "/api/v1/users/me/password", Some(&access), &change.to_string()).0, 200);
    assert_eq!(client.post("/api/v1/password-reset", None, &json!({"email": "ada@example.com"})).0, 202);
    let link = reset_token(client, &operator);
    let link = client.note("the token of a link", &link);
    client.must("/api/v1/password-reset/confirm", None, &json!({"token": link, "new_password": third}));
    let again = json!({"token": link, "new_password": third});
    assert_eq!(client.post("/api/v1/password-reset/confirm", None, &again).0, 400);
    let (access, _) = client.session("ada", &third, None);
    assert_eq!(client.send("DELETE", "/api/v1/sessions", Some(&access), "").0, 200);
}

/// What stands in the link that an administrator would hand on.
fn reset_token(client: &Client, operator: &str) -> String {
    for _ in 0..400 {
        let (_, outbox) = client.send("GET", "/api/v1/admin/outbox", Some(operator), "");
        let bodies = outbox["messages"].as_array().unwrap().iter().filter_map(|message| message["body"].as_str());
        let mut tokens = bodies.filter_map(|body| body.split("#reset=").nth(1)?.split_whitespace().next());
        if let Some(token) = tokens.next() {
            return token.to_owned();
        }
        sleep(Duration::from_millis(50));
    }
    panic!("no link came");
}

/// One message over the trading WebSocket, and whatever is answered.
fn say_over_a_socket(base: &str, message: &Value) {
    let host = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    let head = format!(
        "GET /api/v1/ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let text = message.to_string();
    // A text frame with a mask of zeros (RFC 6455, 5.2).
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    stream.write_all(&frame).unwrap();
    let mut heard = Vec::new();
    while !String::from_utf8_lossy(&heard).contains("\"op\":\"auth\"") {
        let mut some = [0; 1_024];
        let got = stream.read(&mut some).unwrap();
        assert!(got > 0, "closed: {}", String::from_utf8_lossy(&heard));
        heard.extend(&some[..got]);
    }
    assert!(String::from_utf8_lossy(&heard).contains("\"ok\":true"), "{}", String::from_utf8_lossy(&heard));
}

/// Every file below, but those that are there to hold a secret.
fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            if name != "secrets" {
                files(&path, found);
            }
        } else if name != "operator.key" {
            found.push(path);
        }
    }
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    // The first byte is looked for alone: most places are none.
    let Some((first, rest)) = needle.split_first() else { return false };
    let mut at = haystack;
    while let Some(place) = at.iter().position(|byte| byte == first) {
        at = &at[place + 1..];
        if at.starts_with(rest) {
            return true;
        }
    }
    false
}

#[test]
fn no_secret_is_in_the_log_the_journal_or_the_database() {
    let dir = tempfile::tempdir().unwrap();
    let (data, log) = (dir.path().join("data"), dir.path().join("log"));
    let mut command = papertape(&["serve", "--listen=127.0.0.1:0", "--tcp=127.0.0.1:0", "--durability=process"]);
    command.arg("--data").arg(&data).args(["--demo", "--simulator=off", "--segment-bytes=65536"]);
    command.env("PAPERTAPE_LOG", "trace").stderr(File::create(&log).unwrap());
    let mut venue = Running::start(&mut command, 5);
    let (http, tcp) = (venue.address(" at http://"), venue.address("binary order entry at "));
    let mut client = Client::new(&http);
    use_them(&mut client, &data, &tcp);
    venue.terminate();
    assert!(venue.child.wait().unwrap().success());

    let mut places = vec![log.clone()];
    files(&data, &mut places);
    let named = |end: &str| places.iter().any(|path| path.to_string_lossy().ends_with(end));
    assert!(named("platform.db") && named(".seg"), "{places:?}");
    assert!(client.secrets.len() >= 50, "only {} secrets were used", client.secrets.len());
    let written: Vec<(PathBuf, Vec<u8>)> =
        places.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    // What is looked through is what was written: the log tells of requests, the database of users.
    let told = |end: &str, word: &str| {
        written.iter().any(|(path, text)| path.to_string_lossy().ends_with(end) && holds(text, word.as_bytes()))
    };
    assert!(told("log", "/api/v1/password-reset/confirm") && told("platform.db", "ada@example.com"));
    for (what, secret) in &client.secrets {
        for (path, text) in &written {
            assert!(!holds(text, secret), "{what} is in {}", path.strip_prefix(dir.path()).unwrap().display());
        }
    }
}
