//! Borrowing, from the operator's side.

use serde_json::json;

use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn terms_are_set_accounts_allowed_and_debts_shown() {
    let world = World::start().await;
    let trader = world.trader("bear").await;
    let token = Some(trader.token.as_str());
    let terms = |priced_by: Option<&str>| {
        json!({"priced_by": priced_by, "collateral_ppm": 1_000_000, "initial_ppm": 200_000, "maintenance_ppm": 100_000,
            "max_debt": "10"})
    };
    let path = |asset: &str| format!("/api/v1/admin/assets/{asset}/margin-terms");
    let (status, problem) = world.put(&path("BTC"), terms(Some("BTC-USD"))).await;
    assert_eq!((status, &problem["code"]), (400, &json!("INVALID_MARGIN_TERMS")), "the reference first: {problem}");
    let (status, done) = world.put(&path("USD"), terms(None)).await;
    assert_eq!((status, &done["asset"]["margin_terms"]["max_debt"]), (200, &json!("10")), "{done}");
    let (status, done) = world.put(&path("BTC"), terms(Some("BTC-USD"))).await;
    assert_eq!((status, &done["asset"]["margin_terms"]["priced_by"]), (200, &json!("BTC-USD")), "{done}");
    for (asset, body, code) in [
        ("NOPE", terms(None), "UNKNOWN_ASSET"),
        ("BTC", terms(Some("NOPE")), "UNKNOWN_INSTRUMENT"),
        ("BTC", json!({"collateral_ppm": 1, "initial_ppm": 1, "maintenance_ppm": 1, "max_debt": "x"}), "INVALID_FIELD"),
    ] {
        let (status, problem) = world.put(&path(asset), body).await;
        assert_eq!((status, problem["code"].as_str()), (400, Some(code)), "{problem}");
    }
    let (status, _) = world.put("/api/v1/admin/instruments/BTC-USD/mark", json!({"price": "50000"})).await;
    assert_eq!(status, 200);

    let allowed = format!("/api/v1/admin/accounts/{}/margin", trader.account);
    let (status, done) = world.put(&allowed, json!({"margin": true})).await;
    assert_eq!((status, &done["account"]["margin"]), (200, &json!(true)), "{done}");
    let (status, problem) = world.put(&allowed, json!({"margin": true})).await;
    assert_eq!((status, &problem["code"]), (409, &json!("SWITCH_UNCHANGED")), "{problem}");
    let loan = json!({"asset": "BTC", "amount": "1", "reference": 1});
    let (status, done) = world.post("/api/v1/account/borrow", token, &loan).await;
    assert_eq!(status, 200, "{done}");
    let (status, problem) = world.put(&allowed, json!({"margin": false})).await;
    assert_eq!((status, &problem["code"]), (409, &json!("ACCOUNT_OWES")), "{problem}");

    let margin = world.read("/api/v1/admin/margin").await;
    assert_eq!((&margin["reference"], margin["assets"].as_array().map(Vec::len)), (&json!("USD"), Some(2)), "{margin}");
    let row = &margin["accounts"][0];
    assert_eq!((&row["account_id"], &row["debt"]), (&json!(trader.account.0), &json!("50000")), "{margin}");
    assert_eq!((&row["collateral"], &row["debts"][0]["amount"]), (&json!("150000"), &json!("1")), "{margin}");
    assert_eq!(margin["bad_debts"], json!([]), "{margin}");
    world.stop().await;
}

/// Whoever owes bitcoin that nobody sells, and has nothing left, is written off: the venue's own account owes it.
#[tokio::test(flavor = "multi_thread")]
async fn a_debt_that_is_written_off_is_shown() {
    let world = World::start().await;
    let (trader, maker) = (world.trader("ruined").await, world.trader("maker").await);
    let token = Some(trader.token.as_str());
    let terms = |priced_by: Option<&str>| {
        json!({"priced_by": priced_by, "collateral_ppm": 1_000_000, "initial_ppm": 200_000, "maintenance_ppm": 100_000,
            "max_debt": "1000"})
    };
    for (asset, priced_by) in [("USD", None), ("BTC", Some("BTC-USD"))] {
        let (status, done) = world.put(&format!("/api/v1/admin/assets/{asset}/margin-terms"), terms(priced_by)).await;
        assert_eq!(status, 200, "{done}");
    }
    let mark = async |price: &str| {
        let (status, _) = world.put("/api/v1/admin/instruments/BTC-USD/mark", json!({"price": price})).await;
        assert_eq!(status, 200);
    };
    mark("50000").await;
    let path = format!("/api/v1/admin/accounts/{}/margin", trader.account);
    assert_eq!(world.put(&path, json!({"margin": true})).await.0, 200);
    let loan = json!({"asset": "BTC", "amount": "2", "reference": 1});
    assert_eq!(world.post("/api/v1/account/borrow", token, &loan).await.0, 200);
    // It sells what it borrowed, and a jump of the price leaves it with less than it owes.
    world.limit(&maker, "buy", "49000.00", "2").await;
    let sold = world.limit(&trader, "sell", "49000.00", "2").await;
    assert_eq!(sold["status"], json!("filled"), "{sold}");
    world.limit(&maker, "sell", "1000000.00", "1").await;
    mark("1000000").await;
    let margin = world.read("/api/v1/admin/margin").await;
    let left = margin["bad_debts"][0].clone();
    assert_eq!(left["asset"], json!("BTC"), "{margin}");
    assert_eq!(margin["accounts"][0]["debts"], json!([]), "{margin}");
    world.stop().await;
}
