//! Orders that wait for a trigger, and market-to-limit orders, from outside.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Trader, World, eventually};

/// A market order to sell one BTC that waits for this.
fn stop(trigger: &Value) -> Value {
    json!({"symbol": "BTC-USD", "side": "sell", "type": "market", "qty": "1", "trigger": trigger})
}

/// A venue where BTC-USD last traded at 60,000.00, one who waits with ten BTC, and one who makes prices.
async fn traded() -> (World, Trader, Trader) {
    let world = World::start().await;
    let (trader, maker) = (world.trader("patient").await, world.trader("maker").await);
    for who in [&trader, &maker] {
        world.deposit_btc(who, 10).await;
    }
    print_at(&world, &maker, "60000.00").await;
    (world, trader, maker)
}

/// Lets a trade happen at this price, of the maker with somebody else.
async fn print_at(world: &World, maker: &Trader, price: &str) {
    let other = world.trader(&format!("other-{}", price.replace('.', "-"))).await;
    world.limit(maker, "sell", price, "0.01").await;
    let order = world.limit(&other, "buy", price, "0.01").await;
    assert_eq!(order["status"], "filled", "{order}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_is_listed_as_open_and_fires() {
    let (world, trader, maker) = traded().await;
    let token = Some(trader.token.as_str());
    let mut session = world.session(&trader).await;
    session.ask(json!({"op": "subscribe", "id": "o", "channel": "orders"})).await;

    let (status, order) = world.post("/api/v1/orders", token, &stop(&json!({"kind": "stop", "price": "59000"}))).await;
    let trigger = json!({"kind": "stop", "price": "59000.00", "trail": null, "trail_bps": null});
    assert_eq!((status, &order["status"], &order["trigger"]), (201, &json!("waiting"), &trigger), "{order}");
    assert_eq!(
        (&order["triggered_price"], &order["list_id"], &order["price"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    let (_, open) = world.get("/api/v1/orders", token).await;
    assert_eq!((open.as_array().unwrap().len(), &open[0]), (1, &order), "{open}");
    let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD", None).await;
    assert_eq!(depth["asks"], json!([]), "what waits shows in no depth: {depth}");
    let (_, account) = world.get("/api/v1/account", token).await;
    let held = account["balances"].as_array().unwrap().iter().find(|balance| balance["asset"] == "BTC").unwrap();
    assert_eq!((&held["free"], &held["held"]), (&json!("9"), &json!("1")));
    let path = format!("/api/v1/orders/{}", order["order_id"].as_str().unwrap());
    let (status, refused) = world.ask(Method::PATCH, &path, token, Some(&json!({"qty": "2"}))).await;
    assert_eq!((status, &refused["code"]), (409, &json!("ORDER_WAITS")), "{refused}");

    world.limit(&maker, "buy", "58900.00", "1").await;
    print_at(&world, &maker, "58950.00").await;
    let told = session.until(|heard| heard["event"] == "triggered").await;
    assert_eq!((&told["data"]["order_id"], &told["data"]["status"]), (&order["order_id"], &json!("new")), "{told}");
    assert_eq!(told["data"]["triggered_price"], "58950.00");
    let fill = session.until(|heard| heard["event"] == "trade").await;
    assert_eq!((&fill["fill"]["price"], &fill["data"]["status"]), (&json!("58900.00"), &json!("filled")), "{fill}");
    let closed = eventually("the row", async || {
        let (_, closed) = world.get("/api/v1/orders?status=closed", token).await;
        closed.as_array().unwrap().first().cloned()
    })
    .await;
    assert_eq!((&closed["trigger"], &closed["triggered_price"]), (&trigger, &json!("58950.00")), "{closed}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trailing_stop_follows_and_a_take_profit_comes_as_a_limit_order() {
    let (world, trader, maker) = traded().await;
    let token = Some(trader.token.as_str());
    let trailing = stop(&json!({"kind": "stop", "trail": "500.00"}));
    let (status, trailing) = world.post("/api/v1/orders", token, &trailing).await;
    assert_eq!((status, &trailing["trigger"]["trail"]), (201, &json!("500.00")), "{trailing}");
    let profit = json!({"symbol": "BTC-USD", "side": "sell", "type": "limit", "price": "62000", "qty": "2",
        "trigger": {"kind": "take_profit", "price": "61000", "trail_bps": 50}, "client_order_id": "profit"});
    let (status, profit) = world.post("/api/v1/orders", token, &profit).await;
    assert_eq!((status, &profit["trigger"]["trail_bps"], &profit["status"]), (201, &json!(50), &json!("waiting")));

    // Up to 61,000: the take-profit begins to trail; the stop is now at 60,500.
    print_at(&world, &maker, "61000.00").await;
    let (_, open) = world.get("/api/v1/orders", token).await;
    assert!(open.as_array().unwrap().iter().all(|order| order["status"] == "waiting"), "{open}");
    // 61,000 less half a percent is 60,695.
    print_at(&world, &maker, "60695.00").await;
    let (_, profit) = world.get(&format!("/api/v1/orders/{}", profit["order_id"].as_str().unwrap()), token).await;
    assert_eq!((&profit["status"], &profit["triggered_price"]), (&json!("new"), &json!("60695.00")), "{profit}");
    let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD", None).await;
    assert_eq!(depth["asks"], json!([["62000.00", "2.00000"]]), "{depth}");
    print_at(&world, &maker, "60500.00").await;
    let (_, trailing) = world.get(&format!("/api/v1/orders/{}", trailing["order_id"].as_str().unwrap()), token).await;
    assert_eq!(
        (&trailing["status"], &trailing["cancel_reason"]),
        (&json!("cancelled"), &json!("IMMEDIATE_REMAINDER")),
        "it fired, and nobody bid: {trailing}"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_market_to_limit_order_rests_at_the_price_that_it_got() {
    let (world, trader, maker) = traded().await;
    let mut session = world.session(&trader).await;
    session.ask(json!({"op": "subscribe", "id": "o", "channel": "orders"})).await;
    world.limit(&maker, "sell", "60100.00", "0.4").await;
    world.limit(&maker, "sell", "60200.00", "1").await;
    let order = json!({"symbol": "BTC-USD", "side": "buy", "type": "market_to_limit", "qty": "1"});
    let (status, order) = world.post("/api/v1/orders", Some(&trader.token), &order).await;
    assert_eq!(
        (status, &order["type"], &order["price"]),
        (201, &json!("market_to_limit"), &json!("60100.00")),
        "{order}"
    );
    assert_eq!((&order["status"], &order["leaves_qty"]), (&json!("partially_filled"), &json!("0.60000")));
    let told = session.until(|heard| heard["event"] == "rested").await;
    assert_eq!((&told["data"]["order_id"], &told["data"]["price"]), (&order["order_id"], &json!("60100.00")), "{told}");
    let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD", None).await;
    assert_eq!(
        (&depth["bids"], &depth["asks"]),
        (&json!([["60100.00", "0.60000"]]), &json!([["60200.00", "1.00000"]]))
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q1_every_refusal_of_a_trigger_says_why() {
    let (world, trader, _) = traded().await;
    let wait = |trigger: Value, extra: Value| {
        let mut body = stop(&trigger);
        for (key, value) in extra.as_object().unwrap() {
            body[key] = value.clone();
        }
        body
    };
    let below = json!({"kind": "stop", "price": "59000.00"});
    for (body, status, code) in [
        (wait(json!({"kind": "stop"}), json!({})), 400, "INVALID_TRIGGER"),
        (wait(json!({"kind": "stop", "trail_bps": 10_000}), json!({})), 400, "INVALID_TRIGGER"),
        (wait(json!({"kind": "stop", "trail": "0"}), json!({})), 400, "INVALID_TRIGGER"),
        (wait(json!({"kind": "stop", "trail": "1", "trail_bps": 1}), json!({})), 400, "INVALID_FIELD"),
        (wait(json!({"kind": "stop", "trail": "0.001"}), json!({})), 400, "INVALID_FIELD"),
        (wait(json!({"kind": "stop", "price": "59000.001"}), json!({})), 400, "INVALID_FIELD"),
        (wait(json!({"kind": "later", "price": "59000"}), json!({})), 400, "INVALID_FIELD"),
        (wait(json!({"kind": "stop", "price": "0"}), json!({})), 422, "PRICE_OUT_OF_RANGE"),
        (wait(below.clone(), json!({"qty": null, "quote_qty": "100"})), 400, "TRIGGER_NEEDS_QTY"),
        (wait(below.clone(), json!({"post_only": true})), 400, "POST_ONLY_NOT_RESTING"),
        (wait(below.clone(), json!({"qty": "11"})), 422, "INSUFFICIENT_FUNDS"),
        (wait(json!({"kind": "stop", "price": "60000.00"}), json!({})), 409, "TRIGGER_ALREADY_MET"),
        (wait(json!({"kind": "stop", "trail_bps": 50}), json!({"symbol": "ETH-USD"})), 409, "NO_REFERENCE_PRICE"),
        (wait(Value::Null, json!({"type": "market_to_limit", "time_in_force": "ioc"})), 400, "MARKET_TO_LIMIT_STAYS"),
        (wait(Value::Null, json!({"type": "market_to_limit", "price": "1"})), 400, "INVALID_FIELD"),
    ] {
        let (found, refused) = world.post("/api/v1/orders", Some(&trader.token), &body).await;
        assert_eq!((found, &refused["code"]), (status, &json!(code)), "{body}: {refused}");
    }
    let (_, markets) = world.get("/api/v1/instruments", None).await;
    assert_eq!(
        (&markets[0]["trigger_source"], &markets[0]["trigger_at_entry"]),
        (&json!("last_trade"), &json!("refuse")),
        "{markets}"
    );
    world.stop().await;
}
