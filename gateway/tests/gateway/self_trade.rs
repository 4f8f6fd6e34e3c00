//! Self-trade prevention from outside: what an order says, what both orders are told, what the book shows.

use serde_json::{Value, json};

use crate::support::{World, eventually};

fn order(side: &str, qty: &str, mode: Option<&str>) -> Value {
    let mut body = json!({"symbol": "BTC-USD", "side": side, "type": "limit", "price": "60000.00", "qty": qty});
    if let Some(mode) = mode {
        body["self_trade_prevention"] = json!(mode);
    }
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prevented_match_is_told_of_both_orders_and_leaves_the_book() {
    let world = World::start().await;
    let trader = world.trader("both-sides").await;
    world.deposit_btc(&trader, 10).await;
    let mut session = world.session(&trader).await;
    session.ask(json!({"op": "subscribe", "id": "o", "channel": "orders"})).await;
    let (_, ask) = world.post("/api/v1/orders", Some(&trader.token), &order("sell", "0.5", None)).await;
    assert_eq!(ask["self_trade_prevention"], "cancel_maker", "the market's setting: {ask}");

    let (status, bid) =
        world.post("/api/v1/orders", Some(&trader.token), &order("buy", "0.2", Some("decrement"))).await;
    assert_eq!(
        (status, &bid["status"], &bid["cancel_reason"]),
        (201, &json!("cancelled"), &json!("SELF_TRADE")),
        "{bid}"
    );
    assert_eq!(
        (&bid["prevented_qty"], &bid["qty"], &bid["filled_qty"]),
        (&json!("0.20000"), &json!("0.00000"), &json!("0.00000"))
    );
    for (own, other) in [(&bid, &ask), (&ask, &bid)] {
        let told = session.until(|heard| heard["event"] == "self_trade_prevented").await;
        assert_eq!(told["data"]["order_id"], own["order_id"], "the order that came is told first: {told}");
        let prevented = json!({"price": "60000.00", "qty": "0.20000", "other_order_id": other["order_id"]});
        assert_eq!(told["prevented"], prevented);
    }
    let (_, left) =
        world.get(&format!("/api/v1/orders/{}", ask["order_id"].as_str().unwrap()), Some(&trader.token)).await;
    assert_eq!((&left["leaves_qty"], &left["prevented_qty"]), (&json!("0.30000"), &json!("0.20000")), "{left}");
    // The database has the same: the order that ended, and what is left of the other.
    eventually("the rows", async || {
        let (_, all) = world.get("/api/v1/orders?status=all", Some(&trader.token)).await;
        let rows = all["orders"].as_array().or(all.as_array())?.clone();
        let row = |order: &Value| rows.iter().find(|row| row["order_id"] == order["order_id"]).cloned();
        let (ask, bid) = row(&ask).zip(row(&bid))?;
        let prevented = (&ask["prevented_qty"], &bid["prevented_qty"], &ask["qty"], &bid["qty"]);
        let wanted = (&json!("0.20000"), &json!("0.20000"), &json!("0.30000"), &json!("0.00000"));
        (prevented == wanted).then_some(())
    })
    .await;
    let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD", None).await;
    assert_eq!((&depth["asks"], &depth["bids"]), (&json!([["60000.00", "0.30000"]]), &json!([])), "{depth}");

    let (_, taker) = world.post("/api/v1/orders", Some(&trader.token), &order("buy", "1", Some("cancel_maker"))).await;
    assert_eq!((&taker["status"], &taker["leaves_qty"]), (&json!("new"), &json!("1.00000")), "{taker}");
    let ended =
        session.until(|heard| heard["event"] == "cancelled" && heard["data"]["order_id"] == ask["order_id"]).await;
    assert_eq!(ended["data"]["cancel_reason"], "SELF_TRADE");
    let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD", None).await;
    assert_eq!((&depth["asks"], &depth["bids"]), (&json!([]), &json!([["60000.00", "1.00000"]])), "{depth}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mode_that_does_not_exist_is_refused_and_markets_tell_theirs() {
    let world = World::start().await;
    let trader = world.trader("typo").await;
    let (status, refused) =
        world.post("/api/v1/orders", Some(&trader.token), &order("buy", "0.1", Some("cancel_oldest"))).await;
    assert_eq!(status, 400, "{refused}");
    assert!(refused.to_string().contains("cancel_taker"), "it names what there is: {refused}");
    let (_, markets) = world.get("/api/v1/instruments", None).await;
    let market = &markets[0];
    assert_eq!(
        (&market["self_trade_prevention"], &market["allocation"]),
        (&json!("cancel_maker"), &json!({"type": "fifo"})),
        "{market}"
    );
    world.stop().await;
}
