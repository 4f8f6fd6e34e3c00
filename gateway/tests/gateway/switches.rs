//! The kill switch, suspension, and the mark price, from outside.

use papertape_engine::{Command, InstrumentId, Price};
use serde_json::json;

use crate::support::{DEADLINE, World};

const KILL_SWITCH: &str = "/api/v1/account/kill-switch";

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_switch_ends_all_orders_and_refuses_new_ones_until_it_is_released() {
    let world = World::start().await;
    let trader = world.trader("careful").await;
    let token = Some(trader.token.as_str());
    world.limit(&trader, "buy", "50000.00", "0.01").await;
    let waiting = json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": "62000", "qty": "0.01",
        "trigger": {"kind": "stop", "price": "61000"}});
    let (status, order) = world.post("/api/v1/orders", token, &waiting).await;
    assert_eq!((status, &order["status"]), (201, &json!("waiting")), "{order}");

    let (status, done) = world.post(KILL_SWITCH, token, &json!({"engaged": true})).await;
    assert_eq!((status, &done["engaged"]), (200, &json!(true)), "{done}");
    let cancelled = done["cancelled"].as_array().unwrap();
    assert_eq!(cancelled.len(), 2, "{done}");
    assert!(cancelled.iter().all(|order| order["cancel_reason"] == "KILL_SWITCH"), "{done}");
    let (status, refused) = world.post("/api/v1/orders", token, &waiting).await;
    assert_eq!((status, &refused["code"]), (409, &json!("KILL_SWITCH_ENGAGED")), "{refused}");
    let (status, refused) = world.post(KILL_SWITCH, token, &json!({"engaged": true})).await;
    assert_eq!((status, &refused["code"]), (409, &json!("SWITCH_UNCHANGED")), "{refused}");
    let (status, refused) = world.post(KILL_SWITCH, token, &json!({"on": true})).await;
    assert_eq!((status, &refused["code"]), (400, &json!("INVALID_FIELD")), "{refused}");
    let (_, account) = world.get("/api/v1/account", token).await;
    assert_eq!((&account["kill_switch"], &account["suspended"]), (&json!(true), &json!(false)), "{account}");

    let mut session = world.session(&trader).await;
    let release = json!({"op": "account.kill_switch", "id": "1", "params": {"engaged": false}});
    let answer = session.ask(release).await;
    assert_eq!((&answer["ok"], &answer["engaged"], &answer["cancelled"]), (&json!(true), &json!(false), &json!([])));
    world.limit(&trader, "buy", "50000.00", "0.01").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_account_does_not_trade_and_sees_why() {
    let world = World::start().await;
    let trader = world.trader("suspect").await;
    let token = Some(trader.token.as_str());
    let order = world.limit(&trader, "buy", "50000.00", "0.01").await;
    let client = world.client.clone();
    let command = Command::SetSuspended { account: trader.account, suspended: true };
    tokio::task::spawn_blocking(move || client.call(command, DEADLINE).unwrap()).await.unwrap();
    let body = json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": "50000", "qty": "0.01"});
    let (status, refused) = world.post("/api/v1/orders", token, &body).await;
    assert_eq!((status, &refused["code"]), (409, &json!("ACCOUNT_SUSPENDED")), "{refused}");
    let (_, ended) = world.get(&format!("/api/v1/orders/{}", order["order_id"].as_str().unwrap()), token).await;
    assert_eq!(ended["cancel_reason"], "SUSPENDED", "{ended}");
    let (_, account) = world.get("/api/v1/account", token).await;
    assert_eq!(account["suspended"], true);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ticker_tells_the_mark_price() {
    let world = World::start().await;
    let client = world.client.clone();
    let command = Command::SetMark { instrument: InstrumentId(0), price: Price(6_000_050) };
    tokio::task::spawn_blocking(move || client.call(command, DEADLINE).unwrap()).await.unwrap();
    let mut session = world.socket("/api/v1/ws").await;
    session.ask(json!({"op": "subscribe", "id": "1", "channel": "ticker", "symbol": "BTC-USD"})).await;
    let ticker =
        session.until(|heard| heard["data"]["mark_price"] == "60000.50" || heard["mark_price"] == "60000.50").await;
    assert_eq!(ticker["channel"], "ticker", "{ticker}");
    world.stop().await;
}
