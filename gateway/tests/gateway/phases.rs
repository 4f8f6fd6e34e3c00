//! Phases from outside: what a market says of its auction, and orders that wait for one.

use papertape_engine::{Bands, Command, InstrumentId, InstrumentSpec, Phase, Purpose, Schedule, Stage};
use serde_json::{Value, json};

use crate::support::{DEADLINE, World, eventually};

const ORDERS: &str = "/api/v1/orders";

fn limit(side: &str, price: &str, qty: &str, time_in_force: &str) -> Value {
    json!({"symbol": "BTC-USD", "side": side, "type": "limit", "price": price, "qty": qty, "time_in_force": time_in_force})
}

async fn command(world: &World, command: Command) {
    let client = world.client.clone();
    tokio::task::spawn_blocking(move || client.call(command, DEADLINE).unwrap()).await.unwrap();
}

/// A market whose auctions last an hour.
fn interrupted(spec: InstrumentSpec) -> InstrumentSpec {
    let bands = Bands { static_points: 0, dynamic_points: 100 };
    InstrumentSpec { bands, volatility_auction_ns: 3_600_000_000_000, ..spec }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volatility_auction_is_told_with_what_it_would_trade() {
    let world = World::start_ruled(interrupted).await;
    let (seller, buyer) = (world.trader("seller").await, world.trader("buyer").await);
    world.deposit_btc(&seller, 10).await;
    world.limit(&seller, "sell", "60000.00", "0.1").await;
    world.limit(&buyer, "buy", "60000.00", "0.1").await;
    world.limit(&seller, "sell", "61000.00", "0.3").await;
    let order = world.limit(&buyer, "buy", "61000.00", "0.2").await;
    assert_eq!((&order["status"], &order["leaves_qty"]), (&json!("new"), &json!("0.20000")), "{order}");
    let schedule = Schedule { pre_open_ns: 0, open_ns: 1_000_000, closing_ns: 2_000_000, close_ns: 3_000_000 };
    command(&world, Command::SetSchedule { instrument: InstrumentId(0), schedule: Some(schedule) }).await;
    let market = eventually("the schedule", async || {
        let (_, markets) = world.get("/api/v1/instruments", None).await;
        Some(markets[0].clone()).filter(|market| !market["schedule"].is_null())
    })
    .await;
    let day = json!({"pre_open_ms": 0, "open_ms": 1, "closing_ms": 2, "close_ms": 3});
    assert_eq!(market["schedule"], day, "{market}");
    assert_eq!((&market["phase"], &market["auction"]), (&json!("auction"), &json!("volatility")), "{market}");
    assert_eq!(market["bands"]["volatility_auction_ms"], 3_600_000, "{market}");
    assert!(market["phase_ends_ms"].as_u64().is_some(), "{market}");
    let mut session = world.socket("/api/v1/ws").await;
    session.ask(json!({"op": "subscribe", "id": "1", "channel": "ticker", "symbol": "BTC-USD"})).await;
    let ticker = session.until(|heard| !heard["data"]["indicative"].is_null()).await;
    let would = json!({"price": "61000.00", "qty": "0.20000", "imbalance_side": "sell", "imbalance_qty": "0.10000"});
    assert_eq!(ticker["data"]["indicative"], would, "{ticker}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_at_the_open_waits_for_its_auction() {
    let world = World::start().await;
    let (seller, buyer) = (world.trader("seller").await, world.trader("buyer").await);
    world.deposit_btc(&seller, 10).await;
    let (status, order) = world.post(ORDERS, Some(&buyer.token), &limit("buy", "60000.00", "0.2", "at_open")).await;
    assert_eq!(
        (status, &order["status"], &order["time_in_force"]),
        (201, &json!("waiting"), &json!("at_open")),
        "{order}"
    );
    let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD", None).await;
    assert_eq!(depth["bids"], json!([]), "{depth}");
    let mut refused = limit("buy", "60000.00", "0.2", "at_close");
    refused["post_only"] = json!(true);
    let (status, refused) = world.post(ORDERS, Some(&buyer.token), &refused).await;
    assert_eq!((status, &refused["code"]), (400, &json!("AT_AUCTION_PLAIN")), "{refused}");
    let stage = Stage { phase: Phase::Auction, purpose: Purpose::Opening, until_ns: None };
    command(&world, Command::SetPhase { instrument: InstrumentId(0), stage }).await;
    world.limit(&seller, "sell", "59000.00", "0.1").await;
    let uncross = Command::Uncross { instrument: InstrumentId(0), reference: None, then: Phase::Continuous };
    command(&world, uncross).await;
    let path = format!("{ORDERS}/{}", order["order_id"].as_str().unwrap_or_default());
    let order = eventually("the end of the order", async || {
        let (_, order) = world.get(&path, Some(&buyer.token)).await;
        Some(order).filter(|order| order["status"] == "cancelled")
    })
    .await;
    let found = (&order["status"], &order["filled_qty"], &order["cancel_reason"]);
    assert_eq!(found, (&json!("cancelled"), &json!("0.10000"), &json!("AUCTION_REMAINDER")), "{order}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imbalance_only_order_offsets_what_its_auction_leaves_over() {
    let world = World::start().await;
    let (seller, buyer) = (world.trader("seller").await, world.trader("buyer").await);
    world.deposit_btc(&seller, 10).await;
    let mut body = limit("buy", "60000.00", "0.2", "gtc");
    body["imbalance_only"] = json!(true);
    let (status, refused) = world.post(ORDERS, Some(&buyer.token), &body).await;
    assert_eq!((status, &refused["code"]), (400, &json!("INVALID_IMBALANCE_ONLY")), "{refused}");
    body["time_in_force"] = json!("at_open");
    let (status, order) = world.post(ORDERS, Some(&buyer.token), &body).await;
    let found = (status, &order["status"], &order["imbalance_only"], &order["type"]);
    assert_eq!(found, (201, &json!("waiting"), &json!(true), &json!("limit")), "{order}");
    let stage = Stage { phase: Phase::Auction, purpose: Purpose::Opening, until_ns: None };
    command(&world, Command::SetPhase { instrument: InstrumentId(0), stage }).await;
    world.limit(&seller, "sell", "59000.00", "0.4").await;
    world.limit(&buyer, "buy", "59000.00", "0.3").await;
    let uncross = Command::Uncross { instrument: InstrumentId(0), reference: None, then: Phase::Continuous };
    command(&world, uncross).await;
    let path = format!("{ORDERS}/{}", order["order_id"].as_str().unwrap_or_default());
    let order = eventually("the end of the order", async || {
        let (_, order) = world.get(&path, Some(&buyer.token)).await;
        Some(order).filter(|order| order["status"] == "cancelled")
    })
    .await;
    // It is read from the database now.
    let found = (&order["imbalance_only"], &order["price"], &order["filled_qty"], &order["cancel_reason"]);
    let expected = (&json!(true), &json!("59000.00"), &json!("0.10000"), &json!("AUCTION_REMAINDER"));
    assert_eq!(found, expected, "{order}");
    assert_eq!((&order["type"], &order["avg_price"]), (&json!("limit"), &json!("59000.00")), "{order}");
    world.stop().await;
}
