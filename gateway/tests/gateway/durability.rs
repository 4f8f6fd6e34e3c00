//! What answers wait for: the venue's level, or that of a session.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use papertape_gateway::GatewayConfig;
use papertape_pipeline::{Durability, Fdatasync, Outlook, RealDisk, Syncer};
use reqwest::Method;
use serde_json::{Value, json};

use crate::socket::Socket;
use crate::support::{DEADLINE, OPERATOR, Trader, World, eventually, open_config};

/// A disk whose syncs wait while it is held.
#[derive(Default)]
struct Held(AtomicBool);

impl Held {
    fn set(&self, held: bool) {
        self.0.store(held, Ordering::SeqCst);
    }
}

impl Syncer for Held {
    fn sync(&self, file: &File, path: &Path) -> io::Result<()> {
        let begun = std::time::Instant::now();
        while self.0.load(Ordering::SeqCst) && begun.elapsed() < DEADLINE {
            std::thread::sleep(Duration::from_millis(1));
        }
        Fdatasync.sync(file, path)
    }
}

async fn world(durability: Durability) -> (World, Arc<Held>) {
    let held = Arc::new(Held::default());
    let disk = Arc::new(RealDisk::synced_by(Arc::clone(&held) as _));
    (World::start_at(durability, disk).await, held)
}

fn limit(price: &str) -> Value {
    json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": price, "qty": "1"})
}

async fn place(socket: &mut Socket, id: &str, price: &str) -> Value {
    socket.ask(json!({"op": "order.place", "id": id, "params": limit(price)})).await
}

/// Places an order by REST: its answer, and what the answer says of the journal.
async fn post(world: &World, trader: &Trader, durability: Option<&str>) -> (u16, Value, Option<u64>, Option<String>) {
    let mut request = world.http().post(world.url("/api/v1/orders")).bearer_auth(&trader.token).json(&limit("10"));
    if let Some(durability) = durability {
        request = request.header("Papertape-Durability", durability);
    }
    let response = request.send().await.unwrap();
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (seq, level) = (header("papertape-seq").map(|seq| seq.parse().unwrap()), header("papertape-durability"));
    (response.status().as_u16(), response.json().await.unwrap(), seq, level)
}

#[tokio::test]
async fn a_session_that_does_not_wait_for_the_disk_is_answered_before_others_see_its_orders() {
    for venue in [Durability::Group, Durability::GroupMark] {
        let (world, disk) = world(venue).await;
        let (early, late) = (world.trader("early").await, world.trader("late").await);
        let mut fast = world.session_at(&early, "process").await;
        let mut slow = world.session(&late).await;
        let first = place(&mut fast, "0", "5").await;
        assert_eq!(first["durability"], "process");
        let durable = world.client.durable();
        let in_book = json!([["5.00", "1.00000"]]);
        eventually("the first order in the book", async || {
            let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD", None).await;
            (depth["bids"] == in_book).then_some(())
        })
        .await;
        disk.set(true);
        let placed = place(&mut fast, "1", "10").await;
        assert_eq!((&placed["ok"], &placed["durability"]), (&json!(true), &json!("process")), "{placed}");
        let (seq, order) = (placed["seq"].as_u64().unwrap(), placed["order"]["order_id"].clone());
        assert_eq!(durable.ask(seq), Outlook::Coming);
        let amended = json!({"op": "order.amend", "id": "2", "params": {"order_id": order, "price": "11"}});
        let amended = fast.ask(amended).await;
        assert_eq!(amended["order"]["price"], "11.00", "{amended}");
        // Neither its owner's other readers nor the book know of it.
        let path = format!("/api/v1/orders/{}", order.as_str().unwrap());
        assert_eq!(world.get(&path, Some(&early.token)).await.0, 404);
        let (_, depth) = world.get("/api/v1/depth?symbol=BTC-USD", None).await;
        assert_eq!(depth["bids"], in_book, "{depth}");
        slow.say(json!({"op": "order.place", "id": "3", "params": limit("12")})).await;
        let cancelled = fast.ask(json!({"op": "order.cancel", "id": "4", "params": {"order_id": order}})).await;
        assert_eq!(cancelled["order"]["status"], "cancelled", "{cancelled}");
        assert_eq!(durable.ask(seq), Outlook::Coming, "nothing of this was on the disk");
        disk.set(false);
        let answer = slow.until(|heard| heard["id"] == "3").await;
        assert_eq!((&answer["ok"], &answer["durability"]), (&json!(true), &json!(venue.to_string())), "{answer}");
        assert_eq!(durable.ask(answer["seq"].as_u64().unwrap()), Outlook::Synced);
        let (_, known) = world.get(&path, Some(&early.token)).await;
        assert_eq!((&known["status"], &known["price"]), (&json!("cancelled"), &json!("11.00")), "{known}");
        world.stop().await;
    }
}

#[tokio::test]
async fn a_list_that_others_do_not_know_yet_may_be_sent_again() {
    let (world, disk) = world(Durability::Group).await;
    let early = world.trader("early").await;
    let mut fast = world.session_at(&early, "process").await;
    place(&mut fast, "0", "5").await;
    disk.set(true);
    let leg = |price: &str| json!({"side": "buy", "type": "limit", "price": price, "qty": "1"});
    let list = json!({"type": "oto", "symbol": "BTC-USD", "client_order_id": "twice", "orders": [leg("6"), leg("7")]});
    let first = fast.ask(json!({"op": "order_list.place", "id": "1", "params": list})).await;
    let again = fast.ask(json!({"op": "order_list.place", "id": "2", "params": list})).await;
    let seq = first["seq"].as_u64().unwrap();
    assert_eq!(world.client.durable().ask(seq), Outlook::Coming);
    assert_eq!((&again["ok"], &again["list"]), (&json!(true), &first["list"]), "{again}");
    assert_eq!(first["list"]["orders"].as_array().unwrap().len(), 2, "{first}");
    disk.set(false);
    world.stop().await;
}

