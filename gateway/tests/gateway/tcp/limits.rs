//! Limits, and what happens at each.

use papertape_gateway::{GatewayConfig, TcpConfig};
use papertape_pipeline::Durability;
use papertape_wire::{Cancel, FromClient, FromVenue, codes, values};
use tokio::net::TcpSocket;

use super::client::{Key, TcpClient, buy, login, resuming, world};
use super::resume::replayed;
use crate::support::{World, open_config};

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_too_fast_is_told_and_can_still_cancel() {
    let world = world(TcpConfig { orders_per_second: 2, ..TcpConfig::default() }).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut client, _) = TcpClient::open(&world, &key, login()).await;
    let (mut other, _) = TcpClient::open(&world, &key, login()).await;
    let orders: Vec<_> = (1..=12).map(|reference| buy(reference, 1_000_000, "")).collect();
    client.send_all(&orders).await;
    let rejected = client.until(|frame| match frame {
        FromVenue::CommandRejected(rejected) => Some(*rejected),
        _ => None,
    });
    let rejected = rejected.await;
    assert_eq!((rejected.code, rejected.class), (codes::RATE_LIMITED, codes::Class::Retryable as u8));
    assert!((1..=1_000).contains(&rejected.retry_after_ms), "{rejected:?}");
    other.send(&buy(50, 1_000_000, "")).await;
    assert_eq!(other.rejected().await, (codes::RATE_LIMITED, 50), "the account's sessions share one limit");
    client.send(&FromClient::Cancel(Cancel { reference: 99, order_id: 1, ..Cancel::default() })).await;
    client
        .until(|frame| matches!(frame, FromVenue::OrderCancelled(cancelled) if cancelled.reference == 99).then_some(()))
        .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_wait_for_their_answer() {
    let config = GatewayConfig { durability: Durability::Process, ..open_config() };
    let world = World::start_tcp(config, TcpConfig { in_flight_max: 4, ..TcpConfig::default() }).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut client, accepted) = TcpClient::open(&world, &key, login()).await;
    assert_eq!(accepted.in_flight_max, 4);
    let orders: Vec<_> = (1..=40).map(|reference| buy(reference, 1_000_000, "")).collect();
    client.send_all(&orders).await;
    let (mut placed, mut refused) = (0, 0);
    while placed + refused < 40 {
        match client.next().await {
            FromVenue::OrderAccepted(_) => placed += 1,
            FromVenue::CommandRejected(rejected) => {
                assert_eq!(rejected.code, codes::TOO_MANY_IN_FLIGHT);
                refused += 1;
            }
            _ => {}
        }
    }
    assert!(placed >= 4 && refused > 0, "{placed} placed, {refused} refused");
    client.rest(41, 1_000_001, "").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_connections_are_counted() {
    let world = world(TcpConfig { sessions_max: 2, connections_max: 4, ..TcpConfig::default() }).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut first, _) = TcpClient::open(&world, &key, login()).await;
    let (_second, _) = TcpClient::open(&world, &key, login()).await;
    assert_eq!(TcpClient::refused(&world, &key, login()).await, codes::TOO_MANY_SESSIONS);
    first.send(&FromClient::ClientLogout(Default::default())).await;
    assert_eq!(first.logged_out().await.0, codes::GOODBYE);
    let (_third, _) = TcpClient::open(&world, &key, login()).await;
    let mut waiting = Vec::new();
    let refused = loop {
        let mut client = tokio::net::TcpStream::connect(world.tcp.unwrap()).await.unwrap();
        let mut head = [0; 4];
        tokio::io::AsyncReadExt::read_exact(&mut client, &mut head).await.unwrap();
        if head[2] == papertape_wire::Logout::KIND {
            break client;
        }
        waiting.push(client);
    };
    assert!((1..=3).contains(&waiting.len()), "{}", waiting.len());
    drop((waiting, refused));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_is_too_slow_is_closed_and_loses_nothing() {
    let tcp = TcpConfig { kept_bytes: 256 << 10, orders_per_second: 0, ..TcpConfig::default() };
    let config = GatewayConfig { durability: Durability::Process, ..open_config() };
    let world = World::start_tcp(config, tcp).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut slow, challenge) = slow_client(&world).await;
    slow.send(&FromClient::Login(key.sign(&challenge.nonce, login()))).await;
    let (mut quick, _) = TcpClient::open(&world, &key, login()).await;
    // The first does not read; the second trades on, and reads.
    let (mut reference, mut ended) = (0, false);
    for _ in 0..400 {
        let first = reference + 1;
        reference += 50;
        let pairs = (first..=reference).flat_map(|reference| {
            let name = reference.to_string();
            [buy(reference, 1_000_000, &name), cancel_named(reference, &name)]
        });
        quick.send_all(&pairs.collect::<Vec<_>>()).await;
        let is_last =
            |frame: &FromVenue| matches!(frame, FromVenue::OrderCancelled(ended) if ended.reference == reference);
        quick.until(|frame| is_last(frame).then_some(())).await;
        let refused = "papertape_refusals_total{code=\"SLOW_READER\",over=\"tcp\"}";
        if world.read_metric(refused).await.is_some() {
            ended = true;
            break;
        }
    }
    assert!(ended, "the reader that does not read was never closed");
    let last = loop {
        match slow.next_or_end().await {
            Some(FromVenue::Logout(logout)) => {
                assert_eq!((logout.code, logout.class), (codes::SLOW_READER, codes::Class::Retryable as u8));
                assert_eq!(logout.last_sequence, slow.sequence);
                break logout.last_sequence;
            }
            Some(_) => {}
            // The socket was full: what it had is all there is.
            None => break slow.sequence,
        }
    };
    assert!(last > 0 && last < quick.sequence, "{last} of {}", quick.sequence);
    let (mut again, accepted) = TcpClient::open(&world, &key, resuming(quick.sequence - 100, 0)).await;
    assert_eq!(accepted.resumed, values::resumed::REPLAY);
    assert_eq!(replayed(&mut again).await.len(), 100);
    world.stop().await;
}

fn cancel_named(reference: u64, name: &str) -> FromClient {
    let client_order_id = papertape_wire::Text::new(name).unwrap();
    FromClient::Cancel(Cancel { reference, client_order_id, ..Cancel::default() })
}

/// One whose socket takes little.
async fn slow_client(world: &World) -> (TcpClient, papertape_wire::Challenge) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let stream = socket.connect(world.tcp.unwrap()).await.unwrap();
    TcpClient::challenged(stream).await
}
