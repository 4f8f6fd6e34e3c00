//! The two WebSockets.

use std::time::Duration;

use futures_util::SinkExt;
use papertape_engine::{ClientOrderId, Command, InstrumentId, OrderKind, OrderRef, PlaceOrder, Price, Qty, Side};
use papertape_pipeline::CallError;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::socket::Book;
use crate::support::{DEADLINE, World, eventually};

fn place(side: &str, price: &str, qty: &str) -> Value {
    json!({"symbol": "BTC-USD", "side": side, "type": "limit", "price": price, "qty": qty})
}

#[tokio::test(flavor = "multi_thread")]
async fn t6_a_tile_is_sent_each_second_in_numbers() {
    let world = World::start().await;
    let (maker, taker) = (world.trader("maker").await, world.trader("taker").await);
    world.deposit_btc(&maker, 1).await;
    world.limit(&maker, "sell", "60000.00", "1").await;
    world.limit(&taker, "buy", "60000.00", "0.25").await;
    let mut socket = world.socket("/ws/btcusd").await;
    for _ in 0..2 {
        let tile = socket.hear().await.unwrap();
        let keys: Vec<_> = tile.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["change_percentage", "price", "symbol", "timestamp", "volume"]);
        assert_eq!((tile["symbol"].as_str(), tile["price"].as_f64()), (Some("BTC-USD"), Some(60_000.0)), "{tile}");
        assert_eq!((tile["volume"].as_f64(), tile["change_percentage"].as_f64()), (Some(0.25), Some(0.0)), "{tile}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t6_an_unknown_ticker_is_closed_with_4404() {
    let world = World::start().await;
    assert_eq!(world.socket("/ws/nothing").await.close_code().await, Some(4404));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_places_sees_its_fill_and_cancels() {
    let world = World::start().await;
    let (maker, taker) = (world.trader("maker").await, world.trader("taker").await);
    world.deposit_btc(&maker, 5).await;
    let mut session = world.session(&maker).await;
    for (id, channel) in [("o", "orders"), ("b", "balances")] {
        let answer = session.ask(json!({"op": "subscribe", "id": id, "channel": channel})).await;
        assert_eq!((&answer["ok"], &answer["channel"]), (&json!(true), &json!(channel)), "{answer}");
        let snapshot = session.hear().await.unwrap();
        assert_eq!((snapshot["channel"].as_str(), snapshot["type"].as_str()), (Some(channel), Some("snapshot")));
    }
    let placed = session.ask(json!({"op": "order.place", "id": "1", "params": place("sell", "60000.00", "2")})).await;
    assert_eq!(
        (&placed["ok"], &placed["order"]["status"], &placed["durability"]),
        (&json!(true), &json!("new"), &json!("group"))
    );
    let id = placed["order"]["order_id"].clone();
    assert!(placed["seq"].as_u64().is_some());

    let mut other = world.session(&taker).await;
    let bought = other.ask(json!({"op": "order.place", "id": "2", "params": place("buy", "60000.00", "0.5")})).await;
    assert_eq!(bought["order"]["status"], "filled", "{bought}");
    let fill = session.until(|heard| heard["event"] == "trade").await;
    assert_eq!(fill["data"]["order_id"], id);
    assert_eq!((fill["fill"]["qty"].as_str(), fill["fill"]["liquidity"].as_str()), (Some("0.50000"), Some("maker")));
    let balance = session.until(|heard| heard["channel"] == "balances").await;
    assert_eq!(balance["type"], "update", "{balance}");

    let amend = json!({"op": "order.amend", "id": "3", "params": {"order_id": id, "price": "60100.00"}});
    let amended = session.ask(amend).await;
    assert_eq!(amended["order"]["price"], "60100.00", "{amended}");
    let cancelled = session.ask(json!({"op": "order.cancel", "id": "4", "params": {"order_id": id}})).await;
    assert_eq!(
        (&cancelled["order"]["status"], &cancelled["order"]["filled_qty"]),
        (&json!("cancelled"), &json!("0.50000"))
    );
    session.until(|heard| heard["event"] == "cancelled").await;

    session.ask(json!({"op": "order.place", "id": "5", "params": place("sell", "60000.00", "1")})).await;
    let all = session.ask(json!({"op": "order.cancel_all", "id": "6"})).await;
    assert_eq!(all["cancelled"].as_array().unwrap().len(), 1, "{all}");
    let again = session.ask(json!({"op": "order.cancel", "id": "7", "params": {"order_id": id}})).await;
    assert_eq!((&again["ok"], &again["error"]["code"]), (&json!(false), &json!("UNKNOWN_ORDER")));
    session.until(|heard| heard["event"] == "rejected" && heard["error"]["code"] == "UNKNOWN_ORDER").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_book_rebuilt_from_snapshot_and_changes_equals_depth() {
    let world = World::start().await;
    let (maker, taker) = (world.trader("maker").await, world.trader("taker").await);
    world.deposit_btc(&maker, 1_000).await;
    world.limit(&maker, "sell", "60000.00", "1").await;
    let mut session = world.session(&maker).await;
    let (mut book, mut heard_book) = (Book::default(), 0);
    let mut hearer = world.socket("/api/v1/ws").await;
    hearer.ask(json!({"op": "subscribe", "id": "1", "channel": "book", "symbol": "BTC-USD"})).await;
    // A small generator: what matters is that levels come, change and go on both sides while somebody listens.
    let mut random = 88_172_645_463_325_252_u64;
    let mut next = |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    for turn in 0..400 {
        let (side, base) = if turn % 2 == 0 { ("sell", 59_990) } else { ("buy", 59_970) };
        let price = format!("{}.00", base + next(40));
        let order = json!({"op": "order.place", "id": turn.to_string(), "params": place(side, &price, "0.01")});
        session.say(order).await;
        if turn % 50 == 49 {
            session.say(json!({"op": "order.cancel_all", "id": "x", "params": {"side": "sell"}})).await;
            session.until(|heard| heard["id"] == "x").await;
        }
    }
    world.limit(&taker, "buy", "60100.00", "0.05").await;
    let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD&limit=1000", None).await;
    while book.update_id < depth["update_id"].as_u64().unwrap() {
        book.apply(&hearer.hear().await.unwrap());
        heard_book += 1;
    }
    assert!(heard_book > 1, "changes followed the snapshot");
    let mut shown = Book::default();
    let mut snapshot = depth.clone();
    snapshot["type"] = json!("snapshot");
    shown.apply(&snapshot);
    assert_eq!(book.shown(), shown.shown());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trades_and_tickers_follow_their_snapshot() {
    let world = World::start().await;
    let (maker, taker) = (world.trader("maker").await, world.trader("taker").await);
    world.deposit_btc(&maker, 1).await;
    let mut socket = world.socket("/api/v1/ws").await;
    socket.ask(json!({"op": "subscribe", "id": "1", "channel": "ticker", "symbol": "BTC"})).await;
    let ticker = socket.until(|heard| heard["channel"] == "ticker").await;
    assert_eq!((&ticker["symbol"], &ticker["data"]["price"]), (&json!("BTC-USD"), &Value::Null), "{ticker}");
    socket.ask(json!({"op": "subscribe", "id": "2", "channel": "trades", "symbol": "BTC"})).await;
    let mut n = socket.until(|heard| heard["type"] == "snapshot").await["n"].as_u64().unwrap();
    world.limit(&maker, "sell", "60000.00", "1").await;
    for turn in 1..=3 {
        world.limit(&taker, "buy", "60000.00", "0.1").await;
        let update = socket.until(|heard| heard["channel"] == "trades").await;
        n += 1;
        assert_eq!((update["n"].as_u64(), update["data"][0]["id"].as_u64()), (Some(n), Some(turn)), "{update}");
    }
    let moved = socket.until(|heard| heard["channel"] == "ticker" && heard["data"]["price"].is_string()).await;
    assert_eq!(moved["data"]["volume_24h"], "0.30000", "{moved}");
    let answer = socket.ask(json!({"op": "unsubscribe", "id": "3", "channel": "trades", "symbol": "BTC"})).await;
    assert_eq!(answer["ok"], true);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q1_garbage_is_answered_and_the_session_goes_on() {
    let world = World::start().await;
    let mut socket = world.socket("/api/v1/ws").await;
    for (message, code) in [
        ("garbage", "INVALID_BODY"),
        ("{}", "INVALID_BODY"),
        (r#"{"op":"dance"}"#, "UNKNOWN_OP"),
        (r#"{"op":"ping","extra":1}"#, "INVALID_FIELD"),
        (r#"{"op":"auth","token":"nonsense"}"#, "UNAUTHENTICATED"),
        (r#"{"op":"subscribe","channel":"orders"}"#, "UNAUTHENTICATED"),
        (r#"{"op":"subscribe","channel":"book"}"#, "INVALID_FIELD"),
        (r#"{"op":"subscribe","channel":"book","symbol":"XYZ"}"#, "UNKNOWN_INSTRUMENT"),
        (r#"{"op":"unsubscribe","channel":"book","symbol":"BTC"}"#, "NOT_SUBSCRIBED"),
        (r#"{"op":"order.place","params":{}}"#, "UNAUTHENTICATED"),
    ] {
        socket.0.send(Message::text(message)).await.unwrap();
        let answer = socket.hear().await.unwrap();
        assert_eq!(
            (&answer["ok"], answer["error"]["code"].as_str()),
            (&json!(false), Some(code)),
            "{message}: {answer}"
        );
    }
    let pong = socket.ask(json!({"op": "ping", "id": "9"})).await;
    assert_eq!(pong["op"], "pong");
    assert!(pong["time_ms"].as_u64().is_some());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q1_an_oversized_message_closes_with_1009_and_a_binary_one_with_1003() {
    let world = World::start().await;
    let mut socket = world.socket("/api/v1/ws").await;
    socket.0.send(Message::text("x".repeat(20_000))).await.unwrap();
    assert_eq!(socket.close_code().await, Some(1009));
    let mut socket = world.socket("/api/v1/ws").await;
    socket.0.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(socket.close_code().await, Some(1003));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_page_opens_no_socket() {
    let world = World::start().await;
    for (origin, status) in [("http://evil.example", 403), ("null", 403)] {
        for path in ["/api/v1/ws", "/ws/BTC-USD"] {
            let mut request = format!("ws://{}{path}", world.address).into_client_request().unwrap();
            request.headers_mut().insert("origin", origin.parse().unwrap());
            let refused = tokio_tungstenite::connect_async(request).await.unwrap_err();
            let Error::Http(response) = refused else { panic!("{refused}") };
            assert_eq!(response.status(), status);
        }
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_has_each_subscription_once() {
    let world = World::start().await;
    let mut socket = world.socket("/api/v1/ws").await;
    let subscribe = json!({"op": "subscribe", "id": "1", "channel": "book", "symbol": "BTC"});
    assert_eq!(socket.ask(subscribe.clone()).await["ok"], true);
    assert_eq!(socket.ask(subscribe).await["error"]["code"], "ALREADY_SUBSCRIBED");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t6_a_reader_that_does_not_read_is_cut_with_1013() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let mut slow = world.socket_with_buffer("/api/v1/ws", Some(4_096)).await;
    slow.auth(&trader).await;
    slow.ask(json!({"op": "subscribe", "id": "1", "channel": "orders"})).await;
    let client = world.client.clone();
    // Own events are not merged: some megabytes of them follow, and nobody reads.
    tokio::task::spawn_blocking(move || {
        for turn in 0..15_000_u32 {
            let name = ClientOrderId::new(&format!("order-{turn}"));
            let account = trader.account;
            let kind = OrderKind::Limit { price: Price(6_000_000), qty: Qty(100) };
            let order =
                PlaceOrder { client_order_id: name, ..PlaceOrder::new(account, InstrumentId(0), Side::Buy, kind) };
            let cancel = Command::Cancel { account, order: OrderRef::Client(name.unwrap()) };
            for command in [Command::Place(order), cancel] {
                while client.submit(client.next_ticket(), command).is_err() {
                    std::thread::yield_now();
                }
            }
        }
    })
    .await
    .unwrap();
    // Reading begins when everything was published: before, a reader might keep up.
    let client = world.client.clone();
    let status = tokio::task::spawn_blocking(move || {
        let last = Command::CancelAll { account: trader.account, instrument: None, side: None };
        let mut answer = Err(CallError::Busy);
        // The core may not have taken all that came before yet.
        while answer == Err(CallError::Busy) {
            answer = client.call(last, DEADLINE);
        }
        answer.unwrap();
        client.status()
    });
    let last = status.await.unwrap().durable_seq;
    eventually("end of the events", async || {
        let (_, account) = world.get("/api/v1/account", Some(&trader.token)).await;
        (account["seq"].as_u64().unwrap() >= last).then_some(())
    })
    .await;
    assert_eq!(slow.close_code().await, Some(1013));
    let metrics = world.raw(reqwest::Method::GET, "/metrics", Some(crate::support::OPERATOR), None).await;
    assert!(metrics.text().await.unwrap().contains("papertape_ws_closed_total{code=\"1013\"} 1\n"));
    assert_eq!(world.get("/healthz", None).await.0, 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_venue_says_goodbye_with_1001() {
    let world = World::start().await;
    let mut sockets = [world.socket("/api/v1/ws").await, world.socket("/ws/BTC-USD").await];
    let goodbye = tokio::spawn(async move {
        let mut codes = Vec::new();
        for socket in &mut sockets {
            codes.push(socket.close_code().await);
        }
        codes
    });
    tokio::time::timeout(DEADLINE + Duration::from_secs(5), world.stop()).await.unwrap();
    assert_eq!(goodbye.await.unwrap(), [Some(1001), Some(1001)]);
}

#[tokio::test]
async fn what_is_sent_in_one_piece_is_done_in_its_order() {
    let world = World::start().await;
    let trader = world.trader("one").await;
    let mut socket = world.socket("/api/v1/ws").await;
    socket.auth(&trader).await;
    let place = |name: &str| {
        let order = json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": "10.00", "qty": "1",
            "client_order_id": name});
        json!({"op": "order.place", "id": name, "params": order})
    };
    let switch =
        |id: &str, engaged: bool| json!({"op": "account.kill_switch", "id": id, "params": {"engaged": engaged}});
    let all = json!({"op": "order.cancel_all", "id": "all"});
    let messages = [switch("on", true), place("a"), switch("off", false), place("b"), all, place("c")];
    for message in &messages {
        socket.0.feed(Message::text(message.to_string())).await.unwrap();
    }
    socket.0.flush().await.unwrap();
    let mut answers = std::collections::BTreeMap::new();
    for _ in &messages {
        let answer = socket.until(|heard| heard.get("op").is_some()).await;
        answers.insert(answer["id"].as_str().unwrap().to_owned(), answer);
    }
    let ok: Vec<_> = ["on", "a", "off", "b", "all", "c"].map(|id| answers[id]["ok"] == json!(true)).into();
    assert_eq!(ok, [true, false, true, true, true, true], "{answers:?}");
    assert_eq!(answers["all"]["cancelled"][0]["client_order_id"], "b");
    let (_, open) = world.get("/api/v1/orders", Some(&trader.token)).await;
    assert_eq!((open.as_array().unwrap().len(), &open[0]["client_order_id"]), (1, &json!("c")), "{open}");
    world.stop().await;
}
