//! API9, improper inventory management: what is served is described, what is described says who may ask, and nothing old or
//! meant for others is open beside it.

use reqwest::Method;
use serde_json::Value;

use super::operations;
use crate::support::{OPERATOR, World};

/// What everybody may ask, without a token. A route that joins needs a reason here.
const EVERYBODYS: [&str; 26] = [
    // To become somebody.
    "POST /signup",
    "POST /login",
    "POST /api/v1/sessions",
    "POST /api/v1/sessions/refresh",
    "POST /api/v1/password-reset",
    "POST /api/v1/password-reset/confirm",
    "POST /api/v1/setup",
    // The market, which is public.
    "GET /api/v1/instruments",
    "GET /api/v1/depth",
    "GET /api/v1/trades",
    "GET /api/v1/candles",
    "GET /api/v1/tickers",
    "GET /udf/config",
    "GET /udf/time",
    "GET /udf/symbols",
    "GET /udf/search",
    "GET /udf/history",
    "GET /udf/quotes",
    "GET /api/v2/charting/history",
    "GET /ws/{ticker}",
    // Says who it is in its first message.
    "GET /api/v1/ws",
    // Whether there is a venue, and what it takes.
    "GET /healthz",
    "GET /readyz",
    "GET /api/v1/status",
    "GET /openapi.json",
    // Under a name that nobody can guess.
    "GET /pictures/{name}",
];

#[test]
fn api09_every_route_is_described_with_who_may_ask_it() {
    let (operations, document) = operations();
    for operation in &operations {
        let described = &document["paths"][&operation.path][operation.method.as_str().to_lowercase()];
        assert!(described["summary"].is_string(), "{} has no summary", operation.name());
        assert_eq!(described["tags"].as_array().map(Vec::len), Some(1), "{}", operation.name());
        let is_open = !operation.is_users && !operation.is_operators;
        assert!(
            !is_open || EVERYBODYS.contains(&operation.name().as_str()),
            "{} says nothing of who may ask it: security, or a line here",
            operation.name()
        );
        let responses = described["responses"].as_object().unwrap();
        assert!(is_open || responses.contains_key("401"), "{} may answer 401", operation.name());
        assert!(responses.contains_key("429"), "{} is counted", operation.name());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn api09_what_is_described_as_somebodys_is_refused_without_a_token() {
    let world = World::start().await;
    let (operations, _) = operations();
    for operation in operations.iter().filter(|operation| operation.is_users || operation.is_operators) {
        let path = crate::edge::filled(&operation.path).replace("{key}", "0");
        let (status, _) = world.ask(operation.method.clone(), &path, None, None).await;
        assert_eq!(status, 401, "{}", operation.name());
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn api09_nothing_is_served_beside_what_is_described() {
    let world = World::start().await;
    let (operations, _) = operations();
    let described = |path: &str| operations.iter().any(|operation| operation.path == path);
    let mut guesses: Vec<String> = [
        "/debug",
        "/debug/pprof",
        "/admin",
        "/actuator",
        "/console",
        "/graphql",
        "/.env",
        "/.git/config",
        "/api",
        "/api/v1",
        "/api/v1/admin",
        "/api/v1/internal",
        "/api/v1/debug",
        "/swagger",
        "/swagger.json",
        "/redoc",
        "/platform.db",
        "/operator.key",
        "/setup.token",
        "/secrets/jwt.key",
        "/journal/00000001.seg",
        "/server-status",
    ]
    .map(str::to_owned)
    .to_vec();
    // Other versions of what there is.
    for operation in &operations {
        for version in ["/api/v0/", "/api/v2/", "/api/v3/", "/api/"] {
            guesses.push(operation.path.replacen("/api/v1/", version, 1));
        }
    }
    let mut asked = 0;
    for path in guesses.iter().filter(|path| !described(path) && !path.contains('{')) {
        for token in [None, Some(OPERATOR)] {
            let status = world.raw(Method::GET, path, token, None).await.status();
            assert_eq!(status, 404, "{path} is served and not described");
        }
        asked += 1;
    }
    assert!(asked > 100, "only {asked} were asked");
    world.stop().await;
}

/// The document that is served is the one that is built, and names no host that was forgotten.
#[tokio::test(flavor = "multi_thread")]
async fn api09_the_document_names_no_other_host_and_is_the_one_that_is_served() {
    let world = World::start().await;
    let (_, document) = operations();
    let (status, served) = world.get("/openapi.json", None).await;
    assert_eq!((status, &served), (200, &document));
    let servers = document["servers"].as_array().cloned().unwrap_or_default();
    assert!(servers.iter().all(|server: &Value| server["url"].as_str().is_some_and(|url| url.starts_with('/'))));
    world.stop().await;
}
