//! How sessions begin, and how they do not.

use std::time::Duration;

use papertape_gateway::{GatewayConfig, TcpConfig};
use papertape_pipeline::Durability;
use papertape_wire::{FromClient, FromVenue, Login, codes, values};
use reqwest::Method;
use serde_json::json;

use super::client::{Key, TcpClient, buy, login, world};
use crate::support::{OPERATOR, World, eventually, open_config};

#[tokio::test(flavor = "multi_thread")]
async fn both_kinds_of_keys_log_in() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    for key in [Key::hmac(&world, &ada).await, Key::ed25519(&world, &ada).await] {
        let (mut client, accepted) = TcpClient::open(&world, &key, login()).await;
        assert_eq!((accepted.account, accepted.last_sequence, accepted.next_sequence), (ada.account.0, 0, 1));
        assert_eq!((accepted.durability, accepted.permissions), (values::durability::GROUP, 3));
        assert_eq!((accepted.resumed, accepted.in_flight_max), (values::resumed::NOW, 1_024));
        client.send(&FromClient::ClientLogout(Default::default())).await;
        assert_eq!(client.logged_out().await, (codes::GOODBYE, 0));
    }
    eventually("the use of a key", async || {
        let (_, keys) = world.get("/api/v1/api-keys", Some(&ada.token)).await;
        keys.as_array().unwrap().iter().all(|key| key["last_used_at_ms"].is_u64()).then_some(())
    })
    .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_wrong_anywhere_is_refused() {
    let world = world(TcpConfig { failed_logins_per_minute: 0, ..TcpConfig::default() }).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    for (wrong, code) in [
        (Login { protocol: 2, ..login() }, codes::PROTOCOL_NOT_SPOKEN),
        (Login { client_time_ns: 1, ..login() }, codes::CLOCK_OFF),
        (Login { grace_ms: 60_001, ..login() }, codes::INVALID_FIELD),
        (Login { resume: 3, ..login() }, codes::INVALID_FIELD),
        (Login { cancel_on_disconnect: 2, ..login() }, codes::INVALID_FIELD),
        (Login { durability: 9, ..login() }, codes::INVALID_FIELD),
        (Login { durability: values::durability::GROUP_MARK, ..login() }, codes::DURABILITY_UNAVAILABLE),
    ] {
        assert_eq!(TcpClient::refused(&world, &key, wrong).await, code);
    }
    let spoils: [fn(&mut Login); 4] = [
        |login| login.signature.0[5] ^= 1,
        |login| login.signature.0[40] = 1,
        |login| login.grace_ms = 1,
        |login| login.key_id[0] ^= 1,
    ];
    for spoil in spoils {
        let (mut client, challenge) = TcpClient::connect(world.tcp.unwrap()).await;
        let mut signed = key.sign(&challenge.nonce, login());
        spoil(&mut signed);
        client.send(&FromClient::Login(signed)).await;
        assert!(
            matches!(client.next().await, FromVenue::LoginRejected(rejected) if rejected.code == codes::AUTHENTICATION_FAILED)
        );
        client.is_over().await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_was_recorded_is_good_for_nothing() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut first, challenge) = TcpClient::connect(world.tcp.unwrap()).await;
    let recorded = FromClient::Login(key.sign(&challenge.nonce, login()));
    first.send(&recorded).await;
    assert!(matches!(first.next().await, FromVenue::LoginAccepted(_)));
    let (mut second, other) = TcpClient::connect(world.tcp.unwrap()).await;
    assert_ne!(challenge.nonce, other.nonce);
    second.send(&recorded).await;
    assert!(
        matches!(second.next().await, FromVenue::LoginRejected(rejected) if rejected.code == codes::AUTHENTICATION_FAILED)
    );
    first.send(&recorded).await;
    assert_eq!(first.rejected().await.0, codes::ALREADY_LOGGED_IN, "and the session goes on");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_logins_of_an_address_are_limited() {
    let world = world(TcpConfig { failed_logins_per_minute: 3, ..TcpConfig::default() }).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let unknown = Key { id: [1; 16], ..Key::ed25519(&world, &ada).await };
    for _ in 0..3 {
        assert_eq!(TcpClient::refused(&world, &unknown, login()).await, codes::AUTHENTICATION_FAILED);
    }
    assert_eq!(TcpClient::refused(&world, &key, login()).await, codes::TOO_MANY_LOGINS);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_log_in_is_shown_out() {
    let world = world(TcpConfig { login_within: Duration::from_millis(50), ..TcpConfig::default() }).await;
    let (mut silent, _) = TcpClient::connect(world.tcp.unwrap()).await;
    assert_eq!(silent.logged_out().await, (codes::LOGIN_TIMEOUT, 0));
    let (mut eager, _) = TcpClient::connect(world.tcp.unwrap()).await;
    eager.send(&buy(1, 1_000_000, "")).await;
    assert_eq!(eager.logged_out().await, (codes::NOT_LOGGED_IN, 0));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a1_a_key_that_is_revoked_or_expires_ends_its_sessions() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut client, _) = TcpClient::open(&world, &key, login()).await;
    let path = format!("/api/v1/api-keys/{}", papertape_platform::hex(&key.id));
    assert_eq!(world.ask(Method::DELETE, &path, Some(&ada.token), None).await.0, 204);
    assert_eq!(client.logged_out().await, (codes::KEY_REVOKED, 0));
    assert_eq!(TcpClient::refused(&world, &key, login()).await, codes::AUTHENTICATION_FAILED);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u4_a_user_who_is_suspended_is_shut_out_with_every_key() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let (_, me) = world.get("/users/me", Some(&ada.token)).await;
    let key = Key::hmac(&world, &ada).await;
    let (mut client, _) = TcpClient::open(&world, &key, login()).await;
    let path = format!("/api/v1/admin/users/{}/suspension", me["id"]);
    assert_eq!(world.put(&path, json!({"reason": "wash trades"})).await.0, 200);
    assert_eq!(client.logged_out().await.0, codes::USER_SHUT_OUT);
    assert_eq!(TcpClient::refused(&world, &key, login()).await, codes::USER_SHUT_OUT);
    assert_eq!(world.ask(Method::DELETE, &path, Some(OPERATOR), None).await.0, 200);
    TcpClient::open(&world, &key, login()).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a1_a_key_that_may_only_read_does_not_trade() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let reads = Key::named(&world, &ada, "reads", json!(["read"])).await;
    let trades = Key::named(&world, &ada, "trades", json!(["trade"])).await;
    let (mut reader, accepted) = TcpClient::open(&world, &reads, login()).await;
    assert_eq!(accepted.permissions, values::permissions::READ);
    reader.send(&buy(7, 1_000_000, "")).await;
    assert_eq!(reader.rejected().await, (codes::PERMISSION_DENIED, 7));
    let (mut trader, _) = TcpClient::open(&world, &trades, login()).await;
    trader.send(&FromClient::QueryAccount(papertape_wire::QueryAccount { reference: 8 })).await;
    assert_eq!(trader.rejected().await, (codes::PERMISSION_DENIED, 8));
    trader.rest(9, 1_000_000, "").await;
    let seen = reader.until(|frame| match frame {
        FromVenue::OrderAccepted(accepted) => Some(accepted.reference),
        _ => None,
    });
    assert_eq!(seen.await, 0, "what another session asked has no reference here");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_session_has_its_level() {
    let config = GatewayConfig { durability: Durability::Process, ..open_config() };
    let world = World::start_tcp(config, TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    use values::durability as levels;
    for (durability, interval_ms) in
        [(levels::MEMORY, 0), (levels::PROCESS, 0), (levels::INTERVAL, 7), (levels::GROUP, 0), (0, 0)]
    {
        let (mut client, accepted) = TcpClient::open(&world, &key, Login { durability, interval_ms, ..login() }).await;
        let stated = if durability == 0 { levels::PROCESS } else { durability };
        assert_eq!((accepted.durability, accepted.interval_ms), (stated, interval_ms));
        client.rest(1, 1_000_000, "").await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a2_a_key_from_elsewhere_neither_begins_nor_keeps_a_session() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let body =
        |name: &str, network: &str| json!({"name": name, "kind": "hmac", "type": "write", "ip_whitelist": [network]});
    let there = Key::made(&world, &ada.token, body("there", "192.0.2.0/24")).await;
    assert_eq!(TcpClient::refused(&world, &there, login()).await, codes::AUTHENTICATION_FAILED);
    eventually("the row of the refusal", async || {
        let (_, logs) = world.get("/api/v1/users/me/auth-logs?action=api_key_refused", Some(&ada.token)).await;
        (logs["auth_logs"][0]["details"]["reason"] == json!("address")).then_some(())
    })
    .await;
    let here = Key::made(&world, &ada.token, body("here", "127.0.0.1")).await;
    let (mut client, _) = TcpClient::open(&world, &here, login()).await;
    let path = format!("/api/v1/api-keys/{}", papertape_platform::hex(&here.id));
    let moved = json!({"ip_whitelist": ["192.0.2.7"]});
    assert_eq!(world.ask(Method::PATCH, &path, Some(&ada.token), Some(&moved)).await.0, 200);
    assert_eq!(client.logged_out().await, (codes::KEY_REVOKED, 0));
    world.stop().await;
}
