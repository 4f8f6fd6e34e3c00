//! Borrowing, from outside.

use papertape_engine::{Amount, AssetId, Command, InstrumentId, MarginTerms, Ppm, Price};
use serde_json::{Value, json};

use crate::support::{DEADLINE, Trader, World};

const MARGIN: &str = "/api/v1/account/margin";
const BORROW: &str = "/api/v1/account/borrow";
const REPAY: &str = "/api/v1/account/repay";

async fn operator(world: &World, commands: Vec<Command>) {
    let client = world.client.clone();
    let send = move || commands.into_iter().for_each(|command| drop(client.call(command, DEADLINE).unwrap()));
    tokio::task::spawn_blocking(send).await.unwrap();
}

/// Dollars are the reference, bitcoin is priced by its mark; the trader may borrow.
async fn allow(world: &World, trader: &Trader) {
    let (_, markets) = world.get("/api/v1/instruments", None).await;
    assert_eq!(markets[0]["symbol"], "BTC-USD");
    let asset = |symbol: &str| {
        let assets =
            papertape_platform::demo::missing(&papertape_engine::Engine::new(), papertape_engine::RuleBook::Binance);
        let listed = assets.iter().filter_map(|command| match command {
            Command::ListAsset(asset) => Some(asset.symbol),
            _ => None,
        });
        AssetId(listed.into_iter().position(|listed| listed.as_str() == symbol).unwrap() as u16)
    };
    let terms = |priced_by| MarginTerms {
        priced_by,
        collateral: Ppm(1_000_000),
        initial: Ppm(200_000),
        maintenance: Ppm(100_000),
        borrow_max: Amount(10_i128.pow(15)),
    };
    let commands = vec![
        Command::SetMarginTerms { asset: asset("USD"), terms: terms(None) },
        Command::SetMarginTerms { asset: asset("BTC"), terms: terms(Some(InstrumentId(0))) },
        Command::SetMarginAccount { account: trader.account, margin: true },
        Command::SetMark { instrument: InstrumentId(0), price: Price(5_000_000) },
    ];
    operator(world, commands).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_borrows_sells_short_and_pays_back() {
    let world = World::start().await;
    let trader = world.trader("bear").await;
    let token = Some(trader.token.as_str());
    let loan = json!({"asset": "BTC", "amount": "1", "reference": 1});
    let (status, refused) = world.post(BORROW, token, &loan).await;
    assert_eq!((status, &refused["code"]), (409, &json!("NOT_A_MARGIN_ACCOUNT")), "{refused}");
    allow(&world, &trader).await;

    let (status, done) = world.post(BORROW, token, &loan).await;
    assert_eq!((status, &done["amount"], &done["debt"]), (200, &json!("1"), &json!("1")), "{done}");
    let (status, again) = world.post(BORROW, token, &loan).await;
    assert_eq!((status, &again["amount"], &again["debt"]), (200, &json!("0"), &json!("1")), "{again}");
    let (_, account) = world.get("/api/v1/account", token).await;
    assert!(
        account["balances"].as_array().unwrap().iter().any(|b| b["asset"] == "BTC" && b["free"] == "1"),
        "{account}"
    );
    let (_, margin) = world.get(MARGIN, token).await;
    assert_eq!((&margin["margin"], &margin["reference"]), (&json!(true), &json!("USD")), "{margin}");
    assert_eq!((&margin["collateral"], &margin["debt"]), (&json!("150000"), &json!("50000")), "{margin}");
    assert_eq!((&margin["initial_margin"], &margin["maintenance_margin"]), (&json!("10000"), &json!("5000")));
    assert_eq!(margin["debts"], json!([{"asset": "BTC", "amount": "1"}]), "{margin}");
    assert_eq!(margin["assets"].as_array().map(Vec::len), Some(2), "{margin}");

    let more = json!({"asset": "BTC", "amount": "9.1", "reference": 2});
    let (status, refused) = world.post(BORROW, token, &more).await;
    assert_eq!((status, &refused["code"]), (422, &json!("INSUFFICIENT_MARGIN")), "{refused}");
    for (body, code) in [
        (json!({"asset": "NOPE", "amount": "9", "reference": 3}), "UNKNOWN_ASSET"),
        (json!({"asset": "BTC", "amount": "x", "reference": 3}), "INVALID_FIELD"),
        (json!({"asset": "BTC", "amount": "-1", "reference": 3}), "INVALID_AMOUNT"),
        (json!({"asset": "BTC", "amount": "1", "reference": u64::MAX}), "INVALID_FIELD"),
    ] {
        let (status, refused) = world.post(BORROW, token, &body).await;
        assert_eq!((status, &refused["code"]), (400, &json!(code)), "{refused}");
    }

    let back = json!({"asset": "BTC", "amount": "5", "reference": 4});
    let (status, done) = world.post(REPAY, token, &back).await;
    assert_eq!((status, &done["amount"], &done["debt"]), (200, &json!("1"), &json!("0")), "{done}");
    let (status, refused) = world.post(REPAY, token, &json!({"asset": "BTC", "amount": "5", "reference": 5})).await;
    assert_eq!((status, &refused["code"]), (409, &json!("NOTHING_BORROWED")), "{refused}");
    let (status, _) = world.get(MARGIN, None).await;
    assert_eq!(status, 401);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_short_of_margin_is_liquidated() {
    let world = World::start().await;
    let (trader, maker) = (world.trader("bull").await, world.trader("maker").await);
    let token = Some(trader.token.as_str());
    allow(&world, &trader).await;
    let loan = json!({"asset": "BTC", "amount": "2", "reference": 1});
    let (status, done) = world.post(BORROW, token, &loan).await;
    assert_eq!(status, 200, "{done}");
    world.limit(&maker, "buy", "49000.00", "2").await;
    let own = world.limit(&trader, "sell", "60000.00", "0.5").await;
    // 200,000 of collateral and more with each dollar that bitcoin costs, but twice as much of debt.
    operator(&world, vec![Command::SetMark { instrument: InstrumentId(0), price: Price(100_000_000) }]).await;
    // An answer of the desk says that the read models have what came before.
    let (status, _) = world.post(REPAY, token, &json!({"asset": "BTC", "amount": "1", "reference": 9})).await;
    assert_eq!(status, 409);
    let (_, ended) = world.get(&format!("/api/v1/orders/{}", own["order_id"].as_str().unwrap()), token).await;
    assert_eq!(ended["cancel_reason"], Value::from("LIQUIDATION"), "{ended}");
    let (_, margin) = world.get(MARGIN, token).await;
    assert_eq!(margin["debts"], json!([]), "{margin}");
    world.stop().await;
}
