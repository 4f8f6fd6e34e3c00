//! Attacks at the door, by name. What needs no socket is beside the code: algorithm none and confusion
//! (`platform/tests/platform/users.rs`), refresh tokens and codes in a race (`accounts.rs` there), forwarding headers
//! (`gateway/src/edge/network.rs`).

use std::net::SocketAddr;

use papertape_gateway::GatewayConfig;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{PASSWORD, World, open_config};

#[tokio::test(flavor = "multi_thread")]
async fn u11_attack_users_are_not_told_apart_by_what_is_said() {
    let world = World::start().await;
    world.trader("ada").await;
    let mut answers = Vec::new();
    for login in ["ada@example.com", "nobody@example.com", "ada", "nobody", ""] {
        let response = world
            .raw(Method::POST, "/api/v1/sessions", None, Some(&json!({"login": login, "password": "wrong"})))
            .await;
        let (status, authenticate) = (response.status().as_u16(), response.headers()["www-authenticate"].clone());
        let mut body: Value = response.json().await.unwrap();
        body["request_id"] = json!(null);
        answers.push((status, authenticate, body));
    }
    assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
    assert_eq!((answers[0].0, &answers[0].2["code"]), (401, &json!("WRONG_CREDENTIALS")));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u3_attack_nobody_assigns_what_is_not_offered() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    for (method, path, body) in [
        (Method::PATCH, "/api/v1/users/me", json!({"display_name": "x", "role": "admin"})),
        (Method::PATCH, "/api/v1/users/me", json!({"is_suspended": false})),
        (Method::PATCH, "/api/v1/users/me", json!({"id": 1})),
        (Method::PATCH, "/api/v1/users/me", json!({"account_id": 0})),
        (Method::PUT, "/api/v1/users/me/preferences", json!({"hashed_password": "x"})),
        (
            Method::POST,
            "/signup",
            json!({"email": "m@example.com", "password": PASSWORD, "confirm_password": PASSWORD, "role": "admin"}),
        ),
        (Method::POST, "/api/v1/sessions", json!({"login": "ada", "password": PASSWORD, "second_factor": true})),
    ] {
        let (status, refused) = world.ask(method, path, Some(&trader.token), Some(&body)).await;
        assert_eq!(status, 400, "{path} {body}: {refused}");
    }
    let (_, me) = world.get("/api/v1/users/me", Some(&trader.token)).await;
    assert_eq!((&me["role"], &me["display_name"]), (&json!("user"), &json!(null)));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u11_attack_a_password_of_a_hundred_megabytes_is_not_read() {
    let world = World::start().await;
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let head = "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 413", "it is answered before it was sent");
    // As long as a body may be: refused without a look at any hash.
    let long = "x".repeat(60_000);
    assert_eq!(world.post("/api/v1/sessions", None, &json!({"login": "ada", "password": long})).await.0, 401);
    assert_eq!(world.form("/login", &[("username", "ada"), ("password", &long)]).await.0, 401);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u13_attack_another_sites_page_neither_renews_nor_opens_a_socket() {
    let world = World::start().await;
    world.trader("ada").await;
    let host = world.address.to_string();
    let own = format!("http://{host}");
    let open = async |origin: &str| {
        let body = json!({"login": "ada", "password": PASSWORD, "cookie": true});
        world.http().post(world.url("/api/v1/sessions")).header("origin", origin).json(&body).send().await.unwrap()
    };
    assert_eq!(open("http://evil.example").await.status(), 403, "nobody is logged in by another site");
    let opened = open(&own).await;
    let cookie = opened.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly; SameSite=Strict") && !cookie.contains("Secure"), "{cookie}");
    assert!(opened.json::<Value>().await.unwrap().get("refresh_token").is_none(), "no script reads it");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let renew = async |origin: &str, cookie: &str| {
        let request = world.http().post(world.url("/api/v1/sessions/refresh")).header("origin", origin);
        request.header("cookie", cookie).json(&json!({})).send().await.unwrap()
    };
    assert_eq!(renew("http://evil.example", &cookie).await.status(), 403);
    assert_eq!(renew("null", &cookie).await.status(), 403);
    let renewed = renew(&own, &cookie).await;
    assert_eq!(renewed.status(), 200, "the refused ones used nothing up");
    // The cookie alone opens nothing else.
    let request = world.http().get(world.url("/api/v1/users/me")).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(request.status(), 401);
    let upgrade = format!(
        "GET /api/v1/ws HTTP/1.1\r\nHost: {host}\r\nOrigin: http://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nCookie: {cookie}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(upgrade.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 403");
    world.stop().await;
}

/// A log-in with a forwarding header; gives the status.
async fn forwarded(world: &World, header: &str) -> u16 {
    let request = world.http().post(world.url("/api/v1/sessions")).header("x-forwarded-for", header);
    let body = json!({"login": "nobody", "password": "wrong"});
    request.json(&body).send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn u18_attack_a_spoofed_forwarding_header_does_not_escape_the_limit() {
    let limited = || GatewayConfig { logins_per_minute: 2, ..open_config() };
    let world = World::start_with(limited(), ("USD", "5.00"), |spec| spec).await;
    assert_eq!((forwarded(&world, "192.0.2.1").await, forwarded(&world, "192.0.2.2").await), (401, 401));
    assert_eq!(forwarded(&world, "192.0.2.3").await, 429, "all are one address");
    world.stop().await;
    let trusted_proxies = vec![SocketAddr::from(([127, 0, 0, 1], 0)).ip().to_string().parse().unwrap()];
    let world = World::start_with(GatewayConfig { trusted_proxies, ..limited() }, ("USD", "5.00"), |spec| spec).await;
    for spoofed in ["1.1.1.1, 192.0.2.1", "2.2.2.2, 192.0.2.1"] {
        assert_eq!(forwarded(&world, spoofed).await, 401);
    }
    assert_eq!(forwarded(&world, "3.3.3.3, 192.0.2.1").await, 429, "what the client wrote itself does not count");
    assert_eq!(forwarded(&world, "192.0.2.9").await, 401, "behind the proxy there are others");
    let logs = world.read("/api/v1/admin/auth-logs?limit=1").await;
    assert_eq!(logs["auth_logs"][0]["ip_address"], "192.0.2.9");
    world.stop().await;
}
