//! Reduce-only, hidden and pegged orders, and minimum quantities, from outside.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Trader, World};

const ORDERS: &str = "/api/v1/orders";

fn sell(price: &str, qty: &str) -> Value {
    json!({"symbol": "BTC-USD", "side": "sell", "type": "limit", "price": price, "qty": qty})
}

/// One who has bought half a BTC, and who sold it.
async fn holder(world: &World) -> (Trader, Trader) {
    let (holder, other) = (world.trader("holder").await, world.trader("other").await);
    world.deposit_btc(&holder, 5).await;
    world.deposit_btc(&other, 5).await;
    world.limit(&other, "sell", "60000.00", "0.5").await;
    let bought = world.limit(&holder, "buy", "60000.00", "0.5").await;
    assert_eq!(bought["status"], "filled", "{bought}");
    (holder, other)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reduce_only_order_never_sells_more_than_the_position() {
    let world = World::start().await;
    let (holder, other) = holder(&world).await;
    let token = Some(holder.token.as_str());
    let mut body = sell("61000.00", "0.4");
    body["reduce_only"] = json!(true);
    let (status, order) = world.post(ORDERS, token, &body).await;
    assert_eq!((status, &order["reduce_only"], &order["status"]), (201, &json!(true), &json!("new")), "{order}");

    body["qty"] = json!("0.2");
    let (status, problem) = world.post(ORDERS, token, &body).await;
    assert_eq!((status, &problem["code"]), (422, &json!("REDUCE_ONLY")), "{problem}");

    // The position is sold by another order, and what rests is more than is left of it.
    world.limit(&other, "buy", "59000.00", "0.3").await;
    let sold = world.limit(&holder, "sell", "59000.00", "0.3").await;
    assert_eq!((&sold["status"], &sold["reduce_only"]), (&json!("filled"), &json!(false)), "{sold}");
    let (_, ended) = world.get(&format!("{ORDERS}/{}", order["order_id"].as_str().unwrap()), token).await;
    assert_eq!((&ended["status"], &ended["cancel_reason"]), (&json!("cancelled"), &json!("REDUCE_ONLY")), "{ended}");

    world.limit(&other, "buy", "58000.00", "1").await;
    let market = json!({"symbol": "BTC-USD", "side": "sell", "type": "market", "qty": "1", "reduce_only": true});
    let (status, closed) = world.post(ORDERS, token, &market).await;
    assert_eq!((status, &closed["filled_qty"]), (201, &json!("0.20000")), "{closed}");
    assert_eq!((&closed["status"], &closed["cancel_reason"]), (&json!("cancelled"), &json!("REDUCE_ONLY")), "{closed}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minimum_trades_at_once_or_nothing_does() {
    let world = World::start().await;
    let (holder, other) = holder(&world).await;
    let token = Some(holder.token.as_str());
    world.limit(&other, "sell", "60000.00", "0.3").await;
    let mut body = json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": "60000.00", "qty": "0.5",
        "min_qty": "0.4"});
    let (status, order) = world.post(ORDERS, token, &body).await;
    assert_eq!((status, &order["filled_qty"]), (201, &json!("0.00000")), "{order}");
    assert_eq!((&order["status"], &order["cancel_reason"]), (&json!("cancelled"), &json!("MIN_QTY")), "{order}");
    assert_eq!(order["min_qty"], json!("0.40000"), "{order}");
    let path = format!("{ORDERS}/{}", order["order_id"].as_str().unwrap());
    assert_eq!(world.get(&path, token).await.1["min_qty"], json!("0.40000"));
    let (_, closed) = world.get(&format!("{ORDERS}?status=closed"), token).await;
    assert_eq!(closed[0]["min_qty"], json!("0.40000"), "the row has it, too: {closed}");
    body["min_qty"] = json!("0.3");
    let mut session = world.session(&holder).await;
    let answer = session.ask(json!({"op": "order.place", "id": "1", "params": body})).await;
    let order = &answer["order"];
    assert_eq!(order["min_qty"], json!("0.30000"), "{answer}");
    assert_eq!((&order["status"], &order["leaves_qty"]), (&json!("partially_filled"), &json!("0.20000")), "{order}");
    let id = order["order_id"].as_str().unwrap();
    let (status, _) = world.ask(Method::DELETE, &format!("{ORDERS}/{id}"), token, None).await;
    assert_eq!(status, 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_order_trades_behind_those_that_show_and_is_in_no_depth() {
    let world = World::start().await;
    let (holder, other) = holder(&world).await;
    let taker = world.trader("taker").await;
    let asks = async || world.get("/api/v1/depth?symbol=BTC-USD", None).await.1["asks"].clone();
    let mut body = sell("61000.00", "0.4");
    body["display_qty"] = json!("0");
    let (status, hidden) = world.post(ORDERS, Some(&holder.token), &body).await;
    assert_eq!((status, &hidden["display_qty"], &hidden["leaves_qty"]), (201, &json!("0.00000"), &json!("0.40000")));
    assert_eq!(asks().await, json!([]));
    world.limit(&other, "sell", "61000.00", "0.1").await;
    let path = format!("{ORDERS}/{}", hidden["order_id"].as_str().unwrap());
    let (_, mine) = world.get(&path, Some(&holder.token)).await;
    assert_eq!(mine["queue"], json!({"orders_ahead": 1, "qty_ahead": "0.10000"}), "behind those that show: {mine}");
    world.limit(&taker, "buy", "61000.00", "0.3").await;
    assert_eq!(asks().await, json!([]));
    let (_, mine) = world.get(&path, Some(&holder.token)).await;
    assert_eq!((&mine["filled_qty"], &mine["leaves_qty"]), (&json!("0.20000"), &json!("0.20000")), "{mine}");
    let (status, _) = world.ask(Method::DELETE, &path, Some(&holder.token), None).await;
    assert_eq!((status, asks().await), (200, json!([])));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_that_do_not_fit_are_refused() {
    let world = World::start().await;
    let (holder, _) = holder(&world).await;
    let token = Some(holder.token.as_str());
    for (field, value, status, code) in [
        ("min_qty", json!("0.6"), 400, "INVALID_MIN_QTY"),
        ("min_qty", json!("0.000001"), 400, "INVALID_FIELD"),
        ("min_qty", json!("some"), 400, "INVALID_FIELD"),
        ("reduce_only", json!("yes"), 400, "INVALID_FIELD"),
    ] {
        let mut body = sell("61000.00", "0.5");
        body[field] = value;
        let (found, problem) = world.post(ORDERS, token, &body).await;
        assert_eq!((found, problem["code"].as_str()), (status, Some(code)), "{field}: {problem}");
    }
    let budget =
        json!({"symbol": "BTC-USD", "side": "sell", "type": "market", "quote_qty": "100", "reduce_only": true});
    let (status, problem) = world.post(ORDERS, token, &budget).await;
    assert_eq!((status, &problem["code"]), (400, &json!("INVALID_REDUCE_ONLY")), "{problem}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pegged_order_follows_the_best_price_up_to_its_limit() {
    let world = World::start().await;
    let (follower, leader) = (world.trader("follower").await, world.trader("leader").await);
    let token = Some(follower.token.as_str());
    let body = json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": "50100.00", "qty": "0.1",
        "peg": {"to": "primary", "offset_ticks": -1}});
    let (status, problem) = world.post(ORDERS, token, &body).await;
    assert_eq!((status, &problem["code"]), (409, &json!("NO_REFERENCE_PRICE")), "{problem}");
    world.limit(&leader, "buy", "50000.00", "0.1").await;
    let (status, order) = world.post(ORDERS, token, &body).await;
    let peg = json!({"to": "primary", "offset_ticks": -1, "limit": "50100.00"});
    assert_eq!((status, &order["price"], &order["peg"]), (201, &json!("49999.99"), &peg), "{order}");
    let path = format!("{ORDERS}/{}", order["order_id"].as_str().unwrap());
    for (best, price) in [("50050.00", "50049.99"), ("50200.00", "50100.00")] {
        world.limit(&leader, "buy", best, "0.1").await;
        let (_, order) = world.get(&path, token).await;
        assert_eq!((&order["price"], &order["peg"]), (&json!(price), &peg), "{order}");
    }
    let (status, problem) = world.ask(Method::PATCH, &path, token, Some(&json!({"qty": "0.2"}))).await;
    assert_eq!((status, &problem["code"]), (409, &json!("ORDER_PEGGED")), "{problem}");
    let (_, account) = world.get("/api/v1/account", token).await;
    let usd = account["balances"].as_array().unwrap().iter().find(|balance| balance["asset"] == "USD").unwrap();
    let held: f64 = usd["held"].as_str().unwrap().parse().unwrap();
    assert!((5_010.0..5_030.0).contains(&held), "for its limit: {usd}");
    world.stop().await;
}
