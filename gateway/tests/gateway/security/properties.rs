//! API3, broken object property level authorization: what nobody offers is neither taken nor told.

use reqwest::Method;
use serde_json::{Value, json};

use super::operations;
use crate::edge::filled;
use crate::support::{OPERATOR, World};

/// What somebody would like to set.
const WANTED: [&str; 8] =
    ["role", "is_admin", "user_id", "account_id", "hashed_password", "is_suspended", "second_factor", "credited"];

/// What no answer may hold, at any depth.
const NOBODYS: [&str; 8] =
    ["hashed_password", "password", "token_epoch", "account_reference", "nonce", "pepper", "hash_of_key", "last_step"];

#[tokio::test(flavor = "multi_thread")]
async fn api03_attack_mass_assignment_is_refused_by_every_route_that_takes_a_body() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let (operations, document) = operations();
    let mut asked = 0;
    for operation in operations {
        let Some((_, schema)) = operation.json_body(&document) else { continue };
        let token = if operation.is_operators { OPERATOR } else { trader.token.as_str() };
        for name in WANTED.iter().filter(|name| schema["properties"].get(**name).is_none()) {
            let mut body = schema["example"].as_object().cloned().unwrap_or_default();
            body.insert((*name).to_owned(), json!("admin"));
            let path = filled(&operation.path).replace("{key}", &"0".repeat(32));
            let (status, refused) =
                world.ask(operation.method.clone(), &path, Some(token), Some(&Value::Object(body))).await;
            assert_eq!(status, 400, "{} takes {name}: {refused}", operation.name());
            assert!(refused["detail"].is_string());
            asked += 1;
        }
        assert!(schema["additionalProperties"] == json!(false), "{} is described as taking anything", operation.name());
    }
    assert!(asked >= 200, "only {asked} were asked");
    let (_, me) = world.get("/api/v1/users/me", Some(&trader.token)).await;
    assert_eq!((&me["role"], &me["is_suspended"]), (&json!("user"), &json!(false)));
    world.stop().await;
}

fn names(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                found.push(name.clone());
                names(value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| names(value, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn api03_no_answer_tells_what_is_nobodys_to_read() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    world.limit(&trader, "buy", "50000.00", "0.01").await;
    let key = json!({"name": "mine", "kind": "hmac", "permissions": ["read"]});
    let (_, made) = world.post("/api/v1/api-keys", Some(&trader.token), &key).await;
    let (operations, _) = operations();
    let mut told = 0;
    for operation in operations.iter().filter(|operation| operation.method == Method::GET) {
        let token = if operation.is_operators { OPERATOR } else { trader.token.as_str() };
        let response = world.raw(Method::GET, &filled(&operation.path), Some(token), None).await;
        let Ok(answer) = response.json::<Value>().await else { continue };
        if operation.path == "/openapi.json" {
            continue;
        }
        let mut found = Vec::new();
        names(&answer, &mut found);
        told += found.len();
        let hidden: Vec<_> = found.iter().filter(|name| NOBODYS.contains(&name.as_str())).collect();
        assert!(hidden.is_empty(), "{} tells {hidden:?}", operation.name());
        assert!(!answer.to_string().contains(made["secret"].as_str().unwrap()), "a secret is shown once");
        assert!(!answer.to_string().contains("$2b$"), "{} tells a hash", operation.name());
    }
    assert!(told > 200, "only {told} fields were told");
    world.stop().await;
}
