//! What holds for every request.

use std::time::Duration;

use papertape_engine::{CancelCause, Reason};
use papertape_gateway::{GatewayConfig, document};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{DEADLINE, PASSWORD, World};

#[tokio::test(flavor = "multi_thread")]
async fn q1_unknown_paths_methods_and_huge_bodies_fail_in_the_venues_shape() {
    let world = World::start().await;
    let huge = json!({"symbol": "x".repeat(70_000)});
    let trader = world.trader("ada").await;
    for (method, path, body, status, code) in [
        (Method::GET, "/api/v1/nothing", None, 404, "NOT_FOUND"),
        (Method::GET, "/nothing", None, 404, "NOT_FOUND"),
        (Method::PUT, "/api/v1/orders", None, 405, "METHOD_NOT_ALLOWED"),
        (Method::GET, "/signup", None, 405, "METHOD_NOT_ALLOWED"),
        (Method::POST, "/api/v1/orders", Some(&huge), 413, "BODY_TOO_LARGE"),
        (Method::POST, "/trade", Some(&huge), 413, "BODY_TOO_LARGE"),
        (Method::POST, "/api/v1/orders", None, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ] {
        let response = world.raw(method.clone(), path, Some(&trader.token), body).await;
        assert_eq!(response.status(), status, "{method} {path}");
        let kind = if path.starts_with("/api/") { "application/problem+json" } else { "application/json" };
        assert_eq!(response.headers()["content-type"], kind, "{method} {path}");
        let failure: Value = response.json().await.unwrap();
        assert_eq!(failure["code"], code, "{method} {path}");
        assert!(failure["detail"].is_string());
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_security_headers_and_its_request_id() {
    let world = World::start().await;
    for path in ["/", "/healthz", "/api/v1/instruments", "/nothing"] {
        let response = world.http().get(world.url(path)).header("x-request-id", "mine-7").send().await.unwrap();
        let headers = response.headers();
        assert!(headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["x-request-id"], "mine-7");
    }
    let page = world.http().get(world.url("/")).send().await.unwrap();
    assert_eq!(
        (page.status().as_u16(), &page.headers()["content-type"]),
        (200, &"text/html; charset=utf-8".parse().unwrap())
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q4_log_ins_and_sign_ups_are_limited_per_address() {
    let config = GatewayConfig { logins_per_minute: 3, sign_ups_per_minute: 2, ..GatewayConfig::default() };
    let world = World::start_with(config, ("USD", "5.00"), |spec| spec).await;
    let statuses = async |path: &str| {
        let mut statuses = Vec::new();
        for _ in 0..4 {
            let response = if path == "/login" {
                let request = world.http().post(world.url(path)).body("username=a%40b.cd&password=x");
                request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap()
            } else {
                let body = json!({"email": "no", "password": PASSWORD, "confirm_password": PASSWORD});
                world.raw(Method::POST, path, None, Some(&body)).await
            };
            if response.status() == 429 {
                assert!(response.headers().contains_key("retry-after"));
            }
            statuses.push(response.status().as_u16());
        }
        statuses
    };
    assert_eq!(statuses("/login").await, [401, 401, 401, 429]);
    assert_eq!(statuses("/signup").await, [400, 400, 429, 429]);
    world.stop().await;
}

/// The page's words for refusals and causes are checked against its copy of the document.
#[test]
fn q4_the_document_names_every_refusal_and_cause_and_so_does_the_page() {
    let document: Value = serde_json::from_str(&document()).unwrap();
    let copy = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/src/lib/openapi.ts");
    let copy = std::fs::read_to_string(copy).unwrap();
    let causes = CancelCause::ALL.iter().map(|cause| cause.name()).collect::<Vec<_>>();
    let reasons = Reason::ALL.iter().map(|reason| reason.name()).collect::<Vec<_>>();
    for (schema, names) in [("CancelReason", causes), ("ReasonCode", reasons)] {
        assert_eq!(document["components"]["schemas"][schema]["enum"], json!(names), "{schema}");
        let missing: Vec<_> = names.iter().filter(|name| !copy.contains(&format!("'{name}'"))).collect();
        assert!(missing.is_empty(), "npm run types, for {missing:?}");
    }
}

#[test]
fn a1_the_document_says_where_keys_sign_and_where_they_do_not() {
    let document: Value = serde_json::from_str(&document()).unwrap();
    let both = json!([{"bearer": []}, {"signed": []}]);
    for (path, method) in [("/api/v1/orders", "post"), ("/api/v1/account", "get"), ("/trade", "post")] {
        let operation = &document["paths"][path][method];
        assert_eq!((&operation["security"], operation["responses"]["403"].is_object()), (&both, true), "{path}");
    }
    for (path, method) in [("/api/v1/wallets", "get"), ("/api/v1/api-keys", "post"), ("/api/v1/users/me", "get")] {
        assert_eq!(document["paths"][path][method]["security"], json!([{"bearer": []}]), "{path}");
    }
    assert_eq!(document["components"]["securitySchemes"]["signed"]["name"], "papertape-key");
}

#[tokio::test(flavor = "multi_thread")]
async fn q4_the_document_describes_every_route_with_its_failures() {
    let document: Value = serde_json::from_str(&document()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let operations = |path: &str| {
        let item = document["paths"][path].as_object().unwrap_or_else(|| panic!("{path} is not described"));
        item.keys().cloned().collect::<Vec<_>>()
    };
    for (path, methods) in [
        ("/signup", vec!["post"]),
        ("/login", vec!["post"]),
        ("/users/me", vec!["get"]),
        ("/trade", vec!["post"]),
        ("/portfolio", vec!["get"]),
        ("/trades", vec!["get"]),
        ("/ws/{ticker}", vec!["get"]),
        ("/healthz", vec!["get"]),
        ("/openapi.json", vec!["get"]),
        ("/api/v1/status", vec!["get"]),
        ("/api/v1/instruments", vec!["get"]),
        ("/api/v1/depth", vec!["get"]),
        ("/api/v1/trades", vec!["get"]),
        ("/api/v1/candles", vec!["get"]),
        ("/api/v1/tickers", vec!["get"]),
        ("/api/v1/fills", vec!["get"]),
        ("/udf/config", vec!["get"]),
        ("/udf/time", vec!["get"]),
        ("/udf/symbols", vec!["get"]),
        ("/udf/search", vec!["get"]),
        ("/udf/history", vec!["get"]),
        ("/udf/quotes", vec!["get"]),
        ("/api/v2/charting/history", vec!["get"]),
        ("/api/v1/account", vec!["get"]),
        ("/api/v1/account/fees", vec!["get"]),
        ("/api/v1/account/margin", vec!["get"]),
        ("/api/v1/account/borrow", vec!["post"]),
        ("/api/v1/account/repay", vec!["post"]),
        ("/api/v1/orders", vec!["delete", "get", "post"]),
        ("/api/v1/orders/{order_id}", vec!["delete", "get", "patch"]),
        ("/api/v1/orders/{order_id}/story", vec!["get"]),
        ("/api/v1/ws", vec!["get"]),
        ("/api/v1/api-keys", vec!["get", "post"]),
        ("/api/v1/api-keys/{key}", vec!["delete", "patch"]),
        ("/api/v2/users/me/api-keys", vec!["get", "post"]),
        ("/api/v2/users/me/api-keys/{key}", vec!["delete"]),
        ("/api/v1/wallets", vec!["get", "post"]),
        ("/api/v1/wallets/{wallet_id}", vec!["get", "patch"]),
        ("/api/v1/wallets/{wallet_id}/export", vec!["post"]),
    ] {
        let mut described = operations(path);
        described.sort();
        assert_eq!(described, methods, "{path}");
    }
    let world = World::start().await;
    let (_, served) = world.get("/openapi.json", None).await;
    assert_eq!(served, document);
    for (path, item) in served["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            let fails = responses.keys().any(|status| status.starts_with(['4', '5']));
            assert!(fails || path == "/openapi.json", "{method} {path} describes no failure");
            // What is described is routed: none of them is an unknown path or method.
            let method = method.to_uppercase().parse().unwrap();
            let status = world.raw(method, &filled(path), None, None).await.status();
            // A picture that is not there is 404 as well; that there is one is looked at elsewhere.
            let may_miss = path == "/pictures/{name}";
            assert!((status != 404 || may_miss) && status != 405, "{path} is described and not routed: {status}");
        }
    }
    for (path, method) in [("/signup", "post"), ("/login", "post"), ("/trade", "post"), ("/api/v1/orders", "post")] {
        for status in ["408", "413", "415", "503", "504"] {
            let described = &served["paths"][path][method]["responses"][status];
            assert!(described.is_object(), "{method} {path} may answer {status}");
        }
    }
    assert!(served["components"]["schemas"]["OrderBody"]["example"].is_object());
    for scheme in ["bearer", "operator"] {
        assert_eq!(served["components"]["securitySchemes"][scheme]["scheme"], "bearer");
    }
    world.stop().await;
}

/// What stands in a path is described as such, and what does not is in the query or a header: programs are made from it.
#[test]
fn q4_parameters_are_where_the_document_says() {
    let document: Value = serde_json::from_str(&document()).unwrap();
    let mut queries = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let named = |of: &str| {
                let of = parameters.iter().filter(move |parameter| parameter["in"] == of);
                of.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
            };
            let mut in_path: Vec<_> = path.split(['{', '}']).skip(1).step_by(2).map(str::to_owned).collect();
            let mut described = named("path");
            in_path.sort();
            described.sort();
            assert_eq!(described, in_path, "{method} {path}");
            queries += named("query").len();
        }
    }
    assert!(queries >= 40, "only {queries} parameters of queries are described");
}

/// The viewer is served under the policy of every answer, and asks for nothing that the policy forbids.
#[tokio::test(flavor = "multi_thread")]
async fn the_description_has_a_viewer() {
    let world = World::start().await;
    for (path, kind, word) in [
        ("/docs", "text/html; charset=utf-8", "/docs/viewer.js"),
        ("/docs/", "text/html; charset=utf-8", "/docs/viewer.css"),
        ("/docs/viewer.js", "text/javascript; charset=utf-8", "/openapi.json"),
        ("/docs/viewer.css", "text/css; charset=utf-8", "color-scheme"),
    ] {
        let response = world.raw(Method::GET, path, None, None).await;
        assert_eq!(
            (response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()),
            (200, kind),
            "{path}"
        );
        assert!(response.headers().contains_key("content-security-policy"));
        assert!(response.text().await.unwrap().contains(word), "{path}");
    }
    for (method, path) in [(Method::GET, "/docs/none.js"), (Method::POST, "/docs")] {
        assert_eq!(world.raw(method, path, None, None).await.status(), 404);
    }
    world.stop().await;
}

/// A path with something in the place of each of its parameters.
pub(crate) fn filled(path: &str) -> String {
    let [order, list, account] = ["{order_id}", "{list_id}", "{account_id}"];
    let path = path.replace(order, "1").replace(list, "1").replace(account, "1");
    let path = path.replace("{user_id}", "1").replace("{session_id}", "1").replace("{name}", "x");
    path.replace("{wallet_id}", "1").replace("{symbol}", "BTC-USD").replace("{asset}", "BTC")
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_limit_wait_until_another_ends() {
    let config = GatewayConfig { connections_max: 2, ..GatewayConfig::default() };
    let world = World::start_with(config, ("USD", "5.00"), |spec| spec).await;
    let (mut first, second) = (world.socket("/api/v1/ws").await, world.socket("/ws/BTC-USD").await);
    let mut third = TcpStream::connect(world.address).await.unwrap();
    third.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    for _ in 0..10 {
        first.ask(json!({"op": "ping", "id": "1"})).await;
    }
    let mut answer = vec![0; 12];
    assert!(third.try_read(&mut answer).is_err(), "answered beyond the limit");
    drop(second);
    timeout(DEADLINE, third.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(answer, b"HTTP/1.1 200");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_never_ends_its_request_is_closed() {
    let config = GatewayConfig { head_within: Duration::from_millis(50), ..GatewayConfig::default() };
    let world = World::start_with(config, ("USD", "5.00"), |spec| spec).await;
    for begun in ["", "GET /healthz HTTP/1.1\r\nHo"] {
        let mut slow = TcpStream::connect(world.address).await.unwrap();
        slow.write_all(begun.as_bytes()).await.unwrap();
        timeout(DEADLINE, slow.read_to_end(&mut Vec::new())).await.unwrap().unwrap();
    }
    world.stop().await;
}
