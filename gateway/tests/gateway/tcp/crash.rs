//! A venue that is cut off, and its clients after that.

use papertape_engine::{AccountId, Command};
use papertape_gateway::{GatewayConfig, TcpConfig};
use papertape_pipeline::Durability;
use papertape_wire::{FromVenue, values};

use serde_json::json;

use super::client::{Key, TcpClient, login, resuming};
use super::resume::replayed;
use crate::support::{World, open_config};

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_away_during_a_crash_gets_what_was_missed() {
    for durability in [Durability::Process, Durability::Group] {
        let config = GatewayConfig { durability, ..open_config() };
        let dir = tempfile::tempdir().unwrap();
        let world = World::start_tcp_in(dir, config.clone(), TcpConfig::default()).await;
        let ada = world.trader("ada").await;
        let key = Key::hmac(&world, &ada).await;
        let (mut client, _) = TcpClient::open(&world, &key, login()).await;
        client.rest(1, 1_000_000, "a").await;
        drop(client);
        let missed = world.limit(&ada, "buy", "11.00", "0.1").await;
        let dir = world.crash().await;

        let world = World::start_tcp_in(dir, config, TcpConfig::default()).await;
        let (mut client, accepted) = TcpClient::open(&world, &key, resuming(2, 0)).await;
        assert_eq!((accepted.resumed, accepted.next_sequence), (values::resumed::REPLAY, 3), "{durability}");
        let told = replayed(&mut client).await;
        assert_eq!(told.len(), 2);
        assert!(matches!(&told[0], FromVenue::OrderAccepted(accepted)
            if accepted.order_id.to_string() == missed["order_id"].as_str().unwrap()));
        client.rest(2, 1_000_001, "b").await;
        assert_eq!(client.sequence, 6);
        // Over WebSocket the same event has the same number, also after that.
        let mut session = world.session(&ada).await;
        session.ask(json!({"op": "subscribe", "id": "o", "channel": "orders"})).await;
        let order = client.rest(3, 1_000_002, "c").await;
        let told = session.until(|heard| heard["data"]["client_order_id"] == "c").await;
        assert_eq!((&told["event"], &told["sequence"]), (&json!("accepted"), &json!(7)), "{told}");
        assert_eq!((told["data"]["order_id"].as_str(), client.sequence), (Some(order.to_string().as_str()), 8));
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_the_same_however_often_the_venue_is_cut_off() {
    let mut dir = tempfile::tempdir().unwrap();
    let mut key = None;
    let mut before = Vec::new();
    for round in 0..4_u64 {
        let world = World::start_tcp_in(dir, open_config(), TcpConfig::default()).await;
        if key.is_none() {
            let ada = world.trader("ada").await;
            key = Some(Key::hmac(&world, &ada).await);
        }
        let key = key.as_ref().unwrap();
        let (mut client, _) = TcpClient::open(&world, key, resuming(0, 0)).await;
        assert_eq!(replayed(&mut client).await, before, "round {round}");
        for order in 0..5 {
            client.rest(order + 1, 1_000_000 + 10 * round + order, "").await;
        }
        // Something that nobody is told of moves the journal on.
        let tag = Command::SetTradeGroup { account: AccountId(1), group: None };
        world.client.submit(world.client.next_ticket(), tag).unwrap();
        let (mut again, _) = TcpClient::open(&world, key, resuming(0, 0)).await;
        before = replayed(&mut again).await;
        assert_eq!(before.len() as u64, 10 * (round + 1));
        drop((client, again));
        dir = if round % 2 == 0 { world.crash().await } else { world.stop_keeping(async {}).await };
    }
}
