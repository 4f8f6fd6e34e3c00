//! Clients that mean no good, beside one that does.

use papertape_gateway::TcpConfig;
use papertape_wire::{FromClient, FromVenue, codes};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::client::{Key, TcpClient, buy, login, world};
use crate::support::World;

/// A session that works on, whatever others do.
async fn witness(world: &World) -> (TcpClient, Key) {
    let ada = world.trader("ada").await;
    let key = Key::hmac(world, &ada).await;
    (TcpClient::open(world, &key, login()).await.0, key)
}

#[tokio::test(flavor = "multi_thread")]
async fn lengths_that_cannot_be_end_the_session_at_once() {
    let world = world(TcpConfig::default()).await;
    let (mut witness, key) = witness(&world).await;
    for head in [[0, 0], [3, 0], [1, 4], [255, 255]] {
        let (mut stranger, _) = TcpClient::connect(world.tcp.unwrap()).await;
        stranger.send_bytes(&head).await;
        assert_eq!(stranger.logged_out().await, (codes::MALFORMED, 0), "{head:?}");
        let (mut known, _) = TcpClient::open(&world, &key, login()).await;
        known.send_bytes(&head).await;
        assert_eq!(known.logged_out().await.0, codes::MALFORMED, "{head:?}");
    }
    let (mut short, _) = TcpClient::open(&world, &key, login()).await;
    short.send_bytes(&[8, 0, 0x10, 1, 0, 0, 0, 0]).await;
    assert_eq!(short.logged_out().await.0, codes::MALFORMED, "an order that ends in its reference");
    witness.rest(1, 1_000_000, "").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_come_whole_however_they_are_cut() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut client, challenge) = TcpClient::connect(world.tcp.unwrap()).await;
    let mut bytes = Vec::new();
    FromClient::Login(key.sign(&challenge.nonce, login())).write(&mut bytes);
    for reference in 1..=5 {
        buy(reference, 1_000_000 + reference, "").write(&mut bytes);
    }
    // Byte by byte, as the slowest would.
    for byte in bytes {
        client.send_bytes(&[byte]).await;
    }
    assert!(matches!(client.next().await, FromVenue::LoginAccepted(_)));
    for reference in 1..=5 {
        client
            .until(|frame| {
                matches!(frame, FromVenue::OrderAccepted(accepted) if accepted.reference == reference).then_some(())
            })
            .await;
    }
    // Many in one write, more than one read takes.
    let mut bytes = Vec::new();
    for reference in 10..1_010 {
        buy(reference, 1_000_000, "").write(&mut bytes);
    }
    client.send_bytes(&bytes).await;
    for reference in 10..1_010 {
        let answered = client.until(|frame| match frame {
            FromVenue::OrderAccepted(accepted) => Some(accepted.reference),
            FromVenue::OrderRejected(rejected) => Some(rejected.reference),
            FromVenue::CommandRejected(rejected) => panic!("{:?}", codes::code(rejected.code)),
            _ => None,
        });
        assert_eq!(answered.await, reference, "answers come in the order of the requests");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_types_are_skipped_up_to_a_point_and_newer_versions_are_read() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut client, _) = TcpClient::open(&world, &key, login()).await;
    client.send_bytes(&[6, 0, 0x7f, 9, 1, 2]).await;
    let FromVenue::CommandRejected(rejected) = client.next().await else { panic!() };
    assert_eq!((rejected.code, rejected.request), (codes::UNKNOWN_TYPE, 0x7f));
    let mut newer = Vec::new();
    buy(7, 1_000_000, "").write(&mut newer);
    newer.extend([1, 2, 3]);
    let length = newer.len() as u16;
    newer[..2].copy_from_slice(&length.to_le_bytes());
    newer[3] = 2;
    client.send_bytes(&newer).await;
    let FromVenue::OrderAccepted(accepted) = client.next().await else { panic!() };
    assert_eq!(accepted.reference, 7);
    // What only the venue says is not known from a client.
    client.send_bytes(&[4, 0, 0xa0, 1].repeat(100)).await;
    assert_eq!(client.logged_out().await.0, codes::TOO_MANY_ERRORS);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_frames_floods_and_noise_do_not_keep_others_from_trading() {
    let world = world(TcpConfig::default()).await;
    let (mut witness, key) = witness(&world).await;
    let address = world.tcp.unwrap();
    let mut half = TcpStream::connect(address).await.unwrap();
    half.write_all(&[130, 0, 0x10]).await.unwrap();
    let (mut noisy, _) = TcpClient::open(&world, &key, login()).await;
    let flood: Vec<u8> = {
        let mut frame = Vec::new();
        FromClient::ClientHeartbeat(Default::default()).write(&mut frame);
        frame.repeat(16_384)
    };
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut reference = 0;
    for _ in 0..50 {
        noisy.send_bytes(&flood).await;
        let mut stranger = TcpStream::connect(address).await.unwrap();
        let noise: Vec<u8> = (0..512)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state as u8
            })
            .collect();
        // The venue may have closed by now.
        let _ = stranger.write_all(&noise).await;
        reference += 1;
        witness.rest(reference, 1_000_000, "").await;
    }
    noisy.rest(1, 1_000_001, "").await;
    drop((half, noisy));
    world.stop().await;
}
