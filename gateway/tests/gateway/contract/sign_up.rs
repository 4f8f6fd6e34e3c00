//! Rows U1, U8 and U9 to U12: sign-up, log-in, and who one is.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{PASSWORD, World, open_config};

#[tokio::test(flavor = "multi_thread")]
async fn u01_a_user_logs_in_by_name_and_nobody_has_it_twice() {
    let world = World::start().await;
    world.trader("ada").await;
    let bob = world.trader("bob").await;
    assert_eq!(world.form("/login", &[("username", "ada"), ("password", PASSWORD)]).await.0, 200);
    let taken = json!({"username": "ADA", "password": PASSWORD});
    let (status, refused) = world.ask(Method::PATCH, "/api/v1/users/me", Some(&bob.token), Some(&taken)).await;
    assert_eq!((status, &refused["code"]), (409, &json!("USERNAME_TAKEN")), "{refused}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u08_an_address_is_enough_and_names_follow_from_it() {
    let world = World::start().await;
    let mut names = Vec::new();
    for email in ["ada@example.com", "ada@example.org", "!@example.com"] {
        let body = json!({"email": email, "password": PASSWORD, "confirm_password": PASSWORD});
        assert_eq!(world.post("/signup", None, &body).await.0, 201);
        let token = world.log_in(email).await;
        let (_, me) = world.get("/api/v1/users/me", Some(&token)).await;
        assert_eq!((&me["email"], me["created_at"].is_string()), (&json!(email), true), "{me}");
        names.push(me["username"].as_str().unwrap().to_owned());
    }
    assert!(names[0] == "ada" && names[1].starts_with("ada-") && names[2] == "trader", "{names:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u09_a_user_is_shown_with_wallet_and_api_keys_and_they_name_the_user() {
    let world = World::start_with(open_config(), ("USD", "5.00"), |spec| spec).await;
    let ada = world.trader("ada").await;
    let key = json!({"name": "bot", "kind": "hmac", "type": "read"});
    let (_, key) = world.post("/api/v1/api-keys", Some(&ada.token), &key).await;
    let (_, plain) = world.get("/api/v1/users/me", Some(&ada.token)).await;
    assert!(plain.get("wallet").is_none() && plain.get("api_keys").is_none(), "{plain}");
    let (status, full) = world.get("/api/v1/users/me?expand=wallet,api_keys", Some(&ada.token)).await;
    assert_eq!((status, &full["name"], &full["is_active"]), (200, &json!("ada"), &json!(true)), "{full}");
    assert_eq!((&full["wallet"]["user_id"], &full["wallet"]["balance_cents"]), (&full["id"], &json!(500)));
    assert_eq!((full["api_keys"].as_array().unwrap().len(), &full["api_keys"][0]["key"]), (1, &key["key"]));
    assert_eq!((&full["api_keys"][0]["user_id"], full["api_keys"][0].get("secret")), (&full["id"], None));
    // From the other side it is the same wallet and the same key.
    let (_, wallets) = world.get("/api/v1/wallets", Some(&ada.token)).await;
    assert_eq!(wallets, json!([full["wallet"]]));
    let (_, keys) = world.get("/api/v1/api-keys", Some(&ada.token)).await;
    assert_eq!(keys, full["api_keys"]);
    let seen = world.read(&format!("/api/v1/admin/users/{}?expand=wallet,api_keys", full["id"])).await;
    assert_eq!((&seen["wallet"], &seen["api_keys"]), (&full["wallet"], &full["api_keys"]));
    let (status, refused) = world.get("/api/v1/users/me?expand=password", Some(&ada.token)).await;
    assert_eq!((status, &refused["code"]), (400, &json!("INVALID_FIELD")));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u10_a_sign_up_gives_exactly_id_email_and_created_at() {
    let world = World::start().await;
    let body = json!({"email": "Ada@Example.com", "password": PASSWORD, "confirm_password": PASSWORD});
    let (status, user) = world.post("/signup", None, &body).await;
    assert_eq!(status, 201, "{user}");
    let keys: Vec<_> = user.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["created_at", "email", "id"]);
    assert_eq!(user["email"], "ada@example.com");
    let (status, refused) = world.post("/signup", None, &body).await;
    assert_eq!((status, &refused["code"]), (400, &json!("EMAIL_TAKEN")));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u10_mismatched_passwords_are_400() {
    let world = World::start().await;
    for (body, code) in [
        (json!({"email": "a@b.cd", "password": PASSWORD, "confirm_password": "another one"}), "PASSWORDS_DIFFER"),
        (json!({"email": "a@b.cd", "password": "short", "confirm_password": "short"}), "WEAK_PASSWORD"),
        (json!({"email": "nobody", "password": PASSWORD, "confirm_password": PASSWORD}), "INVALID_EMAIL"),
        (json!({"email": "a@b.cd", "password": PASSWORD}), "INVALID_BODY"),
        (json!({"email": 7, "password": PASSWORD, "confirm_password": PASSWORD}), "INVALID_FIELD"),
    ] {
        let (status, refused) = world.post("/signup", None, &body).await;
        assert_eq!((status, refused["code"].as_str()), (400, Some(code)), "{refused}");
        assert!(refused["detail"].is_string());
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u11_wrong_credentials_are_401_with_the_scheme() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    for (email, password) in [(trader.email.as_str(), "wrong"), ("nobody@example.com", PASSWORD)] {
        let form = format!("username={email}&password={}", password.replace(' ', "+"));
        let request =
            world.http().post(world.url("/login")).header("content-type", "application/x-www-form-urlencoded");
        let response = request.body(form).send().await.unwrap();
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        assert_eq!(response.json::<Value>().await.unwrap()["code"], "WRONG_CREDENTIALS");
    }
    let (status, _) = world.form("/login", &[("username", &trader.email)]).await;
    assert_eq!(status, 400);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u12_protected_routes_need_a_token() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let (status, me) = world.get("/users/me", Some(&trader.token)).await;
    assert_eq!((status, &me["email"]), (200, &json!("ada@example.com")));
    let paths = ["/users/me", "/portfolio", "/trades", "/api/v1/account", "/api/v1/orders", "/api/v1/orders/1"];
    for path in paths {
        for token in [None, Some("nonsense"), Some(&format!("{}x", trader.token)[..])] {
            let response = world.raw(Method::GET, path, token, None).await;
            assert_eq!(response.status(), 401, "{path}");
            assert_eq!(response.headers()["www-authenticate"], "Bearer", "{path}");
        }
    }
    let (status, _) = world.post("/trade", None, &json!({})).await;
    assert_eq!(status, 401);
    world.stop().await;
}
