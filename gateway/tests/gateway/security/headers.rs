//! API8, security misconfiguration: what every answer says to browsers, whoever made it, and what no answer says.

use papertape_gateway::GatewayConfig;
use reqwest::{Method, Response};
use serde_json::json;

use super::operations;
use crate::edge::filled;
use crate::support::{OPERATOR, World, open_config};

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

fn assert_guarded(response: &Response, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(header(response, name), value, "{what}");
    }
    let policy = header(response, "content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"), "{what}: {policy}");
    assert!(header(response, "permissions-policy").contains("camera=()"), "{what}");
    assert!(!header(response, "x-request-id").is_empty(), "{what}");
    // Nothing says what runs here, and nobody else's page reads an answer.
    for absent in ["server", "x-powered-by", "via", "access-control-allow-origin", "access-control-allow-credentials"] {
        assert_eq!(header(response, absent), "", "{what} tells {absent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn api08_every_answer_of_every_route_page_and_failure_is_guarded() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let (operations, _) = operations();
    for operation in &operations {
        let path = filled(&operation.path).replace("{key}", "0");
        for token in [None, Some(trader.token.as_str()), Some(OPERATOR)] {
            let request = world.raw(operation.method.clone(), &path, token, None).await;
            let what = format!("{} {}", operation.name(), request.status());
            assert_guarded(&request, &what);
            let kind = header(&request, "content-type");
            let is_page = kind.starts_with("text/html");
            let policy = header(&request, "content-security-policy");
            assert!(is_page || policy.contains("default-src 'none'"), "{what}: {policy}");
            if operation.path.starts_with("/api/") {
                assert_eq!(header(&request, "cache-control"), "no-store", "{what}");
            }
        }
    }
    for path in ["/", "/docs", "/docs/viewer.js", "/nothing", "/api/v1/nothing", "/%2e%2e/%2e%2e/etc/passwd"] {
        assert_guarded(&world.raw(Method::GET, path, None, None).await, path);
    }
    let page = world.raw(Method::GET, "/", None, None).await;
    let policy = header(&page, "content-security-policy");
    assert!(policy.starts_with("default-src 'self'; ") && !policy.contains("script-src"), "{policy}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn api08_no_other_site_is_let_in_by_cors_and_no_odd_method_is_taken() {
    let world = World::start().await;
    let (operations, _) = operations();
    for operation in &operations {
        let path = filled(&operation.path).replace("{key}", "0");
        let preflight =
            world.http().request(Method::OPTIONS, world.url(&path)).header("origin", "https://evil.example");
        let preflight =
            preflight.header("access-control-request-method", operation.method.as_str()).send().await.unwrap();
        assert_eq!(preflight.status(), 405, "{}", operation.name());
        assert_guarded(&preflight, &operation.name());
        for odd in [Method::TRACE, Method::CONNECT, "PROPFIND".parse().unwrap()] {
            // A client would not send a CONNECT to a path.
            if odd != Method::CONNECT {
                let status = world.raw(odd.clone(), &path, None, None).await.status();
                assert_eq!(status, 405, "{odd} {path}");
            }
        }
    }
    world.stop().await;
}

/// A header that the client itself writes makes nobody believe that it came over TLS.
#[tokio::test(flavor = "multi_thread")]
async fn api08_who_came_over_tls_is_told_to_keep_to_it_and_nobody_else() {
    let over_tls = async |world: &World| {
        let request = world.http().get(world.url("/")).header("x-forwarded-proto", "https");
        header(&request.send().await.unwrap(), "strict-transport-security").to_owned()
    };
    let world = World::start().await;
    assert_eq!(over_tls(&world).await, "");
    world.stop().await;
    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let config = GatewayConfig { trusted_proxies, ..open_config() };
    let world = World::start_with(config, ("USD", "5.00"), |spec| spec).await;
    assert_eq!(over_tls(&world).await, "max-age=31536000");
    let plain = world.raw(Method::GET, "/", None, None).await;
    assert_eq!(header(&plain, "strict-transport-security"), "");
    world.stop().await;
    let public_url = "https://venue.example".to_owned();
    let world = World::start_with(GatewayConfig { public_url, ..open_config() }, ("USD", "5.00"), |spec| spec).await;
    let told = world.raw(Method::GET, "/api/v1/status", None, None).await;
    assert_eq!(header(&told, "strict-transport-security"), "max-age=31536000");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn api08_failures_tell_nothing_of_what_is_behind() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    for (path, token) in [
        ("/api/v1/admin/users?search=%27%20OR%201=1--", Some(OPERATOR)),
        ("/api/v1/admin/users/%27;DROP%20TABLE%20users", Some(OPERATOR)),
        ("/api/v1/users/me/auth-logs?action=%27%22%3B--", Some(trader.token.as_str())),
        ("/api/v1/orders/%00", Some(trader.token.as_str())),
        ("/pictures/..%2f..%2fplatform.db", None),
        ("/assets/..%2f..%2fplatform.db", None),
        ("/api/v1/depth?symbol=%27%27", None),
    ] {
        let response = world.raw(Method::GET, path, token, None).await;
        let status = response.status().as_u16();
        assert!(status < 500, "{path}: {status}");
        let text = response.text().await.unwrap().to_lowercase();
        for word in ["sqlite", "postgres", "sqlx", "sea_orm", "select ", "panicked", ".rs:", "backtrace"] {
            assert!(!text.contains(word), "{path} tells {word}: {text}");
        }
    }
    for (method, path, body) in [
        (Method::POST, "/api/v1/sessions", json!({"login": "a\0", "password": "x"})),
        (Method::POST, "/api/v1/password-reset", json!({"email": "a\0@example.com"})),
        (Method::PUT, "/api/v1/admin/users/1/suspension", json!({"reason": "a\0"})),
        (Method::PATCH, "/api/v1/users/me", json!({"display_name": "a\0"})),
        (Method::POST, "/api/v1/wallets", json!({"name": "a\0", "blockchain": "bitcoin"})),
        (Method::POST, "/api/v1/api-keys", json!({"name": "a\0", "kind": "hmac", "permissions": ["read"]})),
    ] {
        let token = if path.contains("admin") { OPERATOR } else { trader.token.as_str() };
        let (status, answer) = world.ask(method, path, Some(token), Some(&body)).await;
        assert!(status < 500, "{path}: {answer}");
    }
    for path in ["/api/v1/admin/users?search=%00", "/api/v1/admin/log?object=%00", "/api/v1/admin/auth-logs?action=%00"]
    {
        assert_eq!(world.get(path, Some(OPERATOR)).await.0, 400, "{path}");
    }
    assert_eq!(world.get("/pictures/%00", None).await.0, 404);
    assert_eq!(world.get("/users/me", Some(&trader.token)).await.0, 200, "the users are there still");
    world.stop().await;
}
