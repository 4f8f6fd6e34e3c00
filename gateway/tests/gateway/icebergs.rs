//! Icebergs from outside: their owners see all of them, everybody else the part that shows.

use reqwest::Method;
use serde_json::{Value, json};

use crate::socket::Book;
use crate::support::{Trader, World, eventually};

const ORDERS: &str = "/api/v1/orders";

/// Sells one BTC at 60,000.00 and shows a tenth of it.
fn iceberg() -> Value {
    json!({"symbol": "BTC-USD", "side": "sell", "type": "limit", "price": "60000.00", "qty": "1", "display_qty": "0.1",
        "client_order_id": "berg"})
}

/// The asks that everybody sees.
async fn asks(world: &World) -> Value {
    let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD", None).await;
    depth["asks"].clone()
}

/// Two who sell and one who buys.
async fn traders(world: &World) -> (Trader, Trader, Trader) {
    let (hidden, other, taker) =
        (world.trader("hidden").await, world.trader("other").await, world.trader("taker").await);
    world.deposit_btc(&hidden, 10).await;
    world.deposit_btc(&other, 10).await;
    (hidden, other, taker)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reserve_of_an_iceberg_never_shows_while_it_is_filled_part_by_part() {
    let world = World::start().await;
    let (hidden, other, taker) = traders(&world).await;
    let token = Some(hidden.token.as_str());
    let mut watcher = world.socket("/api/v1/ws").await;
    watcher.ask(json!({"op": "subscribe", "id": "b", "channel": "book", "symbol": "BTC-USD"})).await;
    let mut book = Book::default();

    let (status, order) = world.post(ORDERS, token, &iceberg()).await;
    assert_eq!((status, &order["display_qty"], &order["leaves_qty"]), (201, &json!("0.10000"), &json!("1.00000")));
    world.limit(&other, "sell", "60000.00", "0.05").await;
    assert_eq!(asks(&world).await, json!([["60000.00", "0.15000"]]));
    // What is bought, what shows at the price then, and what is left of the iceberg. After a part has been filled the next
    // one stands behind the other order.
    for (bought, shown, left) in [
        ("0.04", "0.11000", "0.96000"),
        ("0.06", "0.15000", "0.90000"),
        ("0.07", "0.08000", "0.88000"),
        ("0.30", "0.08000", "0.58000"),
        ("0.08", "0.10000", "0.50000"),
        ("0.45", "0.05000", "0.05000"),
    ] {
        let fill = world.limit(&taker, "buy", "60000.00", bought).await;
        assert_eq!(fill["status"], "filled", "{fill}");
        assert_eq!(asks(&world).await, json!([["60000.00", shown]]), "after {bought}");
        let (_, mine) = world.get(&format!("{ORDERS}/{}", order["order_id"].as_str().unwrap()), token).await;
        assert_eq!((&mine["leaves_qty"], &mine["display_qty"]), (&json!(left), &json!("0.10000")), "{mine}");
    }
    world.limit(&taker, "buy", "60000.00", "0.05").await;
    assert_eq!(asks(&world).await, json!([]));

    let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD", None).await;
    while json!(book.update_id) != depth["update_id"] {
        let message = watcher.until(|heard| heard["channel"] == "book").await;
        for level in message["asks"].as_array().unwrap() {
            let qty: f64 = level[1].as_str().unwrap().parse().unwrap();
            assert!(qty < 0.151, "the reserve shows: {message}");
        }
        book.apply(&message);
    }
    let closed = eventually("the row", async || {
        let (_, closed) = world.get("/api/v1/orders?status=closed", token).await;
        closed.as_array().unwrap().first().cloned()
    })
    .await;
    assert_eq!((&closed["status"], &closed["display_qty"]), (&json!("filled"), &json!("0.10000")), "{closed}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_iceberg_is_amended_and_cancelled_as_a_whole() {
    let world = World::start().await;
    let (hidden, _, taker) = traders(&world).await;
    let token = Some(hidden.token.as_str());
    let (_, order) = world.post(ORDERS, token, &iceberg()).await;
    world.limit(&taker, "buy", "60000.00", "0.03").await;
    assert_eq!(asks(&world).await, json!([["60000.00", "0.07000"]]));
    let path = format!("{ORDERS}/{}", order["order_id"].as_str().unwrap());
    // It goes to the tail, and shows anew.
    let (status, amended) = world.ask(Method::PATCH, &path, token, Some(&json!({"qty": "0.5"}))).await;
    assert_eq!((status, &amended["leaves_qty"], &amended["display_qty"]), (200, &json!("0.47000"), &json!("0.10000")));
    assert_eq!(asks(&world).await, json!([["60000.00", "0.10000"]]));
    let (status, amended) = world.ask(Method::PATCH, &path, token, Some(&json!({"price": "60001"}))).await;
    assert_eq!((status, &amended["price"]), (200, &json!("60001.00")), "{amended}");
    assert_eq!(asks(&world).await, json!([["60001.00", "0.10000"]]));
    let (status, gone) = world.ask(Method::DELETE, &path, token, None).await;
    assert_eq!((status, &gone["status"], &gone["filled_qty"]), (200, &json!("cancelled"), &json!("0.03000")), "{gone}");
    assert_eq!(asks(&world).await, json!([]));
    let (_, account) = world.get("/api/v1/account", token).await;
    let btc = account["balances"].as_array().unwrap().iter().find(|balance| balance["asset"] == "BTC").unwrap();
    assert_eq!((&btc["free"], &btc["held"]), (&json!("9.97"), &json!("0")), "{account}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q1_every_refusal_of_a_display_quantity_says_why() {
    let world = World::start().await;
    let (hidden, ..) = traders(&world).await;
    for (field, value, status, code) in [
        ("display_qty", json!("1"), 400, "INVALID_DISPLAY"),
        ("display_qty", json!("2"), 400, "INVALID_DISPLAY"),
        ("display_qty", json!("0.000001"), 400, "INVALID_FIELD"),
        ("display_qty", json!("-0.1"), 400, "INVALID_FIELD"),
        ("display_qty", json!("some"), 400, "INVALID_FIELD"),
        ("time_in_force", json!("ioc"), 400, "INVALID_DISPLAY"),
        ("time_in_force", json!("fok"), 400, "INVALID_DISPLAY"),
    ] {
        let mut body = iceberg();
        body[field] = value;
        let (found, refused) = world.post(ORDERS, Some(&hidden.token), &body).await;
        assert_eq!((found, &refused["code"]), (status, &json!(code)), "{body}: {refused}");
    }
    let market = json!({"symbol": "BTC-USD", "side": "sell", "type": "market", "qty": "1", "display_qty": "0.1"});
    let (status, refused) = world.post(ORDERS, Some(&hidden.token), &market).await;
    assert_eq!((status, &refused["code"]), (400, &json!("INVALID_DISPLAY")), "{refused}");
    let leg = json!({"side": "sell", "type": "limit", "price": "60000", "qty": "1", "display_qty": "0.1"});
    let list = json!({"symbol": "BTC-USD", "type": "oto", "orders": [leg, leg]});
    let (status, refused) = world.post("/api/v1/order-lists", Some(&hidden.token), &list).await;
    assert_eq!((status, &refused["code"]), (400, &json!("INVALID_FIELD")), "{refused}");
    world.stop().await;
}
