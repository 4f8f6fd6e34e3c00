//! What a market's settings do, from outside: post-only by repricing, price bands, position and order rate.

use papertape_engine::{AmendPriority, Amount, Bands, Filters, InstrumentSpec, RuleBook};
use serde_json::{Value, json};

use crate::support::{Trader, World};

const ORDERS: &str = "/api/v1/orders";

fn limit(side: &str, price: &str, qty: &str) -> Value {
    json!({"symbol": "BTC-USD", "side": side, "type": "limit", "price": price, "qty": qty})
}

fn market(side: &str, qty: &str) -> Value {
    json!({"symbol": "BTC-USD", "side": side, "type": "market", "qty": qty})
}

/// One who sells, with ten BTC, and one who buys.
async fn traders(world: &World) -> (Trader, Trader) {
    let (seller, buyer) = (world.trader("seller").await, world.trader("buyer").await);
    world.deposit_btc(&seller, 10).await;
    (seller, buyer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_only_order_is_repriced_and_told_so() {
    let world = World::start_ruled(|spec| RuleBook::NasdaqLike.of(spec)).await;
    let (seller, buyer) = traders(&world).await;
    world.limit(&seller, "sell", "60000.00", "1").await;
    let mut session = world.session(&buyer).await;
    session.ask(json!({"op": "subscribe", "id": "o", "channel": "orders"})).await;
    let mut body = limit("buy", "60010.00", "0.5");
    body["post_only"] = json!(true);
    let (status, order) = world.post(ORDERS, Some(&buyer.token), &body).await;
    assert_eq!((status, &order["price"], &order["status"]), (201, &json!("59999.99"), &json!("new")), "{order}");
    let accepted = session.until(|heard| heard["event"] == "accepted").await;
    assert_eq!(accepted["data"]["price"], "60010.00", "{accepted}");
    let rested = session.until(|heard| heard["event"] == "rested").await;
    assert_eq!((&rested["data"]["order_id"], &rested["data"]["price"]), (&order["order_id"], &json!("59999.99")));
    let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD", None).await;
    assert_eq!(depth["bids"], json!([["59999.99", "0.50000"]]), "{depth}");
    // A fill leaves the depth at the price that it got.
    world.limit(&seller, "sell", "59999.99", "0.2").await;
    let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD", None).await;
    assert_eq!(depth["bids"], json!([["59999.99", "0.30000"]]), "{depth}");
    let (_, markets) = world.get("/api/v1/instruments", None).await;
    let rules = &markets[0];
    assert_eq!(
        (&rules["post_only_rule"], &rules["self_trade_prevention"], &rules["trigger_at_entry"], &rules["bands"]),
        (&json!("reprice"), &json!("decrement"), &json!("fire"), &Value::Null),
        "{rules}"
    );
    world.stop().await;
}

/// Limit prices within a tenth of the session's first trade, no trade further than a hundredth from the last one.
fn banded(spec: InstrumentSpec) -> InstrumentSpec {
    InstrumentSpec { bands: Bands { static_points: 1_000, dynamic_points: 100 }, ..spec }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_band_refuses_a_limit_price_and_stops_a_market_order() {
    let world = World::start_ruled(banded).await;
    let (seller, buyer) = traders(&world).await;
    // Before the first trade there is no band.
    for price in ["60000.00", "60500.00", "60600.01"] {
        world.limit(&seller, "sell", price, "0.1").await;
    }
    world.limit(&buyer, "buy", "60000.00", "0.1").await;
    for (side, price, qty) in [("buy", "53999.99", "0.01"), ("sell", "66000.01", "0.01")] {
        let (status, refused) = world.post(ORDERS, Some(&seller.token), &limit(side, price, qty)).await;
        assert_eq!((status, &refused["code"]), (422, &json!("PRICE_OUT_OF_BAND")), "{refused}");
    }
    let (status, order) = world.post(ORDERS, Some(&buyer.token), &market("buy", "0.3")).await;
    assert_eq!(
        (status, &order["status"], &order["cancel_reason"], &order["filled_qty"], &order["avg_price"]),
        (201, &json!("cancelled"), &json!("PRICE_BAND"), &json!("0.10000"), &json!("60500.00")),
        "{order}"
    );
    let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD", None).await;
    assert_eq!(depth["asks"], json!([["60600.01", "0.10000"]]), "{depth}");
    let (_, markets) = world.get("/api/v1/instruments", None).await;
    assert_eq!(
        markets[0]["bands"],
        json!({"static_bps": 1_000, "dynamic_bps": 100, "volatility_auction_ms": null}),
        "{markets}"
    );
    world.stop().await;
}

/// At most one BTC, and three orders and amends a second.
fn limited(spec: InstrumentSpec) -> InstrumentSpec {
    let filters = Filters { position_max: Amount(100_000_000), orders_per_second_max: 3, ..spec.filters };
    InstrumentSpec { filters, amend_priority: AmendPriority::Lose, ..spec }
}

#[tokio::test(flavor = "multi_thread")]
async fn position_and_order_rate_are_limited_and_shown() {
    let world = World::start_ruled(limited).await;
    let (_, buyer) = traders(&world).await;
    let token = Some(buyer.token.as_str());
    let (_, markets) = world.get("/api/v1/instruments", None).await;
    assert_eq!(
        (&markets[0]["max_position"], &markets[0]["max_orders_per_second"], &markets[0]["amend_priority"]),
        (&json!("1"), &json!(3), &json!("lose")),
        "{markets}"
    );
    let (status, refused) = world.post(ORDERS, token, &limit("buy", "50000.00", "1.00001")).await;
    assert_eq!((status, &refused["code"]), (422, &json!("POSITION_LIMIT")), "{refused}");
    // Whole seconds count, so that twenty orders one after the other may fall into two or more; some are too many in one.
    let mut session = world.session(&buyer).await;
    for id in 0..20 {
        let params = limit("buy", "50000.00", "0.00005");
        session.say(json!({"op": "order.place", "id": id.to_string(), "params": params})).await;
    }
    let refused = session.until(|heard| heard["op"] == "order.place" && heard["ok"] == false).await;
    assert_eq!(refused["error"]["code"], "ORDER_RATE", "{refused}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_limits_nothing_is_null() {
    let world = World::start().await;
    let (_, markets) = world.get("/api/v1/instruments", None).await;
    for field in ["bands", "max_position", "max_orders_per_second"] {
        assert_eq!(markets[0][field], Value::Null, "{field}");
    }
    assert_eq!(
        (&markets[0]["post_only_rule"], &markets[0]["amend_priority"]),
        (&json!("reject"), &json!("keep_if_reduced"))
    );
    world.stop().await;
}
