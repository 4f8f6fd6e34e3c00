//! Heartbeats, the end of sessions, what becomes of orders then, and the end of the venue.

use std::time::Duration;

use papertape_gateway::{GatewayConfig, TcpConfig};
use papertape_wire::{Cancel, ClientHeartbeat, FromClient, FromVenue, Login, codes};
use serde_json::json;

use super::client::{Key, TcpClient, buy, login, resuming, world};
use super::resume::replayed;
use crate::support::{Trader, World, eventually, open_config};

async fn open_orders(world: &World, trader: &Trader) -> usize {
    let (_, orders) = world.get("/api/v1/orders?status=open", Some(&trader.token)).await;
    orders.as_array().or_else(|| orders["orders"].as_array()).unwrap().len()
}

fn cancelling(grace_ms: u32) -> Login {
    Login { cancel_on_disconnect: 1, grace_ms, ..login() }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_say_that_they_live() {
    let (heartbeat, dead_after) = (Duration::from_millis(100), Duration::from_millis(1_500));
    let world = world(TcpConfig { heartbeat, dead_after, ..TcpConfig::default() }).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut alive, accepted) = TcpClient::open(&world, &key, login()).await;
    assert_eq!((accepted.heartbeat_ms, accepted.dead_after_ms), (100, 1_500));
    let (mut silent, _) = TcpClient::open(&world, &key, login()).await;
    let speaks = async {
        let mut beats = 0;
        // Longer than a silent session lives.
        while beats < 25 {
            match alive.next_or_end().await.unwrap() {
                FromVenue::Heartbeat(_) => beats += 1,
                other => panic!("{other:?}"),
            }
            alive.send(&FromClient::ClientHeartbeat(ClientHeartbeat {})).await;
        }
        alive
    };
    let (mut alive, ended) = tokio::join!(speaks, silent.logged_out());
    assert_eq!(ended, (codes::SILENT, 0));
    alive.rest(1, 1_000_000, "").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_stay_unless_the_login_says_otherwise() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut stays, _) = TcpClient::open(&world, &key, login()).await;
    stays.rest(1, 1_000_000, "a").await;
    drop(stays);
    let (mut goes, _) = TcpClient::open(&world, &key, cancelling(0)).await;
    eventually("the order over REST", async || (open_orders(&world, &ada).await == 1).then_some(())).await;
    goes.rest(2, 1_000_001, "b").await;
    drop(goes);
    eventually("a cancel", async || (open_orders(&world, &ada).await == 0).then_some(())).await;
    let (mut again, _) = TcpClient::open(&world, &key, resuming(4, 0)).await;
    let missed = replayed(&mut again).await;
    assert!(matches!(missed.last(), Some(FromVenue::MassCancelDone(done)) if done.orders == 2), "{missed:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_within_the_grace_time_keeps_his_orders() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut first, _) = TcpClient::open(&world, &key, cancelling(60_000)).await;
    first.rest(1, 1_000_000, "a").await;
    drop(first);
    let (second, _) = TcpClient::open(&world, &key, cancelling(0)).await;
    let (mut third, _) = TcpClient::open(&world, &key, login()).await;
    drop(second);
    // Another session of the account is there: nothing is cancelled, whatever the one that ended had asked for.
    third.is_quiet().await;
    eventually("the order over REST", async || (open_orders(&world, &ada).await == 1).then_some(())).await;
    drop(third);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_venue_that_drains_says_so_takes_cancels_and_logs_out() {
    let config = GatewayConfig { drain: Duration::from_secs(4), ..open_config() };
    let mut world = World::start_tcp(config, TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut client, _) = TcpClient::open(&world, &key, login()).await;
    let order_id = client.rest(1, 1_000_000, "a").await;
    world.begin_to_stop();
    let FromVenue::ServerShutdown(notice) = client.next().await else { panic!() };
    assert_eq!(notice.closes_in_ms, 4_000);
    client.send(&buy(2, 1_000_000, "")).await;
    assert_eq!(client.rejected().await, (codes::STOPPING, 2));
    client.send(&FromClient::Cancel(Cancel { reference: 3, order_id, ..Cancel::default() })).await;
    client.until(|frame| matches!(frame, FromVenue::OrderCancelled(_)).then_some(())).await;
    drop(client);
    // Nobody is connected any more: the drain is over before its time.
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_venue_that_stops_cancels_for_those_who_asked_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start_tcp_in(dir, open_config(), TcpConfig::default()).await;
    let (ada, bob) = (world.trader("ada").await, world.trader("bob").await);
    let (adas, bobs) = (Key::hmac(&world, &ada).await, Key::hmac(&world, &bob).await);
    let (mut goes, _) = TcpClient::open(&world, &adas, cancelling(60_000)).await;
    let (mut stays, _) = TcpClient::open(&world, &bobs, login()).await;
    goes.rest(1, 1_000_000, "").await;
    stays.rest(1, 1_000_000, "").await;
    let farewells = async {
        assert_eq!(goes.logged_out().await.0, codes::STOPPING);
        assert_eq!(stays.logged_out().await.0, codes::STOPPING);
    };
    let dir = world.stop_keeping(farewells).await;
    let world = World::start_tcp_in(dir, open_config(), TcpConfig::default()).await;
    let (mut goes, _) = TcpClient::open(&world, &adas, resuming(2, 0)).await;
    assert!(matches!(replayed(&mut goes).await.last(), Some(FromVenue::MassCancelDone(done)) if done.orders == 1));
    let (mut stays, _) = TcpClient::open(&world, &bobs, resuming(2, 0)).await;
    assert_eq!(replayed(&mut stays).await, []);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_counted_moves() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut client, _) = TcpClient::open(&world, &key, login()).await;
    client.rest(1, 1_000_000, "").await;
    client.send(&buy(2, 0, &"-".repeat(36))).await;
    client.rejected().await;
    for (name, least) in [
        ("papertape_tcp_connections", 1.0),
        ("papertape_tcp_sessions", 1.0),
        ("papertape_tcp_logins_total", 1.0),
        ("papertape_tcp_frames_received_total", 3.0),
        ("papertape_tcp_messages_sent_total", 3.0),
        ("papertape_tcp_kept_bytes", 100.0),
    ] {
        let found = eventually(name, async || world.read_metric(name).await.filter(|value| *value >= least)).await;
        assert!(found >= least, "{name}");
    }
    let (_, status) = world.get("/api/v1/status", None).await;
    assert_ne!(status, json!(null));
    world.stop().await;
}
