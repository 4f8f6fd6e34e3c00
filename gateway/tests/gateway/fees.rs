//! Fee tables and one's own tier, from outside.

use papertape_engine::{Amount, Command, FeeTier, FeeTiers, InstrumentId, Ppm};
use serde_json::{Value, json};

use crate::support::{DEADLINE, World};

const FEES: &str = "/api/v1/account/fees";

/// An answer of the desk after it says that the read models have it.
async fn set_tiers(world: &World, token: Option<&str>, tiers: &[(i128, i32, i32)]) {
    let tier = |&(dollars, maker, taker): &(i128, i32, i32)| FeeTier {
        volume_min: Amount(dollars * 100_000_000),
        maker_fee: Ppm(maker),
        taker_fee: Ppm(taker),
    };
    let tiers: Vec<FeeTier> = tiers.iter().map(tier).collect();
    let command = Command::SetFeeTiers { instrument: InstrumentId(0), tiers: FeeTiers::new(&tiers).unwrap() };
    let client = world.client.clone();
    tokio::task::spawn_blocking(move || client.call(command, DEADLINE).unwrap()).await.unwrap();
    let nothing = json!({"asset": "USD", "amount": "1", "reference": 1});
    assert_eq!(world.post("/api/v1/account/repay", token, &nothing).await.0, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_market_shows_its_fee_table_and_a_trader_its_tier() {
    let world = World::start().await;
    let trader = world.trader("cheap").await;
    let token = Some(trader.token.as_str());
    let (_, markets) = world.get("/api/v1/instruments", None).await;
    let first = json!({"tier": 0, "min_volume": "0", "maker_fee_ppm": markets[0]["maker_fee_ppm"],
        "taker_fee_ppm": markets[0]["taker_fee_ppm"]});
    assert_eq!(markets[0]["fee_tiers"], json!([first]), "{markets}");

    set_tiers(&world, token, &[(100_000, 100, 300), (2_500_000, -50, 200)]).await;
    let next = json!({"tier": 1, "min_volume": "100000", "maker_fee_ppm": 100, "taker_fee_ppm": 300});
    let last = json!({"tier": 2, "min_volume": "2500000", "maker_fee_ppm": -50, "taker_fee_ppm": 200});
    let (_, markets) = world.get("/api/v1/instruments", None).await;
    assert_eq!(markets[0]["fee_tiers"], json!([first, next, last]), "{markets}");

    let (status, fees) = world.get(&format!("{FEES}?symbol=BTC-USD"), token).await;
    let own = json!([{"symbol": "BTC-USD", "quote": "USD", "volume_30d": "0", "tier": 0,
        "maker_fee_ppm": markets[0]["maker_fee_ppm"], "taker_fee_ppm": markets[0]["taker_fee_ppm"],
        "next_tier": next}]);
    assert_eq!((status, fees), (200, own));
    let (_, fees) = world.get(FEES, token).await;
    assert_eq!(fees.as_array().map(Vec::len), Some(5), "{fees}");
    assert_eq!(fees[1]["next_tier"], Value::Null, "{fees}");

    let (status, refused) = world.get(&format!("{FEES}?symbol=NOPE"), token).await;
    assert_eq!((status, &refused["code"]), (400, &json!("UNKNOWN_INSTRUMENT")), "{refused}");
    let (status, _) = world.get(FEES, None).await;
    assert_eq!(status, 401);

    set_tiers(&world, token, &[]).await;
    let (_, fees) = world.get(&format!("{FEES}?symbol=BTC-USD"), token).await;
    assert_eq!(fees[0]["next_tier"], Value::Null, "{fees}");
    world.stop().await;
}
