//! The log of administrators, seen from outside: every action is in it, once, with what it changed.

use papertape_gateway::{GatewayConfig, Setup};
use papertape_platform::OperatorKey;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::routes_with_templates;
use crate::support::{OPERATOR, PASSWORD, World, eventually, open_config};
use crate::totp_code::code_of;

/// The newest rows.
async fn log(world: &World, query: &str) -> Vec<Value> {
    world.read(&format!("/api/v1/admin/log{query}")).await["rows"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn u18_every_route_that_acts_is_written_down_once_whatever_comes_of_it() {
    let world = World::start().await;
    world.trader("ada").await;
    let mut count = 0;
    for (method, path, template, has_body) in routes_with_templates() {
        let acts = method != Method::GET || template == "/api/v1/admin/outbox";
        let body = Some(json!({"unexpected": 1})).filter(|_| has_body);
        let response = world.raw(method.clone(), &path, Some(OPERATOR), body.as_ref()).await;
        let (status, receipt) = (response.status(), response.headers().get("papertape-admin-log").cloned());
        assert_eq!(receipt.is_some(), acts, "{method} {path}");
        count += i64::from(acts);
        let newest = &log(&world, "?limit=1").await;
        if !acts {
            assert_eq!(
                newest.first().map_or(0, |row| row["id"].as_i64().unwrap()),
                count,
                "{method} {path} is no action"
            );
            continue;
        }
        let row = &newest[0];
        assert_eq!((&row["id"], &row["action"]), (&json!(count), &json!(format!("{method} {template}"))), "{row}");
        assert_eq!((&row["actor"], &row["ip_address"]), (&json!("operator"), &json!("127.0.0.1")), "{row}");
        assert_eq!(row["status"], if status.is_success() { "done" } else { "refused" }, "{row}");
        assert_eq!(row["code"].is_string(), !status.is_success(), "{row}");
        let told = format!("{count}-{}", row["hash"].as_str().unwrap());
        assert_eq!(receipt.unwrap().to_str().unwrap(), told);
    }
    assert!(count >= 25, "only {count} routes act");
    let verified = world.read("/api/v1/admin/log/verification").await;
    assert_eq!((&verified["is_intact"], &verified["rows"]), (&json!(true), &json!(count)), "{verified}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u18_strangers_and_users_fill_no_log() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    for token in [None, Some("guess"), Some(trader.token.as_str())] {
        let (status, _) =
            world.ask(Method::PUT, "/api/v1/admin/kill-switch", token, Some(&json!({"engaged": true}))).await;
        assert!(status == 401 || status == 403);
        assert_ne!(world.get("/api/v1/admin/log", token).await.0, 200);
        assert_ne!(world.get("/api/v1/admin/log/verification", token).await.0, 200);
    }
    assert_eq!(log(&world, "").await, Vec::<Value>::new());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u18_a_row_says_what_changed_and_nothing_else() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let (_, me) = world.get("/users/me", Some(&trader.token)).await;
    let user = format!("/api/v1/admin/users/{}", me["id"]);
    assert_eq!(world.put("/api/v1/admin/instruments/BTC-USD/phase", json!({"phase": "halted"})).await.0, 200);
    let row = log(&world, "?limit=1").await.remove(0);
    assert_eq!((&row["object"], &row["before"]["phase"]), (&json!("market BTC-USD"), &json!("continuous")), "{row}");
    assert_eq!((&row["after"]["phase"], &row["request"]), (&json!("halted"), &json!({"phase": "halted"})), "{row}");
    assert!(row["before"].get("symbol").is_none(), "what did not change is left out: {row}");
    assert_eq!(world.put(&format!("{user}/suspension"), json!({"reason": "wash trades"})).await.0, 200);
    let row = log(&world, "?limit=1").await.remove(0);
    assert_eq!((&row["before"]["is_suspended"], &row["after"]["is_suspended"]), (&json!(false), &json!(true)), "{row}");
    assert_eq!(
        (&row["object"], &row["request"]["reason"]),
        (&json!(format!("user {}", me["id"])), &json!("wash trades"))
    );
    // What is refused changed nothing, and says why.
    assert_eq!(world.put(&format!("{user}/suspension"), json!({"reason": "late", "ends_at_ms": 1})).await.0, 400);
    let row = log(&world, "?limit=1").await.remove(0);
    assert_eq!((&row["status"], &row["code"]), (&json!("refused"), &json!("END_IS_PAST")), "{row}");
    assert_eq!((&row["before"], &row["after"]), (&Value::Null, &Value::Null), "{row}");
    // Of what is new the answer is kept, and of money the balances.
    let (_, opened) = world.post("/api/v1/admin/accounts", Some(OPERATOR), &json!({"reference": "77"})).await;
    let row = log(&world, "?limit=1").await.remove(0);
    assert_eq!((&row["object"], &row["after"]), (&json!("venue"), &opened), "{row}");
    let deposit = json!({"asset": "USD", "amount": "10", "reference": "78"});
    let path = format!("/api/v1/admin/accounts/{}/deposits", trader.account);
    assert_eq!(world.post(&path, Some(OPERATOR), &deposit).await.0, 200);
    let row = log(&world, "?limit=1").await.remove(0);
    let total = |state: &Value| state["balances"][0]["total"].clone();
    assert_eq!((total(&row["before"]), total(&row["after"])), (json!("100000"), json!("100010")), "{row}");
    // Page by page, and by object.
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page = world.read(&format!("/api/v1/admin/log?limit=2{cursor}")).await;
        seen.extend(page["rows"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()));
        assert!(page["head"].as_str().unwrap().starts_with("5-"));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
    assert_eq!(log(&world, &format!("?object=user%20{}&status=done", me["id"])).await.len(), 1);
    for bad in ["?status=x", "?limit=0", "?cursor=x", "?page=1"] {
        assert_eq!(world.get(&format!("/api/v1/admin/log{bad}"), Some(OPERATOR)).await.0, 400, "{bad}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u18_a_suspension_that_ends_by_itself_is_the_venues_own_act() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let (_, me) = world.get("/users/me", Some(&trader.token)).await;
    let soon = std::time::SystemTime::now() + std::time::Duration::from_millis(1_500);
    let soon = soon.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64;
    let path = format!("/api/v1/admin/users/{}/suspension", me["id"]);
    assert_eq!(world.put(&path, json!({"reason": "a pause", "ends_at_ms": soon})).await.0, 200);
    let row =
        eventually("the end of the suspension", async || log(&world, "").await.into_iter().find(|row| row["id"] == 2))
            .await;
    assert_eq!((&row["actor"], &row["action"]), (&json!("venue"), &json!("suspension over")), "{row}");
    assert_eq!((&row["object"], &row["ip_address"]), (&json!(format!("user {}", me["id"])), &Value::Null));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u18_the_first_administrator_and_whatever_he_does_is_his_and_no_secret_is_kept() {
    let key = "fedcba9876543210fedcba9876543210";
    let token = OperatorKey::new(key.as_bytes()).unwrap();
    let config = GatewayConfig { setup: Some(Setup { token, file: None }), ..open_config() };
    let world = World::start_with(config, ("USD", "5.00"), |spec| spec).await;
    let body = json!({"token": key, "email": "root@example.com", "password": PASSWORD, "confirm_password": PASSWORD});
    let wrong =
        json!({"token": "guess", "email": "eve@example.com", "password": PASSWORD, "confirm_password": PASSWORD});
    assert_eq!(world.post("/api/v1/setup", None, &wrong).await.0, 403);
    let (status, admin) = world.post("/api/v1/setup", None, &body).await;
    assert_eq!(status, 201, "{admin}");
    let rows = log(&world, "").await;
    assert_eq!((rows.len(), &rows[0]["actor"]), (1, &json!("setup")), "who guesses is nobody: {rows:?}");
    let text = rows[0].to_string();
    assert!(text.contains("root@example.com") && !text.contains(key) && !text.contains(PASSWORD), "{text}");
    let weak = world.log_in("root@example.com").await;
    let enable = "/api/v2/users/me/2fa/enable";
    let (_, offer) = world.post(enable, Some(&weak), &json!({"password": PASSWORD})).await;
    let secret = offer["secret"].as_str().unwrap();
    assert_eq!(world.post(enable, Some(&weak), &json!({"code": code_of(secret, 0)})).await.0, 200);
    let login = json!({"login": "root@example.com", "password": PASSWORD, "code": code_of(secret, 1)});
    let (_, strong) = world.post("/api/v1/sessions", None, &login).await;
    let strong = strong["access_token"].as_str();
    let engage = json!({"engaged": true});
    assert_eq!(world.ask(Method::PUT, "/api/v1/admin/kill-switch", strong, Some(&engage)).await.0, 200);
    let row = log(&world, "?limit=1").await.remove(0);
    assert_eq!((&row["actor"], &row["user_id"]), (&json!("admin"), &admin["id"]), "{row}");
    assert_eq!(log(&world, &format!("?user_id={}", admin["id"])).await.len(), 1);
    world.stop().await;
}

/// Whoever hangs up has acted all the same.
#[tokio::test(flavor = "multi_thread")]
async fn u18_attack_an_action_whose_asker_has_gone_is_written_down() {
    let world = World::start().await;
    for n in 1..=20 {
        let body = json!({"reference": n.to_string()}).to_string();
        let request = format!(
            "POST /api/v1/admin/accounts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {OPERATOR}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        drop(stream);
    }
    // However many were read before their asker was gone: each account has its row.
    let accounts = async || world.read("/api/v1/admin/accounts").await.as_array().unwrap().len();
    eventually("as many rows as accounts", async || {
        let (opened, rows) = (accounts().await - 1, log(&world, "?limit=500").await.len());
        (rows == opened && opened > 0).then_some(())
    })
    .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u18_a_receipt_proves_that_the_row_is_there() {
    let world = World::start().await;
    let response =
        world.raw(Method::PUT, "/api/v1/admin/kill-switch", Some(OPERATOR), Some(&json!({"engaged": true}))).await;
    let receipt = response.headers()["papertape-admin-log"].to_str().unwrap().to_owned();
    let verified = world.read(&format!("/api/v1/admin/log/verification?receipt={receipt}")).await;
    assert_eq!((&verified["is_intact"], &verified["has_receipt"]), (&json!(true), &json!(true)), "{verified}");
    let other = format!("1-{}", "0".repeat(64));
    let verified = world.read(&format!("/api/v1/admin/log/verification?receipt={other}")).await;
    assert_eq!((&verified["is_intact"], &verified["has_receipt"]), (&json!(false), &json!(false)), "{verified}");
    let beyond = world.read("/api/v1/admin/log/verification?after=9").await;
    assert_eq!((&beyond["is_intact"], &beyond["fault"]), (&json!(false), &json!("missing")), "{beyond}");
    for bad in ["receipt=x", "after=-1", "after=x"] {
        assert_eq!(world.get(&format!("/api/v1/admin/log/verification?{bad}"), Some(OPERATOR)).await.0, 400, "{bad}");
    }
    world.stop().await;
}
