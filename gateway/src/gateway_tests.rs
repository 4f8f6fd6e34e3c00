//! What no route of the venue does: a handler that panics.

use std::future::pending;

use axum::routing::post;
use papertape_engine::{Asset, Symbol};
use papertape_pipeline::{Boot, RealDisk, Venue, VenueConfig};
use papertape_platform::{OperatorKey, Peppers, ProjectionWriter, Secrets, SignUpCredit, UsersConfig, WalletKeys};

use super::*;
use crate::edge::operator::Operator;

const OPERATOR: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A gateway before a venue without markets.
async fn gateway(dir: &std::path::Path) -> (Gateway, Venue, ProjectionWriter) {
    let wallets = WalletKeys::parse("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=").unwrap();
    let secrets = Secrets { jwt: vec![7; 32], peppers: Peppers::new(vec![8; 32], Vec::new()), wallets };
    let url = format!("sqlite://{}?mode=rwc", dir.join("platform.db").display());
    let platform = Platform::open(&url, &secrets, &UsersConfig::default()).await.unwrap();
    let (mut projector, projections, writer) = Projector::start(&platform).await.unwrap();
    let locked = Boot::lock(VenueConfig { segment_bytes: 1 << 20, ..VenueConfig::new(dir) }).unwrap();
    let boot = locked.on(Arc::new(RealDisk::default())).recover(0, |output| projector.push(output)).unwrap();
    let views = Views::load(boot.engine(), &platform, boot.last_seq()).await.unwrap();
    let mut venue = boot.with_subscribers(1).start().unwrap();
    let (client, subscriber) = (venue.client(), venue.take_subscriber().unwrap());
    let usd = Asset { symbol: Symbol::new("USD").unwrap(), decimals: 8 };
    let accounts = Accounts::new(Arc::clone(platform.users()), SignUpCredit::parse(&[usd], ("USD", "5.00")));
    let views = Arc::new(RwLock::new(views));
    let parts = Parts { platform, accounts, projector, projections, views, client, subscriber };
    let operator_key = Some(OperatorKey::new(OPERATOR.as_bytes()).unwrap());
    let config = GatewayConfig { operator_key, ..GatewayConfig::default() };
    (Gateway::start(&config, parts).unwrap(), venue, writer)
}

async fn panics(_: Operator) {
    panic!("an action of a test");
}

#[tokio::test(flavor = "multi_thread")]
async fn u18_an_action_that_panics_is_written_down() {
    let dir = tempfile::tempdir().unwrap();
    let (gateway, venue, writer) = gateway(dir.path()).await;
    let (routes, document) = openapi::documented();
    let router = gateway.router_of((routes.route("/api/v1/admin/panics", post(panics)), document));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/v1/admin/panics", listener.local_addr().unwrap());
    let (limits, counted) = (gateway.limits.clone(), Arc::<Opened>::default());
    let serving = tokio::spawn(async move { listen::serve(listener, router, limits, &counted, pending()).await });
    let stranger = reqwest::Client::new().post(&url).bearer_auth("guess").send().await.unwrap();
    assert_eq!(stranger.status(), 401);
    let answer = reqwest::Client::new().post(&url).bearer_auth(OPERATOR).send().await.unwrap();
    assert_eq!(answer.status(), 500);
    let receipt = answer.headers()["papertape-admin-log"].to_str().unwrap().to_owned();
    let problem: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(problem["code"], "INTERNAL");
    let log = gateway.app.platform.admin_log();
    let rows = log.page(&Default::default(), 9).await.unwrap();
    assert_eq!(rows.len(), 1, "one row, and none of a stranger");
    let row = &rows[0];
    assert_eq!((row.action.as_str(), row.actor.as_str()), ("POST /api/v1/admin/panics", "operator"));
    assert_eq!((row.status.as_str(), row.code.as_deref()), ("unknown", Some("INTERNAL")));
    assert_eq!(receipt, format!("1-{}", row.hash));
    serving.abort();
    assert!(serving.await.is_err());
    tokio::task::spawn_blocking(move || {
        venue.stop().unwrap();
        gateway.finish();
    })
    .await
    .unwrap();
    writer.stop().await;
}
