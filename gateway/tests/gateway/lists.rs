//! Order lists from outside: OCO, OTO, OTOCO.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Trader, World};

fn limit(side: &str, price: &str, qty: &str) -> Value {
    json!({"side": side, "type": "limit", "price": price, "qty": qty})
}

fn stop(side: &str, price: &str, qty: &str) -> Value {
    json!({"side": side, "type": "market", "qty": qty, "trigger": {"kind": "stop", "price": price}})
}

fn list(kind: &str, orders: &[Value]) -> Value {
    json!({"type": kind, "symbol": "BTC-USD", "orders": orders})
}

/// Buys one at 59,000, then takes profit at 61,000 or stops at 58,000.
fn bracket() -> Value {
    list("otoco", &[limit("buy", "59000", "1"), limit("sell", "61000", "1"), stop("sell", "58000", "1")])
}

fn field<'a>(list: &'a Value, name: &str) -> Vec<&'a str> {
    list["orders"].as_array().unwrap().iter().map(|order| order[name].as_str().unwrap_or("-")).collect()
}

async fn traded() -> (World, Trader, Trader) {
    let world = World::start().await;
    let (trader, maker) = (world.trader("patient").await, world.trader("maker").await);
    world.deposit_btc(&maker, 10).await;
    world.limit(&maker, "sell", "60000.00", "0.01").await;
    world.limit(&trader, "buy", "60000.00", "0.01").await;
    (world, trader, maker)
}

