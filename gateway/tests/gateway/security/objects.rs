//! API1, broken object level authorization: somebody else's object, on every route that takes the id of one.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::operations;
use crate::support::{Trader, World};

/// What names nobody's own: everybody may ask for these.
const NOBODYS: [&str; 4] = ["symbol", "ticker", "asset", "name"];

/// What a body or a query may call by an id without its being looked up as somebody's: one's own names for one's own things.
const OWN_NAMES: [&str; 3] = ["client_order_id", "new_client_order_id", "list_client_order_id"];

/// By the name of a parameter: an id of the victim's, and one that nobody has.
async fn ids(world: &World, victim: &Trader) -> BTreeMap<&'static str, (String, String)> {
    let token = Some(victim.token.as_str());
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let order = world.limit(victim, "buy", "50000.00", "0.01").await;
    let leg = |side: &str, price: &str| json!({"side": side, "type": "limit", "price": price, "qty": "0.01"});
    let list = json!({"type": "oto", "symbol": "BTC-USD", "orders": [leg("buy", "49000"), leg("sell", "70000")]});
    let (status, list) = world.post("/api/v1/order-lists", token, &list).await;
    assert_eq!(status, 201, "{list}");
    let key = json!({"name": "mine", "kind": "hmac", "permissions": ["read", "trade"]});
    let (status, key) = world.post("/api/v1/api-keys", token, &key).await;
    assert_eq!(status, 201, "{key}");
    let (_, sessions) = world.get("/api/v1/sessions", token).await;
    let (_, wallets) = world.get("/api/v1/wallets", token).await;
    BTreeMap::from([
        ("wallet_id", (text(&wallets[0]["id"]), "999999999".to_owned())),
        ("order_id", (text(&order["order_id"]), "999999999".to_owned())),
        ("list_id", (text(&list["list_id"]), "999999999".to_owned())),
        ("session_id", (text(&sessions[0]["session_id"]), "999999999".to_owned())),
        ("key", (text(&key["key"]), "0".repeat(32))),
    ])
}

