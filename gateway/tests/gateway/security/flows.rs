//! API6, unrestricted access to sensitive business flows: nobody gets paper money by the thousand, or twice.

use papertape_gateway::GatewayConfig;
use reqwest::Method;
use serde_json::json;

use crate::support::{OPERATOR, PASSWORD, World, eventually, open_config};

#[tokio::test(flavor = "multi_thread")]
async fn api06_accounts_with_credit_are_opened_at_a_bounded_rate() {
    let config = GatewayConfig { sign_ups_per_minute: 3, ..open_config() };
    let world = World::start_with(config, ("USD", "5.00"), |spec| spec).await;
    let mut statuses = Vec::new();
    for n in 0..5 {
        let body = json!({"email": format!("farm{n}@example.com"), "password": PASSWORD, "confirm_password": PASSWORD});
        statuses.push(world.post("/signup", None, &body).await.0);
    }
    assert_eq!(statuses, [201, 201, 201, 429, 429]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn api06_a_credit_is_given_once_to_who_signs_up_many_times_at_once() {
    let world = World::start().await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "confirm_password": PASSWORD});
    let tries = (0..8).map(|_| {
        let request = world.http().post(world.url("/signup")).json(&body);
        tokio::spawn(async move { request.send().await.unwrap().status().as_u16() })
    });
    let mut made = 0;
    for tried in tries.collect::<Vec<_>>() {
        made += u32::from(tried.await.unwrap() == 201);
    }
    assert_eq!(made, 1);
    let token = world.log_in("ada@example.com").await;
    let (_, account) = world.get("/api/v1/account", Some(&token)).await;
    assert_eq!(account["balances"][0]["total"], "100000", "{account}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn api06_money_that_is_sent_many_times_at_once_moves_once() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let path = format!("/api/v1/admin/accounts/{}/deposits", trader.account);
    let tries = (0..8).map(|_| {
        let request = world.http().post(world.url(&path)).bearer_auth(OPERATOR);
        let request = request.json(&json!({"asset": "USD", "amount": "10", "reference": "77"}));
        tokio::spawn(async move { request.send().await.unwrap().status().as_u16() })
    });
    for tried in tries.collect::<Vec<_>>() {
        assert_eq!(tried.await.unwrap(), 200);
    }
    let (_, account) = world.get("/api/v1/account", Some(&trader.token)).await;
    assert_eq!(account["balances"][0]["total"], "100010", "{account}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn api06_nobody_is_flooded_with_links_for_a_new_password() {
    let world = World::start().await;
    world.trader("ada").await;
    for _ in 0..10 {
        let (status, _) = world.post("/api/v1/password-reset", None, &json!({"email": "ada@example.com"})).await;
        assert_eq!(status, 202);
    }
    // All ten were worked at when this many are in the log of the door.
    eventually("ten requests", async || {
        let logs = world.read("/api/v1/admin/auth-logs?action=password_reset_requested&limit=20").await;
        (logs["auth_logs"].as_array().unwrap().len() == 10).then_some(())
    })
    .await;
    let outbox = world.ask(Method::GET, "/api/v1/admin/outbox", Some(OPERATOR), None).await.1;
    assert_eq!(outbox["messages"].as_array().unwrap().len(), 1, "{outbox}");
    world.stop().await;
}
