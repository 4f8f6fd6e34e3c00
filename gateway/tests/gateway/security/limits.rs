//! API4, unrestricted resource consumption: what is too large, too many or too fast is refused, and says when to come back.

use papertape_gateway::GatewayConfig;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::operations;
use crate::edge::filled;
use crate::support::{OPERATOR, World, eventually, open_config};

/// A header of an answer, as text.
fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn limited(config: GatewayConfig) -> World {
    World::start_with(config, ("USD", "100000.00"), |spec| spec).await
}

#[tokio::test(flavor = "multi_thread")]
async fn api04_an_address_is_told_what_is_left_and_then_to_wait() {
    // The world itself asks until its markets are listed.
    let world = limited(GatewayConfig { requests_per_minute: 600, ..open_config() }).await;
    let mut left = u32::MAX;
    let mut refused = None;
    for _ in 0..700 {
        let response = world.raw(Method::GET, "/api/v1/instruments", None, None).await;
        assert_eq!(header(&response, "ratelimit-policy"), "\"requests\";q=600;w=60");
        let limit = header(&response, "ratelimit").to_owned();
        let remaining = limit.split(";r=").nth(1).unwrap().split(';').next().unwrap().parse().unwrap();
        if response.status() == 429 {
            refused = Some(response);
            break;
        }
        assert!(response.status() == 200 && !response.headers().contains_key("retry-after"));
        assert!(remaining <= left.saturating_add(1), "{limit} after {left}");
        left = remaining;
    }
    let refused = refused.expect("700 requests were taken");
    assert_eq!((left, header(&refused, "retry-after")), (0, "1"));
    assert!(header(&refused, "ratelimit").starts_with("\"requests\";r=0;t="));
    let problem: Value = refused.json().await.unwrap();
    assert_eq!(problem["code"], "RATE_LIMITED");
    // Whatever is asked, the page too: what has come back meanwhile is soon used up. And a balancer is answered.
    let mut statuses = Vec::new();
    while statuses.len() < 200 && !statuses.contains(&429) {
        statuses.push(world.raw(Method::GET, "/", None, None).await.status().as_u16());
    }
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    assert_eq!(world.raw(Method::GET, "/healthz", None, None).await.status(), 200);
    assert_eq!(world.raw(Method::GET, "/readyz", None, None).await.status(), 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn api04_orders_and_cancels_of_an_account_are_counted_apart_over_rest_and_socket_together() {
    let world = limited(GatewayConfig { orders_per_second: 1, ..open_config() }).await;
    let (ada, eve) = (world.trader("ada").await, world.trader("eve").await);
    let body =
        |price: &str| json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": price, "qty": "0.01"});
    let mut socket = world.session(&ada).await;
    let (mut over_rest, mut over_socket) = (0, 0);
    // As fast as it goes: more than one a second.
    for n in 0..40 {
        let response = world.raw(Method::POST, "/api/v1/orders", Some(&ada.token), Some(&body("50000"))).await;
        assert!(header(&response, "ratelimit-policy").contains("\"orders\";q=1;w=1"), "{:?}", response.headers());
        if response.status() == 429 {
            assert_eq!(header(&response, "retry-after"), "1");
            over_rest += 1;
        }
        let place = json!({"op": "order.place", "id": format!("p{n}"), "params": body("50000")});
        let answer = socket.ask(place).await;
        over_socket += u32::from(answer["error"]["code"] == "RATE_LIMITED");
        if over_rest > 0 && over_socket > 0 {
            break;
        }
    }
    assert!(over_rest > 0 && over_socket > 0, "{over_rest} and {over_socket} were refused");
    let cancelled = world.raw(Method::DELETE, "/api/v1/orders", Some(&ada.token), None).await;
    assert_eq!(
        (cancelled.status().as_u16(), header(&cancelled, "ratelimit-policy").contains("\"cancels\";q=2;w=1")),
        (200, true)
    );
    let other = world.raw(Method::POST, "/api/v1/orders", Some(&eve.token), Some(&body("50000"))).await;
    assert_eq!(other.status(), 201, "another account has its own share");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn api04_one_address_does_not_take_all_connections() {
    let world = limited(GatewayConfig { connections_per_address: 3, ..open_config() }).await;
    // A connection of the requests that prepared the world may be open still, and takes a place until it is gone.
    let mut sockets = Vec::new();
    eventually("three at once", async || {
        for path in ["/api/v1/ws", "/ws/BTC-USD", "/api/v1/ws", "/api/v1/ws"] {
            let stream = TcpStream::connect(world.address).await.unwrap();
            let url = format!("ws://{}{path}", world.address);
            sockets.extend(tokio_tungstenite::client_async(url, stream).await);
        }
        (sockets.len() >= 3).then_some(())
    })
    .await;
    assert_eq!(sockets.len(), 3, "at once");
    let ask = async || {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        let asked = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        let mut heard = Vec::new();
        let read = stream.read_to_end(&mut heard).await;
        asked.is_ok() && read.is_ok() && heard.starts_with(b"HTTP/1.1 200")
    };
    for _ in 0..3 {
        assert!(!ask().await, "a fourth is closed at once");
    }
    drop(sockets);
    eventually("a place", async || ask().await.then_some(())).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn api04_log_ins_sign_ups_and_wrong_keys_say_what_is_left() {
    let config = GatewayConfig {
        logins_per_minute: 2,
        sign_ups_per_minute: 2,
        operator_tries_per_minute: 2,
        requests_per_minute: 0,
        ..open_config()
    };
    let world = limited(config).await;
    let wrong = json!({"login": "nobody", "password": "wrong"});
    for (method, path, token, body, name) in [
        (Method::POST, "/api/v1/sessions", None, Some(&wrong), "logins"),
        (Method::POST, "/api/v1/password-reset", None, Some(&json!({"email": "x"})), "sign-ups"),
        (Method::GET, "/api/v1/admin/venue", Some("guess"), None, "operator-tries"),
        (Method::PUT, "/api/v1/admin/kill-switch", Some("guess"), Some(&json!({"engaged": true})), "operator-tries"),
    ] {
        let mut last = 0;
        for _ in 0..3 {
            let response = world.raw(method.clone(), path, token, body).await;
            assert_eq!(header(&response, "ratelimit-policy"), format!("\"{name}\";q=2;w=60"), "{path}");
            last = response.status().as_u16();
        }
        assert_eq!(last, 429, "{path}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn api04_attack_a_body_of_a_hundred_megabytes_is_read_by_no_route() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let (operations, document) = operations();
    let mut asked = 0;
    for operation in operations {
        let is_form = operation.path == "/login";
        if operation.json_body(&document).is_none() && !is_form && !operation.path.ends_with("/picture") {
            continue;
        }
        if operation.method == Method::DELETE {
            continue;
        }
        let token = if operation.is_operators { OPERATOR } else { trader.token.as_str() };
        let kind = if is_form { "application/x-www-form-urlencoded" } else { "application/json" };
        let path = filled(&operation.path).replace("{key}", "0");
        let head = format!(
            "{} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: {kind}\r\nContent-Length: 104857600\r\n\r\n",
            operation.method
        );
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.unwrap();
        assert_eq!(std::str::from_utf8(&status).unwrap(), "HTTP/1.1 413", "{} waits for it", operation.name());
        asked += 1;
    }
    assert!(asked >= 35, "only {asked} were asked");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn api04_no_list_gives_more_than_a_page() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let (operations, _) = operations();
    let mut asked = 0;
    for operation in operations.iter().filter(|operation| operation.in_query().iter().any(|name| name == "limit")) {
        if operation.path.starts_with("/udf/") || operation.path.starts_with("/api/v2/charting") {
            continue;
        }
        let token = if operation.is_operators { OPERATOR } else { trader.token.as_str() };
        for limit in ["0", "1000000", "-1", "18446744073709551616", "x"] {
            let path = format!("{}?symbol=BTC-USD&limit={limit}", filled(&operation.path));
            let (status, refused) = world.ask(operation.method.clone(), &path, Some(token), None).await;
            assert_eq!(status, 400, "{} with limit={limit}: {refused}", operation.name());
            asked += 1;
        }
    }
    assert!(asked >= 35, "only {asked} were asked");
    world.stop().await;
}
