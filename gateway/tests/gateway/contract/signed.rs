//! Requests that are signed with an API key, written apart from the venue's own code.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use papertape_pipeline::Clock;
use papertape_platform::hex;
use reqwest::Method;
use serde_json::{Value, json};

use super::users::{second_factor, session, user_id};
use crate::support::{World, eventually};
use crate::tcp::client::Key;
use crate::totp_code::code_of;

/// A request, and what is said of its time.
#[derive(Clone)]
pub(super) struct Request {
    method: Method,
    path: String,
    body: String,
    timestamp: u64,
    recv_window: Option<u64>,
    nonce: String,
}

pub(super) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}

/// One that no other request here has.
fn nonce() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed).to_string()
}

impl Request {
    pub(super) fn new(method: Method, path: &str, body: &Value) -> Self {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        Self { method, path: path.to_owned(), body, timestamp: now_ms(), recv_window: None, nonce: nonce() }
    }

    pub(super) fn get(path: &str) -> Self {
        Self::new(Method::GET, path, &Value::Null)
    }

    pub(super) fn post(path: &str, body: &Value) -> Self {
        Self::new(Method::POST, path, body)
    }

    fn message(&self) -> String {
        let window = self.recv_window.map(|window| window.to_string()).unwrap_or_default();
        let Self { method, path, body, timestamp, nonce, .. } = self;
        format!("{timestamp}\n{window}\n{nonce}\n{method}\n{path}\n{body}")
    }

    pub(super) async fn send(&self, world: &World, key: &Key) -> (u16, Value) {
        self.send_as(world, &hex(&key.id), &hex(&key.sign_bytes(self.message().as_bytes()))).await
    }

