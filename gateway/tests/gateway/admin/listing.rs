//! Assets and markets that the operator lists.

use serde_json::{Value, json};

use crate::support::{OPERATOR, World};

const ASSETS: &str = "/api/v1/admin/assets";
const MARKETS: &str = "/api/v1/admin/instruments";

#[tokio::test(flavor = "multi_thread")]
async fn a_market_is_listed_with_all_of_its_settings_and_trades() {
    let world = World::start().await;
    let (status, done) = world.post(ASSETS, Some(OPERATOR), &json!({"symbol": "GOLD", "decimals": 4})).await;
    assert_eq!(
        (status, &done["asset"]["symbol"], &done["asset"]["decimals"]),
        (201, &json!("GOLD"), &json!(4)),
        "{done}"
    );
    let listed = world.read(ASSETS).await;
    assert_eq!(listed.as_array().unwrap().last(), Some(&done["asset"]), "{listed}");

    let settings = json!({"fee_asset": "received", "min_price": "1.00", "max_price": "5000.00", "min_qty": "0.01",
        "max_qty": "100.000", "max_market_qty": "50.000", "min_notional": "1", "max_notional": "100000",
        "max_open_orders": 10, "max_position": "200", "max_orders_per_second": 5, "self_trade_prevention": "decrement",
        "post_only_rule": "reprice", "amend_priority": "lose", "trigger_source": "mark", "trigger_at_entry": "fire",
        "phase": "auction", "maker_fee_ppm": 500, "taker_fee_ppm": 1000});
    let mut body = settings.clone();
    body["symbol"] = json!("GOLD-USD");
    body["base"] = json!("GOLD");
    body["quote"] = json!("USD");
    body["tick_size"] = json!("0.05");
    body["lot_size"] = json!("0.001");
    body["allocation"] = json!({"type": "pro_rata", "top_max": "1", "share_min": "0.01", "leveling": true});
    body["bands"] = json!({"static_bps": 1000, "dynamic_bps": 500, "volatility_auction_ms": 300_000});
    let (status, done) = world.post(MARKETS, Some(OPERATOR), &body).await;
    assert_eq!(status, 201, "{done}");
    let market = &done["instrument"];
    for (name, value) in settings.as_object().unwrap() {
        if name != "min_qty" {
            assert_eq!(&market[name], value, "{name}: {market}");
        }
    }
    assert_eq!((&market["min_qty"], &market["tick_size"]), (&json!("0.010"), &json!("0.05")), "{market}");
    let steps = json!({"type": "pro_rata", "top_max": "1.000", "share_min": "0.010", "leveling": true});
    assert_eq!((&market["allocation"], &market["bands"]), (&steps, &body["bands"]), "{market}");
    assert_eq!(&world.read(&format!("{MARKETS}/GOLD-USD")).await, market);
    assert_eq!(world.read(MARKETS).await[5], *market);
    // Everybody sees it at once.
    let trader = world.trader("digger").await;
    let order = json!({"symbol": "gold-usd", "side": "buy", "type": "limit", "price": "100.05", "qty": "0.5"});
    let (status, placed) = world.post("/api/v1/orders", Some(&trader.token), &order).await;
    assert_eq!((status, &placed["status"]), (201, &json!("new")), "{placed}");

    let (status, again) = world.post(MARKETS, Some(OPERATOR), &body).await;
    assert_eq!((status, &again["code"]), (409, &json!("ALREADY_LISTED")), "{again}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_listed_is_refused() {
    let world = World::start().await;
    for (body, status, code) in [
        (json!({"symbol": "USD", "decimals": 2}), 409, "ALREADY_LISTED"),
        (json!({"symbol": "TIN", "decimals": 19}), 400, "INVALID_ASSET"),
        (json!({"symbol": "TIN FOIL", "decimals": 2}), 400, "INVALID_FIELD"),
        (json!({"symbol": "TIN"}), 400, "INVALID_FIELD"),
    ] {
        let (found, problem) = world.post(ASSETS, Some(OPERATOR), &body).await;
        let expected = (status, code);
        let code = problem["code"].as_str().unwrap();
        let missing = body.get("decimals").is_none();
        assert_eq!((found, if missing { expected.1 } else { code }), expected, "{body}: {problem}");
    }
    let plain = json!({"symbol": "BTC-ETH", "base": "BTC", "quote": "ETH", "tick_size": "0.01", "lot_size": "0.0001"});
    let with = |field: &str, value: Value| {
        let mut body = plain.clone();
        body[field] = value;
        body
    };
    for (body, code) in [
        (with("base", json!("LEAD")), "UNKNOWN_ASSET"),
        (with("quote", json!("BTC")), "INVALID_ASSETS"),
        (with("tick_size", json!("0")), "INVALID_STEP"),
        (with("lot_size", json!("-1")), "INVALID_STEP"),
        (with("tick_size", json!("-1")), "INVALID_FIELD"),
        (with("lot_size", json!("0.000000001")), "INVALID_FIELD"),
        (with("tick_size", json!("0.000000000001")), "INVALID_GRANULARITY"),
        (with("maker_fee_ppm", json!(-1)), "INVALID_FEES"),
        (with("min_qty", json!("0")), "INVALID_FILTERS"),
        (with("max_price", json!("0.001")), "INVALID_FIELD"),
        (with("allocation", json!({"type": "pro_rata", "share_min": "0"})), "INVALID_ALLOCATION"),
        (with("allocation", json!({"type": "fifo", "top_max": "1"})), "INVALID_FIELD"),
        (with("bands", json!({"static_bps": 10_000})), "INVALID_BANDS"),
        (with("bands", json!({"volatility_auction_ms": u64::MAX})), "INVALID_FIELD"),
        (with("rules", json!("house")), "INVALID_FIELD"),
        (with("symbol", json!("")), "INVALID_FIELD"),
    ] {
        let (status, problem) = world.post(MARKETS, Some(OPERATOR), &body).await;
        assert_eq!((status, problem["code"].as_str()), (400, Some(code)), "{body}: {problem}");
    }
    let (status, done) = world.post(MARKETS, Some(OPERATOR), &with("rules", json!("cme-like"))).await;
    assert_eq!((status, &done["instrument"]["bands"]["dynamic_bps"]), (201, &json!(500)), "{done}");
    let (status, problem) = world.get(&format!("{MARKETS}/NOPE"), Some(OPERATOR)).await;
    assert_eq!((status, &problem["code"]), (400, &json!("UNKNOWN_INSTRUMENT")), "{problem}");
    world.stop().await;
}
