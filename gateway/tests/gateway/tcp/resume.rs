//! Messages that a client missed, over reconnects and restarts.

use papertape_gateway::TcpConfig;
use papertape_wire::{FromVenue, Login, values};

use super::client::{Key, TcpClient, login, resuming, world};
use crate::support::{World, open_config};

/// Messages up to the end of the replay.
pub(crate) async fn replayed(client: &mut TcpClient) -> Vec<FromVenue> {
    let mut all = Vec::new();
    loop {
        match client.next().await {
            FromVenue::EndOfReplay(_) => return all,
            frame => all.push(frame),
        }
    }
}

/// A snapshot: its sequence, and its orders.
pub(crate) async fn snapshot(client: &mut TcpClient) -> (u64, Vec<u64>) {
    let FromVenue::SnapshotBegin(begin) = client.next().await else { panic!() };
    let mut orders = Vec::new();
    loop {
        match client.next().await {
            FromVenue::OpenOrder(order) => orders.push(order.order_id),
            FromVenue::Balance(_) => {}
            FromVenue::SnapshotEnd(end) => {
                assert_eq!((end.sequence, orders.len() as u32), (begin.sequence, begin.orders));
                return (begin.sequence, orders);
            }
            other => panic!("{other:?}"),
        }
    }
}

fn time_of(frame: &FromVenue) -> u64 {
    let mut bytes = Vec::new();
    frame.write(&mut bytes);
    u64::from_le_bytes(bytes[20..28].try_into().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_comes_again_and_then_what_is_new() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut first, _) = TcpClient::open(&world, &key, login()).await;
    first.rest(1, 1_000_000, "a").await;
    drop(first);
    world.limit(&ada, "buy", "11.00", "0.1").await;
    let (mut second, accepted) = TcpClient::open(&world, &key, resuming(1, 0)).await;
    assert_eq!((accepted.resumed, accepted.next_sequence, accepted.last_sequence), (values::resumed::REPLAY, 2, 4));
    let missed = replayed(&mut second).await;
    assert_eq!((missed.len(), second.sequence), (3, 4));
    assert!(matches!(missed[0], FromVenue::OrderRested(rested) if rested.reference == 0 && rested.sequence == 2));
    second.rest(9, 1_000_001, "b").await;
    assert_eq!(second.sequence, 6);
    let (mut third, accepted) = TcpClient::open(&world, &key, resuming(6, 0)).await;
    assert_eq!((accepted.resumed, accepted.next_sequence), (values::resumed::REPLAY, 7));
    assert_eq!(replayed(&mut third).await, []);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_venue_never_had_is_not_taken_for_another() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut client, _) = TcpClient::open(&world, &key, login()).await;
    let order = client.rest(1, 1_000_000, "a").await;
    let (mut again, _) = TcpClient::open(&world, &key, resuming(0, 0)).await;
    let time_ns = time_of(&replayed(&mut again).await[1]);
    let (_, accepted) = TcpClient::open(&world, &key, resuming(2, time_ns)).await;
    assert_eq!(accepted.resumed, values::resumed::REPLAY);
    for (after, time_ns) in [(2, time_ns + 1), (3, 0), (u64::MAX, 0)] {
        let (mut client, accepted) = TcpClient::open(&world, &key, resuming(after, time_ns)).await;
        assert_eq!((accepted.resumed, accepted.next_sequence), (values::resumed::NOT_KNOWN, 0));
        assert_eq!(snapshot(&mut client).await, (2, vec![order]));
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_no_more_is_a_snapshot_and_messages_go_on_after_it() {
    let world = world(TcpConfig { kept_bytes: 20_000, ..TcpConfig::default() }).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut client, _) = TcpClient::open(&world, &key, login()).await;
    let mut orders = Vec::new();
    for reference in 1..=150 {
        orders.push(client.rest(reference, 1_000_000 + reference, "").await);
    }
    let (mut again, accepted) = TcpClient::open(&world, &key, resuming(1, 0)).await;
    assert_eq!((accepted.resumed, accepted.last_sequence), (values::resumed::TOO_OLD, 300));
    assert_eq!(snapshot(&mut again).await, (300, orders.clone()));
    client.rest(151, 1_000_000, "").await;
    let FromVenue::OrderAccepted(next) = again.next().await else { panic!() };
    assert_eq!(next.sequence, 301);
    let (mut asked, accepted) =
        TcpClient::open(&world, &key, Login { resume: values::resume::SNAPSHOT, ..login() }).await;
    assert_eq!(accepted.resumed, values::resumed::SNAPSHOT);
    assert_eq!(snapshot(&mut asked).await.0, 302);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_messages_survive_a_restart() {
    let mut dir = tempfile::tempdir().unwrap();
    let (mut seen, mut key, mut messages): (u64, Option<Key>, Vec<FromVenue>) = (0, None, Vec::new());
    for round in 0..3 {
        let world = World::start_tcp_in(dir, open_config(), TcpConfig::default()).await;
        if key.is_none() {
            let ada = world.trader("ada").await;
            key = Some(Key::hmac(&world, &ada).await);
        }
        let key = key.as_ref().unwrap();
        let (mut client, accepted) = TcpClient::open(&world, key, resuming(0, 0)).await;
        assert_eq!((accepted.resumed, accepted.last_sequence), (values::resumed::REPLAY, seen), "round {round}");
        assert_eq!(replayed(&mut client).await, messages, "round {round}");
        client.rest(1, 1_000_000 + round, "").await;
        let (mut again, _) = TcpClient::open(&world, key, resuming(0, 0)).await;
        messages = replayed(&mut again).await;
        seen += 2;
        assert_eq!(messages.len() as u64, seen);
        drop((client, again));
        dir = world.stop_keeping(async {}).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_what_is_refilled_a_restart_gives_a_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start_tcp_in(dir, open_config(), TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut client, _) = TcpClient::open(&world, &key, login()).await;
    let order = client.rest(1, 1_000_000, "").await;
    drop(client);
    let dir = world.stop_keeping(async {}).await;
    let world =
        World::start_tcp_in(dir, open_config(), TcpConfig { refilled_records: 0, ..TcpConfig::default() }).await;
    let (mut client, accepted) = TcpClient::open(&world, &key, resuming(0, 0)).await;
    assert_eq!((accepted.resumed, accepted.last_sequence), (values::resumed::TOO_OLD, 2));
    assert_eq!(snapshot(&mut client).await, (2, vec![order]));
    client.rest(2, 1_000_001, "").await;
    assert_eq!(client.sequence, 4);
    world.stop().await;
}
