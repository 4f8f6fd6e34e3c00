//! `/metrics`: a text that a strict reader takes, whose numbers move with what happens.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use papertape_gateway::GatewayConfig;
use reqwest::Method;
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::{OPERATOR, World, eventually, open_config};

/// Samples by name and labels, as they are written.
#[derive(Debug, PartialEq)]
struct Scrape(BTreeMap<String, f64>);

impl Scrape {
    async fn of(world: &World) -> Self {
        let response = world.raw(Method::GET, "/metrics", Some(OPERATOR), None).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        Self(read(&response.text().await.unwrap()))
    }

    fn get(&self, sample: &str) -> f64 {
        *self.0.get(sample).unwrap_or_else(|| panic!("no {sample} in {:#?}", self.0))
    }

    /// 0 where it is not told yet.
    fn count(&self, sample: &str) -> f64 {
        self.0.get(sample).copied().unwrap_or(0.0)
    }
}

/// Reads the format and accepts nothing else: HELP and TYPE before the samples of each family, families once and in one
/// piece, known characters, no sample twice, and buckets that add up.
fn read(text: &str) -> BTreeMap<String, f64> {
    let (mut samples, mut families) = (BTreeMap::new(), BTreeSet::new());
    let (mut family, mut kind) = (String::new(), String::new());
    assert!(text.ends_with('\n'));
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, words) = help.split_once(' ').unwrap();
            assert!(is_name(name) && words.ends_with('.') && !words.contains('\\'), "{line}");
            let (typed, of) = lines.next().unwrap().strip_prefix("# TYPE ").unwrap().split_once(' ').unwrap();
            assert!(typed == name && ["counter", "gauge", "histogram"].contains(&of), "{line}");
            assert_eq!(of == "counter", name.ends_with("_total"), "{name}");
            assert!(families.insert(name.to_owned()), "{name} comes twice");
            (family, kind) = (name.to_owned(), of.to_owned());
            continue;
        }
        let (sample, value) = line.rsplit_once(' ').unwrap();
        let name = sample.split('{').next().unwrap();
        let suffixes: &[&str] = if kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
        assert!(suffixes.iter().any(|suffix| name == format!("{family}{suffix}")), "{line} in {family}");
        labels(&sample[name.len()..]);
        let value: f64 = value.parse().unwrap();
        assert!(value >= 0.0 && value.is_finite(), "{line}");
        assert!(samples.insert(sample.to_owned(), value).is_none(), "{sample} comes twice");
    }
    for family in families.iter().filter(|family| samples.contains_key(&format!("{family}_count"))) {
        let of = |(name, count): (&String, &f64)| {
            let bound = name.strip_prefix(&format!("{family}_bucket{{le=\""))?.strip_suffix("\"}")?;
            Some((bound.parse::<f64>().unwrap(), *count))
        };
        let mut buckets: Vec<_> = samples.iter().filter_map(of).collect();
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(buckets.len() > 2 && buckets.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{family}: {buckets:?}");
        assert_eq!(*buckets.last().unwrap(), (f64::INFINITY, samples[&format!("{family}_count")]));
    }
    samples
}

fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.bytes().all(plain) && text.starts_with(|first: char| first.is_ascii_lowercase())
}