#[tokio::test]
async fn early_answers_agree_with_what_becomes_known() {
    let (world, _) = world(Durability::Group).await;
    let mut sessions = Vec::new();
    for (name, level) in [("a", "memory"), ("b", "process"), ("c", "group"), ("d", "interval:7")] {
        let trader = world.trader(name).await;
        sessions.push((world.session_at(&trader, level).await, trader, level));
    }
    let mut last = 0;
    for round in 0..100 {
        for (socket, _, level) in &mut sessions {
            let placed = place(socket, &format!("p{round}"), "10").await;
            assert_eq!((&placed["ok"], &placed["durability"]), (&json!(true), &json!(level)), "{placed}");
            let which = json!({"order_id": placed["order"]["order_id"]});
            let gone = socket.ask(json!({"op": "order.cancel", "id": format!("c{round}"), "params": which})).await;
            assert_eq!(gone["order"]["status"], "cancelled", "{gone}");
            assert!(gone["seq"].as_u64() > placed["seq"].as_u64());
            last = gone["seq"].as_u64().unwrap();
        }
    }
    for (_, trader, _) in &sessions {
        // Who asks over REST sees what is durable: after a moment all that was answered.
        let account = eventually("the last answer", async || {
            let (_, account) = world.get("/api/v1/account", Some(&trader.token)).await;
            (account["seq"].as_u64().unwrap() >= last).then_some(account)
        })
        .await;
        assert_eq!(account["balances"][0]["held"], "0", "{account}");
        let (_, open) = world.get("/api/v1/orders", Some(&trader.token)).await;
        assert_eq!(open, json!([]));
    }
    world.stop().await;
}

#[tokio::test]
async fn on_a_venue_that_does_not_wait_a_request_may() {
    for venue in [Durability::Memory, Durability::Process, Durability::Interval { ms: 3_600_000 }] {
        let (world, disk) = world(venue).await;
        let trader = world.trader("one").await;
        let durable = world.client.durable();
        // The account's number is in the database: it may not be lost.
        assert!(durable.synced() > 0, "{venue}");
        disk.set(true);
        let (status, order, seq, level) = post(&world, &trader, None).await;
        assert_eq!((status, level), (201, Some(venue.to_string())), "{order}");
        assert_ne!(durable.ask(seq.unwrap()), Outlook::Synced);
        disk.set(false);
        let (status, order, seq, level) = post(&world, &trader, Some("group")).await;
        assert_eq!((status, level.as_deref()), (201, Some("group")), "{order}");
        assert_eq!(durable.ask(seq.unwrap()), Outlook::Synced);
        world.stop().await;
    }
}

#[tokio::test]
async fn a_level_that_cannot_be_is_refused_and_nothing_is_done() {
    let (world, _) = world(Durability::Group).await;
    let trader = world.trader("one").await;
    for (named, status, code) in [("group+mark", 422, "DURABILITY_UNAVAILABLE"), ("disk", 400, "INVALID_FIELD")] {
        let (answered, problem, seq, _) = post(&world, &trader, Some(named)).await;
        assert_eq!((answered, &problem["code"], seq), (status, &json!(code), None), "{problem}");
        let mut socket = world.socket("/api/v1/ws").await;
        let auth = json!({"op": "auth", "id": "1", "token": trader.token, "durability": named});
        assert_eq!(socket.ask(auth).await["error"]["code"], code);
    }
    // The plain routes know no finer refusal, and what is only read waits for nothing.
    let ask = |method, path| {
        let request = world.http().request(method, world.url(path)).bearer_auth(&trader.token);
        request.header("Papertape-Durability", "group+mark").json(&json!({"symbol": "BTC-USD"})).send()
    };
    let refused = ask(Method::POST, "/trade").await.unwrap();
    assert_eq!(refused.status(), 400);
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "DURABILITY_UNAVAILABLE");
    assert_eq!(ask(Method::GET, "/api/v1/account").await.unwrap().status(), 200);
    let (_, open) = world.get("/api/v1/orders", Some(&trader.token)).await;
    assert_eq!(open, json!([]));
    world.stop().await;
}

#[tokio::test]
async fn a_venue_may_answer_nobody_early() {
    let config = GatewayConfig { early_answers: false, ..open_config() };
    let world = World::start_with(config, ("USD", "100000.00"), |spec| spec).await;
    let trader = world.trader("one").await;
    let (status, problem, ..) = post(&world, &trader, Some("process")).await;
    assert_eq!((status, &problem["code"]), (422, &json!("DURABILITY_UNAVAILABLE")), "{problem}");
    let (status, _, _, level) = post(&world, &trader, Some("group")).await;
    assert_eq!((status, level.as_deref()), (201, Some("group")));
    world.stop().await;
}

#[tokio::test]
async fn what_the_operator_did_is_answered_with_its_level_too() {
    let (world, _) = world(Durability::Process).await;
    let response =
        world.raw(Method::POST, "/api/v1/admin/accounts", Some(OPERATOR), Some(&json!({"reference": "9"}))).await;
    assert_eq!(response.headers()["papertape-durability"], "process");
    world.stop().await;
}
