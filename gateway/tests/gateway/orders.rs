//! Order entry and reads over REST.

use papertape_engine::{Command, InstrumentId, OrderKind, PlaceOrder, Price, Qty, Side, TimeInForce};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{World, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_lives_through_rest() {
    let world = World::start().await;
    let (maker, taker) = (world.trader("maker").await, world.trader("taker").await);
    world.deposit_btc(&maker, 10).await;

    let body = json!({"symbol": "BTC/USD", "side": "sell", "type": "limit", "price": "61000.00", "qty": "2",
        "post_only": true, "client_order_id": "mine-1"});
    let (status, order) = world.post("/api/v1/orders", Some(&maker.token), &body).await;
    assert_eq!(status, 201, "{order}");
    for (field, value) in [
        ("client_order_id", json!("mine-1")),
        ("symbol", json!("BTC-USD")),
        ("side", json!("sell")),
        ("type", json!("limit")),
        ("time_in_force", json!("gtc")),
        ("post_only", json!(true)),
        ("price", json!("61000.00")),
        ("qty", json!("2.00000")),
        ("quote_qty", Value::Null),
        ("filled_qty", json!("0.00000")),
        ("avg_price", Value::Null),
        ("leaves_qty", json!("2.00000")),
        ("status", json!("new")),
        ("cancel_reason", Value::Null),
        ("fee_asset", json!("USD")),
    ] {
        assert_eq!(order[field], value, "{field}: {order}");
    }
    let id = order["order_id"].as_str().unwrap().to_owned();

    // The same name with the same body is the same order; with another body it is refused.
    let (status, again) = world.post("/api/v1/orders", Some(&maker.token), &body).await;
    assert_eq!((status, &again["order_id"]), (201, &order["order_id"]));
    let other = json!({"symbol": "BTC-USD", "side": "sell", "type": "limit", "price": "61000.00", "qty": "1",
        "client_order_id": "mine-1"});
    let (status, refused) = world.post("/api/v1/orders", Some(&maker.token), &other).await;
    assert_eq!((status, &refused["code"]), (409, &json!("DUPLICATE_CLIENT_ORDER_ID")));

    let path = format!("/api/v1/orders/{id}");
    let amend = json!({"price": "60500.00", "qty": "1.5"});
    let (status, amended) = world.ask(Method::PATCH, &path, Some(&maker.token), Some(&amend)).await;
    assert_eq!((status, &amended["price"], &amended["qty"]), (200, &json!("60500.00"), &json!("1.50000")), "{amended}");

    let buy = json!({"symbol": "BTC-USD", "side": "buy", "type": "market", "qty": "0.5"});
    let (status, bought) = world.post("/api/v1/orders", Some(&taker.token), &buy).await;
    assert_eq!(
        (status, &bought["status"], &bought["avg_price"]),
        (201, &json!("filled"), &json!("60500.00")),
        "{bought}"
    );
    assert_eq!(bought["filled_quote"], "30250");
    assert_eq!(bought["fee"], "15.125");

    let (_, open) = world.get("/api/v1/orders", Some(&maker.token)).await;
    assert_eq!(
        (open[0]["status"].as_str(), open[0]["leaves_qty"].as_str()),
        (Some("partially_filled"), Some("1.00000"))
    );
    let (status, _) = world.get(&path, Some(&taker.token)).await;
    assert_eq!(status, 404, "another account's order is not there");

    let (status, cancelled) = world.ask(Method::DELETE, &path, Some(&maker.token), None).await;
    assert_eq!((status, &cancelled["status"], &cancelled["cancel_reason"]), (200, &json!("cancelled"), &json!("USER")));
    let (status, gone) = world.ask(Method::DELETE, &path, Some(&maker.token), None).await;
    assert_eq!((status, &gone["code"]), (404, &json!("UNKNOWN_ORDER")));
    let (_, closed) = world.get("/api/v1/orders?status=closed", Some(&maker.token)).await;
    assert_eq!((closed.as_array().unwrap().len(), &closed[0]["order_id"]), (1, &json!(id)), "{closed}");
    let (_, all) = world.get("/api/v1/orders?status=all&symbol=BTC", Some(&maker.token)).await;
    assert_eq!(all.as_array().unwrap().len(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_cancelled_together_or_by_name() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let token = Some(trader.token.as_str());
    for price in ["50000.00", "50001.00", "50002.00"] {
        world.limit(&trader, "buy", price, "0.01").await;
    }
    let named = json!({"symbol": "ETH-USD", "side": "buy", "type": "limit", "price": "3000.00", "qty": "1",
        "client_order_id": "eth"});
    assert_eq!(world.post("/api/v1/orders", token, &named).await.0, 201);

    let (status, done) = world.ask(Method::DELETE, "/api/v1/orders?client_order_id=eth", token, None).await;
    assert_eq!((status, &done["cancelled"][0]["client_order_id"]), (200, &json!("eth")), "{done}");
    let (_, done) = world.ask(Method::DELETE, "/api/v1/orders?symbol=BTC-USD&side=sell", token, None).await;
    assert_eq!(done, json!({"cancelled": []}));
    let (_, done) = world.ask(Method::DELETE, "/api/v1/orders?symbol=BTC-USD&side=buy", token, None).await;
    assert_eq!(done["cancelled"].as_array().unwrap().len(), 3, "{done}");
    let (_, account) = world.get("/api/v1/account", token).await;
    assert_eq!(account["balances"][0], json!({"asset": "USD", "free": "100000", "held": "0", "total": "100000"}));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q1_every_refusal_of_an_order_is_a_problem_document() {
    let world = World::start().await;
    let (maker, trader) = (world.trader("maker").await, world.trader("ada").await);
    world.deposit_btc(&maker, 1).await;
    world.limit(&maker, "sell", "60000.00", "1").await;
    let order = |extra: Value| {
        let mut body = json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": "50000.00", "qty": "1"});
        for (key, value) in extra.as_object().unwrap() {
            body[key] = value.clone();
        }
        body
    };
    for (extra, status, code) in [
        (json!({"price": "50000.001"}), 400, "INVALID_FIELD"),
        (json!({"qty": "0.000001"}), 400, "INVALID_FIELD"),
        (json!({"stop_price": "1"}), 400, "INVALID_FIELD"),
        (json!({"side": "hold"}), 400, "INVALID_FIELD"),
        (json!({"symbol": "XYZ"}), 400, "UNKNOWN_INSTRUMENT"),
        (json!({"price": "0"}), 422, "PRICE_OUT_OF_RANGE"),
        (json!({"qty": "0"}), 422, "QTY_OUT_OF_RANGE"),
        (json!({"qty": "3"}), 422, "INSUFFICIENT_FUNDS"),
        (json!({"price": "60000.00", "post_only": true}), 409, "POST_ONLY_WOULD_TAKE"),
        (json!({"time_in_force": "ioc", "post_only": true}), 400, "POST_ONLY_NOT_RESTING"),
        (json!({"client_order_id": "a b"}), 400, "INVALID_FIELD"),
    ] {
        let body = order(extra);
        let response = world.raw(Method::POST, "/api/v1/orders", Some(&trader.token), Some(&body)).await;
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let request_id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let problem: Value = response.json().await.unwrap();
        assert_eq!(
            (problem["status"].as_u64(), problem["code"].as_str()),
            (Some(status), Some(code)),
            "{body}: {problem}"
        );
        assert_eq!(problem["request_id"], request_id);
        let keys: Vec<_> = problem.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["code", "detail", "request_id", "status", "title", "type"]);
    }
    let (status, _) =
        world.ask(Method::PATCH, "/api/v1/orders/999", Some(&trader.token), Some(&json!({"qty": "1"}))).await;
    assert_eq!(status, 404);
    let (status, _) = world.get("/api/v1/orders/abc", Some(&trader.token)).await;
    assert_eq!(status, 400);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn market_data_is_read_without_a_token() {
    let world = World::start().await;
    let (maker, taker) = (world.trader("maker").await, world.trader("taker").await);
    world.deposit_btc(&maker, 1).await;
    world.limit(&maker, "sell", "60000.00", "0.5").await;
    world.limit(&maker, "sell", "60001.00", "0.5").await;
    world.limit(&taker, "buy", "60000.00", "0.2").await;

    let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD&limit=1", None).await;
    assert_eq!((&depth["bids"], &depth["asks"]), (&json!([]), &json!([["60000.00", "0.30000"]])), "{depth}");
    let (_, trades) = world.get("/api/v1/trades?symbol=btcusd", None).await;
    let trade = &trades[0];
    assert_eq!((trade["id"].as_u64(), trade["price"].as_str()), (Some(1), Some("60000.00")), "{trades}");
    assert_eq!((trade["quote_qty"].as_str(), trade["taker_side"].as_str()), (Some("12000"), Some("buy")));
    let (_, candles) = world.get("/api/v1/candles?symbol=BTC-USD&interval=1m&limit=5", None).await;
    let last = candles.as_array().unwrap().last().unwrap();
    assert_eq!((last["close"].as_str(), last["time"].as_u64().unwrap() % 60), (Some("60000.00"), 0), "{candles}");
    let (_, markets) = world.get("/api/v1/instruments", None).await;
    assert_eq!((markets[0]["symbol"].as_str(), markets[0]["phase"].as_str()), (Some("BTC-USD"), Some("continuous")));
    assert_eq!((markets[0]["tick_size"].as_str(), markets[0]["lot_size"].as_str()), (Some("0.01"), Some("0.00001")));

    let status = eventually("durable status", async || {
        let (_, status) = world.get("/api/v1/status", None).await;
        (status["seq"] == status["durable_seq"]).then_some(status)
    })
    .await;
    assert_eq!(status["state_hash"].as_str().unwrap().len(), 64);
    assert_eq!((status["status"].as_str(), status["instruments"].as_u64()), (Some("ok"), Some(5)));
    assert_eq!(world.get("/healthz", None).await, (200, json!({"status": "ok"})));

    for path in [
        "depth?symbol=XYZ",
        "depth",
        "depth?symbol=BTC&limit=0",
        "trades?symbol=BTC&limit=1001",
        "candles?symbol=BTC&interval=2m",
        "trades?symbol=BTC&page=1",
    ] {
        assert_eq!(world.get(&format!("/api/v1/{path}"), None).await.0, 400, "{path}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_ended_long_ago_is_given_back_when_it_is_repeated() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let body = json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": "60000.00", "qty": "0.01",
        "time_in_force": "ioc", "client_order_id": "first"});
    let (status, first) = world.post("/api/v1/orders", Some(&trader.token), &body).await;
    assert_eq!((status, &first["status"]), (201, &json!("cancelled")), "{first}");
    // More than the read models keep.
    for _ in 0..1_100 {
        let kind = OrderKind::Limit { price: Price(6_000_000), qty: Qty(100) };
        let order = PlaceOrder {
            time_in_force: TimeInForce::Ioc,
            ..PlaceOrder::new(trader.account, InstrumentId(0), Side::Buy, kind)
        };
        world.client.submit(world.client.next_ticket(), Command::Place(order)).unwrap();
    }
    let (status, again) = world.post("/api/v1/orders", Some(&trader.token), &body).await;
    assert_eq!((status, again), (201, first));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_with_a_time_ends_by_itself() {
    let world = World::start().await;
    let maker = world.trader("patient").await;
    world.deposit_btc(&maker, 10).await;
    let now_ms = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64;
    let body = |time_in_force: &str, expires_at_ms: Option<u64>| {
        json!({"symbol": "BTC-USD", "side": "sell", "type": "limit", "price": "60000.00", "qty": "1",
            "time_in_force": time_in_force, "expires_at_ms": expires_at_ms})
    };
    for (body, status, code) in [
        (body("gtd", None), 400, "INVALID_FIELD"),
        (body("gtc", Some(now_ms + 60_000)), 400, "INVALID_FIELD"),
        (body("gtd", Some(u64::MAX)), 400, "INVALID_FIELD"),
        (body("gtd", Some(now_ms - 1)), 409, "EXPIRY_NOT_AHEAD"),
    ] {
        let (found, refused) = world.post("/api/v1/orders", Some(&maker.token), &body).await;
        assert_eq!((found, &refused["code"]), (status, &json!(code)), "{body}: {refused}");
    }
    let (status, day) = world.post("/api/v1/orders", Some(&maker.token), &body("day", None)).await;
    assert_eq!((status, &day["time_in_force"], &day["expires_at_ms"]), (201, &json!("day"), &Value::Null), "{day}");
    let (status, order) = world.post("/api/v1/orders", Some(&maker.token), &body("gtd", Some(now_ms + 400))).await;
    assert_eq!((status, &order["time_in_force"], &order["expires_at_ms"]), (201, &json!("gtd"), &json!(now_ms + 400)));
    let path = format!("/api/v1/orders/{}", order["order_id"].as_str().unwrap());
    let ended = eventually("the end of the order", async || {
        let (_, order) = world.get(&path, Some(&maker.token)).await;
        (order["status"] == "cancelled").then_some(order)
    })
    .await;
    assert_eq!(ended["cancel_reason"], "EXPIRED", "{ended}");
    let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD", None).await;
    assert_eq!(depth["asks"], json!([["60000.00", "1.00000"]]), "the day order is still there: {depth}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_tells_what_is_ahead_of_it_in_its_queue() {
    let world = World::start().await;
    let (first, second, taker) =
        (world.trader("first").await, world.trader("second").await, world.trader("taker").await);
    world.deposit_btc(&first, 1).await;
    world.deposit_btc(&second, 1).await;
    world.limit(&first, "sell", "60000.00", "0.2").await;
    world.limit(&first, "sell", "60000.00", "0.3").await;
    let order = world.limit(&second, "sell", "60000.00", "0.1").await;
    let path = format!("/api/v1/orders/{}", order["order_id"].as_str().unwrap());
    let token = Some(second.token.as_str());
    let (_, found) = world.get(&path, token).await;
    assert_eq!(found["queue"], json!({"orders_ahead": 2, "qty_ahead": "0.50000"}), "{found}");
    for (bought, queue) in [
        ("0.25", json!({"orders_ahead": 1, "qty_ahead": "0.25000"})),
        ("0.25", json!({"orders_ahead": 0, "qty_ahead": "0.00000"})),
        ("0.1", Value::Null),
    ] {
        world.limit(&taker, "buy", "60000.00", bought).await;
        let (_, found) = world.get(&path, token).await;
        assert_eq!(found["queue"], queue, "after {bought}: {found}");
    }
    let (status, _) = world.get(&path, Some(first.token.as_str())).await;
    assert_eq!(status, 404, "another's order has no place to tell");
    world.stop().await;
}
