//! Phases, schedules, auctions, marks, fee tables and switches of markets.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{OPERATOR, World};

const MARKET: &str = "/api/v1/admin/instruments/BTC-USD";
const ORDERS: &str = "/api/v1/orders";

async fn refused(world: &World, method: Method, path: &str, body: Value, expected: (u16, &str)) {
    let (status, problem) = world.ask(method, path, Some(OPERATOR), Some(&body)).await;
    assert_eq!((status, problem["code"].as_str()), (expected.0, Some(expected.1)), "{path} {body}: {problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_market_is_halted_with_an_end_and_goes_on() {
    let world = World::start().await;
    let trader = world.trader("waiting").await;
    let path = format!("{MARKET}/phase");
    let ends = 4_000_000_000_000_u64;
    let (status, done) = world.put(&path, json!({"phase": "halted", "phase_ends_ms": ends})).await;
    assert_eq!((status, &done["instrument"]["phase"]), (200, &json!("halted")), "{done}");
    assert_eq!(done["instrument"]["phase_ends_ms"], json!(ends), "{done}");
    assert!(done["seq"].as_u64().unwrap() > 0);
    let body = json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": "1", "qty": "1"});
    let (status, problem) = world.post(ORDERS, Some(&trader.token), &body).await;
    assert_eq!((status, &problem["code"]), (409, &json!("INSTRUMENT_HALTED")), "{problem}");
    let (status, done) = world.put(&path, json!({"phase": "continuous"})).await;
    assert_eq!((status, &done["instrument"]["phase"]), (200, &json!("continuous")), "{done}");
    let (status, _) = world.post(ORDERS, Some(&trader.token), &body).await;
    assert_eq!(status, 201);

    for (body, expected) in [
        (json!({"phase": "continuous"}), (409, "PHASE_UNCHANGED")),
        (json!({"phase": "halted", "phase_ends_ms": 1}), (400, "INVALID_PHASE")),
        (json!({"phase": "halted", "auction": "opening"}), (400, "INVALID_PHASE")),
        (json!({"phase": "continuous", "phase_ends_ms": ends}), (400, "INVALID_PHASE")),
        (json!({"phase": "halted", "phase_ends_ms": u64::MAX}), (400, "INVALID_FIELD")),
        (json!({"phase": "asleep"}), (400, "INVALID_FIELD")),
    ] {
        refused(&world, Method::PUT, &path, body, expected).await;
    }
    let nowhere = "/api/v1/admin/instruments/NOPE-USD/phase";
    refused(&world, Method::PUT, nowhere, json!({"phase": "halted"}), (400, "UNKNOWN_INSTRUMENT")).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auction_collects_and_is_uncrossed() {
    let world = World::start().await;
    let (seller, buyer) = (world.trader("seller").await, world.trader("buyer").await);
    world.deposit_btc(&seller, 10).await;
    let (status, done) = world.put(&format!("{MARKET}/phase"), json!({"phase": "auction", "auction": "opening"})).await;
    assert_eq!((status, &done["instrument"]["auction"]), (200, &json!("opening")), "{done}");
    world.limit(&seller, "sell", "60000.00", "0.3").await;
    world.limit(&buyer, "buy", "61000.00", "0.2").await;
    let path = format!("{MARKET}/uncross");
    refused(&world, Method::POST, &path, json!({"reference_price": "0.001"}), (400, "INVALID_FIELD")).await;
    let body = json!({"reference_price": "60500.00", "then": "halted"});
    let (status, done) = world.post(&path, Some(OPERATOR), &body).await;
    assert_eq!((status, &done["price"], &done["qty"]), (200, &json!("60000.00"), &json!("0.20000")), "{done}");
    assert_eq!((&done["imbalance_side"], &done["imbalance_qty"]), (&json!("sell"), &json!("0.10000")), "{done}");
    assert_eq!(done["instrument"]["phase"], json!("halted"), "{done}");
    refused(&world, Method::POST, &path, json!({}), (409, "NOT_IN_AUCTION")).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_market_gets_a_day_and_loses_it() {
    let world = World::start().await;
    let path = format!("{MARKET}/schedule");
    let day = json!({"pre_open_ms": 1, "open_ms": 2, "closing_ms": 3, "close_ms": 4});
    let (status, done) = world.put(&path, day.clone()).await;
    assert_eq!((status, &done["instrument"]["schedule"]), (200, &day), "{done}");
    let (status, done) = world.ask(Method::DELETE, &path, Some(OPERATOR), None).await;
    assert_eq!((status, &done["instrument"]["schedule"]), (200, &Value::Null), "{done}");
    let late = json!({"pre_open_ms": 1, "open_ms": 2, "closing_ms": 3, "close_ms": 86_400_000});
    refused(&world, Method::PUT, &path, late, (400, "INVALID_SCHEDULE")).await;
    let missing = json!({"pre_open_ms": 1, "open_ms": 2, "closing_ms": 3});
    let (status, _) = world.put(&path, missing).await;
    assert_eq!(status, 400);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_price_and_a_fee_table_are_set() {
    let world = World::start().await;
    let path = format!("{MARKET}/mark");
    let (status, done) = world.put(&path, json!({"price": "60000.5"})).await;
    assert_eq!((status, &done["instrument"]["mark_price"]), (200, &json!("60000.50")), "{done}");
    refused(&world, Method::PUT, &path, json!({"price": "0"}), (422, "PRICE_OUT_OF_RANGE")).await;
    refused(&world, Method::PUT, &path, json!({"price": "1.005"}), (400, "INVALID_FIELD")).await;

    let path = format!("{MARKET}/fee-tiers");
    let tier = |volume: &str, maker: i32| json!({"min_volume": volume, "maker_fee_ppm": maker, "taker_fee_ppm": 900});
    let (status, done) = world.put(&path, json!({"tiers": [tier("1000", 800), tier("5000.5", 700)]})).await;
    let table = &done["instrument"]["fee_tiers"];
    assert_eq!((status, table.as_array().map(Vec::len)), (200, Some(3)), "{done}");
    assert_eq!((&table[2]["min_volume"], &table[2]["maker_fee_ppm"]), (&json!("5000.5"), &json!(700)), "{done}");
    let falling = json!({"tiers": [tier("2", 800), tier("1", 800)]});
    refused(&world, Method::PUT, &path, falling, (400, "INVALID_FEE_TIERS")).await;
    refused(&world, Method::PUT, &path, json!({"tiers": vec![tier("1", 1); 9]}), (400, "INVALID_FIELD")).await;
    refused(&world, Method::PUT, &path, json!({"tiers": [tier("x", 1)]}), (400, "INVALID_FIELD")).await;
    let (status, done) = world.put(&path, json!({"tiers": []})).await;
    assert_eq!((status, done["instrument"]["fee_tiers"].as_array().map(Vec::len)), (200, Some(1)), "{done}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_switches_stop_a_market_and_the_venue() {
    let world = World::start().await;
    let trader = world.trader("stopped").await;
    for (path, elsewhere) in [(format!("{MARKET}/kill-switch"), 201), ("/api/v1/admin/kill-switch".into(), 409)] {
        world.limit(&trader, "buy", "50000.00", "0.01").await;
        let (status, done) = world.put(&path, json!({"engaged": true})).await;
        assert_eq!((status, &done["orders_ended"]), (200, &json!(1)), "{path}: {done}");
        let order = |symbol: &str| json!({"symbol": symbol, "side": "buy", "type": "limit", "price": "1", "qty": "1"});
        let (status, problem) = world.post(ORDERS, Some(&trader.token), &order("BTC-USD")).await;
        assert_eq!((status, &problem["code"]), (409, &json!("KILL_SWITCH_ENGAGED")), "{problem}");
        let (status, placed) = world.post(ORDERS, Some(&trader.token), &order("ETH-USD")).await;
        assert_eq!(status, elsewhere, "{placed}");
        let venue = world.read("/api/v1/admin/venue").await;
        let whole = elsewhere == 409;
        assert_eq!(venue["kill_switch"], json!(whole), "{venue}");
        assert_eq!(venue["stopped_instruments"], if whole { json!([]) } else { json!(["BTC-USD"]) }, "{venue}");
        refused(&world, Method::PUT, &path, json!({"engaged": true}), (409, "SWITCH_UNCHANGED")).await;
        let (status, _) = world.put(&path, json!({"engaged": false})).await;
        assert_eq!(status, 200);
        let cancel = world.ask(Method::DELETE, ORDERS, Some(&trader.token), None).await;
        assert_eq!(cancel.0, 200);
    }
    world.stop().await;
}
