//! Accounts, what they may do, their orders and their money.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{OPERATOR, Trader, World};

const ACCOUNTS: &str = "/api/v1/admin/accounts";
const NOBODY: u32 = 4_000_000_000;

fn of(trader: &Trader, what: &str) -> String {
    format!("{ACCOUNTS}/{}{what}", trader.account)
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_with_what_they_may_do() {
    let world = World::start().await;
    let (first, second) = (world.trader("first").await, world.trader("second").await);
    world.limit(&first, "buy", "50000.00", "0.01").await;
    let listed = world.read(ACCOUNTS).await;
    let rows = listed.as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["account_id"], &rows[0]["user_id"]), (3, &json!(0), &Value::Null), "{listed}");
    let row = &rows[first.account.0 as usize];
    assert_eq!((&row["account_id"], &row["open_orders"]), (&json!(first.account.0), &json!(1)), "{row}");
    assert!(row["user_id"].is_i64(), "{row}");
    assert_eq!(row["balances"][0]["total"], json!("100000"), "{row}");
    assert_eq!(&world.read(&of(&first, "")).await, row);
    let page = world.read(&format!("{ACCOUNTS}?after={}&limit=1", first.account)).await;
    assert_eq!(page, json!([rows[second.account.0 as usize]]), "{page}");
    for (path, status, code) in [
        (format!("{ACCOUNTS}/{NOBODY}"), 404, "UNKNOWN_ACCOUNT"),
        (format!("{ACCOUNTS}/x"), 400, "INVALID_FIELD"),
        (format!("{ACCOUNTS}/-1"), 400, "INVALID_FIELD"),
        (format!("{ACCOUNTS}?limit=0"), 400, "INVALID_FIELD"),
        (format!("{ACCOUNTS}?page=1"), 400, "INVALID_QUERY"),
    ] {
        let (found, problem) = world.get(&path, Some(OPERATOR)).await;
        assert_eq!((found, problem["code"].as_str()), (status, Some(code)), "{path}: {problem}");
    }

    // The same reference gives the same account, and any 64 bits are one.
    let body = json!({"reference": u64::MAX.to_string()});
    let (status, done) = world.post(ACCOUNTS, Some(OPERATOR), &body).await;
    assert_eq!((status, &done["account"]["user_id"]), (201, &Value::Null), "{done}");
    let (_, again) = world.post(ACCOUNTS, Some(OPERATOR), &body).await;
    assert_eq!(again["account"], done["account"]);
    for body in [json!({"reference": "-1"}), json!({"reference": "18446744073709551616"}), json!({"reference": "1.5"})]
    {
        let (status, problem) = world.post(ACCOUNTS, Some(OPERATOR), &body).await;
        assert_eq!((status, &problem["code"]), (400, &json!("INVALID_FIELD")), "{body}: {problem}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_stopped_suspended_and_let_go_on() {
    let world = World::start().await;
    let trader = world.trader("hasty").await;
    for (what, name, cause, code) in [
        ("/kill-switch", "engaged", "KILL_SWITCH", "KILL_SWITCH_ENGAGED"),
        ("/suspension", "suspended", "SUSPENDED", "ACCOUNT_SUSPENDED"),
    ] {
        let order = world.limit(&trader, "buy", "50000.00", "0.01").await;
        let (status, done) = world.put(&of(&trader, what), json!({name: true})).await;
        assert_eq!((status, &done["orders_ended"]), (200, &json!(1)), "{what}: {done}");
        let flag = if name == "engaged" { "kill_switch" } else { "suspended" };
        assert_eq!((&done["account"][flag], &done["account"]["open_orders"]), (&json!(true), &json!(0)), "{done}");
        let path = format!("/api/v1/orders/{}", order["order_id"].as_str().unwrap());
        let (_, ended) = world.get(&path, Some(&trader.token)).await;
        assert_eq!(ended["cancel_reason"], json!(cause), "{ended}");
        let venue = world.read("/api/v1/admin/venue").await;
        let list = if name == "engaged" { "stopped_accounts" } else { "suspended_accounts" };
        assert_eq!(venue[list], json!([trader.account.0]), "{venue}");
        let body = json!({"symbol": "BTC-USD", "side": "buy", "type": "limit", "price": "1", "qty": "1"});
        let (status, problem) = world.post("/api/v1/orders", Some(&trader.token), &body).await;
        assert_eq!((status, &problem["code"]), (409, &json!(code)), "{problem}");
        let (status, problem) = world.put(&of(&trader, what), json!({name: true})).await;
        assert_eq!((status, &problem["code"]), (409, &json!("SWITCH_UNCHANGED")), "{problem}");
        let (status, done) = world.put(&of(&trader, what), json!({name: false})).await;
        assert_eq!((status, &done["account"][flag]), (200, &json!(false)), "{done}");
        for (account, status, code) in [(NOBODY, 404, "UNKNOWN_ACCOUNT"), (0, 409, "RESERVED_ACCOUNT")] {
            let (found, problem) = world.put(&format!("{ACCOUNTS}/{account}{what}"), json!({name: true})).await;
            assert_eq!((found, problem["code"].as_str()), (status, Some(code)), "{what}: {problem}");
        }
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_one_group_do_not_trade_with_each_other() {
    let world = World::start().await;
    let (seller, buyer) = (world.trader("left").await, world.trader("right").await);
    world.deposit_btc(&seller, 1).await;
    for trader in [&seller, &buyer] {
        let (status, done) = world.put(&of(trader, "/trade-group"), json!({"group": 7})).await;
        assert_eq!((status, &done["account"]["trade_group"]), (200, &json!(7)), "{done}");
    }
    let resting = world.limit(&seller, "sell", "60000.00", "0.1").await;
    let coming = world.limit(&buyer, "buy", "60000.00", "0.1").await;
    assert_eq!(coming["filled_qty"], json!("0.00000"), "{coming}");
    let path = format!("/api/v1/orders/{}", resting["order_id"].as_str().unwrap());
    let (_, ended) = world.get(&path, Some(&seller.token)).await;
    assert_eq!(ended["status"], json!("cancelled"), "{ended}");
    let (status, done) = world.ask(Method::DELETE, &of(&buyer, "/trade-group"), Some(OPERATOR), None).await;
    assert_eq!((status, &done["account"]["trade_group"]), (200, &Value::Null), "{done}");
    let sold = world.limit(&seller, "sell", "60000.00", "0.1").await;
    assert_eq!(sold["status"], json!("filled"), "{sold}");
    let (status, problem) = world.put(&format!("{ACCOUNTS}/{NOBODY}/trade-group"), json!({"group": 7})).await;
    assert_eq!((status, &problem["code"]), (404, &json!("UNKNOWN_ACCOUNT")), "{problem}");
    let (status, problem) = world.put(&of(&buyer, "/trade-group"), json!({"group": -1})).await;
    assert_eq!((status, &problem["code"]), (400, &json!("INVALID_FIELD")), "{problem}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_sees_and_cancels_an_accounts_orders() {
    let world = World::start().await;
    let trader = world.trader("absent").await;
    world.deposit_btc(&trader, 1).await;
    let first = world.limit(&trader, "buy", "50000.00", "0.01").await;
    world.limit(&trader, "buy", "50001.00", "0.01").await;
    world.limit(&trader, "sell", "70000.00", "0.01").await;
    let path = of(&trader, "/orders");
    assert_eq!(world.read(&path).await.as_array().map(Vec::len), Some(3));
    assert_eq!(world.read(&format!("{path}?side=sell&symbol=BTC-USD")).await.as_array().map(Vec::len), Some(1));
    assert_eq!(world.read(&format!("{path}?symbol=ETH-USD")).await, json!([]));
    let delete = async |path: &str| world.ask(Method::DELETE, path, Some(OPERATOR), None).await;
    let one = format!("{path}/{}", first["order_id"].as_str().unwrap());
    let (status, done) = delete(&one).await;
    assert_eq!((status, &done["cancelled"][0]["order_id"]), (200, &first["order_id"]), "{done}");
    let (status, problem) = delete(&one).await;
    assert_eq!((status, &problem["code"]), (404, &json!("UNKNOWN_ORDER")), "{problem}");
    let (status, done) = delete(&format!("{path}?side=buy")).await;
    assert_eq!((status, done["cancelled"].as_array().map(Vec::len)), (200, Some(1)), "{done}");
    let (status, done) = delete(&path).await;
    assert_eq!((status, done["cancelled"].as_array().map(Vec::len)), (200, Some(1)), "{done}");
    for (path, status, code) in [
        (format!("{ACCOUNTS}/{NOBODY}/orders"), 404, "UNKNOWN_ACCOUNT"),
        (format!("{path}?symbol=NOPE"), 400, "UNKNOWN_INSTRUMENT"),
        (format!("{path}?all=1"), 400, "INVALID_QUERY"),
        (format!("{path}/x"), 400, "INVALID_FIELD"),
    ] {
        let (found, problem) = delete(&path).await;
        assert_eq!((found, problem["code"].as_str()), (status, Some(code)), "{path}: {problem}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_comes_in_goes_out_and_moves_once() {
    let world = World::start().await;
    let (payer, payee) = (world.trader("payer").await, world.trader("payee").await);
    let send = async |path: &str, body: &Value| world.post(path, Some(OPERATOR), body).await;
    let entry = |amount: &str, reference: u64| json!({"asset": "BTC", "amount": amount, "reference": reference});
    let deposits = of(&payer, "/deposits");
    for repeated in [false, true] {
        let (status, done) = send(&deposits, &entry("1.5", 1)).await;
        assert_eq!((status, &done["repeated"], &done["amount"]), (200, &json!(repeated), &json!("1.5")), "{done}");
        let balance = json!({"asset": "BTC", "free": "1.5", "held": "0", "total": "1.5"});
        assert_eq!(done["accounts"], json!([{"account_id": payer.account.0, "balance": balance}]), "{done}");
    }
    let withdrawals = of(&payer, "/withdrawals");
    let (status, done) = send(&withdrawals, &entry("0.5", 2)).await;
    assert_eq!((status, &done["accounts"][0]["balance"]["free"]), (200, &json!("1")), "{done}");
    let mut transfer = json!({"from": payer.account.0, "to": payee.account.0, "asset": "BTC", "amount": "0.25",
        "reference": "3"});
    let (status, done) = send("/api/v1/admin/transfers", &transfer).await;
    let free = |at: usize| done["accounts"][at]["balance"]["free"].clone();
    assert_eq!((status, free(0), free(1)), (200, json!("0.75"), json!("0.25")), "{done}");
    let (status, problem) = send(&deposits, &entry("9", 1)).await;
    assert_eq!((status, &problem["code"]), (409, &json!("DUPLICATE_REFERENCE")), "{problem}");
    transfer["to"] = transfer["from"].clone();
    transfer["reference"] = json!("4");
    for (path, body, status, code) in [
        (&withdrawals, entry("100", 5), 422, "INSUFFICIENT_FUNDS"),
        (&withdrawals, entry("0", 5), 400, "INVALID_AMOUNT"),
        (&deposits, entry("-1", 5), 400, "INVALID_AMOUNT"),
        (&deposits, entry("0.000000001", 5), 400, "INVALID_FIELD"),
        (&deposits, json!({"asset": "NOPE", "amount": "1", "reference": 5}), 400, "UNKNOWN_ASSET"),
        (&format!("{ACCOUNTS}/{NOBODY}/deposits"), entry("1", 5), 404, "UNKNOWN_ACCOUNT"),
        (&"/api/v1/admin/transfers".to_owned(), transfer, 400, "SAME_ACCOUNT"),
    ] {
        let (found, problem) = send(path, &body).await;
        assert_eq!((found, problem["code"].as_str()), (status, Some(code)), "{path} {body}: {problem}");
    }
    world.stop().await;
}
