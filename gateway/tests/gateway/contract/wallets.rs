//! Rows W1 to W3: wallets, their secrets, and what a new user has.

use reqwest::Method;
use serde_json::{Value, json};

use super::users::second_factor;
use crate::support::{OPERATOR, PASSWORD, World, open_config};
use crate::totp_code::code_of;

async fn wallets(world: &World, token: &str) -> Vec<Value> {
    let (status, listed) = world.get("/api/v1/wallets", Some(token)).await;
    assert_eq!(status, 200, "{listed}");
    listed.as_array().unwrap().clone()
}

async fn made(world: &World, token: &str, name: &str, chain: &str) -> Value {
    let body = json!({"name": name, "blockchain": chain});
    let (status, made) = world.post("/api/v1/wallets", Some(token), &body).await;
    assert_eq!(status, 201, "{made}");
    made
}

#[tokio::test(flavor = "multi_thread")]
async fn w01_a_private_key_is_shown_to_who_shows_the_password() {
    let world = World::start().await;
    let (ada, eve) = (world.trader("ada").await, world.trader("eve").await);
    let wallet = made(&world, &ada.token, "Savings", "bitcoin").await;
    assert!(wallet.get("private_key").is_none(), "{wallet}");
    let path = format!("/api/v1/wallets/{}/export", wallet["id"]);
    let (status, refused) = world.post(&path, Some(&ada.token), &json!({"password": "wrong"})).await;
    assert_eq!((status, &refused["code"]), (403, &json!("WRONG_PASSWORD")), "{refused}");
    assert_eq!(world.post(&path, Some(&ada.token), &json!({})).await.0, 400);
    assert_eq!(world.post(&path, None, &json!({"password": PASSWORD})).await.0, 401);
    assert_eq!(world.post(&path, Some(&eve.token), &json!({"password": PASSWORD})).await.0, 404, "another's");
    let (status, shown) = world.post(&path, Some(&ada.token), &json!({"password": PASSWORD})).await;
    assert_eq!((status, &shown["address"], &shown["format"]), (200, &wallet["address"], &json!("wif")), "{shown}");
    let key = shown["private_key"].as_str().unwrap();
    assert!(key.starts_with('c') && key.len() == 52, "{key}");
    let (_, logs) = world.get("/api/v1/users/me/auth-logs?action=wallet_exported", Some(&ada.token)).await;
    assert_eq!(logs["auth_logs"][0]["details"]["address"], wallet["address"], "{logs}");
    assert!(!logs.to_string().contains(key));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w01_with_a_second_factor_a_private_key_needs_a_code() {
    let world = World::start().await;
    let ada = world.trader("ada").await;
    let wallet = wallets(&world, &ada.token).await.remove(0);
    let (secret, _) = second_factor(&world, &ada.token).await;
    let path = format!("/api/v1/wallets/{}/export", wallet["id"]);
    let (status, refused) = world.post(&path, Some(&ada.token), &json!({"password": PASSWORD})).await;
    assert_eq!((status, &refused["code"]), (403, &json!("TWO_FACTOR_NEEDED")), "{refused}");
    let with_code = json!({"password": PASSWORD, "code": code_of(&secret, 1)});
    let (status, shown) = world.post(&path, Some(&ada.token), &with_code).await;
    assert_eq!((status, &shown["format"]), (200, &json!("hex")), "{shown}");
    assert_eq!(world.post(&path, Some(&ada.token), &with_code).await.0, 403, "a code counts once");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w01_keys_that_are_set_from_outside_are_rotated_from_outside() {
    let world = World::start().await;
    let ada = world.trader("ada").await;
    made(&world, &ada.token, "Savings", "solana").await;
    let rotate = "/api/v1/admin/wallet-keys";
    let (status, refused) = world.post(rotate, Some(OPERATOR), &json!({"new_key": true})).await;
    assert_eq!((status, &refused["code"]), (409, &json!("KEYS_FROM_ENVIRONMENT")), "{refused}");
    let (status, done) = world.post(rotate, Some(OPERATOR), &json!({"new_key": false})).await;
    assert_eq!((status, &done), (200, &json!({"wallets": 2, "resealed": 0, "unopened": 0, "keys": 1})));
    assert_eq!(world.post(rotate, Some(&ada.token), &json!({"new_key": false})).await.0, 403);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w02_addresses_have_the_form_of_their_chain_and_one_wallet_is_primary() {
    let world = World::start().await;
    let (ada, eve) = (world.trader("ada").await, world.trader("eve").await);
    let first = wallets(&world, &ada.token).await.remove(0);
    assert_eq!((&first["is_primary"], &first["blockchain"]), (&json!(true), &json!("ethereum")), "{first}");
    assert_eq!((&first["balance"], &first["balance_cents"]), (&json!("100000"), &json!(10_000_000)));
    for (chain, begins, lengths) in [("ethereum", "0x", 42..=42), ("bitcoin", "tb1q", 42..=42), ("solana", "", 32..=44)]
    {
        let wallet = made(&world, &ada.token, chain, chain).await;
        let address = wallet["address"].as_str().unwrap();
        assert!(address.starts_with(begins) && lengths.contains(&address.len()), "{wallet}");
        assert_eq!((&wallet["is_primary"], &wallet["balance"]), (&json!(false), &json!("0")), "{wallet}");
    }
    let listed = wallets(&world, &ada.token).await;
    let path = format!("/api/v1/wallets/{}", listed[2]["id"]);
    let edit = async |token: &str, body: Value| world.ask(Method::PATCH, &path, Some(token), Some(&body)).await;
    let (status, edited) = edit(&ada.token, json!({"name": "Cold", "is_primary": true})).await;
    assert_eq!((status, &edited["name"], &edited["is_primary"]), (200, &json!("Cold"), &json!(true)), "{edited}");
    assert_eq!(edited["balance"], json!("100000"), "the balance goes with the account");
    let primary = wallets(&world, &ada.token).await.into_iter().filter(|wallet| wallet["is_primary"] == json!(true));
    assert_eq!(primary.map(|wallet| wallet["id"].clone()).collect::<Vec<_>>(), [listed[2]["id"].clone()]);
    assert_eq!(edit(&ada.token, json!({"is_primary": false})).await.0, 400, "one always is");
    assert_eq!(edit(&ada.token, json!({"name": ""})).await.0, 400);
    assert_eq!(edit(&ada.token, json!({"address": "x"})).await.0, 400);
    assert_eq!(edit(&eve.token, json!({"name": "mine"})).await.0, 404, "another's");
    assert_eq!(world.get(&path, Some(&eve.token)).await.0, 404);
    for body in [json!({"name": "x", "blockchain": "dogecoin"}), json!({"name": "", "blockchain": "solana"})] {
        assert_eq!(world.post("/api/v1/wallets", Some(&ada.token), &body).await.0, 400, "{body}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w03_a_new_user_has_five_dollars() {
    let world = World::start_with(open_config(), ("USD", "5.00"), |spec| spec).await;
    let ada = world.trader("ada").await;
    let wallet = wallets(&world, &ada.token).await.remove(0);
    assert_eq!((&wallet["balance_cents"], &wallet["balance"]), (&json!(500), &json!("5")), "{wallet}");
    // It is the ledger's: what is spent is not shown, and what is held still is.
    let order = json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": "100.00", "qty": "0.02"});
    let (status, placed) = world.post("/api/v1/orders", Some(&ada.token), &order).await;
    assert_eq!(status, 201, "{placed}");
    let (_, account) = world.get("/api/v1/account", Some(&ada.token)).await;
    assert_eq!(account["balances"][0]["total"], wallet["balance"], "{account}");
    assert_eq!(wallets(&world, &ada.token).await[0]["balance_cents"], json!(500));
    world.stop().await;
}
