//! API2, broken authentication: tokens, refresh tokens, codes and passwords that do not open what they should not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use papertape_gateway::GatewayConfig;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use super::operations;
use crate::edge::filled;
use crate::support::{OPERATOR, PASSWORD, World, open_config};
use crate::totp_code::code_of;

/// A token of these two parts, signed with a key.
fn signed(header: &Value, claims: &Value, key: &[u8]) -> String {
    let text = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
    let mac = Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(text.as_bytes());
    format!("{text}.{}", BASE64.encode(mac.finalize().into_bytes()))
}

/// The parts of a token.
fn parts(token: &str) -> (Value, Value) {
    let part = |at: usize| serde_json::from_slice(&BASE64.decode(token.split('.').nth(at).unwrap()).unwrap()).unwrap();
    (part(0), part(1))
}

#[tokio::test(flavor = "multi_thread")]
async fn api02_attack_algorithm_none_confusion_and_forged_claims_open_no_route() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let (header, claims) = parts(&trader.token);
    let unsigned = |alg: &str| {
        let header = json!({"typ": "JWT", "alg": alg});
        format!("{}.{}.", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()))
    };
    let with = |name: &str, value: Value| {
        let mut other = claims.clone();
        other[name] = value;
        other
    };
    // The venue's key here is known: what is signed with it and says something else must not pass either.
    let key = [7; 32];
    let forged = [
        unsigned("none"),
        unsigned("None"),
        unsigned("HS256"),
        signed(&json!({"typ": "JWT", "alg": "RS256"}), &claims, &key),
        signed(&json!({"typ": "JWT", "alg": "HS512"}), &claims, &key),
        signed(&json!({"typ": "JWT", "alg": "none"}), &claims, &key),
        signed(&header, &claims, b"another key that is as long as it"),
        signed(&header, &claims, b""),
        signed(&header, &with("exp", json!(1)), &key),
        signed(&header, &with("nbf", json!(4_000_000_000_u64)), &key),
        signed(&header, &with("aud", json!("another")), &key),
        signed(&header, &with("iss", json!("another")), &key),
        signed(&header, &with("sub", json!("2")), &key),
        signed(&header, &with("sid", json!(2)), &key),
        signed(&header, &with("epoch", json!(-1)), &key),
        trader.token.clone() + "x",
    ];
    assert_eq!(world.get("/users/me", Some(&signed(&header, &claims, &key))).await.0, 200, "that is how it is signed");
    for token in &forged {
        let (status, refused) = world.get("/users/me", Some(token)).await;
        assert_eq!((status, &refused["code"]), (401, &json!("UNAUTHENTICATED")), "{token}: {refused}");
    }
    let (operations, _) = operations();
    for operation in operations.iter().filter(|operation| operation.is_users) {
        let path = filled(&operation.path).replace("{key}", "0");
        for token in [None, Some(forged[0].as_str()), Some(OPERATOR)] {
            let response = world.raw(operation.method.clone(), &path, token, None).await;
            assert_eq!(response.status(), 401, "{}", operation.name());
            assert_eq!(response.headers()["www-authenticate"], "Bearer", "{}", operation.name());
        }
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn api02_attack_refresh_reuse_ends_the_session_of_thief_and_owner() {
    let world = World::start().await;
    world.trader("ada").await;
    let begin = json!({"login": "ada", "password": PASSWORD});
    let (_, first) = world.post("/api/v1/sessions", None, &begin).await;
    let refresh =
        async |token: &Value| world.post("/api/v1/sessions/refresh", None, &json!({"refresh_token": token})).await;
    let (status, second) = refresh(&first["refresh_token"]).await;
    assert_eq!(status, 200);
    let (status, reused) = refresh(&first["refresh_token"]).await;
    assert_eq!((status, &reused["code"]), (401, &json!("REFRESH_REUSED")));
    assert_eq!(refresh(&second["refresh_token"]).await.0, 401);
    assert_eq!(world.get("/users/me", second["access_token"].as_str()).await.0, 401);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn api02_attack_a_totp_code_that_comes_eight_times_at_once_lets_one_in() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let enable = "/api/v2/users/me/2fa/enable";
    let (_, offer) = world.post(enable, Some(&trader.token), &json!({"password": PASSWORD})).await;
    let secret = offer["secret"].as_str().unwrap();
    assert_eq!(world.post(enable, Some(&trader.token), &json!({"code": code_of(secret, 0)})).await.0, 200);
    let body = json!({"login": "ada", "password": PASSWORD, "code": code_of(secret, 1)});
    let tries = (0..4).map(|_| {
        let request = world.http().post(world.url("/api/v1/sessions")).json(&body);
        tokio::spawn(async move { request.send().await.unwrap().status().as_u16() })
    });
    let mut statuses = Vec::new();
    for tried in tries.collect::<Vec<_>>() {
        statuses.push(tried.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 401, 401, 401]);
    world.stop().await;
}

/// The owner comes in from an address that was used before, however many guess from others meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn api02_attack_brute_force_is_slowed_down_and_the_owner_is_not_locked_out() {
    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let config = GatewayConfig { trusted_proxies, ..open_config() };
    let world = World::start_with(config, ("USD", "5.00"), |spec| spec).await;
    world.trader("ada").await;
    let from = async |address: &str, password: &str| {
        let request = world.http().post(world.url("/api/v1/sessions")).header("x-forwarded-for", address);
        let response = request.json(&json!({"login": "ada", "password": password})).send().await.unwrap();
        (response.status().as_u16(), response.headers().contains_key("retry-after"))
    };
    assert_eq!(from("192.0.2.1", PASSWORD).await, (201, false), "the owner was here before");
    let mut slowed = 0;
    for address in 0..6 {
        for _ in 0..6 {
            let (status, says_when) = from(&format!("198.51.100.{address}"), "a guess").await;
            assert_eq!(status == 429, says_when);
            slowed += u32::from(status == 429);
        }
    }
    assert!(slowed >= 3, "only {slowed} of 36 guesses waited");
    // Each that is let through makes the next ones wait longer, however slow this is.
    let mut waited = false;
    for address in 100..108 {
        waited |= from(&format!("198.51.100.{address}"), "a guess").await.0 == 429;
    }
    assert!(waited, "strange addresses wait, though they never guessed");
    assert_eq!(from("192.0.2.1", PASSWORD).await, (201, false), "the owner does not");
    // A wrong one of the owner's own costs no waiting either.
    assert_eq!(from("192.0.2.1", "mistyped").await.0, 401);
    assert_eq!(from("192.0.2.1", PASSWORD).await.0, 201);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn api02_what_is_taken_away_is_away_at_the_next_request() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let (_, me) = world.get("/users/me", Some(&trader.token)).await;
    for (method, what, body) in [
        (Method::PUT, "suspension", Some(json!({"reason": "a test"}))),
        (Method::DELETE, "suspension", None),
        (Method::PUT, "active", Some(json!({"is_active": false}))),
        (Method::PUT, "active", Some(json!({"is_active": true}))),
        (Method::PUT, "role", Some(json!({"role": "admin"}))),
        (Method::PUT, "role", Some(json!({"role": "user"}))),
        (Method::DELETE, "sessions", None),
    ] {
        let takes = method == Method::DELETE && what == "suspension"
            || what == "active" && body == Some(json!({"is_active": true}));
        let token = if takes { None } else { Some(world.log_in(&trader.email).await) };
        let path = format!("/api/v1/admin/users/{}/{what}", me["id"]);
        assert_eq!(world.ask(method.clone(), &path, Some(OPERATOR), body.as_ref()).await.0, 200, "{method} {what}");
        if let Some(token) = token {
            assert_eq!(world.get("/users/me", Some(&token)).await.0, 401, "after {method} {what}");
        }
    }
    world.stop().await;
}
