//! Charts as TradingView's feed, candles of every length, and tickers.

use serde_json::{Value, json};

use crate::support::World;

/// A venue in which one trade has happened, at 60,000, of 0.2 BTC.
async fn traded() -> World {
    let world = World::start().await;
    let (maker, taker) = (world.trader("maker").await, world.trader("taker").await);
    world.deposit_btc(&maker, 1).await;
    world.limit(&maker, "sell", "60000.00", "0.5").await;
    world.limit(&taker, "buy", "60000.00", "0.2").await;
    world
}

async fn ask(world: &World, path: &str) -> Value {
    let (status, answer) = world.get(path, None).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn h2_a_chart_finds_out_what_there_is() {
    let world = World::start().await;
    let config = ask(&world, "/udf/config").await;
    assert_ne!(config["supports_search"], config["supports_group_request"], "exactly one of them");
    assert_eq!((&config["supports_search"], &config["supports_time"]), (&json!(true), &json!(true)));
    let resolutions =
        json!(["1S", "1", "3", "5", "15", "30", "60", "120", "240", "360", "480", "720", "1D", "3D", "1W", "1M"]);
    assert_eq!(config["supported_resolutions"], resolutions);

    let time: u64 =
        world.http().get(world.url("/udf/time")).send().await.unwrap().text().await.unwrap().parse().unwrap();
    assert!(time > 1_700_000_000);

    for name in ["BTC-USD", "PAPERTAPE:BTC-USD", "papertape:btcusd", "BTC"] {
        // What only some charts send is passed over.
        let symbol = ask(&world, &format!("/udf/symbols?symbol={name}&currencyCode=USD")).await;
        for (field, value) in [
            ("name", json!("BTC-USD")),
            ("ticker", json!("BTC-USD")),
            ("full_name", json!("PAPERTAPE:BTC-USD")),
            ("session", json!("24x7")),
            ("timezone", json!("Etc/UTC")),
            ("minmov", json!(1)),
            ("pricescale", json!(100)),
            ("volume_precision", json!(5)),
            ("supported_resolutions", resolutions.clone()),
            ("currency_code", json!("USD")),
        ] {
            assert_eq!(symbol[field], value, "{field}: {symbol}");
        }
    }
    let unknown = json!({"s": "error", "errmsg": "unknown_symbol"});
    for name in ["XYZ", "NASDAQ:BTC-USD", ""] {
        assert_eq!(ask(&world, &format!("/udf/symbols?symbol={name}")).await, unknown, "{name}");
    }
    assert_eq!(ask(&world, "/udf/symbols").await["s"], "error");

    let found = async |query: &str| {
        let found = ask(&world, &format!("/udf/search?{query}")).await;
        found.as_array().unwrap().iter().map(|row| row["symbol"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("query=btc/u&type=&exchange=&limit=10").await, ["BTC-USD", "BTC-USDT"]);
    assert_eq!(found("query=&type=spot&exchange=PAPERTAPE").await.len(), 5);
    assert_eq!(found("query=&limit=2").await.len(), 2);
    assert_eq!(found("query=&type=stock").await.len(), 0);
    assert_eq!(found("query=&exchange=NASDAQ").await.len(), 0);
    assert_eq!(ask(&world, "/udf/search?query=&limit=many").await["s"], "error");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn h2_bars_are_numbers_in_ascending_seconds() {
    let world = traded().await;
    let now: u64 = ask_time(&world).await;
    for (resolution, length) in [("1", 60), ("5", 300), ("60", 3_600), ("1D", 86_400), ("D", 86_400), ("1W", 604_800)] {
        let path = format!("/udf/history?symbol=BTC-USD&resolution={resolution}&from=0&to={}", now + 2 * length);
        let bars = ask(&world, &path).await;
        assert_eq!(bars["s"], "ok", "{bars}");
        let starts: Vec<u64> = bars["t"].as_array().unwrap().iter().map(|start| start.as_u64().unwrap()).collect();
        assert!((1..=2).contains(&starts.len()), "{bars}");
        // The week of 1970-01-05, a Monday, is the first whole one.
        let shift = if length == 604_800 { 345_600 } else { 0 };
        assert!(starts.iter().all(|start| (start - shift) % length == 0), "{bars}");
        assert!(starts.is_sorted_by(|one, next| one < next));
        for field in ["o", "h", "l", "c"] {
            assert!(bars[field].as_array().unwrap().iter().all(|price| *price == json!(60_000)), "{bars}");
        }
        assert_eq!((bars["v"].as_array().unwrap().len(), &bars["v"][0]), (starts.len(), &json!(0.2)), "{bars}");
        // The end is exclusive; without one the live bar is in.
        let before = format!("/udf/history?symbol=BTC-USD&resolution={resolution}&from=0&to={}", starts[0]);
        assert_eq!(ask(&world, &before).await, json!({"s": "no_data"}), "nothing before the first trade");
        let after = format!("/udf/history?symbol=BTC-USD&resolution={resolution}&from={}", starts[0]);
        assert_eq!(ask(&world, &after).await["t"][0], starts[0]);
        // Where nothing is yet, the newest bar before is named.
        let (from, to) = (now + 10 * length, now + 20 * length);
        let later = format!("/udf/history?symbol=BTC-USD&resolution={resolution}&from={from}&to={to}");
        let later = ask(&world, &later).await;
        assert_eq!((&later["s"], later["nextTime"].as_u64() >= starts.last().copied()), (&json!("no_data"), true));
    }
    // `countback` beats `from`, and so much work is bounded.
    for query in ["from=99999999999&countback=1", "countback=18446744073709551615&from=x1"] {
        let refused = ask(&world, &format!("/udf/history?symbol=BTC-USD&resolution=1&to=5&{query}")).await;
        assert!(refused["s"] == "no_data" || refused["s"] == "error", "{refused}");
    }
    let path = format!("/udf/history?symbol=BTC-USD&resolution=1&from={now}&to={}&countback=9000000000", now + 60);
    let bars = ask(&world, &path).await;
    assert!(bars["s"] == "ok" && bars["t"].as_array().unwrap().len() <= 5_000, "{bars}");
    let last = format!("/udf/history?symbol=BTC-USD&resolution=1&from=0&to={}&countback=1", now + 60);
    assert_eq!(ask(&world, &last).await["t"].as_array().unwrap().len(), 1);

    // The same handler behind the other path.
    let other = path.replace("/udf/history", "/api/v2/charting/history");
    assert_eq!(ask(&world, &other).await["t"][0], bars["t"][0]);

    for (query, sentence) in [
        ("symbol=XYZ&resolution=1&from=0&to=1", "unknown_symbol"),
        ("symbol=BTC-USD&resolution=7&from=0&to=1", "unknown_resolution"),
        ("symbol=BTC-USD&resolution=2M&from=0&to=1", "unknown_resolution"),
        ("symbol=BTC-USD&resolution=1&from=2&to=1", "from: must not be after to"),
        ("symbol=BTC-USD&resolution=1&from=a&to=1", "from: must be a whole number"),
        ("symbol=BTC-USD&resolution=1&from=0&to=1.5", "to: must be a whole number"),
    ] {
        for path in ["/udf/history", "/api/v2/charting/history"] {
            let refused = ask(&world, &format!("{path}?{query}")).await;
            assert_eq!(refused, json!({"s": "error", "errmsg": sentence}), "{query}");
        }
    }
    assert_eq!(ask(&world, "/udf/history?resolution=1").await["s"], "error");
    let far_back = ask(&world, "/udf/history?symbol=BTC-USD&resolution=1&from=-100&to=-5").await;
    assert_eq!(far_back, json!({"s": "no_data"}));
    let untraded = ask(&world, "/udf/history?symbol=ETH-USD&resolution=1&from=0&countback=10").await;
    assert_eq!(untraded, json!({"s": "no_data"}));
    world.stop().await;
}

async fn ask_time(world: &World) -> u64 {
    let answer = world.http().get(world.url("/udf/time")).send().await.unwrap();
    answer.text().await.unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn quotes_and_tickers_are_of_all_markets_at_once() {
    let world = traded().await;
    let quotes = ask(&world, "/udf/quotes?symbols=BTC-USD,PAPERTAPE:ETH-USD,XYZ").await;
    let (btc, eth, unknown) = (&quotes["d"][0], &quotes["d"][1], &quotes["d"][2]);
    assert_eq!((&quotes["s"], quotes["d"].as_array().unwrap().len()), (&json!("ok"), 3));
    assert_eq!((&btc["s"], &btc["n"], &btc["v"]["short_name"]), (&json!("ok"), &json!("BTC-USD"), &json!("BTC-USD")));
    assert_eq!((&btc["v"]["lp"], &btc["v"]["ask"], &btc["v"]["ch"]), (&json!(60_000), &json!(60_000), &json!(0)));
    assert_eq!((&btc["v"]["bid"], &btc["v"]["volume"]), (&Value::Null, &json!(0.2)), "{btc}");
    assert_eq!((&eth["n"], &eth["v"]["lp"]), (&json!("PAPERTAPE:ETH-USD"), &Value::Null), "{eth}");
    assert_eq!(*unknown, json!({"s": "error", "n": "XYZ", "v": {}}));
    let many = vec!["BTC"; 501].join(",");
    assert_eq!(ask(&world, &format!("/udf/quotes?symbols={many}")).await["s"], "error");

    let tickers = ask(&world, "/api/v1/tickers").await;
    let markets = ask(&world, "/api/v1/instruments").await;
    let symbols = |list: &Value| list.as_array().unwrap().iter().map(|row| row["symbol"].clone()).collect::<Vec<_>>();
    assert_eq!(symbols(&tickers), symbols(&markets));
    let btc = &tickers[0];
    for (field, value) in [
        ("price", json!("60000.00")),
        ("volume_24h", json!("0.20000")),
        ("bid", Value::Null),
        ("ask", json!("60000.00")),
    ] {
        assert_eq!(btc[field], value, "{field}: {btc}");
    }
    assert_eq!((&tickers[1]["price"], &tickers[1]["volume_24h"].is_string()), (&Value::Null, &true));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn candles_come_in_every_length() {
    let world = traded().await;
    for interval in ["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M"] {
        let candles = ask(&world, &format!("/api/v1/candles?symbol=BTC-USD&interval={interval}&limit=1000")).await;
        let candles = candles.as_array().unwrap();
        assert!((1..=2).contains(&candles.len()), "{interval}: {candles:?}");
        assert_eq!((&candles[0]["volume"], &candles[0]["open"]), (&json!("0.20000"), &json!("60000.00")));
    }
    // However long ago it was, the seconds since the trade follow each other.
    let seconds = ask(&world, "/api/v1/candles?symbol=BTC-USD&interval=1s&limit=1000").await;
    let seconds = seconds.as_array().unwrap();
    let starts: Vec<u64> = seconds.iter().map(|bar| bar["time"].as_u64().unwrap()).collect();
    assert!(starts.windows(2).all(|pair| pair[1] == pair[0] + 1), "{starts:?}");
    assert_eq!((&seconds[0]["open"], &seconds[0]["low"]), (&json!("60000.00"), &json!("60000.00")));
    let bars = ask(&world, &format!("/udf/history?symbol=BTC-USD&resolution=1S&from={}", starts[0])).await;
    assert_eq!((&bars["s"], &bars["t"][0], &bars["o"][0]), (&json!("ok"), &json!(starts[0]), &json!(60_000)));
    for interval in ["2s", "2m", "2M", "1S", "1D", "60", ""] {
        let (status, refused) = world.get(&format!("/api/v1/candles?symbol=BTC-USD&interval={interval}"), None).await;
        assert_eq!((status, &refused["code"]), (400, &json!("INVALID_FIELD")), "{interval}: {refused}");
    }
    world.stop().await;
}
