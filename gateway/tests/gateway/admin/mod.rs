//! The operator's routes: who is let in, and what each of them does.

mod accounts;
mod listing;
mod log;
mod margin;
mod markets;

use papertape_gateway::{GatewayConfig, document};
use papertape_platform::OperatorKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::edge::filled;
use crate::support::{OPERATOR, World, open_config};

/// Method, path and whether there is a body, of every route of the operator.
fn routes() -> Vec<(Method, String, bool)> {
    routes_with_templates().into_iter().map(|(method, path, _, has_body)| (method, path, has_body)).collect()
}

/// The same with the path as it is described.
fn routes_with_templates() -> Vec<(Method, String, String, bool)> {
    let document: Value = serde_json::from_str(&document()).unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let mut routes = Vec::new();
    for (path, item) in paths.filter(|(path, _)| path.starts_with("/api/v1/admin/")) {
        for (method, operation) in item.as_object().unwrap() {
            assert_eq!(operation["tags"], json!(["admin"]), "{method} {path}");
            assert_eq!(operation["security"], json!([{"operator": []}]), "{method} {path}");
            let method = method.to_uppercase().parse().unwrap();
            routes.push((method, filled(path), path.clone(), operation["requestBody"].is_object()));
        }
    }
    routes
}

#[tokio::test(flavor = "multi_thread")]
async fn api05_only_the_operators_key_opens_the_operators_routes() {
    let world = World::start().await;
    let trader = world.trader("curious").await;
    let routes = routes();
    assert!(routes.len() >= 30, "{routes:?}");
    for (method, path, has_body) in routes {
        let body = Some(json!({"unexpected": 1})).filter(|_| has_body);
        let ask = async |token: Option<&str>| world.ask(method.clone(), &path, token, body.as_ref()).await;
        let (status, missing) = ask(None).await;
        assert_eq!((status, &missing["code"]), (401, &json!("UNAUTHENTICATED")), "{method} {path}: {missing}");
        for wrong in ["x", &OPERATOR[1..], &format!("{OPERATOR}0"), &"0".repeat(10_000)] {
            let (status, refused) = ask(Some(wrong)).await;
            assert_eq!(status, 401, "{method} {path}");
            assert_eq!((&refused["code"], &refused["detail"]), (&missing["code"], &missing["detail"]), "{path}");
        }
        let (status, refused) = ask(Some(&trader.token)).await;
        assert_eq!((status, &refused["code"]), (403, &json!("FORBIDDEN")), "{method} {path}: {refused}");
        if has_body {
            let (status, refused) = ask(Some(OPERATOR)).await;
            assert_eq!(status, 400, "{method} {path}: {refused}");
            assert!(refused["detail"].as_str().unwrap().contains("unexpected"), "{method} {path}: {refused}");
        }
    }
    // The key is no user's.
    let (status, _) = world.get("/api/v1/account", Some(OPERATOR)).await;
    assert_eq!(status, 401);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn api04_wrong_keys_are_counted_and_the_right_one_is_not() {
    let config = GatewayConfig { operator_tries_per_minute: 3, ..open_config() };
    let world = World::start_with(config, ("USD", "100000.00"), |spec| spec).await;
    let ask = async |key: Option<&str>| world.raw(Method::GET, "/api/v1/admin/venue", key, None).await;
    for expected in [401, 401, 401, 429] {
        assert_eq!(ask(Some("guess")).await.status(), expected);
    }
    assert!(ask(Some("guess")).await.headers().contains_key("retry-after"));
    assert_eq!(ask(None).await.status(), 401, "none is no try");
    for _ in 0..5 {
        assert_eq!(ask(Some(OPERATOR)).await.status(), 200);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_nobody_is_the_operator() {
    let world = World::start_with(GatewayConfig::default(), ("USD", "1"), |spec| spec).await;
    let (status, _) = world.get("/api/v1/admin/venue", Some(OPERATOR)).await;
    assert_eq!(status, 401);
    world.stop().await;
}

#[test]
fn a_key_is_made_once_and_only_its_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (key, path) = OperatorKey::load(folder.path(), None).unwrap();
    assert_eq!(path, folder.path().join("operator.key"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!((text.len(), text.bytes().all(|byte| byte.is_ascii_hexdigit())), (64, true));
    assert!(key.is(&text) && !key.is(&text[1..]) && !key.is(""));
    assert!(!format!("{key:?}").contains(&text));
    // The same the next time, and another's file where one is named.
    let (again, _) = OperatorKey::load(folder.path(), None).unwrap();
    assert!(again.is(&text));
    let given = folder.path().join("given");
    assert!(OperatorKey::load(folder.path(), Some(&given)).is_err(), "a file that is named must be there");
    std::fs::write(&given, "short\n").unwrap();
    std::fs::set_permissions(&given, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(OperatorKey::load(folder.path(), Some(&given)).is_err());
    // One that no request could bring would lock everybody out.
    for unsendable in ["k".repeat(513), format!("{OPERATOR}\n{OPERATOR}"), "\u{e9}".repeat(32)] {
        std::fs::write(&given, unsendable).unwrap();
        assert!(OperatorKey::load(folder.path(), Some(&given)).is_err());
    }
    for sendable in ["k".repeat(512), "four words are a key as well, if long".to_owned()] {
        std::fs::write(&given, &sendable).unwrap();
        assert!(OperatorKey::load(folder.path(), Some(&given)).unwrap().0.is(&sendable));
    }
    std::fs::write(&given, format!("{OPERATOR}\n")).unwrap();
    let (key, path) = OperatorKey::load(folder.path(), Some(&given)).unwrap();
    assert!(key.is(OPERATOR) && path == given);
    std::fs::set_permissions(&given, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(OperatorKey::load(folder.path(), Some(&given)).is_err(), "others may read it");
}
