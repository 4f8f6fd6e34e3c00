//! Rows U16, U17 and W1: what is hard to undo asks again who one is.

use papertape_gateway::GatewayConfig;
use reqwest::Method;
use serde_json::{Value, json};

use super::signed::Request;
use super::users::{second_factor, session};
use crate::support::{PASSWORD, Trader, World, open_config};
use crate::tcp::client::Key;
use crate::totp_code::code_of;

const STEP_UP: &str = "/api/v1/users/me/step-up";
const KEYS: &str = "/api/v1/api-keys";
const KEYS_V2: &str = "/api/v2/users/me/api-keys";

/// A venue that was started again: sessions are open, and nobody has shown a password to it.
async fn restarted(world: World) -> World {
    let dir = world.stop_keeping(async {}).await;
    let disk = std::sync::Arc::new(papertape_pipeline::RealDisk::default());
    World::start_in((dir, disk), open_config(), ("USD", "100000.00"), |spec| spec).await
}

fn key(name: &str) -> Value {
    json!({"name": name, "kind": "hmac", "type": "read"})
}

async fn refused(world: &World, path: &str, token: &str, body: Value, expected: (u16, &str)) {
    let (status, refused) = world.post(path, Some(token), &body).await;
    assert_eq!((status, &refused["code"]), (expected.0, &json!(expected.1)), "{path} {body}: {refused}");
}

async fn made(world: &World, path: &str, token: &str, body: Value) -> Value {
    let (status, made) = world.post(path, Some(token), &body).await;
    assert_eq!(status, 201, "{path} {body}: {made}");
    made
}

async fn steps_up(world: &World, token: &str, body: Value) {
    let (status, proven) = world.post(STEP_UP, Some(token), &body).await;
    assert_eq!((status, &proven), (200, &json!({"expires_in_s": 300})));
}