/// What the victim has: it must be the same afterwards.
async fn belongings(world: &World, victim: &Trader) -> Value {
    let token = Some(victim.token.as_str());
    let mut all = Vec::new();
    for path in
        ["/api/v1/orders?status=all", "/api/v1/api-keys", "/api/v1/wallets", "/api/v1/account", "/api/v1/users/me"]
    {
        let (status, answer) = world.get(path, token).await;
        assert_eq!(status, 200, "{path}: {answer}");
        all.push(answer);
    }
    let (_, sessions) = world.get("/api/v1/sessions", token).await;
    all.push(sessions.as_array().unwrap().iter().map(|session| session["session_id"].clone()).collect());
    let mut all = Value::from(all);
    // The account says as of which command it is, and others' commands go on.
    all[3].as_object_mut().unwrap().remove("seq");
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn api01_attack_another_users_object_is_as_good_as_none_on_every_route_that_takes_an_id() {
    let world = World::start().await;
    let (victim, eve) = (world.trader("ada").await, world.trader("eve").await);
    let ids = ids(&world, &victim).await;
    let before = belongings(&world, &victim).await;
    let (operations, document) = operations();
    let mut asked = 0;
    for operation in operations.iter().filter(|operation| operation.is_users) {
        let named: Vec<_> = operation.in_path().into_iter().filter(|name| !NOBODYS.contains(name)).collect();
        if named.is_empty() {
            continue;
        }
        let body = operation.json_body(&document).map(|(schema, described)| {
            let example = described["example"].clone();
            assert!(example.is_object(), "{schema} needs an example: this test sends it");
            example
        });
        let path = |which: fn(&(String, String)) -> &String| {
            named.iter().fold(operation.path.clone(), |path, name| {
                let teach = || panic!("{}: teach this test how somebody comes by a {name}", operation.name());
                path.replace(&format!("{{{name}}}"), which(ids.get(name).unwrap_or_else(teach)))
            })
        };
        let ask = async |path: String| {
            let response = world.raw(operation.method.clone(), &path, Some(&eve.token), body.as_ref()).await;
            let status = response.status().as_u16();
            (status, response.json::<Value>().await.unwrap_or_default()["code"].clone())
        };
        let theirs = ask(path(|(theirs, _)| theirs)).await;
        let nobodys = ask(path(|(_, nobodys)| nobodys)).await;
        // Whoever must show a password first is told that it is wrong, whoever's it is.
        let is_step_up = theirs == (403, json!("WRONG_PASSWORD"));
        assert!(theirs.0 == 404 || is_step_up, "{}: {theirs:?}", operation.name());
        assert_eq!(theirs, nobodys, "{} tells that there is one", operation.name());
        asked += 1;
    }
    assert!(asked >= 7, "only {asked} routes were asked");
    assert_eq!(belongings(&world, &victim).await, before);
    world.stop().await;
}

/// Administrators' routes take ids of everybody's: no user opens them, whoever's id it is.
#[tokio::test(flavor = "multi_thread")]
async fn api01_ids_of_users_and_accounts_open_nothing_to_other_users() {
    let world = World::start().await;
    let (victim, eve) = (world.trader("ada").await, world.trader("eve").await);
    let (_, me) = world.get("/users/me", Some(&victim.token)).await;
    let before = belongings(&world, &victim).await;
    let (operations, _) = operations();
    for operation in operations.iter().filter(|operation| operation.is_operators && !operation.in_path().is_empty()) {
        let path = operation.path.replace("{user_id}", &me["id"].to_string());
        let path = path.replace("{account_id}", &victim.account.0.to_string()).replace("{order_id}", "1");
        let path = path.replace("{symbol}", "BTC-USD").replace("{asset}", "BTC");
        let (status, refused) = world.ask(operation.method.clone(), &path, Some(&eve.token), None).await;
        assert_eq!((status, &refused["code"]), (403, &json!("FORBIDDEN")), "{}: {refused}", operation.name());
    }
    assert_eq!(belongings(&world, &victim).await, before);
    world.stop().await;
}

/// The owner is never said in a request: there is nothing to be changed.
#[test]
fn api01_no_body_and_no_query_of_a_user_names_an_owner() {
    let (operations, document) = operations();
    let is_id = |name: &str| name.ends_with("_id") || ["id", "user", "account", "owner", "sub"].contains(&name);
    for operation in operations.iter().filter(|operation| operation.is_users) {
        let mut names = operation.in_query();
        let fields = operation.json_body(&document).map(|(_, schema)| schema["properties"].clone());
        names.extend(fields.iter().filter_map(Value::as_object).flat_map(|fields| fields.keys().cloned()));
        for name in names.into_iter().filter(|name| is_id(name)) {
            assert!(
                OWN_NAMES.contains(&name.as_str()),
                "{} takes {name}: whose is it? If it can be somebody else's, ask for it in the test above",
                operation.name()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn api01_attack_another_users_topics_and_names_are_out_of_reach_of_a_socket() {
    let world = World::start().await;
    let (victim, eve) = (world.trader("ada").await, world.trader("eve").await);
    let (_, me) = world.get("/users/me", Some(&victim.token)).await;
    let order = json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": "50000", "qty": "0.01",
        "client_order_id": "mine"});
    let (_, order) = world.post("/api/v1/orders", Some(&victim.token), &order).await;
    let mut socket = world.session(&eve).await;
    for topic in ["trade-events", "position-updates"] {
        let channel = format!("{topic}:{}", me["id"]);
        let answer = socket.ask(json!({"op": "subscribe", "id": channel, "channel": channel})).await;
        assert_eq!(answer["error"]["code"], "FORBIDDEN", "{answer}");
    }
    for (id, op, params) in [
        ("1", "order.cancel", json!({"order_id": order["order_id"]})),
        ("2", "order.cancel", json!({"client_order_id": "mine"})),
        ("3", "order.amend", json!({"order_id": order["order_id"], "price": "1"})),
    ] {
        let ask = json!({"op": op, "id": id, "params": params});
        let answer = socket.ask(ask).await;
        assert_eq!(answer["error"]["code"], "UNKNOWN_ORDER", "{answer}");
    }
    let by_name = "/api/v1/orders?client_order_id=mine";
    assert_eq!(world.ask(Method::DELETE, by_name, Some(&eve.token), None).await.0, 404);
    let (_, mine) =
        world.get(&format!("/api/v1/orders/{}", order["order_id"].as_str().unwrap()), Some(&victim.token)).await;
    assert_eq!((&mine["status"], &mine["price"]), (&json!("new"), &json!("50000.00")), "{mine}");
    // Nobody comes in as somebody else on a connection that is another's.
    let victims = json!({"op": "auth", "id": "again", "token": victim.token});
    assert_eq!(socket.ask(victims).await["error"]["code"], "ALREADY_AUTHENTICATED");
    world.stop().await;
}