/// `{name="value",…}` or nothing.
fn labels(text: &str) {
    let Some(inner) = text.strip_prefix('{') else { return assert_eq!(text, "") };
    let mut rest = inner.strip_suffix('}').unwrap();
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"").unwrap();
        assert!(is_name(name), "{text}");
        let (value, after) = after.split_once('"').unwrap();
        assert!(!value.is_empty() && !value.contains('\\'), "{text}: no label here needs an escape");
        rest = after.strip_prefix(',').unwrap_or(after);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q4_numbers_move_with_orders_sockets_and_refusals() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let before = Scrape::of(&world).await;
    assert_eq!(before.get("papertape_ready"), 1.0);
    assert_eq!(before.get("papertape_core_failed") + before.get("papertape_journal_failed"), 0.0);
    assert!(before.get("process_start_time_seconds") > 1.7e9);
    assert_eq!(before.get(r#"papertape_build_info{version="0.1.0",durability="group"}"#), 1.0);

    for price in ["10.00", "11.00", "12.00"] {
        world.limit(&trader, "buy", price, "0.1").await;
    }
    let dear = json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": "90000.00", "qty": "100"});
    assert_eq!(world.post("/api/v1/orders", Some(&trader.token), &dear).await.0, 422);
    assert_eq!(world.get("/nowhere/at-all", None).await.0, 404);
    let mut session = world.session(&trader).await;
    let tile = world.socket("/ws/BTC-USD").await;
    let refused = session.ask(json!({"op": "order.place", "id": "x", "params": dear})).await;
    assert_eq!(refused["error"]["code"], "INSUFFICIENT_FUNDS");
    let after = eventually("both sockets", async || {
        let scrape = Scrape::of(&world).await;
        let open = scrape.get(r#"papertape_ws_connections{kind="ticker"}"#);
        (open == 1.0 && scrape.get("papertape_projector_lag_commands") == 0.0).then_some(scrape)
    })
    .await;

    let grew = |sample: &str| after.count(sample) - before.count(sample);
    let orders =
        |status| format!(r#"papertape_http_requests_total{{route="/api/v1/orders",method="POST",status="{status}"}}"#);
    assert_eq!((grew(&orders("2xx")), grew(&orders("4xx"))), (3.0, 1.0));
    assert_eq!(grew(r#"papertape_http_requests_total{route="other",method="GET",status="4xx"}"#), 1.0);
    assert_eq!(grew(r#"papertape_refusals_total{code="INSUFFICIENT_FUNDS",over="http"}"#), 1.0);
    assert_eq!(grew(r#"papertape_refusals_total{code="INSUFFICIENT_FUNDS",over="ws"}"#), 1.0);
    assert_eq!(grew(r#"papertape_refusals_total{code="NOT_FOUND",over="http"}"#), 1.0);
    assert_eq!(grew("papertape_command_answer_seconds_count"), 5.0);
    assert!(grew("papertape_command_answer_seconds_sum") > 0.0);
    assert_eq!(grew(r#"papertape_ws_connections{kind="session"}"#), 1.0);
    assert_eq!(grew("papertape_ws_messages_received_total"), 2.0);
    assert!(grew("papertape_ws_messages_sent_total") >= 2.0);
    assert!(grew("papertape_connections_accepted_total") >= 8.0);
    assert!(grew("papertape_journal_durable_seq") >= 5.0 && grew("papertape_told_seq") >= 5.0);
    assert!(grew("papertape_journal_sync_seconds_count") >= 5.0, "each answer waited for a sync");
    assert!(after.get("papertape_core_heartbeat_age_seconds") < 3.0);
    assert!(after.get("papertape_ring_lag_events") <= after.get("papertape_ring_capacity_events"));

    drop((session, tile));
    eventually("no socket", async || {
        let scrape = Scrape::of(&world).await;
        let open = |kind| scrape.get(&format!(r#"papertape_ws_connections{{kind="{kind}"}}"#));
        (open("session") + open("ticker") == 0.0).then(|| {
            assert_eq!(scrape.get(r#"papertape_ws_closed_total{code="none"}"#), 2.0);
        })
    })
    .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_the_operators_or_those_of_a_port_of_their_own() {
    let config = GatewayConfig { drain: Duration::ZERO, ..open_config() };
    let world = World::start_with(config, ("USD", "100000.00"), |spec| spec).await;
    let trader = world.trader("ada").await;
    assert_eq!(world.get("/metrics", None).await.0, 401);
    assert_eq!(world.get("/metrics", Some("a wrong key")).await.0, 401);
    assert_eq!(world.get("/metrics", Some(&trader.token)).await.0, 403);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let gateway = Arc::clone(&world.gateway);
    let watched = tokio::spawn(async move { gateway.serve_metrics(listener).await });
    let get = async |path: &str| world.http().get(format!("{base}{path}")).send().await.unwrap();
    let samples = read(&get("/metrics").await.text().await.unwrap());
    assert!(samples[r#"papertape_http_requests_total{route="/metrics",method="GET",status="4xx"}"#] >= 3.0);
    for (path, status) in [("/healthz", 200), ("/readyz", 200), ("/api/v1/instruments", 404), ("/", 404)] {
        assert_eq!(get(path).await.status(), status, "{path}");
    }
    let gateway = Arc::downgrade(&world.gateway);
    let stopping = tokio::spawn(async move { watched.await.unwrap() });
    world.stop_after(async { stopping.await.unwrap() }).await;
    assert!(gateway.upgrade().is_none());
}
