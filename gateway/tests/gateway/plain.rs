//! The flow (the plain tile) and everything it refuses.

use papertape_gateway::GatewayConfig;
use serde_json::json;

use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn t4_a_trade_fills_against_the_book_and_shows_in_portfolio_and_trades() {
    let world = World::start().await;
    let (seller, buyer) = (world.trader("seller").await, world.trader("buyer").await);
    world.deposit_btc(&seller, 10).await;
    world.limit(&seller, "sell", "60000.00", "0.5").await;
    world.limit(&seller, "sell", "60010.00", "0.5").await;

    let body = json!({"symbol": "btc", "trade_type": "BUY", "quantity": 0.6, "price": "60010"});
    let (status, trade) = world.post("/trade", Some(&buyer.token), &body).await;
    assert_eq!(status, 200, "{trade}");
    assert_eq!(trade["status"], "filled");
    assert_eq!((trade["symbol"].as_str(), trade["trade_type"].as_str()), (Some("BTC-USD"), Some("BUY")));
    assert_eq!(trade["quantity"], json!(0.6));
    assert!((trade["price"].as_f64().unwrap() - 60_001.666).abs() < 0.01, "{trade}");
    assert!(trade["message"].is_string() && trade["order_id"].is_string());

    let body = json!({"symbol": "BTC-USD", "trade_type": "BUY", "quantity": 1, "price": 60010.0});
    let (status, part) = world.post("/trade", Some(&buyer.token), &body).await;
    assert_eq!((status, &part["status"], &part["quantity"]), (200, &json!("partially_filled"), &json!(0.4)), "{part}");

    let (status, portfolio) = world.get("/portfolio", Some(&buyer.token)).await;
    assert_eq!((status, portfolio.as_array().unwrap().len()), (200, 1), "{portfolio}");
    let row = &portfolio[0];
    assert_eq!((row["symbol"].as_str(), row["quantity"].as_f64()), (Some("BTC-USD"), Some(1.0)));
    assert!((row["avg_price"].as_f64().unwrap() - 60_005.0).abs() < 0.01, "{row}");

    let (_, trades) = world.get("/trades", Some(&buyer.token)).await;
    let quantities: Vec<_> = trades.as_array().unwrap().iter().map(|row| row["quantity"].as_f64().unwrap()).collect();
    assert_eq!(quantities, [0.4, 0.1, 0.5]);
    assert!(trades[0]["timestamp"].as_str().unwrap().ends_with('Z'));

    let body = json!({"symbol": "BTC-USD", "trade_type": "BUY", "quantity": 0.1, "price": 60010});
    let (status, refused) = world.post("/trade", Some(&buyer.token), &body).await;
    assert_eq!((status, &refused["code"]), (400, &json!("NOT_FILLED")));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t3_selling_everything_removes_the_row_and_keeps_the_average_before() {
    let world = World::start().await;
    let (maker, trader) = (world.trader("maker").await, world.trader("trader").await);
    world.deposit_btc(&maker, 10).await;
    world.limit(&maker, "sell", "60000.00", "0.5").await;
    world.limit(&maker, "buy", "59000.00", "0.5").await;
    let trade = |side: &str, quantity: &str, price: &str| json!({"symbol": "BTC-USD", "trade_type": side, "quantity": quantity, "price": price});
    for (side, quantity, price, held) in
        [("BUY", "0.5", "60000", Some(0.5)), ("SELL", "0.2", "59000", Some(0.3)), ("SELL", "0.3", "59000", None)]
    {
        let (status, done) = world.post("/trade", Some(&trader.token), &trade(side, quantity, price)).await;
        assert_eq!(status, 200, "{done}");
        let (_, portfolio) = world.get("/portfolio", Some(&trader.token)).await;
        assert_eq!(portfolio[0]["quantity"].as_f64(), held, "{portfolio}");
        assert_eq!(portfolio[0]["avg_price"].as_f64(), held.map(|_| 60_000.0), "{portfolio}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q1_every_bad_trade_is_400_with_a_code() {
    let world = World::start_with(
        GatewayConfig { logins_per_minute: 0, ..GatewayConfig::default() },
        ("USD", "5.00"),
        |spec| spec,
    )
    .await;
    let (maker, trader) = (world.trader("maker").await, world.trader("trader").await);
    world.deposit_btc(&maker, 1).await;
    world.limit(&maker, "sell", "60000.00", "1").await;
    for (body, code) in [
        (json!({"symbol": "BTC-USD", "trade_type": "HOLD", "quantity": 1, "price": 1}), "INVALID_FIELD"),
        (json!({"symbol": "BTC-USD", "trade_type": "BUY", "quantity": 1, "price": 60000}), "INSUFFICIENT_FUNDS"),
        (json!({"symbol": "BTC-USD", "trade_type": "SELL", "quantity": 1, "price": 60000}), "INSUFFICIENT_FUNDS"),
        (json!({"symbol": "XYZ", "trade_type": "BUY", "quantity": 1, "price": 1}), "UNKNOWN_INSTRUMENT"),
        (json!({"symbol": "BTC-USD", "trade_type": "BUY", "quantity": 0, "price": 60000}), "QTY_OUT_OF_RANGE"),
        (json!({"symbol": "BTC-USD", "trade_type": "BUY", "quantity": -1, "price": 60000}), "INVALID_FIELD"),
        (json!({"symbol": "BTC-USD", "trade_type": "BUY", "quantity": 1, "price": 0.001}), "INVALID_FIELD"),
        (json!({"symbol": "BTC-USD", "trade_type": "BUY", "quantity": "a", "price": 1}), "INVALID_FIELD"),
        (json!({"symbol": "BTC-USD", "trade_type": "BUY", "quantity": 0.00005, "price": 59000}), "NOT_FILLED"),
        (json!({"symbol": "BTC-USD", "trade_type": "BUY", "price": 59000}), "INVALID_BODY"),
    ] {
        let (status, refused) = world.post("/trade", Some(&trader.token), &body).await;
        assert_eq!((status, refused["code"].as_str()), (400, Some(code)), "{body}: {refused}");
    }
    world.stop().await;
}
