//! The flow (the plain tile) and everything it refuses.

use papertape_gateway::GatewayConfig;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{PASSWORD, World};

#[tokio::test(flavor = "multi_thread")]
async fn u10_a_sign_up_gives_exactly_id_email_and_created_at() {
    let world = World::start().await;
    let body = json!({"email": "Ada@Example.com", "password": PASSWORD, "confirm_password": PASSWORD});
    let (status, user) = world.post("/signup", None, &body).await;
    assert_eq!(status, 201, "{user}");
    let keys: Vec<_> = user.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["created_at", "email", "id"]);
    assert_eq!(user["email"], "ada@example.com");
    let (status, refused) = world.post("/signup", None, &body).await;
    assert_eq!((status, &refused["code"]), (400, &json!("EMAIL_TAKEN")));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u10_mismatched_passwords_are_400() {
    let world = World::start().await;
    for (body, code) in [
        (json!({"email": "a@b.cd", "password": PASSWORD, "confirm_password": "another one"}), "PASSWORDS_DIFFER"),
        (json!({"email": "a@b.cd", "password": "short", "confirm_password": "short"}), "WEAK_PASSWORD"),
        (json!({"email": "nobody", "password": PASSWORD, "confirm_password": PASSWORD}), "INVALID_EMAIL"),
        (json!({"email": "a@b.cd", "password": PASSWORD}), "INVALID_BODY"),
        (json!({"email": 7, "password": PASSWORD, "confirm_password": PASSWORD}), "INVALID_FIELD"),
    ] {
        let (status, refused) = world.post("/signup", None, &body).await;
        assert_eq!((status, refused["code"].as_str()), (400, Some(code)), "{refused}");
        assert!(refused["detail"].is_string());
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u11_wrong_credentials_are_401_with_the_scheme() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    for (email, password) in [(trader.email.as_str(), "wrong"), ("nobody@example.com", PASSWORD)] {
        let form = format!("username={email}&password={}", password.replace(' ', "+"));
        let request =
            world.http().post(world.url("/login")).header("content-type", "application/x-www-form-urlencoded");
        let response = request.body(form).send().await.unwrap();
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        assert_eq!(response.json::<Value>().await.unwrap()["code"], "WRONG_CREDENTIALS");
    }
    let (status, _) = world.form("/login", &[("username", &trader.email)]).await;
    assert_eq!(status, 400);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u12_protected_routes_need_a_token() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let (status, me) = world.get("/users/me", Some(&trader.token)).await;
    assert_eq!((status, &me["email"]), (200, &json!("ada@example.com")));
    let paths = ["/users/me", "/portfolio", "/trades", "/api/v1/account", "/api/v1/orders", "/api/v1/orders/1"];
    for path in paths {
        for token in [None, Some("nonsense"), Some(&format!("{}x", trader.token)[..])] {
            let response = world.raw(Method::GET, path, token, None).await;
            assert_eq!(response.status(), 401, "{path}");
            assert_eq!(response.headers()["www-authenticate"], "Bearer", "{path}");
        }
    }
    let (status, _) = world.post("/trade", None, &json!({})).await;
    assert_eq!(status, 401);
    world.stop().await;
}

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