async fn actions(world: &World, trader: &Trader) -> Vec<Value> {
    let (_, logs) = world.get("/api/v1/users/me/auth-logs?limit=500", Some(&trader.token)).await;
    let rows = logs["auth_logs"].as_array().unwrap().iter();
    rows.map(|row| json!([row["action"], row["status"], row["details"]["reason"]])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn u17_a_key_is_made_by_whoever_has_just_logged_in_or_shows_the_password() {
    let world = World::start().await;
    let ada = world.trader("ada").await;
    made(&world, KEYS, &ada.token, key("first")).await;
    made(&world, KEYS_V2, &ada.token, json!({"name": "second", "permissions": ["read"]})).await;
    let world = restarted(world).await;
    let v2 = json!({"name": "third", "permissions": ["read"]});
    refused(&world, KEYS, &ada.token, key("third"), (403, "STEP_UP_REQUIRED")).await;
    refused(&world, KEYS_V2, &ada.token, v2.clone(), (403, "STEP_UP_REQUIRED")).await;
    let with = |password: &str| json!({"name": password, "kind": "hmac", "type": "read", "password": password});
    refused(&world, KEYS, &ada.token, with("wrong"), (403, "WRONG_PASSWORD")).await;
    refused(&world, STEP_UP, &ada.token, json!({"password": "wrong"}), (403, "WRONG_PASSWORD")).await;
    let code_alone = json!({"name": "third", "permissions": ["read"], "code": "123456"});
    refused(&world, KEYS_V2, &ada.token, code_alone, (400, "INVALID_FIELD")).await;
    refused(&world, KEYS_V2, &ada.token, v2.clone(), (403, "STEP_UP_REQUIRED")).await;
    let (_, keys) = world.get(KEYS, Some(&ada.token)).await;
    assert_eq!(keys.as_array().unwrap().len(), 2, "what was refused made none");
    steps_up(&world, &ada.token, json!({"password": PASSWORD})).await;
    made(&world, KEYS_V2, &ada.token, v2).await;
    let expected = json!([
        ["api_key_created", "success", null],
        ["step_up", "success", null],
        ["failed_login", "failure", "wrong_password"],
        ["failed_login", "failure", "wrong_password"],
    ]);
    assert_eq!(actions(&world, &ada).await[..4], expected.as_array().unwrap()[..]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u17_a_password_in_the_request_proves_this_session_and_no_other() {
    let world = World::start().await;
    let ada = world.trader("ada").await;
    let (_, other) = session(&world, "ada", None).await;
    let world = restarted(world).await;
    let with_password = json!({"name": "a", "kind": "hmac", "type": "read", "password": PASSWORD});
    made(&world, KEYS, &ada.token, with_password).await;
    made(&world, KEYS, &ada.token, key("b")).await;
    let token = other["access_token"].as_str().unwrap();
    refused(&world, KEYS, token, key("c"), (403, "STEP_UP_REQUIRED")).await;
    // Renewing shows no password.
    let refresh = json!({"refresh_token": other["refresh_token"]});
    let (status, renewed) = world.post("/api/v1/sessions/refresh", None, &refresh).await;
    assert_eq!(status, 200, "{renewed}");
    let renewed = renewed["access_token"].as_str().unwrap();
    refused(&world, KEYS, renewed, key("c"), (403, "STEP_UP_REQUIRED")).await;
    // Log-out ends what the session has shown with it.
    assert_eq!(world.ask(Method::DELETE, "/api/v1/sessions/current", Some(&ada.token), None).await.0, 200);
    refused(&world, KEYS, &ada.token, key("d"), (401, "UNAUTHENTICATED")).await;
    made(&world, KEYS, &world.log_in("ada@example.com").await, key("d")).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u17_a_key_is_widened_by_whoever_could_make_it_and_narrowed_by_every_session() {
    let world = World::start().await;
    let (ada, eve) = (world.trader("ada").await, world.trader("eve").await);
    let made = made(&world, KEYS, &ada.token, key("bot")).await;
    let path = format!("{KEYS}/{}", made["key"].as_str().unwrap());
    let world = restarted(world).await;
    let edit = async |token: &str, body: Value| {
        let (status, answer) = world.ask(Method::PATCH, &path, Some(token), Some(&body)).await;
        (status, answer["code"].as_str().unwrap_or_default().to_owned())
    };
    let required = (403, "STEP_UP_REQUIRED".to_owned());
    let done = (200, String::new());
    for (body, expected) in [
        (json!({"name": "another"}), &done),
        (json!({"is_active": true}), &done),
        (json!({"ip_whitelist": ["10.0.0.0/8", "192.0.2.7"]}), &done),
        (json!({"ip_whitelist": ["10.0.0.0/8"]}), &done),
        (json!({"ip_whitelist": ["10.1.0.0/16", "10.2.0.1"]}), &done),
        (json!({"ip_whitelist": ["10.0.0.0/8"]}), &required),
        (json!({"ip_whitelist": ["10.1.0.0/16", "192.0.2.7"]}), &required),
        (json!({"ip_whitelist": []}), &required),
        (json!({"is_active": false}), &done),
        (json!({"is_active": true}), &required),
        (json!({"name": "x", "is_active": true}), &required),
    ] {
        assert_eq!(&edit(&ada.token, body.clone()).await, expected, "{body}");
    }
    let (_, keys) = world.get(KEYS, Some(&ada.token)).await;
    let key = &keys[0];
    assert_eq!(
        (&key["name"], &key["is_active"], &key["ip_whitelist"]),
        (&json!("another"), &json!(false), &json!(["10.1.0.0/16", "10.2.0.1/32"])),
        "what was refused changed nothing"
    );
    assert_eq!(edit(&eve.token, json!({"is_active": true, "password": PASSWORD})).await.0, 404, "another's");
    let wrong = json!({"is_active": true, "password": "wrong"});
    assert_eq!(edit(&ada.token, wrong).await, (403, "WRONG_PASSWORD".to_owned()));
    assert_eq!(edit(&ada.token, json!({"is_active": true, "password": PASSWORD})).await, done);
    assert_eq!(edit(&ada.token, json!({"ip_whitelist": []})).await, done, "the session is proven");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u16_where_a_second_factor_is_on_a_password_alone_proves_nothing() {
    let world = World::start().await;
    let ada = world.trader("ada").await;
    made(&world, KEYS, &ada.token, key("before")).await;
    let (secret, codes) = second_factor(&world, &ada.token).await;
    // What was shown before it was turned on is not enough.
    refused(&world, KEYS, &ada.token, key("bot"), (403, "STEP_UP_REQUIRED")).await;
    refused(&world, STEP_UP, &ada.token, json!({"password": PASSWORD}), (403, "TWO_FACTOR_NEEDED")).await;
    let wrong = json!({"password": PASSWORD, "code": "000000"});
    refused(&world, STEP_UP, &ada.token, wrong, (403, "WRONG_CODE")).await;
    refused(&world, KEYS, &ada.token, key("bot"), (403, "STEP_UP_REQUIRED")).await;
    let code = json!({"password": PASSWORD, "code": code_of(&secret, 1)});
    steps_up(&world, &ada.token, code.clone()).await;
    made(&world, KEYS, &ada.token, key("bot")).await;
    refused(&world, STEP_UP, &ada.token, code, (403, "WRONG_CODE")).await;
    made(&world, KEYS, &ada.token, key("still")).await;
    // A log-in with the factor proves its session; a recovery code will do.
    let (status, strong) = session(&world, "ada", codes[0].as_str()).await;
    assert_eq!(status, 201, "{strong}");
    made(&world, KEYS_V2, strong["access_token"].as_str().unwrap(), json!({"name": "v2", "permissions": ["read"]}))
        .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w01_what_gives_an_account_away_asks_for_the_password_however_fresh_the_session_is() {
    let world = World::start().await;
    let ada = world.trader("ada").await;
    steps_up(&world, &ada.token, json!({"password": PASSWORD})).await;
    let (_, wallets) = world.get("/api/v1/wallets", Some(&ada.token)).await;
    let export = format!("/api/v1/wallets/{}/export", wallets[0]["id"]);
    for (method, path, body) in [
        (Method::POST, export.as_str(), json!({})),
        (Method::POST, "/api/v2/users/me/2fa/enable", json!({})),
        (Method::POST, "/api/v2/users/me/2fa/disable", json!({"code": "123456"})),
        (Method::PUT, "/api/v1/users/me/password", json!({"new_password": "another long password"})),
        (Method::PATCH, "/api/v1/users/me", json!({"email": "eve@example.com"})),
    ] {
        let (status, refused) = world.ask(method.clone(), path, Some(&ada.token), Some(&body)).await;
        assert_eq!(status, 400, "{path}: {refused}");
        let mut body = body;
        body["password"] = json!("wrong");
        let (status, refused) = world.ask(method, path, Some(&ada.token), Some(&body)).await;
        assert_eq!((status, &refused["code"]), (403, &json!("WRONG_PASSWORD")), "{path}: {refused}");
        // So that the five that are free are not used up.
        steps_up(&world, &ada.token, json!({"password": PASSWORD})).await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u18_attack_guessing_at_a_step_up_waits_as_guessing_at_a_log_in_does() {
    let world = World::start().await;
    let ada = world.trader("ada").await;
    for _ in 0..5 {
        refused(&world, STEP_UP, &ada.token, json!({"password": "wrong"}), (403, "WRONG_PASSWORD")).await;
    }
    refused(&world, STEP_UP, &ada.token, json!({"password": PASSWORD}), (429, "RATE_LIMITED")).await;
    let asked = world.raw(Method::POST, STEP_UP, Some(&ada.token), Some(&json!({"password": "wrong"}))).await;
    assert!(asked.headers().contains_key("retry-after"));
    let (status, waits) = world.form("/login", &[("username", "ada"), ("password", PASSWORD)]).await;
    assert_eq!((status, &waits["code"]), (429, &json!("RATE_LIMITED")), "one count for both: {waits}");
    let failed = actions(&world, &ada).await;
    assert_eq!(failed.iter().filter(|row| row[2] == "wrong_password").count(), 5, "{failed:?}");
    assert_eq!(failed[0], json!(["failed_login", "failure", "too_many_tries"]));
    world.stop().await;
    let config = GatewayConfig { logins_per_minute: 2, ..open_config() };
    let world = World::start_with(config, ("USD", "5.00"), |spec| spec).await;
    let ada = world.trader("ada").await;
    steps_up(&world, &ada.token, json!({"password": PASSWORD})).await;
    refused(&world, STEP_UP, &ada.token, json!({"password": PASSWORD}), (429, "RATE_LIMITED")).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_attack_a_key_proves_nothing_of_its_user() {
    let world = World::start().await;
    let ada = world.trader("ada").await;
    let bot = Key::hmac(&world, &ada).await;
    for (path, body) in [
        (STEP_UP, json!({"password": PASSWORD})),
        (KEYS, json!({"name": "x", "kind": "hmac", "type": "read", "password": PASSWORD})),
    ] {
        let (status, refused) = Request::post(path, &body).send(&world, &bot).await;
        assert_eq!((status, &refused["code"]), (403, &json!("PERMISSION_DENIED")), "{refused}");
    }
    assert_eq!(world.post(STEP_UP, None, &json!({"password": PASSWORD})).await.0, 401);
    assert_eq!(world.post(STEP_UP, Some(&ada.token), &json!({"password": PASSWORD, "role": "admin"})).await.0, 400);
    world.stop().await;
}
