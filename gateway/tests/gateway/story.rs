//! The life of an order, and the state after any record.

use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use papertape_gateway::GatewayConfig;
use papertape_pipeline::{Disk, Durability, RealDisk, Replay};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{OPERATOR, Trader, World, eventually, open_config};

/// Asks until there is an answer or a refusal.
async fn told(world: &World, path: &str, token: Option<&str>) -> (u16, Value) {
    eventually("answer", async || {
        let (status, told) = world.get(path, token).await;
        (status != 202).then_some((status, told))
    })
    .await
}

async fn answer(world: &World, path: &str, token: &str) -> Value {
    let (status, answer) = told(world, path, Some(token)).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

async fn order(world: &World, trader: &Trader, body: Value) -> String {
    let (status, order) = world.post("/api/v1/orders", Some(&trader.token), &body).await;
    assert_eq!(status, 201, "{order}");
    order["order_id"].as_str().unwrap().to_owned()
}

fn limit(side: &str, price: &str, qty: &str) -> Value {
    json!({"symbol": "BTC-USD", "side": side, "type": "limit", "price": price, "qty": qty})
}

fn lines<'a>(story: &'a Value, what: &str) -> Vec<&'a Value> {
    story["lines"].as_array().unwrap().iter().filter(|line| line["what"] == what).collect()
}

