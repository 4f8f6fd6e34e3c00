//! API keys over REST.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn a1_keys_are_made_listed_and_revoked_and_secrets_are_shown_once() {
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
async fn a3_a_name_is_a_user_s_own_and_fields_are_checked() {
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
        (json!({"name": "a", "kind": "hmac", "permissions": ["admin"]}), "permissions"),
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
