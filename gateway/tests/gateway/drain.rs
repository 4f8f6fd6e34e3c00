//! The end of a venue, in its order: not ready, told, no new orders, cancels, gone.

use std::time::Duration;

use papertape_gateway::GatewayConfig;
use reqwest::Method;
use serde_json::json;
use tokio::time::Instant;

use crate::support::{World, open_config};

async fn draining(drain: Duration) -> World {
    let config = GatewayConfig { drain, ..open_config() };
    World::start_with(config, ("USD", "100000.00"), |spec| spec).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_venue_that_drains_takes_cancels_and_no_orders() {
    let mut world = draining(Duration::from_secs(4)).await;
    let trader = world.trader("ada").await;
    assert_eq!(world.get("/readyz", None).await.0, 200);
    let first = world.limit(&trader, "buy", "10.00", "0.1").await;
    let second = world.limit(&trader, "buy", "11.00", "0.1").await;
    let third = world.limit(&trader, "buy", "12.00", "0.1").await;
    let mut session = world.session(&trader).await;
    let begun = Instant::now();
    world.begin_to_stop();

    let notice = session.until(|heard| heard["type"] == "server_shutdown").await;
    assert_eq!(notice["closes_in_ms"], 4_000);
    assert!(notice["time_ms"].as_u64().unwrap() > 1_700_000_000_000);
    let (status, refused) = world.get("/readyz", None).await;
    assert_eq!((status, &refused["code"]), (503, &json!("STOPPING")));
    assert_eq!(world.get("/healthz", None).await.0, 200);

    let order = json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": "10.00", "qty": "0.1"});
    let (status, refused) = world.post("/api/v1/orders", Some(&trader.token), &order).await;
    assert_eq!((status, &refused["code"]), (503, &json!("STOPPING")));
    let trade = json!({"symbol": "BTC-USD", "trade_type": "BUY", "quantity": 0.1, "price": "10.00"});
    let (status, refused) = world.post("/trade", Some(&trader.token), &trade).await;
    assert_eq!((status, &refused["code"]), (503, &json!("STOPPING")), "{refused}");
    let refused = session.ask(json!({"op": "order.place", "id": "p", "params": order})).await;
    assert_eq!(refused["error"]["code"], "STOPPING");
    let amend = json!({"order_id": second["order_id"], "qty": "0.2"});
    let refused = session.ask(json!({"op": "order.amend", "id": "a", "params": amend})).await;
    assert_eq!(refused["error"]["code"], "STOPPING");

    let path = format!("/api/v1/orders/{}", first["order_id"].as_str().unwrap());
    let (status, ended) = world.ask(Method::DELETE, &path, Some(&trader.token), None).await;
    assert_eq!((status, &ended["status"]), (200, &json!("cancelled")), "{ended}");
    let cancel = json!({"order_id": second["order_id"]});
    let ended = session.ask(json!({"op": "order.cancel", "id": "c", "params": cancel})).await;
    assert_eq!(ended["order"]["status"], "cancelled", "{ended}");
    let ended = session.ask(json!({"op": "order.cancel_all", "id": "d"})).await;
    assert_eq!(ended["cancelled"][0]["order_id"], third["order_id"], "{ended}");

    assert!(begun.elapsed() < Duration::from_secs(4), "all of that in the drain");
    assert_eq!(session.close_code().await, Some(1001));
    world.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_drain_a_session_is_told_and_closed_at_once() {
    let mut world = draining(Duration::ZERO).await;
    let trader = world.trader("ada").await;
    let mut session = world.session(&trader).await;
    world.begin_to_stop();
    let notice = session.until(|heard| heard["type"] == "server_shutdown").await;
    assert_eq!(notice["closes_in_ms"], 0);
    assert_eq!(session.close_code().await, Some(1001));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_ends_when_nobody_is_connected() {
    let world = draining(Duration::from_secs(30)).await;
    let trader = world.trader("ada").await;
    drop(world.session(&trader).await);
    let begun = Instant::now();
    world.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(15), "it waited for nobody");
}