/// A seller's order behind another's, partly filled, and cancelled. Gives the two sellers, the buyer and the order.
async fn lived(world: &World) -> ([Trader; 3], String) {
    let (first, ann, buyer) = (world.trader("first").await, world.trader("ann").await, world.trader("buyer").await);
    world.deposit_btc(&first, 10).await;
    world.deposit_btc(&ann, 10).await;
    let mut secret = limit("sell", "61000.00", "0.5");
    secret["client_order_id"] = json!("secret-of-first");
    let ahead = order(world, &first, secret).await;
    let mut mine = limit("sell", "61000.00", "0.4");
    mine["client_order_id"] = json!("mine-1");
    let mine = order(world, &ann, mine).await;
    order(world, &buyer, limit("buy", "61000.00", "0.2")).await;
    let path = format!("/api/v1/orders/{ahead}");
    let (status, _) = world.ask(Method::DELETE, &path, Some(&first.token), None).await;
    assert_eq!(status, 200);
    order(world, &buyer, limit("buy", "61000.00", "0.1")).await;
    // Somebody else's try at it.
    let path = format!("/api/v1/orders/{mine}");
    let (status, _) = world.ask(Method::DELETE, &path, Some(&buyer.token), None).await;
    assert_eq!(status, 404);
    ([first, ann, buyer], mine)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_reads_the_life_of_an_order_and_nothing_of_others() {
    let world = World::start().await;
    let ([first, ann, buyer], mine) = lived(&world).await;
    let path = format!("/api/v1/orders/{mine}/story");
    let open = answer(&world, &path, &ann.token).await;
    assert_eq!((&open["sum"]["state"], &open["sum"]["filled_qty"]), (&json!("open"), &json!("0.10000")), "{open}");
    // Of an order that has changed since, no old story is told.
    let (status, _) = world.ask(Method::DELETE, &format!("/api/v1/orders/{mine}"), Some(&ann.token), None).await;
    assert_eq!(status, 200);
    let story = answer(&world, &path, &ann.token).await;
    let head = &story["order"];
    assert_eq!(
        (&head["order_id"], &head["account"], &head["client_order_id"]),
        (&json!(mine), &json!(ann.account.0), &json!("mine-1"))
    );
    let queued = lines(&story, "queued");
    assert_eq!((&queued[0]["ahead_orders"], &queued[0]["ahead_qty"]), (&json!(1), &json!("0.50000")), "{story}");
    let ahead: Vec<_> = lines(&story, "ahead").iter().map(|line| line["text"].as_str().unwrap().to_owned()).collect();
    assert_eq!(
        ahead,
        [
            "another order traded 0.20000: 0.30000 of 0.50000 left there; ahead now: 1 order with 0.30000",
            "another order changed: 0.30000 no longer ahead; ahead now: nobody"
        ]
    );
    let fills = lines(&story, "fill");
    assert_eq!(fills.len(), 1, "{story}");
    for (field, value) in [
        ("qty", json!("0.10000")),
        ("leaves_qty", json!("0.30000")),
        ("price", json!("61000.00")),
        ("role", json!("maker")),
        ("fee_asset", json!("USD")),
    ] {
        assert_eq!(fills[0][field], value, "{field}: {story}");
    }
    assert!(fills[0]["text"].as_str().unwrap().contains("with another order, it was there"), "{story}");
    let ended = lines(&story, "ended");
    assert_eq!(ended[0]["reason"], "USER");
    assert!(ended[0]["text"].as_str().unwrap().contains(&format!("[account {}: cancel", ann.account.0)), "{story}");
    assert!(lines(&story, "refused").is_empty(), "what others try is not told: {story}");
    assert_eq!((&story["sum"]["state"], &story["left_out"]), (&json!("ended"), &json!(0)));
    let text = story.to_string();
    for other in [&first, &buyer] {
        assert!(!text.contains(&format!("account {}", other.account.0)), "{text}");
    }
    for line in story["lines"].as_array().unwrap() {
        assert!(line["other_account"].is_null() && line["other_order"].is_null(), "{line}");
    }
    for hidden in ["secret-of-first", "first@", "buyer@"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    assert_eq!(text.matches("\"account\":").count(), 1, "its own: {text}");

    // What has ended is told the same again, and to nobody else.
    assert_eq!(answer(&world, &path, &ann.token).await, story);
    for (path, token, status, code) in [
        (path.as_str(), Some(buyer.token.as_str()), 404, "UNKNOWN_ORDER"),
        (&path, None, 401, "UNAUTHENTICATED"),
        (&path, Some(OPERATOR), 401, "UNAUTHENTICATED"),
        ("/api/v1/orders/4711/story", Some(&ann.token), 404, "UNKNOWN_ORDER"),
        ("/api/v1/orders/x/story", Some(&ann.token), 400, "INVALID_FIELD"),
    ] {
        let (refused, problem) = told(&world, path, token).await;
        assert_eq!((refused, &problem["code"]), (status, &json!(code)), "{path}: {problem}");
    }

    // The operator sees all of it.
    let path = format!("/api/v1/admin{}", path.trim_start_matches("/api/v1"));
    let whole = answer(&world, &path, OPERATOR).await;
    let fill = lines(&whole, "fill")[0].clone();
    assert_eq!(fill["other_account"], buyer.account.0);
    assert!(fill["text"].as_str().unwrap().contains(&format!("of account {}", buyer.account.0)), "{whole}");
    assert_eq!(lines(&whole, "refused")[0]["reason"], "UNKNOWN_ORDER");
    assert!(lines(&whole, "ahead")[1]["text"].as_str().unwrap().contains("ended (USER)"), "{whole}");
    assert_eq!(whole["sum"], story["sum"]);
    let (status, problem) = told(&world, "/api/v1/admin/orders/4711/story", Some(OPERATOR)).await;
    assert_eq!((status, &problem["code"]), (404, &json!("UNKNOWN_ORDER")), "{problem}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_after_a_record_is_what_a_replay_comes_to() {
    let world = World::start().await;
    let ([_, ann, _], mine) = lived(&world).await;
    let latest = answer(&world, "/api/v1/admin/state", OPERATOR).await;
    let last = latest["seq"].as_u64().unwrap();
    assert!(last > 15, "{latest}");
    for seq in 1..=last {
        let state = answer(&world, &format!("/api/v1/admin/state?seq={seq}"), OPERATOR).await;
        let replay = Replay { dir: world.data(), until: Some(seq), skip_to: None };
        let replayed = tokio::task::spawn_blocking(move || replay.run(|_| {}).unwrap()).await.unwrap();
        let hash: String = replayed.engine.state_hash().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((&state["seq"], &state["state_hash"]), (&json!(seq), &json!(hash)), "{state}");
        assert_eq!(state["time_ms"], replayed.last_time_ns / 1_000_000);
        assert_eq!(state["accounts"], replayed.engine.account_count());
    }
    let state = answer(&world, &format!("/api/v1/admin/state?seq={last}"), OPERATOR).await;
    assert_eq!(state["state_hash"], latest["state_hash"]);
    let usd = state["assets"].as_array().unwrap().iter().find(|asset| asset["asset"] == "USD").unwrap();
    assert_eq!((&usd["total"], &usd["owed"]), (&json!("300000"), &json!("0")), "three were given 100,000: {usd}");
    let fees: f64 = usd["fees"].as_str().unwrap().parse().unwrap();
    assert!(fees > 0.0, "{usd}");
    let market = state["markets"].as_array().unwrap().iter().find(|market| market["symbol"] == "BTC-USD").unwrap();
    assert_eq!((&market["last_trade_id"], &market["last_price"]), (&json!(2), &json!("61000.00")), "{market}");
    assert_eq!((&state["book"], &state["account"]), (&Value::Null, &Value::Null));

    // A book and an account, then and now.
    let query = format!("symbol=BTC-USD&account={}", ann.account.0);
    let now = answer(&world, &format!("/api/v1/admin/state?{query}"), OPERATOR).await;
    assert_eq!(now["book"]["asks"], json!([["61000.00", "0.30000"]]), "{now}");
    assert_eq!((&now["book"]["phase"], &now["book"]["bids"]), (&json!("continuous"), &json!([])));
    let account = &now["account"];
    assert_eq!((&account["open_orders"], &account["orders"][0]["order_id"]), (&json!(1), &json!(mine)), "{now}");
    for (field, value) in [
        ("client_order_id", json!("mine-1")),
        ("qty", json!("0.40000")),
        ("leaves_qty", json!("0.30000")),
        ("shown_qty", json!("0.30000")),
        ("waits", json!(false)),
    ] {
        assert_eq!(account["orders"][0][field], value, "{field}: {account}");
    }
    let (_, live) = world.get("/api/v1/account", Some(&ann.token)).await;
    assert_eq!(account["balances"], live["balances"]);
    let story = answer(&world, &format!("/api/v1/admin/orders/{mine}/story"), OPERATOR).await;
    let born = story["lines"][0]["seq"].as_u64().unwrap();
    let then = answer(&world, &format!("/api/v1/admin/state?seq={born}&{query}"), OPERATOR).await;
    assert_eq!(then["book"]["asks"], json!([["61000.00", "0.90000"]]), "{then}");
    assert_eq!(then["orders"], json!(mine.parse::<u64>().unwrap()));

    let beyond = last + 1_000_000;
    for (query, status, code) in [
        ("seq=0", 400, "INVALID_FIELD"),
        (&format!("seq={beyond}"), 404, "UNKNOWN_RECORD"),
        ("seq=x", 400, "INVALID_QUERY"),
        ("block=1", 400, "INVALID_QUERY"),
        ("symbol=GOLD-USD", 400, "UNKNOWN_INSTRUMENT"),
        ("account=4711", 404, "UNKNOWN_ACCOUNT"),
        // Nobody was there yet.
        (&format!("seq=1&account={}", ann.account.0), 404, "UNKNOWN_ACCOUNT"),
        ("seq=1&symbol=BTC-USD", 400, "UNKNOWN_INSTRUMENT"),
    ] {
        let (refused, problem) = told(&world, &format!("/api/v1/admin/state?{query}"), Some(OPERATOR)).await;
        assert_eq!((refused, &problem["code"]), (status, &json!(code)), "{query}: {problem}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_takes_longer_is_asked_for_again() {
    let config = GatewayConfig { looks_back_within: Duration::ZERO, ..open_config() };
    let world = World::start_with(config, ("USD", "100000.00"), |spec| spec).await;
    let ([_, ann, _], mine) = lived(&world).await;
    let path = format!("/api/v1/orders/{mine}/story");
    let pending = world.raw(Method::GET, &path, Some(&ann.token), None).await;
    assert_eq!((pending.status().as_u16(), &pending.headers()["retry-after"]), (202, &"1".parse().unwrap()));
    assert_eq!(pending.json::<Value>().await.unwrap(), json!({"status": "PENDING"}));
    let story = answer(&world, &path, &ann.token).await;
    assert_eq!(story["sum"]["state"], "open");
    let (status, pending) = world.get("/api/v1/admin/state?seq=3", Some(OPERATOR)).await;
    assert_eq!((status, pending), (202, json!({"status": "PENDING"})));
    assert_eq!(answer(&world, "/api/v1/admin/state?seq=3", OPERATOR).await["seq"], 3);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_venue_that_was_not_told_where_its_journal_is_says_so() {
    let folder = (tempfile::tempdir().unwrap(), Arc::new(RealDisk::default()) as Arc<dyn Disk>);
    let world = World::start_in(folder, open_config(), ("USD", "100000.00"), |spec| spec).await;
    let ([_, ann, _], mine) = lived(&world).await;
    for (path, token) in [
        (format!("/api/v1/orders/{mine}/story"), ann.token.as_str()),
        (format!("/api/v1/admin/orders/{mine}/story"), OPERATOR),
        ("/api/v1/admin/state".to_owned(), OPERATOR),
    ] {
        let (status, problem) = world.get(&path, Some(token)).await;
        assert_eq!((status, &problem["code"]), (501, &json!("NO_JOURNAL")), "{path}: {problem}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_cannot_be_read_is_a_problem_and_no_end() {
    let world = World::start().await;
    let ([_, ann, _], mine) = lived(&world).await;
    // A byte of the first record's payload, under a venue that runs on.
    let journal = std::fs::read_dir(world.data().path().join("journal")).unwrap();
    let mut segments: Vec<_> = journal.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    segments.sort();
    let bytes = std::fs::read(&segments[0]).unwrap();
    // Headers end at 8192, and the record's own is 48 bytes long.
    let at = 8_192 + 48;
    let segment = std::fs::OpenOptions::new().write(true).open(&segments[0]).unwrap();
    segment.write_all_at(&[bytes[at] ^ 0xff], at as u64).unwrap();
    for (path, token) in
        [(format!("/api/v1/orders/{mine}/story"), ann.token.as_str()), ("/api/v1/admin/state".to_owned(), OPERATOR)]
    {
        let (status, problem) = told(&world, &path, Some(token)).await;
        assert_eq!((status, &problem["code"]), (500, &json!("INTERNAL")), "{path}: {problem}");
    }
    assert_eq!(world.get("/healthz", None).await.0, 200);
    segment.write_all_at(&bytes[at..=at], at as u64).unwrap();
    assert_eq!(answer(&world, &format!("/api/v1/orders/{mine}/story"), &ann.token).await["sum"]["state"], "open");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_has_what_was_told_under_every_level() {
    for durability in [Durability::Memory, Durability::Process] {
        let config = GatewayConfig { durability, ..open_config() };
        let world = World::start_with(config, ("USD", "100000.00"), |spec| spec).await;
        let ann = world.trader("ann").await;
        for number in 1..=20 {
            let mine = order(&world, &ann, limit("buy", "50000.00", "0.01")).await;
            let story = answer(&world, &format!("/api/v1/orders/{mine}/story"), &ann.token).await;
            assert_eq!((&story["order"]["order_id"], mine), (&json!(number.to_string()), number.to_string()));
        }
        world.stop().await;
    }
}