async fn current(world: &World, trader: &Trader, list: &Value) -> Value {
    let path = format!("/api/v1/order-lists/{}", list["list_id"].as_str().unwrap());
    let (status, list) = world.get(&path, Some(&trader.token)).await;
    assert_eq!(status, 200, "{list}");
    list
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bracket_is_released_by_its_first_order_and_ends_with_one_of_the_others() {
    let (world, trader, maker) = traded().await;
    let token = Some(trader.token.as_str());
    let mut session = world.session(&trader).await;
    session.ask(json!({"op": "subscribe", "id": "o", "channel": "orders"})).await;
    let mut body = bracket();
    body["client_order_id"] = json!("bracket-1");
    let (status, placed) = world.post("/api/v1/order-lists", token, &body).await;
    assert_eq!((status, field(&placed, "status")), (201, vec!["new", "pending_new", "pending_new"]), "{placed}");
    assert_eq!((&placed["client_order_id"], &placed["symbol"]), (&json!("bracket-1"), &json!("BTC-USD")));
    let id = placed["list_id"].as_str().unwrap();
    assert_eq!((field(&placed, "list_id"), placed["orders"][0]["order_id"].as_str()), (vec![id; 3], Some(id)));
    let (_, open) = world.get("/api/v1/orders", token).await;
    assert_eq!(open.as_array().unwrap().len(), 3, "{open}");
    let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD", None).await;
    assert_eq!((&depth["bids"], &depth["asks"]), (&json!([["59000.00", "1.00000"]]), &json!([])), "{depth}");

    let (status, again) = world.post("/api/v1/order-lists", token, &body).await;
    assert_eq!((status, &again), (201, &placed), "the same name with the same body is the same list");
    body["orders"][0]["qty"] = json!("2");
    let (status, refused) = world.post("/api/v1/order-lists", token, &body).await;
    assert_eq!((status, &refused["code"]), (409, &json!("DUPLICATE_CLIENT_ORDER_ID")), "{refused}");
    let path = format!("/api/v1/orders/{id}");
    let (status, refused) = world.ask(Method::PATCH, &path, token, Some(&json!({"qty": "0.5"}))).await;
    assert_eq!((status, &refused["code"]), (409, &json!("ORDER_IN_LIST")), "{refused}");

    world.limit(&maker, "sell", "59000.00", "1").await;
    for _ in 0..2 {
        let told = session.until(|heard| heard["event"] == "released").await;
        assert_eq!(told["data"]["list_id"], *id, "{told}");
    }
    let released = current(&world, &trader, &placed).await;
    assert_eq!(field(&released, "status"), ["filled", "new", "waiting"], "{released}");
    let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD", None).await;
    assert_eq!(depth["asks"], json!([["61000.00", "1.00000"]]), "the order that waits shows in no depth");

    world.limit(&maker, "buy", "61000.00", "1").await;
    let ended = current(&world, &trader, &placed).await;
    assert_eq!(field(&ended, "status"), ["filled", "filled", "cancelled"], "{ended}");
    assert_eq!(field(&ended, "cancel_reason"), ["-", "-", "LIST"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_of_any_order_ends_its_list() {
    let (world, trader, _) = traded().await;
    let token = Some(trader.token.as_str());
    for index in 0..3 {
        let (status, placed) = world.post("/api/v1/order-lists", token, &bracket()).await;
        assert_eq!(status, 201, "{placed}");
        let named = placed["orders"][index]["order_id"].as_str().unwrap();
        let (status, order) = world.ask(Method::DELETE, &format!("/api/v1/orders/{named}"), token, None).await;
        assert_eq!((status, order["order_id"].as_str(), &order["cancel_reason"]), (200, Some(named), &json!("USER")));
        let mut causes = vec!["LIST"; 3];
        causes[index] = "USER";
        assert_eq!(field(&current(&world, &trader, &placed).await, "cancel_reason"), causes);
    }
    world.post("/api/v1/order-lists", token, &bracket()).await;
    let (_, done) = world.ask(Method::DELETE, "/api/v1/orders?symbol=BTC-USD", token, None).await;
    assert_eq!(done["cancelled"].as_array().unwrap().len(), 3, "{done}");
    let (_, open) = world.get("/api/v1/orders", token).await;
    assert_eq!(open, json!([]));
    let (_, account) = world.get("/api/v1/account", token).await;
    assert!(account["balances"].as_array().unwrap().iter().all(|balance| balance["held"] == "0"), "{account}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oco_over_the_socket_holds_once_and_cancels_the_other() {
    let (world, trader, maker) = traded().await;
    world.deposit_btc(&trader, 1).await;
    let mut session = world.session(&trader).await;
    let body = list("oco", &[limit("sell", "61000", "1"), stop("sell", "59000", "1")]);
    let answer = session.ask(json!({"op": "order_list.place", "id": "1", "params": body})).await;
    assert_eq!((&answer["ok"], &answer["durability"]), (&json!(true), &json!("group")), "{answer}");
    assert_eq!(field(&answer["list"], "status"), ["new", "waiting"]);
    assert!(answer["seq"].as_u64().is_some());
    world.limit(&maker, "buy", "58000.00", "1").await;
    // A trade at 59,000 between two others fires the stop.
    let other = world.trader("other").await;
    world.limit(&other, "buy", "59000.00", "0.01").await;
    world.limit(&maker, "sell", "59000.00", "0.01").await;
    let ended = current(&world, &trader, &answer["list"]).await;
    assert_eq!(field(&ended, "status"), ["cancelled", "filled"], "{ended}");
    assert_eq!(ended["orders"][1]["triggered_price"], "59000.00");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q1_every_refusal_of_a_list_says_why() {
    let (world, trader, _) = traded().await;
    world.deposit_btc(&trader, 1).await;
    let (ask, low) = (limit("sell", "61000", "0.5"), stop("sell", "59000", "0.5"));
    let immediate = json!({"side": "sell", "type": "market", "qty": "0.5"});
    for (body, status, code) in [
        (list("oco", std::slice::from_ref(&ask)), 400, "INVALID_FIELD"),
        (list("otoco", &[ask.clone(), low.clone()]), 400, "INVALID_FIELD"),
        (list("otto", &[ask.clone(), low.clone()]), 400, "INVALID_FIELD"),
        (list("oco", &[limit("sell", "61000.001", "0.5"), low.clone()]), 400, "INVALID_FIELD"),
        (list("oco", &[ask.clone(), stop("sell", "59000", "0.4")]), 400, "LIST_LEGS_DIFFER"),
        (list("oco", &[ask.clone(), stop("buy", "61000", "0.5")]), 400, "LIST_LEGS_DIFFER"),
        (list("oco", &[immediate.clone(), low.clone()]), 400, "LIST_LEG_MUST_STAY"),
        (list("oco", &[ask.clone(), ask.clone()]), 400, "LIST_NEEDS_TRIGGER"),
        (list("oto", &[low.clone(), ask.clone()]), 400, "LIST_WORKING_MUST_REST"),
        (list("oco", &[limit("sell", "61000", "5"), stop("sell", "59000", "5")]), 422, "INSUFFICIENT_FUNDS"),
    ] {
        let (found, refused) = world.post("/api/v1/order-lists", Some(&trader.token), &body).await;
        assert_eq!((found, &refused["code"]), (status, &json!(code)), "{body}: {refused}");
    }
    let off_grid = list("oco", &[ask, limit("sell", "61000.001", "0.5")]);
    let (_, refused) = world.post("/api/v1/order-lists", Some(&trader.token), &off_grid).await;
    assert_eq!(refused["detail"], "orders[1].price: not a multiple of 0.01", "{refused}");
    let (status, refused) = world.get("/api/v1/order-lists/999", Some(&trader.token)).await;
    assert_eq!((status, &refused["code"]), (404, &json!("UNKNOWN_ORDER")));
    world.stop().await;
}
