//! What single channels say; that they say everything is the business of the tests that follow them all.

use serde_json::{Value, json};

use crate::support::World;

fn subscribe(channel: &str, symbol: &str) -> Value {
    json!({"op": "subscribe", "id": channel, "channel": channel, "symbol": symbol})
}

#[tokio::test(flavor = "multi_thread")]
async fn the_best_prices_are_told_when_they_change_and_hidden_orders_never() {
    let world = World::start().await;
    let maker = world.trader("maker").await;
    world.deposit_btc(&maker, 10).await;
    let mut socket = world.socket("/api/v1/ws").await;
    let answer = socket.ask(subscribe("l1", "BTC")).await;
    assert_eq!((&answer["resumed"], &answer["symbol"]), (&json!(false), &json!("BTC-USD")), "{answer}");
    let first = socket.until(|heard| heard["channel"] == "l1").await;
    assert_eq!((&first["type"], &first["bid"], &first["ask"]), (&json!("snapshot"), &Value::Null, &Value::Null));
    socket.ask(subscribe("l3", "BTC")).await;
    socket.until(|heard| heard["channel"] == "l3").await;
    let order = |price: &str, display: &str| json!({"symbol": "BTC-USD", "side": "sell", "type": "limit", "price": price, "qty": "1", "display_qty": display});
    for (price, display) in [("60000.00", "0"), ("60001.00", "0.25")] {
        let (status, order) = world.post("/api/v1/orders", Some(&maker.token), &order(price, display)).await;
        assert_eq!(status, 201, "{order}");
    }
    let best = socket.until(|heard| heard["channel"] == "l1").await;
    assert_eq!(best["ask"], json!(["60001.00", "0.25000"]), "{best}");
    assert_eq!(best["n"], first["n"].as_u64().unwrap() + 1);
    let told = socket.until(|heard| heard["channel"] == "l3").await;
    let added = &told["added"].as_array().unwrap()[..];
    assert_eq!(added.len(), 1, "{told}");
    assert_eq!((&added[0]["qty"], &added[0]["price"]), (&json!("0.25000"), &json!("60001.00")));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bars_positions_and_the_phase_follow() {
    let world = World::start().await;
    let (maker, taker) = (world.trader("maker").await, world.trader("taker").await);
    world.deposit_btc(&maker, 10).await;
    let mut session = world.session(&taker).await;
    for interval in ["1m", "1w"] {
        let ask =
            json!({"op": "subscribe", "id": interval, "channel": "candles", "symbol": "BTC", "interval": interval});
        assert_eq!(session.ask(ask).await["interval"], interval);
        assert_eq!(session.until(|heard| heard["channel"] == "candles").await["data"], json!([]));
    }
    session.ask(json!({"op": "subscribe", "id": "p", "channel": "positions"})).await;
    assert_eq!(session.until(|heard| heard["channel"] == "positions").await["data"], json!([]));
    session.ask(subscribe("status", "BTC")).await;
    let status = session.until(|heard| heard["channel"] == "status").await;
    assert_eq!((&status["phase"], &status["stopped"]), (&json!("continuous"), &json!(false)));
    world.limit(&maker, "sell", "60000.00", "1").await;
    world.limit(&taker, "buy", "60000.00", "0.25").await;
    for interval in ["1m", "1w"] {
        let told = session.until(|heard| heard["interval"] == interval && heard["type"] == "update").await;
        let bar = &told["data"][0];
        assert_eq!((&bar["volume"], &bar["close"]), (&json!("0.25000"), &json!("60000.00")), "{told}");
    }
    let held = session.until(|heard| heard["channel"] == "positions").await;
    assert_eq!((&held["data"][0]["symbol"], &held["data"][0]["qty"]), (&json!("BTC-USD"), &json!("0.25")), "{held}");
    // The market moves: what is held is worth more.
    world.limit(&maker, "buy", "60001.00", "0.01").await;
    world.limit(&taker, "sell", "60001.00", "0.01").await;
    session.until(|heard| heard["data"][0]["mark_price"] == "60001.00").await;
    let stop = json!({"engaged": true});
    assert_eq!(world.put("/api/v1/admin/kill-switch", stop).await.0, 200);
    session.until(|heard| heard["channel"] == "status" && heard["stopped"] == true).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn x1_to_x3_topics_in_the_short_shape_say_exactly_that() {
    let world = World::start().await;
    let (maker, taker) = (world.trader("maker").await, world.trader("taker").await);
    world.deposit_btc(&maker, 10).await;
    let mut session = world.socket("/api/v1/ws").await;
    let auth = session.ask(json!({"op": "auth", "id": "auth", "token": taker.token})).await;
    let id = auth["user_id"].as_i64().unwrap();
    let ask = |channel: String| json!({"op": "subscribe", "id": channel, "channel": channel});
    for channel in ["market-data:btcusd".to_owned(), format!("trade-events:{id}"), format!("position-updates:{id}")] {
        let answer = session.ask(ask(channel.clone())).await;
        assert_eq!((&answer["ok"], &answer["channel"]), (&json!(true), &json!(channel)), "{answer}");
    }
    for topic in ["trade-events", "position-updates"] {
        let answer = session.ask(ask(format!("{topic}:{}", id + 1))).await;
        assert_eq!(answer["error"]["code"], "FORBIDDEN", "{answer}");
    }
    world.limit(&maker, "sell", "60000.00", "1").await;
    let order = world.limit(&taker, "buy", "60000.00", "0.25").await;
    let market = session.until(|heard| heard.get("price").is_some()).await;
    assert_eq!(market, json!({"symbol": "BTC-USD", "price": "60000.00", "volume": "0.25000"}));
    for status in ["new", "filled"] {
        let event = session.until(|heard| heard.get("tradeId").is_some()).await;
        assert_eq!(event, json!({"tradeId": order["order_id"], "status": status}));
    }
    let position = session.until(|heard| heard.get("positionId").is_some()).await;
    assert_eq!(position, json!({"positionId": "BTC-USD", "pnl": "0"}), "{position}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_gets_what_was_missed_and_nothing_else() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let mut session = world.session(&trader).await;
    let answer = session.ask(json!({"op": "subscribe", "id": "1", "channel": "orders"})).await;
    let epoch = answer["epoch"].as_u64().unwrap();
    let snapshot = session.until(|heard| heard["channel"] == "orders").await;
    assert_eq!((&snapshot["epoch"], &snapshot["n"]), (&json!(epoch), &answer["n"]));
    world.limit(&trader, "buy", "50000.00", "0.01").await;
    let heard = session.until(|heard| heard["channel"] == "orders").await["n"].as_u64().unwrap();
    drop(session);
    let missed = world.limit(&trader, "buy", "50001.00", "0.01").await;
    let mut session = world.session(&trader).await;
    let resume = |epoch: u64, n: u64| json!({"op": "subscribe", "id": "1", "channel": "orders", "resume": {"epoch": epoch, "n": n}});
    let answer = session.ask(resume(epoch, heard)).await;
    assert_eq!((&answer["resumed"], &answer["n"]), (&json!(true), &json!(heard + 1)), "{answer}");
    let told = session.until(|heard| heard["channel"] == "orders").await;
    assert_eq!((&told["n"], &told["data"]["order_id"]), (&json!(heard + 1), &missed["order_id"]), "{told}");
    session.ask(json!({"op": "unsubscribe", "id": "2", "channel": "orders"})).await;
    let answer = session.ask(resume(epoch - 1, heard)).await;
    assert_eq!(answer["resumed"], false);
    assert_eq!(session.until(|heard| heard["channel"] == "orders").await["type"], "snapshot");
    world.stop().await;
}

/// Bytes of this process that are in memory.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1_024
}

/// Opens a WebSocket with as little as there is, so that its memory is the venue's.
fn bare_socket(address: std::net::SocketAddr) -> std::net::TcpStream {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let request = format!(
        "GET /api/v1/ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let (mut answer, mut byte) = (Vec::new(), [0]);
    while !answer.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 101 ") && answer.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{answer}");
    stream
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: it needs 10,000 open files; run it alone, with --nocapture"]
async fn five_thousand_idle_connections_are_held() {
    let config = papertape_gateway::GatewayConfig { connections_max: 6_000, ..crate::support::open_config() };
    let world = World::start_with(config, ("USD", "1.00"), |spec| spec).await;
    let address = world.address;
    let few = tokio::task::spawn_blocking(move || (0..500).map(|_| bare_socket(address)).collect::<Vec<_>>()).await;
    let before = resident();
    let many = tokio::task::spawn_blocking(move || (0..4_500).map(|_| bare_socket(address)).collect::<Vec<_>>()).await;
    let each = (resident() - before) / 4_500;
    println!("{each} bytes of memory for each idle connection");
    assert!(each < 10 << 10, "{each} bytes for each idle connection");
    drop((few, many));
    world.stop().await;
}