    async fn send_as(&self, world: &World, key: &str, signature: &str) -> (u16, Value) {
        let mut request = world.http().request(self.method.clone(), world.url(&self.path));
        request = request.header("papertape-key", key).header("papertape-timestamp", self.timestamp.to_string());
        request = request.header("papertape-nonce", &self.nonce).header("papertape-signature", signature);
        if let Some(window) = self.recv_window {
            request = request.header("papertape-recv-window", window.to_string());
        }
        if !self.body.is_empty() {
            request = request.header("content-type", "application/json").body(self.body.clone());
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }
}

pub(super) fn buy(price: &str) -> Value {
    json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": price, "qty": "0.01"})
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_both_kinds_of_keys_sign_requests() {
    let world = World::start().await;
    let ada = world.trader("ada").await;
    for key in [Key::hmac(&world, &ada).await, Key::ed25519(&world, &ada).await] {
        let (status, account) = Request::get("/api/v1/account").send(&world, &key).await;
        assert_eq!((status, &account["account_id"]), (200, &json!(ada.account.0)), "{account}");
        let (status, order) = Request::post("/api/v1/orders", &buy("100.00")).send(&world, &key).await;
        assert_eq!(status, 201, "{order}");
        let (status, open) = Request::get("/api/v1/orders?symbol=BTC-USD&status=open").send(&world, &key).await;
        assert_eq!((status, &open[0]["order_id"]), (200, &order["order_id"]), "the query is signed as it is sent");
        let cancel = format!("/api/v1/orders/{}", order["order_id"].as_str().unwrap());
        assert_eq!(Request::new(Method::DELETE, &cancel, &Value::Null).send(&world, &key).await.0, 200);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_attack_a_signed_request_counts_once_and_in_its_time() {
    let world = World::start().await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let request = Request::post("/api/v1/orders", &buy("100.00"));
    assert_eq!(request.send(&world, &key).await.0, 201);
    let (status, replayed) = request.send(&world, &key).await;
    assert_eq!((status, &replayed["code"]), (401, &json!("REPLAYED")), "{replayed}");
    let again = Request { nonce: nonce(), ..request.clone() };
    assert_eq!(again.send(&world, &key).await.0, 201, "the same is asked twice on purpose");
    for (timestamp, recv_window) in
        [(now_ms() - 5_001, None), (now_ms() - 200, Some(100)), (now_ms() + 60_000, None), (0, Some(60_000))]
    {
        let late = Request { timestamp, recv_window, nonce: nonce(), ..request.clone() };
        let (status, refused) = late.send(&world, &key).await;
        assert_eq!((status, &refused["code"]), (401, &json!("TIMESTAMP_OUT_OF_WINDOW")), "{refused}");
    }
    let (status, refused) = Request { recv_window: Some(60_001), ..request.clone() }.send(&world, &key).await;
    assert_eq!((status, &refused["code"]), (400, &json!("INVALID_FIELD")), "{refused}");
    let (_, open) = world.get("/api/v1/orders", Some(&ada.token)).await;
    assert_eq!(open.as_array().unwrap().len(), 2);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_attack_what_waits_too_long_for_the_core_is_not_done() {
    let clock = Clock::manual();
    clock.set(now_ms() * 1_000_000);
    let world = World::start_by(clock.clone()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    assert_eq!(Request::post("/api/v1/orders", &buy("100.00")).send(&world, &key).await.0, 201);
    // The core comes to it a minute later than the gateway.
    clock.set((now_ms() + 60_000) * 1_000_000);
    let (status, late) = Request::post("/api/v1/orders", &buy("100.00")).send(&world, &key).await;
    assert_eq!((status, &late["code"]), (401, &json!("TIMESTAMP_OUT_OF_WINDOW")), "{late}");
    let (_, open) = world.get("/api/v1/orders", Some(&ada.token)).await;
    assert_eq!(open.as_array().unwrap().len(), 1, "{open}");
    // Who has a token has no window.
    world.limit(&ada, "buy", "101.00", "0.01").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_attack_what_was_not_signed_is_not_believed() {
    let world = World::start().await;
    let (ada, bob) = (world.trader("ada").await, world.trader("bob").await);
    let (key, other) = (Key::hmac(&world, &ada).await, Key::hmac(&world, &bob).await);
    let request = Request::post("/api/v1/orders", &buy("100.00"));
    let (id, signature) = (hex(&key.id), hex(&key.sign_bytes(request.message().as_bytes())));
    let spoiled = [
        Request { body: buy("101.00").to_string(), ..request.clone() },
        Request { path: "/api/v1/orders?x=1".to_owned(), ..request.clone() },
        Request { nonce: nonce(), ..request.clone() },
        Request { timestamp: request.timestamp + 1, ..request.clone() },
        Request { recv_window: Some(5_000), ..request.clone() },
    ];
    let mut answers = Vec::new();
    for spoiled in &spoiled {
        answers.push(spoiled.send_as(&world, &id, &signature).await);
    }
    answers.push(request.send_as(&world, &hex(&other.id), &signature).await);
    answers.push(request.send_as(&world, &"0".repeat(32), &signature).await);
    answers.push(request.send_as(&world, &id, &"0".repeat(64)).await);
    answers.push(request.send_as(&world, &id, &"0".repeat(128)).await);
    answers.push(request.send_as(&world, "x", "").await);
    for (status, answer) in &answers {
        assert_eq!((*status, &answer["code"]), (401, &json!("API_KEY_REFUSED")), "{answer}");
        assert_eq!(answer["detail"], answers[0].1["detail"], "nobody is told what it lacks");
    }
    assert_eq!(request.send_as(&world, &id, &signature).await.0, 201, "the refused ones used nothing up");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_a_socket_is_opened_with_a_signature_and_ends_with_the_key() {
    let world = World::start().await;
    let ada = world.trader("ada").await;
    let key = Key::named(&world, &ada, "reads", json!(["read"])).await;
    let auth = |timestamp: u64, nonce: &str| {
        let message = format!("{timestamp}\n\n{nonce}\nAUTH\n/api/v1/ws\n");
        let signature = hex(&key.sign_bytes(message.as_bytes()));
        json!({"op": "auth", "id": "a", "key": hex(&key.id), "timestamp": timestamp, "nonce": nonce, "signature": signature})
    };
    let mut socket = world.socket("/api/v1/ws").await;
    let (good, now) = (auth(now_ms(), "1"), now_ms());
    let answer = socket.ask(good.clone()).await;
    assert_eq!((&answer["ok"], &answer["account_id"]), (&json!(true), &json!(ada.account.0)), "{answer}");
    let mut second = world.socket("/api/v1/ws").await;
    for (ask, code) in [
        (good, "REPLAYED"),
        (auth(now - 6_000, "2"), "TIMESTAMP_OUT_OF_WINDOW"),
        (json!({"op": "auth", "id": "a", "key": hex(&key.id), "timestamp": now, "signature": "00"}), "API_KEY_REFUSED"),
        (json!({"op": "auth", "id": "a"}), "INVALID_FIELD"),
    ] {
        let refused = second.ask(ask).await;
        assert_eq!((&refused["ok"], &refused["error"]["code"]), (&json!(false), &json!(code)), "{refused}");
    }
    let subscribed = socket.ask(json!({"op": "subscribe", "id": "s", "channel": "balances"})).await;
    assert_eq!(subscribed["ok"], json!(true), "{subscribed}");
    let refused = socket.ask(json!({"op": "order.place", "id": "o", "params": buy("100.00")})).await;
    assert_eq!(refused["error"]["code"], json!("PERMISSION_DENIED"), "{refused}");
    let path = format!("/api/v1/api-keys/{}", hex(&key.id));
    let off = json!({"is_active": false});
    assert_eq!(world.ask(Method::PATCH, &path, Some(&ada.token), Some(&off)).await.0, 200);
    assert_eq!(socket.close_code().await, Some(4401));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_a_read_key_reads_is_noted_when_used_and_ends_when_it_should() {
    let world = World::start().await;
    let ada = world.trader("ada").await;
    let key = Key::made(&world, &ada.token, json!({"name": "reads", "kind": "hmac", "type": "read"})).await;
    let path = format!("/api/v1/api-keys/{}", hex(&key.id));
    let seen = async || world.get("/api/v1/api-keys", Some(&ada.token)).await.1[0].clone();
    let made = seen().await;
    assert_eq!(
        (&made["type"], &made["permissions"], &made["is_active"]),
        (&json!("read"), &json!(["read"]), &json!(true))
    );
    for field in ["id", "user_id", "name", "key", "created_at", "updated_at"] {
        assert!(!made[field].is_null(), "{field}: {made}");
    }
    assert_eq!((&made["last_used_at"], &made["expires_at"], made.get("secret")), (&Value::Null, &Value::Null, None));
    assert_eq!(Request::get("/api/v1/account").send(&world, &key).await.0, 200);
    eventually("the use of the key", async || seen().await["last_used_at"].is_string().then_some(())).await;
    for request in [
        Request::post("/api/v1/orders", &buy("100.00")),
        Request::new(Method::DELETE, "/api/v1/orders", &Value::Null),
        Request::get("/api/v1/wallets"),
        Request::get("/api/v1/api-keys"),
        Request::get("/api/v1/admin/users"),
        Request::post("/api/v1/wallets/1/export", &json!({"password": "x"})),
    ] {
        let (status, refused) = request.send(&world, &key).await;
        assert_eq!((status, &refused["code"]), (403, &json!("PERMISSION_DENIED")), "{refused}");
    }
    let off = world.ask(Method::PATCH, &path, Some(&ada.token), Some(&json!({"is_active": false}))).await;
    assert_eq!((off.0, &off.1["is_active"]), (200, &json!(false)));
    let (status, refused) = Request::get("/api/v1/account").send(&world, &key).await;
    assert_eq!((status, &refused["code"]), (401, &json!("API_KEY_REFUSED")), "{refused}");
    assert_eq!(world.ask(Method::PATCH, &path, Some(&ada.token), Some(&json!({"is_active": true}))).await.0, 200);
    assert_eq!(Request::get("/api/v1/account").send(&world, &key).await.0, 200);
    let ends = json!({"name": "ends", "kind": "hmac", "type": "read", "expires_at_ms": now_ms() + 300});
    let ends = Key::made(&world, &ada.token, ends).await;
    eventually("the end of the key", async || {
        let (status, _) = Request::get("/api/v1/account").send(&world, &ends).await;
        (status == 401).then_some(())
    })
    .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_a_key_from_elsewhere_is_refused_and_its_user_reads_so() {
    let world = World::start().await;
    let ada = world.trader("ada").await;
    let body =
        |name: &str, networks: Value| json!({"name": name, "kind": "hmac", "type": "write", "ip_whitelist": networks});
    let here = Key::made(&world, &ada.token, body("here", json!(["192.0.2.0/24", "127.0.0.0/8"]))).await;
    let there = Key::made(&world, &ada.token, body("there", json!(["192.0.2.7", "2001:db8::/32"]))).await;
    assert_eq!(Request::get("/api/v1/account").send(&world, &here).await.0, 200);
    let (status, refused) = Request::get("/api/v1/account").send(&world, &there).await;
    assert_eq!((status, &refused["code"]), (401, &json!("API_KEY_REFUSED")), "{refused}");
    let row = eventually("the row of the refusal", async || {
        let logs = world.get("/api/v1/users/me/auth-logs?action=api_key_refused", Some(&ada.token)).await.1;
        logs["auth_logs"].as_array().unwrap().first().cloned()
    })
    .await;
    let details = json!({"reason": "address", "key": hex(&there.id)});
    assert_eq!(
        (&row["details"], &row["status"], &row["ip_address"]),
        (&details, &json!("failure"), &json!("127.0.0.1"))
    );
    // Who is let in is changed while the key is there.
    let path = format!("/api/v1/api-keys/{}", hex(&there.id));
    let open = json!({"ip_whitelist": []});
    let (status, edited) = world.ask(Method::PATCH, &path, Some(&ada.token), Some(&open)).await;
    assert_eq!((status, &edited["ip_whitelist"]), (200, &json!([])), "{edited}");
    assert_eq!(Request::get("/api/v1/account").send(&world, &there).await.0, 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_a_message_over_a_socket_may_say_until_when_it_is_good() {
    let clock = Clock::manual();
    clock.set(now_ms() * 1_000_000);
    let world = World::start_by(clock.clone()).await;
    let ada = world.trader("ada").await;
    let mut socket = world.session(&ada).await;
    let order = |timestamp: Value, recv_window: Value| {
        let mut ask = json!({"op": "order.place", "id": "o", "params": buy("100.00")});
        for (name, value) in [("timestamp", timestamp), ("recv_window", recv_window)] {
            if !value.is_null() {
                ask[name] = value;
            }
        }
        ask
    };
    for good in [order(json!(now_ms()), Value::Null), order(json!(now_ms()), json!(60_000))] {
        assert_eq!(socket.ask(good).await["ok"], json!(true));
    }
    for (late, code) in [
        (order(json!(now_ms() - 5_001), Value::Null), "TIMESTAMP_OUT_OF_WINDOW"),
        (order(json!(now_ms() + 60_000), Value::Null), "TIMESTAMP_OUT_OF_WINDOW"),
        (order(json!(now_ms()), json!(60_001)), "INVALID_FIELD"),
        (order(json!(now_ms()), json!(0)), "INVALID_FIELD"),
        (order(Value::Null, json!(5_000)), "INVALID_FIELD"),
    ] {
        let refused = socket.ask(late.clone()).await;
        assert_eq!((&refused["ok"], &refused["error"]["code"]), (&json!(false), &json!(code)), "{late}");
    }
    // The core comes to it a minute later than the gateway.
    clock.set((now_ms() + 60_000) * 1_000_000);
    for op in ["order.place", "order.cancel_all"] {
        let mut ask = json!({"op": op, "id": op, "timestamp": now_ms(), "recv_window": 5_000});
        if op == "order.place" {
            ask["params"] = buy("101.00");
        }
        let late = socket.ask(ask).await;
        assert_eq!(late["error"]["code"], json!("TIMESTAMP_OUT_OF_WINDOW"), "{late}");
    }
    let (_, open) = world.get("/api/v1/orders", Some(&ada.token)).await;
    assert_eq!(open.as_array().unwrap().len(), 2, "{open}");
    assert_eq!(socket.ask(order(Value::Null, Value::Null)).await["ok"], json!(true));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_attack_an_administrators_command_that_waits_too_long_is_not_carried_out() {
    let clock = Clock::manual();
    clock.set(now_ms() * 1_000_000);
    let world = World::start_by(clock.clone()).await;
    let (ada, eve) = (world.trader("ada").await, world.trader("eve").await);
    let role = format!("/api/v1/admin/users/{}/role", user_id(&world, &ada).await);
    assert_eq!(world.put(&role, json!({"role": "admin"})).await.0, 200);
    let (secret, _) = second_factor(&world, &world.log_in("ada@example.com").await).await;
    let (_, strong) = session(&world, "ada", Some(&code_of(&secret, 1))).await;
    let body = json!({"name": "operations", "kind": "hmac", "type": "admin"});
    let key = Key::made(&world, strong["access_token"].as_str().unwrap(), body).await;
    let switch = "/api/v1/admin/kill-switch";
    let engage = |engaged: bool| Request::new(Method::PUT, switch, &json!({"engaged": engaged}));
    for engaged in [true, false] {
        assert_eq!(engage(engaged).send(&world, &key).await.0, 200);
    }
    clock.set((now_ms() + 60_000) * 1_000_000);
    let (status, late) = engage(true).send(&world, &key).await;
    assert_eq!((status, &late["code"]), (401, &json!("TIMESTAMP_OUT_OF_WINDOW")), "{late}");
    let row = world.read("/api/v1/admin/log?limit=1").await["rows"][0].clone();
    assert_eq!((&row["status"], &row["code"]), (&json!("refused"), &json!("TIMESTAMP_OUT_OF_WINDOW")), "{row}");
    world.limit(&eve, "buy", "100.00", "0.01").await;
    // Who is out already is stopped all the same.
    let path = format!("/api/v1/admin/users/{}/suspension", user_id(&world, &eve).await);
    let suspend = Request::new(Method::PUT, &path, &json!({"reason": "wash trades"}));
    assert_eq!(suspend.send(&world, &key).await.0, 200);
    let account = world.read(&format!("/api/v1/admin/accounts/{}", eve.account.0)).await;
    assert_eq!(account["suspended"], json!(true), "{account}");
    // The operator's key has no window.
    assert_eq!(world.put(switch, json!({"engaged": true})).await.0, 200);
    world.stop().await;
}
