//! Rows A1 to A3, U15 and U17: API keys, made and ended.

use reqwest::Method;
use serde_json::{Value, json};

use super::signed::{Request, buy};
use super::users::{second_factor, session, user_id};
use crate::support::World;
use crate::tcp::client::Key;
use crate::totp_code::code_of;

#[tokio::test(flavor = "multi_thread")]
async fn a01_keys_are_made_listed_and_revoked_and_secrets_are_shown_once() {
    let world = World::start().await;
    let (ada, bob) = (world.trader("ada").await, world.trader("bob").await);
    let body = json!({"name": " maker ", "kind": "hmac", "permissions": ["trade", "read"]});
    let (status, made) = world.post("/api/v1/api-keys", Some(&ada.token), &body).await;
    assert_eq!((status, &made["name"], &made["permissions"]), (201, &json!("maker"), &json!(["read", "trade"])));
    assert_eq!(made["secret"].as_str().unwrap().len(), 64);
    let key = made["key"].as_str().unwrap();
    let (_, listed) = world.get("/api/v1/api-keys", Some(&ada.token)).await;
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["key"]), (1, &made["key"]));
    assert_eq!((listed[0].get("secret"), &listed[0]["last_used_at_ms"]), (None, &Value::Null));
    assert_eq!(world.get("/api/v1/api-keys", Some(&bob.token)).await.1, json!([]));
    let path = format!("/api/v1/api-keys/{key}");
    for (token, expected) in [(&bob.token, 404), (&ada.token, 204), (&ada.token, 404)] {
        assert_eq!(world.ask(Method::DELETE, &path, Some(token), None).await.0, expected);
    }
    assert_eq!(world.get("/api/v1/api-keys", Some(&ada.token)).await.1, json!([]));
    assert_eq!(world.get("/api/v1/api-keys", None).await.0, 401);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a03_a_name_is_a_user_s_own_and_fields_are_checked() {
    let world = World::start().await;
    let (ada, bob) = (world.trader("ada").await, world.trader("bob").await);
    let body = json!({"name": "bot", "kind": "hmac", "permissions": ["read"]});
    assert_eq!(world.post("/api/v1/api-keys", Some(&ada.token), &body).await.0, 201);
    let (status, taken) = world.post("/api/v1/api-keys", Some(&ada.token), &body).await;
    assert_eq!((status, &taken["code"]), (409, &json!("NAME_TAKEN")));
    assert_eq!(world.post("/api/v1/api-keys", Some(&bob.token), &body).await.0, 201);
    for (body, field) in [
        (json!({"name": "", "kind": "hmac", "permissions": ["read"]}), "name: "),
        (json!({"name": "x".repeat(65), "kind": "hmac", "permissions": ["read"]}), "name: "),
        (json!({"name": "a", "kind": "hmac", "permissions": []}), "permissions: "),
        (json!({"name": "a", "kind": "hmac", "permissions": ["all"]}), "permissions"),
        (json!({"name": "a", "kind": "hmac", "permissions": ["read"], "type": "read"}), "permissions: "),
        (json!({"name": "a", "kind": "hmac"}), "permissions: "),
        (json!({"name": "a", "kind": "hmac", "type": "read", "ip_whitelist": ["10.0.0.0/33"]}), "ip_whitelist: "),
        (json!({"name": "a", "kind": "hmac", "permissions": ["read"], "expires_at_ms": 1}), "expires_at_ms: "),
        (json!({"name": "a", "kind": "hmac", "permissions": ["read"], "public_key": "00"}), "public_key: "),
        (json!({"name": "a", "kind": "ed25519", "permissions": ["read"]}), "public_key: "),
        (
            json!({"name": "a", "kind": "ed25519", "permissions": ["read"], "public_key": "0".repeat(64)}),
            "public_key: ",
        ),
    ] {
        let (status, refused) = world.post("/api/v1/api-keys", Some(&ada.token), &body).await;
        assert_eq!((status, &refused["code"]), (400, &json!("INVALID_FIELD")), "{body}");
        assert!(refused["detail"].as_str().unwrap().starts_with(field), "{refused}");
    }
    let many = |at: usize| json!({"name": format!("bot {at}"), "kind": "hmac", "permissions": ["read"]});
    for at in 0..31 {
        assert_eq!(world.post("/api/v1/api-keys", Some(&ada.token), &many(at)).await.0, 201);
    }
    let (status, refused) = world.post("/api/v1/api-keys", Some(&ada.token), &many(99)).await;
    assert_eq!((status, &refused["code"]), (409, &json!("TOO_MANY_API_KEYS")));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u15_a_key_has_permissions_and_a_list_of_addresses() {
    let world = World::start().await;
    let ada = world.trader("ada").await;
    let body = json!({"name": "bot", "permissions": ["read"], "ipWhitelist": ["192.0.2.7", "10.0.0.0/8"]});
    let (status, made) = world.post("/api/v2/users/me/api-keys", Some(&ada.token), &body).await;
    assert_eq!((status, &made["permissions"]), (201, &json!(["read"])), "{made}");
    assert_eq!(made["ipWhitelist"], json!(["192.0.2.7/32", "10.0.0.0/8"]));
    assert_eq!((made["key"].as_str().unwrap().len(), made["secret"].as_str().unwrap().len()), (32, 64));
    let (_, listed) = world.get("/api/v2/users/me/api-keys", Some(&ada.token)).await;
    assert_eq!((&listed[0]["key"], listed[0].get("secret")), (&made["key"], None), "it is shown once");
    for bad in [
        json!({"name": "b", "permissions": []}),
        json!({"name": "b", "permissions": ["read"], "ipWhitelist": ["x"]}),
        json!({"name": "b", "permissions": ["read"], "ipWhitelist": vec!["10.0.0.1"; 33]}),
    ] {
        assert_eq!(world.post("/api/v2/users/me/api-keys", Some(&ada.token), &bad).await.0, 400, "{bad}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u17_a_key_that_was_deleted_stops_with_the_next_request() {
    let world = World::start().await;
    let (ada, eve) = (world.trader("ada").await, world.trader("eve").await);
    let body = json!({"name": "bot", "permissions": ["read", "trade"]});
    let (_, made) = world.post("/api/v2/users/me/api-keys", Some(&ada.token), &body).await;
    let key = Key::of(&made);
    assert_eq!(Request::post("/api/v1/orders", &buy("100.00")).send(&world, &key).await.0, 201);
    let path = format!("/api/v2/users/me/api-keys/{}", made["key"].as_str().unwrap());
    assert_eq!(world.ask(Method::DELETE, &path, Some(&eve.token), None).await.0, 404, "another's");
    assert_eq!(world.ask(Method::DELETE, &path, Some(&ada.token), None).await.0, 204);
    let (status, refused) = Request::get("/api/v1/account").send(&world, &key).await;
    assert_eq!((status, &refused["code"]), (401, &json!("API_KEY_REFUSED")), "{refused}");
    assert_eq!(world.ask(Method::DELETE, &path, Some(&ada.token), None).await.0, 404);
    let (_, logs) = world.get("/api/v1/users/me/auth-logs?limit=2", Some(&ada.token)).await;
    let actions: Vec<_> = logs["auth_logs"].as_array().unwrap().iter().map(|row| row["action"].clone()).collect();
    assert_eq!(actions, ["api_key_revoked", "api_key_created"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_an_administrators_key_is_made_with_a_second_factor_and_ends_with_the_role() {
    let world = World::start().await;
    let ada = world.trader("ada").await;
    let role = format!("/api/v1/admin/users/{}/role", user_id(&world, &ada).await);
    let body = json!({"name": "operations", "kind": "hmac", "type": "admin"});
    let (status, refused) = world.post("/api/v1/api-keys", Some(&ada.token), &body).await;
    assert_eq!((status, &refused["code"]), (403, &json!("FORBIDDEN")), "a user's");
    assert_eq!(world.put(&role, json!({"role": "admin"})).await.0, 200);
    let weak = world.log_in("ada@example.com").await;
    assert_eq!(world.post("/api/v1/api-keys", Some(&weak), &body).await.0, 403, "without a second factor");
    let (secret, _) = second_factor(&world, &weak).await;
    let (_, strong) = session(&world, "ada", Some(&code_of(&secret, 1))).await;
    let key = Key::made(&world, strong["access_token"].as_str().unwrap(), body).await;
    assert_eq!(Request::get("/api/v1/admin/users").send(&world, &key).await.0, 200);
    assert_eq!(Request::get("/api/v1/account").send(&world, &key).await.0, 200);
    assert_eq!(world.put(&role, json!({"role": "user"})).await.0, 200);
    let (status, refused) = Request::get("/api/v1/admin/users").send(&world, &key).await;
    assert_eq!((status, &refused["code"]), (403, &json!("FORBIDDEN")), "{refused}");
    world.stop().await;
}
