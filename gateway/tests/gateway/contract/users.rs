//! Rows U2 to U7, U13, U14, U16, U18 and U19: sessions, profiles, roles, suspensions, second factors, passwords.

use papertape_gateway::{GatewayConfig, Setup};
use papertape_platform::OperatorKey;
use reqwest::Method;
use serde_json::{Value, json};

use super::signed::Request;
use crate::support::{OPERATOR, PASSWORD, Trader, World, eventually, open_config};
use crate::tcp::client::Key;
use crate::totp_code::code_of;

const SETUP: &str = "fedcba9876543210fedcba9876543210";

/// Begins a session that can be renewed.
pub(super) async fn session(world: &World, login: &str, code: Option<&str>) -> (u16, Value) {
    world.post("/api/v1/sessions", None, &json!({"login": login, "password": PASSWORD, "code": code})).await
}

pub(super) async fn user_id(world: &World, trader: &Trader) -> i64 {
    let (_, me) = world.get("/users/me", Some(&trader.token)).await;
    me["id"].as_i64().unwrap()
}

/// Turns a second factor on; gives secret and recovery codes. The code of this step is used up, that of the next one
/// is not.
pub(super) async fn second_factor(world: &World, token: &str) -> (String, Value) {
    let enable = "/api/v2/users/me/2fa/enable";
    let (status, offer) = world.post(enable, Some(token), &json!({"password": PASSWORD})).await;
    assert_eq!(status, 200, "{offer}");
    assert_eq!((&offer["enabled"], &offer["type"]), (&json!(false), &json!("totp")));
    let secret = offer["secret"].as_str().unwrap().to_owned();
    assert!(offer["otpauth_uri"].as_str().unwrap().contains(&format!("secret={secret}")));
    assert!(offer["qr_svg"].as_str().unwrap().contains("<svg"));
    let (status, on) = world.post(enable, Some(token), &json!({"code": code_of(&secret, 0)})).await;
    assert_eq!((status, &on["enabled"]), (200, &json!(true)), "{on}");
    assert_eq!(on["recovery_codes"].as_array().unwrap().len(), 10);
    (secret, on["recovery_codes"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn u13_a_session_is_renewed_listed_and_ended() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let (status, first) = session(&world, "ada", None).await;
    assert_eq!((status, &first["token_type"], &first["expires_in_s"]), (201, &json!("bearer"), &json!(900)), "{first}");
    let refresh = json!({"refresh_token": first["refresh_token"]});
    let (status, second) = world.post("/api/v1/sessions/refresh", None, &refresh).await;
    assert_eq!((status, &second["session_id"]), (200, &first["session_id"]), "{second}");
    let token = second["access_token"].as_str().unwrap();
    let (_, listed) = world.get("/api/v1/sessions", Some(token)).await;
    let listed = listed.as_array().unwrap();
    assert_eq!(
        (listed.len(), &listed[0]["is_current"], &listed[0]["ip_address"]),
        (2, &json!(true), &json!("127.0.0.1"))
    );
    let other = format!("/api/v1/sessions/{}", listed[1]["session_id"]);
    assert_eq!(world.ask(Method::DELETE, &other, Some(token), None).await.0, 200);
    assert_eq!(world.ask(Method::DELETE, &other, Some(token), None).await.0, 404);
    assert_eq!(world.get("/users/me", Some(&trader.token)).await.0, 401, "it acts on the next request");
    // Somebody else's session is none.
    let eve = world.trader("eve").await;
    let mine = format!("/api/v1/sessions/{}", first["session_id"]);
    assert_eq!(world.ask(Method::DELETE, &mine, Some(&eve.token), None).await.0, 404);
    assert_eq!(world.ask(Method::DELETE, "/api/v1/sessions/current", Some(token), None).await.0, 200);
    assert_eq!(world.get("/users/me", Some(token)).await.0, 401);
    let (_, logs) =
        world.get("/api/v1/users/me/auth-logs?limit=500", Some(&world.log_in("ada@example.com").await)).await;
    let actions: Vec<_> =
        logs["auth_logs"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["login", "logout", "session_ended", "login", "login", "register"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u13_log_out_everywhere_ends_an_open_socket_too() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let mut socket = world.session(&trader).await;
    let (status, ended) = world.ask(Method::DELETE, "/api/v1/sessions", Some(&trader.token), None).await;
    assert_eq!((status, &ended["ended"]), (200, &json!(1)));
    assert_eq!(socket.close_code().await, Some(4401));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u02_every_field_of_the_profile_is_edited() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let token = Some(trader.token.as_str());
    let (_, before) = world.get("/api/v1/users/me", token).await;
    assert_eq!(
        (&before["username"], &before["role"], &before["preferences"]),
        (&json!("ada"), &json!("user"), &json!({}))
    );
    assert!(before["last_login_at"].is_string() && before["last_logout_at"].is_null());
    let edit = json!({"display_name": "Ada Lovelace", "phone_number": "+49 30 1234567"});
    let (status, edited) = world.ask(Method::PATCH, "/api/v1/users/me", token, Some(&edit)).await;
    assert_eq!(
        (status, &edited["name"], &edited["phone_number"]),
        (200, &json!("Ada Lovelace"), &json!("+49301234567"))
    );
    let (_, emptied) = world.ask(Method::PATCH, "/api/v1/users/me", token, Some(&json!({"phone_number": null}))).await;
    assert_eq!((&emptied["phone_number"], &emptied["display_name"]), (&json!(null), &json!("Ada Lovelace")));
    // A name to log in with needs the password.
    for (body, status, code) in [
        (json!({"username": "lovelace"}), 400, "INVALID_FIELD"),
        (json!({"username": "lovelace", "password": "wrong"}), 403, "WRONG_PASSWORD"),
        (json!({"username": "1x", "password": PASSWORD}), 400, "INVALID_USERNAME"),
    ] {
        let (got, refused) = world.ask(Method::PATCH, "/api/v1/users/me", token, Some(&body)).await;
        assert_eq!((got, &refused["code"]), (status, &json!(code)), "{refused}");
    }
    let renamed = json!({"username": "Lovelace", "password": PASSWORD});
    assert_eq!(world.ask(Method::PATCH, "/api/v1/users/me", token, Some(&renamed)).await.0, 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u06_preferences_go_with_the_user_to_another_browser() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let token = Some(trader.token.as_str());
    let preferences = json!({"theme": "dark", "default_symbol": "BTC-USD", "confirm_orders": true, "locale": "en-GB"});
    let (status, _) = world.ask(Method::PUT, "/api/v1/users/me/preferences", token, Some(&preferences)).await;
    assert_eq!(status, 200);
    for bad in [json!({"theme": "pink"}), json!({"role": "admin"}), json!({"default_symbol": "NOPE-USD"})] {
        assert_ne!(world.ask(Method::PUT, "/api/v1/users/me/preferences", token, Some(&bad)).await.0, 200, "{bad}");
    }
    // Another browser.
    let (_, other) = session(&world, "ada", None).await;
    let (_, me) = world.get("/api/v1/users/me", other["access_token"].as_str()).await;
    assert_eq!(me["preferences"], preferences);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u07_a_user_says_when_it_was_made_and_changed() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let token = Some(trader.token.as_str());
    let (_, before) = world.get("/api/v1/users/me", token).await;
    let edit = json!({"display_name": "Ada"});
    let (_, edited) = world.ask(Method::PATCH, "/api/v1/users/me", token, Some(&edit)).await;
    assert_eq!(edited["created_at"], before["created_at"]);
    assert!(edited["updated_at"].as_str() > before["updated_at"].as_str(), "{before} {edited}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u05_log_in_and_log_out_leave_their_time() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let (_, first) = world.get("/api/v1/users/me", Some(&trader.token)).await;
    assert!(first["last_login_at"].is_string() && first["last_logout_at"].is_null(), "{first}");
    assert_eq!(world.ask(Method::DELETE, "/api/v1/sessions/current", Some(&trader.token), None).await.0, 200);
    let token = world.log_in("ada@example.com").await;
    let (_, second) = world.get("/api/v1/users/me", Some(&token)).await;
    assert!(second["last_logout_at"].as_str() >= first["last_login_at"].as_str(), "{second}");
    assert!(second["last_login_at"].as_str() >= second["last_logout_at"].as_str(), "{second}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u02_a_picture_is_served_as_a_picture_and_nothing_else() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let put = async |bytes: Vec<u8>| {
        let request = world.http().put(world.url("/api/v1/users/me/picture")).bearer_auth(&trader.token);
        let response = request.body(bytes).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    // Larger than any other body may be.
    let png = [b"\x89PNG\r\n\x1a\n".to_vec(), vec![7; 200_000]].concat();
    let (status, user) = put(png.clone()).await;
    assert_eq!(status, 200, "{user}");
    let path = user["profile_picture"].as_str().unwrap();
    let response = world.raw(Method::GET, path, None, None).await;
    assert_eq!((response.status().as_u16(), &response.headers()["content-type"]), (200, &"image/png".parse().unwrap()));
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(response.bytes().await.unwrap(), png);
    assert_eq!(put(b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec()).await.0, 400);
    assert_eq!(put(vec![7; 300_000]).await.0, 413);
    assert_eq!(world.get("/pictures/x", None).await.0, 404);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u03_the_first_administrator_is_made_once_and_needs_a_second_factor() {
    let token = OperatorKey::new(SETUP.as_bytes()).unwrap();
    let config = GatewayConfig { setup: Some(Setup { token, file: None }), ..open_config() };
    let world = World::start_with(config, ("USD", "100000.00"), |spec| spec).await;
    let body = |token: &str, email: &str| json!({"token": token, "email": email, "password": PASSWORD, "confirm_password": PASSWORD});
    let (status, refused) = world.post("/api/v1/setup", None, &body("wrong", "root@example.com")).await;
    assert_eq!((status, &refused["code"]), (403, &json!("SETUP_OVER")));
    let (status, admin) = world.post("/api/v1/setup", None, &body(SETUP, "root@example.com")).await;
    assert_eq!((status, &admin["role"]), (201, &json!("admin")), "{admin}");
    assert_eq!(world.post("/api/v1/setup", None, &body(SETUP, "second@example.com")).await.0, 403);
    let weak = world.log_in("root@example.com").await;
    let (status, refused) = world.get("/api/v1/admin/users", Some(&weak)).await;
    assert_eq!((status, &refused["code"]), (403, &json!("SECOND_FACTOR_NEEDED")));
    let (secret, _) = second_factor(&world, &weak).await;
    let (status, needed) = session(&world, "root@example.com", None).await;
    assert_eq!((status, &needed["code"]), (401, &json!("TWO_FACTOR_NEEDED")));
    let (status, strong) = session(&world, "root@example.com", Some(&code_of(&secret, 1))).await;
    assert_eq!(status, 201, "{strong}");
    let strong = strong["access_token"].as_str().unwrap();
    let user = world.trader("ada").await;
    assert_eq!(world.get("/api/v1/admin/users", Some(&user.token)).await.0, 403, "a user");
    let (status, users) = world.get("/api/v1/admin/users?search=ada", Some(strong)).await;
    assert_eq!((status, users.as_array().unwrap().len()), (200, 1), "{users}");
    // What the operator may, an administrator may.
    assert_eq!(world.get("/api/v1/admin/venue", Some(strong)).await.0, 200);
    let role = format!("/api/v1/admin/users/{}/role", user_id(&world, &user).await);
    assert_eq!(world.ask(Method::PUT, &role, Some(strong), Some(&json!({"role": "admin"}))).await.0, 200);
    assert_eq!(world.get("/users/me", Some(&user.token)).await.0, 401, "a new role begins with a new session");
    let own = format!("/api/v1/admin/users/{}/role", admin["id"]);
    assert_eq!(world.ask(Method::PUT, &own, Some(strong), Some(&json!({"role": "user"}))).await.0, 400);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u04_a_suspension_ends_sessions_and_orders_and_comes_to_its_end() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let id = user_id(&world, &trader).await;
    world.limit(&trader, "buy", "100.00", "1").await;
    let key = Key::hmac(&world, &trader).await;
    let path = format!("/api/v1/admin/users/{id}/suspension");
    let (status, refused) = world.put(&path, json!({"reason": "late", "ends_at_ms": 1})).await;
    assert_eq!((status, &refused["code"]), (400, &json!("END_IS_PAST")));
    let (status, user) = world.put(&path, json!({"reason": "wash trades"})).await;
    assert_eq!(
        (status, &user["is_suspended"], &user["suspension_reason"]),
        (200, &json!(true), &json!("wash trades")),
        "{user}"
    );
    assert_eq!(world.get("/users/me", Some(&trader.token)).await.0, 401);
    let (status, refused) = session(&world, "ada", None).await;
    assert_eq!((status, &refused["code"]), (403, &json!("USER_SUSPENDED")));
    assert!(refused["detail"].as_str().unwrap().contains("wash trades"));
    let (status, refused) = Request::get("/api/v1/account").send(&world, &key).await;
    assert_eq!((status, &refused["code"]), (403, &json!("USER_SHUT_OUT")), "{refused}");
    let account = world.read(&format!("/api/v1/admin/accounts/{}", trader.account.0)).await;
    assert_eq!(account["suspended"], json!(true), "{account}");
    let orders = world.read(&format!("/api/v1/admin/accounts/{}/orders", trader.account.0)).await;
    assert_eq!(orders, json!([]), "its orders ended");
    assert_eq!(world.ask(Method::DELETE, &path, Some(OPERATOR), None).await.0, 200);
    let token = world.log_in(&trader.email).await;
    world.limit(&Trader { token, ..trader }, "buy", "100.00", "1").await;
    // By itself, at its end.
    let soon = std::time::SystemTime::now() + std::time::Duration::from_millis(1_500);
    let soon = soon.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64;
    assert_eq!(world.put(&path, json!({"reason": "a pause", "ends_at_ms": soon})).await.0, 200);
    eventually("end of the suspension", async || {
        let user = world.read(&format!("/api/v1/admin/users/{id}")).await;
        (user["is_suspended"] == json!(false)).then_some(())
    })
    .await;
    world.log_in("ada@example.com").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u04_a_venue_may_leave_orders_of_suspended_users_in_the_book() {
    let config = GatewayConfig { suspension_cancels: false, ..open_config() };
    let world = World::start_with(config, ("USD", "100000.00"), |spec| spec).await;
    let trader = world.trader("ada").await;
    let id = user_id(&world, &trader).await;
    let order = world.limit(&trader, "buy", "100.00", "1").await;
    let path = format!("/api/v1/admin/users/{id}/suspension");
    assert_eq!(world.put(&path, json!({"reason": "a pause"})).await.0, 200);
    assert_eq!(session(&world, "ada", None).await.0, 403);
    let orders = world.read(&format!("/api/v1/admin/accounts/{}/orders", trader.account.0)).await;
    assert_eq!(orders[0]["order_id"], order["order_id"], "{orders}");
    assert_eq!(world.ask(Method::DELETE, &path, Some(OPERATOR), None).await.0, 200);
    let token = world.log_in(&trader.email).await;
    let (_, open) = world.get("/api/v1/orders", Some(&token)).await;
    assert_eq!(open[0]["order_id"], order["order_id"], "{open}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u14_log_in_asks_for_a_code_that_counts_once() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let (secret, codes) = second_factor(&world, &trader.token).await;
    let code = code_of(&secret, 1);
    let (status, needed) = world.form("/login", &[("username", "ada"), ("password", PASSWORD)]).await;
    assert_eq!((status, &needed["code"]), (401, &json!("TWO_FACTOR_NEEDED")));
    let with_code = [("username", "ada"), ("password", PASSWORD), ("code", code.as_str())];
    assert_eq!(world.form("/login", &with_code).await.0, 200);
    let (status, refused) = world.form("/login", &with_code).await;
    assert_eq!((status, &refused["code"]), (401, &json!("WRONG_CODE")), "a code counts once");
    let with_recovery = [("username", "ada"), ("password", PASSWORD), ("code", codes[0].as_str().unwrap())];
    assert_eq!(world.form("/login", &with_recovery).await.0, 200);
    assert_eq!(world.form("/login", &with_recovery).await.0, 401, "a recovery code counts once");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u16_a_second_factor_is_turned_on_in_two_steps_and_off_with_both() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let token = Some(trader.token.as_str());
    let (_, codes) = second_factor(&world, &trader.token).await;
    let disable = "/api/v2/users/me/2fa/disable";
    for (password, code, refusal) in
        [("wrong", codes[0].as_str(), "WRONG_PASSWORD"), (PASSWORD, Some("000"), "WRONG_CODE")]
    {
        let (status, refused) = world.post(disable, token, &json!({"password": password, "code": code})).await;
        assert_eq!((status, &refused["code"]), (403, &json!(refusal)), "{refused}");
    }
    assert_eq!(world.post(disable, token, &json!({"password": PASSWORD})).await.0, 400, "both are needed");
    let (status, off) = world.post(disable, token, &json!({"password": PASSWORD, "code": codes[1]})).await;
    assert_eq!((status, &off["enabled"]), (200, &json!(false)), "{off}");
    assert_eq!(world.post(disable, token, &json!({"password": PASSWORD, "code": codes[2]})).await.0, 409);
    world.log_in("ada@example.com").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u19_a_link_for_a_new_password_goes_to_the_outbox() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    let mut answers = Vec::new();
    for email in ["ada@example.com", "nobody@example.com", "not an address"] {
        answers.push(world.post("/api/v1/password-reset", None, &json!({"email": email})).await);
    }
    assert!(answers.iter().all(|answer| answer == &answers[0] && answer.0 == 202), "{answers:?}");
    let body = eventually("mail", async || {
        let outbox = world.read("/api/v1/admin/outbox").await;
        let mail = outbox["messages"].as_array().unwrap().first()?.clone();
        assert_eq!((&mail["recipient"], &outbox["is_sent"]), (&json!("ada@example.com"), &json!(false)));
        Some(mail["body"].as_str().unwrap().to_owned())
    })
    .await;
    let token = body.split("#reset=").nth(1).unwrap().split_whitespace().next().unwrap();
    let set = json!({"token": token, "new_password": "another long password"});
    assert_eq!(world.post("/api/v1/password-reset/confirm", None, &set).await.0, 200);
    let (status, refused) = world.post("/api/v1/password-reset/confirm", None, &set).await;
    assert_eq!((status, &refused["code"]), (400, &json!("LINK_OVER")));
    assert_eq!(world.get("/users/me", Some(&trader.token)).await.0, 401);
    assert_eq!(world.form("/login", &[("username", "ada"), ("password", "another long password")]).await.0, 200);
    let logs = world.read("/api/v1/admin/auth-logs?action=password_reset").await;
    assert_eq!(logs["auth_logs"].as_array().unwrap().len(), 1, "{logs}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u18_logs_are_read_page_by_page() {
    let world = World::start().await;
    let trader = world.trader("ada").await;
    for _ in 0..2 {
        world.form("/login", &[("username", "ada"), ("password", "wrong")]).await;
        world.form("/login", &[("username", "nobody"), ("password", "wrong")]).await;
    }
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page = world.read(&format!("/api/v1/admin/auth-logs?limit=2{cursor}")).await;
        seen.extend(
            page["auth_logs"].as_array().unwrap().iter().map(|row| (row["action"].clone(), row["user_id"].clone())),
        );
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let id = json!(user_id(&world, &trader).await);
    let failed = json!("failed_login");
    let expected = [
        (failed.clone(), json!(null)),
        (failed.clone(), id.clone()),
        (failed.clone(), json!(null)),
        (failed, id.clone()),
        (json!("login"), id.clone()),
        (json!("register"), id),
    ];
    assert_eq!(seen, expected);
    let (_, mine) = world.get("/api/v1/users/me/auth-logs?status=failure", Some(&trader.token)).await;
    assert_eq!(mine["auth_logs"].as_array().unwrap().len(), 2);
    assert_eq!(mine["auth_logs"][0]["details"], json!({"reason": "wrong_password"}));
    world.stop().await;
}
